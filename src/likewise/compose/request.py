"""What a caller asks of a ruled model, said in the columns that its generator learned.

A given column that is computed by a rule is traced back to the columns it is computed from; a
condition on such a column is handed down as far as it can be, and checked on finished rows.

Shapes: N rows asked for, M kept combinations, W columns of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.compose.steps import Composite, Copy, Gap, Lookup, Step, Total
from likewise.core.errors import ConfigError
from likewise.data.predicate import AllOf, Condition, Labels, Predicate, Span, parse
from likewise.data.reference import Seen, combine, level_codes, to_arrow
from likewise.data.rules import Determines, Inequality, Rule, Sum, Unique, describe
from likewise.data.schema import NUMBERS, Column, Kind, Schema
from likewise.data.table import Table, labels_to_arrow

Array = np.ndarray
Rng = np.random.Generator


@dataclass(frozen=True)
class Request:
    """A request in two languages.

    Attributes:
        known: the given columns as the caller gave them, or None.
        given: the same for the generator, or None.
        predicate: the condition on finished rows, or None.
        where: the part of it that the generator can hold to, or None.
        shifted: whether the condition reads columns that the generator never sees.
    """

    known: Table | None
    given: Table | None
    predicate: Predicate | None
    where: str | None
    shifted: bool


def understand(
    steps: Sequence[Step],
    schema: Schema,
    inner: Schema,
    *,
    rows: int,
    given: Table | None,
    where: str | None,
    rng: Rng,
    rules: Sequence[Rule],
) -> Request:
    """The request in the generator's own columns; ConfigError names a rule in its way."""
    predicate = None if where is None or not where.strip() else parse(where, schema)
    if given is not None and given.rows not in (1, rows):
        hint = "Give one row for each row to sample, or a single row for all"
        raise ConfigError("given", f"{given.rows:,} rows for {rows:,} rows to sample", hint)
    for name in given.names if given is not None else ():
        schema[name]
    if given is not None:
        _refuse_repeats(given, rows, rules)
    traced = None if given is None else _traced(steps, inner, rows, given, rng)
    if predicate is None:
        return Request(given, traced, None, None, False)
    kept = frozenset(inner.names)
    if predicate.columns <= kept:
        return Request(given, traced, predicate, predicate.text, False)
    parts = _parts(predicate.condition)
    texts = [text for part in parts if (text := _handed_down(part, steps, inner)) is not None]
    return Request(given, traced, predicate, " and ".join(texts) or None, True)


def _refuse_repeats(given: Table, rows: int, rules: Sequence[Rule]) -> None:
    """Raise ConfigError where given rows repeat what a rule wants but once."""
    for rule in rules:
        if isinstance(rule, Unique) and set(rule.columns) <= set(given.names):
            part = given.arrow.select(list(rule.columns)).drop_null()
            different = part.group_by(list(rule.columns)).aggregate([]).num_rows
            if part.num_rows * (rows if given.rows == 1 else 1) > different:
                found = "some given rows repeat, or one is given for several rows"
                raise ConfigError(f"rule '{describe(rule)}'", found, "Give each of them once")


def _traced(
    steps: Sequence[Step], inner: Schema, rows: int, given: Table, rng: Rng
) -> Table | None:
    """The given columns with those that rules compute replaced by what they come from."""
    table = given
    if given.rows != rows and any(set(step.makes) & set(given.names) for step in steps):
        table = given.take(np.zeros(rows, dtype=np.int64))
    for step in reversed(steps):
        if set(step.makes) & set(table.names):
            table = _traced_step(step, table, inner, rng)
    return table if table.names else None


def _traced_step(step: Step, table: Table, inner: Schema, rng: Rng) -> Table:
    names = set(table.names)
    if isinstance(step, Composite):
        place = _choose(step.seen, table, rng)
        labels = labels_to_arrow(place, [str(i) for i in range(step.seen.size)])
        return _with(_without(table, step.makes), inner[step.extra], labels)
    if isinstance(step, Lookup) and not set(step.needs) <= names:
        seen = step.known.seen
        codes = np.column_stack([seen.codes, step.known.codes])
        levels = (*seen.levels, step.known.levels)
        columns = (*seen.columns, step.known.then)
        place = _choose(Seen(columns, levels, codes, seen.rows, 0), table, rng)
        table = _without(table, step.makes)
        for i, name in enumerate(seen.columns):
            if name not in names:
                kind = _kind(inner, name)
                array = to_arrow(seen.levels[i], seen.codes[place, i], kind)
                table = _with(table, Column(name=name, kind=kind), array)
        return table
    if isinstance(step, Copy) and step.source not in names:
        own = table.schema[step.target]
        if own.kind is _kind(inner, step.source):
            column = own.model_copy(update={"name": step.source})
            array = table.arrow.column(step.target)
            return _with(_without(table, step.makes), column, array)
    if not set(step.needs) <= names:
        found = f"computed from {', '.join(map(repr, step.needs))} by rule '{_law(step)}'"
        raise ConfigError(f"given column {step.makes[0]!r}", found, "Give those columns as well")
    if isinstance(step, Gap):
        column, array = step.reduce(table)
        traced = _with(_without(table, step.makes), column, array)
        if (traced.numbers(step.extra) < step.least)[~traced.missing(step.extra)].any():
            found = "some given rows break it"
            raise ConfigError(f"rule '{_law(step)}'", found, "Correct those rows")
        return traced
    return _without(table, step.makes)


def _law(step: Step) -> str:
    """The rule that a step keeps, in words."""
    if isinstance(step, Gap):
        return describe(Inequality(low=step.low, high=step.high, strict=step.least > 0))
    if isinstance(step, Total):
        return describe(Sum(parts=step.parts, total=step.total))
    if isinstance(step, Lookup):
        return describe(Determines(columns=step.needs, then=step.known.then))
    return describe(Sum(parts=step.needs, total=step.makes[0]))


def _choose(seen: Seen, table: Table, rng: Rng) -> Array:
    """A kept combination for each row that agrees with it, drawn by training rows; (N,) int64."""
    columns, levels, codes, weights = seen.columns, seen.levels, seen.codes, seen.rows
    known = [i for i, name in enumerate(columns) if name in table.names]
    wanted = np.column_stack([level_codes(table, columns[i], levels[i]) for i in known])
    sizes = [len(levels[i]) + 1 for i in known]
    ids = combine([wanted[:, j] + 1 for j in range(len(known))], sizes)
    distinct, first, group = np.unique(ids, return_index=True, return_inverse=True)
    place = np.empty(table.rows, dtype=np.int64)
    for g in range(len(distinct)):
        match = np.flatnonzero((codes[:, known] == wanted[first[g]]).all(axis=1))
        if not len(match):
            found = "some given rows combine values that are not, or too rarely, seen together"
            place_ = ", ".join(repr(columns[i]) for i in known)
            raise ConfigError(f"given columns {place_}", found, "Remove those rows")
        rows = np.flatnonzero(group == g)
        place[rows] = rng.choice(match, len(rows), p=weights[match] / weights[match].sum())
    return place


def _parts(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, AllOf) else (condition,)


def _columns(part: Condition) -> frozenset[str]:
    return Predicate("", part).columns


def _handed_down(part: Condition, steps: Sequence[Step], inner: Schema) -> str | None:
    """A condition on learned columns that every row meeting ``part`` meets; None for no such.

    Raises:
        ConfigError: no value that a rule can give the columns meets it.
    """
    touched = _columns(part)
    if touched <= set(inner.names):
        return _written(part, inner)
    for step in steps:
        if isinstance(step, Composite) and touched <= set(step.makes):
            names = tuple(str(i) for i in np.flatnonzero(_meets(part, step.seen, inner)))
            return _written(Labels(step.extra, names), inner)
        if isinstance(step, Lookup) and touched <= {*step.makes, *step.needs}:
            return _determining(step, part, inner)
    return None


def _determining(step: Lookup, part: Condition, inner: Schema) -> str | None:
    """The labels of the determining column whose value meets ``part``."""
    seen, known = step.known.seen, step.known
    labels = seen.levels[0]
    if len(seen.columns) > 1 or not isinstance(labels, tuple) or seen.dropped:
        return None  # labels too rare to keep may meet it too
    columns = (*seen.columns, known.then)
    codes = np.column_stack([seen.codes, known.codes])
    whole = Seen(columns, (*seen.levels, known.levels), codes, seen.rows, 0)
    chosen = seen.codes[_meets(part, whole, inner) & (seen.codes[:, 0] >= 0), 0]
    (name,) = seen.columns
    if name not in inner.names or (known.gaps > 0).any():
        return None
    return _written(Labels(name, tuple(labels[i] for i in chosen)), inner)


def _meets(part: Condition, seen: Seen, inner: Schema) -> Array:
    """Which kept combinations meet a condition on their columns; (M,) bool."""
    place = np.arange(seen.size)
    columns = []
    for name, levels in zip(seen.columns, seen.levels, strict=True):
        kind = Kind.CATEGORY if isinstance(levels, tuple) else Kind.NUMERIC
        kind = inner[name].kind if name in inner.names else kind
        columns.append(Column(name=name, kind=kind))
    arrays = [seen.column(column.name, place, column.kind) for column in columns]
    table = Table(pa.table(arrays, names=list(seen.columns)), Schema(columns=tuple(columns)))
    mask = Predicate("", part).mask(table)
    if not mask.any():
        place_ = f"condition on {', '.join(map(repr, seen.columns))}"
        raise ConfigError(place_, "no learned combination meets it", "Loosen the condition")
    return mask


def _written(part: Condition, inner: Schema) -> str | None:
    """The condition as text, for the sorts of it that are surely read back the same."""
    if not isinstance(part, Span | Labels) or '"' in part.column:
        return None
    name = f'"{part.column}"'
    if isinstance(part, Labels):
        if any("'" in label or "\n" in label for label in part.labels):
            return None
        listed = ", ".join(f"'{label}'" for label in part.labels)
        return f"{name} {'not in' if part.inverse else 'in'} ({listed})"
    if inner[part.column].kind not in NUMBERS:
        return None
    low = None if part.low is None else f"{name} >{'' if part.low_open else '='} {part.low!r}"
    high = None if part.high is None else f"{name} <{'' if part.high_open else '='} {part.high!r}"
    return " and ".join(side for side in (low, high) if side) or None


def _kind(inner: Schema, name: str) -> Kind:
    if name not in inner.names:
        found = "computed by a rule from a column that another rule computes"
        raise ConfigError(f"given column {name!r}", found, "Give the first of these columns")
    return inner[name].kind


def _with(table: Table, column: Column, values: pa.Array) -> Table:
    columns = (*table.schema.columns, column)
    return Table(table.arrow.append_column(column.name, values), Schema(columns=columns))


def _without(table: Table, names: tuple[str, ...]) -> Table:
    """The table with the named columns left out; rows stay even if no column does."""
    return table.select([name for name in table.names if name not in names])

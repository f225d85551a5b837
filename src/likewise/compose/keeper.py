"""Finishing blocks: rebuild what rules compute, draw broken rows again, and mend what is left.

Drawing again is exact: it gives the generator's own distribution, conditioned on the rules. It is
bounded; then rows are moved by the least that keeps the rules; rows that even this does not save
become copies of other drawn rows, or, where columns were given, an error. Never an endless loop.

Shapes: N rows of a block.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.compose.mending import mended
from likewise.compose.request import Request
from likewise.compose.steps import Step, replaced
from likewise.core.errors import ConfigError, DataError
from likewise.core.seeds import Seed
from likewise.data.check import broken_rows
from likewise.data.reference import Reference
from likewise.data.rules import Rule, Unique, describe
from likewise.data.schema import Kind, Schema
from likewise.data.table import Table, concat

Array = np.ndarray

DRAWS_PER_ROW = 4  # draws for each broken row before it is mended
CANDIDATES, CANDIDATES_PER_ROW = 100_000, 200  # the same for conditions, which cannot be mended
MOST_AT_ONCE = 65_536


@dataclass(frozen=True)
class Keeper:
    """All that turns drawn rows into rows that keep the rules.

    Attributes:
        inner: the fitted generator of the learned columns.
        steps: constructions in order.
        schema: the schema of finished rows.
        rules: rules to keep.
        references: what each remembers.
        request: what the caller asked for.
        seed: the seed of the whole sample.
    """

    inner: Any
    steps: Sequence[Step]
    schema: Schema
    rules: Sequence[Rule]
    references: Sequence[Reference | None]
    request: Request
    seed: Seed

    def finish(self, index: int, start: int, reduced: Table) -> Table:
        """All rules but uniqueness hold in what comes back.

        Args:
            index: number of the block.
            start: position of its first row in the sample.
            reduced: the learned columns of its rows.
        """
        table = self.rebuild(reduced, self.seed.child("rules", index))
        rows = np.arange(start, start + table.rows)
        broken = np.flatnonzero(self.broken(table, rows))
        if len(broken):
            table, broken = self._redrawn(table, broken, rows, self.seed.child("again", index))
        if len(broken):
            table, broken = self._mended(table, broken, rows, self.seed.child("mend", index))
        if len(broken):
            table = self._copied(table, broken, rows, self.seed.child("copy", index))
        return table

    def rebuild(self, reduced: Table, seed: Seed) -> Table:
        """Learned columns to all columns."""
        table = reduced
        for i, step in enumerate(self.steps):
            made = step.rebuild(table, self.schema, seed.stream("step", i))
            columns = tuple(self.schema[name] for name in made)
            arrow = table.arrow
            for name, values in made.items():
                arrow = arrow.append_column(name, values)
            table = Table(arrow, Schema(columns=(*table.schema.columns, *columns)))
        return Table(table.arrow.select(list(self.schema.names)), self.schema)

    def broken(self, table: Table, rows: Array) -> Array:
        """Rows that break a rule or the request; (N,) bool.

        Args:
            table: finished rows.
            rows: the position of each in the sample, which says what was given for it.
        """
        wrong = np.zeros(table.rows, dtype=bool)
        for rule, reference in zip(self.rules, self.references, strict=True):
            if not isinstance(rule, Unique):
                wrong |= broken_rows(rule, table, reference)
        if self.request.predicate is not None:
            wrong |= ~self.request.predicate.mask(table)
        if self.request.known is not None:
            wrong |= _differs(table, _rows_of(self.request.known, rows))
        return wrong

    def fresh(self, count: int, rows: Array, seed: Seed) -> tuple[Table, Array]:
        """More finished rows, and which of them are broken.

        Args:
            count: how many rows; when columns were given, one for each of ``rows``.
            rows: positions in the sample for which they are meant.
            seed: where they come from.
        """
        given = self.request.given
        known = None if given is None else _rows_of(given, rows)
        extra: dict[str, Any] = {} if known is None else {"given": known}
        if self.request.where is not None:
            extra["where"] = self.request.where
        size = count if self.request.known is None else len(rows)
        drawn = self.inner.sample(size, seed=seed.child("draw"), workers=1, **extra)
        table = self.rebuild(drawn, seed.child("rules"))
        positions = np.resize(rows, size)
        return table, self.broken(table, positions)

    def merged(self, table: Table, at: Array, source: Table, taken: Array) -> Table:
        """Rows ``at`` replaced by rows ``taken`` of ``source``; keys stay as they are."""
        order = np.arange(table.rows)
        order[at] = table.rows + taken
        whole = concat([table, source]).take(order)
        keys = [c.name for c in self.schema.columns if c.kind is Kind.KEY]
        return replaced(whole, {name: table.arrow.column(name) for name in keys})

    def _redrawn(self, table: Table, broken: Array, rows: Array, seed: Seed) -> tuple[Table, Array]:
        """Broken rows replaced by new draws; what is left when the bound is reached."""
        tried, done = table.rows, table.rows - len(broken)
        bound = DRAWS_PER_ROW * len(broken) + 1_000
        if self.request.shifted:
            bound = CANDIDATES + CANDIDATES_PER_ROW * table.rows
        spent, turn = 0, 0
        while len(broken) and spent < bound:
            rate = (done + 1) / (tried + 1)
            want = int(min(max(1.1 * len(broken) / rate, 256), MOST_AT_ONCE))
            new, wrong = self.fresh(want, rows[broken], seed.child(turn))
            good = np.flatnonzero(~wrong)
            if self.request.known is None:
                at, good = broken[: len(good)], good[: len(broken)]
            else:
                at = broken[good]
            table = self.merged(table, at, new, good)
            broken = np.setdiff1d(broken, at, assume_unique=True)
            tried, done = tried + new.rows, done + len(good)
            spent, turn = spent + new.rows, turn + 1
        return table, broken

    def _mended(self, table: Table, broken: Array, rows: Array, seed: Seed) -> tuple[Table, Array]:
        known = self.request.known
        fixed = frozenset(known.names if known is not None else ())
        keys = frozenset(c.name for c in self.schema.columns if c.kind is Kind.KEY)
        part = mended(table.take(broken), self.rules, self.steps, fixed | keys, seed.stream())
        good = np.flatnonzero(~self.broken(part, rows[broken]))
        table = self.merged(table, broken[good], part, good)
        return table, np.setdiff1d(broken, broken[good], assume_unique=True)

    def _copied(self, table: Table, broken: Array, rows: Array, seed: Seed) -> Table:
        """Broken rows replaced by copies of drawn rows that keep the rules."""
        whole = np.setdiff1d(np.arange(table.rows), broken, assume_unique=True)
        if self.request.known is not None or self.request.predicate is not None or not len(whole):
            raise self._refusal(table.take(broken), rows[broken])
        taken = seed.stream().choice(whole, len(broken))
        return self.merged(table, broken, table, taken)

    def _refusal(self, broken: Table, rows: Array) -> Exception:
        """The error that names what most of the remaining rows fail at."""
        known, predicate = self.request.known, self.request.predicate
        if known is not None:
            for name in known.names:
                one = _rows_of(known, rows).select([name])
                if _differs(broken, one).any():
                    found = f"contradicts what rules compute from the others in {len(rows):,} rows"
                    return ConfigError(f"given column {name!r}", found, "Correct or leave it out")
        if predicate is not None and not predicate.mask(broken).all():
            found = f"too rare: no row was found for {len(rows):,} of those asked for"
            hint = "Loosen the condition or ask for fewer rows"
            return DataError(f"condition {predicate.text!r}", found, hint)
        counts = [
            (int(broken_rows(rule, broken, reference).sum()), describe(rule))
            for rule, reference in zip(self.rules, self.references, strict=True)
            if not isinstance(rule, Unique)
        ]
        count, name = max(counts)
        if known is not None or predicate is not None:
            found = f"what is asked for breaks it in {count:,} rows"
            return ConfigError(f"rule '{name}'", found, "Ask for other values or loosen the rule")
        found = f"{count:,} drawn rows break it and none can be found that does not"
        return DataError(f"rule '{name}'", found, "Drop the rule or choose another generator")


def _rows_of(given: Table, rows: Array) -> Table:
    """The given row for each position; a single one serves all."""
    return given.take(np.zeros(len(rows), dtype=np.int64) if given.rows == 1 else rows)


def _differs(table: Table, known: Table) -> Array:
    """Rows in which a given column did not come out as given; (N,) bool."""
    wrong = np.zeros(table.rows, dtype=bool)
    for name in known.names:
        a, b = _array(table, name), _array(known, name)
        same = pc.equal(a, b)
        if table.schema[name].kind is Kind.NUMERIC:
            near = np.isclose(table.numbers(name), known.numbers(name), rtol=1e-9, atol=1e-9)
            same = pa.array(near, mask=table.missing(name) | known.missing(name))
        both_gone = pc.and_(a.is_null(), b.is_null())
        agree = pc.or_(same.fill_null(False), both_gone)
        wrong |= ~agree.to_numpy(zero_copy_only=False)
    return wrong


def _array(table: Table, name: str) -> pa.Array:
    return table.arrow.column(name).combine_chunks()

"""Which rules are kept by which construction, and which are left to checking.

Combinations come first, then dependencies, sums and inequalities; a column is computed once, and
never from itself. A rule that finds no construction is kept by drawing again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.compose.steps import Composite, Copy, Gap, Lookup, Step, Total
from likewise.core.errors import DataError
from likewise.data.cells import shared_by
from likewise.data.check import present, same_scale, scaled
from likewise.data.people import once_each
from likewise.data.reference import Determined, Reference, Seen, learn_reference
from likewise.data.rules import (
    Combinations,
    Determines,
    Inequality,
    NotNull,
    Rule,
    Sum,
    Unique,
    describe,
)
from likewise.data.schema import LABELS, NUMBERS, Column, Kind
from likewise.data.table import Table

Array = np.ndarray

LOST = 0.01  # share of rows whose value a construction may turn into a missing one
TIGHT = 0.3  # spread of a difference, in spreads of the column, below which it is learned instead
FEW_LEVELS = 64


@dataclass(frozen=True)
class Plan:
    """How the rules of a table are kept.

    Attributes:
        steps: constructions, in the order in which columns are rebuilt.
        references: per rule, what it remembers of the training data.
        notes: what was done for which rule and why.
    """

    steps: tuple[Step, ...]
    references: tuple[Reference | None, ...]
    notes: tuple[str, ...]


def plan(table: Table, rules: Sequence[Rule], people: Array | None = None) -> Plan:
    """Constructions for as many rules as possible; ``table`` keeps all of them.

    With ``people``, (N,) a number for the person that each row is of, what is remembered of a rule
    is shared by people and not only by rows.
    """
    k = shared_by(table.rows if people is None else len(np.unique(people)))
    references = tuple(
        learn_reference(
            rule, table if people is None else once_each(table, rule.touches, people), k
        )
        for rule in rules
    )
    builder = _Builder(table, rules)
    notes: list[str] = []
    for i in _order(table, rules):
        rule, reference = rules[i], references[i]
        step, note = builder.construct(rule, reference)
        if step is not None:
            builder.add(step)
        if note:
            notes.append(f"Rule '{describe(rule)}': {note}.")
    return Plan(builder.sorted_steps(), references, tuple(notes))


def _order(table: Table, rules: Sequence[Rule]) -> list[int]:
    """Positions of the rules in the order in which they may claim columns."""
    rank = {"combinations": 0, "determines": 1, "sum": 2, "inequality": 3}

    def key(i: int) -> tuple[int, int, int]:
        rule = rules[i]
        second = 0
        if isinstance(rule, Determines):
            second = int(not _ordered(table, rule))
        if isinstance(rule, Sum):
            second = int(len(rule.parts) > 1)
        return rank.get(rule.rule, 4), second, i

    return sorted(range(len(rules)), key=key)


def _ordered(table: Table, rule: Determines) -> bool:
    """Whether few ordered values determine labels: they are the better ones to learn from."""
    if table.schema[rule.then].kind not in LABELS - {Kind.ORDINAL} or len(rule.columns) > 1:
        return False
    column = table.schema[rule.columns[0]]
    if column.kind is Kind.INTEGER:
        return len(np.unique(table.numbers(column.name))) <= FEW_LEVELS
    return column.kind is Kind.ORDINAL


class _Builder:
    """The steps chosen so far."""

    def __init__(self, table: Table, rules: Sequence[Rule]) -> None:
        self.table = table
        self.filled = {rule.column for rule in rules if isinstance(rule, NotNull)}
        self.unique = {n for rule in rules if isinstance(rule, Unique) for n in rule.columns}
        self.target = table.schema.target
        self.steps: list[Step] = []

    def construct(self, rule: Rule, reference: Reference | None) -> tuple[Step | None, str]:
        if isinstance(rule, Combinations) and isinstance(reference, Seen):
            return self._composite(rule, reference)
        if isinstance(rule, Determines) and isinstance(reference, Determined):
            return self._lookup(rule, reference)
        if isinstance(rule, Sum):
            return self._copy(rule) if len(rule.parts) == 1 else self._total(rule)
        if isinstance(rule, Inequality):
            return self._gap(rule)
        return None, ""

    def add(self, step: Step) -> None:
        self.steps.append(step)

    def sorted_steps(self) -> tuple[Step, ...]:
        """The steps so that each comes after those that make what it needs."""
        ordered: list[Step] = []
        waiting = list(self.steps)
        made = {name for step in waiting for name in step.makes}
        while waiting:
            ready = [not set(step.needs) & made for step in waiting]
            now = [step for step, free in zip(waiting, ready, strict=True) if free]
            ordered += now
            made -= {name for step in now for name in step.makes}
            waiting = [step for step, free in zip(waiting, ready, strict=True) if not free]
        return tuple(ordered)

    def _composite(self, rule: Combinations, seen: Seen) -> tuple[Step | None, str]:
        if not seen.size:
            found = f"no combination is shared by {shared_by(self.table.rows)} rows"
            raise DataError(f"rule '{describe(rule)}'", found, "Drop the rule or give more rows")
        if not all(self._free(name) for name in rule.columns):
            return None, "kept by drawing again, its columns are computed for another rule"
        note = "learned as one column of combinations"
        if seen.dropped:
            note += f"; {seen.dropped} rows in rarer ones joined the most similar"
        return Composite(seen, self._name(" + ".join(rule.columns))), note

    def _lookup(self, rule: Determines, known: Determined) -> tuple[Step | None, str]:
        if not self._possible(rule.then, rule.columns):
            return None, ""
        note = f"{rule.then} is looked up in what was learned"
        if known.seen.dropped:
            note += f"; {known.seen.dropped} rows in rare levels got the common value"
        return Lookup(known), note

    def _copy(self, rule: Sum) -> tuple[Step | None, str]:
        for source, target in ((rule.parts[0], rule.total), (rule.total, rule.parts[0])):
            if target != self.target and self._possible(target, (source,)):
                if self._loses(target, (source,)):
                    continue
                return Copy(source, target), f"{target} is copied"
        return None, "kept by drawing again"

    def _total(self, rule: Sum) -> tuple[Step | None, str]:
        columns = {name: self.table.schema[name] for name in rule.touches}
        decimals = [c.decimals if c.kind is Kind.NUMERIC else 0 for c in columns.values()]
        digits = None if None in decimals else max(d for d in decimals if d is not None)
        for target in (rule.total, *reversed(rule.parts)):
            needs = tuple(name for name in rule.touches if name != target)
            whole = columns[target].kind is not Kind.NUMERIC
            if whole and any(columns[name].kind is Kind.NUMERIC for name in needs):
                continue
            own = columns[target].decimals
            short = digits is not None and own is not None and own < digits
            if own is not None and short and rule.tolerance < 0.5 * 10.0**-own:
                continue  # it is written with fewer digits than the others have
            if target == rule.total and len(np.unique(scaled(self.table, target))) <= 2:
                continue  # a fixed total, such as 100 %
            possible = target != self.target and self._possible(target, needs)
            if possible and not self._loses(target, needs):
                return Total(rule.parts, rule.total, target, digits), f"{target} is computed"
        return None, "kept by drawing again"

    def _gap(self, rule: Inequality) -> tuple[Step | None, str]:
        same_scale(rule, self.table)
        low, high = self.table.schema[rule.low], self.table.schema[rule.high]
        exact = {Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.DURATION}
        if not {low.kind, high.kind} <= NUMBERS and not (
            low.kind is high.kind and low.kind in exact
        ):
            return None, "kept by drawing again"
        for target, base in ((rule.high, rule.low), (rule.low, rule.high)):
            if target == self.target or not self._possible(target, (base,)):
                continue
            if self._loses(target, (base,)) or low.kind is Kind.TIME:
                continue
            if self.table.schema[target].kind is Kind.INTEGER and Kind.NUMERIC in {
                low.kind,
                high.kind,
            }:
                continue
            tightness = self._tightness(rule, target)
            if tightness >= TIGHT:
                return None, "kept by drawing again, the columns are far apart"
            note = f"{target} is computed from {base} and their difference"
            step = Gap(
                rule.low,
                rule.high,
                target,
                self._name(f"{rule.high} - {rule.low}"),
                _least(rule, low, high),
                _digits(low, high),
            )
            return step, f"{note}, which varies {tightness:.2f} times as much"
        return None, "kept by drawing again"

    def _tightness(self, rule: Inequality, target: str) -> float:
        """Spread of the difference in spreads of the column it would replace."""
        there = present(self.table, rule.touches)
        low, high = scaled(self.table, rule.low)[there], scaled(self.table, rule.high)[there]
        values = high if target == rule.high else low
        if len(values) < 2:
            return 1.0
        spread = float(np.std(values.astype(np.float64)))
        gap = float(np.std((high - low).astype(np.float64)))
        return gap / spread if spread > 0 else 1.0

    def _loses(self, target: str, needs: tuple[str, ...]) -> bool:
        """Whether too many rows have the column but not what it would be computed from."""
        lost = int((~self.table.missing(target) & ~present(self.table, needs)).sum())
        return lost > (0 if target in self.filled else LOST * self.table.rows)

    def _free(self, name: str) -> bool:
        made = any(name in step.makes for step in self.steps)
        return not made and self.table.schema[name].kind is not Kind.KEY

    def _possible(self, target: str, needs: tuple[str, ...]) -> bool:
        """Whether ``target`` may be computed from ``needs`` without going round in a circle."""
        if not self._free(target) or target in needs:
            return False
        reached, waiting = set(needs), list(needs)
        while waiting:
            name = waiting.pop()
            for step in self.steps:
                if name in step.makes:
                    new = set(step.needs) - reached
                    reached |= new
                    waiting += new
        return target not in reached

    def _name(self, wanted: str) -> str:
        """A name that no column has."""
        taken = {*self.table.names, *(step.extra for step in self.steps)}
        while wanted in taken:
            wanted += "'"
        return wanted


def _digits(low: Column, high: Column) -> int | None:
    if Kind.NUMERIC not in {low.kind, high.kind}:
        return None
    decimals = [c.decimals if c.kind is Kind.NUMERIC else 0 for c in (low, high)]
    return None if None in decimals else max(d for d in decimals if d is not None)


def _least(rule: Inequality, low: Column, high: Column) -> float:
    """The smallest difference the rule allows."""
    if not rule.strict:
        return 0
    digits = _digits(low, high)
    if Kind.NUMERIC not in {low.kind, high.kind}:
        return 1
    return 10.0**-digits if digits is not None else 1e-9

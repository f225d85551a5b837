"""The rows of one attack: who is attacked, and what the attacker knows.

Only rows that occur once among all real rows are attacked. What several people share gives none
of them away, and a row that is both a member's and a control's cannot tell the two apart. The rule
looks at no label, so that members and controls that remain are still exchangeable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from likewise.attacks.cells import occurrences
from likewise.attacks.null import Labels
from likewise.attacks.space import Space, spaces, width_of
from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.data.table import Table, concat
from likewise.metrics.learners import some_columns, some_rows
from likewise.metrics.score import SEED
from likewise.metrics.views import Array, aligned, measured

LEVEL = 0.02  # chance of a false "detected" over a whole battery, at most
ATTACKED = 5_000  # members, and as many controls
REFERENCE = 5_000
SYNTH, FEWEST_SYNTH = 50_000, 2_000  # synthetic rows searched
EVERYONE = 40_000  # members, or controls, among whom isolated people are looked for
SEARCH, FRESH_SEARCH = 6e10, 2e10  # products of a search of synthetic rows, and of others
HELD = 2e7  # numbers that stand for all rows of a table
FEWEST = 50  # members, and controls, worth attacking
WORTH_SAYING = 0.01  # share of rows left out


@dataclass(frozen=True)
class Sizes:
    """How many rows take part: fewer where rows are wide, so that time and memory are bounded."""

    side: int
    reference: int
    synth: int
    everyone: int

    @classmethod
    def of(cls, width: int, available: int) -> "Sizes":
        """For ``available`` members and as many controls, in ``width`` dimensions."""
        most = int((FRESH_SEARCH / (2 * width)) ** 0.5)
        side = min(available, ATTACKED, most)
        synth = min(SEARCH / (2 * side * width), HELD / width, SYNTH)
        return cls(
            side=side,
            reference=min(REFERENCE, most),
            synth=max(int(synth), FEWEST_SYNTH),
            everyone=max(min(EVERYONE, int(HELD / width)), side),
        )


@dataclass(frozen=True)
class Case:
    """The tables of one attack, with the columns that are attacked.

    Attributes:
        synth: synthetic rows.
        everyone: E real rows: members, then controls that are not the attacker's.
        member: who of them is a member, (E,) bool.
        once: whose row occurs once among all real rows, (E,) bool.
        pool: positions of as many members as controls in ``everyone``, (2n,), members first.
        reference: real rows the attacker has of his own: one half of the controls.
        reference_once: whose row of them occurs once among all real rows, (R,) bool.
        names: columns.
        level: chance of a false "detected" of one attack.
    """

    synth: Table
    everyone: Table
    member: Array
    once: Array
    pool: Array
    reference: Table
    reference_once: Array
    names: tuple[str, ...]
    seed: Seed
    level: float
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        synth: Table,
        members: Table,
        controls: Table,
        *,
        seed: Seed = SEED,
        level: float = LEVEL,
        keep: Sequence[str] = (),
    ) -> "Case":
        """Cut the tables to size; of very wide ones, ``keep`` names columns that must stay.

        Raises:
            SchemaError: columns differ, or there is no such column to keep.
            DataError: a table without rows, or with nothing but keys.
        """
        rng = seed.stream("attacked")
        synth, controls = aligned(members, synth), aligned(members, controls, "control table")
        names = _columns(members, keep, rng)
        _check({"members": members, "controls": controls, "synthetic rows": synth}, names)

        half = controls.rows // 2
        members, controls = (some_rows(table, table.rows, rng) for table in (members, controls))
        reference, others = controls.slice(0, half), controls.slice(half)
        once = occurrences([members, others, reference], names) == 1
        mine, theirs = once[: members.rows], once[members.rows :][: others.rows]
        notes = _notes(members, names, shared=1 - float(np.append(mine, theirs).mean()))

        most = Sizes.of(width_of(reference, names), min(members.rows, others.rows))
        mine, theirs = mine[: most.everyone], theirs[: most.everyone]
        return cls(
            synth=some_rows(synth, most.synth, rng),
            everyone=concat([members.slice(0, len(mine)), others.slice(0, len(theirs))]),
            member=np.repeat([True, False], [len(mine), len(theirs)]),
            once=np.append(mine, theirs),
            pool=np.concatenate([np.arange(most.side), len(mine) + np.arange(most.side)]),
            reference=reference.slice(0, most.reference),
            reference_once=once[members.rows + others.rows :][: most.reference],
            names=names,
            seed=seed,
            level=level,
            notes=notes,
        )

    @property
    def lack(self) -> str | None:
        """Why nothing can be said of these tables; None where something can."""
        counts = [int(self.labels.member.sum()), int((~self.labels.member).sum())]
        if min(counts) < FEWEST:
            return f"fewer than {FEWEST} members or controls whose row occurs once; give more rows"
        if self.reference.rows < FEWEST:
            return f"fewer than {2 * FEWEST} controls, of which the attacker has one half"
        return f"fewer than {FEWEST} synthetic rows" if self.synth.rows < FEWEST else None

    @cached_property
    def planted(self) -> Table:
        """The attacked members themselves: a generator that has learned them by heart."""
        return self.everyone.take(self.pool[self.member[self.pool]])

    @cached_property
    def targets(self) -> Table:
        """The attacked members and controls whose row occurs once, T rows."""
        return self.everyone.take(self.pool[self.once[self.pool]])

    @cached_property
    def pool_labels(self) -> Labels:
        """Who of all attacked rows, shared ones included, is a member."""
        return Labels.of(self.member[self.pool], self.seed.stream("dealt", "pool"))

    @cached_property
    def labels(self) -> Labels:
        """Who of the targets is a member."""
        kept = self.pool[self.once[self.pool]]
        return Labels.of(self.member[kept], self.seed.stream("dealt"))

    @cached_property
    def sources(self) -> tuple[Table, Table, Table]:
        """Three tables to attack from: the synthetic one, one that must leak, one that cannot."""
        return self.synth, self.planted, self.reference

    @cached_property
    def placed(self) -> tuple[Space, tuple[Space, Space, Space]]:
        """The targets and the three sources as points."""
        reference, targets, *others = spaces(
            [self.reference, self.targets, self.synth, self.planted], self.names
        )
        return targets, (others[0], others[1], reference)


def _columns(members: Table, keep: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    """The columns attacked, in table order: all but keys, or a sample of them and ``keep``."""
    kept = {members.schema[name].name for name in keep}
    every = measured(members.schema)
    some = {*some_columns(every, rng), *kept}
    return tuple(name for name in every if name in some)


def _check(tables: dict[str, Table], names: tuple[str, ...]) -> None:
    if not names:
        raise DataError("attack", "only keys", "Attack tables with other columns")
    for who, table in tables.items():
        if not table.rows:
            raise DataError(who, "no rows", "Give tables with rows")


def _notes(members: Table, names: tuple[str, ...], shared: float) -> tuple[str, ...]:
    """What is left out."""
    every = measured(members.schema)
    notes = []
    if len(names) < len(every):
        notes.append(f"Attacks look at {len(names)} of {len(every)} columns, chosen at random.")
    if shared >= WORTH_SAYING:
        notes.append(f"{shared:.0%} of the real rows occur more than once and are not attacked.")
    texts = [name for name in names if members.schema[name].kind is Kind.TEXT]
    if texts:
        shown = ", ".join(map(repr, texts[:5]))
        notes.append(f"Distances see text by its length only: {shown}.")
    return tuple(notes)

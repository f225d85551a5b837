"""The rows of one attack: who is attacked, and what the attacker knows.

Only rows that occur once among all real rows are attacked. What several people share gives none
of them away, and a row that is both a member's and a control's cannot tell the two apart. The rule
looks at no label, so that members and controls that remain are still exchangeable.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from likewise.attacks.cells import occurrences
from likewise.attacks.null import Labels
from likewise.attacks.space import Space, spaces, width_of
from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table, concat
from likewise.metrics.learners import WIDEST, some_columns, some_rows
from likewise.metrics.score import SEED
from likewise.metrics.views import Array, aligned, measured

LEVEL = 0.02  # chance of a false "detected" over a whole battery, at most
ATTACKED = 3_000  # members, and as many controls
REFERENCE = 5_000
SYNTH = 50_000  # synthetic rows searched
EVERYONE = 40_000  # members, or controls, among whom isolated people are looked for
EFFORT = 2e10  # products of one search: of targets, synthetic rows and dimensions
FEWEST = 50  # members, and controls, worth attacking


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
        names: columns.
        level: chance of a false "detected" of one attack.
    """

    synth: Table
    everyone: Table
    member: Array
    once: Array
    pool: Array
    reference: Table
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
    ) -> "Case":
        """Cut the tables to size.

        Raises:
            SchemaError: columns differ.
            DataError: a table without rows, or with nothing but keys.
        """
        synth = aligned(members, synth)
        controls = aligned(members, controls, "control table")
        for who, table in {"members": members, "controls": controls, "synthetic": synth}.items():
            if not table.rows:
                raise DataError(f"{who} table", "has no rows", "Give tables with rows")
        rng = seed.stream("attacked")
        names = some_columns(measured(members.schema), rng)
        if not names:
            raise DataError("attack", "only keys", "Attack tables with other columns")
        members, controls, synth = (t.select(names) for t in (members, controls, synth))
        notes = _notes(members, names)

        half = controls.rows // 2
        controls = some_rows(controls, controls.rows, rng)
        reference, others = controls.slice(0, half), controls.slice(half)
        members = some_rows(members, members.rows, rng)
        once = occurrences([members, others, reference], names) == 1
        split = [slice(0, members.rows), slice(members.rows, members.rows + others.rows)]
        shared = 1 - float(once[: split[1].stop].mean())
        if shared > 0.01:
            notes += (f"{shared:.0%} of the real rows occur more than once and are not attacked.",)
        once = np.concatenate([once[part][:EVERYONE] for part in split])
        members, others = members.slice(0, EVERYONE), others.slice(0, EVERYONE)
        reference = reference.slice(0, REFERENCE)
        side = min(members.rows, others.rows, ATTACKED)
        most = EFFORT / (2 * side * width_of(reference, names)) if side else SYNTH
        return cls(
            synth=some_rows(synth, int(np.clip(most, 2_000, SYNTH)), rng),
            everyone=concat([members, others]),
            member=np.repeat([True, False], [members.rows, others.rows]),
            once=once,
            pool=np.concatenate([np.arange(side), members.rows + np.arange(side)]),
            reference=reference,
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


def _notes(members: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    every = len(measured(members.schema))
    if len(names) < every:
        return (f"Attacks look at {WIDEST} of {every} columns, chosen at random.",)
    return ()

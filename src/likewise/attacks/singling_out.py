"""Singling out: do synthetic rows tell conditions that only one person meets?

The attacker looks for conditions that exactly one synthetic row passes, and claims that exactly one
person does. Rare combinations are rare in any sample, so that some claims are right of people the
generator never saw too: only what is right of members beyond that is a leak.

Papers: Cohen and Nissim, "Towards formalizing the GDPR's notion of singling out", PNAS 2020; Giomi
et al., "A unified framework for quantifying privacy risk in synthetic data", PoPETs 2023, section
4.2.

Shapes: Q conditions, P real rows (as many members as controls), B dealings of labels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from likewise.attacks.case import Case
from likewise.attacks.null import BLOCK, Labels, Outcome, outcome
from likewise.attacks.predicates import (
    Cells,
    Conditions,
    by_cell,
    mixed,
    on_one_column,
    on_several_columns,
    proposed,
)
from likewise.attacks.risk import Risk, Share, Tries, detectable, excess, of_shares, unmeasured
from likewise.metrics.views import Array

ATTEMPTS = 2_000
MANY = 10  # rows beyond which one member alone among them does not happen

Made = Callable[[Cells, int, np.random.Generator], Conditions]


def singling_out_univariate(case: Case) -> Risk:
    """Share of conditions on one column, made from synthetic rows, that one member alone meets.

    In [0, 1]; at most 2,000 conditions. The control is the share that one control alone meets,
    of as many controls as members: no correction for their number is needed. The baseline are
    values drawn at random from the synthetic column.
    """
    return _singled_out("singling_out_univariate", case, on_one_column)


def singling_out_multivariate(case: Case) -> Risk:
    """As ``singling_out_univariate``, by conditions on three columns of a synthetic row."""
    return _singled_out("singling_out_multivariate", case, on_several_columns)


@dataclass(frozen=True)
class _Claims:
    """Which real rows meet which condition; of conditions that no or many rows meet, nothing.

    Attributes:
        rows: positions of real rows, one condition after the other.
        weight: 1 where the row occurs once, else 2, so that a sum of 1 is one person alone.
        starts: where each condition's rows begin.
        attempts: number of all conditions, Q.
    """

    rows: Array
    weight: Array
    starts: Array
    attempts: int

    @classmethod
    def of(cls, conditions: Conditions, people: Cells, once: Array) -> "_Claims":
        """Try all conditions on all people."""
        few = [rows for rows in conditions.met(people) if 0 < len(rows) <= MANY]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *few])
        starts = np.cumsum([0, *(len(part) for part in few)])[:-1].astype(np.int64)
        weight = np.where(once[rows], 1, 2).astype(np.int8)
        return cls(rows, weight, starts, len(conditions))

    def right(self, side: Array) -> Array:
        """Whether exactly one row of a side, (..., P) bool, meets a condition; (..., Q')."""
        if not len(self.starts):
            return np.zeros((*side.shape[:-1], 0), dtype=bool)
        found = side[..., self.rows] * self.weight
        return np.asarray(np.add.reduceat(found, self.starts, axis=-1) == 1)

    def test(self, labels: Labels, level: float) -> Outcome:
        """The difference of members' and controls' successes, against other labels."""

        def gap(side: Array) -> Array:
            return np.asarray(self.right(side).sum(axis=-1) - self.right(~side).sum(axis=-1))

        dealt = [gap(labels.dealt[i : i + BLOCK]) for i in range(0, len(labels.dealt), BLOCK)]
        found = np.atleast_1d(gap(labels.member)).astype(np.float64)
        return outcome(found, np.concatenate(dealt)[:, None].astype(np.float64), level)

    def share(self, side: Array) -> Share:
        """Successes on one side; those by the same row count as one cluster."""
        right = self.right(side)
        which = np.repeat(right, np.diff(np.append(self.starts, len(self.rows)))) & side[self.rows]
        hits = np.bincount(self.rows[which], minlength=1).astype(np.float64)
        design = float((hits**2).sum() / hits.sum()) if hits.any() else 1.0
        return Share(float(right.sum()), self.attempts, self.attempts / design)


def _singled_out(name: str, case: Case, made: Made) -> Risk:
    if case.lack:
        return unmeasured(name, case.lack)
    labels, once = case.pool_labels, case.once[case.pool]
    member = labels.member
    people, *sources = by_cell([case.everyone.take(case.pool), *case.sources], case.names)
    conditions = [made(source, ATTEMPTS, case.seed.stream(name)) for source in sources]
    if not len(conditions[0]):
        return unmeasured(name, "no condition is met by one synthetic row alone")
    claims = [_Claims.of(found, people, once) for found in conditions]
    tries = Tries(tuple(claim.test(labels, case.level) for claim in claims), case.level)

    rng = case.seed.stream(name, "naive")
    width = conditions[0].column.shape[1]
    naive = proposed(mixed(sources[0], rng), len(conditions[0]), width, rng)
    sides = claims[0].share(member), claims[0].share(~member)
    return of_shares(
        name,
        sides,
        tries,
        baseline=_Claims.of(naive, people, once).share(member).value,
        by={"all conditions": excess(sides[0].value, sides[1].value)},
        power=detectable(sides, tries.synth.critical),
        note=f"{len(conditions[0]):,} conditions, {int(member.sum()):,} members and as many "
        f"controls.",
    )

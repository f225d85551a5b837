"""How much of what ties related rows together is lost, or made up.

Most columns of two related tables have nothing to do with each other, and a mean over all pairs
hardly notices when the few that have lose it. Here a pair counts as much as it is associated.

Paper: Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", 2013.

Shapes: P pairs of columns, K rows that meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.metrics.coded_sides import CodedSides
from likewise.metrics.hops import HOPS, Meeting, follow, pair_siblings, paths
from likewise.metrics.intervals import GROUPS, HALVES, grouped, of_halves
from likewise.metrics.joint import cramer
from likewise.metrics.linked_case import whole_case
from likewise.metrics.score import SEED, Score, worst_first

Array = np.ndarray

LISTED = 30  # pairs named in a score
LEAST = 0.05  # strength below which, on average, the loss is not told as a part of it


@dataclass(frozen=True)
class Strengths:
    """Cramér's V of pairs of columns, on the real side and on another.

    Attributes:
        names: of the P pairs.
        real: (P,) in [0, 1].
        other: (1 + HALVES, P) of all rows, then of halves of the families.
    """

    names: tuple[str, ...]
    real: Array
    other: Array


def association_lost(real: Database, synth: Database, *, seed: Seed = SEED) -> Score:
    """Share of the association between related rows that is lost or made up; from 0, 0 is best.

    The sum of the differences of squared Cramér's V (bias-corrected; numbers in ten bins of equal
    share, the 20 most frequent labels), over that of the real squares: 1 when all is lost. Squares
    keep the many pairs that have nothing to do with each other from adding up. Over all pairs of
    columns one, two and three relations apart and of siblings, sampled as by ``hop1_error``. Real
    squares below 0.0025 on average count as that. The interval is that of random halves of the
    synthetic families. ``by`` has the differences. Cost: about 0.5 ms a pair.
    """
    sides = CodedSides(*whole_case(real, synth))
    met = [
        *(follow(sides, p, seed) for hops in HOPS for p in paths(real.schema, hops, seed)),
        *(pair_siblings(sides, relation, seed) for relation in real.schema.relations),
    ]
    return lost_score([s for m in met if m is not None for s in strengths(sides, m, seed)])


def strengths(sides: CodedSides, met: Meeting, seed: Seed) -> tuple[Strengths, ...]:
    """Strengths of all pairs of rows that meet, one for each side but the first."""
    names = tuple(f"{a} × {b}, {met.name}" for a, b in met.pairs)
    real = np.array([_strength(sides, met, 0, pair) for pair in met.pairs])
    found = []
    for i in range(1, len(met.ends)):
        known, place = np.unique(met.family(sides, i), return_inverse=True)
        group, half = grouped(len(known), seed.stream("groups", i, met.name))
        parts = [_halved(sides, met, i, pair, group[place], half) for pair in met.pairs]
        found.append(Strengths(names, real, np.stack(parts, axis=1)))
    return tuple(found)


def lost_score(found: Sequence[Strengths]) -> Score:
    """``association_lost`` from strengths already measured."""
    if not found:
        return Score("association_lost", 0.0, better="lower", note="no pair of related columns")
    real = np.concatenate([one.real for one in found])
    other = np.concatenate([one.other for one in found], axis=1)
    gaps = np.abs(other**2 - real**2)
    lost = gaps.sum(axis=1) / max((real**2).sum(), LEAST**2 * len(real))  # (1 + HALVES,)
    names = [name for one in found for name in one.names]
    value = float(lost[0])
    return Score(
        "association_lost",
        value,
        of_halves(value, lost[1:], 0),
        better="lower",
        by=worst_first(names, gaps[0], count=LISTED),
        note=f"{len(names):,} pairs, mean strength {real.mean():.3f}",
    )


def _codes(
    sides: CodedSides, met: Meeting, i: int, pair: tuple[str, str]
) -> tuple[Array, int, int]:
    """Joint codes of the rows of side ``i``, (K,), and the bins of either column."""
    x, y = (sides.column(table, name) for table, name in zip(met.tables, pair, strict=True))
    ends = met.ends[i]
    joint = x.ranks[i][ends.first].astype(np.int64) * y.ranked + y.ranks[i][ends.last]
    return joint, x.ranked, y.ranked


def _strength(sides: CodedSides, met: Meeting, i: int, pair: tuple[str, str]) -> float:
    joint, rows, width = _codes(sides, met, i, pair)
    return float(cramer(np.bincount(joint, minlength=rows * width).reshape(rows, width)))


def _halved(
    sides: CodedSides, met: Meeting, i: int, pair: tuple[str, str], group: Array, half: Array
) -> Array:
    """The strength among all rows, and among those of each half of the groups; (1 + HALVES,)."""
    joint, rows, width = _codes(sides, met, i, pair)
    cells = rows * width
    parts = np.bincount(group * cells + joint, minlength=GROUPS * cells).reshape(GROUPS, cells)
    taken = np.concatenate([np.ones((1, GROUPS), dtype=np.int64), half])
    return np.asarray(cramer((taken @ parts).reshape(1 + HALVES, rows, width)))

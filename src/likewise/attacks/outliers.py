"""The worst case: does a synthetic row lie at the very place of a person who stands alone?

Averages hide the breach of a few. Here only people far from everybody else are looked at, and
controls who are as isolated. A generator that has not learned them by heart puts rows as near to
the ones as to the others.

Papers: Meeus et al., "Achilles' heels: vulnerable record identification in synthetic data
publishing", 2023; Ganev and De Cristofaro, "The inadequacy of similarity-based privacy metrics",
2023.

Shapes: P people, I isolated ones, V variants.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from likewise.attacks.case import FEWEST, Case
from likewise.attacks.null import Labels
from likewise.attacks.risk import Risk, Share, Tries, detectable, excess, of_shares, unmeasured
from likewise.attacks.space import neighbours, spaces
from likewise.data.table import Table, concat
from likewise.metrics.points import Points, nearest
from likewise.metrics.views import Array

NAME = "outliers"
STRATA = ((0.003, 60), (0.01, 200), (0.05, 400))  # shares of people, isolated ones; and at least
NEARER = (0.1, 0.5, 0.8)  # of the distance to the nearest of the attacker's rows
FEWEST_ISOLATED = 10  # of members, and of controls


@dataclass(frozen=True)
class _Variant:
    """One meaning of isolated, and one of much nearer.

    Attributes:
        name: in words.
        who: positions of the isolated people, (I,).
        near: whether a row of each of the three sources lies much nearer to them, (3, I) bool.
    """

    name: str
    who: Array
    near: Array

    def near_among(self, some: Array, source: int) -> Array:
        """Who of ``some`` people, isolated ones among them, has a near row; (len(some),) bool."""
        near = np.zeros(len(some), dtype=bool)
        near[np.searchsorted(some, self.who)] = self.near[source]
        return near

    def sides(self, source: int, member: Array) -> tuple[Share, Share]:
        """Successes among members and controls; ``member`` is (P,)."""
        near, side = self.near[source], member[self.who]
        return Share.of(near[side]), Share.of(near[~side])


def outliers(case: Case) -> Risk:
    """Share of isolated members with a synthetic row much nearer than any other real row is.

    In [0, 1]; the control is the same share of controls as isolated as they are, the baseline
    that of fresh real rows in place of synthetic ones. Isolated are the 0.3 %, 1 % and 5 % (60,
    200 and 400 people at least, more where controls are rare) farthest from other people, members
    and controls alike, by ranks and by values; much nearer is a tenth, half or 0.8 of that
    distance. Reported is what stands out most of these 18; the power is of copies, which show in
    all of them. All members are looked at, not only as many as there are controls, because a leak
    may be of a few; and one half of the attacker's own rows are controls as well.

    Cost: two searches of 5,000 rows by everybody, and of the sources by the isolated.
    """
    if case.lack:
        return unmeasured(NAME, case.lack)
    half = case.reference.rows // 2
    if half < FEWEST:
        return unmeasured(NAME, f"fewer than {2 * FEWEST} rows of the attacker's own")
    rows, own = np.flatnonzero(case.once), np.flatnonzero(case.reference_once[:half])
    fresh = case.reference.slice(half)
    people = concat([case.everyone.take(rows), case.reference.take(own)])
    member = np.append(case.member[rows], np.zeros(len(own), dtype=bool))
    sources = case.synth, people.take(np.flatnonzero(member)), fresh
    fewest = int(2 * FEWEST_ISOLATED / max(min(member.mean(), 1 - member.mean()), 1e-9))
    variants = _variants(case, people, sources, fewest)
    if min(side.attempts for v in variants for side in v.sides(0, member)) < FEWEST_ISOLATED:
        why = f"fewer than {FEWEST_ISOLATED} isolated members or controls; give more controls"
        return unmeasured(NAME, why)

    some = np.unique(np.concatenate([variant.who for variant in variants]))
    inside = np.stack([np.isin(some, variant.who) for variant in variants])
    labels = Labels.of(member[some], case.seed.stream(NAME))
    tests = [
        labels.test_shares(np.stack([v.near_among(some, i) for v in variants]), inside, case.level)
        for i in range(len(sources))
    ]
    tries = Tries(tuple(tests), case.level)
    best = variants[tries.synth.best]
    pairs = [(variant.name, variant.sides(0, member)) for variant in variants]
    return of_shares(
        NAME,
        best.sides(0, member),
        tries,
        baseline=best.sides(2, member)[0].value,
        by={name: excess(members.value, controls.value) for name, (members, controls) in pairs},
        power=min(detectable(sides, tries.synth.critical) for _, sides in pairs),
        note=f"What stands out most: {best.name} of the distance to other people. "
        f"{case.synth.rows:,} synthetic rows searched for the isolated of {people.rows:,}.",
    )


def _variants(case: Case, people: Table, sources: Sequence[Table], fewest: int) -> list[_Variant]:
    """All meanings of isolated, ``fewest`` people at least, and of much nearer."""
    rng = case.seed.stream(NAME, "others")
    others = np.sort(rng.permutation(people.rows)[: case.reference.rows])
    tables = [people.take(others), people, *sources]
    found = []
    for by_value, scale in ((False, "ranks"), (True, "values")):
        placed = spaces(tables, case.names, by_value=by_value)
        yardstick, everybody, *searched = (space.points(case.names) for space in placed)
        apart = _apart(everybody, yardstick, others)
        order = np.argsort(-apart, kind="stable")
        counts = [min(max(int(s * len(apart)), n, fewest), len(apart)) for s, n in STRATA]
        widest = order[: max(counts)]
        some = replace(everybody, dense=everybody.dense[widest], coded=everybody.coded[widest])
        unit = np.maximum(apart[widest], 1e-12)
        ratio = np.stack([np.sqrt(nearest(some, other)[0] / unit) for other in searched])
        found += [
            _Variant(f"the {n} most isolated by {scale}, within {x}", order[:n], ratio[:, :n] <= x)
            for n in counts
            for x in NEARER
        ]
    return found


def _apart(everybody: Points, yardstick: Points, others: Array) -> Array:
    """Squared distances to the nearest of ``others``, of whom nobody is his own; (P,)."""
    square = neighbours(everybody, yardstick, 2).square
    is_other = np.isin(np.arange(len(square)), others)
    return np.asarray(np.where(is_other, square[:, -1], square[:, 0]))

"""The worst case: does a synthetic row lie at the very place of a person who stands alone?

Averages hide the breach of a few. Here only people far from everybody else are looked at, and
controls who are as isolated. A generator that has not learned them by heart puts rows as near to
the ones as to the others.

Papers: Meeus et al., "Achilles' heels: vulnerable record identification in synthetic data
publishing", 2023; Ganev and De Cristofaro, "The inadequacy of similarity-based privacy metrics",
2023.

Shapes: E real rows, I isolated ones, V variants.
"""

from dataclasses import replace

import numpy as np

from likewise.attacks.case import FEWEST, Case
from likewise.attacks.null import Labels
from likewise.attacks.risk import Risk, Share, Tries, excess, of_shares, unmeasured
from likewise.attacks.space import spaces
from likewise.metrics.points import nearest
from likewise.metrics.views import Array

NAME = "outliers"
STRATA = (
    (0.01, 100),
    (0.05, 300),
)  # shares of people that count as isolated, and how many at least
NEARER = (0.1, 0.5, 0.8)  # of the distance to the nearest of the attacker's rows


def outliers(case: Case) -> Risk:
    """Share of isolated members with a synthetic row much nearer than any fresh real row is.

    In [0, 1]; the control is the same share of controls as isolated as they are, the baseline
    that of other real rows in place of synthetic ones. Isolated are the 1 % and the 5 % (100 and
    300 people at least) farthest from one half of the attacker's rows; much nearer is a tenth,
    half or 0.8 of that distance. Reported is what stands out most of these six. All members are
    looked at, not only as many as there are controls, because a leak may be of a few.

    Cost: a search of the attacker's rows by everybody, and of the sources by the isolated.
    """
    if case.lack:
        return unmeasured(NAME, case.lack)
    rows = np.flatnonzero(case.once)
    half = case.reference.rows // 2
    own, fresh = case.reference.slice(0, half), case.reference.slice(half)
    if half < FEWEST:
        return unmeasured(NAME, f"fewer than {2 * FEWEST} rows of the attacker's own")
    planted = case.everyone.take(rows[case.member[rows]])
    placed = spaces([own, case.everyone.take(rows), case.synth, planted, fresh], case.names)
    yardstick, people, *sources = (space.points(case.names) for space in placed)
    apart = nearest(people, yardstick)[0]
    order = np.argsort(-apart, kind="stable")
    counts = [min(max(int(s * len(rows)), least), len(rows)) for s, least in STRATA]
    widest = order[: max(counts)]
    some = replace(people, dense=people.dense[widest], coded=people.coded[widest])
    ratios = [np.sqrt(nearest(some, s)[0] / np.maximum(apart[widest], 1e-12)) for s in sources]

    member = case.member[rows[widest]]
    if min(member[: min(counts)].sum(), (~member)[: min(counts)].sum()) < 10:
        return unmeasured(NAME, "fewer than 10 isolated members or controls; give more controls")
    labels = Labels.of(member, case.seed.stream(NAME))
    tests = (labels.test(_weights(ratio, counts), case.level) for ratio in ratios)
    tries = Tries(tuple(tests), case.level)
    sides = [_sides(ratios[0], member, count, limit) for count in counts for limit in NEARER]
    names = [f"{count} isolated, within {limit}" for count in counts for limit in NEARER]
    best = tries.synth.best
    count, limit = counts[best // len(NEARER)], NEARER[best % len(NEARER)]
    return of_shares(
        NAME,
        sides[best],
        tries,
        baseline=_sides(ratios[2], member, count, limit)[0].value,
        by={n: excess(m.value, c.value) for n, (m, c) in zip(names, sides, strict=True)},
        note=f"The {count} most isolated of {len(rows):,} people, within {limit} of the distance "
        f"to the nearest of {half:,} fresh rows; {case.synth.rows:,} synthetic rows searched.",
    )


def _weights(ratio: Array, counts: list[int]) -> Array:
    """Who of the I most isolated people counts in each variant, about the mean; (V, I)."""
    weights = np.zeros((len(counts) * len(NEARER), len(ratio)))
    for i, count in enumerate(counts):
        for j, limit in enumerate(NEARER):
            near = (ratio[:count] <= limit).astype(np.float64)
            weights[i * len(NEARER) + j, :count] = near - near.mean()
    return weights


def _sides(ratio: Array, member: Array, count: int, limit: float) -> tuple[Share, Share]:
    """Hits among the isolated members and controls."""
    near, who = ratio[:count] <= limit, member[:count]
    return Share.of(near[who]), Share.of(near[~who])

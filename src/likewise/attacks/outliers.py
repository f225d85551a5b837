"""The worst case: does a synthetic row lie at the very place of a person who stands alone?

Averages hide the breach of a few. Here only people far from everybody else are looked at, and
controls who are as isolated. A generator that has not learned them by heart puts rows as near to
the ones as to the others.

Papers: Meeus et al., "Achilles' heels: vulnerable record identification in synthetic data
publishing", 2023; Ganev and De Cristofaro, "The inadequacy of similarity-based privacy metrics",
2023.

Shapes: E real rows, I isolated ones, V variants.
"""

from dataclasses import dataclass, replace

import numpy as np

from likewise.attacks.case import FEWEST, Case
from likewise.attacks.null import Labels
from likewise.attacks.risk import Risk, Share, Tries, detectable, excess, of_shares, unmeasured
from likewise.attacks.space import spaces
from likewise.data.table import Table
from likewise.metrics.points import nearest
from likewise.metrics.views import Array

NAME = "outliers"
STRATA = ((0.01, 200), (0.05, 400))  # shares of people that are isolated, and at least
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

    def sides(self, source: int, member: Array) -> tuple[Share, Share]:
        """Successes among members and controls; ``member`` is (E,)."""
        near, side = self.near[source], member[self.who]
        return Share.of(near[side]), Share.of(near[~side])


def outliers(case: Case) -> Risk:
    """Share of isolated members with a synthetic row much nearer than any fresh real row is.

    In [0, 1]; the control is the same share of controls as isolated as they are, the baseline
    that of other real rows in place of synthetic ones. Isolated are the 1 % and the 5 % (200 and
    400 people at least) farthest from one half of the attacker's rows, by ranks and by values;
    much nearer is a tenth, half or 0.8 of that distance. Reported is what stands out most of
    these twelve; the power is of copies, which show in all of them. All members are looked at,
    not only as many as there are controls, because a leak may be of a few.

    Cost: two searches of the attacker's rows by everybody, and of the sources by the isolated.
    """
    if case.lack:
        return unmeasured(NAME, case.lack)
    rows = np.flatnonzero(case.once)
    half = case.reference.rows // 2
    if half < FEWEST:
        return unmeasured(NAME, f"fewer than {2 * FEWEST} rows of the attacker's own")
    people, member = case.everyone.take(rows), case.member[rows]
    own, fresh = case.reference.slice(0, half), case.reference.slice(half)
    sources = case.synth, people.take(np.flatnonzero(member)), fresh
    tables = [own, people, *sources]
    variants = [v for by_value in (False, True) for v in _variants(tables, case.names, by_value)]
    if min(side.attempts for v in variants for side in v.sides(0, member)) < FEWEST_ISOLATED:
        why = f"fewer than {FEWEST_ISOLATED} isolated members or controls; give more controls"
        return unmeasured(NAME, why)

    some = np.unique(np.concatenate([variant.who for variant in variants]))
    labels = Labels.of(member[some], case.seed.stream(NAME))
    tests = (labels.test(_weights(variants, some, i), case.level) for i in range(len(sources)))
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
        note=f"What stands out most: {best.name} of the distance to the nearest of {half:,} fresh "
        f"rows. {case.synth.rows:,} synthetic rows searched for the isolated of {len(rows):,}.",
    )


def _variants(tables: list[Table], names: tuple[str, ...], by_value: bool) -> list[_Variant]:
    """All meanings of isolated and of much nearer, by ranks or by values.

    The tables are the attacker's rows, everybody, and the three sources.
    """
    placed = spaces(tables, names, by_value=by_value)
    yardstick, everybody, *others = (space.points(names) for space in placed)
    apart = nearest(everybody, yardstick)[0]
    order = np.argsort(-apart, kind="stable")
    counts = [min(max(int(s * len(apart)), least), len(apart)) for s, least in STRATA]
    widest = order[: max(counts)]
    some = replace(everybody, dense=everybody.dense[widest], coded=everybody.coded[widest])
    unit = np.maximum(apart[widest], 1e-12)
    ratio = np.stack([np.sqrt(nearest(some, other)[0] / unit) for other in others])
    scale = "values" if by_value else "ranks"
    return [
        _Variant(f"the {n} most isolated by {scale}, within {x}", order[:n], ratio[:, :n] <= x)
        for n in counts
        for x in NEARER
    ]


def _weights(variants: list[_Variant], some: Array, source: int) -> Array:
    """Who counts in each variant, about the mean of its isolated people; (V, len(some))."""
    weights = np.zeros((len(variants), len(some)))
    for row, variant in zip(weights, variants, strict=True):
        near = variant.near[source].astype(np.float64)
        row[np.searchsorted(some, variant.who)] = near - near.mean()
    return weights

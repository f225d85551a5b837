"""Linkability: do synthetic rows tell that two records are of the same person?

The attacker holds two tables, with different columns of the same people. He looks up the
synthetic rows nearest to a record of either table; where both look-ups end at the same synthetic
row, he takes the two records for one person's.

Paper: Giomi et al., "A unified framework for quantifying privacy risk in synthetic data", PoPETs
2023, section 4.3.
"""

from collections.abc import Sequence

import numpy as np

from likewise.attacks.case import Case
from likewise.attacks.risk import Risk, Share, Tries, detectable, excess, of_shares, unmeasured
from likewise.attacks.space import Space
from likewise.core.errors import ConfigError
from likewise.metrics.points import nearest
from likewise.metrics.views import Array

NAME = "linkability"


def linkability(case: Case, *, halves: tuple[Sequence[str], Sequence[str]] | None = None) -> Risk:
    """Share of members of whom both halves of the columns lead to the same synthetic row.

    In [0, 1]; the control is the same share of people the generator never saw. The baseline is a
    pair of synthetic rows picked at random. ``halves`` names the columns of either table;
    otherwise columns are dealt out so that both halves are about as telling.

    Cost: two searches for the nearest row.
    """
    if case.lack:
        return unmeasured(NAME, case.lack)
    if len(case.names) < 2:
        return unmeasured(NAME, "fewer than two columns")
    parts = dealt(case) if halves is None else _checked(halves)
    targets, sources = case.placed
    found = [_linked(targets, source, parts) for source in sources]
    tries = Tries(tuple(case.labels.test(f[None], case.level) for f in found), case.level)
    member = case.labels.member
    sides = Share.of(found[0][member]), Share.of(found[0][~member])
    return of_shares(
        NAME,
        sides,
        tries,
        baseline=1 / case.synth.rows,
        by={"two halves": excess(sides[0].value, sides[1].value)},
        power=detectable(sides, tries.synth.critical),
        note=f"{len(parts[0])} columns against {len(parts[1])}, {case.synth.rows:,} synthetic rows "
        f"searched for {len(member):,} people.",
    )


def dealt(case: Case) -> tuple[list[str], list[str]]:
    """Two disjoint sets of columns, about as telling: dealt out by the number of distinct cells."""
    columns = case.reference.arrow
    rank = sorted(case.names, key=lambda name: -len(columns.column(name).unique()))
    flip = case.seed.stream(NAME).integers(0, 2, (len(rank) + 1) // 2)
    one: list[str] = []
    two: list[str] = []
    for i, name in enumerate(rank):
        (one if (i + flip[i // 2]) % 2 else two).append(name)
    return one, two


def _checked(halves: tuple[Sequence[str], Sequence[str]]) -> tuple[list[str], list[str]]:
    one, two = list(halves[0]), list(halves[1])
    if not one or not two or set(one) & set(two):
        found = "overlap" if one and two else "one is empty"
        raise ConfigError("halves", found, "Name two disjoint sets of columns")
    return one, two


def _linked(targets: Space, source: Space, parts: tuple[list[str], list[str]]) -> Array:
    """Of which targets both halves lead to the same source row; (T,) bool.

    Equally near rows are told apart by their place in the source, which says nothing of members.
    """
    one, two = (nearest(targets.points(names), source.points(names))[1] for names in parts)
    return np.asarray(one == two)

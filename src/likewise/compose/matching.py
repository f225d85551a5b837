"""Which finished row each drawn child refers to, where no owner says so.

Children and parents meet in *cells*: those of the same group, and of the same values where part of
the reference is known already. Within a cell parents are referred to as often as they are to be,
in random order, so that the number of children of a parent comes out as it was drawn.

Paper: Bollobás, "A probabilistic proof of an asymptotic formula for the number of labelled regular
graphs", European J. Combinatorics 1980 (the configuration model).
Shapes: N children, M parents.
"""

import numpy as np

Array = np.ndarray
Rng = np.random.Generator

NONE = -1
REPAIRS = 30  # rounds in which children that repeat a sibling's parent are given another one


def match(child: Array, parent: Array, wanted: Array, rng: Rng) -> Array:
    """A parent of the same cell for each child, -1 where the cell has none; (N,) int64.

    Args:
        child: (N,) int64, the cell of each child; negative for no parent at all.
        parent: (M,) int64, the cell of each parent.
        wanted: (M,) how many children each is to have, in proportion.
        rng: of the choice.

    Cost: a sort of N and of M.
    """
    found = np.full(len(child), NONE, dtype=np.int64)
    by_child, by_parent = _by_cell(child, rng), np.argsort(parent, kind="stable")
    cells, start, size = np.unique(child[by_child], return_index=True, return_counts=True)
    first = np.searchsorted(parent[by_parent], cells, side="left")
    last = np.searchsorted(parent[by_parent], cells, side="right")
    for cell, at, rows, low, high in zip(cells, start, size, first, last, strict=True):
        if cell >= 0 and high > low:
            members = by_parent[low:high]
            places = places_for(wanted[members], rows, rng)
            found[by_child[at : at + rows]] = rng.permutation(np.repeat(members, places))
    return found


def places_for(wanted: Array, children: int, rng: Rng) -> Array:
    """How many children each parent gets, so that there are as many as ``children``; (M,) int64.

    Parents that want some keep one as long as possible; what is too much is taken away at random,
    and what is missing is added in proportion.
    """
    wanted = np.maximum(wanted, 0).astype(np.int64)
    total = int(wanted.sum())
    if total < children:
        share = wanted if total else np.ones(len(wanted), dtype=np.int64)
        return (
            wanted + np.bincount(_spread(share, children - total, rng), minlength=len(wanted))
            if len(wanted)
            else wanted
        )
    excess = total - children
    more = np.repeat(np.arange(len(wanted)), np.maximum(wanted - 1, 0))
    gone = rng.permutation(more)[:excess]
    left = wanted - np.bincount(gone, minlength=len(wanted))
    if excess > len(more):
        some = rng.permutation(np.flatnonzero(left > 0))[: excess - len(more)]
        left[some] -= 1
    return np.asarray(left)


def _by_cell(cell: Array, rng: Rng) -> Array:
    """Rows sorted by cell, in random order within each."""
    mixed = rng.permutation(len(cell))
    return np.asarray(mixed[np.argsort(cell[mixed], kind="stable")])


def _spread(wanted: Array, rows: int, rng: Rng) -> Array:
    """``rows`` positions, each as often as its share says, give or take one; in random order."""
    share = np.maximum(wanted.astype(float), 0)
    if not share.sum():
        share = np.ones(len(share))
    ends = np.cumsum(share) / share.sum() * rows
    ends[-1] = rows
    bounds = np.concatenate([[0], np.floor(ends + rng.random())]).astype(np.int64)
    bounds[-1] = rows
    counts = np.diff(np.minimum(bounds, rows))
    return np.asarray(rng.permutation(np.repeat(np.arange(len(share)), counts)))


def without_repeats(
    parent: Array,
    owner: Array,
    tight: tuple[Array, Array],
    loose: tuple[Array, Array],
    wanted: Array,
    rng: Rng,
) -> Array:
    """The choice with repeats within an owner exchanged, as far as that can be; (N,) int64.

    Args:
        parent: (N,) the parent chosen for each child, negative for none.
        owner: (N,) a number for all else in the key that must not repeat.
        tight: (N,) and (M,) the cells in which parents were looked for.
        loose: (N,) and (M,) larger cells, in which they may lie as well.
        wanted: (M,) how many children each is to have, in proportion.
        rng: of the exchange.
    """
    parent = parent.copy()
    repeats = _repeats(parent, owner)
    for turn in range(REPAIRS):
        if not len(repeats):
            break
        mine, theirs = tight if turn < REPAIRS - 5 else loose
        again = match(mine[repeats], theirs, wanted, rng)
        parent[repeats] = np.where(again >= 0, again, parent[repeats])
        repeats = repeats[_repeats_among(parent, owner, repeats)]
    return parent


def once_each(
    parent: Array, cells: tuple[Array, Array], rng: Rng, *, strict: bool, nullable: bool
) -> Array:
    """The choice with no parent taken twice; (N,) int64.

    The first child of a parent keeps it. Others get one of their cell that nobody has, then, unless
    ``strict``, any that nobody has; those for whom none is left get -1.

    Args:
        parent: (N,) the parent chosen for each child, negative for none.
        cells: (N,) and (M,) the cells in which parents were looked for.
        rng: of the choice.
        strict: whether a parent of another cell would be wrong.
        nullable: whether children without a parent may stay so.
    """
    parent, waiting = parent.copy(), _repeats(parent, np.zeros(len(parent), dtype=np.int64))
    parent[waiting] = NONE
    if not nullable:
        waiting = np.flatnonzero(parent == NONE)
    free = rng.permutation(np.setdiff1d(np.arange(len(cells[1])), parent[parent >= 0]))
    mine, theirs = cells[0][waiting], cells[1][free]
    order, place = np.argsort(mine, kind="stable"), np.argsort(theirs, kind="stable")
    nth = _nth(mine[order])  # the n-th who waits in a cell gets the n-th that is free there
    first = np.searchsorted(theirs[place], mine[order], side="left")
    last = np.searchsorted(theirs[place], mine[order], side="right")
    found = first + nth < last
    parent[waiting[order[found]]] = free[place[(first + nth)[found]]]
    if not strict:
        left = waiting[parent[waiting] == NONE]
        free = np.setdiff1d(free, parent[parent >= 0])
        count = min(len(left), len(free))
        parent[left[:count]] = rng.permutation(free)[:count]
    return parent


def _nth(values: Array) -> Array:
    """How many equal ones stand before each of sorted values; (N,) int64."""
    return np.arange(len(values)) - np.searchsorted(values, values, side="left")


def _repeats(parent: Array, owner: Array) -> Array:
    """Rows that have owner and parent of an earlier row; those without a parent repeat nothing."""
    rows = np.flatnonzero(parent >= 0)
    key = owner[rows] * (int(parent.max(initial=0)) + 1) + parent[rows]
    _, first = np.unique(key, return_index=True)
    again = np.ones(len(rows), dtype=bool)
    again[first] = False
    return np.asarray(rows[again])


def _repeats_among(parent: Array, owner: Array, rows: Array) -> Array:
    """Which of ``rows`` repeat another row, or each other; (R,) bool."""
    again = np.zeros(len(parent), dtype=bool)
    again[_repeats_last(parent, owner, rows)] = True
    return np.asarray(again[rows])


def _repeats_last(parent: Array, owner: Array, rows: Array) -> Array:
    """Repeats, where of equal rows those not among ``rows`` count as the earlier ones."""
    order = np.argsort(np.isin(np.arange(len(parent)), rows), kind="stable")
    return np.asarray(order[_repeats(parent[order], owner[order])])

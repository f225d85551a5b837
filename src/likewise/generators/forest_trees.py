"""The trees of one block: grown by scikit-learn, kept as arrays, asked for entries of leaves."""

from dataclasses import dataclass

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from likewise.core.artifact import storable
from likewise.core.checks import agree, bounded, shaped, within
from likewise.generators import sound
from likewise.generators.forest_kernels import draw_allowed, draw_entries, mass_at

Array = np.ndarray
WIDTH = 0.2  # of the kernel through which the density at a given place is seen, in scores


@dataclass(frozen=True)
class Grown:
    """How trees are grown: how many, fewest rows a leaf, shares of rows and features each sees."""

    trees: int
    leaf: int
    share: float
    features: float


@dataclass(frozen=True)
class Tree:
    """A tree, the first feature that it looks at, and the rows that it was not grown on."""

    left_out: Array
    tree: DecisionTreeRegressor
    first: int

    def leaf(self, x: Array) -> Array:
        """The leaf of each row of features; (N, F) float32 -> (N,) node numbers."""
        return np.asarray(self.tree.apply(self.seen(x), check_input=False))

    def seen(self, x: Array) -> Array:
        """The features that the tree looks at."""
        return np.ascontiguousarray(x[:, self.first :])


@storable
@dataclass(frozen=True)
class TreeSet:
    """T trees of M nodes and E entries in all; an entry is one training row's part in a leaf.

    Entries of a leaf lie side by side, places first and rising, so a leaf is a histogram of the
    block: which entries of two blocks were one row is not kept.

    Attributes:
        roots: (T,) int32, the node each tree begins at.
        left, right: (M,) int32, children; -1 in a leaf.
        feature, threshold: (M,) int32 and float32; a row goes left when it is not above.
        start, stop: (M,) int32, the entries of each leaf.
        level: (E,) int16, the level of an entry, or -1 where it has a place; int32 for a block of
            more levels.
        place: (E,) float32, in the continuous part of the block's scale.
    """

    roots: Array
    left: Array
    right: Array
    feature: Array
    threshold: Array
    start: Array
    stop: Array
    level: Array
    place: Array

    def __post_init__(self) -> None:
        sound.walkable(self.roots, self.left, self.right, self.feature, self.threshold)
        nodes, entries, leaf = len(self.left), len(self.level), self.left < 0
        for name, ends in (("start", self.start), ("stop", self.stop)):
            shaped(name, ends, np.int32, nodes)
            within(name, ends, 0, entries + 1)
        agree((self.start < self.stop)[leaf].all(), "leaves without entries")
        wide = self.level.dtype == np.int32
        shaped("level", self.level, np.int32 if wide else np.int16, entries)
        shaped("place", self.place, np.float32, entries)
        within("level", self.level, -1, np.inf)
        bounded("place", self.place[self.level < 0])

    @property
    def features(self) -> int:
        """How many features the trees need to be given."""
        return sound.features_read(self.left, self.feature)

    def draw(self, x: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """One entry for each row of features (N, F): level (N,) int32, -1 where place (N,) is."""
        level, place = np.empty(len(x), dtype=np.int32), np.zeros(len(x))
        draw_entries(
            x, self.roots, self.left, self.right, self.feature, self.threshold, self.start,
            self.stop, self.level, self.place, rng.random((len(x), 3)), level, place,
        )  # fmt: skip
        return level, place

    def draw_allowed(
        self, x: Array, shift: Array, edges: Array, allowed: Array, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """A level among those allowed, -1 where none has mass, and their mass; both (N,)."""
        level, mass = np.empty(len(x), dtype=np.int32), np.empty(len(x))
        draw_allowed(
            x, self.roots, self.left, self.right, self.feature, self.threshold, self.start,
            self.stop, self.level, self.place, shift, edges, allowed, rng.random(len(x)),
            level, mass,
        )  # fmt: skip
        return level, mass

    def mass(self, x: Array, shift: Array, level: Array, place: Array) -> Array:
        """Mass of the given levels; density of the given places where the level is -1; (N,)."""
        mass = np.empty(len(x))
        mass_at(
            x, self.roots, self.left, self.right, self.feature, self.threshold, self.start,
            self.stop, self.level, self.place, shift, level, place, WIDTH, mass,
        )  # fmt: skip
        return mass


def grow(
    x: Array, wanted: Array, grown: Grown, rng: np.random.Generator, *, first: int = 0
) -> list[Tree]:
    """Trees of (N, F) float32 features, from ``first`` on, that predict (N, Q) outputs."""
    trees, rows = [], len(x)
    x = np.ascontiguousarray(x[:, first:])
    wanted = np.ascontiguousarray(wanted, dtype=np.float64)
    for _ in range(grown.trees):
        mixed = rng.permutation(rows)
        seen = mixed[: max(int(np.ceil(grown.share * rows)), 1)]
        tree = DecisionTreeRegressor(
            min_samples_leaf=grown.leaf,
            max_features=grown.features,
            random_state=int(rng.integers(2**31)),
        )
        tree.fit(x[seen], wanted[seen], check_input=False)
        trees.append(Tree(mixed[len(seen) :], tree, first))
    return trees


def flattened(trees: list[Tree], x: Array, level: Array, place: Array) -> TreeSet:
    """All trees in one set of arrays, with every row of ``x`` as an entry of its leaf.

    Args:
        level: (N,) the level of each row, or -1.
        place: (N,) its place; infinite where it has none.
    """
    parts: list[list[Array]] = [[] for _ in range(9)]
    nodes = entries = 0
    for one in trees:
        shape, leaf = one.tree.tree_, one.leaf(x)
        order = np.lexsort((level, place, leaf))
        numbers = np.arange(shape.node_count)
        start, stop = (np.searchsorted(leaf[order], numbers, side=s) for s in ("left", "right"))
        inner = shape.children_left >= 0
        left, right = (
            np.where(inner, child + nodes, -1)
            for child in (shape.children_left, shape.children_right)
        )
        feature = np.where(inner, shape.feature + one.first, 0)
        found = (
            np.array([nodes]), left, right, feature, shape.threshold,
            start + entries, stop + entries, level[order], place[order],
        )  # fmt: skip
        for part, new in zip(parts, found, strict=True):
            part.append(new)
        nodes, entries = nodes + shape.node_count, entries + len(x)
    coded = np.int16 if level.max(initial=0) <= np.iinfo(np.int16).max else np.int32
    kinds = (*(np.int32,) * 4, np.float32, np.int32, np.int32, coded, np.float32)
    return TreeSet(*(np.concatenate(p).astype(k) for p, k in zip(parts, kinds, strict=True)))

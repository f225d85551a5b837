"""Groups of rows that may be referred to: alike in what tells who refers to them.

A reference that no owner gives is drawn in two steps: the group of the parent is a column of the
child, learned like any other, and the parent is then chosen within the group. Groups are leaves of
a regression tree from the parent's columns to those of its children.

Paper: Breiman et al., "Classification and regression trees", 1984.
Shapes: M parents, N children, P features.
"""

from dataclasses import dataclass

import numpy as np

from likewise.compose.summaries import measures
from likewise.core.artifact import storable
from likewise.core.checks import shaped, within
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.encode.codec import TableCodec

Array = np.ndarray

MOST_GROUPS = 48
FEW_PARENTS = 200  # parents of a list so short that its rows are things rather than people
TOLD = 10  # children that a group must have
ALIKE = 5  # parents that a group must have, in longer tables
MOST_LABELS = 12  # labels of a column that are told apart
MOST_TARGETS = 40
GAIN = 0.01  # share of the variance between parents that a split must explain


@storable
@dataclass(frozen=True)
class Groups:
    """A tree that says which group a row belongs to.

    Attributes:
        codec: turns rows into codes.
        block: (P,) int64, the block that each feature reads.
        level: (P,) int64, the level it asks for; -1 if it takes the code as a number.
        feature: (T,) int64, the feature that a node asks about; -1 for a leaf.
        threshold: (T,) rows at or below it go left.
        left: (T,) int64, the node on the left.
        right: (T,) int64, the node on the right.
        group: (T,) int64, the group of a leaf.
    """

    codec: TableCodec
    block: Array
    level: Array
    feature: Array
    threshold: Array
    left: Array
    right: Array
    group: Array

    def __post_init__(self) -> None:
        nodes = len(self.feature)
        for name in ("feature", "left", "right", "group"):
            shaped(name, getattr(self, name), np.int64, nodes)
        shaped("threshold", self.threshold, np.float64, nodes)
        within("feature", self.feature, -1, max(len(self.block), 1))
        inner = self.feature >= 0
        within("left", self.left[inner], 1, nodes)
        within("right", self.right[inner], 1, nodes)

    @classmethod
    def fit(cls, parents: Table, place: Array, told: list[Table], seed: Seed) -> "Groups":
        """Learn groups of parents from who refers to them.

        Args:
            parents: the M rows that may be referred to.
            place: (N,) the one that each child refers to; negative for none.
            told: columns known of the N children, in one or several tables.
            seed: of ties.
        """
        from sklearn.tree import DecisionTreeRegressor

        codec = TableCodec.fit(parents, seed=seed)
        block, level = _features(codec)
        degree = np.bincount(place[place >= 0], minlength=parents.rows)
        some = np.flatnonzero(degree)
        target = _targets(told, place, parents.rows)[some]
        none = np.zeros(1, dtype=np.int64)
        bare = cls(codec, block, level, none - 1, np.zeros(1), none, none, none)
        if len(some) < 2 or not target.shape[1] or not len(block):
            return bare
        least = TOLD / max(float(np.median(degree[some])), 1)
        least = max(least, 1 if parents.rows <= FEW_PARENTS else ALIKE)
        weight = np.sqrt(degree[some])
        center = np.average(target, axis=0, weights=weight)
        variance = np.average((target - center) ** 2, axis=0, weights=weight).mean()
        tree = DecisionTreeRegressor(
            max_leaf_nodes=MOST_GROUPS,
            min_samples_leaf=int(np.ceil(least)),
            min_impurity_decrease=GAIN * float(variance),
            random_state=int(seed.stream("tree").integers(2**31)),
        )
        x = bare._read(parents)
        tree.fit(x[some], target, sample_weight=weight)
        nodes = tree.tree_
        leaf = nodes.feature < 0
        return cls(
            codec, block, level,
            np.where(leaf, -1, nodes.feature).astype(np.int64),
            nodes.threshold.astype(np.float64),
            np.where(leaf, 0, nodes.children_left).astype(np.int64),
            np.where(leaf, 0, nodes.children_right).astype(np.int64),
            np.where(leaf, np.cumsum(leaf) - 1, 0).astype(np.int64),
        )  # fmt: skip

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int((self.feature < 0).sum())

    def of(self, parents: Table) -> Array:
        """The group of each row; (M,) int64. O(M depth)."""
        x = self._read(parents)
        node = np.zeros(parents.rows, dtype=np.int64)
        rows = np.arange(parents.rows)
        while len(rows):
            here = node[rows]
            rows, here = rows[self.feature[here] >= 0], here[self.feature[here] >= 0]
            low = x[rows, self.feature[here]] <= self.threshold[here]
            node[rows] = np.where(low, self.left[here], self.right[here])
        return np.asarray(self.group[node])

    def _read(self, parents: Table) -> Array:
        """The features of rows; (M, P) float32, as the tree compares them."""
        codes = self.codec.encode(parents, seed=Seed(0)).codes
        x = np.empty((parents.rows, len(self.block)), dtype=np.float32)
        for i, (block, level) in enumerate(zip(self.block, self.level, strict=True)):
            x[:, i] = codes[:, block] if level < 0 else codes[:, block] == level
        return x


def _features(codec: TableCodec) -> tuple[Array, Array]:
    """Which block and level each feature reads: ordered codes, and the commonest labels."""
    block, level = [], []
    for i, one in enumerate(codec.layout.blocks):
        if one.ordered:
            block.append(i)
            level.append(-1)
            continue
        for k in np.argsort(-one.counts, kind="stable")[:MOST_LABELS]:
            block.append(i)
            level.append(int(k))
    return np.array(block, dtype=np.int64), np.array(level, dtype=np.int64)


def _targets(told: list[Table], place: Array, parents: int) -> Array:
    """Means of the children's columns for each parent, in standard deviations; (M, Q)."""
    inside = place >= 0
    columns: list[Array] = []
    for table in told:
        for _, _, _, values in measures(table):
            there = inside & np.isfinite(values)
            if len(columns) == MOST_TARGETS or not there.any() or not np.ptp(values[there]):
                continue
            scaled = (values[there] - values[there].mean()) / values[there].std()
            rows = np.bincount(place[there], minlength=parents)
            total = np.bincount(place[there], weights=scaled, minlength=parents)
            columns.append(total / np.maximum(rows, 1))
    return np.column_stack(columns) if columns else np.empty((parents, 0))

"""A Chow-Liu tree: the best Bayesian network in which every block has at most one parent.

Shapes: N rows, C blocks, K levels of a block, G groups of a parent's levels.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from likewise.core.artifact import storable
from likewise.core.checks import agree, arranged, shaped, within
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.generators.draws import (
    draw_codes_by_row,
    draw_detail,
    level_shares,
    merged_levels,
)
from likewise.generators.tabular import Tabular

Array = np.ndarray

OPERATIONS = 1e11  # multiplications spent on all joint tables of the structure search
CELLS = 2**18  # largest conditional table
ELEMENTS = 2**24  # largest set of messages held at once while drawing


@storable
class BayesNet(Tabular):
    """A tree of conditional tables over levels, learned by mutual information.

    Each block depends on one other block; dependence that no path of the tree carries is lost, and
    so is dependence finer than a level. Conditions of every kind are exact, and rare ones cost no
    more than common ones: evidence passes up the tree, rows are drawn down it.
    Papers: Chow and Liu, "Approximating discrete probability distributions with dependence trees",
    IEEE Trans. Information Theory, 1968; Koller and Friedman, "Probabilistic Graphical Models",
    2009, sections 10.2 (exact inference) and 17.4 (smoothed tables).
    Cost: O(N (sum of K)^2) to fit, on a sample of rows and merged levels so that it stays near a
    second; O(N C) to draw; at most C tables of 262,144 numbers.

    Attributes:
        rows: rows from which the tree is chosen; the tables are counted from all rows.
        support: training rows in each group of parent levels.
        smoothing: pull of each conditional distribution towards the child's margin, in rows.
    """

    summary: ClassVar[str] = "a tree of conditional tables; exact conditions, even rare ones"

    rows: Annotated[int, Field(ge=100)] = 50_000
    support: Annotated[int, Field(ge=1)] = 50
    smoothing: Annotated[float, Field(gt=0)] = 2.0

    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,
        seed: Seed,
        run: Run,
    ) -> "BayesNetLevels":
        """Choose the tree, then count its conditional tables."""
        run.progress("tree", 0, layout.width)
        roots = layout.of(target) if target is not None else []
        order, parent = _tree(
            _mutual_information(rows, layout, self.rows, seed), roots[0] if roots else None
        )
        groups: list[Array] = []
        tables: list[Array] = []
        for i in range(layout.width):
            groups_i, table = self._table(rows, layout, i, int(parent[i]))
            groups.append(groups_i)
            tables.append(table)
            run.progress("tables", i + 1, layout.width)
        atoms = tuple(block.atoms for block in layout.blocks)
        return BayesNetLevels(order, parent, tuple(groups), tuple(tables), atoms)

    def _table(self, rows: Encoded, layout: Layout, child: int, parent: int) -> tuple[Array, Array]:
        """The groups of the parent's levels, and the child's shares in each; (Kp,), (G, K)."""
        size = layout.blocks[child].size
        margin = level_shares(rows.codes[:, child], size)
        if parent < 0:
            return np.zeros(1, dtype=np.int32), margin[None, :].astype(np.float32)
        block = layout.blocks[parent]
        counts = np.bincount(rows.codes[:, parent], minlength=block.size)
        limit = max(CELLS // max(size, 1), 2)
        groups = merged_levels(counts, block.ordered, block.first, limit, self.support)
        number = int(groups.max(initial=0)) + 1
        cell = groups[rows.codes[:, parent]] * size + rows.codes[:, child]
        joint = np.bincount(cell, minlength=number * size).reshape(number, size)  # (G, K)
        table = joint + self.smoothing * margin
        table /= table.sum(axis=1, keepdims=True)
        return groups.astype(np.int32), table.astype(np.float32)


@storable
@dataclass(frozen=True)
class BayesNetLevels:
    """The tree and its tables.

    Attributes:
        order: (C,) int32, block positions, every parent before its children.
        parent: (C,) int32, the parent of each block, -1 for roots.
        groups: per block, (Kp,) int32, the row of the table for each level of the parent.
        tables: per block, (G, K) float32, shares of its levels; rows sum to 1.
        atoms: per block, (K,) bool, levels without inside.
    """

    notes: ClassVar[tuple[str, ...]] = ()

    order: Array
    parent: Array
    groups: tuple[Array, ...]
    tables: tuple[Array, ...]
    atoms: tuple[Array, ...]

    def __post_init__(self) -> None:
        count = len(self.atoms)
        agree(count == len(self.groups) == len(self.tables), "groups, tables and atoms of blocks")
        shaped("order", self.order, np.int32, count)
        arranged("order", self.order)
        shaped("parent", self.parent, np.int32, count)
        within("parent", self.parent, -1, count)
        turn = np.append(np.argsort(self.order), -1)  # a root comes after no block
        agree((turn[self.parent] < turn[:-1]).all(), "parents before their children")
        for i, (groups, table, atoms) in enumerate(
            zip(self.groups, self.tables, self.atoms, strict=True)
        ):
            above = int(self.parent[i])
            shaped("atoms", atoms, np.bool_, len(atoms))
            shaped("groups", groups, np.int32, 1 if above < 0 else len(self.atoms[above]))
            shaped("tables", table, np.float32, None, len(atoms))
            within("tables", table, 0, np.inf)
            within("groups", groups, 0, len(table))

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""
        return tuple(map(len, self.atoms))

    def exact(self, evidence: Evidence) -> bool:  # noqa: ARG002
        """Always: inference on a tree is exact."""
        return True

    def draw(
        self, rows: int, rng: np.random.Generator, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, None]:
        """Rows from the distribution given the evidence: messages up, levels down."""
        drawn = Encoded.empty(rows, len(self.tables))
        chunk = max(rows, 1)
        if evidence.fixed:
            chunk = max(ELEMENTS // max(sum(len(a) for a in self.atoms), 1), 64)
        for start in range(0, rows, chunk):
            stop = min(start + chunk, rows)
            part = evidence.take(np.arange(start, stop)) if evidence.fixed else evidence
            window = Encoded(drawn.codes[start:stop], drawn.detail[start:stop])
            self._descend(window, rng, part)
        return drawn, None

    def _beliefs(self, evidence: Evidence, rows: int) -> dict[int, Array]:
        """Upward pass: how likely the evidence at and below each block is for each of its levels.

        Returns:
            block -> (K,) when it is the same for all rows, else (rows, K); blocks without evidence
            at or below them, and those whose own value is fixed, are left out.
        """
        beliefs = {
            i: mask.astype(float) for i, mask in evidence.allowed.items() if i not in evidence.fixed
        }
        for i in self.order[::-1].tolist():
            above = int(self.parent[i])
            if above < 0 or above in evidence.fixed:
                continue
            if i in evidence.fixed:
                codes = evidence.fixed[i][0]
                same = rows > 0 and (codes == codes[0]).all()
                message = self.tables[i][:, codes[0]] if same else self.tables[i].T[codes]
            elif i in beliefs:
                message = beliefs[i] @ self.tables[i].T
            else:
                continue
            message = message[..., self.groups[i]]
            # in float64 and scaled at every step, so that products over many children do not vanish
            message = message.astype(float)
            message = beliefs[above] * message if above in beliefs else message
            beliefs[above] = message / np.maximum(message.max(axis=-1, keepdims=True), 1e-300)
        return beliefs

    def _descend(self, drawn: Encoded, rng: np.random.Generator, evidence: Evidence) -> None:
        """Downward pass: every block given its parent's level and what lies below it."""
        rows = drawn.rows
        beliefs = self._beliefs(evidence, rows)
        for i in self.order.tolist():
            if i in evidence.fixed:
                drawn.codes[:, i], drawn.detail[:, i] = evidence.fixed[i]
                continue
            above = int(self.parent[i])
            group = np.zeros(rows, dtype=np.int64)
            if above >= 0:
                group = self.groups[i][drawn.codes[:, above]].astype(np.int64)
            uniform = rng.random(rows)
            belief = beliefs.get(i)
            if belief is not None and belief.ndim == 2:
                mass = _weighted(self.tables[i][group], belief)  # (rows, K)
                codes = draw_codes_by_row(mass, np.arange(rows), uniform)
            else:
                table = self.tables[i] if belief is None else _weighted(self.tables[i], belief)
                codes = draw_codes_by_row(table, group, uniform)
            drawn.codes[:, i] = codes
            drawn.detail[:, i] = draw_detail(self.atoms[i][codes], rng)


def _weighted(table: Array, belief: Array) -> Array:
    """Shares (G, K) times belief (K,) or (G, K); the belief alone where the product vanishes."""
    mass = table * belief
    lost = mass.sum(axis=1, keepdims=True) <= 0
    return np.where(lost, belief, mass) if lost.any() else np.asarray(mass)


def _mutual_information(rows: Encoded, layout: Layout, limit: int, seed: Seed) -> Array:
    """Mutual information of all pairs of blocks in nats, 0 where chance explains it; (C, C).

    Levels are merged and rows sampled so that the one matrix product which yields all joint
    tables stays within ``OPERATIONS``. Corrected for its bias, Miller 1955.
    """
    width = layout.width
    levels = int(np.clip(1200 // max(width, 1), 4, 24))
    largest = int(OPERATIONS // max(width * levels, 1) ** 2)
    count = min(rows.rows, limit, max(largest, 500))
    chosen = np.sort(seed.stream("structure").permutation(rows.rows)[:count])
    hot, sizes, starts = _one_hot(rows.codes[chosen], layout, levels)
    shares = hot.sum(axis=0) / max(count, 1)
    information = np.zeros((width, width))
    for i in range(width - 1):
        joint = hot[:, starts[i] : starts[i + 1]].T @ hot[:, starts[i + 1] :]  # (Ki, rest)
        cells = joint / max(count, 1)
        own, other = shares[starts[i] : starts[i + 1]], shares[starts[i + 1] :]
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(cells > 0, cells * np.log(cells / np.outer(own, other)), 0)
        gains = np.add.reduceat(terms.sum(axis=0), starts[i + 1 : -1] - starts[i + 1])
        freedom = (sizes[i] - 1) * (np.array(sizes[i + 1 :]) - 1)
        chance = (freedom + 3 * np.sqrt(2 * freedom)) / (2 * max(count, 1))
        kept = np.where(gains > chance, gains - freedom / (2 * max(count, 1)), 0)
        information[i, i + 1 :] = kept
    return information + information.T


def _one_hot(codes: Array, layout: Layout, levels: int) -> tuple[Array, list[int], Array]:
    """All blocks as indicators of merged levels.

    Returns:
        (N, M) float32 indicators, the number of them for each block, and where each block starts,
        (C + 1,).
    """
    sizes, parts = [], []
    for i, block in enumerate(layout.blocks):
        counts = np.bincount(codes[:, i], minlength=block.size)
        groups = merged_levels(counts, block.ordered, block.first, levels, 0)
        _, merged = np.unique(groups[codes[:, i]], return_inverse=True)
        parts.append(merged)
        sizes.append(int(merged.max(initial=0)) + 1)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    hot = np.zeros((len(codes), int(starts[-1])), dtype=np.float32)
    for i, merged in enumerate(parts):
        hot[np.arange(len(codes)), starts[i] + merged] = 1
    return hot, sizes, starts


def _tree(information: Array, root: int | None) -> tuple[Array, Array]:
    """Maximum spanning forest, directed away from ``root``; order (C,) and parents (C,) int32."""
    width = len(information)
    forest = minimum_spanning_tree(-information) if width else np.zeros((0, 0))
    parent = np.full(width, -1, dtype=np.int32)
    order: list[int] = []
    strength = information.sum(axis=1)
    starts = np.argsort(-strength, kind="stable").tolist()
    seen: set[int] = set()
    for start in starts if root is None else [root, *starts]:
        if start in seen:
            continue
        found, before = breadth_first_order(forest, start, directed=False)
        order.extend(found.tolist())
        seen.update(found.tolist())
        parent[found[1:]] = before[found[1:]]
    return np.array(order, dtype=np.int32), parent

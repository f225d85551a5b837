"""Blocks drawn given other blocks, by any generator: the step of which linked rows are made.

Shapes: N rows, G given blocks, B drawn blocks, K levels of a block.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import shaped
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Block, Encoded, Evidence, Layout
from likewise.generators.levels import Levels
from likewise.generators.tabular import Tabular

Array = np.ndarray
Rng = np.random.Generator

MOST_LEARNED = 100_000  # rows from which one table is learned
CANDIDATES = 16  # rows of which one is chosen by weight, where a method draws with weights
MOST_BINS = 32


@storable
@dataclass(frozen=True)
class GivenRows:
    """What was learned of B blocks given G others.

    Attributes:
        levels: draws all G + B blocks; None if there is nothing to draw.
        given: G.
        drawn: B.
    """

    levels: Levels | None
    given: int
    drawn: int

    @classmethod
    def fit(
        cls,
        recipe: Tabular,
        given: Encoded,
        given_blocks: Sequence[Block],
        own: Encoded,
        own_blocks: Sequence[Block],
        at: Array,
        *,
        seed: Seed,
        run: Run,
    ) -> "GivenRows":
        """Learn ``own`` given ``given``.

        Args:
            recipe: the method.
            given: (L, G) what the rows ``at`` are given.
            given_blocks: the G blocks of it.
            own: (N, B) all rows, which say how frequent each level is.
            own_blocks: the B blocks of them.
            at: (L,) the rows that are learned, as ``learned_rows`` says.
            seed: of all that is random.
            run: whom to tell.
        """
        if not own_blocks or not own.rows:
            return cls(None, len(given_blocks), len(own_blocks))
        whole = beside(given, own if len(at) == own.rows else own.take(at))
        blocks = [_recounted(b, whole.codes[:, i]) for i, b in enumerate(given_blocks)]
        drawn = [_recounted(b, own.codes[:, i]) for i, b in enumerate(own_blocks)]
        layout = Layout((*_unlike(blocks, own_blocks), *drawn))
        levels = recipe.fit_given(whole, layout, len(blocks), seed=seed.child("fit"), run=run)
        return cls(levels, len(blocks), len(own_blocks))

    @classmethod
    def fit_some(
        cls,
        recipe: Tabular,
        given: Encoded,
        given_blocks: Sequence[Block],
        own: Encoded,
        own_blocks: Sequence[Block],
        *,
        seed: Seed,
        run: Run,
    ) -> "GivenRows":
        """As ``fit``, where all N rows of ``given`` are there already."""
        at = learned_rows(own.rows, seed)
        some = given if len(at) == own.rows else given.take(at)
        return cls.fit(recipe, some, given_blocks, own, own_blocks, at, seed=seed, run=run)

    @property
    def notes(self) -> tuple[str, ...]:
        """What cut learning short, in sentences."""
        return () if self.levels is None else self.levels.notes

    def draw(self, given: Encoded, rng: Rng) -> Encoded:
        """The own blocks of N rows, (N, B); exact, or chosen by weight among 16 candidates."""
        if self.levels is None or not given.rows:
            return Encoded.empty(given.rows, self.drawn)
        evidence = _evidence(given)
        if self.levels.exact(evidence):
            whole, _ = self.levels.draw(given.rows, rng, evidence)
        else:
            whole = self._by_weight(given, rng)
        return Encoded(whole.codes[:, self.given :], whole.detail[:, self.given :])

    def _by_weight(self, given: Encoded, rng: Rng) -> Encoded:
        """One of several candidates for each row, with chances in proportion to their weights."""
        assert self.levels is not None
        many = given.take(np.repeat(np.arange(given.rows), CANDIDATES))
        whole, weights = self.levels.draw(many.rows, rng, _evidence(many))
        lottery = rng.gumbel(size=many.rows) + (0 if weights is None else weights)
        best = np.argmax(lottery.reshape(-1, CANDIDATES), axis=1)
        return whole.take(np.arange(given.rows) * CANDIDATES + best)


@storable
@dataclass(frozen=True)
class Bins:
    """A number as a block: levels between quantiles, none of which is missing.

    Attributes:
        name: of the block.
        edges: (K - 1,) rising; values from an edge on are of the next level.
        counts: (K,) training rows of each level.
    """

    name: str
    edges: Array
    counts: Array

    def __post_init__(self) -> None:
        shaped("counts", self.counts, np.float64, len(self.edges) + 1)

    @classmethod
    def fit(cls, name: str, values: Array) -> "Bins":
        """At most 32 levels of about as many rows each; few values are a level each. O(N log N)."""
        different = _different(values)
        if len(different) > MOST_BINS:
            at = np.linspace(0, 1, MOST_BINS + 1)[1:-1]
            different = np.unique(np.quantile(values, at, method="higher"))
            edges = different.astype(float)
        else:
            edges = (different[1:] + different[:-1]) / 2
        codes = np.searchsorted(edges, values, side="right")
        return cls(name, edges, np.bincount(codes, minlength=len(edges) + 1).astype(float))

    @property
    def block(self) -> Block:
        """What generators see."""
        size = len(self.counts)
        return Block(
            self.name, self.name, True, False, np.ones(size, dtype=bool),
            np.arange(size, dtype=float), self.counts,
        )  # fmt: skip

    def codes(self, values: Array) -> Array:
        """The level of each value; (N,) int32."""
        return np.searchsorted(self.edges, values, side="right").astype(np.int32)


def learned_rows(rows: int, seed: Seed) -> Array:
    """Which of N rows are learned: all, or 100,000 at random; (L,) int64, rising."""
    if rows <= MOST_LEARNED:
        return np.arange(rows)
    return np.sort(seed.stream("learned").permutation(rows)[:MOST_LEARNED])


def beside(*parts: Encoded) -> Encoded:
    """The blocks of all parts, row by row."""
    return Encoded(
        np.asfortranarray(np.hstack([part.codes for part in parts])),
        np.asfortranarray(np.hstack([part.detail for part in parts])),
    )


def plain(codes: Sequence[Array], rows: int) -> Encoded:
    """Blocks without inside from the codes of each."""
    whole = Encoded.empty(rows, len(codes))
    for i, code in enumerate(codes):
        whole.codes[:, i] = code
    return whole


def before(block: Block) -> Block:
    """The block of what the sibling before had: its levels, and one for none, joined with missing.

    ``shifted`` gives its codes.
    """
    if block.missing:
        return replace(block, name=f"before: {block.name}")
    return Block(
        f"before: {block.name}", f"before: {block.column}", block.ordered, True,
        np.append(True, block.atoms), np.append(0.0, block.centers), np.append(1.0, block.counts),
    )  # fmt: skip


def shifted(rows: Encoded, blocks: Sequence[Block], there: Array) -> Encoded:
    """Codes for the blocks ``before``: of rows that have a sibling before them, else none."""
    more = np.array([0 if block.missing else 1 for block in blocks], dtype=np.int32)
    codes = np.where(there[:, None], rows.codes + more, 0).astype(np.int32)
    detail = np.where(there[:, None], rows.detail, 0).astype(np.float32)
    return Encoded(np.asfortranarray(codes), np.asfortranarray(detail))


def _different(values: Array) -> Array:
    """The different values, rising; O(N) for whole numbers that lie close together."""
    if values.dtype.kind == "i" and len(values):
        low = int(values.min())
        if int(values.max()) - low <= len(values):
            return np.flatnonzero(np.bincount(values - low)) + low
    return np.unique(values)


def _evidence(given: Encoded) -> Evidence:
    columns = range(given.codes.shape[1])
    return Evidence({i: (given.codes[:, i], given.detail[:, i]) for i in columns}, {})


def _recounted(block: Block, codes: Array) -> Block:
    """The block with as many rows in each level as the rows that are learned have."""
    return replace(block, counts=np.bincount(codes, minlength=block.size).astype(float))


def _unlike(blocks: Sequence[Block], own: Sequence[Block]) -> list[Block]:
    """Blocks whose names are unlike each other's and unlike those of ``own``."""
    taken = {block.name for block in own}
    found = []
    for block in blocks:
        name = block.name
        while name in taken:
            name += "'"
        taken.add(name)
        found.append(replace(block, name=name, column=name))
    return found

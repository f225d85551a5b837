"""Sequential boosted trees: each block is drawn from its distribution given those before it.

The blocks are put in an order chosen from the data: a class target first and what tells most about
it next; a numeric target last; otherwise from few to many levels. A block's levels are split into a
hierarchy of yes-or-no questions, each answered by a few boosted trees on the blocks already drawn;
smooth blocks that the others predict well are drawn as location plus residual. Trees hold log odds
of levels, never rows.

Papers: Reiter, "Using CART to generate partially synthetic public use microdata", 2005 (one column
after another); McCarter, "Unmasking trees for tabular data", 2024 (trees over partitions of
values).
Limits: no differential privacy; conditions on late columns need weights; tables of more than 64
blocks look at the 64 most associated earlier ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.artifact import storable
from likewise.core.checks import arranged
from likewise.core.progress import Progress
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.execution.threads import ordered_map
from likewise.generators.association import association, closest
from likewise.generators.block_trees import BlockTrees, fit_block, with_curve
from likewise.generators.budget import within
from likewise.generators.copycheck import narrowed, nearer_share
from likewise.generators.order import drawing_order
from likewise.generators.questions import Growth
from likewise.generators.symmetric import MOST_ROWS
from likewise.generators.tabular import Tabular

Array = np.ndarray
LEAVES = (10, 25, 50, 100)  # tried in turn by the copy check
CHECK_ROWS = 6_000  # rows on each side of the copy check, at most
SECONDS = 60.0  # budget when none is given
CHECK_SHARE = 0.25  # share of the budget for each leaf size tried, at most
FAIR = 0.53  # largest share of drawn rows nearer to learned than to unseen ones
CURVE_ROWS = 65_536  # rows drawn to set the curves of smooth blocks


@storable
class Trees(Tabular):
    """Sequential boosted trees over levels."""

    summary: ClassVar[str] = "boosted trees, one column after another; fast and close to the data"

    leaf: (
        Annotated[int, Field(ge=2, description="fewest rows in a leaf; unset: by a copy check")]
        | None
    ) = None
    trees: Annotated[int, Field(ge=0, le=2000, description="most trees a question")] = 100
    depth: Annotated[int, Field(ge=1, le=8, description="splits from root to leaf")] = 5
    rate: Annotated[float, Field(gt=0, le=1, description="learning rate")] = 0.2
    rows: Annotated[
        int, Field(ge=100, le=MOST_ROWS, description="most rows that train a question")
    ] = 40_000
    patience: Annotated[int, Field(ge=1, description="trees without gain before stopping")] = 6
    parents: Annotated[int, Field(ge=1, le=250, description="most blocks a block looks at")] = 64
    location: Annotated[bool, Field(description="regress smooth columns first")] = True

    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,
        seed: Seed,
        run: Run,
    ) -> "TreesLevels":
        """Choose the leaf size, then learn all blocks side by side."""
        order = drawing_order(rows, layout, target, seed)
        growth = self._growth(self.leaf or LEAVES[0])
        seconds = run.deadline.seconds if np.isfinite(run.deadline.seconds) else SECONDS
        growth, parents = within(growth, rows.rows, layout, self.parents, seconds)
        if self.leaf is None:
            left = seconds * CHECK_SHARE
            workers, tell = run.workers, run.progress
            growth = _checked(rows, layout, order, growth, parents, left, seed, workers, tell)
        return _fit(rows, layout, order, growth, parents, seed, run.workers, run.progress)

    def _growth(self, leaf: int) -> Growth:
        names = ("trees", "depth", "rate", "rows", "patience", "location")
        return Growth(leaf=leaf, **{name: getattr(self, name) for name in names})


@storable
@dataclass(frozen=True)
class TreesLevels:
    """The blocks in drawing order.

    Attributes:
        blocks: what was learned of each block.
        leaf: the leaf size used.
    """

    notes: ClassVar[tuple[str, ...]] = ()

    blocks: tuple[BlockTrees, ...]
    leaf: int

    def __post_init__(self) -> None:
        arranged("blocks", np.array([block.block for block in self.blocks], dtype=np.int64))
        sizes = np.array(self.block_sizes, dtype=np.int64)
        for block in self.blocks:
            block.check(sizes)

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""
        return tuple(len(one.atoms) for one in sorted(self.blocks, key=lambda one: one.block))

    def draw(
        self, rows: int, rng: np.random.Generator, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, Array | None]:
        """Rows block by block; see ``generators.tabular.Levels``."""
        out = Encoded.empty(rows, len(self.blocks))
        log_weight = np.zeros(rows)
        exact = self.exact(evidence)
        for block in self.blocks:
            me = block.block
            if me in evidence.fixed:
                out.codes[:, me], out.detail[:, me] = evidence.fixed[me]
                if not exact:
                    block.weigh(out.codes, evidence.fixed[me], rng, log_weight)
            else:
                drawn = block.draw(out.codes, rng, evidence.allowed.get(me), log_weight)
                out.codes[:, me], out.detail[:, me] = drawn
        return out, None if exact else log_weight

    def exact(self, evidence: Evidence) -> bool:
        """Whether what is known comes first in the order, or depends on nothing else."""
        known = True
        for block in self.blocks:
            fixed = block.block in evidence.fixed
            if block.block in evidence.blocks and not block.free and not (fixed and known):
                return False
            known &= fixed
        return True


def _fit(
    rows: Encoded,
    layout: Layout,
    order: Sequence[int],
    growth: Growth,
    parents: int,
    seed: Seed,
    workers: int | None,
    progress: Progress | None = None,
) -> TreesLevels:
    """Every block given those before it, in parallel; then the curves of smooth blocks."""
    near = association(rows, layout, seed) if layout.width > parents else None

    def fit(step: int) -> BlockTrees:
        me, before = order[step], np.array(order[:step], dtype=np.int32)
        before = closest(near, me, before, parents)
        state = int(seed.stream("block", me).integers(2**62))
        detail = rows.detail[:, me]
        return fit_block(rows.codes, detail, layout.blocks, me, before, growth, state)

    blocks: list[BlockTrees] = []
    for block in ordered_map(fit, range(layout.width), workers=workers):
        blocks.append(block)
        if progress is not None:
            progress("learning", len(blocks), layout.width)
    return TreesLevels(_curved(blocks, rows.rows, seed), growth.leaf)


def _curved(blocks: list[BlockTrees], rows: int, seed: Seed) -> tuple[BlockTrees, ...]:
    """The blocks with curves set from drawn rows, in order, as each leans on those before it."""
    if not any(block.residual for block in blocks):
        return tuple(blocks)
    rng = seed.stream("curves")
    drawn = Encoded.empty(min(4 * rows, CURVE_ROWS), len(blocks))
    weight, done = np.zeros(drawn.rows), []
    for block in blocks:
        if block.residual is not None:
            block = with_curve(block, block.total(drawn.codes, rng))  # noqa: PLW2901
        drawn.codes[:, block.block], _ = block.draw(drawn.codes, rng, None, weight)
        done.append(block)
    return tuple(done)


def _checked(
    rows: Encoded,
    layout: Layout,
    order: Sequence[int],
    growth: Growth,
    parents: int,
    seconds: float,
    seed: Seed,
    workers: int | None,
    progress: Progress,
) -> Growth:
    """The smallest leaf with which drawn rows are as near to unseen as to learned rows.

    One standard error above the limit is granted: otherwise chance alone would often choose a leaf
    that is of less use and no further from single rows.
    """
    if rows.rows < 400:
        return replace(growth, leaf=LEAVES[1])
    rows, layout, order = narrowed(rows, layout, order, seed)
    side = min(rows.rows // 2, CHECK_ROWS)
    mixed = seed.stream("copy check").permutation(rows.rows)
    learned, unseen = rows.take(mixed[:side]), rows.take(mixed[side : 2 * side])
    light = replace(growth, trees=min(growth.trees, 30))
    light, parents = within(light, side, layout, parents, seconds)
    for i, leaf in enumerate(LEAVES):
        small, tell = replace(light, leaf=leaf), _part(progress, i)
        tried = _fit(learned, layout, order, small, parents, seed.child("check"), workers, tell)
        drawn, _ = tried.draw(side, seed.stream("check", leaf))
        if nearer_share(drawn, learned, unseen, layout) <= FAIR + 0.5 / np.sqrt(side):
            break
    return replace(growth, leaf=leaf)


def _part(progress: Progress, tried: int) -> Progress:
    """Progress of the copy check after so many leaf sizes."""

    def tell(stage: str, done: int, total: int) -> None:
        del stage
        progress("choosing leaf size", tried * total + done, len(LEAVES) * total)

    return tell

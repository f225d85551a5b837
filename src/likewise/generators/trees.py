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
from likewise.generators.block_trees import BlockTrees, fit_block
from likewise.generators.budget import within
from likewise.generators.copycheck import narrowed, nearer_share
from likewise.generators.marginals import Margins
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
        return self._fit_in(_Task(rows, layout, order, 0, False), seed, run)

    def fit_given(
        self, rows: Encoded, layout: Layout, given: int, *, seed: Seed, run: Run
    ) -> "TreesLevels":
        """The given blocks come first, and of them only their shares are learned."""
        order = [i for i in drawing_order(rows, layout, None, seed) if i >= given]
        task = _Task(rows, layout, [*range(given), *order], given, True)
        return self._fit_in(task, seed, run)

    def _fit_in(self, task: "_Task", seed: Seed, run: Run) -> "TreesLevels":
        rows, layout = task.rows, task.layout
        growth = self._growth(self.leaf or LEAVES[0])
        seconds = run.deadline.seconds if np.isfinite(run.deadline.seconds) else SECONDS
        growth, parents = within(growth, rows.rows, layout, self.parents, seconds, task.given)
        if self.leaf is None:
            left = seconds * CHECK_SHARE
            workers, tell = run.workers, run.progress
            growth = _checked(task, growth, parents, left, seed, workers, tell)
        return _fit(task, growth, parents, seed, run.workers, run.progress)

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
        known, told = True, evidence.blocks
        for block in self.blocks:
            fixed = block.block in evidence.fixed
            if block.block in told and not block.free and not (fixed and known):
                return False
            known &= fixed
        return True


@dataclass(frozen=True)
class _Task:
    """What is to be learned.

    Attributes:
        rows: N training rows.
        layout: their blocks.
        order: positions of the blocks in drawing order.
        given: how many blocks of the order are given whenever rows are drawn.
        levels: whether the shares of levels are set right once all blocks are learned.
    """

    rows: Encoded
    layout: Layout
    order: Sequence[int]
    given: int
    levels: bool

    def of(self, rows: Encoded) -> "_Task":
        """The same for other rows, for a quick look."""
        return replace(self, rows=rows, levels=False)

    def evidence(self, *sides: Encoded) -> Evidence:
        """The given blocks of rows taken from each side in turn."""
        codes, detail = [], []
        for i, side in enumerate(sides):
            codes.append(side.codes[i :: len(sides)])
            detail.append(side.detail[i :: len(sides)])
        whole = Encoded(np.concatenate(codes), np.concatenate(detail))
        known = self.order[: self.given]
        return Evidence({i: (whole.codes[:, i], whole.detail[:, i]) for i in known}, {})

    def free(self, rows: Encoded) -> Encoded:
        """The blocks that are not given, in the order of the layout."""
        kept = sorted(self.order[self.given :])
        return Encoded(rows.codes[:, kept], rows.detail[:, kept])


def _fit(
    task: _Task,
    growth: Growth,
    parents: int,
    seed: Seed,
    workers: int | None,
    progress: Progress | None = None,
) -> TreesLevels:
    """Every block given those before it, in parallel; then the curves of smooth blocks."""
    rows, layout, order = task.rows, task.layout, task.order
    near = association(rows, layout, seed) if layout.width > parents else None

    def fit(step: int) -> BlockTrees:
        me = order[step]
        before = np.array(order[: step if step >= task.given else 0], dtype=np.int32)
        before = closest(near, me, before, parents)
        state = int(seed.stream("block", me).integers(2**62))
        detail = rows.detail[:, me]
        return fit_block(rows.codes, detail, layout.blocks, me, before, growth, state)

    blocks: list[BlockTrees] = []
    for block in ordered_map(fit, range(layout.width), workers=workers):
        blocks.append(block)
        if progress is not None:
            progress("learning", len(blocks), layout.width)
    margins = Margins(rows, task.given, task.levels)
    return TreesLevels(margins.of(blocks, seed), growth.leaf)


def _checked(
    task: _Task,
    growth: Growth,
    parents: int,
    seconds: float,
    seed: Seed,
    workers: int | None,
    progress: Progress,
) -> Growth:
    """The smallest leaf with which drawn rows are as near to unseen as to learned rows.

    One standard error above the limit is granted: otherwise chance alone would often choose a leaf
    that is of less use and no further from single rows. What is given comes from learned and unseen
    rows in equal parts, and is not compared.
    """
    if task.rows.rows < 400:
        return replace(growth, leaf=LEAVES[1])
    task = _narrow(task, seed)
    side = min(task.rows.rows // 2, CHECK_ROWS)
    mixed = seed.stream("copy check").permutation(task.rows.rows)
    learned, unseen = task.rows.take(mixed[:side]), task.rows.take(mixed[side : 2 * side])
    known, free = (
        task.evidence(learned, unseen),
        Layout(tuple(task.layout.blocks[i] for i in sorted(task.order[task.given :]))),
    )
    light = replace(growth, trees=min(growth.trees, 30))
    light, parents = within(light, side, task.layout, parents, seconds, task.given)
    for i, leaf in enumerate(LEAVES):
        small, tell = replace(light, leaf=leaf), _part(progress, i)
        tried = _fit(task.of(learned), small, parents, seed.child("check"), workers, tell)
        drawn, _ = tried.draw(side, seed.stream("check", leaf), known)
        near = nearer_share(task.free(drawn), task.free(learned), task.free(unseen), free)
        if near <= FAIR + 0.5 / np.sqrt(side):
            break
    return replace(growth, leaf=leaf)


def _narrow(task: _Task, seed: Seed) -> _Task:
    """The task with at most 64 blocks, chosen at random; given ones stay given."""
    known = {task.layout.blocks[i].name for i in task.order[: task.given]}
    rows, layout, order = narrowed(task.rows, task.layout, task.order, seed)
    given = sum(layout.blocks[i].name in known for i in order)
    return _Task(rows, layout, order, given, False)


def _part(progress: Progress, tried: int) -> Progress:
    """Progress of the copy check after so many leaf sizes."""

    def tell(stage: str, done: int, total: int) -> None:
        del stage
        progress("choosing leaf size", tried * total + done, len(LEAVES) * total)

    return tell

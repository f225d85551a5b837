"""The mixed view of rows: a choice among options for each block, and a real where there is a curve.

Unordered and short blocks are a choice among their levels. A long ordered block is a choice among
*missing*, its *heaps* and *continuous*; what is continuous has a real: the normal score of its
position among the block's continuous rows, so that every real has a standard normal margin. Single
values that are no heaps (ages, days) take an interval of positions as wide as their share, and a
row's place in it is drawn: they share the smooth shape, and come back as the values they are.
A heap stays a choice of its own, so that its mass is exact: see ``heaps``.

Only NumPy: networks see ``Geometry``. Shapes: N rows, C blocks, R reals, K levels of a block.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from likewise.core.artifact import storable
from likewise.core.checks import agree, shaped, spread, within
from likewise.encode.layout import Block, Encoded, Layout
from likewise.nn.blocks import Blocks, bucket

Array = np.ndarray
Rule = Callable[[Block], Array]

FEW = 24  # single values up to which each one is an option
HEAP_SHARE = 0.03  # of the rows that a heap holds among more values,
HEAP_PEAK = 3.0  # and how many times the median share of its neighbours,
HEAP_ALWAYS = 0.15  # unless it holds this share
CHOICES = 128  # levels up to which mostly single values are options for ``smooth_levels``
NEIGHBOURS = 5  # values on either side that are looked at
NARROW = 1e-7  # of position, what rounding a score to float32 may move
BELOW_ONE = np.nextafter(np.float32(1), np.float32(0))


@storable
@dataclass(frozen=True)
class Geometry:
    """What networks need to know of the mixed view; C and R padded to buckets.

    Attributes:
        options: the options of all blocks, end to end.
        block: (R,) int32, the block of each real.
        option: (R,) int32, the option of that block under which the real is there.
        live: (R,) float32, 1 for reals of the table, 0 for padding.
    """

    options: Blocks
    block: Array
    option: Array
    live: Array

    @property
    def reals(self) -> int:
        """Padded number of reals R."""
        return int(self.block.shape[0])


@storable
@dataclass(frozen=True)
class Mixed:
    """Between levels with details, and options with reals.

    Attributes:
        geometry: for the networks.
        option: for each block (K,) int32, the option of each level.
        level: for each block (O,) int32, the level of each option, -1 for continuous.
        low: for each real (K,) float64, position at which each level begins.
        share: for each real (K,) float64, width of each level in position, 0 if not continuous.
        atoms: for each real (K,) bool, levels without inside.
    """

    geometry: Geometry
    option: tuple[Array, ...]
    level: tuple[Array, ...]
    low: tuple[Array, ...]
    share: tuple[Array, ...]
    atoms: tuple[Array, ...]

    def __post_init__(self) -> None:
        agree(len(self.option) == len(self.level), "options and levels of blocks")
        agree(len(self.low) == len(self.share) == len(self.atoms), "parts of reals")
        for option, level in zip(self.option, self.level, strict=True):
            shaped("option", option, np.int32, None)
            shaped("level", level, np.int32, None)
            within("option", option, 0, len(level))
            within("level", level, -1, len(option))
        sizes = [len(level) for level in self.level]
        agree(_padded_as_due(self.geometry, sizes, len(self.share)), "geometry of networks")
        smooth = self.smooth
        agree(self.real_blocks == [i for i, x in enumerate(smooth) if x.any()], "blocks of reals")
        for r, i in enumerate(self.real_blocks):
            for name, part in (("low", self.low[r]), ("share", self.share[r])):
                shaped(name, part, np.float64, len(smooth[i]))
            shaped("atoms", self.atoms[r], np.bool_, len(smooth[i]))
            within("low", self.low[r], 0, 1 + 1e-6)
            spread("share", self.share[r])
            agree(np.array_equal(self.share[r] > 0, smooth[i]), "shares of continuous levels")

    @classmethod
    def of(cls, layout: Layout, rule: Rule | None = None, *, more: Sequence[int] = ()) -> "Mixed":
        """The view that ``rule`` suggests: which levels share a block's real; ``continuous``.

        ``more`` are sizes of further choices, which come after those of the blocks: ``encode``
        leaves them 0 and ``decode`` does not look at them.
        """
        smooth = [(rule or continuous)(block) for block in layout.blocks]
        option, level = [], []
        for mask in smooth:
            own = np.flatnonzero(~mask)
            place = np.full(len(mask), len(own), dtype=np.int32)
            place[own] = np.arange(len(own))
            option.append(place)
            level.append(np.append(own, -1 if mask.any() else own[:0]).astype(np.int32))
        with_real = [i for i, mask in enumerate(smooth) if mask.any()]
        low, share = [], []
        for i in with_real:
            mass = np.where(smooth[i], np.maximum(layout.blocks[i].counts, 0.5), 0.0)
            share.append(mass / mass.sum())
            low.append(np.cumsum(share[-1]) - share[-1])
        atoms = tuple(layout.blocks[i].atoms for i in with_real)
        geometry = _geometry([*(len(one) for one in level), *more], with_real)
        return cls(geometry, tuple(option), tuple(level), tuple(low), tuple(share), atoms)

    @property
    def smooth(self) -> list[Array]:
        """Which levels of each block share its real; (K,) bool."""
        pairs = zip(self.level, self.option, strict=True)
        return [np.asarray(level[option] < 0) for level, option in pairs]

    @property
    def real_blocks(self) -> list[int]:
        """The block of each real, padding left out."""
        return [int(i) for i in self.geometry.block[: len(self.share)]]

    def encode(self, rows: Encoded, rng: np.random.Generator) -> tuple[Array, Array]:
        """Options (N, C) int32 and reals (N, R) float32, both padded; 0 where there is no real.

        ``rng`` places single values in their intervals.
        """
        options = np.zeros((rows.rows, self.geometry.options.count), dtype=np.int32)
        reals = np.zeros((rows.rows, self.geometry.reals), dtype=np.float32)
        for i, option in enumerate(self.option):
            options[:, i] = option[rows.codes[:, i]]
        for r, i in enumerate(self.real_blocks):
            here = np.flatnonzero(options[:, i] == self.geometry.option[r])
            code = rows.codes[here, i]
            low, share, atom = self.low[r][code], self.share[r][code], self.atoms[r][code]
            inside = np.where(atom, rng.random(len(code)), rows.detail[here, i])
            margin = np.clip(NARROW / share, 1e-6, 0.5)
            reals[here, r] = ndtri(low + np.clip(inside, margin, 1 - margin) * share)
        return options, reals

    def decode(self, options: Array, reals: Array) -> Encoded:
        """The inverse of ``encode``: codes exactly, details up to rounding."""
        rows = Encoded.empty(len(options), len(self.level))
        for i, level in enumerate(self.level):
            rows.codes[:, i] = level[options[:, i]]
        for r, i in enumerate(self.real_blocks):
            here = np.flatnonzero(rows.codes[:, i] < 0)
            levels = np.flatnonzero(self.share[r])
            low, share = self.low[r][levels], self.share[r][levels]
            position = ndtr(reals[here, r].astype(np.float64))
            place = np.searchsorted(low[1:], position, side="right")
            inside = np.clip((position - low[place]) / share[place], 0, BELOW_ONE)
            code = levels[place]
            rows.codes[here, i] = code
            rows.detail[here, i] = np.where(self.atoms[r][code], 0, inside)
        return rows


def continuous(block: Block) -> Array:
    """Which levels share the block's real; (K,) bool, all false for a mere choice.

    Levels with an inside do; so do single values when there are more than ``FEW`` of them, except
    heaps. Missing never does.
    """
    value = np.arange(block.size) >= block.first
    if not block.ordered:
        return np.zeros(block.size, dtype=bool)
    single = block.atoms & value
    if single.sum() > FEW:
        return np.asarray(value & ~heaps(block))
    return np.asarray(value & ~block.atoms)


def smooth_levels(block: Block) -> Array:
    """``continuous``, for methods that can afford more options: each age is one of its own.

    An ordered block of up to ``CHOICES`` levels, most of whose rows have single values, is a choice
    among these.
    """
    inside = float(block.counts[~block.atoms].sum())
    if block.ordered and block.size <= CHOICES and 2 * inside <= block.counts.sum():
        return np.asarray((np.arange(block.size) >= block.first) & ~block.atoms)
    return continuous(block)


def heaps(block: Block) -> Array:
    """Single values that stand out; (K,) bool.

    They hold ``HEAP_SHARE`` of the rows and ``HEAP_PEAK`` times the median share of the values
    around them, or ``HEAP_ALWAYS`` of the rows.
    """
    share = block.counts / max(block.counts.sum(), 1.0)
    values = share[block.first :]
    pad = np.pad(values, NEIGHBOURS, mode="reflect" if len(values) > NEIGHBOURS else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(pad, 2 * NEIGHBOURS + 1)
    peak = (values >= HEAP_SHARE) & (values >= HEAP_PEAK * np.median(windows, axis=1))
    heap = np.zeros(block.size, dtype=bool)
    heap[block.first :] = peak | (values >= HEAP_ALWAYS)
    return np.asarray(heap & block.atoms)


def _padded_as_due(geometry: Geometry, sizes: list[int], reals: int) -> bool:
    """Whether a geometry is that of options of these sizes, and more, with so many reals."""
    options = geometry.options
    shaped("size", options.size, np.int32, None)
    shaped("segment", options.segment, np.int32, None)
    shaped("block", geometry.block, np.int32, None)
    every = options.size[: np.count_nonzero(options.live)]
    within("size", every, 1, len(options.segment) + 1)
    within("block", geometry.block[:reals], 0, len(every))
    if every[: len(sizes)].tolist() != sizes or every.sum() > len(options.segment):
        return False
    due = _geometry(every.tolist(), geometry.block[:reals].tolist())
    pairs = zip(_arrays(geometry), _arrays(due), strict=True)
    return all(one.dtype == other.dtype and np.array_equal(one, other) for one, other in pairs)


def _arrays(geometry: Geometry) -> tuple[Array, ...]:
    options, *rest = astuple(geometry)
    return (*options, *rest)


def _geometry(sizes: list[int], with_real: list[int]) -> Geometry:
    options = Blocks.of_sizes(sizes)
    count = bucket(len(with_real))
    block = np.full(count, options.count - 1, dtype=np.int32)
    block[: len(with_real)] = with_real
    option = np.ones(count, dtype=np.int32)  # padding blocks have option 0 only
    option[: len(with_real)] = [sizes[i] - 1 for i in with_real]
    live = (np.arange(count) < len(with_real)).astype(np.float32)
    return Geometry(options, block, option, live)

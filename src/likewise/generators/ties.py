"""Numbers that often have the same value in two columns, such as a payment and the bill it settles.

What smooth methods learn of such rows is a ridge, and they blur it. Here a tie is one more choice
of a row, to be learned beside its labels: follow nobody, or a leader. Once numbers are drawn, a
follower takes over its leader's value.

Shapes: N rows, C blocks, K levels of a block, T followers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.encode.layout import Block, Encoded, Layout
from likewise.nn.mixed import BELOW_ONE

Array = np.ndarray

LEAST_SHARE, LEAST_ROWS = 0.03, 50  # of the rows that are tied,
LEAST_PEAK = 4.0  # and how many times as many they are as without a tie
LEADERS = 3  # of a follower at most
SEARCHED = 8_192  # rows that are searched for ties at most
NEAR = 24  # earlier numbers that each is compared with, the closest ones
WITHIN, BAND = 0.25, 4  # of a level's width that tied values may differ; how many are around it


@storable
@dataclass(frozen=True)
class Scale:
    """Values along the levels of a block; each (K,) float64, all equal where a level is an atom.

    Attributes:
        low: lower ends.
        middle: values half-way inside.
        high: upper ends.
    """

    low: Array
    middle: Array
    high: Array

    @classmethod
    def of(cls, block: Block) -> "Scale":
        """Ends half-way between neighbours, or at a neighbour that is an atom."""
        middle, atom, first = block.centers.astype(np.float64), block.atoms, block.first
        between = (middle[:-1] + middle[1:]) / 2
        between = np.where(atom[:-1], middle[:-1], np.where(atom[1:], middle[1:], between))
        low, high = np.append(middle[:1], between), np.append(between, middle[-1:])
        if block.size > first + 1:  # the outermost levels are as wide on either side
            low[first], high[-1] = 2 * middle[first] - high[first], 2 * middle[-1] - low[-1]
        low, high = np.where(atom, middle, low), np.where(atom, middle, high)
        high[:first] = -np.inf  # a missing value is below all
        return cls(low, middle, high)

    @property
    def width(self) -> Array:
        """Of each level; (K,), 0 for atoms."""
        return np.asarray(self.high - self.low)

    def values(self, codes: Array, detail: Array) -> Array:
        """What these places stand for; (N,) float64."""
        middle, part = self.middle[codes], 2 * detail.astype(np.float64) - 1
        end = np.where(part < 0, self.low[codes], self.high[codes])
        return np.asarray(middle + np.abs(part) * (end - middle))

    def places(self, values: Array) -> tuple[Array, Array]:
        """Codes and details of these values; the outermost places beyond the ends."""
        last = len(self.high) - 1
        codes = np.minimum(np.searchsorted(self.high, values), last)
        after = np.minimum(codes + 1, last)
        codes = np.where(self.low[after] == values, after, codes)  # an atom, where there is one
        low, middle, high = (x[codes] for x in (self.low, self.middle, self.high))
        below = values < middle
        end = np.where(below, low, high)
        reach = np.where(end == middle, 1.0, np.abs(end - middle))
        detail = np.clip((1 + (values - middle) / reach) / 2, 0, BELOW_ONE)
        detail[low == high] = 0
        return codes.astype(np.int32), detail.astype(np.float32)


@storable
@dataclass(frozen=True)
class Ties:
    """Who may follow whom; leaders are earlier blocks.

    Attributes:
        followers: T blocks.
        leaders: for each follower those it may follow, the most frequent first.
        scales: of each block; None where no tie needs it.
        smooth: of each block (K,) bool, levels that can be tied.
    """

    followers: tuple[int, ...]
    leaders: tuple[tuple[int, ...], ...]
    scales: tuple[Scale | None, ...]
    smooth: tuple[Array, ...]

    @classmethod
    def of(cls, rows: Encoded, layout: Layout, smooth: Sequence[Array]) -> "Ties":
        """Ties among the ``smooth`` levels of blocks, a mask (K,) each; O(rows blocks)."""
        rows = rows.take(np.linspace(0, rows.rows - 1, min(rows.rows, SEARCHED)).astype(int))
        numbers = [i for i, mask in enumerate(smooth) if mask.any()]
        pairs = zip(layout.blocks, smooth, strict=True)
        scales = tuple(Scale.of(block) if mask.any() else None for block, mask in pairs)
        every = cls((), (), scales, tuple(smooth))
        found: dict[int, tuple[int, ...]] = {}
        for place, i in enumerate(numbers):
            before = numbers[max(place - NEAR, 0) : place]
            shares = np.array([every._share(rows, i, j) for j in before])
            best = np.argsort(-shares, kind="stable")[:LEADERS]
            if leaders := tuple(before[k] for k in best if shares[k] > 0):
                found[i] = leaders
        used = {*found, *(j for leaders in found.values() for j in leaders)}
        kept = tuple(scale if i in used else None for i, scale in enumerate(scales))
        return cls(tuple(found), tuple(found.values()), kept, tuple(smooth))

    @property
    def sizes(self) -> list[int]:
        """Options of each follower: nobody, or a leader."""
        return [1 + len(leaders) for leaders in self.leaders]

    def options(self, rows: Encoded) -> Array:
        """The first leader whose value each follower has, counted from 1; 0 if none; (N, T)."""
        options = np.zeros((rows.rows, len(self.followers)), dtype=np.int32)
        for t, (i, leaders) in enumerate(zip(self.followers, self.leaders, strict=True)):
            for place, j in reversed(list(enumerate(leaders))):
                options[self._apart(rows, i, j) <= WITHIN, t] = place + 1
        return options

    def keep(self, rows: Encoded, options: Array, given: Array) -> None:
        """Make tied numbers equal, in place; leaders follow those that are ``given``, (C,) bool."""
        for t, (i, leaders) in enumerate(zip(self.followers, self.leaders, strict=True)):
            for place, j in enumerate(leaders):
                if not (given[i] and given[j]):
                    tied = (options[:, t] == place + 1) & self._both(rows, i, j)
                    to, source = (j, i) if given[i] else (i, j)
                    self._copy(rows, np.flatnonzero(tied), source, to)

    def _copy(self, rows: Encoded, which: Array, source: int, to: int) -> None:
        """Values of one block for another."""
        values = self._scale(source).values(rows.codes[which, source], rows.detail[which, source])
        rows.codes[which, to], rows.detail[which, to] = self._scale(to).places(values)

    def _share(self, rows: Encoded, i: int, j: int) -> float:
        """Share of rows in which two numbers are equal; 0 if about as many nearly are."""
        apart = self._apart(rows, i, j)
        tied = (apart <= WITHIN).mean()
        chance = ((apart > WITHIN) & (apart <= (1 + BAND) * WITHIN)).mean() / BAND
        least = max(LEAST_SHARE, LEAST_ROWS / rows.rows, LEAST_PEAK * chance)
        return float(tied) if tied >= least else 0.0

    def _apart(self, rows: Encoded, i: int, j: int) -> Array:
        """How far apart two numbers are, in widths of the narrower level; (N,)."""
        one, other = (self._scale(k).values(rows.codes[:, k], rows.detail[:, k]) for k in (i, j))
        width = np.minimum(*(self._scale(k).width[rows.codes[:, k]] for k in (i, j)))
        gap = np.where(self._both(rows, i, j), np.abs(one - other), np.inf)
        widths = np.divide(gap, width, out=np.where(gap == 0, 0, np.inf), where=width > 0)
        return np.asarray(widths)

    def _both(self, rows: Encoded, i: int, j: int) -> Array:
        """Whether both numbers are smooth; (N,) bool."""
        return np.asarray(self.smooth[i][rows.codes[:, i]] & self.smooth[j][rows.codes[:, j]])

    def _scale(self, block: int) -> Scale:
        scale = self.scales[block]
        assert scale is not None
        return scale

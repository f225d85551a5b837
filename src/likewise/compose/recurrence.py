"""Values that come back, such as the same clerk as before: learned as such, and not by value.

That a number or one of many labels is the same as in the last event, or in the one before, is
hard to tell value by value. So it is drawn first, as a label of its own, and the value is then
taken from there.

Shapes: N events, R columns whose values come back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.encode.layout import Block, Encoded

Array = np.ndarray

OFTEN = 0.05  # share of events that repeat the last value from which this is learned
NEW, LAST, EARLIER = range(3)


@storable
@dataclass(frozen=True)
class Recurrence:
    """The columns whose values come back.

    Attributes:
        names: the R columns.
        places: the blocks of each.
    """

    names: tuple[str, ...]
    places: tuple[tuple[int, ...], ...]

    @classmethod
    def fit(
        cls, blocks: Sequence[Block], besides: Sequence[int], values: Mapping[str, Array],
        position: Array,
    ) -> "Recurrence":  # fmt: skip
        """Columns that repeat their last value often, and twice as often as by chance.

        Args:
            blocks: of an event.
            besides: blocks of which this is not asked.
            values: (N,) a number for each value of a column, by name; -1 where missing.
            position: (N,) 0 for the first event of an entity.
        """
        found: dict[str, list[int]] = {}
        for i, block in enumerate(blocks):
            if i not in set(besides) and block.column in values:
                found.setdefault(block.column, []).append(i)
        later = np.flatnonzero(position > 0)
        kept = {}
        for name, places in found.items():
            code = values[name]
            size = np.bincount(code + 1) / max(len(code), 1)
            chance = float((size**2).sum())
            same = (code[later] == code[later - 1]).mean() if len(later) else 0.0
            if same > max(OFTEN, 2 * chance):
                kept[name] = tuple(places)
        return cls(tuple(kept), tuple(kept.values()))

    def flags(self, values: Mapping[str, Array], position: Array) -> Array:
        """Where the value of each column comes from; (N, R) int64."""
        rows = np.arange(len(position))
        found = np.full((len(position), len(self.names)), NEW)
        for i, name in enumerate(self.names):
            code = values[name]
            for back, flag in ((2, EARLIER), (1, LAST)):
                same = (position >= back) & (code == code[np.maximum(rows - back, 0)])
                found[same, i] = flag
        return found

    def blocks(self, flags: Array) -> tuple[Block, ...]:
        """The blocks of the flags."""
        return tuple(
            Block(
                f"again: {name}", f"again: {name}", False, False, np.ones(3, dtype=bool),
                np.arange(3.0), np.bincount(flags[:, i], minlength=3).astype(float),
            )
            for i, name in enumerate(self.names)
        )  # fmt: skip

    def taken(
        self, own: Encoded, flags: Array, last: Encoded, earlier: Encoded, count: Array
    ) -> Encoded:
        """The events with the values that come back, where there are ``count`` (N,) before."""
        codes, detail = own.codes.copy(order="F"), own.detail.copy(order="F")
        for i, places in enumerate(self.places):
            for flag, source in ((LAST, last), (EARLIER, earlier)):
                rows = np.flatnonzero((flags[:, i] == flag) & (count >= flag))
                for place in places:
                    codes[rows, place] = source.codes[rows, place]
                    detail[rows, place] = source.detail[rows, place]
        return Encoded(codes, detail)

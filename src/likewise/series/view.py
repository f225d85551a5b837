"""A series as arrays: residuals of numbers and labels as options with reals, and features of rows.

Shapes: T rows, C numbers, L blocks of other columns, B = L + C blocks, N stretches drawn side by
side, F features of a row.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import ndtr

from likewise.core.artifact import storable
from likewise.core.checks import agree
from likewise.core.seeds import Seed
from likewise.data.cells import shared_by
from likewise.data.schema import NUMBERS, Schema
from likewise.data.table import Table, numbers_to_arrow
from likewise.encode.codec import TableCodec
from likewise.encode.layout import Encoded, Layout
from likewise.encode.number import Number
from likewise.nn.mixed import BELOW_ONE, Mixed, smooth_levels
from likewise.series.bases import LEVEL, SAME, Base, history, residuals
from likewise.series.choice import OWN, choose, digits_of

Array = np.ndarray

MOST_ONES = 32  # options of a label that features tell apart; others share


@dataclass(frozen=True)
class Rows:
    """A series in arrays.

    Attributes:
        values: (T, C) numbers, NaN where missing.
        residuals: (T, C) what is left of them, NaN where missing or at the first row of a series.
        options: (T, B) int32.
        reals: (T, R) float32.
        slope: (T, C) the steps to the values, 0 where not known.
        first: (T,) int64, the row with which each row's series begins.
    """

    values: Array
    residuals: Array
    slope: Array
    options: Array
    reals: Array
    first: Array


@storable
@dataclass(frozen=True)
class SeriesView:
    """Between tables of a series and arrays.

    Attributes:
        schema: of the columns; neither time nor names of series are among them.
        numbers: names of the C columns that are numbers.
        bases: what each is told from.
        parts: levels of their residuals.
        rest: the codec of the other columns.
        mixed: options and reals of all blocks: those of ``rest``, then the numbers.
    """

    schema: Schema
    numbers: tuple[str, ...]
    bases: tuple[Base, ...]
    parts: tuple[Number, ...]
    rest: TableCodec
    mixed: Mixed

    def __post_init__(self) -> None:
        agree(len(self.numbers) == len(self.bases) == len(self.parts), "numbers")
        sizes = [block.size for block in self.rest.layout.blocks]
        sizes += [len(part.atoms) for part in self.parts]
        agree([len(option) for option in self.mixed.option] == sizes, "blocks of the columns")

    @classmethod
    def fit(cls, table: Table, first: Array, *, own: float = OWN, seed: Seed) -> "SeriesView":
        """Choose bases and learn levels.

        Args:
            table: T rows without time and names of series.
            first: (T,) the row with which each row's series begins.
            own: see ``bases.choose``.
            seed: places values in their levels.
        """
        names = tuple(c.name for c in table.schema.columns if c.kind in NUMBERS)
        others = [c.name for c in table.schema.columns if c.kind not in NUMBERS]
        values = numbers_of(table, names)
        digits = tuple(digits_of(column) for column in values.T)
        bases = choose(values, first, digits, own=own)
        left = residuals(values, bases, history(values, first))
        k = shared_by(table.rows)
        inside = np.arange(len(values)) > first
        parts = tuple(_number(column, inside, k) for column in left.T)
        rest = TableCodec.fit(table.select(others), seed=seed)
        blocks = [part.block(name, name) for part, name in zip(parts, names, strict=True)]
        mixed = Mixed.of(Layout((*rest.layout.blocks, *blocks)), smooth_levels)
        return cls(table.schema, names, bases, parts, rest, mixed)

    @property
    def labels(self) -> int:
        """Blocks of other columns L."""
        return self.rest.layout.width

    @property
    def blocks(self) -> int:
        """All blocks B."""
        return self.labels + len(self.numbers)

    def rows(self, table: Table, first: Array, *, seed: Seed) -> Rows:
        """The series as arrays; labels that were never learned raise DataError."""
        values = numbers_of(table, self.numbers)
        before = history(values, first)
        left = residuals(values, self.bases, before)
        whole = Encoded.empty(len(values), self.blocks)
        others = table.select([c.name for c in self.rest.schema.columns])
        self.rest.encode_given(others)  # refuses what it cannot write
        coded = self.rest.encode(others, seed=seed)
        whole.codes[:, : self.labels], whole.detail[:, : self.labels] = coded.codes, coded.detail
        for j, part in enumerate(self.parts):
            column, missing = left[:, j], np.isnan(left[:, j])
            rng = seed.stream("place", j)
            if not part.missing:  # the first row of a series has no residual
                column = np.where(missing, part.centers[0] if len(part.centers) else 0.0, column)
            codes, detail = part.encode(np.nan_to_num(column), missing & part.missing, rng)
            whole.codes[:, self.labels + j], whole.detail[:, self.labels + j] = codes, detail
        options, reals = self.mixed.encode(whole, seed.stream("inside"))
        slope = before.after(values).slope
        return Rows(values, left, slope, options[:, : self.blocks], reals, first)

    def residual(self, j: int, options: Array, reals: Array) -> Array:
        """Residuals of column j from the options and the reals of its block; (N,), NaN missing."""
        part, i = self.parts[j], self.labels + j
        level = self.mixed.level[i]
        codes = level[options].astype(np.int64)
        detail = np.zeros(len(codes))
        here = np.flatnonzero(codes < 0)
        if len(here):
            r = self.real(i)
            levels = np.flatnonzero(self.mixed.share[r])
            low, share = self.mixed.low[r][levels], self.mixed.share[r][levels]
            position = ndtr(reals[here].astype(np.float64))
            place = np.searchsorted(low[1:], position, side="right")
            inside = np.clip((position - low[place]) / share[place], 0, float(BELOW_ONE))
            codes[here] = levels[place]
            detail[here] = np.where(self.mixed.atoms[r][codes[here]], 0, inside)
        values, missing = part.decode(codes, detail)
        return np.where(missing, np.nan, values.astype(np.float64))

    def real(self, block: int) -> int:
        """The real of a block, -1 for none."""
        found = self.mixed.real_blocks
        return found.index(block) if block in found else -1

    def features(self, values: Array, left: Array, slope: Array, options: Array) -> Array:
        """What a network sees of a row: (N, C) three times and (N, B) options -> (N, F) float32.

        Four for each number: its level, its move, its slope where that matters, and whether it is
        missing; then ones and zeros for labels.
        """
        found = []
        for j, base in enumerate(self.bases):
            gone = np.isnan(values[:, j]).astype(np.float32)
            found += [
                base.level(values[:, j]),
                base.move(left[:, j]),
                base.slope(slope[:, j]),
                gone,
            ]
        for i in range(self.labels):
            width = min(len(self.mixed.level[i]), MOST_ONES)
            ones = np.zeros((len(options), width), dtype=np.float32)
            ones[np.arange(len(options)), options[:, i] % width] = 1
            found += list(ones.T)
        return np.stack(found, axis=1) if found else np.zeros((len(values), 0), np.float32)

    @property
    def steady(self) -> Array:
        """Features that are known of a row without the one before it; (F,) float32, 0 or 1."""
        own = [[1.0, float(base.how in (LEVEL, SAME)), 1.0, 1.0] for base in self.bases]
        labels = sum(min(len(self.mixed.level[i]), MOST_ONES) for i in range(self.labels))
        return np.array([*np.ravel(own), *[1.0] * labels], dtype=np.float32)

    def table(
        self, values: Array, options: Array, reals: Array, rng: np.random.Generator, seed: Seed
    ) -> Table:
        """Drawn rows as a table; (T, C) numbers, (T, B) options, (T, R) reals."""
        padded = np.zeros((len(options), self.mixed.geometry.options.count), dtype=np.int32)
        padded[:, : self.labels] = options[:, : self.labels]
        rows = self.mixed.decode(padded, reals)
        mine = Encoded(rows.codes[:, : self.labels], rows.detail[:, : self.labels])
        others = self.rest.decode(mine, rng, seed=seed)
        arrays = []
        for column in self.schema.columns:
            if column.name in self.numbers:
                x = values[:, self.numbers.index(column.name)]
                missing = np.isnan(x)
                whole = np.nan_to_num(x)
                arrays.append(
                    numbers_to_arrow(
                        np.rint(whole) if column.kind.value == "integer" else whole,
                        missing,
                        column.kind,
                    )
                )
            else:
                arrays.append(others.arrow.column(column.name))
        return Table(pa.table(arrays, names=list(self.schema.names)), self.schema)


def numbers_of(table: Table, names: tuple[str, ...]) -> Array:
    """Columns of numbers as (T, C) float64, NaN where missing or not finite."""
    found = np.empty((table.rows, len(names)))
    for j, name in enumerate(names):
        column = table.numbers(name).astype(np.float64)
        found[:, j] = np.where(table.missing(name) | ~np.isfinite(column), np.nan, column)
    return found


def _number(column: Array, inside: Array, k: int) -> Number:
    """The levels of a column's residuals; rows without a base are not looked at."""
    known = column[inside] if inside.any() else column
    missing = np.isnan(known)
    return Number.fit(np.nan_to_num(known), missing, k=k)

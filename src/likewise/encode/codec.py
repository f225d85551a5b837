"""The table codec: the only bridge between tables and the arrays that generators learn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from likewise.core.artifact import storable
from likewise.core.checks import agree
from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.bounds import refuse_beyond
from likewise.data.cells import shared_by
from likewise.data.people import once_each
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table
from likewise.encode.key import Key
from likewise.encode.label import Labels
from likewise.encode.layout import Block, Encoded, Evidence, Layout, stack
from likewise.encode.moment import Moment, Scalar
from likewise.encode.notes import Codec, notes_on
from likewise.encode.pseudonym import Pseudonym, repeats

Array = np.ndarray
Masks = dict[int, Array]


@storable
@dataclass(frozen=True)
class TableCodec:
    """What is needed to turn tables into levels, and levels into tables.

    Columns without a choice (keys, constants, nothing but missing) have no block.

    Attributes:
        schema: what the columns are.
        layout: the blocks of all columns, in column order.
        notes: what was protected or could not be learned, in sentences.
        parts: the codec of each column.
    """

    schema: Schema
    layout: Layout
    notes: tuple[str, ...]
    parts: tuple[Codec, ...]

    def __post_init__(self) -> None:
        written = [(block.column, block.size) for block in _learned(self.schema, self.parts)]
        own = [(block.column, block.size) for block in self.layout.blocks]
        agree(own == written, "blocks of the columns")

    @classmethod
    def fit(cls, table: Table, *, seed: Seed, people: Array | None = None) -> "TableCodec":
        """Learn how each column is written as levels; about 10 ms per 100,000 numbers.

        Args:
            table: N rows.
            seed: where draws come from.
            people: (N,) int64, a number for the person that each row is of, where one has several:
                what is kept must then be shared by people, and not by rows.
        """
        del seed  # nothing is drawn
        k = shared_by(table.rows if people is None else len(np.unique(people)))
        parts = tuple(
            _fit(table if people is None else _of_people(table, column, people), column, k)
            for column in table.schema.columns
        )
        layout = Layout(tuple(_renamed(_learned(table.schema, parts))))
        notes = tuple(
            note
            for column, part in zip(table.schema.columns, parts, strict=True)
            for note in notes_on(
                column, part, any(map(_free, part.blocks(column.name))), table.rows, k
            )
        )
        return cls(table.schema, layout, notes, parts)

    def encode(self, table: Table, *, seed: Seed) -> Encoded:
        """Rows as levels; N rows of this schema. A value on a grid gets a detail at random."""
        pairs: list[tuple[Array, Array]] = []
        for column, part in self._columns():
            found = part.encode(table, column.name, seed.stream("encode", column.name))
            blocks = part.blocks(column.name)
            pairs += [pair for pair, block in zip(found, blocks, strict=True) if _free(block)]
        return stack(pairs, table.rows)

    def decode(
        self, rows: Encoded, rng: np.random.Generator, *, start: int = 0, seed: Seed
    ) -> Table:
        """Levels as rows.

        Args:
            rows: codes and details.
            rng: draws what levels leave open: rare labels, codes and filler.
            start: position of the first row in the whole sample, which numbers the keys.
            seed: the seed of the whole sample, which permutes the keys.
        """
        position, columns = 0, []
        for column, part in self._columns():
            pairs = []
            for block in part.blocks(column.name):
                if _free(block):
                    pairs.append((rows.codes[:, position], rows.detail[:, position]))
                    position += 1
                else:
                    none = np.zeros(rows.rows, dtype=np.int32)
                    pairs.append((none, none.astype(np.float32)))
            keyed = isinstance(part, Key | Pseudonym)
            own = seed.child("decode", column.name) if keyed else seed
            array = part.decode(pairs, rows.rows, rng, start, own)
            columns.append(array.cast(CANONICAL[column.kind]))  # booleans may be labels
        return Table(pa.table(columns, names=list(self.schema.names)), self.schema)

    def encode_given(self, table: Table, *, seed: Seed = Seed(0)) -> Evidence:  # noqa: B008
        """What a table with some of the columns says about rows to be drawn.

        Numbers beyond the trained range fall into the outermost level; ``restore`` brings them
        back as given. A label or a missing value that was never learned raises DataError.
        """
        fixed: dict[int, tuple[Array, Array]] = {}
        for given in table.schema.columns:
            column = self.schema[given.name]
            if column.kind is not given.kind:
                found = f"given as {given.kind}, learned as {column.kind}"
                raise DataError(f"column {column.name!r}", found, "Convert it to the same kind")
            part = self.parts[self.schema.names.index(column.name)]
            self._refuse_unknown(table, column.name, part)
            found_pairs = part.encode(table, column.name, seed.stream("encode", column.name))
            blocks = part.blocks(column.name)
            kept = [pair for pair, block in zip(found_pairs, blocks, strict=True) if _free(block)]
            fixed.update(zip(self.layout.of(column.name), kept, strict=True))
        return Evidence(fixed, {})

    def learned(self, table: Table) -> Array:
        """Rows of some of the columns that ``encode_given`` takes; (N,) bool."""
        known = np.ones(table.rows, dtype=bool)
        for name in table.names:
            part = self.parts[self.schema.names.index(name)]
            if isinstance(part, Labels):
                known &= ~part.unknown(table, name)
            if _never_missing(part, name):
                known &= ~table.missing(name)
        return known

    def encode_known(self, table: Table, *, seed: Seed) -> tuple[Encoded, Array]:
        """Rows as levels as far as ``table`` tells, and which blocks it tells; (N, C) bool.

        A missing cell tells nothing, nor does a label that was never learned, nor a column of the
        schema that the table lacks.
        """
        whole = Encoded.empty(table.rows, self.layout.width)
        known = np.zeros((table.rows, self.layout.width), dtype=bool)
        for column, part in self._columns():
            if column.name not in table.names or not self.layout.of(column.name):
                continue
            told = ~table.missing(column.name)
            if isinstance(part, Labels):
                told &= ~part.unknown(table, column.name)
            pairs = part.encode(table, column.name, seed.stream("encode", column.name))
            blocks = part.blocks(column.name)
            kept = [pair for pair, block in zip(pairs, blocks, strict=True) if _free(block)]
            for i, (codes, detail) in zip(self.layout.of(column.name), kept, strict=True):
                whole.codes[:, i], whole.detail[:, i], known[:, i] = codes, detail, told
        return whole, known

    def restore(self, decoded: Table, given: Table) -> Table:
        """``decoded`` with the columns of ``given`` exactly as they were given."""
        arrow = decoded.arrow
        for name in given.names:
            at = arrow.schema.get_field_index(name)
            arrow = arrow.set_column(at, name, given.arrow.column(name))
        return Table(arrow, decoded.schema)

    def levels_in(
        self,
        column: str,
        low: float | None,
        high: float | None,
        low_open: bool = False,
        high_open: bool = False,
    ) -> Masks:
        """Block position -> (K,) bool, levels that can hold a number in an interval.

        The scale is that of ``Table.numbers``; None is an open end. Levels at the edge of the
        interval also hold values outside it, which the caller rejects.
        """
        part = self._part(column)
        if not isinstance(part, Scalar | Moment):
            return {}
        ends = (-np.inf if low is None else low, np.inf if high is None else high)
        return self._masks(column, part.within(*ends, low_open, high_open))

    def levels_of(self, column: str, labels: tuple[str, ...]) -> Masks:
        """Block position -> (K,) bool, levels that can stand for one of ``labels``."""
        part = self._part(column)
        return self._masks(column, [part.levels_of(labels)]) if isinstance(part, Labels) else {}

    def levels_missing(self, column: str, missing: bool) -> Masks:
        """Block position -> (K,) bool, the level of a missing value, or all others."""
        masks = []
        for block in self._part(column).blocks(column):
            mask = np.full(block.size, not missing)
            mask[: block.first] = missing
            masks.append(mask)
        return self._masks(column, masks)

    def _columns(self) -> Iterator[tuple[Column, Codec]]:
        return zip(self.schema.columns, self.parts, strict=True)

    def _part(self, column: str) -> Codec:
        self.schema[column]
        return self.parts[self.schema.names.index(column)]

    def _masks(self, column: str, masks: list[Array]) -> Masks:
        blocks = self._part(column).blocks(column)
        kept = [mask for mask, block in zip(masks, blocks, strict=True) if _free(block)]
        return dict(zip(self.layout.of(column), kept, strict=True))

    def _refuse_unknown(self, table: Table, name: str, part: Codec) -> None:
        if isinstance(part, Labels):
            strange = int(part.unknown(table, name).sum())
            if strange:
                found = f"holds labels that were not learned, in {strange:,} of {table.rows:,} rows"
                hint = "Use labels that are frequent in the training data"
                raise DataError(f"column {name!r}", found, hint)
        refuse_beyond(table, self.schema[name], "Give values within the bounds")
        missing = int(table.missing(name).sum())
        if missing and _never_missing(part, name):
            found = f"missing in {missing:,} of {table.rows:,} rows, but in no training row"
            raise DataError(f"column {name!r}", found, "Fill them in or leave the column out")


def _of_people(table: Table, column: Column, people: Array) -> Table:
    """The column with each value once for each person; keys are never kept, so they stay."""
    return table if column.kind is Kind.KEY else once_each(table, [column.name], people)


def _fit(table: Table, column: Column, k: int) -> Codec:
    if column.kind is Kind.KEY:
        codec = Pseudonym if repeats(table, column) else Key
        return codec.fit(table, column, k=k)
    if column.kind is Kind.DATETIME:
        return Moment.fit(table, column, k=k)
    few = 0 < table.rows - int(table.missing(column.name).sum()) < min(k, table.rows)
    labelled = column.kind in (Kind.CATEGORY, Kind.ORDINAL, Kind.CONSTANT, Kind.TEXT)
    if labelled or (few and column.kind is Kind.BOOLEAN):  # either value is drawn, as of ordinals
        return Labels.fit(table, column, k=k)
    return Scalar.fit(table, column, k=k)


def _never_missing(part: Codec, name: str) -> bool:
    """Whether a column that is learned was missing in no training row."""
    blocks = part.blocks(name)
    return bool(blocks) and not blocks[0].missing


def _free(block: Block) -> bool:
    """Whether there is anything to learn and draw in a block."""
    return block.size > 1 or not bool(block.atoms.all())


def _learned(schema: Schema, parts: tuple[Codec, ...]) -> Iterator[Block]:
    """The blocks of all columns in which there is something to learn."""
    for column, part in zip(schema.columns, parts, strict=True):
        yield from (block for block in part.blocks(column.name) if _free(block))


def _renamed(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks with unique names, where a column is called like another one's part."""
    seen: set[str] = set()
    for block in blocks:
        name = block.name
        while name in seen:
            name += "'"
        seen.add(name)
        yield block if name == block.name else replace(block, name=name)

"""Labels as levels; labels that too few rows share are pooled and never come out as they were.

Levels are in this order: missing (if there is any), the labels (by falling count; ordinal ones
rising), the templates of codes, and one level for all other rare texts.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.core.artifact import storable
from likewise.core.checks import shaped, within
from likewise.core.errors import SchemaError
from likewise.core.seeds import Seed
from likewise.data.arrow_types import holds_texts, largest_whole, type_named
from likewise.data.schema import Column, Kind
from likewise.data.table import Table
from likewise.encode.layout import Block
from likewise.encode.text import Filler, Template, learn_texts, shape

Array = np.ndarray
Pairs = list[tuple[Array, Array]]

MOST_TEXTS = 4_096  # texts of the kind text that are kept as labels; more are no closed set
REDRAW = 0.5  # share of rows in kept labels from which the rare rows are drawn from these


@storable
@dataclass(frozen=True)
class Labels:
    """Codec of category, ordinal, constant and text columns, and booleans of few cells; one block.

    Attributes:
        labels: the L labels that come out, each shared by k rows or more.
        known: labels that are understood: ``labels``, and rare ordinal ones.
        level: (len(known),) int32, position in ``labels`` of each.
        ordered: labels rise.
        missing: whether level 0 stands for a missing value.
        templates: formats of rare codes, one level each.
        pooled: there is a last level for other rare labels.
        filler: what the pooled level gives; None for a label drawn by share.
        counts: (K,) rows in each level.
        rare: how many labels were too rare to keep.
        any_text: texts never seen may be given, as for the kind text.
    """

    labels: tuple[str, ...]
    known: tuple[str, ...]
    level: Array
    ordered: bool
    missing: bool
    templates: tuple[Template, ...]
    pooled: bool
    filler: Filler | None
    counts: Array
    rare: int
    any_text: bool

    def __post_init__(self) -> None:
        levels = len(self.labels) + len(self.templates) + self.pooled
        shaped("counts", self.counts, np.float64, levels + self.missing)
        within("counts", self.counts, 0, np.inf)
        shaped("level", self.level, np.int32, len(self.known))
        within("level", self.level, 0, levels)

    @classmethod
    def fit(cls, table: Table, column: Column, *, k: int) -> "Labels":
        """Learn a column; labels of fewer than k rows are pooled. O(N) and a sort of labels."""
        codes, found = table.labels(column.name)
        counts = np.bincount(codes[codes >= 0], minlength=len(found)).astype(np.int64)
        empty = len(codes) - int(counts.sum())
        levels = ("false", "true") if column.kind is Kind.BOOLEAN else column.levels
        if column.kind in (Kind.BOOLEAN, Kind.ORDINAL) and levels:
            return cls._ordinal(levels, dict(zip(found, counts, strict=True)), empty, k)
        _refuse_varied(column, {found[i] for i in np.flatnonzero(counts)})
        least = 1 if column.kind is Kind.CONSTANT else k
        order = np.argsort(-counts, kind="stable")
        text = column.kind is Kind.TEXT
        shared = counts[order] >= least
        shared[MOST_TEXTS if text else len(shared) :] = False
        kept, lost = order[shared], order[~shared]
        labels = tuple(found[i] for i in kept)
        target = type_named(column.format.arrow)
        free = holds_texts(target)
        redraw = not (text and free) and counts[kept].sum() >= REDRAW * counts.sum() > 0
        templates: tuple[Template, ...] = ()
        filler, other = None, counts[lost].sum()
        if len(lost) and not redraw:
            lost = lost if free else lost[_fitting([found[i] for i in lost], target)]
            templates, place, filler = learn_texts([found[i] for i in lost], counts[lost], k)
            made = counts[lost][place >= 0].sum()
            filler, other = (filler if free else None), other - made
            if not free and made + counts[kept].sum() < REDRAW * counts.sum():
                raise _contradicted(column, f"few of its values are shared by {k} rows")
            other = other if free or len(kept) else 0  # what no template can make joins another
        first = [empty] if empty else []
        last = [other] if other else []
        sizes = [*first, *counts[kept], *(template.count for template in templates), *last]
        return cls(
            labels=labels,
            known=labels,
            level=np.arange(len(labels), dtype=np.int32),
            ordered=False,
            missing=bool(empty),
            templates=templates,
            pooled=bool(other),
            filler=filler,
            counts=np.array(sizes, dtype=float),
            rare=int((~shared).sum()),
            any_text=text,
        )

    @classmethod
    def _ordinal(
        cls, levels: tuple[str, ...], found: dict[str, int], empty: int, k: int
    ) -> "Labels":
        """Levels in rising order; a rare one is taken for the nearest that is not."""
        counts = np.array([found.get(label, 0) for label in levels], dtype=np.int64)
        if empty and 0 < counts.sum() < k:
            return cls._unknown(levels, int(counts.sum()), empty)
        kept = np.flatnonzero(counts >= min(k, counts.max(initial=1)))
        if not len(kept):
            kept = np.arange(1)
        middles = (kept[1:] + kept[:-1]) / 2
        level = np.searchsorted(middles, np.arange(len(levels))).astype(np.int32)
        sizes = np.bincount(level, weights=counts, minlength=len(kept))
        rare = int(((counts > 0) & ~np.isin(np.arange(len(counts)), kept)).sum())
        return cls(
            labels=tuple(levels[i] for i in kept),
            known=levels,
            level=level,
            ordered=True,
            missing=bool(empty),
            templates=(),
            pooled=False,
            filler=None,
            counts=np.concatenate([[empty], sizes]) if empty else sizes,
            rare=rare,
            any_text=False,
        )

    @classmethod
    def _unknown(cls, levels: tuple[str, ...], rows: int, empty: int) -> "Labels":
        """Levels of which too few cells tell anything: any of them is drawn."""
        count = len(levels)
        return cls(
            labels=levels,
            known=levels,
            level=np.full(count, count, dtype=np.int32),
            ordered=False,
            missing=True,
            templates=(),
            pooled=True,
            filler=None,
            counts=np.array([empty, *[1 / count] * count, rows]),
            rare=rows,
            any_text=False,
        )

    def blocks(self, name: str) -> tuple[Block, ...]:
        """The block of the column called ``name``."""
        size = len(self.counts)
        centers = np.arange(size, dtype=float)
        atoms = np.ones(size, dtype=bool)
        return (Block(name, name, self.ordered, self.missing, atoms, centers, self.counts),)

    def encode(self, table: Table, name: str, rng: np.random.Generator) -> Pairs:
        """Codes of the column; detail is 0."""
        del rng
        codes, found = table.labels(name)
        level = np.append(self._levels(found), 0)  # the last stands for missing
        return [(level[codes].astype(np.int32), np.zeros(len(codes), dtype=np.float32))]

    def unknown(self, table: Table, name: str) -> Array:
        """Rows whose label stands for no level; (N,) bool."""
        codes, found = table.labels(name)
        known = set(self.known)
        strange = [not self.any_text and label not in known for label in found]
        return np.asarray(np.array([*strange, False])[codes])

    def decode(
        self, pairs: Pairs, rows: int, rng: np.random.Generator, start: int, seed: Seed
    ) -> pa.Array:
        """The column as strings; codes and filler are drawn, labels are not."""
        del start, seed
        codes = pairs[0][0].astype(np.int64) - int(self.missing)
        count = len(self.labels)
        places, parts = codes, [pa.array(self.labels, type=pa.string())]
        offset = count
        drawn = np.flatnonzero(codes >= count)
        if len(drawn):
            places = codes.copy()
            for i, source in enumerate([*self.templates, self.filler]):
                at = drawn[codes[drawn] == count + i]
                if source is None:
                    shares = self.counts[int(self.missing) :][:count]
                    cdf = np.cumsum(shares) / max(shares.sum(), 1)
                    places[at] = np.searchsorted(cdf[:-1], rng.random(len(at)), side="right")
                elif len(at):
                    parts.append(source.draw(len(at), rng))
                    places[at] = offset + np.arange(len(at))
                    offset += len(at)
        pool = pa.concat_arrays(parts)
        none = places < 0
        if not len(pool):
            return pa.nulls(rows, pa.string())
        indices = pa.array(places, mask=none) if none.any() else pa.array(places)
        return pool.take(indices)

    def levels_of(self, labels: tuple[str, ...]) -> Array:
        """Levels that may stand for one of these labels; (K,) bool."""
        wanted = set(labels)
        mask = np.zeros(len(self.counts), dtype=bool)
        first = int(self.missing)
        mask[first : first + len(self.labels)] = [label in wanted for label in self.labels]
        if self.any_text or self.filler is not None:
            mask[first + len(self.labels) :] = not wanted <= set(self.labels)
        return mask

    def _levels(self, found: list[str]) -> Array:
        """Level of each label, by name; (F,) int64."""
        first, count = int(self.missing), len(self.labels)
        index = {label: first + int(at) for label, at in zip(self.known, self.level, strict=True)}
        shapes = {template.shape: first + count + i for i, template in enumerate(self.templates)}
        last = first + count + len(self.templates)
        if not self.pooled:  # nothing stands for a strange label: the most frequent one does
            last = int(np.argmax(self.counts[first:])) + first if len(self.counts) > first else 0
        places = (
            index[label] if label in index else shapes.get(shape(label), last) for label in found
        )
        return np.fromiter(places, dtype=np.int64, count=len(found))


def _refuse_varied(column: Column, found: set[str]) -> None:
    """Raise SchemaError for a constant that is none, whose values would come out as they are."""
    if column.kind is not Kind.CONSTANT:
        return
    if len(found) > 1:
        raise _contradicted(column, f"its cells hold {len(found):,} different values")
    if column.levels and found - set(column.levels):
        raise _contradicted(column, "its cells hold another value than the declared level")


def _fitting(texts: list[str], target: pa.DataType) -> Array:
    """Which texts a template may be made of: whole numbers shorter than the longest of the type."""
    most = largest_whole(target) if pa.types.is_integer(target) else None
    length = len(str(most or 0))
    digits = [text.removeprefix("-") for text in texts]
    return np.array([len(text) < length and text.isdigit() for text in digits], dtype=bool)


def _contradicted(column: Column, found: str) -> SchemaError:
    hint = "Declare another kind, or store it as text"
    return SchemaError(f"column {column.name!r}", f"taken for {column.kind}, but {found}", hint)

"""What a row knows of its children: columns of the parent that sum up rows that refer to it.

They are learned with the parent's own columns and drawn with them, and each child is drawn given
those of its owner. So how many children there are, and how siblings are alike beyond chance, comes
out by construction, whatever generator is used.

Shapes: N children, M parents; ``place`` (N,) is the row of each child's parent, negative for none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.core.artifact import storable
from likewise.data.schema import NUMBERS, TEMPORAL, Column, Format, Kind
from likewise.data.table import Table, numbers_to_arrow

Array = np.ndarray

MOST = 10  # means and shares of one relation, the ones in which parents differ most
LABELS_EACH = 3  # labels of a column whose share is looked at
ALIKE = 0.02  # intraclass correlation below which parents do not differ
CERTAIN = 4.0  # standard errors by which it must be above zero
DIGITS = 6  # significant digits to which means are rounded


@storable
@dataclass(frozen=True)
class Summary:
    """One column of a parent.

    Attributes:
        relation: position of the relation in the schema.
        what: "rows", "first", "last", "mean", "spread" or "share".
        of: the column of the children; "" for their number.
        name: the name of the column among the parent's.
    """

    relation: int
    what: str
    of: str
    name: str


@dataclass(frozen=True)
class Summed:
    """A summary with its values for the M parents; a summary without children is missing."""

    summary: Summary
    column: Column
    values: pa.Array


def counted(relation: int, title: str, place: Array, parents: int) -> Summed:
    """The number of children of each parent."""
    rows = np.bincount(place[place >= 0], minlength=parents)
    summary = Summary(relation, "rows", "", f"{title}: rows")
    column = Column(name=summary.name, kind=Kind.INTEGER, nullable=False, minimum=0)
    return Summed(summary, column, pa.array(rows))


def ends(relation: int, title: str, table: Table, clock: str, place: Array, parents: int
) -> Iterator[Summed]:  # fmt: skip
    """The first and the last value of the column that orders siblings."""
    inside = place >= 0
    values, owner = table.numbers(clock)[inside], place[inside]
    none = np.bincount(owner, minlength=parents) == 0
    own = table.schema[clock]
    for what, reduce, start in (
        ("first", np.minimum, np.iinfo(np.int64).max),
        ("last", np.maximum, np.iinfo(np.int64).min),
    ):
        end = np.full(parents, start, dtype=np.int64)
        reduce.at(end, owner, values)
        summary = Summary(relation, what, clock, f"{title}: {what} {clock}")
        column = Column(name=summary.name, kind=own.kind, timezone=own.timezone)
        arrow = numbers_to_arrow(np.where(none, 0, end), none, own.kind)
        yield Summed(summary, column, arrow)


def likenesses(relation: int, title: str, table: Table, place: Array, parents: int
) -> Iterator[Summed]:  # fmt: skip
    """Means, spreads and shares in which parents differ by more than chance; O(N C).

    Paper: Fisher, "Statistical methods for research workers", 1925 (intraclass correlation).
    """
    inside = place >= 0
    if inside.sum() <= len(np.unique(place[inside])):  # an only child is its own mean
        return
    found = []
    for what, name, label, values in measures(table):
        there = inside & np.isfinite(values)
        alike = _intraclass(values[there], place[there], parents)
        if alike > ALIKE:
            found.append((alike, what, name, label, np.where(there, values, np.nan)))
    found.sort(key=lambda one: -one[0])
    for _, what, name, label, values in found[:MOST]:
        told = f"{what} of {name}" + (f" ({label})" if label else "")
        summary = Summary(relation, what, name, f"{title}: {told}")
        column = Column(name=summary.name, kind=Kind.NUMERIC, format=Format(arrow="double"))
        there = np.isfinite(values)
        total = np.bincount(place[there], weights=values[there], minlength=parents)
        rows = np.bincount(place[there], minlength=parents)
        mean = _rounded(total / np.maximum(rows, 1))
        yield Summed(summary, column, pa.array(mean, mask=rows == 0))


def consistent(table: Table, summaries: Sequence[Summary], rng: np.random.Generator) -> Table:
    """Drawn rows that know something of their children just if they have any; O(N S).

    Those that have some but know nothing of them get what a random other row knows.
    """
    arrow = table.arrow
    for relation in dict.fromkeys(s.relation for s in summaries):
        names = [s.name for s in summaries if s.relation == relation and s.what != "rows"]
        count = next(s.name for s in summaries if s.relation == relation and s.what == "rows")
        some = table.numbers(count) > 0
        gone = np.logical_or.reduce([table.missing(n) for n in names]) if names else ~some
        donors = np.flatnonzero(some & ~gone)
        source = np.arange(table.rows)
        lost = some & gone
        if len(donors):
            source[lost] = rng.choice(donors, int(lost.sum()))
        index = pa.array(source, mask=~some)
        for name in names:
            values = table.arrow.column(name).combine_chunks().take(index)
            arrow = arrow.set_column(arrow.schema.get_field_index(name), name, values)
    return Table(arrow, table.schema)


def measures(table: Table) -> Iterator[tuple[str, str, str, Array]]:
    """Numbers of which parents may have means of their own; NaN where missing."""
    for column in table.schema.columns:
        name, gone = column.name, table.missing(column.name)
        if column.kind in NUMBERS | TEMPORAL | {Kind.BOOLEAN}:
            values = np.where(gone, np.nan, table.numbers(name).astype(float))
            yield "mean", name, "", values
            if column.kind in NUMBERS and len(np.unique(values[~gone][:1_000])) > 2:
                center = np.nanmean(values) if (~gone).any() else 0.0
                yield "spread", name, "", np.abs(values - center)
        elif column.kind in (Kind.CATEGORY, Kind.ORDINAL):
            codes, labels = table.labels(name)
            size = np.bincount(codes[codes >= 0], minlength=len(labels))
            for i, best in enumerate(np.argsort(-size, kind="stable")[:LABELS_EACH]):
                yield "share", name, str(i + 1), np.where(gone, np.nan, codes == best)
        if 0 < gone.mean() < 1:
            yield "share", name, "missing", gone.astype(float)


def _intraclass(values: Array, owner: Array, parents: int) -> float:
    """Share of the variance that lies between parents, beyond chance; 0 if it may be chance."""
    rows = np.bincount(owner, minlength=parents).astype(float)
    some = rows > 0
    groups, total = int(some.sum()), len(values)
    if groups < 2 or total <= groups or not np.ptp(values):
        return 0.0
    values = (values - values.mean()) / values.std()
    mean = np.bincount(owner, weights=values, minlength=parents) / np.maximum(rows, 1)
    between = (rows * mean**2)[some].sum() / (groups - 1)
    within = max(((values - mean[owner]) ** 2).sum() / (total - groups), 1e-12)
    size = (total - (rows**2).sum() / total) / (groups - 1)
    if between / within < 1 + CERTAIN * np.sqrt(2 / (groups - 1)):
        return 0.0
    return float((between - within) / (between + (size - 1) * within))


def _rounded(values: Array) -> Array:
    """Values to a few digits, so that equal means of equal numbers are equal."""
    with np.errstate(divide="ignore"):
        scale = np.floor(np.log10(np.abs(values)))
    digits = 10.0 ** (DIGITS - 1 - np.where(np.isfinite(scale), scale, 0))
    return np.asarray(np.rint(values * digits) / digits)

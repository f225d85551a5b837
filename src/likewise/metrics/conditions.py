"""Columns as conditions that split a table, in words that tell of no fewer than ten people.

Shapes: N_i rows of each table, L conditions of a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.data.schema import Column, Kind
from likewise.data.table import Table
from likewise.metrics.cuts import FEWEST, ends_of, merged, quantile_cuts, titles_of
from likewise.metrics.views import Array, codes, is_number, values

PARTS = 6  # of a number, of about equal share
LEVELS = 10  # the most frequent ones
LONGEST = 40  # characters of a label


@dataclass(frozen=True)
class Conditions:
    """One column's conditions.

    Attributes:
        titles: what they say, (L,).
        codes: the condition that each row of each table fulfils, (N_i,); L for none of them.
    """

    titles: tuple[str, ...]
    codes: tuple[Array, ...]


def conditions(tables: Sequence[Table], name: str) -> Conditions:
    """Conditions that ten rows of the first table or more fulfil; no row fulfils two of them."""
    column = tables[0].schema[name]
    make = _of_numbers if is_number(column.kind) else _of_labels
    titles, coded = make(tables, column)
    missing = [table.missing(name) for table in tables]
    if missing[0].sum() >= FEWEST:
        coded = [np.where(m, len(titles), c) for c, m in zip(coded, missing, strict=True)]
        titles = [*titles, f"{name} is missing"]
    coded = [np.where(c < 0, len(titles), c) for c in coded]
    return Conditions(tuple(titles), tuple(coded))


def subject(column: Column) -> str:
    """What is compared of a column: itself, or the length of its texts."""
    return f"length of {column.name}" if column.kind is Kind.TEXT else column.name


def word(label: str) -> str:
    """A label, shortened."""
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


def _of_labels(tables: Sequence[Table], column: Column) -> tuple[list[str], list[Array]]:
    """One for each frequent label; -1 for others."""
    coded, labels = codes(tables, column.name)
    counts = np.bincount(coded[0][coded[0] >= 0], minlength=len(labels))
    kept = int((counts[:LEVELS] >= FEWEST).sum())  # codes are by falling count
    titles = [f"{column.name} = {word(label)}" for label in labels[:kept]]
    return titles, [np.where(code < kept, code, -1) for code in coded]


def _of_numbers(tables: Sequence[Table], column: Column) -> tuple[list[str], list[Array]]:
    """One for each range between rounded quantiles; -1 for missing values."""
    columns = [values(table, column.name) for table in tables]
    ordered = np.sort(columns[0][~np.isnan(columns[0])])
    if len(ordered) < 2 * FEWEST or ordered[0] == ordered[-1]:
        return [], [np.full(len(c), -1) for c in columns]
    cuts = quantile_cuts(ordered, column.kind, PARTS)
    cuts = [cuts[k - 1] for k in merged(ends_of(ordered, cuts))[1:-1]]
    titles = [_range(subject(column), title) for title in titles_of(cuts, column.kind)]
    coded = []
    for part in columns:
        # a value lies above a cut when it is greater, or equal and the cut lies below it
        above = [part > cut if over else part >= cut for cut, over in cuts]
        code = np.sum(above, axis=0, dtype=np.int64) if cuts else np.zeros(len(part), np.int64)
        coded.append(np.where(np.isnan(part), -1, code))
    return titles, coded


def _range(name: str, title: str) -> str:
    return f"{name} {title}" if title[0] in "<>≤≥" else f"{name} is {title}"

"""The columns of three databases in the same terms, each read once.

Shapes: N_i rows of a table on side i; the first side is the real one and decides on bins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from likewise.data.database_schema import Relation
from likewise.data.table import Table
from likewise.metrics.bins import label_bins, quantile_bins, width_bins
from likewise.metrics.linked_case import Side, contents
from likewise.metrics.views import Array, is_number, values

LEVELS = 20  # labels kept apart; pairs from several tables have few rows for each cell


@dataclass(frozen=True)
class CodedColumn:
    """A column of one table, on every side.

    Attributes:
        codes: (N_i,) int16 bins each, of equal width; missing values have the last.
        bins: how many there are.
        ranks: (N_i,) int16 bins each, of equal share among the real rows; those of labels are the
            same as ``codes``.
        ranked: how many there are.
        numbers: (N_i,) float64 each, NaN where missing; None for labels.
    """

    codes: tuple[Array, ...]
    bins: int
    ranks: tuple[Array, ...]
    ranked: int
    numbers: tuple[Array, ...] | None


@dataclass(frozen=True)
class CodedSides:
    """Columns read when they are first asked for, and kept.

    Attributes:
        sides: the databases, the real one that decides on bins first.
        shared: tables whose rows may be the same on all real sides.
    """

    sides: tuple[Side, ...]
    shared: frozenset[str] = frozenset()
    _known: dict[tuple[str, str], CodedColumn] = field(default_factory=dict, repr=False)

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The relations of all sides."""
        return self.sides[0].linked.relations

    def names(self, table: str) -> tuple[str, ...]:
        """The columns of a table that are compared."""
        return contents(self.sides[0].linked.database, table)

    def rows(self, table: str, i: int) -> int:
        """Rows of a table on one side."""
        return self.sides[i].linked.rows(table)

    def column(self, table: str, name: str) -> CodedColumn:
        """One column; about 20 ns a row when it is first asked for."""
        key = (table, name)
        if key not in self._known:
            self._known[key] = _coded([side.linked.table(table) for side in self.sides], name)
        return self._known[key]


def _coded(tables: Sequence[Table], name: str) -> CodedColumn:
    if is_number(tables[0].schema[name].kind):
        codes, bins = width_bins(tables, name)
        ranks, ranked = quantile_bins(tables, name)
        numbers = tuple(values(table, name) for table in tables)
        return CodedColumn(_small(codes), bins, _small(ranks), ranked, numbers)
    codes, bins = label_bins(tables, name, LEVELS)
    small = _small(codes)
    return CodedColumn(small, bins, small, bins, None)


def _small(codes: Sequence[Array]) -> tuple[Array, ...]:
    return tuple(part.astype(np.int16) for part in codes)

"""A table of a database as far as it is drawn.

Shapes: N rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from likewise.data.table import Table

Array = np.ndarray


@dataclass(frozen=True)
class Made:
    """A table as far as it is drawn.

    Attributes:
        own: its drawn columns, those of references and summaries among them.
        columns: finished keys and references, by name.
        owner: (N,) the row of each row's owner.
        position: (N,) its position among siblings.
    """

    own: Table
    columns: Mapping[str, pa.Array]
    owner: Array
    position: Array

    @property
    def rows(self) -> int:
        """Number of rows N."""
        return len(self.owner)  # a table of keys alone has no drawn column to count by

    def array(self, name: str) -> pa.Array:
        """A finished column."""
        if name in self.columns:
            return self.columns[name]
        return self.own.arrow.column(name).combine_chunks()

    def take(self, rows: Array) -> "Made":
        """Some of the rows."""
        index = pa.array(rows)
        columns = {name: array.take(index) for name, array in self.columns.items()}
        return Made(self.own.take(rows), columns, self.owner[rows], self.position[rows])

    def with_columns(self, columns: Mapping[str, pa.Array]) -> "Made":
        """The table with more finished columns, which stand before drawn ones of the same name."""
        return replace(self, columns={**self.columns, **columns})

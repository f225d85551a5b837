"""Real rows inside a model, where a table is to come out as it is."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.core.artifact import storable
from likewise.data.schema import Schema
from likewise.data.table import Table

Array = np.ndarray


@storable
@dataclass(frozen=True)
class Kept:
    """Real rows that come out as they are.

    Attributes:
        schema: their columns.
        data: (B,) uint8, the rows as an Arrow stream.
        owner: (N,) int64, the row of each one's owner.
    """

    schema: Schema
    data: Array
    owner: Array

    @classmethod
    def of(cls, table: Table, owner: Array) -> "Kept":
        """Keep a table."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.arrow.schema) as writer:
            writer.write_table(table.arrow)
        data = np.frombuffer(sink.getvalue(), dtype=np.uint8).copy()
        return cls(table.schema, data, owner)

    @property
    def table(self) -> Table:
        """The rows."""
        return Table(pa.ipc.open_stream(pa.py_buffer(self.data)).read_all(), self.schema)

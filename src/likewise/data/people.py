"""Rows of people who have several: what is kept of a table must be shared by people, not by rows.

Shapes: N rows of a table; ``people`` (N,) is a number for the person that each row is of.
"""

from collections.abc import Sequence

import numpy as np

from likewise.data.cells import one_chunk
from likewise.data.table import Table

Array = np.ndarray


def once_each(table: Table, columns: Sequence[str], people: Array) -> Table:
    """The columns with no combination of values twice for one person; O(N log N) a column."""
    ids = people
    for name in columns:
        encoded = one_chunk(table.arrow.column(name)).dictionary_encode()
        codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int64) + 1
        ids = ids * (int(codes.max(initial=0)) + 1) + codes
        _, first, ids = np.unique(ids, return_index=True, return_inverse=True)
    return table.select(columns).take(np.sort(first))

"""Cutting a table into a part to learn from and a part to judge by."""

import numpy as np

from likewise.core.seeds import Seed
from likewise.data.table import Table


def holdout_split(table: Table, share: float, seed: Seed) -> tuple[Table, Table]:
    """Training rows and holdout rows, drawn by row without replacement; order is kept.

    Args:
        table: N rows.
        share: part of the rows held back, in (0, 1); at least one row stays on each side when
            there are two or more.
        seed: the same seed holds back the same rows.
    """
    count = min(max(round(table.rows * share), 1), table.rows - 1) if table.rows > 1 else 0
    order = seed.stream("holdout").permutation(table.rows)
    return table.take(np.sort(order[count:])), table.take(np.sort(order[:count]))

"""The table codec: the only bridge between tables and the arrays that generators learn."""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.seeds import Seed
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.encode.layout import Encoded, Layout


@storable
@dataclass(frozen=True)
class TableCodec:
    """What is needed to turn tables into levels, and levels into tables."""

    schema: Schema
    layout: Layout
    notes: tuple[str, ...]

    @classmethod
    def fit(cls, table: Table, *, seed: Seed) -> "TableCodec":
        raise NotImplementedError

    def encode(self, table: Table, *, seed: Seed) -> Encoded:
        raise NotImplementedError

    def decode(
        self, rows: Encoded, rng: np.random.Generator, *, start: int = 0, seed: Seed
    ) -> Table:
        raise NotImplementedError

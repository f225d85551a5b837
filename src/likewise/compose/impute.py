"""Missing cells filled by draws from their distribution given the cells that are known.

Paper: Rubin, "Multiple Imputation for Nonresponse in Surveys", 1987: drawing, rather than putting
in the likeliest value, keeps spread and dependence; several draws show how sure one can be.
"""

import numpy as np
import pyarrow.compute as pc

from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed
from likewise.data.table import Table, concat
from likewise.encode.layout import Layout
from likewise.execution.threads import ordered_map
from likewise.generators.levels import Filling
from likewise.generators.tabular import TableModel

Array = np.ndarray

ROWS = 16_384  # filled from one random stream


def impute(
    model: TableModel, table: Table, *, seed: Seed | int | None = None, workers: int | None = None
) -> Table:
    """``table`` with its missing cells filled; all other cells are as they were.

    Keys and columns of which the model knows no value stay as they are.

    Args:
        model: of a method that can go on from any known cells: ``autoregressive``.
        table: N rows; its columns are those of the model, or some of them.
        seed: the same seed fills in the same values, whatever the number of workers.
        workers: threads; all cores by default.

    Raises:
        ConfigError: the model's method cannot do this.
    """
    levels, codec, seed = model.levels, model.codec, Seed.of(seed)
    if not isinstance(levels, Filling):
        hint = "Fit with --generator autoregressive"
        raise ConfigError("impute", "this model cannot go on from any known cells", hint)
    present = {i: _value_levels(model, i) for i in range(codec.layout.width)}

    def fill(start: int) -> Table:
        part, name = table.slice(start, ROWS), start // ROWS
        rows, known = codec.encode_known(part, seed=seed.child("known", name))
        rng = seed.stream("impute", name)
        drawn = levels.fill(rows, known, present, rng)
        return _filled(part, codec.decode(drawn, rng, start=start, seed=seed), codec.layout)

    return concat(list(ordered_map(fill, range(0, max(table.rows, 1), ROWS), workers=workers)))


def _value_levels(model: TableModel, block: int) -> Array:
    """The levels of a block that are values, so not missing; (K,) bool."""
    found = model.codec.layout.blocks[block]
    return np.asarray(np.arange(found.size) >= found.first)


def _filled(table: Table, drawn: Table, layout: Layout) -> Table:
    """The missing cells of learned columns taken from ``drawn``."""
    arrow = table.arrow
    for at, name in enumerate(table.names):
        if layout.of(name) and table.missing(name).any():
            column = pc.coalesce(arrow.column(name), drawn.arrow.column(name))
            arrow = arrow.set_column(at, arrow.schema.field(name), column)
    return Table(arrow, table.schema)

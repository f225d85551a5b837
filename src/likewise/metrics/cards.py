"""A game of cards: ten rows to guess by, none of which shows a person.

Every cell is told by a bin or a label that at least ten real rows share, and all rows are
synthetic unless real ones are asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.charts import coarse
from likewise.metrics.learners import some_rows
from likewise.metrics.score import SEED
from likewise.metrics.views import measured

CARDS, COLUMNS = 10, 8


@dataclass(frozen=True)
class Dealt:
    """One row: its cells by column, and whether it is a real one."""

    cells: dict[str, str]
    real: bool


def deal(
    real: Table,
    synth: Table,
    shown: Table | None = None,
    *,
    first: Sequence[str] = (),
    seed: Seed = SEED,
) -> tuple[Dealt, ...]:
    """Ten synthetic rows, or five and five rows of ``shown``, in random order.

    Args:
        real: the rows that decide which bins and labels may be told.
        synth: the rows to deal.
        shown: real rows that may be shown, such as a holdout; None for none.
        first: columns to tell before others; eight are told at most.
        seed: which rows, and in what order.
    """
    names = measured(real.schema)
    told = [name for name in first if name in names]
    told = [*told, *(name for name in names if name not in told)][:COLUMNS]
    told.sort(key=names.index)
    rng = seed.stream("cards")
    sides = [(synth, False)] if shown is None else [(synth, False), (shown, True)]
    cards = [
        Dealt(dict(zip(told, cells, strict=True)), is_real)
        for table, is_real in sides
        for cells in _rows(real, some_rows(table, CARDS // len(sides), rng), told)
    ]
    return tuple(cards[i] for i in rng.permutation(len(cards)))


def _rows(real: Table, rows: Table, names: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(coarse(real, rows, name) for name in names), strict=True))

"""The tables of one evaluation, cut so that scores and floors are measured on as many rows.

With a holdout, the training rows are all real rows and the fresh ones the holdout. Without one, a
random half of the real rows plays the training rows and the other half the fresh ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.split import holdout_split
from likewise.data.table import Table
from likewise.metrics.intervals import of_second_sample
from likewise.metrics.learners import some_rows
from likewise.metrics.score import Score
from likewise.metrics.views import aligned

T = TypeVar("T")

MOST = 200_000  # rows of either table that distributions are measured on


@dataclass(frozen=True)
class Matched:
    """The tables of one evaluation, cut to matching sizes.

    Attributes:
        real: all training rows, as ``synth`` and ``holdout`` are all of theirs.
        train: what is compared with: ``real``, or half of it.
        fresh: rows to measure floors on: the holdout, or the other half; None for a single row.
        compared: the synthetic and the fresh rows that distributions are measured on.
    """

    real: Table
    synth: Table
    holdout: Table | None
    train: Table
    fresh: Table | None
    compared: tuple[Table, Table | None]
    target: str | None
    seed: Seed
    quick: bool


def matched(
    real: Table,
    synth: Table,
    holdout: Table | None,
    *,
    target: str | None,
    seed: Seed,
    quick: bool,
) -> Matched:
    """Check the tables and cut them to size."""
    synth = aligned(real, synth)
    holdout = aligned(real, holdout, "holdout table") if holdout is not None else None
    tables = {"real table": real, "synthetic table": synth, "holdout table": holdout}
    for who, table in tables.items():
        if table is not None and not (table.rows and table.names):
            found = "has no rows" if table.names else "has no columns"
            raise DataError(who, found, "Give tables with rows and columns")
    target = target if target is not None else real.schema.target
    if target is not None:
        real.schema[target]
    train, fresh = real, holdout
    if holdout is None and real.rows > 1:
        train, fresh = holdout_split(real, 0.5, seed.child("halves"))
    count = min(synth.rows, fresh.rows if fresh is not None else synth.rows, MOST)
    rng = seed.stream("compared")
    compared = (
        some_rows(synth, count, rng),
        some_rows(fresh, count, rng) if fresh is not None else None,
    )
    return Matched(real, synth, holdout, train, fresh, compared, target, seed, quick)


def against(
    case: Matched, table: Table | None, rows: int, measure: Callable[[Table, Table], Any]
) -> Any:
    """``measure`` of at most ``rows`` training rows and rows of ``table``; None without one."""
    if table is None:
        return None
    train = case.train
    if train.rows > rows:
        train = some_rows(train, rows, case.seed.stream("train", rows))
    return measure(train, table.slice(0, rows))


def beside(score: Score, floor: Score | None) -> Score:
    """The score with another's value and interval as its floor."""
    if floor is None:
        return score
    return replace(score, floor=floor.value, floor_interval=floor.interval)


def beside_second(score: Score, floor: Score | None, low: float = 0.0, high: float = 1.0) -> Score:
    """The score beside another's value, and beside where a further real sample may fall.

    The score's range, ``low`` to ``high``, cuts that off.
    """
    if floor is None:
        return score
    where = floor.interval and of_second_sample(floor.value, floor.interval, low, high)
    return replace(score, floor=floor.value, floor_interval=where)


def attempt(metric: Callable[[], T]) -> T | str:
    """The score or scores, or a sentence on why they could not be had."""
    try:
        return metric()
    except DataError as error:
        return f"{error.where} was not measured: {error.found}."

"""All scores of sequences at once, each beside the same score of fresh real rows.

A single series is compared by its end: as many of its last rows as there are fresh ones, because
what drifts shows there. Of several entities as many are taken as there are fresh ones.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from likewise.core.errors import DataError
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.dynamics import (
    autocorrelation_error,
    cross_correlation_error,
    increment_error,
    second_transition_error,
    spectral_distance,
    transition_error,
)
from likewise.metrics.entities import boundary_error, entity_detection
from likewise.metrics.score import SEED, Score
from likewise.metrics.timing import length_error, spacing_error
from likewise.metrics.views import aligned
from likewise.metrics.windows import window_copies, window_detection


def evaluate_sequences(
    real: Table,
    synth: Table,
    holdout: Table | None = None,
    *,
    entity: str | None = None,
    time: str | None = None,
    seed: Seed = SEED,
    progress: Progress = silent,
) -> tuple[dict[str, Score], tuple[str, ...]]:
    """Scores by name, and sentences on what could not be measured.

    Args:
        real: the rows that were learned, in the order of time within each entity.
        synth: synthetic rows.
        holdout: real rows that were not learned: later ones, or other entities. Without them the
            second half of the real rows, or of the entities, plays them.
        entity: the column that names the entity or series of each row.
        time: the column of time.
        seed: of samples and folds.
        progress: told of each score.

    Raises:
        SchemaError: the tables' columns differ.

    Cost: about 20 s for 16,000 + 16,000 + 4,000 rows of 28 numbers.
    """
    synth = aligned(real, synth)
    train, fresh = (
        (real, aligned(real, holdout, "holdout table"))
        if holdout is not None
        else (halves(real, entity))
    )
    shown = _as_much(synth, fresh, entity)
    where: dict[str, Any] = {"entity": entity, "time": time}
    asked: list[tuple[str, Callable[[Table, Table], Score]]] = [
        (f.__name__, partial(f, **where))
        for f in (
            autocorrelation_error, cross_correlation_error, spectral_distance, increment_error,
            transition_error, second_transition_error,
        )
    ]  # fmt: skip
    if entity is not None:
        asked.append(("length_error", partial(length_error, **where)))
        asked.append(("boundary_error", partial(boundary_error, **where)))
        asked.append(("entity_detection", partial(entity_detection, **where, seed=seed)))
    if time is not None:
        asked.append(("spacing_error", partial(spacing_error, **where)))
    asked.append(("window_detection", partial(window_detection, **where, seed=seed)))
    found: dict[str, Score] = {}
    notes = []
    for at, (name, measure) in enumerate(asked):
        progress(f"evaluating {name.replace('_', ' ')}", at, len(asked) + 1)
        try:
            score, floor = measure(train, shown), _floor(name, measure)(train, fresh)
        except DataError as error:
            if name not in QUIET:
                notes.append(f"{name} was not measured: {error.found}.")
            continue
        found[name] = replace(score, floor=floor.value, floor_interval=floor.interval)
    progress("evaluating window copies", len(asked), len(asked) + 1)
    try:
        copies = window_copies(train, shown, holdout=fresh, **where, seed=seed)
        found[copies.name] = copies
    except DataError as error:
        notes.append(f"window_copies was not measured: {error.found}.")
    progress("evaluated", len(asked) + 1, len(asked) + 1)
    if holdout is None:
        notes.append(
            "No holdout was given: the second half of the real rows plays the fresh ones, which "
            "the generator may have seen."
        )
    return found, tuple(notes)


def _floor(name: str, measure: Callable[..., Score]) -> Callable[[Table, Table], Score]:
    """The same measure, without what only a reader of the score wants."""
    return partial(measure, explain=False) if name.endswith("_detection") else measure


QUIET = (  # that many tables have no columns for
    "transition_error", "second_transition_error", "cross_correlation_error", "boundary_error",
)  # fmt: skip


def halves(table: Table, entity: str | None) -> tuple[Table, Table]:
    """The first and the second half: of the rows, or of the entities in the order of rows."""
    if entity is None:
        return table.slice(0, table.rows // 2), table.slice(table.rows // 2)
    codes, labels = table.labels(entity)
    late = codes >= len(labels) // 2
    return table.take(np.flatnonzero(~late)), table.take(np.flatnonzero(late))


def _as_much(synth: Table, fresh: Table, entity: str | None) -> Table:
    """As many of the last rows, or of the entities, as there are fresh ones."""
    if entity is None:
        return synth.slice(max(synth.rows - fresh.rows, 0))
    codes, labels = synth.labels(entity)
    wanted = len(fresh.labels(entity)[1])
    return synth.take(np.flatnonzero(codes < wanted)) if wanted < len(labels) else synth

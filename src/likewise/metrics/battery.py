"""All metrics at once, every score beside the same score of fresh real rows.

Sizes match throughout: the synthetic rows that a score is measured on are as many as the fresh
real rows its floor is measured on, and both are compared with the same training rows.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.charts import chart_bins
from likewise.metrics.coverage import missingness, range_coverage, rare_levels
from likewise.metrics.detection import ROWS, detector_auc
from likewise.metrics.intervals import Z95
from likewise.metrics.learners import WIDEST, some_rows
from likewise.metrics.marginal import ColumnErrors, column_errors, shape_score, wasserstein_score
from likewise.metrics.matched import MOST, Matched, against, attempt, beside, matched
from likewise.metrics.pairs import association_error, pair_errors, pair_score
from likewise.metrics.proximity import dcr_share, exact_copies, near_copies
from likewise.metrics.score import SEED, Score
from likewise.metrics.utility import utility
from likewise.metrics.views import Array, measured

PAIR_ROWS = 100_000  # likewise for pairs
QUICK_ROWS, QUICK_TRAIN, QUICK_QUERIES = 3_000, 10_000, 1_500
FEW = 50  # below so many rows the notes warn
STAGES = ("columns", "pairs", "coverage", "detector", "utility", "proximity", "charts")


@dataclass(frozen=True)
class ColumnResult:
    """One column: its error beside the floor, and its distribution in bins fit to be shown.

    Attributes:
        error: as in ``shape_error``; for keys, the difference in the share of distinct values.
        floor: the error of as many fresh real rows.
        missing_real: share of missing values, as ``missing_synth``.
        labels: what the B bins are; each holds ten real rows or none.
        real_share: fraction of all real rows in each bin, (B,), as ``synth_share``.
    """

    name: str
    kind: str
    error: float
    floor: float | None
    missing_real: float
    missing_synth: float
    labels: tuple[str, ...] = ()
    real_share: tuple[float, ...] = ()
    synth_share: tuple[float, ...] = ()


@dataclass(frozen=True)
class PairsResult:
    """Errors of column pairs as in ``pair_error``; NaN on the diagonal and where not measured.

    Attributes:
        columns: C names.
        error: (C, C) float64, symmetric.
        floor: the same of as many fresh real rows.
    """

    columns: tuple[str, ...]
    error: Array
    floor: Array | None


@dataclass(frozen=True)
class Battery:
    """Everything that was measured.

    Attributes:
        scores: by registry name; what could not be measured is absent and explained in ``notes``.
        columns: in table order.
        pairs: distances of column pairs.
        notes: sentences on what was left out or measured otherwise.
        seconds: by stage.
        sizes: rows of "real", "synth", "holdout", and "compared" (rows behind each distance).
    """

    scores: dict[str, Score]
    columns: tuple[ColumnResult, ...]
    pairs: PairsResult
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


def evaluate(
    real: Table,
    synth: Table,
    holdout: Table | None = None,
    *,
    target: str | None = None,
    seed: Seed = SEED,
    progress: Progress = silent,
    workers: int | None = None,
    quick: bool = False,
) -> Battery:
    """Compare a synthetic table with the real one in all ways this package knows.

    With a holdout, ``real`` is what the generator has learned from, and m = min(rows of synth,
    rows of holdout) rows of either are compared with it: the score and its floor. Without one, a
    random half of ``real`` plays the training rows and the other half the fresh ones; what needs
    rows the generator has never seen is then flattered or left out, and the notes say so.

    Args:
        real: the training rows.
        synth: the synthetic rows, with the same columns.
        holdout: real rows kept from the generator.
        target: the column whose prediction matters, else the schema's, else chosen.
        seed: for samples, folds and permutations.
        progress: told of each stage.
        workers: threads for pairs of columns; results do not depend on it.
        quick: fewer rows for models and distances; the detector's floor is 0.5 by theory.

    Raises:
        SchemaError: the tables' columns differ, or there is no such target.
        DataError: a table has no rows.

    Cost: about 8 CPU seconds for 26,000 + 26,000 + 6,500 rows of 15 columns without a target, 6
    with one; 20 for 400,000 + 400,000 + 100,000 rows of 42 columns.
    """
    case = matched(real, synth, holdout, target=target, seed=seed, quick=quick)
    seconds: dict[str, float] = {}

    def stage(name: str) -> Any:
        progress(f"evaluating {name}", len(seconds), len(STAGES))
        return _timed(seconds, name)

    with stage("columns"):
        errors, floor_errors = (against(case, t, MOST, column_errors) for t in case.compared)
        found: list[Score | str] = [
            beside(f(errors), floor_errors and f(floor_errors))
            for f in (shape_score, wasserstein_score)
        ]
        found += [_both(case, missingness)]
    with stage("pairs"):
        measure = partial(pair_errors, seed=seed, workers=workers)
        pairs, floor_pairs = (against(case, t, PAIR_ROWS, measure) for t in case.compared)
        found += [beside(pair_score(pairs), floor_pairs and pair_score(floor_pairs))]
        found += [_both(case, partial(association_error, seed=seed, workers=workers), PAIR_ROWS)]
    with stage("coverage"):
        found += [_both(case, rare_levels), _both(case, range_coverage)]
    with stage("detector"):
        found += [_detector(case)]
    with stage("utility"):
        found += [_utility(case)]
    with stage("proximity"):
        found += _proximity(case)
    with stage("charts"):
        columns = _columns(case, errors, floor_errors)
    progress("evaluated", len(STAGES), len(STAGES))

    matrices = PairsResult(pairs.names, pairs.matrix, floor_pairs and floor_pairs.matrix)
    scores = {score.name: score for score in found if isinstance(score, Score)}
    notes = (*_notes(case), *(note for note in found if isinstance(note, str)))
    return Battery(scores, columns, matrices, notes, seconds, _sizes(case))


# ---- one evaluation, stage by stage


def _both(case: Matched, metric: Callable[[Table, Table], Score], rows: int = MOST) -> Score | str:
    """A metric of the synthetic rows beside that of the fresh ones, or why there is none."""
    return attempt(lambda: beside(*(against(case, t, rows, metric) for t in case.compared)))


def _detector(case: Matched) -> Score | str:
    """The detector of synthetic rows beside a detector of training rows, on the same side."""
    rows = QUICK_ROWS if case.quick else ROWS
    if case.fresh is None:
        return "detector_auc was not measured: a single real row."
    fresh = case.fresh
    rows = min(rows, case.train.rows, case.synth.rows, fresh.rows)
    detect = partial(detector_auc, case.train, holdout=fresh, rows=rows)

    def both() -> Score:
        score = detect(case.synth, seed=case.seed)
        if case.quick:
            half = Z95 * math.sqrt((2 * rows + 1) / (12 * rows * rows))  # of the null
            return replace(score, floor=0.5, floor_interval=(0.5 - half, 0.5 + half))
        return beside(score, detect(case.train, seed=case.seed.child("floor"), explain=False))

    return attempt(both)


def _utility(case: Matched) -> Score | str:
    if case.fresh is None:
        return "utility was not measured: a single real row."
    rows = {"rows": QUICK_TRAIN} if case.quick else {}
    judged = partial(utility, case.train, case.synth, holdout=case.fresh, target=case.target)
    return attempt(partial(judged, seed=case.seed, **rows))


def _proximity(case: Matched) -> list[Score | str]:
    """Copies and distances; without a holdout the generator has seen the fresh rows too."""
    if case.fresh is None:
        return ["Copies were not looked for: a single real row."]
    copies = partial(exact_copies, case.train, case.synth, holdout=case.fresh)
    sizes = {"queries": QUICK_QUERIES, "train": 4 * QUICK_QUERIES} if case.quick else {}
    near, share = (
        partial(f, case.train, case.synth, holdout=case.fresh, seed=case.seed, **sizes)
        for f in (near_copies, dcr_share)
    )
    found = [attempt(copies), attempt(near)]
    if case.holdout is not None:
        return [*found, attempt(share)]
    why = "between two halves that the generator has seen even a perfect copier scores 0.5"
    return [*found, f"dcr_share was not measured without a holdout: {why}."]


def _columns(
    case: Matched, errors: ColumnErrors, floors: ColumnErrors | None
) -> tuple[ColumnResult, ...]:
    """Errors and bins of all columns, in table order."""
    position = {name: i for i, name in enumerate(errors.names)}
    results = []
    for column in case.real.schema.columns:
        name, i = column.name, position.get(column.name)
        if i is None:
            error, floor = _key_errors(case, name)
        else:
            error = float(errors.error[i])
            floor = float(floors.error[i]) if floors is not None else None
        bins = chart_bins(case.real, case.synth, name)
        result = ColumnResult(
            name,
            column.kind.value,
            error,
            floor,
            missing_real=float(case.real.missing(name).mean()),
            missing_synth=float(case.synth.missing(name).mean()),
            labels=bins.labels,
            real_share=bins.real,
            synth_share=bins.synth,
        )
        results.append(result)
    return tuple(results)


def _key_errors(case: Matched, name: str) -> tuple[float, float | None]:
    """How much the share of distinct keys differs from that among as many training rows."""
    synth, fresh = case.compared
    rng = case.seed.stream("keys")
    wanted = _distinct(some_rows(case.train.select([name]), synth.rows, rng), name)
    error = abs(_distinct(synth, name) - wanted)
    return error, None if fresh is None else abs(_distinct(fresh, name) - wanted)


def _distinct(table: Table, name: str) -> float:
    return len(table.labels(name)[1]) / table.rows


def _notes(case: Matched) -> list[str]:
    notes = []
    if case.holdout is None and case.fresh is not None:
        notes.append(
            "No holdout was given: a random half of the real rows plays the training rows and the "
            "other half the fresh ones. The generator may have seen both, which flatters the "
            "detector and utility, and copies are counted of the first half only: a copier shows "
            "about half of its copies."
        )
    if case.compared[0].rows < 2:
        notes.append("A single row to compare gives no intervals.")
    if case.fresh is None:
        notes.append("A single real row leaves no second sample, so there are no floors.")
    if min(case.train.rows, case.compared[0].rows) < FEW:
        notes.append(f"With fewer than {FEW} rows on a side most scores are noise.")
    names = measured(case.real.schema)
    if len(names) < 2:
        notes.append("With fewer than two columns that are not keys there are no pairs.")
    if len(names) > WIDEST:
        notes.append(f"Models and row distances use {WIDEST} of {len(names)} columns at random.")
    texts = [c.name for c in case.real.schema.columns if c.kind is Kind.TEXT]
    if texts:
        notes.append(f"Text is compared by its length: {', '.join(map(repr, texts[:5]))}.")
    return notes


def _sizes(case: Matched) -> dict[str, int]:
    sizes = {"real": case.real.rows, "synth": case.synth.rows, "compared": case.compared[0].rows}
    return sizes if case.holdout is None else {**sizes, "holdout": case.holdout.rows}


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start

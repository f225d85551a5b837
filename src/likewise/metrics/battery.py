"""All metrics at once, every score beside the same score of fresh real rows.

Sizes match throughout: the synthetic rows that a score is measured on are as many as the fresh
real rows its floor is measured on, and both are compared with the same training rows.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.columns import column_results
from likewise.metrics.coverage import lost_levels, missingness, range_coverage, rare_levels
from likewise.metrics.learners import WIDEST
from likewise.metrics.marginal import column_errors, shape_score, wasserstein_score
from likewise.metrics.matched import MOST, Matched, against, beside, matched
from likewise.metrics.pairs import association_error, pair_errors, pair_score
from likewise.metrics.results import Battery, ColumnResult, PairsResult
from likewise.metrics.score import SEED, Score
from likewise.metrics.slices import Slice
from likewise.metrics.stages import (
    STUDIES,
    answers,
    both,
    copies,
    detector,
    manifolds,
    slices,
    studied,
    usefulness,
)
from likewise.metrics.views import measured

PAIR_ROWS = 100_000  # likewise for pairs
FEW = 50  # below so many rows the notes warn
STAGES = (
    "columns",
    "pairs",
    "coverage",
    "answers",
    "slices",
    "manifold",
    "detector",
    "utility",
    *STUDIES,
    "proximity",
    "charts",
)

__all__ = ["STAGES", "Battery", "ColumnResult", "PairsResult", "evaluate"]


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
    full: bool = False,
    models: bool = True,
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
        quick: fewer rows for models and distances, and the detector's floor is 0.5 by theory;
            no tails, patterns, queries, slices and manifolds.
        full: choices of models and columns, inference and fairness as well, of the target, or
            else of the column that the others predict best.
        models: train models: the detector, utility and what ``full`` adds. Rows that depend on
            each other, such as the seasons of one player, make them judge wrongly.

    Raises:
        SchemaError: the tables' columns differ, or there is no such target.
        DataError: a table has no rows.

    Cost: about 9 CPU seconds for 26,000 + 26,000 + 6,500 rows of 15 columns without a target, 7
    with one; 20 for 400,000 + 400,000 + 100,000 rows of 42 columns. ``full`` adds about 10.
    """
    case = matched(real, synth, holdout, target=target, seed=seed, quick=quick)
    seconds: dict[str, float] = {}

    def stage(name: str) -> Any:
        progress(f"evaluating {name}", STAGES.index(name), len(STAGES))
        return _timed(seconds, name)

    with stage("columns"):
        errors, floor_errors = (against(case, t, MOST, column_errors) for t in case.compared)
        found: list[Score | str] = [
            beside(f(errors), floor_errors and f(floor_errors))
            for f in (shape_score, wasserstein_score)
        ]
        found += [both(case, missingness)]
    with stage("pairs"):
        measure = partial(pair_errors, seed=seed, workers=workers)
        pairs, floor_pairs = (against(case, t, PAIR_ROWS, measure) for t in case.compared)
        found += [beside(pair_score(pairs), floor_pairs and pair_score(floor_pairs))]
        found += [both(case, partial(association_error, seed=seed, workers=workers), PAIR_ROWS)]
    with stage("coverage"):
        found += [both(case, m) for m in (rare_levels, lost_levels, range_coverage)]
    worst: tuple[Slice, ...] = ()
    if not quick:
        with stage("answers"):
            found += answers(case)
        with stage("slices"):
            sliced, worst = slices(case)
            found += [sliced]
        with stage("manifold"):
            found += manifolds(case)
    if models:
        with stage("detector"):
            found += [detector(case)]
        with stage("utility"):
            useful = usefulness(case)
            found += [useful]
        for name in STUDIES if full else ():
            with stage(name):
                found += studied(case, _target(case, useful), name)
    with stage("proximity"):
        found += copies(case)
    with stage("charts"):
        columns = column_results(case, errors, floor_errors)
    progress("evaluated", len(STAGES), len(STAGES))

    matrices = PairsResult(pairs.names, pairs.matrix, floor_pairs and floor_pairs.matrix)
    scores = {score.name: score for score in found if isinstance(score, Score)}
    notes = (*_notes(case), *(note for note in found if isinstance(note, str)))
    return Battery(scores, columns, matrices, notes, seconds, _sizes(case), worst)


def _target(case: Matched, useful: Score | str) -> str | None:
    """The target, or else the column that utility chose first."""
    return case.target or (next(iter(useful.by)) if isinstance(useful, Score) else None)


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

"""The stages of an evaluation: each measures the synthetic rows and, beside them, real ones."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from likewise.data.table import Table
from likewise.metrics.detection import ROWS, detector_auc
from likewise.metrics.fairness import group_error_gap, group_gap
from likewise.metrics.identifiers import leaked_identifiers
from likewise.metrics.inference import inference_overlap
from likewise.metrics.intervals import Z95
from likewise.metrics.manifold import manifold
from likewise.metrics.matched import MOST, Matched, against, attempt, beside, beside_second
from likewise.metrics.patterns import missing_patterns
from likewise.metrics.proximity import dcr_share, exact_copies, near_copies
from likewise.metrics.queries import query_error
from likewise.metrics.ranking import feature_ranking, model_choice
from likewise.metrics.score import Score
from likewise.metrics.slices import Slice, find_slices
from likewise.metrics.tails import tail_error
from likewise.metrics.utility import utility

QUICK_ROWS, QUICK_TRAIN, QUICK_QUERIES = 3_000, 10_000, 1_500
STUDIES: dict[str, tuple[Callable[..., Score], ...]] = {
    "choices": (model_choice, feature_ranking),
    "inference": (inference_overlap,),
    "fairness": (group_gap, group_error_gap),
}


def both(case: Matched, metric: Callable[[Table, Table], Score], rows: int = MOST) -> Score | str:
    """A metric of the synthetic rows beside that of the fresh ones, or why there is none."""
    return attempt(lambda: beside(*(against(case, t, rows, metric) for t in case.compared)))


def detector(case: Matched) -> Score | str:
    """The detector of synthetic rows beside a detector of training rows, on the same side."""
    rows = QUICK_ROWS if case.quick else ROWS
    if case.fresh is None:
        return "detector_auc was not measured: a single real row."
    fresh = case.fresh
    rows = min(rows, case.train.rows, case.synth.rows, fresh.rows)
    detect = partial(detector_auc, case.train, holdout=fresh, rows=rows)

    def beside_training() -> Score:
        score = detect(case.synth, seed=case.seed)
        if case.quick:
            half = Z95 * math.sqrt((2 * rows + 1) / (12 * rows * rows))  # of the null
            return replace(score, floor=0.5, floor_interval=(0.5 - half, 0.5 + half))
        return beside(score, detect(case.train, seed=case.seed.child("floor"), explain=False))

    return attempt(beside_training)


def usefulness(case: Matched) -> Score | str:
    """Utility of the synthetic rows beside that of as many training rows."""
    if case.fresh is None:
        return "utility was not measured: a single real row."
    rows = {"rows": QUICK_TRAIN} if case.quick else {}
    judged = partial(utility, case.train, case.synth, holdout=case.fresh, target=case.target)
    return attempt(partial(judged, seed=case.seed, **rows))


def copies(case: Matched) -> list[Score | str]:
    """Copies and distances; without a holdout the generator has seen the fresh rows too."""
    if case.fresh is None:
        return ["Copies were not looked for: a single real row."]
    exact = partial(exact_copies, case.train, case.synth, holdout=case.fresh)
    sizes = {"queries": QUICK_QUERIES, "train": 4 * QUICK_QUERIES} if case.quick else {}
    near, share = (
        partial(f, case.train, case.synth, holdout=case.fresh, seed=case.seed, **sizes)
        for f in (near_copies, dcr_share)
    )
    found = [attempt(exact), attempt(near)]
    if not case.quick:
        found += _identifiers(case)
    if case.holdout is not None:
        return [*found, attempt(share)]
    why = "between two halves that the generator has seen even a perfect copier scores 0.5"
    return [*found, f"dcr_share was not measured without a holdout: {why}."]


def _identifiers(case: Matched) -> list[Score | str]:
    """Identifiers that come out again; nothing is said of tables that have none."""
    assert case.fresh is not None
    look = partial(leaked_identifiers, case.train, case.synth, holdout=case.fresh, seed=case.seed)
    found = attempt(look)
    return [found] if isinstance(found, Score) else []


def answers(case: Matched) -> list[Score | str]:
    """Tails, patterns of missing values and answers to queries, beside those of fresh rows."""
    return [
        _second(case, partial(tail_error, seed=case.seed)),
        _second(case, missing_patterns),
        _second(case, partial(query_error, seed=case.seed), most=math.inf),
    ]


def slices(case: Matched) -> tuple[Score | str, tuple[Slice, ...]]:
    """The subgroups that are certainly wrong, and by how much the worst of them is."""
    synth, fresh = case.compared
    found = attempt(partial(find_slices, case.train, synth, fresh=fresh, seed=case.seed))
    return (found, ()) if isinstance(found, str) else found


def manifolds(case: Matched) -> list[Score | str]:
    """Precision, recall, density and coverage, beside those of training rows."""
    if case.fresh is None:
        return ["precision, recall, density and coverage were not measured: a single real row."]
    judge = partial(manifold, case.train, case.synth, holdout=case.fresh, seed=case.seed)
    found = attempt(judge)
    return [found] if isinstance(found, str) else list(found)


def studied(case: Matched, target: str | None, stage: str) -> list[Score | str]:
    """One of the stages in ``STUDIES``; all that it measures is about the target."""
    found: list[Score | str] = []
    for metric in STUDIES[stage]:
        if case.fresh is None or target is None:
            why = "no column to predict" if target is None else "a single real row"
            found.append(f"{metric.__name__} was not measured: {why}.")
            continue
        judge = partial(metric, case.train, case.synth, holdout=case.fresh)
        found.append(attempt(partial(judge, target=target, seed=case.seed)))
    return found


def _second(
    case: Matched, metric: Callable[[Table, Table], Score], most: float = 1.0
) -> Score | str:
    """A metric beside that of fresh rows, and where that of further real rows may fall."""

    def judged() -> Score:
        score, floor = (against(case, t, MOST, metric) for t in case.compared)
        return beside_second(score, floor, high=most)

    return attempt(judged)

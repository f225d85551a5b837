"""All scores of a database at once, every one beside the same score of fresh real families."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.integrity import Integrity, check_integrity
from likewise.metrics.coded_sides import CodedSides
from likewise.metrics.degree_chart import degree_chart
from likewise.metrics.linked_case import LinkedCase, Sides, linked_case
from likewise.metrics.linked_results import LinkedBattery, RelationResult
from likewise.metrics.linked_stages import (
    Work,
    cardinality_scores,
    detections,
    gap_scores,
    path_scores,
    time_scores,
)
from likewise.metrics.linked_tables import judge_table
from likewise.metrics.references import keys_score, references_score
from likewise.metrics.score import SEED, Score

STAGES = ("references", "cardinality", "paths", "times", "detection", "tables")
FEW = 50  # families below which the notes warn


def evaluate_linked(
    real: Database,
    synth: Database,
    holdout: Database | None = None,
    *,
    seed: Seed = SEED,
    progress: Progress = silent,
    workers: int | None = None,
) -> LinkedBattery:
    """Compare a synthetic database with the real one: its references, and each of its tables.

    With a holdout, ``real`` is what the generator has learned from. Without one, a random half of
    the real families plays the training side and the other half the fresh one.

    Args:
        real: the database that was learned.
        synth: the synthetic one, with the same tables, columns and keys.
        holdout: real families kept from the generator.
        seed: for samples, folds and halves.
        progress: told of each stage.
        workers: threads; results do not depend on it.

    Raises:
        SchemaError: a table or column is missing, or of another kind.
        DataError: the real database has no row.

    Cost: a few seconds for 8 tables of 70,000 rows, about a minute for 27 of 600,000; memory grows
    with the rows: about three times those of the real database.
    """
    case = linked_case(real, synth, holdout, seed)
    seconds: dict[str, float] = {}

    def stage(name: str) -> Any:
        progress(f"evaluating {name}", STAGES.index(name), len(STAGES))
        return _timed(seconds, name)

    work = Work(case, CodedSides(case.whole, case.families.shared),
                 CodedSides(case.thinned, case.families.shared))  # fmt: skip
    with stage("references"):
        keys = (check_integrity(case.real.database), check_integrity(case.synth.database))
        found: list[Score | str] = [references_score(*keys), keys_score(*keys)]
        found += gap_scores(work)
    with stage("cardinality"):
        found += cardinality_scores(work)
    with stage("paths"):
        found += path_scores(work)
    with stage("times"):
        found += time_scores(work)
    with stage("detection"):
        aggregates, told = detections(work)
        found += told
    with stage("tables"):
        judge = partial(judge_table, case, workers=workers)
        tables = tuple(
            judge(n, aggregate=_known(aggregates.get(n))) for n in case.real.database.names
        )
    progress("evaluated", len(STAGES), len(STAGES))

    scores = {score.name: score for score in found if isinstance(score, Score)}
    notes = (*_notes(case), *(note for note in found if isinstance(note, str)))
    results = tuple(_relation(work, keys, i) for i in range(len(case.real.relations)))
    families = case.families.number(case.whole.train.linked).families
    return LinkedBattery(scores, results, tables, keys, notes, seconds, families)


def _relation(work: Work, keys: tuple[Integrity, Integrity], i: int) -> RelationResult:
    """All that was found of one relation."""
    relation = work.case.real.relations[i]
    sides: Sides = work.case.sides(relation)
    ties = relation in work.case.families.ties
    chart = degree_chart(sides.train.linked.degrees(relation), sides.synth.linked.degrees(relation))
    scores = work.of.get(relation, {})
    named = {name: replace(score, name=name) for name, score in scores.items()}
    return RelationResult(keys[0].relations[i], keys[1].relations[i], ties, named, *chart)


def _known(score: Score | str | None) -> Score | None:
    return score if isinstance(score, Score) else None


def _notes(case: LinkedCase) -> list[str]:
    notes = []
    if not case.held:
        notes.append(
            "No holdout was given: a random half of the real families plays the training side and "
            "the other half the fresh one. The generator may have seen both, and copies are "
            "counted of the first half only: a copier shows about half of its copies."
        )
    if not case.real.relations:
        notes.append("No table refers to another, so that each was judged by itself alone.")
    if case.families.shared:
        named = ", ".join(repr(name) for name in case.real.database.names
                          if name in case.families.shared)  # fmt: skip
        notes.append(f"Taken as shared, whole on both sides of every cut: {named}.")
    if case.families.number(case.whole.fresh.linked).families < FEW:
        notes.append(f"With fewer than {FEW} families on a side most scores are noise.")
    return notes


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start

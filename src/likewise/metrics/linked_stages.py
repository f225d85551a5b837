"""The stages of an evaluation of linked tables: of synthetic rows and, beside them, fresh ones."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np

from likewise.data.database_schema import Relation
from likewise.metrics.association import Strengths, lost_score, strengths
from likewise.metrics.cardinality import (
    degree_items,
    given_parent_items,
)
from likewise.metrics.clustered import Item, mean_score
from likewise.metrics.coded_sides import CodedSides
from likewise.metrics.hops import (
    HOPS,
    Meeting,
    distances,
    follow,
    pair_siblings,
    paths,
)
from likewise.metrics.linked_case import LinkedCase
from likewise.metrics.linked_detection import (
    detect_children,
    detect_parents,
    mean_auc,
    some_relations,
)
from likewise.metrics.matched import attempt, beside, beside_second
from likewise.metrics.references import gap_item
from likewise.metrics.score import Score
from likewise.metrics.succession import (
    interval_items,
    interval_score,
    order_items,
    order_score,
    timed_children,
    timed_pairs,
)

Array = np.ndarray
T = TypeVar("T")
FEWEST_COUNTED, FEWEST_BINNED = 20, 50  # parents without which counts, and their bins, say little
Parts = tuple[Item, ...]  # of the synthetic and of the fresh side
TRAIN, SYNTH, FRESH = range(3)


@dataclass(frozen=True)
class Work:
    """What the stages share: the databases, and what each relation has scored so far."""

    case: LinkedCase
    whole: CodedSides
    thinned: CodedSides
    of: dict[Relation, dict[str, Score]] = field(default_factory=dict)

    def sides(self, relation: Relation) -> CodedSides:
        """Where a relation is looked at."""
        return self.whole if self.case.sides(relation) is self.case.whole else self.thinned

    def keep(self, relation: Relation, score: Score) -> None:
        """A score of one relation."""
        self.of.setdefault(relation, {})[score.name] = score

    def collect(self, name: str, measure: Callable[[Relation], Parts]) -> list[Score | str]:
        """The mean of all relations, each of which keeps its own score."""
        known = []
        for relation in self.case.real.relations:
            if parts := measure(relation):
                known.append(parts)
                self.keep(relation, _beside_floor(partial(mean_score, name), [parts]))
        return [_beside_floor(partial(mean_score, name), known)] if known else []


def _beside_floor(total: Callable[[Sequence[T]], Score], parts: Sequence[tuple[T, ...]]) -> Score:
    """The score of the synthetic parts, and beside it where fresh ones may fall."""
    score, floor = (total([found[i] for found in parts]) for i in (0, 1))
    return beside_second(score, floor, high=math.inf)


def gap_scores(work: Work) -> list[Score | str]:
    """How references are found, missing and broken."""
    train, synth, fresh = work.case.whole

    def parts(relation: Relation) -> Parts:
        return tuple(gap_item(relation, train, side) for side in (synth, fresh))

    return work.collect("gap_error", parts)


def cardinality_scores(work: Work) -> list[Score | str]:
    """Numbers of children, alone and with the columns of their parents."""
    case = work.case

    def enough(rows: tuple[Array, ...], least: int) -> bool:
        return min(map(len, rows)) >= least

    def degrees(relation: Relation) -> Parts:
        rows = case.units(relation.parent, case.sides(relation))
        return (
            degree_items(work.sides(relation), relation, rows)
            if enough(rows, FEWEST_COUNTED)
            else ()
        )

    def given_parent(relation: Relation) -> Parts:
        rows = case.units(relation.parent, case.sides(relation))
        return (
            given_parent_items(work.sides(relation), relation, rows)
            if enough(rows, FEWEST_BINNED)
            else ()
        )

    return [
        *work.collect("cardinality_error", degrees),
        *work.collect("cardinality_given_parent", given_parent),
    ]


def path_scores(work: Work) -> list[Score | str]:
    """Columns one, two and three relations apart, and those of siblings."""
    case, seed, relations = work.case, work.case.seed, work.case.real.relations
    met: list[tuple[str, Relation, CodedSides, Meeting | None]] = []
    for hops in HOPS:
        for path in paths(case.real.database.schema, hops, seed):
            seen = follow(work.whole, path, seed)
            met.append((f"hop{hops}_error", path[0], work.whole, seen))
    for relation in relations:
        sides = work.sides(relation)
        met.append(("sibling_error", relation, sides, pair_siblings(sides, relation, seed)))
    near: dict[Relation, list[tuple[Strengths, ...]]] = {}
    far: list[tuple[Strengths, ...]] = []
    known: dict[str, list[Parts]] = {}
    for name, relation, sides, seen in met:
        if seen is None:
            continue
        parts, tied = distances(sides, seen), strengths(sides, seen, seed)
        far.append(tied)
        known.setdefault(name, []).extend([parts] if parts else [])
        if name in ("hop1_error", "sibling_error"):
            near.setdefault(relation, []).append(tied)
            if parts:
                work.keep(relation, _beside_floor(partial(mean_score, name), [parts]))
    for relation, of in near.items():
        work.keep(relation, _beside_floor(lost_score, of))
    scores: list[Score | str] = []
    for name, of_name in known.items():
        if of_name:
            scores.append(_beside_floor(partial(mean_score, name, what="paths"), of_name))
    return [*scores, *([_beside_floor(lost_score, far)] if far else [])]


def time_scores(work: Work) -> list[Score | str]:
    """Times between siblings, and the order of children and parents in time."""
    case = work.case
    found: list[Score | str] = []
    of_gaps: dict[Relation, list[Parts]] = {}
    of_order: dict[Relation, list[Parts]] = {}
    for relation, column in timed_children(case.real.database):
        parts = interval_items(case.sides(relation), relation, column, case.seed)
        of_gaps.setdefault(relation, []).extend([parts] if parts else [])
    for relation, mine, theirs in timed_pairs(case.real.database):
        parts = order_items(case.sides(relation), relation, mine, theirs)
        of_order.setdefault(relation, []).extend([parts] if parts else [])
    for total, of in ((interval_score, of_gaps), (order_score, of_order)):
        for relation, parts_of in of.items():
            if parts_of:
                work.keep(relation, _beside_floor(total, parts_of))
        known = [parts for parts_of in of.values() for parts in parts_of]
        found += [_beside_floor(total, known)] if known else []
    return found


def detections(work: Work) -> tuple[dict[str, Score | str], list[Score | str]]:
    """Parents told by their children, by table; both detectors' scores; and what was left out."""
    case, relations = work.case, work.case.real.relations
    parents: dict[str, Score | str] = {}
    for name in dict.fromkeys(relation.parent for relation in relations):
        tied = all(work.sides(r) is work.whole for r in relations if r.parent == name)
        sides = work.whole if tied else work.thinned
        parents[name] = _detected(partial(detect_parents, sides, name, seed=case.seed))
    children: dict[str, Score | str] = {}
    for relation in some_relations(relations, case.seed):
        score = _detected(partial(detect_children, work.sides(relation), relation, seed=case.seed))
        children[str(relation)] = score
        if isinstance(score, Score):
            work.keep(relation, score)
    told: list[Score | str] = []
    if len(children) < len(relations):
        part = f"{len(children)} of {len(relations)} relations"
        told.append(f"child_auc was measured of {part}, one for each child table first.")
    for name, found, what in (
        ("aggregate_auc", parents, "tables"),
        ("child_auc", children, "relations"),
    ):
        told.append(attempt(partial(mean_auc, name, found, what)))
    return parents, told if relations else []


def _detected(detect: Callable[..., Score]) -> Score | str:
    """A detector of synthetic rows against fresh ones, beside one of training rows."""

    def both() -> Score:
        score = detect(pair=(FRESH, SYNTH))
        return beside(score, detect(pair=(FRESH, TRAIN), explain=False))

    return attempt(both)

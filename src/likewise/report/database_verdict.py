"""From the scores of a database, its relations and its tables to a verdict, dials and a sentence.

A database is as good as its worst part: a relation or a table that fails makes it fail, since one
relation among fifty would not be seen in a mean. So that many do not cry wolf, a score or part is
told only where its 95 % interval does not meet that of its floor.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Literal

from likewise.report.database_document import (
    DatabaseGauge,
    KeyReport,
    RelationReport,
    TableReport,
)
from likewise.report.document import ColumnReport, Number, Verdict
from likewise.report.limit import Limit
from likewise.report.verdict import KNOWN, excess, judge, mark, mark_interval, overlapping, worst
from likewise.report.wording import count, number, percent, shown

Name = Literal["keys", "relations", "tables", "copies"]

COPIES = ("near_copies", "exact_copies")
DISTANCES = ("shape_error", "pair_error", "association_error", "missingness")
KEYS = ("broken_references", "broken_keys")


def certain(name: str, score: Number) -> Number:
    """The score, with a verdict that is no accident among many scores and parts.

    Where fresh real rows are copies as well, as in narrow tables, half as many more say nothing.
    """
    verdict: Verdict = "pass" if overlapping(score) else judge(name, score)
    if name in COPIES and (score.value or 0.0) <= 1.5 * (score.floor or 0.0):
        verdict = "pass"
    return score.model_copy(update={"verdict": verdict})


def certain_of_table(name: str, score: Number, families: int) -> Number:
    """The score of a table of n families, with a verdict that is no accident.

    A mean of distances wanders by half of ``noise``; a share of copies by the standard error of the
    difference of two shares, of which four are allowed.
    """
    found, over = certain(name, score), excess(name, score) or 0.0
    share = max(score.floor or 0.0, 1 / max(families, 1))
    allowed = 0.0
    if name in DISTANCES:
        allowed = noise(families) / 2
    elif name in COPIES:
        allowed = 4 * math.sqrt(2 * share / max(families, 1))
    return found if over > allowed else found.model_copy(update={"verdict": "pass"})


def noise(families: int) -> float:
    """By how much two samples of n families differ in one column of a hundred, at least.

    The one-percent point of the Kolmogorov-Smirnov distance of two samples.
    """
    return 1.63 * math.sqrt(2 / max(families, 1))


def certain_column(column: ColumnReport, families: int) -> ColumnReport:
    """The column, with a verdict that is no accident among hundreds: ``noise`` above its floor."""
    over = (column.error or 0.0) - (column.floor or 0.0)
    if column.verdict == "pass" or over > noise(families):
        return column
    return column.model_copy(update={"verdict": "pass"})


def judge_key(key: KeyReport) -> Verdict:
    """Whether more synthetic rows break the key than real ones do, for their number."""
    over = _over(key.real_broken, key.real_rows, key.broken, key.rows)
    return "pass" if over <= 0 else _of(KNOWN["broken_keys"], over)


def judge_relation(relation: RelationReport) -> Verdict:
    """The worst of its scores, and of its references that lead nowhere."""
    refer = relation.real_rows - relation.real_missing
    over = _over(relation.real_orphans, refer, relation.orphans, relation.rows - relation.missing)
    lost: Verdict = "pass"
    if over > 0 and not relation.real_orphans:
        lost = _of(KNOWN["broken_references"], over)
    return worst([lost, *(score.verdict for score in relation.scores.values())])


def judge_table(table: TableReport) -> Verdict:
    """The worst of its scores; copies of rows of a shared table warn at most.

    Whether a shared table holds persons or, say, countries is for people to tell.
    """
    verdicts: list[Verdict] = []
    for name, score in table.scores.items():
        mild = table.shared and name in COPIES and score.verdict == "fail"
        verdicts.append("warn" if mild else score.verdict)
    verdicts += ["warn" for column in table.columns if column.verdict == "fail"]
    return worst(verdicts)


def database_verdict(
    scores: Mapping[str, Number],
    keys: Sequence[KeyReport],
    relations: Sequence[RelationReport],
    tables: Sequence[TableReport],
) -> Verdict:
    """The worst of the scores and of all parts."""
    whole = [score.verdict for score in scores.values()]
    parts = [[one.verdict for one in keys], [one.verdict for one in relations]]
    return worst([*whole, *chain(*parts), *(table.verdict for table in tables)])


def database_gauges(
    scores: Mapping[str, Number],
    keys: Sequence[KeyReport],
    relations: Sequence[RelationReport],
    tables: Sequence[TableReport],
) -> tuple[DatabaseGauge, ...]:
    """The four dials; each shows the worst of its tests, whether of the whole or of a part."""
    whole = {name: score for name, score in scores.items() if name not in KEYS}
    of_parts = [(r.relation, name, s) for r in relations for name, s in r.scores.items()]
    of_tables = [
        (table.name, name, score)
        for table in tables
        for name, score in table.scores.items()
        if name not in COPIES
    ]
    copied = [
        (table.name, name, table.scores[name])
        for table in tables
        for name in COPIES
        if name in table.scores and not table.shared
    ]
    return (
        _gauge("keys", [("", n, scores[n]) for n in KEYS if n in scores],
               worst([p.verdict for p in keys])),
        _gauge("relations", [*(("", n, s) for n, s in whole.items()), *of_parts]),
        _gauge("tables", of_tables),
        _gauge("copies", copied),
    )  # fmt: skip


def database_sentence(
    verdict: Verdict,
    scores: Mapping[str, Number],
    keys: Sequence[KeyReport],
    relations: Sequence[RelationReport],
    tables: Sequence[TableReport],
) -> str:
    """The verdict in one sentence. It reports tests; it never calls data private or anonymous."""
    copied = any(t.scores[n].verdict == "fail" for t in tables if not t.shared
                 for n in COPIES if n in t.scores)  # fmt: skip
    lead = {"pass": "Good for analysis", "warn": "Usable with care", "fail": "Not ready to use"}
    parts = [
        _keys_clause(keys, relations),
        _count_clause(scores),
        _association_clause(scores),
        _detection_clause(scores),
        _parts_clause("relation", relations),
        _parts_clause("table", tables),
        "rows of some table are copied" if copied else "",
    ]
    first = "Do not share yet" if copied else lead[verdict]
    return f"{first}: {'; '.join(part for part in parts if part)}."


def _keys_clause(keys: Sequence[KeyReport], relations: Sequence[RelationReport]) -> str:
    lost = sum(r.orphans for r in relations if not r.real_orphans)
    broken = sum(key.broken for key in keys if not key.real_broken)
    if lost or broken:
        said = [f"{count(lost, 'reference')} {'leads' if lost == 1 else 'lead'} nowhere"] * bool(
            lost
        )
        said += [f"{count(broken, 'row')} {'breaks' if broken == 1 else 'break'} a key"] * bool(
            broken
        )
        return " and ".join(said)
    if not relations:
        return "no table refers to another"
    real = any(r.real_orphans for r in relations)
    return "references lead where real ones do" if real else "every reference leads to a row"


def _count_clause(scores: Mapping[str, Number]) -> str:
    if "cardinality_error" not in scores:
        return ""
    score = scores["cardinality_error"]
    return f"numbers of children are off by {percent(score.value)}{_beside(score, '%')}"


def _association_clause(scores: Mapping[str, Number]) -> str:
    if "association_lost" not in scores:
        return ""
    score = scores["association_lost"]
    if score.verdict == "pass":
        return "related rows go together as real ones do"
    said = f"{percent(score.value)} of what ties related rows is lost or made up"
    return said + _beside(score, "%")


def _detection_clause(scores: Mapping[str, Number]) -> str:
    score = scores.get("aggregate_auc")
    if score is None:
        return ""
    if score.verdict == "pass":
        return f"parents are hardly told by their children (AUC {number(score.value)})"
    return f"a classifier tells parents by their children (AUC {number(score.value)})"


def _parts_clause(noun: str, parts: Sequence[RelationReport] | Sequence[TableReport]) -> str:
    failed = sum(part.verdict == "fail" for part in parts)
    if not failed:
        return ""
    return f"{failed} of {count(len(parts), noun)} {'is' if failed == 1 else 'are'} far off"


def _beside(score: Number, unit: str) -> str:
    return "" if score.floor is None else f" (real data {shown(score.floor, unit)})"


def _gauge(
    name: Name, tests: Sequence[tuple[str, str, Number]], least: Verdict = "pass"
) -> DatabaseGauge:
    """A dial from (part, name, score); what may be an accident of a part lowers it to 80."""
    marks: dict[int, float] = {}
    for i, (part, test, score) in enumerate(tests):
        found = mark(test, score)
        if found is not None:
            marks[i] = max(found, 80.0) if part and score.verdict == "pass" else found
    if not marks:
        return DatabaseGauge(name=name, value=None, verdict=least, text="Not measured.")
    i = min(marks, key=marks.__getitem__)
    part, test, score = tests[i]
    unit = KNOWN[test].unit
    where = f" of {part}" if part else ""
    text = f"Decided by {KNOWN[test].label}{where}: {shown(score.value, unit)}"
    if score.floor is not None:
        text += f", real data {shown(score.floor, unit)}"
    floor = mark_interval(test, score, score.floor_interval) or (100.0, 100.0)
    return DatabaseGauge(
        name=name,
        value=round(marks[i], 1),
        interval=None if part else mark_interval(test, score, score.interval),
        floor=floor[0],
        verdict=worst([least, *(tests[i][2].verdict for i in marks)]),
        text=f"{text}.",
    )


def _over(real: int, real_rows: int, synth: int, synth_rows: int) -> float:
    return synth / max(synth_rows, 1) - real / max(real_rows, 1)


def _of(limit: Limit, over: float) -> Verdict:
    return "fail" if limit.fail is not None and over > limit.fail else "warn"

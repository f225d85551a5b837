"""From the numbers of a battery to the report."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from likewise.data.schema import Schema
from likewise.metrics.score import Score
from likewise.report.document import (
    Candidate,
    Card,
    Chart,
    ColumnReport,
    Finding,
    Number,
    PairsReport,
    Provenance,
    Report,
    RuleReport,
    SliceReport,
)
from likewise.report.findings import findings
from likewise.report.risks import risk_report
from likewise.report.sentence import sentence
from likewise.report.verdict import (
    gauges,
    judge,
    judge_column,
    overall,
    worst,
)
from likewise.report.wording import count

if TYPE_CHECKING:
    from likewise.attacks.risk import Risk
    from likewise.metrics.battery import Battery, ColumnResult, PairsResult
    from likewise.metrics.cards import Dealt
    from likewise.metrics.slices import Slice

PAIR_COLUMNS = 60  # columns of the heat map; more could not be read, and would weigh megabytes
WORST_PAIRS = 12
FEW_ROWS = 20  # of a table below which nothing is said to pass
PARTS = 12


def build(
    battery: "Battery",
    *,
    title: str,
    risks: "Mapping[str, Risk] | None" = None,
    cards: "Sequence[Dealt]" = (),
    rules: Sequence[RuleReport] = (),
    candidates: Sequence[Candidate] = (),
    notes: Sequence[str] = (),
    provenance: Provenance,
    schema: Schema,
    files: Mapping[str, str] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> Report:
    """Judge what was measured and put it in words.

    Args:
        battery: what ``metrics.battery.evaluate`` returned; any score may be absent.
        title: what the report is about, such as the name of the input.
        risks: what attacks found, by name; none when none was tried.
        cards: rows to guess by.
        rules: certificates, one a rule; a violation by a synthetic row fails the report.
        candidates: methods that ``auto`` weighed, if it did.
        notes: what could not be learned or was protected, in sentences.
        provenance: what it takes to do it again.
        schema: of the real table; gives kinds, evidence and the target.
        files: what was written, by role.
        seconds: wall time by stage.
    """
    scores = {name: number_of(name, score) for name, score in battery.scores.items()}
    columns = column_reports(battery.columns, schema)
    pairs = _pairs(battery.pairs)
    sizes = {what: rows for what, rows in provenance.rows.items() if what != "holdout"}
    least = min(sizes, key=sizes.__getitem__, default=None)
    few = (_few(least, sizes[least]),) if least and sizes[least] < FEW_ROWS else ()
    slices = tuple(_slice(one) for one in battery.slices)
    attacked = tuple(risk_report(name, risk) for name, risk in (risks or {}).items())
    found = (*few, *findings(scores, columns, pairs, rules, slices, attacked))
    verdict = worst(
        [overall(scores, columns, rules, attacked), *(finding.severity for finding in few)]
    )
    return Report(
        title=title,
        target=schema.target,
        verdict=verdict,
        sentence=sentence(verdict, scores, columns, rules, attacked),
        gauges=gauges(scores, attacked),
        findings=found,
        scores=scores,
        columns=columns,
        pairs=pairs,
        slices=slices,
        risks=attacked,
        rules=tuple(rules),
        cards=tuple(Card(cells=card.cells, real=card.real) for card in cards),
        candidates=tuple(candidates),
        notes=tuple(dict.fromkeys([*notes, *battery.notes])),
        provenance=provenance,
        seed=provenance.seed,
        files=dict(files or {}),
        seconds=dict(seconds or {}),
    )


def _slice(one: "Slice") -> SliceReport:
    """A slice as it stands in the report."""
    return SliceReport(
        where=one.where,
        about=one.about,
        real=one.real,
        synthetic=one.synthetic,
        floor=_finite(one.floor),
        z=one.z,
        rows_real=one.rows_real,
        rows_synthetic=one.rows_synth,
        text=one.text,
    )


def _few(what: str, rows: int) -> Finding:
    """A table that says too little to pass by."""
    return Finding(
        severity="warn",
        area="data",
        what=f"Only {count(rows, 'row')} in the {what} table",
        cause="Whatever is wrong with so few rows, hardly any test can see it.",
        help=f"Judge at least {FEW_ROWS} rows.",
    )


def number_of(name: str, score: Score) -> Number:
    """A score as it stands in a report, with its verdict."""
    bare = Number(
        value=_finite(score.value),
        interval=_interval(score.interval),
        floor=_finite(score.floor),
        floor_interval=_interval(score.floor_interval),
        better=score.better,
        note=score.note,
        parts={k: float(v) for k, v in list(score.by.items())[:PARTS] if math.isfinite(v)},
    )
    return bare.model_copy(update={"verdict": judge(name, bare)})


def column_reports(results: "Sequence[ColumnResult]", schema: Schema) -> tuple[ColumnReport, ...]:
    """Columns worst first: largest excess over the floor, those without an error last."""
    known = set(schema.names)
    reports = []
    for result in results:
        error, floor = _finite(result.error), _finite(result.floor)
        chart = Chart(
            labels=tuple(map(str, result.labels)),
            real=tuple(round(100 * float(share), 3) for share in result.real_share),
            synthetic=tuple(round(100 * float(share), 3) for share in result.synth_share),
        )
        reports.append(
            ColumnReport(
                name=result.name,
                kind=str(result.kind),
                error=error,
                floor=floor,
                verdict=judge_column(error, floor, len(results) * result.p_value),
                missing_real=_finite(result.missing_real) or 0.0,
                missing_synthetic=_finite(result.missing_synth) or 0.0,
                evidence=schema[result.name].evidence if result.name in known else (),
                chart=chart if chart.labels else None,
            )
        )
    return tuple(sorted(reports, key=_badness, reverse=True))


def _badness(column: ColumnReport) -> float:
    return -math.inf if column.error is None else column.error - (column.floor or 0.0)


def _pairs(result: "PairsResult | None") -> PairsReport:
    """The columns with the largest errors, at most 60, and the pairs with the largest excess."""
    if result is None or len(result.columns) < 2:
        return PairsReport(columns=(), error=())
    error = np.array(result.error, dtype=float)  # (C, C)
    floor = None if result.floor is None else np.array(result.floor, dtype=float)
    np.fill_diagonal(error, np.nan)
    over = error - (0.0 if floor is None else np.nan_to_num(floor))
    known = np.isfinite(over)
    mean = np.where(known, over, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    keep = np.argsort(-mean, kind="stable")[:PAIR_COLUMNS]
    names = tuple(str(name) for name in result.columns)
    return PairsReport(
        columns=tuple(names[i] for i in keep),
        error=_matrix(error[np.ix_(keep, keep)]),
        floor=None if floor is None else _matrix(floor[np.ix_(keep, keep)]),
        worst=_worst_pairs(names, error, floor, over),
    )


def _worst_pairs(
    names: tuple[str, ...], error: np.ndarray, floor: np.ndarray | None, over: np.ndarray
) -> tuple[tuple[str, float, float | None], ...]:
    first, second = np.triu_indices(len(names), k=1)
    ranked = np.argsort(-np.nan_to_num(over[first, second], nan=-np.inf), kind="stable")
    found = []
    for at in ranked[:WORST_PAIRS]:
        i, j = int(first[at]), int(second[at])
        if np.isfinite(error[i, j]):
            real = None if floor is None else _finite(floor[i, j])
            found.append((f"{names[i]} × {names[j]}", _rounded(error[i, j]), real))
    return tuple(found)


def _matrix(values: np.ndarray) -> tuple[tuple[float | None, ...], ...]:
    return tuple(
        tuple(_rounded(value) if np.isfinite(value) else None for value in row) for row in values
    )


def _rounded(value: Any) -> float:
    return round(float(value), 5)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _interval(ends: tuple[float, float] | None) -> tuple[float, float] | None:
    if ends is None or not all(math.isfinite(end) for end in ends):
        return None
    return float(ends[0]), float(ends[1])

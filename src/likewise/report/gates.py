"""From a report and the gates it must pass to a sentence for each that fails.

What was not measured passes no gate: silence is no approval.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from likewise.core.errors import ConfigError
from likewise.core.registry import suggest
from likewise.report.database_document import DatabaseReport
from likewise.report.document import ColumnReport, Report, RiskReport, Verdict
from likewise.report.gate_file import (
    SCORES,
    ColumnGate,
    Gate,
    Gates,
    GaugeGate,
    LetThrough,
    RiskGate,
    refuse_unknown_columns,
)
from likewise.report.limit import AREAS
from likewise.report.limits import LIMITS
from likewise.report.limits_linked import LINKED
from likewise.report.verdict import ORDER, excess
from likewise.report.wording import count

FOUND = {"not detected": 0, "inconclusive": 1, "detected": 2}


def failures(report: Report, *gates: Gates) -> list[str]:
    """The gates that ``report`` does not pass, a sentence each; empty when it passes all.

    A gate on a column that the table does not have raises ConfigError.
    """
    found: list[str] = []
    for asked in gates:
        refuse_unknown_columns(asked, [column.name for column in report.columns])
        found += _of_verdict(report, asked)
        found += _of_scores(report, asked)
        found += _of_gauges(report, asked)
        found += _of_columns(report, asked)
        found += _of_risks(report, asked)
        found += _of_rules(report, asked)
    return found


def database_failures(report: DatabaseReport, *gates: Gates) -> list[str]:
    """As ``failures``, for a database: gates on the verdict and on scores.

    Other gates, which are on what only a single table has, raise ConfigError.
    """
    found: list[str] = []
    for asked in gates:
        refuse_for_databases(asked)
        found += _of_verdict(report, asked)
        found += _of_scores(report, asked)
    return found


def refuse_for_databases(gates: Gates) -> None:
    """Raise ConfigError if a gate is on what a report on a database does not have."""
    known = {"version", "verdict", "scores"}
    others = [name for name in type(gates).model_fields if name not in known]
    for name in others:
        if getattr(gates, name) not in (None, {}):
            hint = "Ask for scores or the verdict, or judge the tables one by one"
            raise ConfigError(f"gate on {name}", "databases have none", hint)
    for name in gates.scores:
        if name not in LINKED:
            hint = suggest(name, list(LINKED))
            raise ConfigError(f"gate on score {name!r}", "no score of databases", hint)


@dataclass(frozen=True)
class _Measured:
    """What a gate is held against; an excess of None means that there is nothing to judge by."""

    value: float
    excess: float | None
    verdict: Verdict


def _of_verdict(report: Report | DatabaseReport, gates: Gates) -> Iterator[str]:
    if gates.verdict is not None and ORDER[report.verdict] > ORDER[gates.verdict]:
        yield f"verdict: {report.verdict}, where the gate lets {_let(gates.verdict)} through"


def _of_scores(report: Report | DatabaseReport, gates: Gates) -> Iterator[str]:
    for name, gate in gates.scores.items():
        score = report.scores.get(name)
        if score is None or score.value is None:
            yield f"{name}: not measured{_why(report, name)}"
        else:
            measured = _Measured(score.value, excess(name, score), score.verdict)
            yield from _missed(name, gate, measured)


def _of_gauges(report: Report, gates: Gates) -> Iterator[str]:
    dials = {gauge.name: gauge for gauge in report.gauges}
    for area in AREAS:
        if area not in gates.gauges:
            continue
        gauge = dials.get(area)
        name = f"gauge {area}" if area in SCORES else area
        if gauge is None or gauge.value is None:
            yield f"{name}: not measured{_why_area(report, area)}"
        else:
            measured = _Measured(gauge.value, 0.0, gauge.verdict)
            yield from _missed(name, gates.gauges[area], measured)


def _of_columns(report: Report, gates: Gates) -> Iterator[str]:
    compared = [column for column in report.columns if column.error is not None]
    known = {column.name: column for column in compared}
    for name, gate in gates.columns.items():
        if name in known:
            yield from _missed(f"column {name!r}", gate, _of_column(known[name]))
        else:
            yield f"column {name!r}: not measured, there is nothing to compare"
    if gates.every_column is not None and not compared:
        yield "every_column: not measured, there is no column to compare"
    elif gates.every_column is not None:
        yield from _of_every_column(compared, gates.every_column)


def _of_every_column(compared: list[ColumnReport], gate: ColumnGate) -> Iterator[str]:
    """One sentence for all columns: the first that misses the gate, and how many others do."""
    missed = [
        said
        for column in compared
        if (said := list(_missed(f"column {column.name!r}", gate, _of_column(column))))
    ]
    if missed:
        more = f", and {count(len(missed) - 1, 'other column')} too" if len(missed) > 1 else ""
        yield f"every_column: {missed[0][0]}{more}"


def _of_risks(report: Report, gates: Gates) -> Iterator[str]:
    known = {risk.name: risk for risk in report.risks}
    every = gates.every_risk
    if every is not None and not known:
        yield "every_risk: no attack was tried; give --full and held-out rows"
    asked = list(gates.risks.items())
    asked += [(name, every) for name in known] if every is not None else []
    for name, gate in asked:
        if name in known:
            yield from _missed_risk(known[name], gate)
        else:
            yield f"attack {name}: not tried; give --full and held-out rows"


def _missed_risk(risk: RiskReport, gate: RiskGate) -> Iterator[str]:
    if gate.found is not None and FOUND[risk.found] > FOUND[gate.found]:
        only = "only not detected" if gate.found == "not detected" else "all but detected"
        yield f"attack {risk.name}: {risk.found}, where the gate lets {only} through"
    if gate.excess is not None and risk.excess is None:
        yield f"attack {risk.name}: not measured"
    elif gate.excess is not None and not (risk.excess or 0.0) <= gate.excess:
        over = _beside(risk.excess or 0.0, gate.excess)
        yield f"attack {risk.name}: a leak of {over}, {gate.excess:g} allowed"


def _of_rules(report: Report, gates: Gates) -> Iterator[str]:
    if gates.rules is None:
        return
    if not any(rule.rows for rule in report.rules):
        yield "rules: not measured, no rule was checked"
        return
    total = sum(rule.violations for rule in report.rules)
    if total > gates.rules.violations:
        most = max(report.rules, key=lambda rule: rule.violations)
        allowed = f"{gates.rules.violations:,} allowed"
        yield f"rules: {count(total, 'violation')}, {allowed}; most of them of “{most.rule}”"


def _missed(what: str, asked: Gate | GaugeGate | ColumnGate, found: _Measured) -> Iterator[str]:
    """A sentence for each part of one gate that is not met."""
    gate = Gate(**asked.model_dump())
    if gate.at_least is not None and not found.value >= gate.at_least:
        yield f"{what}: {_beside(found.value, gate.at_least)} is under {gate.at_least:g}"
    if gate.at_most is not None and not found.value <= gate.at_most:
        yield f"{what}: {_beside(found.value, gate.at_most)} is over {gate.at_most:g}"
    if found.excess is None:
        if gate.excess is not None or gate.verdict is not None:
            yield f"{what}: not judged, there is no floor; give --holdout"
        return
    if gate.excess is not None and not found.excess <= gate.excess:
        over = _beside(found.excess, gate.excess)
        yield f"{what}: {over} worse than its floor, {gate.excess:g} allowed"
    if gate.verdict is not None and ORDER[found.verdict] > ORDER[gate.verdict]:
        yield f"{what}: {found.verdict}, where the gate lets {_let(gate.verdict)} through"


def _of_column(column: ColumnReport) -> _Measured:
    error = column.error or 0.0
    return _Measured(error, error - (column.floor or 0.0), column.verdict)


def _why(report: Report | DatabaseReport, score: str) -> str:
    """Why a score is missing, where the report says so."""
    for note in report.notes:
        if note.startswith(f"{score} was not measured"):
            return f" ({note.rstrip('.')})"
    if isinstance(report, DatabaseReport):
        return ""
    if score in LINKED:
        return ", a single table has no relations"
    return _why_area(report, LIMITS[score].area) if score in LIMITS else ""


def _why_area(report: Report, area: str) -> str:
    told = next((g.text for g in report.gauges if g.name == area and g.value is None), "")
    reason = told.removeprefix("Not measured").strip(":. ")
    return f", {reason}" if reason else ""


def _let(worst: LetThrough) -> str:
    return "only pass" if worst == "pass" else "pass and warn"


def _beside(value: float, bound: float) -> str:
    """The value with four digits, or as many as tell it from the bound."""
    texts = (f"{value:.{digits}g}" for digits in range(4, 18))
    return next((text for text in texts if float(text) != bound), repr(value))

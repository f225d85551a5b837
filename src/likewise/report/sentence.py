"""The verdict in one sentence of plain words."""

from collections.abc import Mapping, Sequence

from likewise.report.document import ColumnReport, Number, RiskReport, RuleReport, Verdict
from likewise.report.limits import LIMITS
from likewise.report.risks import risk_clause
from likewise.report.verdict import excess, judge, mark, of_area, worst
from likewise.report.wording import count, percent, shown


def sentence(
    verdict: Verdict,
    scores: Mapping[str, Number],
    columns: Sequence[ColumnReport],
    rules: Sequence[RuleReport],
    risks: Sequence[RiskReport] = (),
) -> str:
    """The verdict in one sentence. It reports tests; it never calls data private or anonymous."""
    attacks = risk_clause({risk.name: risk for risk in risks})
    parts = [_fidelity_clause(scores), _utility_clause(scores), _privacy_clause(scores), attacks]
    far = sum(column.verdict == "fail" for column in columns)
    broken = sum(rule.violations > 0 for rule in rules)
    if far:
        parts.insert(1, f"{count(far, 'column')} {'is' if far == 1 else 'are'} far off")
    if broken:
        parts.append(f"{count(broken, 'rule')} {'is' if broken == 1 else 'are'} broken")
    return f"{_lead(verdict, scores, risks)}: {'; '.join(part for part in parts if part)}."


def _lead(verdict: Verdict, scores: Mapping[str, Number], risks: Sequence[RiskReport]) -> str:
    copies = [judge(name, scores[name]) for name in of_area("privacy", scores)]
    privacy = worst([*copies, *(risk.verdict for risk in risks)])
    if privacy == "fail":
        return "Do not share yet"
    if verdict == "fail":
        return "Not ready to use"
    if verdict == "warn":
        return "Usable with care"
    if not of_area("fidelity", scores):
        return "Not judged"
    measured = "utility" in scores and excess("utility", scores["utility"]) is not None
    return "Good for analysis and model training" if measured else "Good for analysis"


def _fidelity_clause(scores: Mapping[str, Number]) -> str:
    names = of_area("fidelity", scores)
    if not names:
        return "likeness to the real data was not measured"
    bad = [name for name in names if judge(name, scores[name]) != "pass"]
    if not bad:
        errors = {"columns": "shape_error", "pairs": "pair_error"}
        said = [f"{k} by {percent(scores[v].value)}" for k, v in errors.items() if v in scores]
        return (
            f"it differs from the real data in {' and in '.join(said)}"
            if said
            else ("no test of likeness found a difference that matters")
        )
    name = min(bad, key=lambda n: mark(n, scores[n]) or 0.0)
    value = shown(scores[name].value, LIMITS[name].unit)
    if name == "detector_auc":
        return f"a classifier tells synthetic rows from real ones (AUC {value})"
    return f"{LIMITS[name].label} is {value}" + _beside(scores[name], LIMITS[name].unit)


def _utility_clause(scores: Mapping[str, Number]) -> str:
    score = scores.get("utility")
    over = None if score is None else excess("utility", score)
    if score is None or over is None:
        return ""
    if score.better == "lower":
        return f"models trained on it err {percent(max(over, 0.0))} more than on real rows"
    if over <= 0:
        return "models trained on it score as well as on real rows"
    return f"models trained on it lose {percent(over)} of the score of real training"


def _privacy_clause(scores: Mapping[str, Number]) -> str:
    names = [n for n in of_area("privacy", scores) if excess(n, scores[n]) is not None]
    if not names:
        return "copying was not tested, for want of held-out rows"
    bad = [name for name in names if judge(name, scores[name]) != "pass"]
    if not bad:
        return "no excess copying found at this test's power"
    name = min(bad, key=lambda n: mark(n, scores[n]) or 0.0)
    value = shown(scores[name].value, LIMITS[name].unit)
    beside = _beside(scores[name], LIMITS[name].unit, inner=True)
    return f"more copying than chance explains ({LIMITS[name].label} {value}{beside})"


def _beside(score: Number, unit: str, *, inner: bool = False) -> str:
    if score.floor is None:
        return ""
    said = f"real data {shown(score.floor, unit)}"
    return f"; {said}" if inner else f" ({said})"

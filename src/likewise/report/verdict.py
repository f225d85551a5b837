"""From scores to a verdict: one table of limits, three gauges.

A score is judged by its excess over its floor, the value that a second real sample of the same
size gets, because no generator should be asked to be more like the real data than real data are.
A value inside the floor's own 95 % interval always passes.
"""

import math
from collections.abc import Mapping, Sequence

from likewise.report.document import ColumnReport, Gauge, Number, RiskReport, RuleReport, Verdict
from likewise.report.limit import AREAS, Area
from likewise.report.limits import LIMITS
from likewise.report.limits_linked import LINKED
from likewise.report.risks import ATTACKS, mark_risk
from likewise.report.wording import shown

ORDER: dict[Verdict, int] = {"pass": 0, "warn": 1, "fail": 2}
KNOWN = LIMITS | LINKED  # scores of tables and of databases


CERTAIN, COLUMN_CERTAIN = 0.002, 0.010  # chance below which a column's error is no noise
COLUMN_WARN, COLUMN_FAIL = 0.05, 0.15  # one column weighs less than the mean over all
PAIR_WARN = 0.10  # total variation of one pair above its floor


def excess(name: str, score: Number) -> float | None:
    """How far ``score`` lies from its floor in the bad direction; None if it cannot be judged."""
    limit = KNOWN.get(name)
    if limit is None or score.value is None:
        return None
    floor = limit.ideal if score.floor is None else score.floor
    if floor is None:
        return None
    better = limit.better or score.better
    gap = floor - score.value if better == "higher" else score.value - floor
    # Scores near zero (a weak R²) would make any gap look large, hence the quarter.
    return gap / max(abs(floor), 0.25) if limit.relative else gap


def judge(name: str, score: Number) -> Verdict:
    """The verdict on one score; unknown scores and those inside the floor's interval pass.

    Nothing fails while its interval and the floor's overlap: too few rows to be sure of it. Copies
    do not warn either then, since their limits are within what counts of few rows differ by.
    """
    over = excess(name, score)
    if over is None or _inside(score):
        return "pass"
    if KNOWN[name].area == "privacy" and overlapping(score):
        return "pass"
    limit = KNOWN[name]
    if limit.fail is not None and over > limit.fail and not overlapping(score):
        return "fail"
    return "warn" if over > limit.warn else "pass"


def judge_column(error: float | None, floor: float | None, p_value: float = 1.0) -> Verdict:
    """The verdict on one column; on small tables half the floor is allowed as noise.

    Args:
        error: distance from the real distribution.
        floor: that of a second real sample.
        p_value: chance of the error without a fault, for all columns together; where it is small
            enough, errors that could otherwise be noise are told too.
    """
    if error is None:
        return "pass"
    floor = floor or 0.0
    if error - floor > max(COLUMN_FAIL, floor):
        return "fail"
    beyond = math.sqrt(max(error**2 - floor**2, 0.0))  # as noise adds in squares
    certain = p_value < CERTAIN and beyond > COLUMN_CERTAIN
    return "warn" if certain or error - floor > max(COLUMN_WARN, floor / 2) else "pass"


def mark(name: str, score: Number) -> float | None:
    """A score on the 0 to 100 scale of the gauges.

    100 at the floor or better, 80 at the warning limit, 50 at the failing limit, straight lines
    between, falling to 0 at three times the failing limit. A test that cannot fail stays at 50
    or more.
    """
    over = excess(name, score)
    if over is None:
        return None
    limit = KNOWN[name]
    points = 100 - 20 * max(over, 0.0) / limit.warn
    if over > limit.warn and limit.fail is not None:
        points = 80 - 30 * (over - limit.warn) / (limit.fail - limit.warn)
        if over > limit.fail:
            points = 50 - 25 * (over - limit.fail) / limit.fail
    can_fail = limit.fail is not None and not overlapping(score)
    points = max(points, 0.0 if can_fail else 50.0)
    harmless = _inside(score) or (limit.area == "privacy" and overlapping(score))
    return max(points, 80.0) if harmless else points


def gauges(scores: Mapping[str, Number], risks: Sequence[RiskReport] = ()) -> tuple[Gauge, ...]:
    """The three dials; each shows the worst of its tests, that of privacy of attacks as well."""
    dials = tuple(_gauge(area, scores) for area in AREAS)
    return tuple(_attacked(dial, risks) if dial.name == "privacy" else dial for dial in dials)


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The most severe of some verdicts; pass when there are none."""
    return max(verdicts, key=ORDER.__getitem__, default="pass")


def overall(
    scores: Mapping[str, Number],
    columns: Sequence[ColumnReport],
    rules: Sequence[RuleReport],
    risks: Sequence[RiskReport] = (),
) -> Verdict:
    """The verdict on the table: that of its worst test.

    A broken rule fails, a failed column warns.
    """
    verdicts = [judge(name, score) for name, score in scores.items()]
    verdicts += [risk.verdict for risk in risks]
    verdicts += ["fail" for rule in rules if rule.violations]
    verdicts += ["warn" for column in columns if column.verdict == "fail"]
    return worst(verdicts)


def of_area(area: Area, scores: Mapping[str, Number]) -> list[str]:
    """The names of the scores of one area, in the order of the table."""
    return [name for name in LIMITS if name in scores and LIMITS[name].area == area]


def overlapping(score: Number) -> bool:
    """Whether the intervals of the score and of its floor have a value in common."""
    if score.interval is None or score.floor_interval is None:
        return False
    (low, high), (floor_low, floor_high) = score.interval, score.floor_interval
    return low <= floor_high and floor_low <= high


def _inside(score: Number) -> bool:
    low_high = score.floor_interval
    return (
        low_high is not None
        and score.value is not None
        and (low_high[0] <= score.value <= low_high[1])
    )


def _gauge(area: Area, scores: Mapping[str, Number]) -> Gauge:
    marks = {name: mark(name, scores[name]) for name in of_area(area, scores)}
    known = {name: value for name, value in marks.items() if value is not None}
    if not known:
        return Gauge(name=area, value=None, verdict="pass", text=_WHY_NOT[area])
    name = min(known, key=known.__getitem__)
    score, limit = scores[name], LIMITS[name]
    text = f"Decided by {limit.label}: {shown(score.value, limit.unit)}"
    if score.floor is not None:
        text += f", real data {shown(score.floor, limit.unit)}"
    return Gauge(
        name=area,
        value=round(known[name], 1),
        interval=mark_interval(name, score, score.interval),
        floor=(mark_interval(name, score, score.floor_interval) or (100.0, 100.0))[0],
        verdict=worst([judge(n, scores[n]) for n in known]),
        text=f"{text}.",
    )


def _attacked(dial: Gauge, risks: Sequence[RiskReport]) -> Gauge:
    """The dial of privacy, lowered to the mark of the worst attack."""
    marks = {risk.name: mark_risk(risk) for risk in risks}
    known = {name: value for name, value in marks.items() if value is not None}
    if not known:
        return dial
    name = min(known, key=known.__getitem__)
    verdict = worst([dial.verdict, *(risk.verdict for risk in risks)])
    if dial.value is not None and dial.value <= known[name]:
        return dial.model_copy(update={"verdict": verdict})
    found = "detected a leak" if known[name] < 100 else "detected no leak"
    text = f"Decided by an attack: {ATTACKS[name].label} {found}."
    update = {"value": round(known[name], 1), "interval": None, "verdict": verdict, "text": text}
    return dial.model_copy(update=update)


_WHY_NOT: dict[Area, str] = {
    "fidelity": "Not measured.",
    "utility": "Not measured: no target column was given or could be used.",
    "privacy": "Not measured: copying can only be judged beside held-out real rows.",
}


def mark_interval(
    name: str, score: Number, interval: tuple[float, float] | None
) -> tuple[float, float] | None:
    """The marks of a score at the ends of an interval, the lower one first; None without one."""
    if interval is None:
        return None
    bare = score.model_copy(update={"floor_interval": None})
    ends = [mark(name, bare.model_copy(update={"value": end})) or 0.0 for end in interval]
    return round(min(ends), 1), round(max(ends), 1)

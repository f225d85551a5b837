"""From scores to a verdict: one table of limits, three gauges.

A score is judged by its excess over its floor, the value that a second real sample of the same
size gets, because no generator should be asked to be more like the real data than real data are.
A value inside the floor's own 95 % interval always passes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from likewise.report.document import ColumnReport, Gauge, Number, RuleReport, Verdict
from likewise.report.wording import shown

Area = Literal["fidelity", "utility", "privacy"]
AREAS: tuple[Area, ...] = ("fidelity", "utility", "privacy")
ORDER: dict[Verdict, int] = {"pass": 0, "warn": 1, "fail": 2}


@dataclass(frozen=True)
class Limit:
    """Where a score starts to worry, as excess over its floor in the bad direction.

    Attributes:
        label: the name people read.
        area: the gauge it belongs to.
        warn: excess above which it warns.
        fail: excess above which it fails; None when it is too weak a test to fail on alone.
        why: the reason for the two numbers.
        meaning: what the score is, for the glossary.
        unit: "%" for shares, "" for plain numbers.
        better: the good direction; None takes it from the score.
        ideal: stands in for the floor when none was measured; None means: not judged then.
        relative: whether the excess is a share of the floor.
    """

    label: str
    area: Area
    warn: float
    fail: float | None
    why: str
    meaning: str
    unit: Literal["%", ""] = "%"
    better: Literal["higher", "lower"] | None = "lower"
    ideal: float | None = 0.0
    relative: bool = False


LIMITS: dict[str, Limit] = {
    "shape_error": Limit(
        "shape error", "fidelity", 0.02, 0.08,
        "Two points more than sampling noise move few conclusions; eight show in any histogram.",
        "Distance between the real and the synthetic distribution of a column: the share of rows "
        "under the wrong label (total variation), or for numbers the largest gap between the "
        "cumulative curves (Kolmogorov-Smirnov); averaged over columns. 0 % is best.",
    ),
    "pair_error": Limit(
        "pair error", "fidelity", 0.03, 0.12,
        "Pairs have more cells than columns, so the same fault counts about one and a half times.",
        "The same for the joint distribution of two columns, averaged over pairs: it shows whether "
        "relations were kept. 0 % is best.",
    ),
    "association_error": Limit(
        "association error", "fidelity", 0.02, 0.08,
        "A change of 0.02 in Cramér's V is within what two studies of one population differ by; "
        "0.08 turns a weak relation into none.",
        "How much the strength of the relation between two columns (Cramér's V, 0 to 1) differs "
        "from the real one, averaged over pairs. 0 is best.",
        unit="",
    ),
    "detector_auc": Limit(
        "detector AUC", "fidelity", 0.15, 0.35,
        "0.65 means a strong classifier is right a little more often than a coin; at 0.85 it "
        "hardly errs.",
        "How well a boosted-tree classifier tells synthetic rows from held-out real rows: 0.5 is "
        "guessing, 1 is always right. It sees relations among many columns at once.",
        unit="", ideal=0.5,
    ),
    "missingness": Limit(
        "missing-value error", "fidelity", 0.02, 0.10,
        "Missing values decide which rows an analysis drops; the limits are those of the shapes.",
        "Difference in the share of missing values, averaged over columns.",
    ),
    "wasserstein": Limit(
        "Wasserstein distance", "fidelity", 0.05, None,
        "Far tails can dominate it, so it warns and never fails on its own.",
        "How far numbers would have to be moved to turn one distribution into the other, in "
        "interquartile ranges of the real column. 0 is best.",
        unit="",
    ),
    "rare_levels": Limit(
        "rare levels kept", "fidelity", 0.10, None,
        "Levels of few rows are merged on purpose, to protect the people in them.",
        "Share of the categories with at least 0.1 % of the real rows that also occur in the "
        "synthetic data.",
        better="higher", ideal=1.0,
    ),
    "range_coverage": Limit(
        "range covered", "fidelity", 0.10, None,
        "Extremes are trimmed on purpose, to protect the people who are extreme.",
        "Share of each number's real range, between the 0.1 % and 99.9 % quantiles, that the "
        "synthetic values reach.",
        better="higher", ideal=1.0,
    ),
    "utility": Limit(
        "model utility", "utility", 0.03, 0.10,
        "Three percent of the score is about what another sample or another model would change; "
        "ten percent changes which model one would choose.",
        "Score on held-out real rows of a model trained on synthetic rows, beside the same model "
        "trained on real rows (its floor).",
        unit="", better=None, ideal=None, relative=True,
    ),
    "near_copies": Limit(
        "near copies", "privacy", 0.005, 0.02,
        "By construction 1 % of fresh real rows count as near copies; 1.5 % is the first value "
        "that chance rarely explains, 3 % is three times what fresh rows show.",
        "Share of synthetic rows that lie closer to a training row than 99 % of fresh real rows "
        "do. Fresh real rows score 1 %.",
        ideal=None,
    ),
    "exact_copies": Limit(
        "exact copies", "privacy", 0.001, 0.01,
        "Tables with few distinct rows repeat by chance, so only copies beyond those of fresh "
        "real rows count.",
        "Share of synthetic rows that equal a training row in every column.",
        ideal=None,
    ),
    "dcr_share": Limit(
        "closer to training", "privacy", 0.05, None,
        "On small samples it wanders by several points without any copying, so it only warns.",
        "Share of synthetic rows whose nearest real row is a training row rather than a held-out "
        "one; one half (at equal sizes) is what fresh real rows show.",
        ideal=None,
    ),
}  # fmt: skip

COLUMN_WARN, COLUMN_FAIL = 0.05, 0.15  # one column weighs less than the mean over all
PAIR_WARN = 0.10  # total variation of one pair above its floor


def excess(name: str, score: Number) -> float | None:
    """How far ``score`` lies from its floor in the bad direction; None if it cannot be judged."""
    limit = LIMITS.get(name)
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

    Nothing fails while its interval and the floor's overlap: too few rows to be sure of it.
    """
    over = excess(name, score)
    if over is None or _inside(score):
        return "pass"
    limit = LIMITS[name]
    if limit.fail is not None and over > limit.fail and not _overlapping(score):
        return "fail"
    return "warn" if over > limit.warn else "pass"


def judge_column(error: float | None, floor: float | None) -> Verdict:
    """The verdict on one column; on small tables half the floor is allowed as noise."""
    if error is None:
        return "pass"
    floor = floor or 0.0
    if error - floor > max(COLUMN_FAIL, floor):
        return "fail"
    return "warn" if error - floor > max(COLUMN_WARN, floor / 2) else "pass"


def mark(name: str, score: Number) -> float | None:
    """A score on the 0 to 100 scale of the gauges.

    100 at the floor or better, 80 at the warning limit, 50 at the failing limit, straight lines
    between, falling to 0 at three times the failing limit. A test that cannot fail stays at 50
    or more.
    """
    over = excess(name, score)
    if over is None:
        return None
    limit = LIMITS[name]
    points = 100 - 20 * max(over, 0.0) / limit.warn
    if over > limit.warn and limit.fail is not None:
        points = 80 - 30 * (over - limit.warn) / (limit.fail - limit.warn)
        if over > limit.fail:
            points = 50 - 25 * (over - limit.fail) / limit.fail
    can_fail = limit.fail is not None and not _overlapping(score)
    points = max(points, 0.0 if can_fail else 50.0)
    return max(points, 80.0) if _inside(score) else points


def gauges(scores: Mapping[str, Number]) -> tuple[Gauge, ...]:
    """The three dials; each shows the worst of its tests."""
    return tuple(_gauge(area, scores) for area in AREAS)


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The most severe of some verdicts; pass when there are none."""
    return max(verdicts, key=ORDER.__getitem__, default="pass")


def overall(
    scores: Mapping[str, Number], columns: Sequence[ColumnReport], rules: Sequence[RuleReport]
) -> Verdict:
    """The verdict on the table: its worst score; a broken rule fails, a failed column warns."""
    verdicts = [judge(name, score) for name, score in scores.items()]
    verdicts += ["fail" for rule in rules if rule.violations]
    verdicts += ["warn" for column in columns if column.verdict == "fail"]
    return worst(verdicts)


def of_area(area: Area, scores: Mapping[str, Number]) -> list[str]:
    """The names of the scores of one area, in the order of the table."""
    return [name for name in LIMITS if name in scores and LIMITS[name].area == area]


def _overlapping(score: Number) -> bool:
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
        interval=_mark_interval(name, score, score.interval),
        floor=(_mark_interval(name, score, score.floor_interval) or (100.0, 100.0))[0],
        verdict=worst([judge(n, scores[n]) for n in known]),
        text=f"{text}.",
    )


_WHY_NOT: dict[Area, str] = {
    "fidelity": "Not measured.",
    "utility": "Not measured: no target column was given or could be used.",
    "privacy": "Not measured: copying can only be judged beside held-out real rows.",
}


def _mark_interval(
    name: str, score: Number, interval: tuple[float, float] | None
) -> tuple[float, float] | None:
    if interval is None:
        return None
    bare = score.model_copy(update={"floor_interval": None})
    ends = [mark(name, bare.model_copy(update={"value": end})) or 0.0 for end in interval]
    return round(min(ends), 1), round(max(ends), 1)

"""Whether a score, a gauge, a column or a rule is better, worse, or the same but for noise.

Scores have 95 % intervals: while those of before and after overlap, nothing has changed for
certain. Nor is anything better or worse where both are no worse than a second real sample, since
no table should be asked to be more like the real data than real data are.
"""

from collections.abc import Mapping, Sequence

from likewise.metrics.intervals import wilson
from likewise.report.difference import Change, Judgement, RiskChange, RuleChange
from likewise.report.document import ColumnReport, Gauge, Number, RiskReport, RuleReport
from likewise.report.limits import LIMITS
from likewise.report.risks import ATTACKS
from likewise.report.verdict import COLUMN_WARN, excess

_NOISE, _LIKE_REAL, _EQUAL = "within noise", "like real data", "no change"
_NOT_MEASURED = "not measured"
_ONE_SIDED: dict[bool, tuple[Judgement, str]] = {
    True: ("new", "not measured before"),
    False: ("lost", "no longer measured"),
}


def changed_score(name: str, before: Number | None, after: Number | None) -> Change:
    """One score before and after; None stands for a report that does not have it."""
    one, two = before or _absent(after), after or _absent(before)
    judgement, why = _judged(name, one, two)
    limit = LIMITS.get(name)
    return Change(
        name=name,
        label=limit.label if limit else name.replace("_", " "),
        unit=limit.unit if limit else "",
        before=one.value,
        after=two.value,
        change=_gap(one.value, two.value),
        before_interval=one.interval,
        after_interval=two.interval,
        before_floor=one.floor,
        after_floor=two.floor,
        judgement=judgement,
        why=why,
    )


def changed_gauge(before: Gauge | None, after: Gauge, scores: Mapping[str, Change]) -> Change:
    """One gauge before and after: better or worse only if one of its scores is.

    A gauge shows the worst of its scores, and another one may be the worst now; so it has no noise
    of its own.
    """
    old = None if before is None else before.value
    change = _gap(old, after.value)
    moved = {scores[name].judgement for name in LIMITS if name in scores and _of(name, after)}
    judgement: Judgement = "same"
    why = _NOISE if change else _EQUAL
    if (old is None) != (after.value is None):
        judgement, why = _ONE_SIDED[old is None]
    elif old is None:
        why = _NOT_MEASURED
    elif change and change > 0 and "better" in moved:
        judgement, why = "better", "one of its scores is"
    elif change and change < 0 and moved & {"worse", "lost"}:
        judgement, why = "worse", "one of its scores is"
    return Change(
        name=after.name,
        label=after.name,
        before=old,
        after=after.value,
        change=change,
        before_interval=None if before is None else before.interval,
        after_interval=after.interval,
        judgement=judgement,
        why=why,
    )


def changed_columns(
    before: Sequence[ColumnReport], after: Sequence[ColumnReport], most: int
) -> tuple[Change, ...]:
    """The columns that both reports compared, largest change of the excess first.

    The error of fresh rows, the floor, is itself chance alone, so a change up to the larger floor
    counts as noise.
    """
    old = {column.name: column for column in before if column.error is not None}
    both = [(old[new.name], new) for new in after if new.name in old and new.error is not None]
    changes = [_changed_column(*pair) for pair in both]
    changes.sort(key=lambda change: -abs(_moved(change)))
    return tuple(changes[:most])


def changed_rules(
    before: Sequence[RuleReport], after: Sequence[RuleReport]
) -> tuple[RuleChange, ...]:
    """Rules that are broken in either report or were checked in one only, worse ones first."""
    old, new = ({rule.rule: rule for rule in rules} for rules in (before, after))
    changes = [_changed_rule(name, old.get(name), new.get(name)) for name in {**old, **new}]
    order = ("worse", "lost", "new", "better", "same")
    shown = [change for change in changes if change.before != 0 or change.after != 0]
    return tuple(sorted(shown, key=lambda change: order.index(change.judgement)))


def changed_risks(
    before: Sequence[RiskReport], after: Sequence[RiskReport]
) -> tuple[RiskChange, ...]:
    """All attacks of either report; one has changed when a leak is detected in one of them only."""
    old, new = ({risk.name: risk for risk in risks} for risks in (before, after))
    return tuple(_changed_risk(name, old.get(name), new.get(name)) for name in {**old, **new})


def _judged(name: str, one: Number, two: Number) -> tuple[Judgement, str]:
    if one.value is None or two.value is None:
        both = one.value is None and two.value is None
        return ("same", _NOT_MEASURED) if both else _ONE_SIDED[one.value is None]
    if one.value == two.value:
        return "same", _EQUAL
    if _like_real(name, one) and _like_real(name, two):
        return "same", _LIKE_REAL
    sign = _bad_direction(name, two)
    if sign is None:
        return "open", "no direction is better"
    # One floor stands for both; with two, what counts is how far each value lies from its own.
    shared = one.floor == two.floor or one.floor is None or two.floor is None
    (low, old, high), (new_low, new, new_high) = (_trouble(x, sign, shared) for x in (one, two))
    if one.interval is None or two.interval is None:
        room = _room(name, two)
        if room is None:
            return "open", "no interval"
        if abs(new - old) <= room:
            return "same", "no interval, and less than its warning limit"
    elif low <= new_high and new_low <= high:
        return "same", _NOISE
    return ("worse" if new > old else "better"), "beyond noise"


def _trouble(score: Number, sign: int, shared: bool) -> tuple[float, float, float]:
    """A score with the ends of its interval in the bad direction, from its floor on if need be."""
    value = score.value or 0.0
    low, high = sorted(sign * end for end in score.interval or (value, value))
    if shared or score.floor is None:
        return low, sign * value, high
    floor = sign * score.floor
    floor_low, floor_high = sorted(sign * end for end in score.floor_interval or (score.floor,) * 2)
    return low - floor_high, sign * value - floor, high - floor_low


def _room(name: str, score: Number) -> float | None:
    """What may change without an interval to say what noise is; in the score's own unit."""
    limit = LIMITS.get(name)
    if limit is None:
        return None
    return limit.warn * max(abs(score.floor or 0.0), 0.25) if limit.relative else limit.warn


def _like_real(name: str, score: Number) -> bool:
    """Whether the score is at its floor: better, or within the floor's interval."""
    over = excess(name, score)
    if over is None or score.floor is None or score.value is None:
        return False
    low, high = score.floor_interval or (score.floor, score.floor)
    return over <= 0 or low <= score.value <= high


def _bad_direction(name: str, score: Number) -> int | None:
    limit = LIMITS.get(name)
    better = (limit and limit.better) or score.better
    return {"lower": 1, "higher": -1}.get(better)


def _of(name: str, gauge: Gauge) -> bool:
    return LIMITS[name].area == gauge.name


def _changed_column(one: ColumnReport, two: ColumnReport) -> Change:
    floors = [floor for floor in (one.floor, two.floor) if floor is not None]
    change = Change(
        name=two.name,
        label=two.name,
        unit="%",
        before=one.error,
        after=two.error,
        change=_gap(one.error, two.error),
        before_floor=one.floor,
        after_floor=two.floor,
        judgement="same",
        why=_NOISE,
    )
    moved = _moved(change)
    over = [(column.error or 0.0) - (column.floor or 0.0) for column in (one, two)]
    if floors and max(over) <= 0:
        return change.model_copy(update={"why": _LIKE_REAL})
    if abs(moved) <= max(floors, default=COLUMN_WARN):
        return change
    word = "worse" if moved > 0 else "better"
    return change.model_copy(update={"judgement": word, "why": "beyond noise"})


def _moved(change: Change) -> float:
    """How much further a column is from its floor, or from nothing where one floor is missing."""
    moved = change.change or 0.0
    if change.before_floor is None or change.after_floor is None:
        return moved
    return moved - (change.after_floor - change.before_floor)


def _changed_rule(name: str, one: RuleReport | None, two: RuleReport | None) -> RuleChange:
    judgement: Judgement = "same"
    if one is None or two is None:
        judgement = "new" if one is None else "lost"
        if two is not None and two.violations:
            judgement = "worse"
    elif bool(one.violations) != bool(two.violations):  # kept by construction or not: no chance
        judgement = "worse" if two.violations else "better"
    elif one.violations:
        (low, high), (new_low, new_high) = (_share(rule) for rule in (one, two))
        if low > new_high or new_low > high:
            judgement = "worse" if new_low > high else "better"
    return RuleChange(
        rule=name,
        before=None if one is None else one.violations,
        after=None if two is None else two.violations,
        judgement=judgement,
    )


def _changed_risk(name: str, one: RiskReport | None, two: RiskReport | None) -> RiskChange:
    judgement: Judgement = "same"
    if two is None:
        judgement = "lost"
    elif one is None:
        judgement = "worse" if two.found == "detected" else "new"
    elif (one.found == "detected") != (two.found == "detected"):
        judgement = "worse" if two.found == "detected" else "better"
    return RiskChange(
        name=name,
        label=ATTACKS[name].label if name in ATTACKS else name.replace("_", " "),
        before=None if one is None else one.found,
        after=None if two is None else two.found,
        before_excess=None if one is None else one.excess,
        after_excess=None if two is None else two.excess,
        judgement=judgement,
    )


def _share(rule: RuleReport) -> tuple[float, float]:
    """The interval of the share of rows that break a rule; a row may break it more than once."""
    return wilson(rule.violations, max(rule.rows, rule.violations))


def _absent(score: Number | None) -> Number:
    """Stands for a score that one report does not have."""
    return Number(value=None, better="target" if score is None else score.better)


def _gap(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before

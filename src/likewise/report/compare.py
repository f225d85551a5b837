"""From two reports to what the second says other than the first."""

import re
from collections.abc import Iterator, Sequence

from likewise.report.change import (
    changed_columns,
    changed_gauge,
    changed_risks,
    changed_rules,
    changed_score,
)
from likewise.report.comparable import objections
from likewise.report.difference import Change, Difference, RiskChange, RuleChange, Side
from likewise.report.document import Finding, Report
from likewise.report.limits import LIMITS
from likewise.report.wording import count, shown, titled

COLUMNS = 20


def compare(before: Report, after: Report) -> Difference:
    """Judge every score, gauge, column and rule of two reports, and put it in words."""
    names = dict.fromkeys([*LIMITS, *before.scores, *after.scores])
    scores = tuple(
        changed_score(name, before.scores.get(name), after.scores.get(name))
        for name in names
        if name in before.scores or name in after.scores
    )
    by_name = {change.name: change for change in scores}
    dials = {gauge.name: gauge for gauge in before.gauges}
    rules = changed_rules(before.rules, after.rules)
    risks = changed_risks(before.risks, after.risks)
    worse = (*_worse_scores(scores), *_worse_risks(risks), *_worse_rules(rules))
    moved: tuple[Change | RiskChange | RuleChange, ...] = (*scores, *risks, *rules)
    moves = [change.judgement for change in moved]
    bad, good = bool(worse), "better" in moves
    return Difference(
        judgement="mixed" if bad and good else "worse" if bad else "better" if good else "same",
        sentence=_sentence(before, after, (*scores, *risks), rules),
        warnings=objections(before, after),
        before=Side.of(before),
        after=Side.of(after),
        gauges=tuple(changed_gauge(dials.get(g.name), g, by_name) for g in after.gauges),
        scores=scores,
        columns=changed_columns(before.columns, after.columns, COLUMNS),
        risks=risks,
        rules=rules,
        appeared=_only(after.findings, before.findings),
        vanished=_only(before.findings, after.findings),
        worse=worse,
    )


def _sentence(
    before: Report,
    after: Report,
    scores: Sequence[Change | RiskChange],
    rules: Sequence[RuleChange],
) -> str:
    """Such as "Worse beyond noise: detector AUC. Better: pair error. The verdict is …"."""
    parts = []
    for judgement, words in (
        ("worse", "Worse beyond noise"),
        ("lost", "No longer measured"),
        ("better", "Better beyond noise"),
        ("new", "Measured for the first time"),
    ):
        labels = [change.label for change in scores if change.judgement == judgement]
        broken = sum(rule.judgement == judgement for rule in rules)
        if broken and judgement in ("worse", "better"):
            labels.append(count(broken, "rule"))
        if labels:
            parts.append(f"{words}: {', '.join(labels)}")
    if not parts:
        parts = ["Nothing changed beyond noise"]
    still = "still " if before.verdict == after.verdict else ""
    was = "" if still else f", was {before.verdict}"
    return ". ".join([*parts, f"The verdict is {still}{after.verdict}{was}."])


def _only(some: Sequence[Finding], others: Sequence[Finding]) -> tuple[Finding, ...]:
    """Warnings and failures that have no counterpart among the others, whatever their numbers."""
    known = {_topic(finding) for finding in others if finding.severity != "pass"}
    return tuple(f for f in some if f.severity != "pass" and _topic(f) not in known)


def _topic(finding: Finding) -> tuple[object, ...]:
    """What a finding is about: a score by its label, else the area, the columns and the words."""
    head = finding.what.partition(":")[0]
    if any(titled(limit.label) == head for limit in LIMITS.values()):
        return (head,)
    if finding.area == "rules":
        return (finding.area, finding.what.rpartition("”")[0])
    words = re.sub(r"(< )?\d[\d.,]*", "", finding.what)
    return finding.area, finding.where, re.sub(r"\brows\b", "row", words)


def _worse_scores(scores: Sequence[Change]) -> Iterator[str]:
    for change in scores:
        if change.judgement == "lost":
            yield f"{change.name}: no longer measured"
        elif change.judgement == "worse":
            old, new = (shown(value, change.unit) for value in (change.before, change.after))
            yield f"{change.name}: {new} after {old}, worse beyond noise"


def _worse_risks(risks: Sequence[RiskChange]) -> Iterator[str]:
    for risk in risks:
        if risk.judgement == "lost":
            yield f"attack {risk.name}: no longer tried"
        elif risk.judgement == "worse":
            yield f"attack {risk.name}: detected, before {risk.before or 'not tried'}"


def _worse_rules(rules: Sequence[RuleChange]) -> Iterator[str]:
    for rule in rules:
        if rule.judgement == "worse" and rule.after is not None:
            broken = count(rule.after, "violation")
            yield f"rule “{rule.rule}”: {broken}, {rule.before or 0:,} before"

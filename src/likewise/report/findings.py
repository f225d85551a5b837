"""What is worth knowing, worst first: what, where, how much, the likely cause, what would help."""

from collections.abc import Iterable, Mapping, Sequence

from likewise.report.document import (
    ColumnReport,
    Finding,
    Number,
    PairsReport,
    RiskReport,
    RuleReport,
    SliceReport,
    Verdict,
)
from likewise.report.limit import AREAS
from likewise.report.limits import LIMITS
from likewise.report.risks import risk_findings
from likewise.report.verdict import (
    ORDER,
    PAIR_WARN,
    excess,
    judge,
    mark,
)
from likewise.report.wording import count, percent, shown, titled

SHOWN = 5  # findings on the first screen
COLUMNS_NAMED, PAIRS_NAMED, SLICES_NAMED = 20, 10, 5

_KIND_HELP = {
    "numeric": "If these numbers are codes, say kind: category in the schema; else give "
    "a larger --budget or more rows.",
    "integer": "If these numbers are codes, say kind: category in the schema; else give "
    "a larger --budget or more rows.",
    "category": "More rows help rare levels; ordered levels do better with kind: ordinal.",
    "text": "If the texts are codes that repeat, say kind: category in the schema.",
}


def findings(
    scores: Mapping[str, Number],
    columns: Sequence[ColumnReport],
    pairs: PairsReport,
    rules: Iterable[RuleReport],
    slices: Sequence[SliceReport] = (),
    risks: Sequence[RiskReport] = (),
) -> tuple[Finding, ...]:
    """All findings, worst first; at least five when there is as much to compare.

    When nothing is wrong, the list is filled up with the largest differences within the limits,
    so that a reader sees what "nothing" amounts to.
    """
    ranked = [
        *_of_rules(rules),
        *risk_findings(risks),
        *_of_scores(scores),
        *_of_slices(slices, scores),
        *_of_columns(columns),
        *_of_pairs(pairs),
    ]
    ranked.sort(key=lambda item: (-ORDER[item[1].severity], -item[0]))
    serious = [finding for _, finding in ranked if finding.severity != "pass"]
    mild = [finding for _, finding in ranked if finding.severity == "pass"]
    return tuple(serious + mild[: max(SHOWN - len(serious), 0)]) + _unmeasured(scores)


def _of_rules(rules: Iterable[RuleReport]) -> Iterable[tuple[float, Finding]]:
    for rule in rules:
        if rule.violations:
            yield (
                100.0,
                Finding(
                    severity="fail",
                    area="rules",
                    what=f"The rule “{rule.rule}” is broken by {count(rule.violations, 'row')} of "
                    f"{rule.rows:,}",
                    value=rule.violations / max(rule.rows, 1),
                    floor=rule.real_violations / max(rule.real_rows, 1),
                    cause="The rows were made or changed without this rule."
                    if not rule.real_violations
                    else f"{count(rule.real_violations, 'real row')} break it as well.",
                    help="Declare the rule in the schema, so that rows are built to keep it.",
                ),
            )
        elif rule.real_violations:
            yield (
                0.0,
                Finding(
                    severity="pass",
                    area="data",
                    what=f"The rule “{rule.rule}” is broken by "
                    f"{count(rule.real_violations, 'real row')} and by no synthetic row",
                    value=rule.real_violations / max(rule.real_rows, 1),
                    cause="The real data hold exceptions or mistakes.",
                    help="Look at those rows; remove the rule if they are right.",
                ),
            )


def _of_scores(scores: Mapping[str, Number]) -> Iterable[tuple[float, Finding]]:
    for name, score in scores.items():
        verdict = judge(name, score)
        if verdict == "pass" or name == "slice_error":  # the slices tell for themselves
            continue
        limit = LIMITS[name]
        what = f"{titled(limit.label)}: {shown(score.value, limit.unit)}"
        if score.floor is not None:
            what += f", where real data show {shown(score.floor, limit.unit)}"
        yield (
            (100 - (mark(name, score) or 0)) / 20 + 1,
            Finding(
                severity=verdict,
                area=limit.area,
                what=what,
                where=tuple(score.parts)[:3] if limit.area == "fidelity" else (),
                value=score.value,
                floor=score.floor,
                cause=limit.cause,
                help=limit.help,
            ),
        )


def _of_slices(
    slices: Sequence[SliceReport], scores: Mapping[str, Number]
) -> Iterable[tuple[float, Finding]]:
    worst = scores.get("slice_error")
    severity: Verdict = "pass" if worst is None else worst.verdict
    for one in slices[:SLICES_NAMED]:
        yield (
            abs(one.z) / 10,
            Finding(
                severity=severity,
                area="fidelity",
                what=titled(one.text),
                where=(one.about,),
                value=one.synthetic,
                floor=one.real,
                cause="A relation that holds in this subgroup was not learned.",
                help="Give more rows or a larger --budget; name the subgroup's column with "
                "--target if models will be judged on it.",
            ),
        )


def _of_columns(columns: Sequence[ColumnReport]) -> Iterable[tuple[float, Finding]]:
    measured = [column for column in columns if column.error is not None]
    measured.sort(key=lambda column: (column.floor or 0.0) - (column.error or 0.0))
    for column in measured[:COLUMNS_NAMED]:
        error, floor = column.error or 0.0, column.floor
        # A single column warns at most: how bad the table is, the mean over columns tells.
        severity: Verdict = "pass" if column.verdict == "pass" else "warn"
        what = f"Its distribution is off by {percent(error)}"
        if floor is not None:
            what += f", {percent(floor)} in a second real sample"
        yield (
            (error - (floor or 0.0)) / 0.05,
            Finding(
                severity=severity,
                area="fidelity",
                what=what,
                where=(column.name,),
                value=error,
                floor=floor,
                cause=_column_cause(column),
                help=_KIND_HELP.get(column.kind, "") if severity == "warn" else "",
            ),
        )


def _column_cause(column: ColumnReport) -> str:
    gap = column.missing_synthetic - column.missing_real
    if abs(gap) > 0.02:
        return (
            f"Missing in {percent(column.missing_synthetic)} of synthetic and "
            f"{percent(column.missing_real)} of real rows."
        )
    if column.chart is None or not column.chart.labels:
        return ""
    bins = zip(column.chart.labels, column.chart.real, column.chart.synthetic, strict=True)
    label, real, synthetic = max(bins, key=lambda item: abs(item[1] - item[2]))
    return (
        f"Largest difference at “{label}”: {percent(synthetic / 100)} of synthetic and "
        f"{percent(real / 100)} of real rows."
    )


def _of_pairs(pairs: PairsReport) -> Iterable[tuple[float, Finding]]:
    for pair, error, floor in pairs.worst[:PAIRS_NAMED]:
        over = error - (floor or 0.0)
        severity: Verdict = "warn" if over > max(PAIR_WARN, (floor or 0.0) / 2) else "pass"
        what = f"The joint distribution is off by {percent(error)}"
        if floor is not None:
            what += f", {percent(floor)} in a second real sample"
        yield (
            over / PAIR_WARN,
            Finding(
                severity=severity,
                area="fidelity",
                what=what,
                where=(pair,),
                value=error,
                floor=floor,
                cause="Their relation was only partly learned." if severity == "warn" else "",
                help=LIMITS["pair_error"].help if severity == "warn" else "",
            ),
        )


def _unmeasured(scores: Mapping[str, Number]) -> tuple[Finding, ...]:
    """One line for each area in which nothing could be tested, since silence reads as approval."""
    texts = {
        "fidelity": ("Likeness to the real data was not measured", ""),
        "utility": (
            "Usefulness for training models was not measured",
            "Name the column to predict with --target.",
        ),
        "privacy": (
            "Copying was not tested, because no real rows were kept out of training",
            "Give real rows that were not used for training with --holdout.",
        ),
    }
    judged = {LIMITS[n].area for n, s in scores.items() if excess(n, s) is not None}
    return tuple(
        Finding(severity="pass", area=area, what=texts[area][0], help=texts[area][1])
        for area in AREAS
        if area not in judged
    )

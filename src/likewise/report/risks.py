"""What attacks found, judged and put in words: one line for each, and no score for all."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from likewise.report.document import Finding, RiskReport, Verdict
from likewise.report.wording import shown, titled

if TYPE_CHECKING:
    from likewise.attacks.risk import Risk

SERIOUS = 0.05  # a leak that is surely larger fails the report; a smaller one warns


@dataclass(frozen=True)
class Attack:
    """How an attack is called, explained and answered.

    Attributes:
        label: the name people read.
        meaning: what the attacker does, and what success is.
        cause: the likely reason for a leak.
        help: the setting or step that would help.
        unit: "%" for shares, "" for an AUC.
        grave: whether any detected leak fails the report, however small its share.
    """

    label: str
    meaning: str
    cause: str
    help: str
    unit: Literal["%", ""] = "%"
    grave: bool = False


_FOLLOWS = "The method follows single training rows too closely."
_LARGER = (
    "Raise the smallest group, for instance --set leaf=100, try --generator bayesnet, or learn "
    "from more rows."
)

ATTACKS: dict[str, Attack] = {
    "singling_out_univariate": Attack(
        "singling out, one column",
        "The attacker makes conditions on one column that fit exactly one synthetic row, and hopes "
        "that each fits exactly one person.",
        _FOLLOWS,
        _LARGER,
    ),
    "singling_out_multivariate": Attack(
        "singling out, three columns",
        "The same with conditions on three columns at once.",
        _FOLLOWS,
        _LARGER,
    ),
    "linkability": Attack(
        "linkability",
        "The attacker has two tables about the same people, with different columns, and joins "
        "them by the synthetic rows nearest to each.",
        _FOLLOWS,
        _LARGER,
    ),
    "inference": Attack(
        "attribute inference",
        "The attacker knows all of a person but one column, and guesses it from the nearest "
        "synthetic rows. What the table tells of everybody is no leak; what it tells more of "
        "people who were learned is.",
        _FOLLOWS,
        "Leave out or coarsen the column, or " + _LARGER[0].lower() + _LARGER[1:],
    ),
    "membership": Attack(
        "membership inference",
        "The attacker has a person's whole row and tells whether it was learned, by several "
        "distances and densities. An AUC: 0.5 is a coin.",
        _FOLLOWS,
        _LARGER,
        unit="",
    ),
    "membership_white_box": Attack(
        "membership inference with the model",
        "The same by the model's own probabilities, by an attacker who has the model file. An AUC: "
        "0.5 is a coin.",
        "The model has learned single rows by heart.",
        "Share rows, not the model; or learn from more rows, or with --set dropout=0.3.",
        unit="",
    ),
    "outliers": Attack(
        "isolated people",
        "The attacker looks for synthetic rows at the place of the most isolated people only, "
        "those whom averages hide.",
        "Rare people came out again, whole or nearly so.",
        "Leave out such rows, coarsen the columns that set them apart, or raise the smallest "
        "group, for instance --set leaf=100.",
        grave=True,
    ),
}


def risk_report(name: str, risk: "Risk") -> RiskReport:
    """A risk as it stands in the report, with its verdict."""
    excess_low = None if risk.excess_interval is None else risk.excess_interval[0]
    return RiskReport(
        name=name,
        success=_finite(risk.success),
        interval=risk.interval,
        baseline=_finite(risk.baseline),
        control=_finite(risk.control),
        control_interval=risk.control_interval,
        excess=_finite(risk.excess),
        excess_interval=risk.excess_interval,
        power=_finite(risk.power),
        p_value=_finite(risk.p_value),
        found=risk.verdict,
        attempts=risk.attempts,
        parts={k: float(v) for k, v in risk.by.items() if math.isfinite(v)},
        note=risk.note,
        verdict=judge_risk(name, risk.verdict, excess_low),
    )


def judge_risk(name: str, found: str, excess_low: float | None) -> Verdict:
    """The verdict on one attack: nothing detected passes, a leak warns, a serious one fails."""
    if found != "detected":
        return "pass"
    serious = ATTACKS[name].grave or (excess_low is not None and excess_low > SERIOUS)
    return "fail" if serious else "warn"


def mark_risk(risk: RiskReport) -> float | None:
    """A risk on the 0 to 100 scale of the gauges; None where nothing could be found out."""
    if risk.found == "inconclusive":
        return None
    if risk.found == "not detected":
        return 100.0
    leak = max(risk.excess or 0.0, 0.0)
    return max(50 - 50 * leak, 0.0) if risk.verdict == "fail" else max(80 - 600 * leak, 50.0)


def risk_findings(risks: Iterable[RiskReport]) -> list[tuple[float, Finding]]:
    """How grave and what, for each attack that detected a leak."""
    return [
        (
            (100 - (mark_risk(risk) or 0)) / 20 + 2,
            Finding(
                severity=risk.verdict,
                area="privacy",
                what=_found(risk),
                value=risk.success,
                floor=risk.control,
                cause=ATTACKS[risk.name].cause,
                help=ATTACKS[risk.name].help,
            ),
        )
        for risk in risks
        if risk.verdict != "pass"
    ]


def risk_clause(risks: Mapping[str, RiskReport]) -> str:
    """What the sentence of the verdict says of attacks; nothing when none was tried."""
    bad = [risk for risk in risks.values() if risk.verdict != "pass"]
    if bad:
        worst = min(bad, key=lambda risk: mark_risk(risk) or 0.0)
        return f"an attack finds a leak ({ATTACKS[worst.name].label})"
    if any(risk.found == "not detected" for risk in risks.values()):
        return "no attack found a leak at its power"
    return "the attacks tried could not have seen a leak" if risks else ""


def _found(risk: RiskReport) -> str:
    attack = ATTACKS[risk.name]
    text = (
        f"{titled(attack.label)} succeeds on {shown(risk.success, attack.unit)} of people who were "
        f"learned and on {shown(risk.control, attack.unit)} of others"
    )
    if not attack.unit:
        text = (
            f"{titled(attack.label)}: people who were learned are told from others with an AUC of "
            f"{shown(risk.success, attack.unit)}, where a coin has 0.5"
        )
    return text


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)

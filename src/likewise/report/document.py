"""The report as data: one versioned JSON object, from which the HTML page is drawn.

Nothing here is a row of anybody's data: columns are described by bins that hold at least ten
records on both sides, or that were merged until they did.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Verdict = Literal["pass", "warn", "fail"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Number(_Part):
    """A score beside its floor. Mirrors ``metrics.score.Score``; ``parts`` are its worst twelve."""

    value: float | None
    interval: tuple[float, float] | None = None
    floor: float | None = None
    floor_interval: tuple[float, float] | None = None
    better: Literal["higher", "lower", "target"]
    verdict: Verdict = "pass"
    note: str = ""
    parts: dict[str, float] = {}


class Finding(_Part):
    """One thing worth knowing: what, where, how much, and what would help.

    Attributes:
        severity: pass (information), warn or fail.
        area: fidelity, utility, privacy, rules or data.
        what: a sentence in plain words.
        where: the columns concerned.
        value: how much, in the unit of ``what``.
        floor: what real data show.
        cause: the likely reason.
        help: the setting or step that would help.
    """

    severity: Verdict
    area: Literal["fidelity", "utility", "privacy", "rules", "data"]
    what: str
    where: tuple[str, ...] = ()
    value: float | None = None
    floor: float | None = None
    cause: str = ""
    help: str = ""


class Gauge(_Part):
    """One of the three dials: fidelity, utility, privacy; 0 to 100, with the floor's mark.

    A dial shows the worst of its tests: 100 is like a second real sample, 80 is at the warning
    limit of that test, 50 at its failing limit (``report.verdict.mark``).

    Attributes:
        value: the mark; None when no test of this kind could be run.
        interval: the mark at the ends of the test's 95 % interval.
        floor: the lowest mark a second real sample would get, by the floor's own interval.
        text: the test that decided, in a sentence.
    """

    name: Literal["fidelity", "utility", "privacy"]
    value: float | None
    interval: tuple[float, float] | None = None
    floor: float | None = None
    verdict: Verdict
    text: str


class Chart(_Part):
    """Shares of real and synthetic rows in the same bins, in percent.

    Attributes:
        labels: what each bin is, e.g. "10 to 20", a category, "missing", "other".
        real: percent of real rows in the bin, (B,).
        synthetic: percent of synthetic rows in it, (B,).
    """

    labels: tuple[str, ...]
    real: tuple[float, ...]
    synthetic: tuple[float, ...]


class ColumnReport(_Part):
    """One column: its error beside the floor, and its two distributions.

    Attributes:
        error: distance of the two distributions in [0, 1]; None where there is nothing to compare.
        missing_real: share of real rows without a value, in [0, 1].
        missing_synthetic: likewise for synthetic rows.
        evidence: why the column has its kind, in sentences with counts.
    """

    name: str
    kind: str
    error: float | None
    floor: float | None = None
    verdict: Verdict
    missing_real: float
    missing_synthetic: float
    evidence: tuple[str, ...] = ()
    note: str = ""
    chart: Chart | None = None


class PairsReport(_Part):
    """Errors of column pairs (total variation of their joint bins), as a square matrix.

    Attributes:
        columns: C names, those with the largest errors first; at most 60.
        error: (C, C) errors in [0, 1]; None on the diagonal or where not measured.
        floor: likewise for the second real sample.
        worst: "a × b" with error and floor, worst excess first.
    """

    columns: tuple[str, ...]
    error: tuple[tuple[float | None, ...], ...]
    floor: tuple[tuple[float | None, ...], ...] | None = None
    worst: tuple[tuple[str, float, float | None], ...] = ()


class RuleReport(_Part):
    """The certificate of one rule.

    Attributes:
        rule: the rule in words.
        source: declared in the schema, or found in the data.
        real_rows: real rows checked.
        real_violations: real rows that break it.
        rows: synthetic rows checked.
        violations: synthetic rows that break it.
    """

    rule: str
    source: Literal["declared", "found"]
    real_rows: int
    real_violations: int
    rows: int
    violations: int


class SliceReport(_Part):
    """A subgroup of rows in which one thing differs more than chance explains.

    Attributes:
        where: the subgroup in words, of levels and rounded ends that at least ten real rows share.
        about: the column whose mean or share differs, or "share of rows".
        real: its value among the real rows of the subgroup.
        synthetic: likewise among synthetic ones.
        floor: likewise in a second real sample.
        z: the difference in standard errors.
        rows_real: real rows in the subgroup.
        rows_synthetic: synthetic rows in it.
        text: all of it in a sentence.
    """

    where: str
    about: str
    real: float
    synthetic: float
    floor: float | None = None
    z: float
    rows_real: int
    rows_synthetic: int
    text: str


class RiskReport(_Part):
    """One attack: how often it succeeds on people who were learned, and on others.

    Attributes:
        name: the attack, as in ``report.risks.ATTACKS``.
        success: on people whose rows were learned; a share, or an AUC for membership.
        baseline: a guess that knows nothing of the synthetic rows.
        control: on people whose rows were not learned.
        excess: what being learned adds, in [-1, 1]; the leak.
        power: the smallest excess that would have been noticed four times in five.
        p_value: chance of so much excess without a leak.
        found: whether a leak was detected, or could have been.
        attempts: targets attacked.
        parts: figures of single attacks or columns.
        verdict: what it means for the report.
    """

    name: str
    success: float | None
    interval: tuple[float, float] | None = None
    baseline: float | None = None
    control: float | None = None
    control_interval: tuple[float, float] | None = None
    excess: float | None = None
    excess_interval: tuple[float, float] | None = None
    power: float | None = None
    p_value: float | None = None
    found: Literal["detected", "not detected", "inconclusive"]
    attempts: int = 0
    parts: dict[str, float] = {}
    note: str = ""
    verdict: Verdict = "pass"


class Card(_Part):
    """One row for a guess, each cell told by a bin or label that ten real rows share.

    Attributes:
        cells: by column.
        real: whether it is a held-out real row; never unless asked for.
    """

    cells: dict[str, str]
    real: bool


class Candidate(_Part):
    """A method that ``auto`` weighed: its holdout score, the time it took, and why it lost.

    The time is None in files, so that equal runs write equal bytes.
    """

    generator: str
    score: float | None
    seconds: float | None = None
    chosen: bool
    reason: str = ""


class Provenance(_Part):
    """Enough to do it again: hashes, seed, versions, settings, command."""

    created: str | None = None
    likewise: str
    python: str
    packages: dict[str, str]
    seed: int | None = None
    generator: str | None = None
    settings: dict[str, Any] = {}
    data_sha256: dict[str, str] = {}
    rows: dict[str, int] = {}
    command: str | None = None
    machine: str = ""


class Report(_Part):
    """Everything the page shows; this is also what ``--json`` prints."""

    version: Literal[1] = 1
    title: str
    target: str | None = None
    verdict: Verdict
    sentence: str
    gauges: tuple[Gauge, ...]
    findings: tuple[Finding, ...]
    scores: dict[str, Number]
    columns: tuple[ColumnReport, ...]
    pairs: PairsReport
    slices: tuple[SliceReport, ...] = ()
    risks: tuple[RiskReport, ...] = ()
    rules: tuple[RuleReport, ...] = ()
    cards: tuple[Card, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()
    provenance: Provenance
    seed: int | None = None
    files: dict[str, str] = {}
    seconds: dict[str, float] = {}

"""Two reports compared, as data: what got better, what got worse, what stayed within noise."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from likewise.report.document import Finding, Report, Verdict

Judgement = Literal["better", "worse", "same", "new", "lost", "open"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(_Part):
    """A score, a gauge or the error of a column, before and after.

    Attributes:
        name: of the score, gauge or column.
        label: the name people read.
        unit: "%" for shares, "" for plain numbers and gauges.
        before: the value in the first report; None where it was not measured.
        after: the value in the second.
        change: after less before.
        before_interval: 95 % interval, as ``after_interval``.
        before_floor: what a second real sample scores, as ``after_floor``.
        judgement: better or worse beyond noise, same (within noise), new or lost (measured in one
            report only), open (nothing says which direction is better, or how large noise is).
        why: the reason of the judgement in a few words.
    """

    name: str
    label: str
    unit: Literal["%", ""] = ""
    before: float | None
    after: float | None
    change: float | None = None
    before_interval: tuple[float, float] | None = None
    after_interval: tuple[float, float] | None = None
    before_floor: float | None = None
    after_floor: float | None = None
    judgement: Judgement
    why: str = ""


class RuleChange(_Part):
    """How many synthetic rows break a rule, before and after; None where it was not checked."""

    rule: str
    before: int | None
    after: int | None
    judgement: Judgement


class RiskChange(_Part):
    """What an attack found before and after; None where it was not tried."""

    name: str
    label: str
    before: str | None
    after: str | None
    before_excess: float | None = None
    after_excess: float | None = None
    judgement: Judgement


class Side(_Part):
    """Which report it is."""

    title: str
    verdict: Verdict
    sentence: str
    generator: str | None
    seed: int | None
    likewise: str
    rows: dict[str, int]

    @classmethod
    def of(cls, report: Report) -> "Side":
        """The report in short."""
        made = report.provenance
        return cls(
            title=report.title,
            verdict=report.verdict,
            sentence=report.sentence,
            generator=made.generator,
            seed=report.seed,
            likewise=made.likewise,
            rows=made.rows,
        )


class Difference(_Part):
    """What the second report says other than the first.

    Attributes:
        version: of this format.
        judgement: better, worse, same or mixed, by scores and rules.
        sentence: the same in plain words.
        warnings: why the two may not be comparable, a sentence each; empty when they are.
        scores: all, in the order of the report.
        gauges: the three; better or worse only where a score of theirs is.
        columns: those whose error changed most, at most twenty.
        risks: attacks tried for either report.
        rules: those that are broken in either report, or checked in one only.
        appeared: warnings and failures that only the second report has.
        vanished: those that only the first has.
        worse: what ``--fail-if-worse`` fails by, a sentence each.
    """

    version: Literal[1] = 1
    judgement: Literal["better", "worse", "same", "mixed"]
    sentence: str
    warnings: tuple[str, ...]
    before: Side
    after: Side
    gauges: tuple[Change, ...]
    scores: tuple[Change, ...]
    columns: tuple[Change, ...]
    risks: tuple[RiskChange, ...] = ()
    rules: tuple[RuleChange, ...]
    appeared: tuple[Finding, ...]
    vanished: tuple[Finding, ...]
    worse: tuple[str, ...]

    def show(self) -> None:
        """Print what ``likewise compare`` prints."""
        from rich.console import Console

        from likewise.report.side_by_side import side_by_side

        Console().print(side_by_side(self))

    def as_json(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        return self.model_dump(mode="json")

"""What gates may ask of a report: read from a file, or from words of the command line.

A file is YAML or JSON and says no more than what is asked for:

    version: 1
    verdict: warn
    scores:
      detector_auc: {at_most: 0.65}
      near_copies: {excess: 0.005}
    gauges: {privacy: {at_least: 80}}
    every_column: {at_most: 0.1}
    rules: {violations: 0}
"""

import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from likewise.core.errors import ConfigError
from likewise.core.plain import read_plain
from likewise.core.registry import suggest
from likewise.metrics import METRICS
from likewise.report.limit import AREAS
from likewise.report.limits import LIMITS
from likewise.report.limits_linked import LINKED
from likewise.report.risks import ATTACKS

SCORES = tuple(
    dict.fromkeys([*LIMITS, *METRICS, *LINKED])
)  # the names of scores that a gate may ask for


def _no_truth(value: Any) -> Any:
    """YAML reads yes and no as true and false, which Python takes for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("a number is needed, not true or false")
    return value


Bound = Annotated[float, BeforeValidator(_no_truth), Field(allow_inf_nan=False)]
LetThrough = Literal["pass", "warn"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        asked = [name for name in type(self).model_fields if name != "version"]
        if not any(getattr(self, name) not in (None, {}) for name in asked):
            raise ValueError("it asks for nothing, so everything would pass")
        return self


class Gate(_Part):
    """What one score must be.

    Attributes:
        at_least: the lowest value let through, in the unit of the score.
        at_most: the highest value let through.
        excess: how far the value may lie from its floor in the bad direction; the unit is that of
            the table of limits, so for ``utility`` a share of the floor.
        verdict: the worst verdict let through.
    """

    at_least: Bound | None = None
    at_most: Bound | None = None
    excess: Bound | None = None
    verdict: LetThrough | None = None

    @model_validator(mode="after")
    def _can_be_passed(self) -> Self:
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            raise ValueError("at_least is above at_most, so nothing would pass")
        return self


class GaugeGate(_Part):
    """What one of the three gauges must be; they run from 0 to 100."""

    at_least: Bound | None = None
    at_most: Bound | None = None
    verdict: LetThrough | None = None

    @model_validator(mode="after")
    def _of_hundred(self) -> Self:
        if self.at_least is not None and 0 < self.at_least < 1:
            raise ValueError(f"gauges run from 0 to 100; {100 * self.at_least:g} may be meant")
        return self


class ColumnGate(_Part):
    """What the error of a column must be; a lower bound would let only bad columns through."""

    at_most: Bound | None = None
    excess: Bound | None = None
    verdict: LetThrough | None = None


class RiskGate(_Part):
    """What an attack may have found.

    Attributes:
        found: the worst that is let through: "not detected", or "inconclusive" too.
        excess: how much more may succeed on people who were learned than on others.
    """

    found: Literal["not detected", "inconclusive"] | None = None
    excess: Bound | None = None


class RulesGate(_Part):
    """How many violations by synthetic rows are let through, over all rules."""

    violations: Annotated[int, BeforeValidator(_no_truth), Field(ge=0)]


class Gates(_Part):
    """All that a report must say.

    Attributes:
        version: of the format.
        verdict: the worst verdict on the table that is let through.
        scores: by name.
        gauges: fidelity, utility or privacy.
        columns: by name.
        every_column: what the error of every column that was compared must be.
        risks: attacks by name; they are tried with ``--full``.
        every_risk: what every attack may have found.
        rules: how many violations of rules there may be.
    """

    version: Literal[1] = 1
    verdict: LetThrough | None = None
    scores: dict[str, Gate] = {}
    gauges: dict[str, GaugeGate] = {}
    columns: dict[str, ColumnGate] = {}
    every_column: ColumnGate | None = None
    risks: dict[str, RiskGate] = {}
    every_risk: RiskGate | None = None
    rules: RulesGate | None = None

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        _refuse_unknown("score", self.scores, SCORES)
        _refuse_unknown("gauge", self.gauges, AREAS)
        _refuse_unknown("attack", self.risks, ATTACKS)
        return self


def read_gates(path: str | Path) -> Gates:
    """Read a gate file; whatever is wrong with it raises ConfigError that names the place."""
    return parse_gates(read_plain(path, ConfigError), str(path))


def parse_gates(plain: Any, where: str = "gates") -> Gates:
    """Gates from plain values; ConfigError names the first field that is wrong."""
    if not isinstance(plain, dict):
        raise ConfigError(where, "no mapping at the top", _example("scores"))
    version = plain.get("version", 1)
    if isinstance(version, int) and version > 1:
        found = f"gates of version {version}, which this version does not know"
        raise ConfigError(where, found, "Update likewise, or write version: 1")
    try:
        return Gates.model_validate(plain)
    except ConfigError as error:
        raise ConfigError(f"{where}, {error.where}", error.found, error.hint) from None
    except ValidationError as error:
        first = error.errors()[0]
        at = tuple(str(part) for part in first["loc"])
        place = ", ".join([where, " → ".join(at)] if at else [where])
        if first["type"] == "extra_forbidden":
            known = _PARTS.get(at[0], Gates) if at[1:] else Gates
            hint = suggest(at[-1], list(known.model_fields))
            raise ConfigError(place, "no such key", hint) from None
        if at and at[-1] == "[key]":
            raise ConfigError(place, "a name that is no text", "Write it in quotes") from None
        found = first["msg"].removeprefix("Value error, ").partition(" or instance of")[0]
        raise ConfigError(place, found, _example(at[0] if at else "scores")) from None


def gates_of_options(under: Sequence[str], over: Sequence[str]) -> tuple[Gates, ...]:
    """The gates of ``--fail-under`` and ``--fail-over``, such as ``detector_auc=0.7``; at most one.

    Names are those of scores, or of gauges; "utility", which is both, means the score.
    """
    plain: dict[str, dict[str, dict[str, float]]] = {}
    for option, key, words in (
        ("--fail-under", "at_least", under),
        ("--fail-over", "at_most", over),
    ):
        for name, bound in _bounds(words, option):
            section = "gauges" if name in AREAS and name not in SCORES else "scores"
            plain.setdefault(section, {}).setdefault(name, {})[key] = bound
    return (parse_gates(plain, "--fail-under and --fail-over"),) if plain else ()


def refuse_unknown_columns(gates: Gates, columns: Collection[str]) -> None:
    """Raise ConfigError if a gate is on a column that the table does not have."""
    _refuse_unknown("column", gates.columns, columns)


def _bounds(pairs: Iterable[str], option: str) -> Iterable[tuple[str, float]]:
    """``["detector_auc=0.7"]`` as pairs; anything else raises ConfigError."""
    for pair in pairs:
        name, _, text = pair.partition("=")
        try:
            bound = float(text)
        except ValueError:
            bound = math.nan
        if not name.strip() or not math.isfinite(bound):
            hint = f"Write {option} detector_auc=0.7"
            raise ConfigError(f"{option} {pair!r}", "not of the form NAME=number", hint)
        yield name.strip().replace("-", "_"), bound


def _example(section: str) -> str:
    return f"Write it such as: {_EXAMPLES.get(section, _EXAMPLES['scores'])}"


_EXAMPLES = {
    "scores": "scores: {detector_auc: {at_most: 0.65}}",
    "gauges": "gauges: {privacy: {at_least: 80}}",
    "columns": "columns: {age: {at_most: 0.05}}",
    "every_column": "every_column: {at_most: 0.1}",
    "risks": "risks: {membership: {found: not detected}}",
    "every_risk": "every_risk: {found: inconclusive}",
    "rules": "rules: {violations: 0}",
    "verdict": "verdict: warn",
    "version": "version: 1",
}
_PARTS: dict[str, type[BaseModel]] = {
    "scores": Gate,
    "gauges": GaugeGate,
    "columns": ColumnGate,
    "every_column": ColumnGate,
    "risks": RiskGate,
    "every_risk": RiskGate,
    "rules": RulesGate,
}


def _refuse_unknown(what: str, names: Collection[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            found = "not in the table" if what == "column" else f"no such {what}"
            raise ConfigError(f"gate on {what} {name!r}", found, suggest(name, list(known)))

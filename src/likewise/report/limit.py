"""The limit of a score: where it starts to worry and to fail, and what is said of it then."""

from dataclasses import dataclass
from typing import Literal

Area = Literal["fidelity", "utility", "privacy"]
AREAS: tuple[Area, ...] = ("fidelity", "utility", "privacy")


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
        cause: the likely reason when it is off.
        help: the setting or step that would help.
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
    cause: str
    help: str
    unit: Literal["%", ""] = "%"
    better: Literal["higher", "lower"] | None = "lower"
    ideal: float | None = 0.0
    relative: bool = False

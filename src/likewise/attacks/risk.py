"""What an attack answers, and how it comes to its verdict.

No attack proves that data are safe. "Not detected" is said only together with the smallest leak
that would have been seen, and only where the same attack does see a leak that we planted.

Papers: Giomi et al., "A unified framework for quantifying privacy risk in synthetic data", PoPETs
2023 (excess over controls); Wilson, "Probable inference, the law of succession, and statistical
inference", 1927.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal

from likewise.attacks.null import Array, Outcome

Verdict = Literal["detected", "not detected", "inconclusive"]
Interval = tuple[float, float]

LARGE = 0.3  # an attack that could miss so large an excess says nothing
SHIFTED = 0.001  # p-value below which members and controls differ where they cannot
POWER = 0.8


@dataclass(frozen=True)
class Risk:
    """One attack on members, beside the same attack on controls the generator never saw.

    All numbers are None where nothing could be measured. Intervals hold at 95 % for all variants
    of the attack at once, of which the one that stands out most is reported.

    Attributes:
        name: the attack, as in the registry.
        success: share of attempts that succeed on members, in [0, 1]; for membership, the AUC.
        interval: of the success.
        baseline: success without the synthetic rows' help, in [0, 1]: by naive guesses.
        control: success on controls, in [0, 1]: what the population gives away in any case.
        control_interval: of the control's success.
        excess: (success - control) / (1 - control), to 1: of what the population does not give
            away, the share that the synthetic rows do. For an AUC, 2 AUC - 1.
        excess_interval: of the excess.
        power: the smallest excess that is detected with 80 % probability at these sizes.
        p_value: one-sided, of all variants together; small speaks of a leak.
        verdict: "detected", "not detected" (at this power) or "inconclusive".
        attempts: targets attacked, or guesses made, on either side.
        by: the excess, or what its name says, of each variant.
        note: how it was measured and why the verdict is what it is, in one or two sentences.
    """

    name: str
    success: float | None = None
    interval: Interval | None = None
    baseline: float | None = None
    control: float | None = None
    control_interval: Interval | None = None
    excess: float | None = None
    excess_interval: Interval | None = None
    power: float | None = None
    p_value: float | None = None
    verdict: Verdict = "inconclusive"
    attempts: int = 0
    by: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Tries:
    """What is known of an attack's tests: of the synthetic rows, and of two whose answer we know.

    Attributes:
        tests: of the synthetic rows, which is the one that counts; of the members themselves in
            their place, which must be detected; of fresh real rows, which must show nothing.
        level: chance of a false "detected".
    """

    tests: tuple[Outcome, ...]
    level: float

    @property
    def synth(self) -> Outcome:
        """The test that counts."""
        return self.tests[0]


@dataclass(frozen=True)
class Share:
    """Successes of one side: how many of how many, counted as how many independent ones."""

    successes: float
    attempts: int
    effective: float

    @classmethod
    def of(cls, hits: Array) -> "Share":
        """Of independent attempts, (N,) bool."""
        return cls(int(hits.sum()), len(hits), len(hits))

    @property
    def value(self) -> float:
        """In [0, 1]."""
        return self.successes / max(self.attempts, 1)

    def interval(self, z: float) -> Interval:
        """Wilson's interval with ``z`` standard errors on either side."""
        n = max(self.effective, 1)
        middle = (self.value + z * z / (2 * n)) / (1 + z * z / n)
        inside = self.value * (1 - self.value) / n + z * z / (4 * n * n)
        half = z / (1 + z * z / n) * math.sqrt(inside)
        return max(middle - half, 0.0), min(middle + half, 1.0)


def unmeasured(name: str, why: str) -> Risk:
    """The risk of an attack that could not be run."""
    return Risk(name, note=f"Not measured: {why}.")


def of_shares(
    name: str,
    sides: tuple[Share, Share],
    tries: Tries,
    *,
    baseline: float,
    by: Mapping[str, float],
    power: float,
    note: str,
) -> Risk:
    """The risk of an attack that counts successes on both sides, members' first."""
    members, controls = sides
    z, above = tries.synth.simultaneous, excess(members.value, controls.value)
    intervals = members.interval(z), controls.interval(z)
    verdict, why = judged(tries, power)
    return Risk(
        name,
        success=members.value,
        interval=intervals[0],
        baseline=baseline,
        control=controls.value,
        control_interval=intervals[1],
        excess=above,
        excess_interval=_excess_interval(members.value, controls.value, *intervals),
        power=power,
        p_value=tries.synth.p,
        verdict=verdict,
        attempts=members.attempts,
        by=by,
        note=f"{note} {why}".strip(),
    )


def excess(success: float, control: float) -> float:
    """(success - control) / (1 - control); 0 where controls always succeed."""
    return (success - control) / (1 - control) if control < 1 else 0.0


def detectable(sides: tuple[Share, Share], critical: float) -> float:
    """The smallest excess over the controls that is detected with 80 % probability; to 1.

    Two shares of independent rows, by their normal approximation; one success more than was seen
    is allowed for among controls. Paper: Fleiss, "Statistical methods for rates and proportions",
    1981, section 3.2.
    """
    n, m = (max(side.effective, 1) for side in sides)
    low = (sides[1].value * m + 1) / (m + 1)
    beta = NormalDist().inv_cdf(POWER)

    def seen(high: float) -> bool:
        middle = (high * n + low * m) / (n + m)
        chance = math.sqrt(middle * (1 - middle) * (1 / n + 1 / m))
        spread = math.sqrt(high * (1 - high) / n + low * (1 - low) / m)
        return high - low >= critical * chance + beta * spread

    below, above = min(low, 1.0), 1.0
    if below >= 1 or not seen(1.0):
        return 1.0
    for _ in range(40):
        middle = (below + above) / 2
        below, above = (below, middle) if seen(middle) else (middle, above)
    return excess(above, low)


def judged(tries: Tries, power: float) -> tuple[Verdict, str]:
    """The verdict, and a sentence on it."""
    synth, planted, fresh = tries.tests
    if fresh.p_both <= SHIFTED:
        why = "Members and controls differ even where no member was learned from: "
        return "inconclusive", f"{why}they are no random split of the same rows."
    if synth.p <= tries.level:
        return "detected", ""
    if planted.p > tries.level:
        why = "The attack does not even detect the members themselves as synthetic rows"
        return "inconclusive", f"{why}, so it cannot work on this table."
    if power > LARGE:
        return "inconclusive", f"Too few rows: an excess below {power:.2f} would be missed."
    return "not detected", f"An excess of {power:.3f} or more would have been detected."


def _excess_interval(
    success: float, control: float, around: Interval, beside: Interval
) -> Interval:
    """The interval of the excess, from those of both shares.

    Paper: Newcombe, "Interval estimation for the difference between independent proportions",
    1998, method 10, for the difference; the divisor moves it less and is taken as it is.
    """
    difference, rest = success - control, max(1 - control, 1e-12)
    low = difference - math.hypot(success - around[0], beside[1] - control)
    high = difference + math.hypot(around[1] - success, control - beside[0])
    return max(low / rest, -1.0), min(high / rest, 1.0)

"""Facts: numbers of a simulation's tables, each with a band in which it must lie to be believed.

Facts are computed on real tables and on output alike, so that both stand side by side.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from likewise.simulate.dynamics import Data, Dynamics

ASSUMED, OF_ZERO = 0.1, 0.01  # error of a wanted fact as a share of it; and of one that is 0


@dataclass(frozen=True)
class Band:
    """Where a fact has to lie.

    Attributes:
        meaning: what is measured, with its unit.
        low: least value; None for no bound.
        high: greatest value; None for no bound.
        source: where the band comes from.
    """

    meaning: str
    low: float | None = None
    high: float | None = None
    source: str = ""

    def holds(self, value: float) -> bool:
        """Whether a value lies within, bounds included; no number does not."""
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high) and math.isfinite(value)

    @property
    def bounded(self) -> bool:
        """Whether there is a bound at all."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class Fact:
    """A number of a simulation's output, held against its band and against real data.

    Attributes:
        name: as the simulator calls it.
        value: of the output.
        real: of the real data; None where there is none.
        band: where it has to lie; without bounds it is shown and not judged.
    """

    name: str
    value: float
    real: float | None
    band: Band

    @property
    def inside(self) -> bool | None:
        """Whether the value lies in its band; None where it has none."""
        return self.band.holds(self.value) if self.band.bounded else None


def measured(
    simulator: "Dynamics", data: "Data", real: Mapping[str, float] | None = None
) -> tuple[Fact, ...]:
    """The facts of output, in the simulator's order.

    Args:
        simulator: says what is measured and where it has to lie.
        data: the tables of the output.
        real: facts of real data by name.
    """
    beside = real or {}
    return tuple(
        Fact(name, float(value), beside.get(name), simulator.bands.get(name, Band(name)))
        for name, value in simulator.facts(data).items()
    )


def assumed_errors(target: Mapping[str, float]) -> dict[str, float]:
    """Standard errors where nobody knows them: 10 % of each fact, and 0.01 where it is 0."""
    return {name: ASSUMED * abs(value) or OF_ZERO for name, value in target.items()}

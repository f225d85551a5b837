"""What a simulation is made of: settings, a world to set up, rules, and what is observed."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from likewise.core.params import Recipe
from likewise.simulate.calibrate import Weights
from likewise.simulate.draws import Draws
from likewise.simulate.facts import Band
from likewise.simulate.film import Frame
from likewise.simulate.world import World

if TYPE_CHECKING:
    import pyarrow as pa

Data = Mapping[str, "pa.Table"]  # tables by name, as a trajectory has them


class Dynamics(Recipe):
    """The part of a simulator that one writes; ``Simulator`` adds how it is run and fitted.

    Attributes:
        summary: what it simulates, in a line.
        default_steps: how long it runs if nobody says.
        steps_per_day: steps that make a day; None where time has no such unit.
        bounds: parameters that ``fit`` may calibrate, each with its least and largest value.
        bands: where each of ``facts`` has to lie; others are shown and not judged.
        populations: that may be given as tables, each with the setting that counts its agents.
    """

    summary: ClassVar[str] = ""
    default_steps: ClassVar[int] = 100
    steps_per_day: ClassVar[float | None] = None
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {}
    bands: ClassVar[Mapping[str, Band]] = {}
    populations: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def setup(self, world: World, draws: Draws) -> None:
        """Put populations, spaces and logs into the new world."""

    def collect(self, world: World) -> Mapping[str, float]:
        """Numbers that are kept of each step, the start included; the same names each time."""
        return {}

    def done(self, world: World) -> bool:
        """Whether there is no point in going on."""
        return False

    def finish(self, world: World) -> None:
        """Put into the world what is only wanted at the end, such as tables; nothing by default."""

    def frame(self, world: World) -> Frame | None:
        """A picture of the world, for an animation."""
        return None

    def estimate(self, data: Data) -> Mapping[str, Any]:
        """Parameters that data say directly, such as a share or a rate; none by default."""
        return {}

    def published(self, facts: Mapping[str, float]) -> Mapping[str, Any]:
        """Parameters that published numbers say directly, such as a mean; none by default."""
        return {}

    def facts(self, data: Data) -> Mapping[str, float]:
        """Numbers by which a simulation is held against data: computed on both alike.

        Only those that the given tables allow: real data may have fewer tables than output.
        """
        return {}

    def weights(self, data: Data) -> Weights | None:
        """How exactly data know their ``facts``; None: see ``assumed_errors``."""
        return None

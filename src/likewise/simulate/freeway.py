"""A freeway's detectors, fitted to theirs: sections with demand and capacity by time of day.

What a detector sees follows from vehicles that come, from the queue in front of an exit that lets
fewer through, and from the diagram of speed and density. Equations, parameters and sources are on
the documentation's page.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.errors import ConfigError, DataError
from likewise.simulate.calibrate import Weights
from likewise.simulate.columns import numbers
from likewise.simulate.detectors import counts_of, day_weights, links_in, minutes_of
from likewise.simulate.draws import Draws
from likewise.simulate.dynamics import Data
from likewise.simulate.facts import Band
from likewise.simulate.form import Form
from likewise.simulate.log import Log
from likewise.simulate.population import Population
from likewise.simulate.rules import invariant, rule
from likewise.simulate.sections import QUARTERS, flows_of, profiles_of, run_sections
from likewise.simulate.simulator import Simulator
from likewise.simulate.world import World

Array = np.ndarray
DAY = 288  # steps of five minutes
PARTS = 20  # pieces of a step: a quarter of a minute, less than a section takes
SIZE = 0.5  # km
HOLDING = 60.0  # vehicles that wait before a section at most
Speed = Annotated[float, Field(ge=0, le=1000)]
Number = Annotated[int, Field(ge=-(2**62), le=2**62)]


class Freeway(Simulator):
    """Sections of a freeway with a detector each: counts and speeds of five minutes.

    Attributes:
        sections: how many, where none were fitted.
        peak: demand at the height of the rush, as a share of capacity, where none were fitted.
        growth: demand as a share of what it is otherwise.
        lanes: of each section.
        wave: speed at which congestion travels back, km/h.
        jam: density of a queue, veh/km and lane.
        daily: how much a day's demand differs from the usual, a standard deviation over the mean.
        first_day: weekday of the first day; 0 is Monday.
        detectors: numbers of the detectors; fitted.
        free: speed on a free road by section, km/h; fitted.
        usual: speed by section and quarter of an hour, km/h, of weekdays and then of weekends if
            they differ; demand and capacity follow from it; fitted.
    """

    summary: ClassVar[str] = "A freeway's detectors: demand and capacity by time of day"
    default_steps: ClassVar[int] = DAY
    steps_per_day: ClassVar[float | None] = float(DAY)
    bands: ClassVar[Mapping[str, Band]] = {
        "morning": Band("hour before noon at which most are slow", 6.0, 10.0, "rush hours"),
        "evening": Band("hour after noon at which most are slow", 15.0, 19.5, "rush hours"),
        "mean_speed": Band("mean of all detectors and times, km/h"),
        "slow": Band("share of detectors' time below 60 % of their free speed"),
    }

    sections: Annotated[int, Field(ge=1, le=10_000)] = 20
    peak: Annotated[float, Field(gt=0, le=2)] = 1.03
    growth: Annotated[float, Field(ge=0, le=5)] = 1.0
    lanes: Annotated[int, Field(ge=1, le=10)] = 4
    wave: Annotated[float, Field(ge=8, le=40)] = 18.0
    jam: Annotated[float, Field(ge=80, le=250)] = 140.0
    daily: Annotated[float, Field(ge=0, le=0.5)] = 0.01
    first_day: Annotated[int, Field(ge=0, le=6)] = 0
    detectors: tuple[Number, ...] = ()
    free: tuple[Speed, ...] = ()
    usual: tuple[tuple[Speed, ...], ...] = ()

    def setup(self, world: World, draws: Draws) -> None:
        """Sections as they are at midnight."""
        if self.usual:
            usual, free = self._fitted()
            names = np.array(self.detectors, np.int64)
            demand, capacity, density = flows_of(usual, free[:, None], self.wave, self.jam)
        else:
            names, free = np.arange(self.sections), 105 + 5 * draws.normal(self.sections)
            demand, capacity, density = self._made_up(draws, free)
        n = len(names)
        world.sections = Population(
            n, form=Form(key="section_id"), detector=names, free=free, lanes=self.lanes
        )
        world.demand, world.capacity = demand, capacity
        world.inside = np.floor(density[:, 0] * SIZE * self.lanes)
        world.waiting, world.credit, world.arrived, world.out, world.diverted = np.zeros((5, n))
        world.begun = world.inside.copy()
        world.factor = np.ones(n)
        world.counts = Log(
            form=Form(key="count_id", refers={"section_id": "sections"}), minute=int,
            section_id=int, detector_id=int, count=int, speed=float, density=float,
        )  # fmt: skip

    def _fitted(self) -> tuple[Array, Array]:
        n = len(self.usual)
        lengths = {len(row) for row in self.usual}
        if len(self.free) != n or len(self.detectors) != n or not lengths <= {96, 192}:
            found = f"{n:,} sections, {len(self.free):,} free speeds, {len(self.detectors):,} names"
            hint = "Fit them, or give one of each, and 96 or 192 speeds a section"
            raise ConfigError("freeway, setting 'usual'", found, hint)
        if len(lengths) > 1:
            hint = "Give as many for each"
            raise ConfigError("freeway, setting 'usual'", "rows of different lengths", hint)
        usual, free = np.array(self.usual), np.array(self.free)
        if not (usual > 0).all() or not (free > 0).all():
            raise ConfigError("freeway", "a speed that is not above 0", "Give km/h")
        return usual, free

    def _made_up(self, draws: Draws, free: Array) -> tuple[Array, Array, Array]:
        """Two rushes a day, against capacities that differ by a tenth."""
        hour = (np.arange(QUARTERS) + 0.5) / 4
        rush = [
            np.exp(-(((hour - at) / width) ** 2) / 2) for at, width in ((7.7, 1.1), (17.2, 1.5))
        ]
        share = 0.05 + 0.55 / (1 + np.exp(-(hour - 6) * 2)) / (1 + np.exp((hour - 21) / 1.2))
        share = share + 0.4 * (rush[0] + rush[1])
        best = self._best(free)[:, None]
        narrow = np.exp(0.05 * draws.normal(len(free)))[:, None]
        capacity = np.broadcast_to(np.minimum(best, 0.85 * best * narrow), (len(free), QUARTERS))
        demand = self.peak * share / share.max() * 0.85 * best
        return demand, np.array(capacity), demand / free[:, None]

    def _best(self, free: Array) -> Array:
        _, best, _ = flows_of(free[:, None], free[:, None], self.wave, self.jam)
        return best[:, 0]

    @rule()
    def go(self, world: World, draws: Draws) -> None:
        """Five minutes of all sections."""
        step, n = world.step - 1, len(world.sections)
        if step % DAY == 0:
            sigma = np.sqrt(np.log1p(self.daily**2))
            world.factor = np.exp(sigma * draws.normal(n) - sigma**2 / 2)
        seen = np.zeros((3, n))
        demand = np.stack([self._at(world.demand, step + end) for end in (0, 1)])
        demand *= self.growth * world.factor
        run_sections(
            draws.key(), PARTS, 1 / 12 / PARTS, SIZE, self.lanes, self.wave, self.jam,
            world.sections.free, demand,
            np.stack([self._at(world.capacity, step + end) for end in (0, 1)]), HOLDING,
            (
                world.inside, world.waiting, world.credit, world.arrived, world.out, world.diverted
            ), tuple(seen),
        )  # fmt: skip
        world.counts.emit(
            minute=5 * step, section_id=world.sections.id, detector_id=world.sections.detector,
            count=seen[0], speed=seen[2] / seen[1],
            density=world.inside / (SIZE * self.lanes),
        )  # fmt: skip

    def _at(self, profile: Array, step: int) -> Array:
        """A profile between the middles of its quarters; (S,)."""
        day, quarter = divmod(step / 3 - 0.5, QUARTERS)
        low, share = int(quarter), quarter - int(quarter)
        high = low + 1 if low + 1 < QUARTERS else 0
        kind = self._kind(int(day), profile)
        then = kind if high else self._kind(int(day) + 1, profile)
        mixed: Array = (1 - share) * profile[:, kind + low] + share * profile[:, then + high]
        return mixed

    def _kind(self, day: int, profile: Array) -> int:
        weekend = (max(day, 0) + self.first_day) % 7 >= 5 and profile.shape[1] > QUARTERS
        return QUARTERS * int(weekend)

    @invariant
    def nobody_is_lost(self, world: World) -> bool:
        """Who came is inside, waits, has left or has turned off."""
        there = world.inside + world.waiting + world.out + world.diverted
        return bool((world.begun + world.arrived == there).all() and (world.inside >= 0).all())

    def collect(self, world: World) -> Mapping[str, float]:
        """Vehicles inside, and so far come, left and turned off."""
        names = ("inside", "arrived", "out", "diverted")
        return {name: float(getattr(world, name).sum()) for name in names}

    def estimate(self, data: Data) -> Mapping[str, Any]:
        """The usual day of each detector, from a table of speeds.

        Its columns: ``minute`` from a midnight on, or dates with times; ``detector_id`` (or
        ``section_id``); ``speed`` in km/h. The first day's weekday is the setting ``first_day``.
        """
        if counts_of(data, "speed") is None:
            hint = "Give a table counts with minute, detector_id and speed"
            raise DataError("freeway", "no speeds of detectors", hint)
        names, free, usual = profiles_of(*_columns(data), self.first_day)
        return {
            "sections": len(names),
            "detectors": tuple(int(name) for name in names),
            "free": tuple(np.round(free, 2).tolist()),
            "usual": tuple(tuple(row) for row in np.round(usual, 2).tolist()),
        }  # fmt: skip

    def facts(self, data: Data) -> Mapping[str, float]:
        """Mean speed, how often detectors are slow, and at which hours."""
        table = counts_of(data, "speed")
        if table is None or not table.num_rows:
            return {}
        minute, detector, speed = _columns(data)
        there = np.isfinite(speed)
        if not there.any():
            return {}
        minute, detector, speed = minute[there], detector[there], speed[there]
        _, who = np.unique(detector, return_inverse=True)
        free = np.array([np.quantile(speed[who == s], 0.9) for s in range(who.max() + 1)])
        slow = speed < 0.6 * free[who]
        found = {"mean_speed": float(speed.mean()), "slow": float(slow.mean())}
        hour = (minute % 1440) / 60
        for name, low, high in (("morning", 0, 12), ("evening", 12, 24)):
            inside = slow & (hour >= low) & (hour < high)
            if inside.sum() > 10:
                found[name] = float(np.median(hour[inside]))
        return found

    def weights(self, data: Data) -> Weights | None:
        """From days drawn anew; None for fewer than four."""
        return day_weights(data, self.facts, "speed")


def _columns(data: Data) -> tuple[Array, Array, Array]:
    table = counts_of(data, "speed")
    assert table is not None
    return minutes_of(table), links_in(table), numbers(table, "speed", "counts")

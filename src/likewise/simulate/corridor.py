"""A motorway, vehicle by vehicle: car following, lane change, an on-ramp, detectors.

Drivers follow by the intelligent driver model and change lanes by MOBIL, on an open road whose
demand goes by the clock, or on a ring. Equations, parameters and sources are on the
documentation's page.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.errors import ConfigError
from likewise.simulate.calibrate import Weights
from likewise.simulate.corridor_fit import corridor_of, drivers_from
from likewise.simulate.detectors import QUARTER, day_weights
from likewise.simulate.diagram import BANDS, diagram_facts, ring_facts
from likewise.simulate.draws import Draws
from likewise.simulate.drivers import (
    DRIVING,
    LEFT,
    WAITING,
    line_up,
    logs_of,
    newcomers,
    picture,
    vehicles_of,
)
from likewise.simulate.dynamics import Data
from likewise.simulate.facts import Band
from likewise.simulate.film import Frame
from likewise.simulate.following import Road, drive, let_in, smallest_gap
from likewise.simulate.form import Form
from likewise.simulate.lane_change import change_lanes
from likewise.simulate.population import Population
from likewise.simulate.rules import invariant, rule
from likewise.simulate.simulator import MOST, Simulator
from likewise.simulate.world import World

Array = np.ndarray
PARTS = 4  # pieces of a second
AT_EASE = 0.6  # share of the wanted speed below which drivers are in a jam
RELAXING = 20.0  # seconds over which a time gap widens again after a lane change
MINUTE = 60  # seconds over which a detector counts
Share = Annotated[float, Field(ge=0, le=1)]


class Corridor(Simulator):
    """Vehicles on a motorway, or on a ring: trajectories, passages, detector counts and speeds.

    Attributes:
        length: of the road, m.
        lanes: without that of the ramp.
        ring: whether the road's ends meet; then nobody comes or leaves.
        vehicles: on the ring at the start, evenly spread and at rest.
        demand: vehicles that come by the road at most, an hour and lane.
        ramp: vehicles that come by an on-ramp at most, an hour.
        ramp_at: where the ramp joins, as a share of the length.
        merge: metres along which one can change from the ramp to the road.
        profile: demand at each quarter of an hour, as shares of the most; repeated.
        wanted: speed of a car on a free road, km/h.
        headway: time gap that is kept, s.
        accel: greatest acceleration, m/s².
        brake: comfortable braking, m/s².
        gap: to the vehicle ahead at a standstill, m.
        car: length of a car, m.
        tiring: how much longer the time gap grows in a jam, as a share.
        memory: seconds that this takes, and that it takes to pass.
        spread: how unequal drivers are: standard deviation over mean of their time gap; that of
            wanted speeds and accelerations is a third of it.
        trucks: share of trucks: 12 m long, at most 90 km/h, half the acceleration.
        polite: how much a driver who changes lanes counts what others lose.
        threshold: what a change must gain, m/s².
        imposed: the greatest braking that a change may ask of others, m/s².
        squeeze: how much shorter than kept a time gap may be where one comes from the ramp, as a
            share; it widens again over 20 seconds.
        spacing: of the detectors, m.
        tracked: share of vehicles whose trajectory is kept.
        sampled: seconds between two points of a trajectory.
    """

    summary: ClassVar[str] = "A motorway: car following, lane change, detectors, trajectories"
    default_steps: ClassVar[int] = 9000
    steps_per_day: ClassVar[float | None] = 86_400.0
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {
        "headway": (0.8, 2.2), "tiring": (0.0, 0.8),
    }  # fmt: skip
    bands: ClassVar[Mapping[str, Band]] = BANDS
    populations: ClassVar[Mapping[str, str]] = {"vehicles": "vehicles"}

    length: Annotated[float, Field(ge=50, le=200_000)] = 8000.0
    lanes: Annotated[int, Field(ge=1, le=8)] = 3
    ring: bool = False
    vehicles: Annotated[int, Field(ge=1, le=MOST)] = 22
    demand: Annotated[float, Field(ge=0, le=4000)] = 2050.0
    ramp: Annotated[float, Field(ge=0, le=3000)] = 650.0
    ramp_at: Annotated[float, Field(ge=0.1, le=0.95)] = 0.8
    merge: Annotated[float, Field(ge=50, le=2000)] = 400.0
    profile: Annotated[tuple[Share, ...], Field(min_length=1, max_length=96)] = (
        0.3, 0.6, 0.78, 0.86, 0.91, 0.95, 0.98, 1.0, 0.8, 0.5, 0.3, 0.3, 0.3,
    )  # fmt: skip
    wanted: Annotated[float, Field(ge=20, le=200)] = 120.0
    headway: Annotated[float, Field(ge=0.5, le=4)] = 1.1
    accel: Annotated[float, Field(ge=0.2, le=4)] = 1.25
    brake: Annotated[float, Field(ge=0.5, le=6)] = 2.0
    gap: Annotated[float, Field(ge=0.5, le=6)] = 2.6
    car: Annotated[float, Field(ge=2, le=8)] = 4.5
    tiring: Annotated[float, Field(ge=0, le=1)] = 0.4
    memory: Annotated[float, Field(ge=1, le=3600)] = 120.0
    spread: Annotated[float, Field(ge=0, le=0.6)] = 0.45
    trucks: Share = 0.04
    polite: Annotated[float, Field(ge=0, le=2)] = 0.2
    threshold: Annotated[float, Field(ge=0, le=2)] = 0.15
    imposed: Annotated[float, Field(ge=0.5, le=8)] = 3.0
    squeeze: Annotated[float, Field(ge=0, le=0.7)] = 0.5
    spacing: Annotated[float, Field(ge=20, le=200_000)] = 500.0
    tracked: Share = 0.1
    sampled: Annotated[int, Field(ge=1, le=600)] = 5

    def setup(self, world: World, draws: Draws) -> None:
        """An empty road, or a ring of vehicles at rest; detectors."""
        at = np.arange(self.spacing, self.length, self.spacing)
        at = at if len(at) else np.array([self.length / 2])
        form = Form(key="detector_id", labels={"after_ramp": ("no", "yes")})
        behind = (at > self.ramp_at * self.length) & (not self.ring)
        world.detectors = Population(len(at), form=form, place=at, after_ramp=behind.astype(int))
        count = self.vehicles if self.ring else 0
        self._refuse(world)
        world.vehicles = vehicles_of(self, world, draws, count)
        world.order = np.empty(0, np.int64)
        if self.ring:
            line_up(self, world, draws)
        world.counted = np.zeros((len(at), self.lanes + 1, 4))  # count, speeds, inverses, occupied
        world.stopped_short = 0
        logs_of(world)

    def _refuse(self, world: World) -> None:
        """Settings that do not fit together."""
        if self.ring and self.vehicles * (self.car + self.gap) > self.lanes * self.length:
            found = f"{self.vehicles:,} vehicles on {self.length:g} m of {self.lanes} lanes"
            raise ConfigError("corridor, setting 'vehicles'", found, "Give fewer, or a longer ring")
        joins = self.ramp > 0 and not self.ring
        if joins and not 100 <= self._road[2] <= self._road[3] <= self.length:
            found = f"from {self._road[2]:g} to {self._road[3]:g} m of {self.length:g} m"
            hint = "Let it begin behind 100 m and end before the road does"
            raise ConfigError("corridor, the ramp", found, hint)
        if not self.ring and "vehicles" in world.given:
            hint = "Give them to a ring: ring=true"
            raise ConfigError("corridor, table 'vehicles'", "given for an open road", hint)

    @rule()
    def come(self, world: World, draws: Draws) -> None:
        """Vehicles come to the road and to the ramp, and drive on where there is room."""
        if self.ring:
            return
        quarters = np.append(self.profile, self.profile[0])
        now = world.step / (QUARTER * MINUTE) % len(self.profile)
        share = np.interp(now, np.arange(len(quarters)), quarters)
        mean = np.array([self.demand * self.lanes, self.ramp]) * share / 3600
        many = draws.poisson(2, mean)
        cars = world.vehicles
        if many.sum():
            cars.add(int(many.sum()), **newcomers(self, draws, cars.ever_lived, many, world.step))
        self._enter(world)

    def _enter(self, world: World) -> None:
        """Who waits longest enters first, until one cannot."""
        cars = world.vehicles
        state, drivers = self._state(cars), self._drivers(cars)
        doors = ((0, self.lanes, 0.0), (self.lanes, self.lanes + 1, self._road[2] - 100))
        for origin, (low, high, at) in enumerate(doors):
            for row in np.flatnonzero((cars.state == WAITING) & (cars.origin == origin)):
                if let_in(int(row), low, high, at, world.order, state, drivers) < 0:
                    break
                cars.state[row], cars.entered[row] = DRIVING, world.step
                place = np.searchsorted(-cars.place[world.order], -at, side="right")
                world.order = np.insert(world.order, place, row)

    @rule()
    def change(self, world: World, draws: Draws) -> None:
        """Lanes are changed."""
        cars = world.vehicles
        manners = (self.polite, self.threshold, self.imposed)
        change_lanes(
            world.order, self._state(cars), self._drivers(cars), self._road, manners, self.squeeze,
            cars.changes, cars.short,
        )  # fmt: skip

    @rule()
    def go(self, world: World, draws: Draws) -> None:
        """A second of driving; detectors see who passes."""
        cars, order = world.vehicles, world.order
        room = len(order) * 4 + 4
        passed = (
            np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room), np.empty(room),
        )  # fmt: skip
        ease = np.minimum(cars.speed[order] / (AT_EASE * cars.wanted[order]), 1.0)
        cars.ease[order] += (ease - cars.ease[order]) / self.memory
        cars.short[order] *= 1 - 1 / RELAXING
        longer = 1 + self.tiring * (1 - cars.ease[order])
        cars.keeps[order] = cars.headway[order] * longer * (1 - cars.short[order])
        count, short = drive(
            order, self._state(cars), self._drivers(cars), self._road, PARTS,
            world.detectors.place, passed,
        )  # fmt: skip
        world.stopped_short += short
        self._seen(world, *(column[:count] for column in passed))
        if not self.ring:
            gone = cars.place[order] >= self.length
            cars.state[order[gone]], cars.left[order[gone]] = LEFT, world.step
            world.order = order[~gone]

    def _seen(self, world: World, row: Array, detector: Array, part: Array, speed: Array) -> None:
        cars = world.vehicles
        world.passages.emit(
            second=world.step - 1 + (part + 0.5) / PARTS, detector_id=detector,
            lane=cars.lane[row], vehicle_id=cars.id[row], speed=speed * 3.6,
        )  # fmt: skip
        pace = 1 / np.maximum(speed, 0.3)
        for k, value in enumerate((np.ones(len(row)), speed, pace, cars.length[row] * pace)):
            np.add.at(world.counted[:, :, k], (detector, cars.lane[row]), value)

    @rule(every=MINUTE)
    def count(self, world: World, draws: Draws) -> None:
        """Detectors tell what they saw in a minute."""
        seen = world.counted[:, : self.lanes].reshape(-1, 4)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean, harmonic = seen[:, 1] / seen[:, 0], seen[:, 0] / seen[:, 2]
        rows = np.arange(len(seen))
        world.counts.emit(
            minute=world.step // MINUTE - 1, detector_id=rows // self.lanes,
            lane=rows % self.lanes, count=seen[:, 0], speed=mean * 3.6,
            harmonic_speed=harmonic * 3.6, occupancy=np.minimum(seen[:, 3] / MINUTE, 1.0),
        )  # fmt: skip
        world.counted[:] = 0

    @rule()
    def track(self, world: World, draws: Draws) -> None:
        """Where the tracked vehicles are."""
        if world.step % self.sampled:
            return
        cars, rows = world.vehicles, world.order[world.vehicles.tracked[world.order]]
        world.trajectories.emit(
            second=world.step, vehicle_id=cars.id[rows], place=cars.place[rows],
            lane=cars.lane[rows], speed=cars.speed[rows] * 3.6,
        )  # fmt: skip

    @invariant
    def nobody_is_lost(self, world: World) -> bool:
        """Those who drive are on the road once each."""
        cars, order = world.vehicles, world.order
        there = (cars.state[order] == DRIVING).all() and len(np.unique(order)) == len(order)
        return bool(there and len(order) == np.count_nonzero(cars.state == DRIVING))

    @invariant
    def nobody_drives_into_another(self, world: World) -> bool:
        """No gap is below 0."""
        cars, ring = world.vehicles, self._road[1]
        return smallest_gap(world.order, self._state(cars), cars.length, self.lanes, ring) >= 0

    def collect(self, world: World) -> Mapping[str, float]:
        """Vehicles that wait, drive and have left, and the mean speed, km/h."""
        counts = np.bincount(world.vehicles.state, minlength=3)
        speed = world.vehicles.speed[world.order]
        named = dict(zip(("waiting", "driving", "left"), counts, strict=True))
        return {**named, "speed": float(speed.mean() * 3.6) if len(speed) else np.nan}

    def frame(self, world: World) -> Frame:
        """The road from left to right, or the ring; slow vehicles in the second colour."""
        return picture(world, self.length, self.ring)

    def facts(self, data: Data) -> Mapping[str, float]:
        """Those of the fundamental diagram, and of the ring if it is one."""
        return ring_facts(data, self.length) if self.ring else diagram_facts(data, self.lanes)

    def estimate(self, data: Data) -> Mapping[str, Any]:
        """Demand, lanes, ramp, wanted speed and gap, from a table of detectors; on a ring none."""
        return {} if self.ring else corridor_of(self, data)

    def published(self, facts: Mapping[str, float]) -> Mapping[str, Any]:
        """Wanted speed and gap, from free speed and jam density."""
        return drivers_from(self, facts)

    def weights(self, data: Data) -> Weights | None:
        """From days drawn anew; None for fewer than four."""
        return None if self.ring else day_weights(data, self.facts, "count", "speed")

    @property
    def _road(self) -> Road:
        start = self.ramp_at * self.length
        return self.lanes, self.length if self.ring else 0.0, start, start + self.merge

    @staticmethod
    def _state(cars: Population) -> tuple[Array, Array, Array, Array]:
        return cars.place, cars.speed, cars.lane, cars.since

    @staticmethod
    def _drivers(cars: Population) -> tuple[Array, Array, Array, Array, Array, Array]:
        return cars.wanted, cars.keeps, cars.accel, cars.brake, cars.gap, cars.length

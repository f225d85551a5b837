"""Traffic of a city, link by link: trips by time of day, signals, incidents, spillback.

Vehicles are agents with a home, a job and a route; links transmit them by kinematic waves.
Equations, parameters and sources are on the documentation's page.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.errors import ConfigError
from likewise.simulate.calibrate import Weights
from likewise.simulate.city import BANDS, city_facts
from likewise.simulate.city_fit import city_of
from likewise.simulate.city_tables import logs_of
from likewise.simulate.detectors import day_weights
from likewise.simulate.draws import Draws
from likewise.simulate.dynamics import Data
from likewise.simulate.events import EventQueue
from likewise.simulate.facts import Band
from likewise.simulate.form import Form
from likewise.simulate.given import as_numbers, given_columns
from likewise.simulate.outings import outings
from likewise.simulate.population import Population
from likewise.simulate.rules import invariant, rule
from likewise.simulate.simulator import MOST, Simulator
from likewise.simulate.streets import grid_of, homes_and_jobs, routes_of, ways_of
from likewise.simulate.transmission import NOBODY, Queue, Trips, append_all, on_road, transmit
from likewise.simulate.world import World

Array = np.ndarray
STEP = 5.0  # seconds
DAY = 17_280  # steps
COUNTED = 60  # steps over which detectors count: five minutes
LATER = 600.0  # seconds after which somebody still under way is asked again
STATES = ("parked", "driving")
PARKED, DRIVING = range(2)
HABIT, NEWS = range(2)  # tables of routes
Share = Annotated[float, Field(ge=0, le=1)]


class Traffic(Simulator):
    """Vehicles on the streets of a city: trips, trajectories, detector counts and speeds.

    Attributes:
        vehicles: how many live there.
        rows, columns: of crossings.
        block: mean distance of crossings, m.
        avenues: every so many streets is an avenue, of two lanes instead of one.
        speed: on a free street, km/h; a half more on avenues.
        saturation: flow at green, veh/h and lane.
        jam: density of a queue, veh/km and lane.
        wave: speed at which places that become free travel back, km/h.
        cycle: of the signals, s.
        lost: of each green phase, s.
        commuters: share of vehicles that go to work and back; others go somewhere else.
        centre: how dense jobs are in the middle of the city.
        informed: share of drivers who know how quick links are at the moment.
        incidents: a day and 100 km.
        incident_minutes: median time that one lasts.
        tracked: share of vehicles whose trajectory is kept.
    """

    summary: ClassVar[str] = "A city's traffic: trips, signals, incidents, detectors, trajectories"
    default_steps: ClassVar[int] = DAY
    steps_per_day: ClassVar[float | None] = float(DAY)
    bands: ClassVar[Mapping[str, Band]] = BANDS
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {
        "commuters": (0.05, 1.0), "saturation": (900.0, 2400.0), "vehicles": (1000, 200_000),
        "speed": (20.0, 80.0),
    }  # fmt: skip
    populations: ClassVar[Mapping[str, str]] = {"vehicles": "vehicles"}

    vehicles: Annotated[int, Field(ge=1, le=MOST)] = 60_000
    rows: Annotated[int, Field(ge=1, le=100)] = 16
    columns: Annotated[int, Field(ge=2, le=100)] = 16
    block: Annotated[float, Field(ge=75, le=5000)] = 250.0
    avenues: Annotated[int, Field(ge=1, le=100)] = 3
    speed: Annotated[float, Field(ge=10, le=120)] = 40.0
    saturation: Annotated[float, Field(ge=300, le=3000)] = 1800.0
    jam: Annotated[float, Field(ge=80, le=250)] = 140.0
    wave: Annotated[float, Field(ge=8, le=40)] = 18.0
    cycle: Annotated[float, Field(ge=20, le=240)] = 80.0
    lost: Annotated[float, Field(ge=0, le=9)] = 5.0
    commuters: Share = 0.35
    centre: Annotated[float, Field(ge=0, le=10)] = 1.5
    informed: Share = 0.5
    incidents: Annotated[float, Field(ge=0, le=100_000)] = 2.0
    incident_minutes: Annotated[float, Field(gt=0, le=1440)] = 30.0
    tracked: Share = 0.02

    def setup(self, world: World, draws: Draws) -> None:
        """Streets and signals; everybody is at home."""
        speeds = (self.speed, 1.5 * self.speed)
        world.nodes, world.links = grid_of(
            self.rows, self.columns, self.block, draws, every=self.avenues, speeds=speeds
        )
        links, n = world.links, len(world.nodes)
        world.nodes.offset = np.floor(draws.uniform(n) * self.cycle)
        free = links.length / (links.speed / 3.6)
        most = np.maximum(self.jam / 1000 * links.length * links.lanes, 1.0)
        waves = np.ceil(links.length / (self.wave / 3.6) / STEP).astype(np.int64)
        rate = self.saturation / 3600 * links.lanes
        doors = np.full(n, 1e9), np.zeros(n), np.zeros(n, np.int64), np.full(n, 2.0)
        world.end = np.concatenate([links.to_id, np.arange(n)])
        world.free = np.concatenate([free, doors[1]])
        world.most = np.concatenate([most, doors[0]])
        world.flow = np.concatenate([rate, doors[3]])
        world.waves = np.concatenate([waves, doors[2]])
        world.start = np.concatenate([links.from_id, np.arange(n)])
        world.ways = ways_of(n, links.from_id)
        world.axis = np.concatenate([links.axis.astype(np.int64), np.full(n, -1)])
        size = len(links) + n
        world.first, world.last = np.full((2, size), NOBODY, np.int64)
        world.number, world.ins, world.outs = np.zeros((3, size), np.int64)
        world.past = np.zeros((size, int(waves.max()) + 2), np.int64)
        world.credit, world.factor, world.until = np.zeros(size), np.ones(size), np.zeros(size)
        world.entered, world.left, world.spent = np.zeros((3, len(links)))
        world.present = np.zeros(len(links))
        world.routes = np.stack(2 * [self._routes(world, free)])
        world.vehicles = self._people(world, draws)
        world.queue = EventQueue()
        world.started = world.ended = 0
        logs_of(world)

    def _routes(self, world: World, seconds: Array) -> Array:
        links = world.links
        return routes_of(len(world.nodes), links.from_id, links.to_id, seconds)

    def _people(self, world: World, draws: Draws) -> Population:
        n, nodes = self.vehicles, len(world.nodes)
        given, words = given_columns(world, "vehicles")
        as_numbers(given, words, ("home", "work"))
        for name in ("home", "work"):
            if name in given and not np.isin(given[name], np.arange(nodes)).all():
                hint = f"Give numbers of crossings, from 0 to {nodes - 1:,}"
                raise ConfigError(f"vehicles, column {name!r}", "no crossing of the city", hint)
        made = dict(homes_and_jobs(draws, n, world.nodes, self.centre))
        made["commuter"] = draws.chance(n, self.commuters)
        made["informed"] = draws.chance(n, self.informed)
        hidden = ("after", "ready", "since", "goal", "table", "way", "tracked", "begun", "purpose")
        form = Form(
            key="vehicle_id", refers={"home": "nodes", "work": "nodes", "at": "nodes"},
            labels={"state": STATES, **words}, hidden=hidden,
        )  # fmt: skip
        columns = {**made, **given}
        for name in ("home", "work"):
            columns[name] = columns[name].astype(np.int64)
        return Population(
            n, form=form, **columns, state=np.int8(PARKED), at=columns["home"], trips=0,
            after=NOBODY, ready=0.0, since=0.0, goal=0, table=0, way=0.0, begun=0.0, purpose=0,
            tracked=draws.chance(n, self.tracked),
        )  # fmt: skip

    @rule()
    def depart(self, world: World, draws: Draws) -> None:
        """Plans of a day are made when it begins; whose time has come sets out."""
        cars = world.vehicles
        if (world.step - 1) % DAY == 0:
            day = (world.step - 1) // DAY * DAY * STEP
            times, who, purpose = outings(draws, cars.id, cars.commuter)
            world.queue.push(day + times, who, purpose)
        times, who, purpose = world.queue.until(world.step * STEP)
        if not len(who):
            return
        busy = cars.state[who] == DRIVING
        if busy.any():
            world.queue.push(times[busy] + LATER, who[busy], purpose[busy])
        times, who, purpose = times[~busy], who[~busy], purpose[~busy]
        out = purpose % 2 == 0
        goal = np.where(out, cars.work[who], cars.home[who])
        goes = goal != cars.at[who]
        if not goes.any():
            return
        times, who, goal = times[goes], who[goes], goal[goes]
        cars.goal[who], cars.state[who], cars.way[who] = goal, DRIVING, 0.0
        cars.table[who] = np.where(cars.informed[who], NEWS, HABIT)
        cars.begun[who], cars.purpose[who] = times, purpose[goes]
        doors = len(world.links) + cars.at[who]
        append_all(doors, who, times, self._queue(world), self._trips(cars))
        world.started += len(who)

    @rule()
    def go(self, world: World, draws: Draws) -> None:
        """Five seconds of traffic."""
        cars, links = world.vehicles, world.links
        size = int(world.number.sum()) + 1
        room = 20 * size
        moved = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room), np.empty(room)
        green = self.cycle / 2 - self.lost
        moves, ended = transmit(
            draws.order(len(world.end)), world.step, STEP,
            (world.end, world.free, world.most, world.flow, world.waves, world.start),
            (world.nodes.offset, world.axis, self.cycle, green), world.factor, links.length,
            world.routes, world.ways, self._queue(world), self._trips(cars),
            (world.entered, world.left, world.spent), moved,
        )  # fmt: skip
        world.present += world.number[: len(links)]
        car, link, entered, left = (column[:moves] for column in moved)
        kept = cars.tracked[car] & (link < len(links))
        if kept.any():
            world.trajectories.emit(
                vehicle_id=cars.id[car[kept]], link_id=link[kept], entered=entered[kept],
                left=left[kept],
            )  # fmt: skip
        over = (world.end[link] == cars.goal[car]) & (link < len(links))
        if ended:
            self._arrive(world, car[over], left[over])
        world.ended += ended

    def _arrive(self, world: World, who: Array, when: Array) -> None:
        cars = world.vehicles
        world.trips.emit(
            vehicle_id=cars.id[who], purpose=cars.purpose[who], origin=cars.at[who],
            destination=cars.goal[who], departed=cars.begun[who], arrived=when,
            metres=cars.way[who],
        )  # fmt: skip
        cars.at[who], cars.state[who] = cars.goal[who], PARKED
        cars.trips[who] += 1

    @rule(every=12)
    def fall_out(self, world: World, draws: Draws) -> None:
        """Incidents happen in proportion to length, and end."""
        links, now = world.links, world.step * STEP
        over = (world.until > 0) & (world.until <= now)
        world.factor[over], world.until[over] = 1.0, 0.0
        mean = self.incidents * links.length / 1e5 / 1440
        hit = np.flatnonzero(
            (draws.poisson(len(links), mean) > 0) & (world.factor[: -len(world.nodes)] == 1)
        )
        minutes = self.incident_minutes * np.exp(0.7 * draws.normal(hit))
        share = np.where(links.lanes[hit] > 1, 0.45, 0.25)
        world.factor[hit], world.until[hit] = share, now + 60 * minutes
        world.closures.emit(second=now, link_id=hit, minutes=minutes, share=1 - share)

    @rule(every=COUNTED)
    def count(self, world: World, draws: Draws) -> None:
        """Detectors tell of five minutes; the informed hear of it every quarter of an hour."""
        links = world.links
        with np.errstate(invalid="ignore", divide="ignore"):
            speed = links.length / (world.spent / world.left) * 3.6
        density = world.present / COUNTED / (links.length / 1000 * links.lanes)
        world.counts.emit(
            minute=(world.step // COUNTED - 1) * 5, link_id=links.id, count=world.left,
            speed=speed, density=density,
        )  # fmt: skip
        if self.informed and world.step % (3 * COUNTED) == 0:
            free = world.free[: len(links)]
            waited = np.where(world.left > 0, world.spent / np.maximum(world.left, 1), free)
            stuck = (world.left == 0) & (world.number[: len(links)] > 0)
            world.routes[NEWS] = self._routes(world, np.where(stuck, 600.0, np.maximum(waited, 1)))
        for kept in (world.entered, world.left, world.spent, world.present):
            kept[:] = 0

    @invariant
    def nobody_is_lost(self, world: World) -> bool:
        """Trips begun are over or under way; links hold no more than fits."""
        there = on_road(world.first, world.vehicles.after)
        full = (world.number <= np.ceil(world.most)).all()
        driving = np.count_nonzero(world.vehicles.state == DRIVING)
        return bool(world.started - world.ended == there == driving == world.number.sum() and full)

    def collect(self, world: World) -> Mapping[str, float]:
        """Vehicles under way, and trips so far."""
        return {"driving": world.started - world.ended, "arrived": world.ended}

    def facts(self, data: Data) -> Mapping[str, float]:
        """Those of a city's day, and of its macroscopic fundamental diagram."""
        return city_facts(data)

    def estimate(self, data: Data) -> Mapping[str, Any]:
        """Vehicles and speed, from counts and speeds of links."""
        return city_of(self, data)

    def weights(self, data: Data) -> Weights | None:
        """From days drawn anew; None for fewer than four."""
        return day_weights(data, self.facts, "count")

    @staticmethod
    def _queue(world: World) -> Queue:
        return (
            world.first, world.last, world.number, world.ins, world.outs, world.past, world.credit
        )  # fmt: skip

    @staticmethod
    def _trips(cars: Population) -> Trips:
        return cars.after, cars.ready, cars.since, cars.goal, cars.table, cars.way

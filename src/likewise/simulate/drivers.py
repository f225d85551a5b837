"""Drivers of a motorway, how they and their vehicles differ, and the tables that they leave."""

from typing import TYPE_CHECKING, Any

import numpy as np

from likewise.core.errors import ConfigError
from likewise.simulate.draws import Draws
from likewise.simulate.film import Frame, points
from likewise.simulate.following import smallest_gap
from likewise.simulate.form import Form
from likewise.simulate.given import as_numbers, given_columns
from likewise.simulate.log import Log
from likewise.simulate.population import Population
from likewise.simulate.world import World

if TYPE_CHECKING:
    from likewise.simulate.corridor import Corridor

Array = np.ndarray
CAR, TRUCK = 0, 1
KINDS = ("car", "truck")
ORIGINS = ("road", "ramp")
WAITING, DRIVING, LEFT = range(3)
STATES = ("waiting", "driving", "left")
LIMITS = {  # of columns that somebody hands in: least and greatest, m and s
    "wanted": (1.0, 80.0), "headway": (0.3, 6.0), "accel": (0.1, 6.0), "brake": (0.3, 9.0),
    "gap": (0.3, 10.0), "length": (1.0, 30.0),
}  # fmt: skip
TRUCK_LENGTH, TRUCK_SPEED = 12.0, 25.0


def drivers_of(settings: "Corridor", draws: Draws, agents: Array) -> dict[str, Array]:
    """Vehicles and their drivers' wishes, in metres and seconds; columns (N,).

    Time gaps are log-normal of mean ``headway``; trucks are long, slow and start slowly.
    """
    truck = draws.chance(agents, settings.trucks)
    third = settings.spread / 3
    sigma = np.sqrt(np.log1p(settings.spread**2))
    headway = settings.headway * np.exp(sigma * draws.normal(agents) - sigma**2 / 2)
    faster = np.clip(1 + third * draws.normal(agents), 0.6, 1.4)
    wanted = settings.wanted / 3.6 * faster
    quick = np.clip(1 + third * draws.normal(agents), 0.5, 1.5)
    headway = np.clip(headway, 0.4, 4.0) * np.where(truck, 1.2, 1.0)
    return {
        "kind": truck.astype(np.int8),
        "wanted": np.where(truck, np.minimum(wanted, TRUCK_SPEED * faster), wanted),
        "headway": headway,
        "keeps": headway,
        "ease": np.ones(len(agents)),
        "short": np.zeros(len(agents)),
        "accel": settings.accel * quick * np.where(truck, 0.5, 1.0),
        "brake": np.full(len(agents), settings.brake),
        "gap": np.full(len(agents), settings.gap),
        "length": np.where(truck, TRUCK_LENGTH, settings.car),
        "tracked": draws.chance(agents, settings.tracked),
    }  # fmt: skip


def newcomers(
    settings: "Corridor", draws: Draws, first: int, many: Array, second: int
) -> dict[str, Any]:
    """Columns of the vehicles that come in a second: ``many`` by the road and by the ramp, (2,)."""
    made: dict[str, Any] = drivers_of(settings, draws, first + np.arange(many.sum()))
    nothing = {"place": -1.0, "speed": 0.0, "lane": 0, "since": 0.0, "changes": 0}
    when = {"arrived": second, "entered": np.nan, "left": np.nan}
    return {**made, **nothing, **when, "origin": np.repeat(np.arange(2), many), "state": WAITING}


def vehicles_of(settings: "Corridor", world: World, draws: Draws, count: int) -> Population:
    """The population of vehicles, those of a given table or made-up ones.

    Raises:
        ConfigError: a given column with values that cannot be driven.
    """
    given, words = given_columns(world, "vehicles")
    as_numbers(given, words, tuple(LIMITS))
    for name, (low, high) in LIMITS.items():
        if name in given and not ((given[name] >= low) & (given[name] <= high)).all():
            hint = f"Give values from {low:g} to {high:g}, in metres and seconds"
            raise ConfigError(f"vehicles, column {name!r}", "values out of range", hint)
    form = Form(
        key="vehicle_id",
        labels={"kind": KINDS, "origin": ORIGINS, "state": STATES, **words},
        hidden=("since", "tracked", "keeps", "ease", "short"),
    )  # fmt: skip
    columns = {**drivers_of(settings, draws, np.arange(count)), **given}
    columns["keeps"] = columns["headway"]
    return Population(
        count, form=form, **columns, origin=np.int8(0), state=np.int8(WAITING), arrived=0,
        entered=np.nan, left=np.nan, changes=0, place=-1.0, speed=0.0, lane=0, since=0.0,
    )  # fmt: skip


def line_up(settings: "Corridor", world: World, draws: Draws) -> None:
    """Vehicles evenly in all lanes of a ring, but for a tenth of a metre.

    Raises:
        ConfigError: they are too long for it.
    """
    cars, n, lanes, length = world.vehicles, settings.vehicles, settings.lanes, settings.length
    row = np.arange(n) // lanes
    away = length / -(-n // lanes)
    cars.place = length - (row + 1) * away + 0.1 * draws.uniform(n) * (away > settings.car + 1)
    cars.lane = np.arange(n) % lanes
    cars.state, cars.entered = DRIVING, 0.0
    world.order = np.lexsort((np.arange(n), -cars.place))
    state = cars.place, cars.speed, cars.lane, cars.since
    if smallest_gap(world.order, state, cars.length, lanes, length) < 0:
        found = f"vehicles that do not fit on {length:g} m of {lanes} lanes"
        hint = "Give fewer or shorter ones, or a longer ring"
        raise ConfigError("corridor, setting 'vehicles'", found, hint)


def logs_of(world: World) -> None:
    """Trajectories, passages of detectors, and their counts of a minute."""
    who, where = {"vehicle_id": "vehicles"}, {"detector_id": "detectors"}
    world.trajectories = Log(
        form=Form(key="point_id", refers=who), second=int, vehicle_id=int, place=float,
        lane=np.int8, speed=float,
    )  # fmt: skip
    world.passages = Log(
        form=Form(key="passage_id", refers={**where, **who}), second=float, detector_id=int,
        lane=np.int8, vehicle_id=int, speed=float,
    )  # fmt: skip
    world.counts = Log(
        form=Form(key="count_id", refers=where), minute=int, detector_id=int, lane=np.int8,
        count=int, speed=float, harmonic_speed=float, occupancy=float,
    )  # fmt: skip


def picture(world: World, length: float, ring: bool) -> Frame:
    """Vehicles on the road or on the ring of this length, m; below 5 m/s they are slow."""
    cars, order = world.vehicles, world.order
    place, lane, slow = cars.place[order], cars.lane[order], cars.speed[order] < 5
    kinds = ("moving", "slow")
    if not ring:
        x, y = 100 * place / length, 10 - lane
        return points(x, y, slow, width=100, height=20, kinds=kinds)
    turn, out = 2 * np.pi * place / length, 40 + 3 * lane
    x, y = 50 + out * np.cos(turn), 50 + out * np.sin(turn)
    return points(x, y, slow, width=100, height=100, kinds=kinds)

"""The tables that a day of a city's traffic leaves."""

import numpy as np

from likewise.simulate.form import Form
from likewise.simulate.log import Log
from likewise.simulate.outings import PURPOSES
from likewise.simulate.world import World


def logs_of(world: World) -> None:
    """Trips, points of trajectories, counts of five minutes, and closures."""
    who, where = {"vehicle_id": "vehicles"}, {"link_id": "links"}
    ends = {"origin": "nodes", "destination": "nodes"}
    world.trips = Log(
        form=Form(key="trip_id", refers={**who, **ends}, labels={"purpose": PURPOSES}),
        vehicle_id=int, purpose=np.int8, origin=int, destination=int, departed=float,
        arrived=float, metres=float,
    )  # fmt: skip
    world.trajectories = Log(
        form=Form(key="point_id", refers={**who, **where}), vehicle_id=int, link_id=int,
        entered=float, left=float,
    )  # fmt: skip
    world.counts = Log(
        form=Form(key="count_id", refers=where), minute=int, link_id=int, count=int,
        speed=float, density=float,
    )  # fmt: skip
    world.closures = Log(
        form=Form(key="closure_id", refers=where), second=float, link_id=int, minutes=float,
        share=float,
    )  # fmt: skip

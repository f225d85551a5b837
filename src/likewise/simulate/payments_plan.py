"""Which patterns begin on a day: so many that the share of illicit rows is as it was asked for.

Patterns are planned at midnight, with all their moves, and carried out hour by hour among others.
Only illicit ones carry a number and a label.
"""

from typing import TYPE_CHECKING

import numpy as np

from likewise.core.errors import ConfigError
from likewise.simulate.payments_patterns import SHAPES, Scene
from likewise.simulate.payments_tables import (
    CASH_IN,
    DAY,
    FRAUDSTER,
    LAUNDERER,
    MULE,
    PAYMENT,
    TRANSFER,
)
from likewise.simulate.world import World

if TYPE_CHECKING:
    from likewise.simulate.payments import Payments

Array = np.ndarray
PLANNED = 7  # columns of a plan: time, from, to, cents, kind, pattern, typology
MOST_FAILURES = 2_000  # patterns in a row for which nobody is found


def plan_day(of: "Payments", world: World, rng: np.random.Generator) -> None:
    """Add patterns to the plan until as many illicit rows are due by midnight as were asked for.

    Raises:
        ConfigError: nobody has money that could be moved.
    """
    step = world.step - 1
    start, end = 3600 * step, 3600 * step + DAY
    lacking = _lacking(of, world, end)
    weights = np.array(of.typologies) / sum(of.typologies)
    scene = _scene(of, world, rng, start)
    innocent = Scene(**{**vars(scene), "licit": True})
    made: list[Array] = []
    failures = 0
    while lacking > 0:
        typology = int(rng.choice(len(weights), p=weights))
        shape = SHAPES[typology]
        moves = shape(scene)
        if moves is None:
            failures += 1
            if failures == MOST_FAILURES:
                found = f"on day {start // DAY + 1} nobody has the money that patterns move"
                raise ConfigError("fraud", found, "Lower it, or raise savings or mules")
            continue
        failures = 0
        if lacking < 1 and rng.random() >= lacking:
            break
        begun = int(moves[:, 0].min())
        row = world.patterns.add(
            1, typology=typology, begun=begun, planned=len(moves), transactions=0, amount=0.0,
            cents=0,
        )[0]  # fmt: skip
        made.append(_labelled(moves, row, typology))
        lacking -= np.count_nonzero(moves[:, 0] < end)
        for _ in range(int(rng.poisson(of.lookalikes))):
            alike = shape(innocent)
            if alike is not None:
                made.append(_labelled(alike, -1, -1))
    world.plan = np.concatenate([world.plan, *made])


def _lacking(of: "Payments", world: World, end: int) -> float:
    """Illicit transactions to be added, so that at ``end`` their share is as it was asked for."""
    weekday = (end // DAY - 1) % 7
    today = of.clients * sum(of.rates) * of.weekdays[weekday] * 7 / sum(of.weekdays)
    due = np.count_nonzero((world.plan[:, 5] >= 0) & (world.plan[:, 0] < end))
    return float(of.fraud * (len(world.transactions) + today) - world.counts[2] - due)


def _labelled(moves: Array, pattern: int, typology: int) -> Array:
    labels = np.full((len(moves), 2), (pattern, typology))
    return np.concatenate([moves, labels], axis=1)


def _scene(of: "Payments", world: World, rng: np.random.Generator, start: int) -> Scene:
    role = world.clients.role
    mules, launderers, fraudsters = (
        np.flatnonzero(role == r) for r in (MULE, LAUNDERER, FRAUDSTER)
    )
    return Scene(
        rng=rng, start=start, hours=np.cumsum(of.hours), held=world.accounts.cents.copy(),
        pools=(mules, launderers, fraudsters), clients=of.clients, merchants=of.merchants,
        till=world.ways.till, unit=100 * of.means[TRANSFER], ticket=100 * of.means[PAYMENT],
        deposit=100 * of.means[CASH_IN], reported=100 * of.reported * of.means[CASH_IN],
    )  # fmt: skip

"""Visits and tests of an epidemic."""

import numpy as np

from likewise.simulate.draws import Draws
from likewise.simulate.world import World

Array = np.ndarray
CLINIC, ADMISSION = 0, 1  # kinds of waiting events
RESPIRATORY, OTHER = 0, 1  # reasons
TESTED = (0.8, 0.1)  # share of visits with a test, by reason


def see_patients(
    world: World, draws: Draws, other: float, sensitivity: float, specificity: float, alive: Array
) -> None:
    """The visits of a day, and their tests.

    Args:
        world: with ``people`` (a column ``is_infected``), ``queue``, ``visits`` and ``tests``.
        draws: of the rule.
        other: chance of a visit for another reason.
        sensitivity, specificity: of a test.
        alive: rows of those who may come.
    """
    people, day = world.people, world.step
    _, due, kind = world.queue.until(day + 1)
    there = np.isin(due, alive)
    due, kind = due[there], kind[there]
    others = alive[draws.chance(people.id[alive], other)]
    who = np.concatenate([due, others])
    ward = np.concatenate([kind, np.full(len(others), CLINIC)])
    reason = np.repeat([RESPIRATORY, OTHER], [len(due), len(others)])
    first = len(world.visits)
    world.visits.emit(day=day, person_id=people.id[who], reason=reason, ward=ward)
    places = np.arange(len(who))
    tested = places[draws.chance(len(who), np.array(TESTED)[reason])]
    positive = np.where(people.is_infected[who[tested]], sensitivity, 1 - specificity)
    result = draws.chance(len(tested), positive)
    world.tests.emit(
        visit_id=first + tested, person_id=people.id[who[tested]], day=day, positive=result
    )

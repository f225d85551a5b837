"""When vehicles of a city are used: to work and back, and for other things."""

import numpy as np

from likewise.simulate.draws import Draws

Array = np.ndarray
PURPOSES = ("to work", "from work", "out", "back")
HOUR = 3600.0
MORNING, EVENING = (7.7, 0.9), (17.3, 1.2)  # hour of departure: mean and standard deviation
OTHERS = ((8.0, 20.5), 1.5)  # hours between which others set out, and mean hours that they stay
WORKING, GOING = 0.9, 0.9  # share of commuters and of others who set out on a day


def outings(draws: Draws, agents: Array, commuter: Array) -> tuple[Array, Array, Array]:
    """Departures of a day: seconds from midnight, vehicle, purpose; there and back.

    Commuters go at normal times in the morning and in the evening; others at any time of the day,
    and stay for an exponential time.
    """
    goes = draws.chance(agents, np.where(commuter, WORKING, GOING))
    first = MORNING[0] + MORNING[1] * draws.normal(agents)
    back = EVENING[0] + EVENING[1] * draws.normal(agents)
    (low, high), stay = OTHERS
    out = low + (high - low) * draws.uniform(agents)
    first = np.clip(np.where(commuter, first, out), 0, 23)
    wait = np.where(commuter, back - first, 0.3 + stay * draws.exponential(agents))
    back = np.clip(first + np.maximum(wait, 0.3), 0, 23.9)
    who = np.flatnonzero(goes)
    kind = np.where(commuter[who], 0, 2)
    times = np.concatenate([first[who], back[who]]) * HOUR
    return times, np.concatenate([who, who]), np.concatenate([kind, kind + 1])

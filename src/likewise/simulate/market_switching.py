"""Kernel of a daily market whose traders switch between two strategies; see ``market``."""

import math

import numpy as np

from likewise.simulate.compiling import kernel
from likewise.simulate.philox import normals

Array = np.ndarray
IMPACT = 0.01  # log price a unit of demand: Franke and Westerhoff's, which sets the unit of demand
WIDEST = 0.5  # of a daily return; keeps a search over wild parameters finite
FARTHEST = 2.0  # log price from value, for the same reason
GAP, RETURN, SHARE, MOOD, PRICE, VALUE = range(6)  # places in the state
STATE = 6
_MEAN_BELOW = 1 / math.sqrt(2 * math.pi)  # of the part below 0 of a standard normal number


@kernel
def trade_days(key: Array, first: int, state: Array, rules: Array, out: Array) -> None:
    """Days one after the other.

    Args:
        key: of the random numbers.
        first: number of the first day.
        state: (6,) misalignment, return, share of fundamentalists, mood, log price and log value
            as the last day left them; written.
        rules: (13,) growth, news, pull, trend, value_noise, trend_noise, bias, herding,
            misalignment, losses, memory, panic, volume_noise.
        out: (4, N) log price, log value, share of fundamentalists, relative volume of each day;
            filled.
    """
    growth, news, pull, trend, value_noise, trend_noise = rules[:6]
    bias, herding, misalignment, losses, memory, panic, volume_noise = rules[6:]
    for i in range(out.shape[1]):
        day = first + i
        at_value, at_trend = normals(key, day, 0)
        at_news, at_volume = normals(key, day, 1)
        fundamental, chartist = state[SHARE], 1.0 - state[SHARE]
        to_value = -pull * state[GAP] + value_noise * at_value
        with_trend = trend * state[RETURN] + trend_noise * at_trend
        demand = fundamental * to_value + chartist * with_trend
        spread = math.sqrt((fundamental * value_noise) ** 2 + (chartist * trend_noise) ** 2)
        pressed = demand + panic * (min(demand, 0.0) + _MEAN_BELOW * spread)
        change = min(max(IMPACT * pressed, -WIDEST), WIDEST)
        surprise = news * at_news
        gap = min(max(state[GAP] + change - surprise, -FARTHEST), FARTHEST)
        state[VALUE] += growth + surprise
        state[GAP], state[RETURN] = gap, change
        state[PRICE] = state[VALUE] + gap
        state[MOOD] = memory * state[MOOD] + (1.0 - memory) * change
        index = bias + herding * (fundamental - chartist) + misalignment * gap * gap
        index += losses * state[MOOD] / IMPACT
        state[SHARE] = 1.0 / (1.0 + math.exp(-index))
        traded = fundamental * abs(to_value) + chartist * abs(with_trend)
        out[0, i], out[1, i], out[2, i] = state[PRICE], state[VALUE], state[SHARE]
        out[3, i] = traded * math.exp(volume_noise * at_volume)

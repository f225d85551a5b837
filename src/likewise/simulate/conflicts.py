"""Conflicts of synchronous rules: many want one cell, seller or seat, and chance decides.

All are fair, and the draw of a claimant is his own, so others do not shift it.
"""

import numpy as np

from likewise.core.errors import ConfigError
from likewise.simulate.draws import Draws

Array = np.ndarray


def one_each(targets: Array, agents: Array, draws: Draws) -> Array:
    """Who gets what he wants, if each target takes one; (N,) bool. Negative targets lose.

    Args:
        targets: what each wants; (N,) whole numbers.
        agents: ids of those who want; (N,).
        draws: decides.
    """
    return at_most(targets, 1, agents, draws)


def at_most(targets: Array, capacity: Array | int, agents: Array, draws: Draws) -> Array:
    """As ``one_each``, if target t takes ``capacity[t]``, or ``capacity`` each."""
    order = draws.order(agents)
    order = order[np.argsort(targets[order], kind="stable")]
    ranked = targets[order]
    first = np.searchsorted(ranked, ranked, side="left")
    place = np.arange(len(order)) - first
    room = capacity if np.ndim(capacity) == 0 else np.asarray(capacity)[np.maximum(ranked, 0)]
    won = np.zeros(len(order), bool)
    won[order] = (place < room) & (ranked >= 0)
    return won


def first_of_each(targets: Array) -> Array:
    """The first who wants each target; positions in order of target. For claims in random order."""
    _, first = np.unique(targets, return_index=True)
    return first


def paired(
    seekers: Array, offers: Array, seeking: Array, offering: Array, draws: Draws
) -> tuple[Array, Array]:
    """Pairs of one seeker and one offer of the same place: random, and as many as there can be.

    Args:
        seekers, offers: ids; (N,), (M,).
        seeking, offering: their places, 0 or more; (N,), (M,).
        draws: decides.

    Returns:
        Positions among the seekers and among the offers; (K,), (K,).
    """
    left, right = draws.order(seekers), draws.order(offers)
    left = left[np.argsort(seeking[left], kind="stable")]
    right = right[np.argsort(offering[right], kind="stable")]
    places = np.concatenate([seeking, offering])
    size = int(places.max(initial=-1)) + 1
    have, offered = np.bincount(seeking, minlength=size), np.bincount(offering, minlength=size)
    pairs = np.minimum(have, offered)
    within = np.arange(pairs.sum()) - np.repeat(np.cumsum(pairs) - pairs, pairs)
    first = np.repeat(np.cumsum(have) - have, pairs) + within
    second = np.repeat(np.cumsum(offered) - offered, pairs) + within
    return left[first], right[second]


def some_of(options: Array, agents: Array, draws: Draws) -> Array:
    """A different one of ``options`` (K,) for each agent (N,), such as an empty cell; (N,).

    Raises:
        ConfigError: there are more agents than options.
    """
    if len(agents) > len(options):
        found = f"{len(agents):,} agents for {len(options):,} options"
        raise ConfigError("some_of", found, "Let fewer ask, or offer more")
    taken = draws.generator().permutation(len(options))[: len(agents)]
    chosen: Array = options[taken][draws.order(agents)]
    return chosen

"""Sums over members that tell how well a score tells members from controls.

Each is a row of weights, (T,), whose sum over the members is large when the score works; such sums
can be tested by exchanging labels.
"""

import numpy as np

from likewise.metrics.views import Array


def ranks(scores: Array) -> Array:
    """Ranks from 1 on, equal scores sharing their mean rank: the sum that stands for the AUC."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])


def ranks_within(scores: Array, some: Array) -> Array:
    """Ranks among ``some`` targets, (T,) bool, about their mean; 0 for the others."""
    weights = np.zeros(len(scores))
    inside = ranks(scores[some])
    weights[some] = inside - inside.mean()
    return weights


def top(scores: Array, share: float) -> Array:
    """1 for the given share of targets with the largest scores; equal scores share what is left."""
    count, order = share * len(scores), ranks(-scores)
    _, place, sizes = np.unique(order, return_inverse=True, return_counts=True)
    before = np.cumsum(sizes) - sizes
    return np.asarray(np.clip((count - before) / sizes, 0, 1)[place])


def true_positives(scores: Array, member: Array, rate: float) -> float:
    """Share of members whose score only ``rate`` of the controls reach; in [0, 1].

    Equal scores are told apart at random, so that a score without meaning gets ``rate``.
    """
    levels, place = np.unique(-scores, return_inverse=True)
    hits, alarms = (
        np.cumsum(np.bincount(place[side], minlength=len(levels))) / max(int(side.sum()), 1)
        for side in (member, ~member)
    )
    return float(np.interp(rate, np.append(0, alarms), np.append(0, hits)))

"""The BG/NBD model of customers who came at different times, a few of whom buy much more often.

The rate of each customer is that of the BG/NBD model times the pace of her group: the time at which
she came, say. In a share ``devoted`` of the first group, nobody says of whom, it is ``devotion``
times as great again, so that rates of this group are a mixture of two gamma laws.

Data that are cut out of a shop's life begin with customers who were there before, of whom those who
buy often come first. They differ from newcomers, and one gamma law for all would be neither's.

Papers: Fader and Hardie, "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD
models", 2007 (groups divide alpha); Schweidel, Fader and Bradlow, "Understanding service retention
within and across cohorts using limited information", Journal of Marketing 2008 (cohorts differ);
Laird, "Nonparametric maximum likelihood estimation of a mixing distribution", JASA 1978 (mixtures).
Cost: about twice that of ``fit_repeats``, and five times with devoted customers.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit

from likewise.simulate.bgnbd import LEAST, MOST, Known, Purchases, RepeatModel, likelihoods

Array = np.ndarray
UNLIKE = 0.5  # standard deviation of the logarithm of paces that is believed before data are seen
PACES = (-3.0, 3.0)  # logarithms that are searched
ODDS = (-9.0, 0.0)  # the logarithm of them, to be devoted
DEVOTION = (np.log(1.5), np.log(100.0))  # its logarithm
BEGIN = (-3.5, np.log(6.0))  # where the search of both begins


@dataclass(frozen=True)
class GroupModel:
    """A BG/NBD model with factors of rates.

    Attributes:
        common: of a customer whose factors are 1.
        pace: factor of each group, whose mean over customers is 1; (G,).
        devoted: share of the first group whose rates are multiplied, in [0, 1).
        devotion: by what.
    """

    common: RepeatModel
    pace: Array
    devoted: float = 0.0
    devotion: float = 1.0

    def expected(self, time: Array, group: Array) -> Array:
        """Repeat purchases of new customers of groups within times; arrays that fit together."""
        own = time * self.pace[group]
        usual = self.common.expected(own)
        if not self.devoted:
            return usual
        more = self.common.expected(own * self.devotion) - usual
        purchases: Array = usual + np.where(group == 0, self.devoted, 0.0) * more
        return purchases

    def log_likelihood(self, seen: Purchases, group: Array) -> float:
        """Of all customers, whose groups are ``group`` (N,); see ``RepeatModel``."""
        known = Known(seen, self.common.regularity)
        few = [logit(self.devoted), np.log(self.devotion)] if self.devoted else []
        pace = np.log(self.pace)[group]
        return float(_mixed(_place(self.common), np.array(few), known, pace, group == 0)[0].sum())


def fit_groups(
    seen: Purchases, group: Array, start: GroupModel, *, devoted: bool = False
) -> GroupModel:
    """The model of greatest likelihood, where paces are drawn a little towards each other.

    Args:
        seen: of the customers.
        group: of each, 0 … G - 1; (N,).
        start: where to begin.
        devoted: whether some of the first group may be.
    """
    groups, size, first = len(start.pace), len(group), group == 0
    known = Known(seen, start.common.regularity)
    begin = [*_place(start.common), *np.log(start.pace)]
    limits = [(LEAST, MOST)] * 4 + [PACES] * groups
    if devoted:
        begin += [logit(start.devoted), np.log(start.devotion)] if start.devoted else BEGIN
        limits += [ODDS, DEVOTION]

    def loss(place: Array) -> tuple[float, Array]:
        common, pace, few = np.split(place, [4, 4 + groups])
        values, slopes, by_few = _mixed(common, few, known, pace[group], first)
        by_pace = -np.bincount(group, weights=slopes[1], minlength=groups) - pace / UNLIKE**2
        slope = np.concatenate([slopes.sum(axis=1), by_pace, by_few.sum(axis=1)])
        value = float(values.sum() - (pace**2).sum() / (2 * UNLIKE**2))
        return -value / size, -slope / size

    lows, highs = np.array(limits).T
    settings = {"maxiter": 500, "ftol": 1e-11, "gtol": 1e-7}
    found = minimize(
        loss, np.clip(begin, lows, highs), jac=True, method="L-BFGS-B", bounds=limits,
        options=settings,
    ).x  # fmt: skip
    r, alpha, a, b = np.exp(found[:4]).tolist()
    pace = np.exp(found[4 : 4 + groups])
    mean = float(pace[group].mean())
    common = replace(start.common, r=r, alpha=alpha / mean, a=a, b=b)
    keen = (float(expit(found[-2])), float(np.exp(found[-1]))) if devoted else ()
    return GroupModel(common, pace / mean, *keen)


def _place(model: RepeatModel) -> Array:
    """The logarithms of its parameters."""
    place: Array = np.log([model.r, model.alpha, model.a, model.b])
    return place


def _mixed(
    common: Array, few: Array, known: Known, faster: Array, first: Array
) -> tuple[Array, Array, Array]:
    """The log-likelihood of each customer, and its slopes by both arguments; (N,), (4, N), (F, N).

    Args:
        common: logarithms of r, alpha, a and b.
        few: log odds of being devoted and logarithm of devotion, or empty (F = 0).
        known: the customers.
        faster: logarithms of paces; (N,).
        first: who may be devoted; (N,) bool.
    """
    values, slopes = likelihoods(common, known, faster)
    if not len(few):
        return values, slopes, np.zeros((0, len(values)))
    odds, devotion = np.where(first, few[0], -np.inf), few[1]
    keen, steeper = likelihoods(common, known, faster + devotion)
    keen = keen + log_expit(odds)
    both = np.logaddexp(values + log_expit(-odds), keen)
    share = np.exp(keen - both)  # probability to be devoted, given what was seen
    slopes = slopes + share * (steeper - slopes)
    return both, slopes, np.array([share - expit(odds), -share * steeper[1]])

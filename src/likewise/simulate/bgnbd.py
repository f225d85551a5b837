"""The BG/NBD model of repeat purchases: rates differ between customers, and customers leave.

While active, a customer buys at Poisson times of a rate drawn from a gamma law; after each repeat
purchase she leaves for good with a probability drawn from a beta law. The first purchase starts
the clock and counts neither as a repeat nor as a chance to leave. With a ``regularity`` of k times
between purchases are gamma with shape k instead: as if every k-th event of a Poisson process,
k times as fast, were a purchase (BG/CNBD-k).

Papers: Fader, Hardie and Lee, "Counting your customers the easy way: an alternative to the
Pareto/NBD model", Marketing Science 2005; Platzer and Reutterer, "Ticking away the moments: timing
regularity helps to better predict customer activity", Marketing Science 2016. Everything is summed
by logarithms, so that long histories do not overflow (Fader and Hardie, "Overcoming the BG/NBD
model's #NUM! error problem", 2013).
Cost: about 2 ms a likelihood with its slope at 20,000 customers and k = 1, some 40 of them a fit.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betainc, betaln, digamma, gammaln, hyp2f1, logsumexp, xlogy

from likewise.core.errors import DataError

Array = np.ndarray
LEAST, MOST = -12.0, 12.0  # of the logarithms that are searched
POINTS, LONGEST = 200, 2_000  # times, and purchases, in the expectation of regular customers


@dataclass(frozen=True)
class Purchases:
    """What the model needs to know of each customer; arrays (N,), in one unit of time.

    Attributes:
        repeats: purchases after the first, x.
        last: time from the first purchase to the last, t_x; 0 without repeats.
        seen: time from the first purchase to the end of the observation, T.
    """

    repeats: Array
    last: Array
    seen: Array


@dataclass(frozen=True)
class RepeatModel:
    """A BG/NBD model with its parameters.

    Attributes:
        r, alpha: shape of the gamma law of rates, and its rate parameter in units of time.
        a, b: of the beta law of the probability to leave after a repeat purchase.
        regularity: shape k of the times between purchases.
    """

    r: float
    alpha: float
    a: float
    b: float
    regularity: int = 1

    def log_likelihood(self, seen: Purchases) -> float:
        """The logarithm of the likelihood of all customers together.

        For k > 1 without the part that does not depend on the parameters; see ``timing``.
        """
        place = np.log([self.r, self.alpha, self.a, self.b])
        return float(likelihoods(place, Known(seen, self.regularity))[0].sum())

    def share(self, repeats: Array | int, time: Array | float) -> Array:
        """P(X(t) = x): how likely a new customer makes x repeat purchases within a time."""
        x, t = np.broadcast_arrays(np.asarray(repeats, float), np.asarray(time, float))
        a, b, k = self.a, self.b, self.regularity
        stays = betaln(a, b + x) - betaln(a, b)
        active = sum(np.exp(stays + self._stages(k * x + j, t)) for j in range(k))
        one = np.maximum(x, 1)
        leaves = np.exp(betaln(a + 1, b + one - 1) - betaln(a, b))
        left = leaves * self._reach(k * one, t)
        shares: Array = active + np.where(x > 0, left, 0.0)
        return shares

    def expected(self, time: Array | float) -> Array:
        """E[X(t)]: repeat purchases of a new customer within a time; 0 before it starts.

        For k > 1 by a sum at 200 times and interpolation between them.
        """
        t = np.maximum(np.asarray(time, float), 0.0)
        if self.regularity > 1:
            return self._expected_regular(t)
        a = _not_one(self.a)
        power = (self.alpha / (self.alpha + t)) ** self.r
        still = power * hyp2f1(self.r, self.b, a + self.b - 1, t / (self.alpha + t))
        purchases: Array = (a + self.b - 1) / (a - 1) * (1 - still)
        return purchases

    def _expected_regular(self, t: Array) -> Array:
        """The sum over x of the chance to stay so long, times that of so many purchases."""
        grid = np.linspace(0.0, max(float(t.max(initial=0.0)), 1e-9), POINTS)
        total, x = np.zeros(POINTS), 1
        while x <= LONGEST:
            stays = np.exp(betaln(self.a, self.b + x - 1) - betaln(self.a, self.b))
            more = stays * self._reach(np.full(POINTS, self.regularity * x), grid)
            total += more
            if more[-1] < 1e-9:
                break
            x += 1
        purchases: Array = np.interp(t, grid, total)
        return purchases

    def alive(self, seen: Purchases) -> Array:
        """P(active at the end): the probability that each customer has not left; (N,). For k = 1.

        Paper: Fader, Hardie and Lee, "Computing P(alive) using the BG/NBD model", 2008.
        """
        x, last, until = seen.repeats, seen.last, seen.seen
        odds = np.log(self.a / (self.b + np.maximum(x, 1) - 1))
        odds = odds + (self.r + x) * np.log((self.alpha + until) / (self.alpha + last))
        stays: Array = np.where(x > 0, 1 / (1 + np.exp(np.minimum(odds, 700))), 1.0)
        return stays

    def expected_later(self, seen: Purchases, time: float) -> Array:
        """E[Y(t)]: purchases of each customer within a time after the end; (N,). For k = 1."""
        a, b, x = _not_one(self.a), self.b, seen.repeats
        until = self.alpha + seen.seen
        still = (until / (until + time)) ** (self.r + x)
        still = still * hyp2f1(self.r + x, b + x, a + b + x - 1, time / (until + time))
        later: Array = (a + b + x - 1) / (a - 1) * (1 - still) * self.alive(seen)
        return later

    def _stages(self, events: Array, t: Array) -> Array:
        """Logarithm of the probability of so many events of the Poisson process within t."""
        r, alpha = self.r, self.alpha / self.regularity
        ways = gammaln(r + events) - gammaln(r) - gammaln(events + 1)
        log: Array = ways + r * np.log(alpha / (alpha + t)) + xlogy(events, t / (alpha + t))
        return log

    def _reach(self, events: Array, t: Array) -> Array:
        """Probability of ``events`` (1 or more) or more events within t."""
        alpha = self.alpha / self.regularity
        reached: Array = betainc(events, self.r, t / (alpha + t))
        return reached


def fit_repeats(
    seen: Purchases, start: RepeatModel | None = None, regularity: int = 1
) -> RepeatModel:
    """The model of greatest likelihood.

    Args:
        seen: of the customers.
        start: where to begin; by default from the mean rate.
        regularity: k.

    Raises:
        DataError: no customer has bought again, so rates cannot be told.
    """
    known = Known(seen, regularity)
    if not known.x.any():
        hint = "Give orders of a longer time, or of more customers"
        raise DataError("orders", "no customer bought on a second day", hint)
    if start is None:
        rate = known.x.sum() / max(float(known.seen.sum()), 1e-9)
        start = RepeatModel(1.0, 0.7 / rate, 1.0, 2.0)
    begin = np.clip(np.log([start.r, start.alpha, start.a, start.b]), LEAST + 1, MOST - 1)
    size = len(known.x)

    def loss(place: Array) -> tuple[float, Array]:
        values, slopes = likelihoods(place, known)
        return -float(values.sum()) / size, -slopes.sum(axis=1) / size

    limits = [(LEAST, MOST)] * 4
    settings = {"maxiter": 500, "ftol": 1e-12, "gtol": 1e-7}
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=limits, options=settings)
    r, alpha, a, b = np.exp(found.x).tolist()
    return RepeatModel(r, alpha, a, b, regularity)


def timing(times: Array, regularity: int) -> float:
    """The part of the log-likelihood of times between purchases (M,) that only depends on k."""
    k = regularity
    return float((k - 1) * np.log(times).sum() - len(times) * gammaln(k))


class Known:
    """Customers, with what does not depend on parameters; values of x are gathered once."""

    def __init__(self, seen: Purchases, regularity: int) -> None:
        self.x = np.asarray(seen.repeats, float)
        self.last, self.seen = np.asarray(seen.last, float), np.asarray(seen.seen, float)
        self.k = regularity
        self.levels, self.level = np.unique(self.x, return_inverse=True)
        self.again = np.flatnonzero(self.x > 0)
        with np.errstate(divide="ignore"):  # nothing has passed since the last purchase
            self.since = np.log(self.seen - self.last)


def likelihoods(place: Array, known: Known, faster: Array | float = 0.0) -> tuple[Array, Array]:
    """The log-likelihood of each customer and its slopes by ``place``; (N,), (4, N).

    A customer is active, with j of the k stages of the next wait behind her, or has left with the
    last purchase: k + 1 cases, whose probabilities are added.

    Args:
        place: logarithms of r, alpha, a and b.
        known: the customers.
        faster: logarithm of a factor of each customer's rate, by which her alpha is divided; the
            slope by it is minus that by the logarithm of alpha. A number, or (N,).
    """
    r, alpha, a, b = np.exp(place)
    own = np.broadcast_to(alpha / known.k * np.exp(-np.asarray(faster)), known.x.shape)
    u, level, i, k = known.levels, known.level, known.again, known.k
    stages, x = k * known.x, known.x[i]
    end, then = own + known.seen, own[i] + known.last[i]
    until, at = np.log(end), np.log(then)
    cases = np.full((k + 1, len(end)), -np.inf)
    grows = [gammaln(r + k * u + j) - gammaln(r) for j in range(k)]
    for j in range(k):
        waits = j * known.since - gammaln(j + 1) if j else 0.0
        cases[j] = grows[j][level] - (r + stages + j) * until + waits
    left = np.log(a) - np.log(b + x - 1) - (r + stages[i]) * at
    cases[-1, i] = grows[0][level[i]] + left
    joint = logsumexp(cases, axis=0)
    weight = np.exp(cases - joint)  # (k + 1, N) probability of each case, given what was seen
    stays = betaln(a, b + u) - betaln(a, b)
    total = joint + r * np.log(own) + stays[level]

    gone = weight[-1]
    by_r = np.log(own) - digamma(r)
    by_own = np.full(len(end), r)
    for j in range(k):
        by_r += weight[j] * (digamma(r + k * u + j)[level] - until)
        by_own -= weight[j] * (r + stages + j) * (own / end)
    by_r[i] += gone[i] * (digamma(r + k * u)[level[i]] - at)
    by_own[i] -= gone[i] * (r + stages[i]) * (own[i] / then)
    both = digamma(a + b) - digamma(a + b + u)
    by_a = both[level] + gone / a
    by_b = (digamma(b + u) - digamma(b) + both)[level]
    by_b[i] -= gone[i] / (b + x - 1)
    return total, np.array([by_r * r, by_own, by_a * a, by_b * b])


def _not_one(a: float) -> float:
    """``a``, or beside 1, where formulas are 0 / 0."""
    return a if abs(a - 1) > 1e-6 else 1 + 1e-6

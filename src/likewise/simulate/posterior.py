"""Approximate Bayesian computation: which parameters could have given the facts.

Parameters are drawn from a box, simulated, and kept where the facts come near the wanted ones. The
sequential method draws ever nearer in rounds and weighs what it keeps.

Papers: Pritchard et al., MBE 1999 (rejection); Beaumont et al., "Adaptive approximate Bayesian
computation", Biometrika 2009 (sequential).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.errors import ConfigError
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.execution.threads import ordered_map
from likewise.simulate.calibrate import Simulate, facts_of
from likewise.simulate.facts import assumed_errors
from likewise.simulate.search_box import Bounds, check_bounds

Array = np.ndarray
MOST_TRIES = 200  # simulations a kept particle, beyond which a round is given up


@storable
@dataclass(frozen=True)
class Posterior:
    """Weighted parameters.

    Attributes:
        names: of the parameters, D.
        values: (P, D).
        weights: (P,), summing to 1.
        distances: of their facts from the target, in standard errors (root mean square); (P,).
        simulations: that were run.
    """

    names: tuple[str, ...]
    values: Array
    weights: Array
    distances: Array
    simulations: int

    @property
    def mean(self) -> dict[str, float]:
        """The weighted mean of each parameter."""
        return dict(zip(self.names, (self.weights @ self.values).tolist(), strict=True))

    def interval(self, level: float = 0.9) -> dict[str, tuple[float, float]]:
        """The central interval of each parameter, by weighted quantiles."""
        found = {}
        for name, column in zip(self.names, self.values.T, strict=True):
            order = np.argsort(column)
            share = np.cumsum(self.weights[order]) - self.weights[order] / 2
            ends = np.interp([(1 - level) / 2, (1 + level) / 2], share, column[order])
            found[name] = (float(ends[0]), float(ends[1]))
        return found

    def draw(self, seed: Seed) -> dict[str, float]:
        """One vector of parameters, by weight."""
        row = seed.stream("posterior").choice(len(self.weights), p=self.weights)
        return dict(zip(self.names, self.values[row].tolist(), strict=True))


def abc_rejection(
    simulate: Simulate,
    target: Mapping[str, float],
    bounds: Bounds,
    *,
    errors: Mapping[str, float] | None = None,
    draws: int = 1000,
    keep: float = 0.05,
    seed: Seed | int | None = None,
    run: Run | None = None,
) -> Posterior:
    """The nearest of ``draws`` parameter vectors from a uniform prior over ``bounds``.

    Args:
        simulate, target, bounds: as for ``calibrate``.
        errors: standard errors of the facts; by default those of ``assumed_errors``.
        draws: simulations.
        keep: share of them that is kept, in (0, 1].
        seed: of all.
        run: progress, and ``workers``: threads, one by default. No result depends on them.
    """
    check_bounds(bounds)
    if draws < 1 or not 0 < keep <= 1:
        found = f"{draws} draws of which {keep} are kept"
        raise ConfigError("abc", found, "Give 1 or more draws, and a share above 0")
    work = _Work(simulate, target, bounds, errors, Seed.of(seed), run or Run())
    places = work.prior(draws)
    distances = np.array(list(work.distances(0, places, draws)))
    kept = np.argsort(distances, kind="stable")[: max(math.ceil(keep * draws), 1)]
    weights = np.full(len(kept), 1 / len(kept))
    return Posterior(tuple(bounds), places[kept], weights, distances[kept], draws)


def abc_smc(
    simulate: Simulate,
    target: Mapping[str, float],
    bounds: Bounds,
    *,
    errors: Mapping[str, float] | None = None,
    particles: int = 200,
    rounds: int = 5,
    quantile: float = 0.5,
    seed: Seed | int | None = None,
    run: Run | None = None,
) -> Posterior:
    """Particles that came nearer in each round, weighted so that the prior stays uniform.

    Args:
        particles: that are kept in each round, 2 or more.
        rounds: the first draws from the prior; each later one accepts the distance that
            ``quantile`` of the particles before it had reached, of those that showed all facts.
        quantile: in (0, 1).
        simulate, target, bounds, errors, seed, run: as for ``abc_rejection``.

    Rounds end early at the deadline, or when less than one draw in 200 is accepted.
    """
    check_bounds(bounds)
    if particles < 2 or rounds < 1 or not 0 < quantile < 1:
        found = f"{particles} particles, {rounds} rounds, quantile {quantile}"
        raise ConfigError("abc", found, "Give 2 particles or more, 1 round or more")
    told = run or Run()
    work = _Work(simulate, target, bounds, errors, Seed.of(seed), told)
    places = work.prior(particles)
    distances = np.array(list(work.distances(0, places, particles)))
    weights, spent = np.full(particles, 1 / particles), particles
    for number in range(1, rounds):
        known = distances[np.isfinite(distances)]  # simulations that showed all facts
        if told.deadline.passed or not len(known):
            break
        nearer = _round(work, number, places, weights, float(np.quantile(known, quantile)))
        if nearer is None:
            break
        new, distances, tries = nearer
        spread = _spread(places, weights)
        weights = 1 / _density(new, places, weights, spread)
        weights /= weights.sum()
        places, spent = new, spent + tries
    return Posterior(tuple(bounds), places, weights, distances, spent)


def _round(
    work: "_Work", number: int, places: Array, weights: Array, tolerance: float
) -> tuple[Array, Array, int] | None:
    """As many particles within the tolerance, their distances, and tries; None when too rare."""
    count, spread = len(places), _spread(places, weights)
    root = np.linalg.cholesky(spread)
    rng = work.seed.stream("round", number)
    kept: list[Array] = []
    distances: list[float] = []
    tries = 0
    while len(kept) < count:
        if tries >= MOST_TRIES * count:
            return None
        start = places[rng.choice(count, count, p=weights)]
        moved = start + rng.standard_normal(places.shape) @ root.T
        inside = ((moved >= work.low) & (moved <= work.high)).all(axis=1)
        moved = moved[inside]
        for place, distance in zip(moved, work.distances(number, moved, count, tries), strict=True):
            tries += 1
            if distance <= tolerance and len(kept) < count:
                kept.append(place)
                distances.append(distance)
    return np.array(kept), np.array(distances), tries


def _spread(places: Array, weights: Array) -> Array:
    """Twice the weighted covariance, the kernel of Beaumont et al.; (D, D), with some width."""
    centred = places - weights @ places
    covariance = np.atleast_2d((weights[:, None] * centred).T @ centred)
    width = np.maximum(np.diag(covariance), 1e-12)
    return 2 * covariance + np.diag(1e-9 * width + 1e-300)


def _density(new: Array, places: Array, weights: Array, spread: Array) -> Array:
    """Where the new particles came from: the mixture density at each, up to a factor; (P,)."""
    inverse = np.linalg.inv(spread)
    apart = new[:, None, :] - places[None, :, :]
    exponent = -0.5 * np.einsum("ijk,kl,ijl->ij", apart, inverse, apart)
    density: Array = np.exp(exponent) @ weights
    return density + 1e-300


class _Work:
    """Simulations of one problem, each with a seed of its own."""

    def __init__(
        self, simulate: Simulate, target: Mapping[str, float], bounds: Bounds,
        errors: Mapping[str, float] | None, seed: Seed, run: Run,
    ) -> None:  # fmt: skip
        if not bounds or not target:
            raise ConfigError("abc", "no parameter, or no fact to meet", "Give bounds and a target")
        self.low, self.high = np.array(list(bounds.values()), float).T
        self.seed = seed
        self._simulate, self._names, self._run = simulate, tuple(bounds), run
        self._target = target
        self._wanted = np.array(list(target.values()), float)
        known = {**assumed_errors(target), **(errors or {})}
        self._errors = np.array([known[name] for name in target])

    def prior(self, count: int) -> Array:
        """Places drawn evenly from the box; (count, D)."""
        uniform = self.seed.stream("prior").random((count, len(self._names)))
        places: Array = self.low + uniform * (self.high - self.low)
        return places

    def distances(self, number: int, places: Array, total: int, first: int = 0) -> Iterator[float]:
        """The distance of each place; its simulation is the ``first``-th and later of a round."""

        def one(item: tuple[int, Array]) -> float:
            at, place = item
            parameters = dict(zip(self._names, place.tolist(), strict=True))
            found = self._simulate(parameters, self.seed.child("simulation", number, first + at))
            apart = (facts_of(found, self._target) - self._wanted) / self._errors
            distance = float(np.sqrt(np.mean(apart**2)))
            return distance if math.isfinite(distance) else math.inf

        workers = self._run.workers or 1
        for at, distance in enumerate(ordered_map(one, enumerate(places), workers=workers)):
            self._run.progress(f"abc round {number + 1}", min(at + 1, total), total)
            yield distance

"""Calibration: parameters under which the facts of a simulation meet those of data.

The method of simulated moments: the misfit J = g' W g of the difference g between the facts of
simulations and the wanted ones is made small over a box of parameters. All evaluations share their
seeds (common random numbers), so J is a function of the parameters alone.

Papers: McFadden, "A method of simulated moments", Econometrica 1989; Franke and Westerhoff,
"Structural stochastic volatility in asset pricing dynamics", JEDC 2012 (bootstrapped weights).
Cost: ``evaluations`` times ``replicates`` simulations.
"""

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.errors import ConfigError, DataError
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.simulate.facts import assumed_errors
from likewise.simulate.search_box import (
    Bounds,
    EnoughError,
    check_bounds,
    downhill,
    everywhere,
    natural,
    scaled,
)

Array = np.ndarray
Simulate = Callable[[Mapping[str, float], Seed], Mapping[str, float]]  # parameters to facts

METHODS = ("differential_evolution", "nelder_mead")
HOPELESS = 1e100  # the misfit of facts that are no numbers


@storable
@dataclass(frozen=True)
class Weights:
    """How much a difference of each fact counts.

    Attributes:
        names: of the facts, K.
        covariance: of their estimation error (K, K); the weights are its inverse.
    """

    names: tuple[str, ...]
    covariance: Array

    @property
    def errors(self) -> Array:
        """Standard errors; (K,)."""
        return np.sqrt(np.diag(self.covariance))


@storable
@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes:
        parameters: the best ones.
        misfit: J there.
        evaluations: parameter vectors that were tried.
        target: the wanted facts.
        facts: the facts of the best parameters.
        errors: standard errors by which facts are held against the target.
        reached: least and largest value of each fact that any parameters gave.
    """

    parameters: dict[str, float]
    misfit: float
    evaluations: int
    target: dict[str, float]
    facts: dict[str, float]
    errors: dict[str, float]
    reached: dict[str, tuple[float, float]]

    @property
    def scores(self) -> dict[str, float]:
        """Distance of each fact from its target, in standard errors."""
        return {n: (self.facts[n] - self.target[n]) / self.errors[n] for n in self.target}

    @property
    def unreachable(self) -> tuple[str, ...]:
        """Facts whose target no parameters came near to, by more than 2 standard errors."""
        far = {name: 2 * error for name, error in self.errors.items()}
        return tuple(
            name
            for name, (low, high) in self.reached.items()
            if not low - far[name] <= self.target[name] <= high + far[name]
        )

    @property
    def missed(self) -> tuple[str, ...]:
        """Facts that are more than 2 standard errors away."""
        return tuple(name for name, score in self.scores.items() if not abs(score) <= 2)


def bootstrap_weights(
    rows: Array,
    facts: Callable[[Array], Mapping[str, float]],
    *,
    block: int,
    draws: int = 500,
    seed: Seed | int = 0,
) -> Weights:
    """Weights from how facts of a time series vary when its blocks are drawn anew.

    Args:
        rows: the series, (T,) or (T, C).
        facts: of such a series.
        block: rows that stay together; longer than the memory that facts measure.
        draws: resampled series; one that lacks a fact of the series itself is left out.
        seed: of the drawing.

    Raises:
        ConfigError: the blocks do not fit the series.
        DataError: fewer than half of the draws have all facts.

    Paper: Politis and Romano, "A circular block-resampling procedure for stationary data", 1992.
    Cost: ``draws`` times that of ``facts``.
    """
    if not 1 <= block <= len(rows) or draws < 2:
        found = f"blocks of {block}, {draws} draws, {len(rows)} rows"
        raise ConfigError("bootstrap", found, "Give blocks no longer than the series, and 2 draws")
    rng = Seed.of(seed).stream("bootstrap")
    names = tuple(facts(rows))
    found_rows = []
    for _ in range(draws):
        starts = rng.integers(0, len(rows), math.ceil(len(rows) / block))
        places = (starts[:, None] + np.arange(block)).ravel()[: len(rows)] % len(rows)
        measured = facts(rows[places])
        values = [measured.get(name, math.nan) for name in names]
        if np.isfinite(values).all():
            found_rows.append(values)
    if len(found_rows) < max(draws / 2, 2):
        said = f"{len(found_rows):,} of {draws:,} series drawn anew have every fact"
        raise DataError("bootstrap", said, "Give a longer series")
    covariance = np.atleast_2d(np.cov(np.array(found_rows, float), rowvar=False))
    return Weights(names, covariance)


def calibrate(
    simulate: Simulate,
    target: Mapping[str, float],
    bounds: Bounds,
    *,
    weights: Weights | None = None,
    method: str = "differential_evolution",
    replicates: int = 1,
    evaluations: int = 1000,
    seed: Seed | int | None = None,
    run: Run | None = None,
) -> Calibration:
    """The parameters within ``bounds`` whose facts are nearest to ``target``.

    Args:
        simulate: gives the facts of a simulation with these parameters and this seed.
        target: the wanted facts; others that ``simulate`` gives are left aside.
        bounds: least and largest value of each parameter; above 0 and more than a factor 100
            apart they are searched by their logarithm.
        weights: by default an error of 10 % of a fact (0.01 where it is 0) counts as one.
        method: ``differential_evolution``, which searches everywhere and, unless evaluations are
            few, goes downhill from the best place with two fifths of them, or ``nelder_mead``,
            which goes downhill from the middle and needs fewer evaluations.
        replicates: simulations whose facts are averaged, each with a seed of its own.
        evaluations: parameter vectors at most.
        seed: of the simulations and of the search.
        run: progress, and a deadline after which the best so far is taken.

    Raises:
        ConfigError: settings that cannot be, or facts that are not there.
    """
    _refuse(target, bounds, method, replicates, evaluations)
    trial = _Search(simulate, dict(target), dict(bounds), weights, replicates, Seed.of(seed))
    box = [scaled(pair) for pair in bounds.values()]
    told = run or Run()

    def misfit(place: Array) -> float:
        if trial.count >= evaluations or told.deadline.passed:
            raise EnoughError
        told.progress("calibrate", trial.count, evaluations)
        return trial.misfit(place)

    with contextlib.suppress(EnoughError):
        if method == "nelder_mead":
            downhill(misfit, box)
        else:
            everywhere(misfit, box, evaluations, trial.seed.stream("search"))
    told.progress("calibrate", evaluations, evaluations)
    return trial.best()


class _Search:
    """Evaluates parameters, counts, and remembers the best."""

    def __init__(
        self, simulate: Simulate, target: dict[str, float], bounds: dict[str, tuple[float, float]],
        weights: Weights | None, replicates: int, seed: Seed,
    ) -> None:  # fmt: skip
        self.simulate, self.target, self.bounds, self.seed = simulate, target, bounds, seed
        self.seeds = [seed.child("replicate", r) for r in range(replicates)]
        self.count = 0
        self._wanted = np.array(list(target.values()), float)
        self._weight, errors = _weight(target, weights)
        self._errors = dict(zip(target, errors.tolist(), strict=True))
        self._best: tuple[float, dict[str, float], Array] | None = None
        self._low, self._high = np.full(len(target), np.inf), np.full(len(target), -np.inf)

    def misfit(self, place: Array) -> float:
        """J at a place of the search box."""
        parameters = {
            name: natural(value, pair)
            for value, (name, pair) in zip(place, self.bounds.items(), strict=True)
        }
        facts = np.mean([self._facts(parameters, seed) for seed in self.seeds], axis=0)
        self.count += 1
        self._low, self._high = np.fmin(self._low, facts), np.fmax(self._high, facts)
        apart = facts - self._wanted
        j = float(apart @ self._weight @ apart)
        j = j if math.isfinite(j) else HOPELESS
        if self._best is None or j < self._best[0]:
            self._best = (j, parameters, facts)
        return j

    def best(self) -> Calibration:
        """The best so far; at least one place was tried, and each fact was there once."""
        if self._best is None:
            hint = "Give more time, or a shorter simulation"
            raise ConfigError("calibrate", "no time for a single simulation", hint)
        j, parameters, facts = self._best
        named = dict(zip(self.target, facts.tolist(), strict=True))
        ends = zip(self._low.tolist(), self._high.tolist(), strict=True)
        reached = dict(zip(self.target, ends, strict=True))
        for name, (low, high) in reached.items():
            if low > high:
                said = f"the simulation gives none, tried {self.count:,} times"
                raise ConfigError(f"fact {name!r}", said, "Simulate longer, or leave it out")
        return Calibration(parameters, j, self.count, self.target, named, self._errors, reached)

    def _facts(self, parameters: Mapping[str, float], seed: Seed) -> Array:
        found = self.simulate(parameters, seed)
        return facts_of(found, self.target)


def facts_of(found: Mapping[str, float], target: Mapping[str, float]) -> Array:
    """The facts that are wanted, in order; ConfigError when one is not among those found."""
    for name in target:
        if name not in found:
            listed = ", ".join(found) or "none"
            raise ConfigError(f"fact {name!r}", f"the simulation gives {listed}", "Leave it out")
    return np.array([found[name] for name in target], float)


def _weight(target: Mapping[str, float], weights: Weights | None) -> tuple[Array, Array]:
    """The matrix W of the wanted facts (K, K), and their standard errors (K,)."""
    if weights is None:
        errors = np.array(list(assumed_errors(target).values()))
        return np.diag(errors**-2), errors
    for name in target:
        if name not in weights.names:
            raise ConfigError(f"fact {name!r}", "has no weight", "Give weights for all facts")
    places = [weights.names.index(name) for name in target]
    covariance = weights.covariance[np.ix_(places, places)]
    errors = np.sqrt(np.diag(covariance))
    if not (np.isfinite(errors).all() and (errors > 0).all()):
        raise ConfigError("weights", "a fact that never varies", "Leave it out")
    unit = covariance / np.outer(errors, errors)
    unit += 1e-6 * np.eye(len(errors))  # facts that all but determine each other
    return np.linalg.inv(unit) / np.outer(errors, errors), errors


def _refuse(
    target: Mapping[str, float], bounds: Bounds, method: str, replicates: int, evaluations: int
) -> None:
    if method not in METHODS:
        raise ConfigError("method", repr(method), f"Choose one of: {', '.join(METHODS)}")
    if replicates < 1 or evaluations < 1:
        found = f"{evaluations} evaluations of {replicates} replicates"
        raise ConfigError("calibrate", found, "Give 1 or more of each")
    if not bounds or not target:
        found = "no parameter to move" if not bounds else "no fact to meet"
        raise ConfigError("calibrate", found, "Give bounds, and a target")
    check_bounds(bounds)
    for name, value in target.items():
        if not math.isfinite(value):
            raise ConfigError(f"fact {name!r}", f"wanted to be {value}", "Give a number")

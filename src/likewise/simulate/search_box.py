"""The box of parameters in which a calibration searches, each on a scale of its own; the search.

Papers: Storn and Price, "Differential evolution", Journal of Global Optimization 1997; Nelder and
Mead, "A simplex method for function minimization", The Computer Journal 1965; Gao and Han,
"Implementing the Nelder-Mead simplex algorithm with adaptive parameters", 2012.
"""

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from likewise.core.errors import ConfigError

Array = np.ndarray
Bounds = Mapping[str, tuple[float, float]]
Box = Sequence[tuple[float, float]]
Misfit = Callable[[Array], float]

WIDE = 100.0  # bounds above 0 that are further apart than this factor are searched by logarithm
CROWD = 8  # places for each parameter that a search everywhere keeps
GLOBAL = 0.6  # of the evaluations of a search everywhere; the others go downhill from its best
FEWEST = 4  # evaluations for each corner of a simplex, below which nothing goes downhill
FIRST_STEP = 0.05  # of the box: how far a search downhill looks around the place it begins at
PRECISION = {"xatol": 1e-6, "fatol": 1e-9, "maxfev": 10**9}  # the caller counts evaluations


class EnoughError(Exception):
    """Ends a search from within."""


def check_bounds(bounds: Bounds) -> None:
    """Raise ConfigError unless every parameter has room between its bounds."""
    for name, (low, high) in bounds.items():
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            found = f"bounds {low} and {high}"
            raise ConfigError(f"parameter {name!r}", found, "Give the smaller one first")


def _logarithmic(pair: tuple[float, float]) -> bool:
    return pair[0] > 0 and pair[1] / pair[0] > WIDE


def scaled(pair: tuple[float, float]) -> tuple[float, float]:
    """Bounds on the scale that is searched: the logarithm of those above 0 far apart."""
    return (math.log(pair[0]), math.log(pair[1])) if _logarithmic(pair) else pair


def natural(value: float, pair: tuple[float, float]) -> float:
    """From the scale that is searched back to the parameter's own."""
    found = math.exp(value) if _logarithmic(pair) else float(value)
    return min(max(found, pair[0]), pair[1])


def downhill(misfit: Misfit, box: Box) -> None:
    """Search by Nelder and Mead, widely from the middle of the box."""
    from scipy.optimize import minimize

    middle = np.mean(box, axis=1)
    minimize(misfit, middle, method="Nelder-Mead", bounds=box, options=PRECISION)


def everywhere(misfit: Misfit, box: Box, evaluations: int, rng: np.random.Generator) -> None:
    """Search by differential evolution, then downhill from its best, if there is room for that."""
    from scipy.optimize import differential_evolution

    fewest = FEWEST * (len(box) + 1)
    rest = round((1 - GLOBAL) * evaluations)
    first = evaluations - rest if rest >= fewest else evaluations
    best: tuple[float, Array | None] = (math.inf, None)
    count = 0

    def counted(place: Array) -> float:
        nonlocal best, count
        if count >= first:
            raise EnoughError
        count += 1
        found = misfit(place)
        if best[1] is None or found < best[0]:
            best = (found, place.copy())
        return found

    with contextlib.suppress(EnoughError):
        differential_evolution(
            counted, box, rng=rng, popsize=CROWD, maxiter=10**9, tol=1e-8, polish=False
        )
    value, begin = best
    while begin is not None and first < evaluations:  # flat pieces end a descent too soon
        found, place = _descended(misfit, box, begin, value)
        if found >= value:
            return
        value, begin = found, place


def _descended(misfit: Misfit, box: Box, begin: Array, value: float) -> tuple[float, Array]:
    """The least misfit that Nelder and Mead find near ``begin``, and its place."""
    from scipy.optimize import minimize

    low, high = np.array(box).T
    step = FIRST_STEP * (high - low)
    step[begin + step > high] *= -1
    corners = np.clip(np.vstack([begin, begin + np.diag(step)]), low, high)

    def known(place: Array) -> float:
        return value if np.array_equal(place, begin) else misfit(place)

    options = {"initial_simplex": corners, "adaptive": len(box) > 1, **PRECISION}
    found = minimize(known, begin, method="Nelder-Mead", bounds=box, options=options)
    return float(found.fun), found.x

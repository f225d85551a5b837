"""The box of parameters in which a calibration searches, each on a scale of its own."""

import math
from collections.abc import Mapping

from likewise.core.errors import ConfigError

Bounds = Mapping[str, tuple[float, float]]

WIDE = 100.0  # bounds above 0 that are further apart than this factor are searched by logarithm


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

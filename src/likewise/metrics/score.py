"""What a metric answers: a number with an interval, beside what a second real sample scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from likewise.core.seeds import Seed

SEED = Seed(0)  # of a metric called on its own, so that it repeats


@dataclass(frozen=True)
class Score:
    """One number about synthetic data, and the same number for real data.

    Attributes:
        name: the metric, as in the registry.
        value: its value; the range is the metric's own.
        interval: 95 % interval of the value, or None when it cannot be had.
        floor: the value a second real sample of the same size gets, or None without one.
        floor_interval: 95 % interval of the floor, or (of ``matched.beside_second`` and of what is
            said to be certain) where the same score of a further real sample falls.
        better: the direction that is better; "target" means nearer to the floor.
        by: the parts it is made of (columns, "a × b" pairs, models), worst first.
        note: how it was measured, in one line (rows used, folds, models).
    """

    name: str
    value: float
    interval: tuple[float, float] | None = None
    floor: float | None = None
    floor_interval: tuple[float, float] | None = None
    better: Literal["higher", "lower", "target"] = "higher"
    by: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


def worst_first(
    names: Sequence[str], values: np.ndarray, *, count: int | None = None
) -> dict[str, float]:
    """Names with their values, largest first; NaN means not measured and is left out."""
    order = [int(i) for i in np.argsort(-values, kind="stable") if not np.isnan(values[i])]
    return {names[i]: float(values[i]) for i in order[:count]}

"""The rows that are known before others are drawn.

Shapes: N stretches side by side, K rows known of each, C numbers, B blocks.
"""

from dataclasses import dataclass

import numpy as np

from likewise.series.bases import Before

Array = np.ndarray


@dataclass(frozen=True)
class Past:
    """What is known of N stretches.

    Attributes:
        values: (N, K, C) numbers, NaN where missing; K >= 1.
        residuals: (N, K, C) what is left of them; NaN where not known.
        slope: (N, K, C) the steps to the values, 0 where not known.
        options: (N, K, B) int32.
        before: the latest value and slope of each number, (N, C) each.
        at: (N,) int64, place in time of the first row to draw.
        series: (N,) int64, which series each is of.
    """

    values: Array
    residuals: Array
    slope: Array
    options: Array
    before: Before
    at: Array
    series: Array

    def take(self, rows: Array) -> "Past":
        """Some of the stretches."""
        return Past(
            self.values[rows],
            self.residuals[rows],
            self.slope[rows],
            self.options[rows],
            Before(self.before.last[rows], self.before.slope[rows]),
            self.at[rows],
            self.series[rows],
        )


@dataclass(frozen=True)
class Drawn:
    """Rows that were drawn after it; S steps.

    Attributes:
        values: (N, S, C).
        options: (N, S, B) int32.
        reals: (N, S, R) float32.
    """

    values: Array
    options: Array
    reals: Array

"""Stretches of the real series, one after the other: the baseline, and a copier.

Shapes: N stretches drawn, T rows of the training series, C numbers, B blocks.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.artifact import storable
from likewise.core.checks import agree, shaped, within
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.series.bases import LEVEL, SAME
from likewise.series.frame import Frame
from likewise.series.model import SeriesRecipe
from likewise.series.past import Drawn, Past
from likewise.series.view import Rows, SeriesView

Array = np.ndarray

COPIES = (
    "This is a bootstrap: its rows are stretches of real rows, and a model file of it holds them. "
    "It is a baseline to compare with, and must not be given to anybody who may not see the data."
)
LONGEST = 0.25  # share of a series that a block spans at most, on average


@storable
class BootstrapSeries(SeriesRecipe):
    """Stretches of real rows, drawn with replacement and set end to end: copies on purpose.

    Lengths of stretches are geometric, so that the series is stationary; with a period, a stretch
    begins where the one before left off in the day or week. Numbers that wander, such as prices,
    are copied as steps from row to row and added up; what returns to its range is copied as it is.

    Papers: Politis and Romano, "The stationary bootstrap", JASA, 1994; Politis and White,
    "Automatic block-length selection for the dependent bootstrap", Econometric Reviews, 2004.
    Cost: O(T C). Not private at all: every row is a real one.

    Attributes:
        block: mean rows of a stretch; chosen from the autocorrelation of the data when None.
        seasonal: begin stretches at the same place in the longest period of the time column.
    """

    summary: ClassVar[str] = "stretches of real rows end to end; a baseline that copies"

    block: Annotated[float, Field(ge=1)] | None = None
    seasonal: bool = True

    def fit_process(
        self,
        view: SeriesView,
        rows: Rows,
        frame: Frame,
        *,
        seed: Seed,  # noqa: ARG002
        run: Run,  # noqa: ARG002
    ) -> "BootstrapProcess":
        """Keep the rows."""
        steady = _steady(view)
        looked = np.where(steady, rows.values, rows.residuals)
        block = self.block or max(_block_length(column) for column in _known(looked).T)
        block = float(np.clip(block, 1.0, max(LONGEST * max(frame.lengths), 1.0)))
        return BootstrapProcess(
            np.where(np.isnan(rows.residuals), np.nan, rows.residuals),
            rows.values,
            rows.options,
            rows.reals,
            rows.first,
            steady,
            block,
            frame.period if self.seasonal else 0,
        )


@storable
@dataclass(frozen=True)
class BootstrapProcess:
    """The training series itself.

    Attributes:
        residuals: (T, C) what is left of numbers.
        values: (T, C).
        options: (T, B) int32.
        reals: (T, R) float32.
        first: (T,) int64, the row with which each row's series begins.
        steady: (C,) bool, numbers that are copied as they are.
        block: mean rows of a stretch.
        period: rows after which a place in time recurs; 0 to begin anywhere.
    """

    residuals: Array
    values: Array
    options: Array
    reals: Array
    first: Array
    steady: Array
    block: float
    period: int

    def __post_init__(self) -> None:
        shaped("values", self.values, np.float64, len(self.first), len(self.steady))
        shaped("residuals", self.residuals, np.float64, len(self.first), len(self.steady))
        shaped("first", self.first, np.int64, None)
        within("first", self.first, 0, max(len(self.first), 1))
        agree(self.block >= 1 and self.period >= 0, "lengths of stretches")

    @property
    def notes(self) -> tuple[str, ...]:
        """That this copies."""
        return (COPIES,)

    def draw(self, view: SeriesView, past: Past, steps: int, rng: np.random.Generator) -> Drawn:
        """``steps`` rows after the past."""
        at = self._places(len(past.at), steps, past.at, rng)
        options, reals = self.options[at], self.reals[at]
        values = np.full((*at.shape, len(view.numbers)), np.nan)
        before = past.before
        for step in range(steps):
            now = np.full((len(at), len(view.numbers)), np.nan)
            for j, base in enumerate(view.bases):
                left = self.residuals[at[:, step], j]
                told = before.value(j, base, left, now)
                now[:, j] = self.values[at[:, step], j] if self.steady[j] else told
            values[:, step] = now
            before = before.after(now)
        return Drawn(values, options, reals)

    def _places(self, count: int, steps: int, begin: Array, rng: np.random.Generator) -> Array:
        """Rows of the training series to copy; (N, S) int64."""
        rows = np.flatnonzero(np.arange(len(self.first)) > self.first)
        follows = np.append(self.first[1:] == self.first[:-1], False)
        at = np.empty((count, steps), dtype=np.int64)
        now = np.zeros(count, dtype=np.int64)
        fresh = np.ones(count, dtype=bool)
        for step in range(steps):
            drawn = self._begin(rows, begin + step, rng)
            now = np.where(fresh, drawn, now)
            at[:, step] = now
            fresh = (rng.random(count) < 1 / self.block) | ~follows[now]
            now = np.minimum(now + 1, len(self.first) - 1)
        return at

    def _begin(self, rows: Array, place: Array, rng: np.random.Generator) -> Array:
        """Rows with which stretches begin, at these places in time; (N,)."""
        if not self.period or len(self.first) < 2 * self.period:
            return np.asarray(rows[rng.integers(0, len(rows), len(place))])
        cycles = len(self.first) // self.period
        found = rng.integers(0, cycles, len(place)) * self.period + place % self.period
        return np.asarray(np.clip(found, rows[0], len(self.first) - 1))


def _steady(view: SeriesView) -> Array:
    """Numbers that are copied as they are: those that stay in their range, whole rows of them."""
    steady = [base.reverts for base in view.bases]
    for j, base in enumerate(view.bases):
        if base.how == SAME:
            steady[j] = steady[base.other]
        elif base.how != LEVEL and base.other != j:
            steady[j] = steady[j] and steady[base.other]
    return np.array(steady, dtype=bool)


def _known(x: Array) -> Array:
    """Missing values as the mean of their column; (T, C)."""
    mean = np.nan_to_num([column[~np.isnan(column)].mean() if (~np.isnan(column)).any() else 0.0
                          for column in x.T])  # fmt: skip
    return np.where(np.isnan(x), mean, x) if x.shape[1] else np.zeros((len(x), 1))


def _block_length(x: Array) -> float:
    """The length that minimises the error of the variance of a mean (Politis and White, 2004)."""
    x = x - x.mean()
    rows = len(x)
    power = float((x * x).mean())
    if power <= 0 or rows < 8:
        return 1.0
    most = min(int(np.ceil(np.sqrt(rows))) + 5, rows - 1)
    size = 2 ** int(np.ceil(np.log2(2 * rows)))
    spectrum = np.abs(np.fft.rfft(x, size)) ** 2
    own = np.fft.irfft(spectrum)[: most + 1] / rows
    quiet = 2 * np.sqrt(np.log10(rows) / rows)
    loud = np.flatnonzero(np.abs(own / own[0]) > quiet)
    reach = min(2 * max(int(loud.max()), 1), most)
    lag = np.arange(-reach, reach + 1)
    taper = np.clip(2 * (1 - np.abs(lag) / reach), 0, 1)
    told = taper * own[np.abs(lag)]
    slope, level = float((np.abs(lag) * told).sum()), float(told.sum())
    if level <= 0:
        return float(most)
    return float(max((2 * slope**2 / (2 * level**2)) ** (1 / 3) * rows ** (1 / 3), 1.0))

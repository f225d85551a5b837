"""How rows follow each other: is it as in the real data?

Every function compares a synthetic table with a real one and says so in one number; read it beside
the same number of fresh real rows. ``entity`` and ``time`` name columns, see ``sequences``.

Papers: Box and Jenkins, "Time series analysis", 1970 (autocorrelation); Welch, "The use of fast
Fourier transform for the estimation of power spectra", 1967; Billingsley, "Statistical methods in
Markov chains", 1961 (transitions).

Shapes: N rows, C columns, L lags.
"""

import warnings

import numpy as np

from likewise.core.errors import DataError
from likewise.data.table import Table
from likewise.metrics.score import Score, worst_first
from likewise.metrics.sequences import GAP, LEVELS, Sequences, sequences
from likewise.metrics.views import Array

LAGS = 24  # rows apart that are looked at, at most, and half of a usual sequence
CROSS_LAGS = (0, 1, 5)
SEGMENT, BANDS = 256, 16  # rows of a periodogram at most, and bands of frequency
SHORTEST = 16  # rows of a periodogram at least
FEWEST = 20  # pairs of rows that a number is taken from
POINTS = 2_000  # quantiles of a distribution that are compared


def autocorrelation_error(
    real: Table, synth: Table, *, entity: str | None = None, time: str | None = None
) -> Score:
    """Mean difference of the correlation of a number with itself some rows later; 0 to 2.

    Lags of 1 to 24 rows, fewer where sequences are shorter; averaged over lags, then over numbers.
    Low is good. Cost: O(N C L).
    """
    sides = sequences([real, synth], entity=entity, time=time)
    lags = range(1, _most_lags(sides) + 1)
    names = _numbers(sides)
    gaps = [
        _mean(
            [abs(a - b) for a, b in zip(*(_correlations(s, n, lags) for s in sides), strict=True)]
        )
        for n in names
    ]
    return _score("autocorrelation_error", names, gaps, sides, f"lags 1 to {len(lags)}")


def cross_correlation_error(
    real: Table, synth: Table, *, entity: str | None = None, time: str | None = None
) -> Score:
    """Mean difference of the correlation of two numbers, at once and some rows apart; 0 to 2.

    Lags of 0, 1 and 5 rows, of all pairs of at most 40 numbers. Low is good. Cost: O(N C^2).
    """
    sides = sequences([real, synth], entity=entity, time=time)
    names = _numbers(sides)
    if len(names) < 2:
        raise DataError("cross_correlation_error", "fewer than two numbers", "Leave it out")
    lags = [lag for lag in CROSS_LAGS if lag <= _most_lags(sides)]
    apart = np.stack([
        np.abs(np.subtract(*(_correlation_matrix(side, names, lag) for side in sides)))
        for lag in lags
    ])  # fmt: skip
    apart[:, np.arange(len(names)), np.arange(len(names))] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        by_pair = np.nanmean(apart, axis=0)
    first, second = np.triu_indices(len(names), 1)
    gaps = [_mean([by_pair[i, j], by_pair[j, i]]) for i, j in zip(first, second, strict=True)]
    pairs = [f"{names[i]} × {names[j]}" for i, j in zip(first, second, strict=True)]
    return _score(
        "cross_correlation_error", pairs, gaps, sides, f"lags {', '.join(map(str, lags))}"
    )


def spectral_distance(
    real: Table, synth: Table, *, entity: str | None = None, time: str | None = None
) -> Score:
    """Mean share of a number's variance that lies at the wrong frequencies; 0 to 1.

    Total variation between mean periodograms over stretches of at most 256 rows, in 16 bands of
    equal width in the logarithm. Low is good; needs sequences of 16 rows. Cost: O(N C log 256).
    """
    sides = sequences([real, synth], entity=entity, time=time)
    names = _numbers(sides)
    rows = min(int(np.quantile(side.lengths, 0.5)) for side in sides)
    rows = min(SEGMENT, rows)
    if rows < SHORTEST:
        raise DataError("spectral_distance", f"sequences of {rows} rows", "Leave it out")
    found = [[_spectrum(side, name, rows) for name in names] for side in sides]
    gaps = [
        float(np.abs(a - b).sum() / 2) if a is not None and b is not None else np.nan
        for a, b in zip(*found, strict=True)
    ]
    return _score("spectral_distance", names, gaps, sides, f"stretches of {rows} rows")


def increment_error(
    real: Table, synth: Table, *, entity: str | None = None, time: str | None = None
) -> Score:
    """Mean distance of the distributions of numbers' changes from row to row; 0 to 1.

    The largest gap between cumulative curves (Kolmogorov-Smirnov). Low is good. Cost: O(N C log N).
    """
    sides = sequences([real, synth], entity=entity, time=time)
    names = [name for name in _numbers(sides) if name != GAP]
    gaps = [largest_gap(*(_increments(side, name) for side in sides)) for name in names]
    return _score("increment_error", names, gaps, sides, "changes from row to row")


def transition_error(
    real: Table, synth: Table, *, entity: str | None = None, time: str | None = None
) -> Score:
    """Mean share of steps from label to label that are wrong; 0 to 1.

    Total variation between the joint distributions of a label and the next one of the same entity;
    labels beyond the 20 most frequent count as one. Low is good. Cost: O(N C).
    """
    sides = sequences([real, synth], entity=entity, time=time)
    names = list(sides[0].labels)
    if not names:
        raise DataError("transition_error", "no column of labels", "Leave it out")
    gaps = []
    for name in names:
        shares = [_transitions(side, name) for side in sides]
        gaps.append(float(np.abs(shares[0] - shares[1]).sum() / 2))
    return _score("transition_error", names, gaps, sides, f"{LEVELS} labels and the rest")


def second_transition_error(
    real: Table, synth: Table, *, entity: str | None = None, time: str | None = None
) -> Score:
    """Mean share of triples of a label and the next two that are wrong; 0 to 1.

    As ``transition_error``, and sees what it does not: what follows what depends on how that came
    about. Its floor is higher, as there are more triples. Low is good. Cost: O(N C).
    """
    sides = sequences([real, synth], entity=entity, time=time)
    names = list(sides[0].labels)
    if not names:
        raise DataError("second_transition_error", "no column of labels", "Leave it out")
    gaps = []
    for name in names:
        shares = [_transitions(side, name, 2) for side in sides]
        gaps.append(float(np.abs(shares[0] - shares[1]).sum() / 2))
    return _score("second_transition_error", names, gaps, sides, f"{LEVELS} labels and the rest")


def largest_gap(a: Array, b: Array) -> float:
    """The largest gap between the cumulative curves of two samples; NaN if either is empty."""
    if not len(a) or not len(b):
        return float("nan")
    a, b = np.sort(a), np.sort(b)
    at = np.concatenate([a, b])
    below = (np.searchsorted(x, at, side="right") / len(x) for x in (a, b))
    return float(np.abs(np.subtract(*below)).max())


def _numbers(sides: list[Sequences]) -> list[str]:
    """Numbers that vary in the real data."""
    found = (
        [n for n, x in sides[0].numbers.items() if np.nanstd(x, ddof=0) > 0]
        if any(len(x) and not np.isnan(x).all() for x in sides[0].numbers.values())
        else []
    )
    if not found:
        raise DataError("sequences", "no number that varies", "Leave this score out")
    return found


def _most_lags(sides: list[Sequences]) -> int:
    usual = min(int(np.quantile(side.lengths, 0.75)) for side in sides)
    return int(np.clip(usual // 2, 1, LAGS))


def _correlations(side: Sequences, name: str, lags: range) -> list[float]:
    x = side.numbers[name]
    return [_correlation(x, x, *side.pairs(lag)) for lag in lags]


def _correlation(x: Array, y: Array, before: Array, after: Array) -> float:
    """Correlation of x at some rows with y at others, about the means of all rows; NaN if few."""
    a, b = x[before] - np.nanmean(x), y[after] - np.nanmean(y)
    both = ~np.isnan(a) & ~np.isnan(b)
    scale = np.nanstd(x) * np.nanstd(y)
    if both.sum() < FEWEST or not np.isfinite(scale):
        return float("nan")
    return float(np.clip((a[both] * b[both]).mean() / scale, -1, 1)) if scale > 0 else 0.0


def _correlation_matrix(side: Sequences, names: list[str], lag: int) -> Array:
    """Correlation of each number with each other ``lag`` rows later; (C, C)."""
    z = []
    for name in names:
        x = side.numbers[name]
        x = (x - np.nanmean(x)) / max(float(np.nanstd(x)), 1e-300)
        z.append(x)
    whole = np.stack(z, axis=1)
    before, after = side.pairs(lag)
    a, b = whole[before], whole[after]
    known = [(~np.isnan(m)).astype(float) for m in (a, b)]
    count = known[0].T @ known[1]
    total = np.nan_to_num(a).T @ np.nan_to_num(b)
    return np.where(count >= FEWEST, np.clip(total / np.maximum(count, 1), -1, 1), np.nan)


def _spectrum(side: Sequences, name: str, rows: int) -> Array | None:
    """Shares of a number's variance by band of frequency; (BANDS,), None if too little is known."""
    x = side.numbers[name]
    known = np.flatnonzero(~np.isnan(x))
    if len(known) < rows:
        return None
    x = np.interp(np.arange(len(x)), known, x[known])
    starts = []
    for begin in np.unique(side.first):
        end = begin + int((side.first == begin).sum()) if side.ended else side.rows
        starts += list(range(int(begin), end - rows + 1, max(rows // 2, 1)))
    if not starts:
        return None
    window = np.hanning(rows + 2)[1:-1]
    stretches = np.stack([x[s : s + rows] for s in starts[:4_000]])
    stretches = (stretches - stretches.mean(axis=1, keepdims=True)) * window
    power = (np.abs(np.fft.rfft(stretches, axis=1)) ** 2).mean(axis=0)[1:]
    edges = np.geomspace(1, len(power) + 1, BANDS + 1)
    band = np.clip(
        np.searchsorted(edges, np.arange(1, len(power) + 1), side="right") - 1, 0, BANDS - 1
    )
    total = np.bincount(band, weights=power, minlength=BANDS)
    return np.asarray(total / total.sum()) if total.sum() > 0 else None


def _increments(side: Sequences, name: str) -> Array:
    before, after = side.pairs()
    x = side.numbers[name]
    steps = x[after] - x[before]
    return np.asarray(steps[~np.isnan(steps)])


def _transitions(side: Sequences, name: str, steps: int = 1) -> Array:
    """Shares of a label with the next one, or the next two; (K^2,) or (K^3,)."""
    first, _ = side.pairs(steps)
    code, width = side.labels[name], LEVELS + 2
    cell = code[first]
    for step in range(1, steps + 1):
        cell = cell * width + code[first + step]
    return np.bincount(cell, minlength=width ** (steps + 1)) / max(len(first), 1)


def _mean(gaps: list[float]) -> float:
    known = [gap for gap in gaps if not np.isnan(gap)]
    return float(np.mean(known)) if known else float("nan")


def _score(
    name: str, parts: list[str], gaps: list[float], sides: list[Sequences], how: str
) -> Score:
    if all(np.isnan(gaps)):
        raise DataError(name, "too few rows that follow each other", "Leave it out")
    note = f"{sides[1].rows:,} rows in {len(sides[1].lengths):,} sequences, {how}"
    by = worst_first(parts, np.array(gaps), count=12)
    return Score(name, _mean(gaps), better="lower", by=by, note=note)

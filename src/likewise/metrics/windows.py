"""Stretches of consecutive rows: can synthetic ones be told from real ones, and are they copies?

Stretches that overlap share rows, so a classifier that has seen one knows its neighbours. Series
are therefore cut into blocks of three stretches, only stretches inside a block are taken, and all
of a block, or of an entity, go into one fold.

Papers: Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017; Yoon, Jarrett and
van der Schaar, "Time-series generative adversarial networks", NeurIPS 2019 (detection of windows).

Shapes: W windows of L rows, F features, C numbers.
"""

import warnings
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.intervals import Z95, auc, wilson
from likewise.metrics.learners import boosted, single_threaded
from likewise.metrics.score import SEED, Score, worst_first
from likewise.metrics.sequences import Sequences, sequences
from likewise.metrics.views import Array
from likewise.metrics.window_features import TOP, features

LENGTH = 24  # rows of a window, fewer where sequences are shorter
SHARE = 20  # windows' lengths that a single series holds at least
BLOCK = 3  # windows' lengths in a block
STEPS = 4  # windows that begin within the length of one
MOST = 3_000  # windows a side
FEWEST = 30  # windows a side
FOLDS = 3
TREES, RATE, LEAVES, LEAF = 100, 0.08, 15, 20
TELLING = 12  # columns up to which each is tried alone
FLAT = 0.05  # of a number's usual spread: windows that spread less are flat, not scaled up
NEAR = 0.01  # share of fresh windows that count as near


@dataclass(frozen=True)
class Windows:
    """Windows of a side.

    Attributes:
        rows: (W, L) int64 positions of rows, -1 beyond the end of a short sequence.
        group: (W,) int64, windows of one block or entity.
    """

    rows: Array
    group: Array


def window_detection(
    real: Table,
    synth: Table,
    *,
    entity: str | None = None,
    time: str | None = None,
    length: int | None = None,
    seed: Seed = SEED,
    explain: bool = True,
) -> Score:
    """AUC of boosted trees that tell synthetic windows from real ones; 0.5 is best, 1 is worst.

    Windows of 24 rows, or of a usual sequence where these are shorter, are told by the level,
    spread, steps and turns of each number and by the shares and changes of labels. Three folds of
    whole blocks or entities; the interval counts these as one. ``by`` is how well each column does
    alone, of 12 at most, unless ``explain`` is false. A copier passes: see ``window_copies``.
    Cost: about 5 s for 3,000 windows a side of 28 numbers.

    Raises:
        DataError: fewer than 30 windows on a side.
    """
    sides = sequences([real, synth], entity=entity, time=time)
    length = length or usual_length(sides)
    found = [windows(side, length) for side in sides]
    rng = seed.stream("windows")
    count = min(MOST, *(len(w.rows) for w in found))
    if count < FEWEST:
        hint = "Give longer series"
        raise DataError("window_detection", f"{count:,} windows on a side", hint)
    found = [_some(w, count, rng) for w in found]
    parts = [features(side, w.rows) for side, w in zip(sides, found, strict=True)]
    x = np.concatenate([part[0] for part in parts])
    fake = np.repeat([False, True], count)
    group = np.concatenate([found[0].group, found[1].group + found[0].group.max() + 1])
    fold = rng.permutation(group.max() + 1)[group] % FOLDS
    scores = _out_of_fold(x, fake, fold)
    value, influence = auc(scores, fake)
    column = parts[0][1]
    names = tuple(dict.fromkeys(column))
    alone = [
        auc(_out_of_fold(x[:, [c == name for c in column]], fake, fold), fake)[0]
        for name in names
        if explain and len(names) <= TELLING
    ]
    error = np.sqrt((np.bincount(group, weights=influence) ** 2).sum()) / len(influence)
    return Score(
        "window_detection",
        value,
        (max(value - Z95 * error, 0.0), min(value + Z95 * error, 1.0)),
        better="target",
        by=worst_first(names, np.array(alone), count=10) if alone else {},
        note=f"{count:,} windows of {length} rows a side, {len(set(group)):,} blocks, "
        f"{len(names):,} columns",
    )


def window_copies(
    real: Table,
    synth: Table,
    *,
    holdout: Table,
    entity: str | None = None,
    time: str | None = None,
    length: int | None = None,
    seed: Seed = SEED,
) -> Score:
    """Share of synthetic windows as near to a training window as the nearest 1 % of fresh ones.

    In [0, 1]; 0.01 is fair. The distance is Euclidean over numbers less their mean in the window,
    in units of their spread in it, so that a stretch that was copied and moved or stretched is
    still found, and over labels, a mismatch counting one. Training windows begin at every row.

    Raises:
        DataError: fewer than 30 windows in a table.
    """
    sides = sequences([real, synth, holdout], entity=entity, time=time)
    length = length or usual_length(sides)
    known = windows(sides[0], length, every=True)
    asked = [windows(side, length) for side in sides[1:]]
    rng = seed.stream("copies")
    count = min(MOST, *(len(w.rows) for w in asked))
    if min(count, len(known.rows)) < FEWEST:
        raise DataError("window_copies", f"{count:,} windows on a side", "Give longer series")
    asked = [_some(w, count, rng) for w in asked]
    scale = _spreads(sides[0], known.rows)
    train = _shapes(sides[0], _some(known, 8 * MOST, rng).rows, scale)
    near = [_nearest(_shapes(s, w.rows, scale), train)
            for s, w in zip(sides[1:], asked, strict=True)]  # fmt: skip
    limit = np.quantile(near[1], NEAR, method="inverted_cdf")
    hits = [int((n <= limit).sum()) for n in near]
    return Score(
        "window_copies",
        hits[0] / count,
        wilson(hits[0], count),
        hits[1] / count,
        wilson(hits[1], count),
        better="target",
        note=f"{count:,} synthetic and fresh windows of {length} rows, {len(train):,} of training",
    )


def usual_length(sides: list[Sequences]) -> int:
    """Rows of a window: 24, or the median length of the sequences if that is less; 2 at least.

    Of a single series at most a twentieth, so that there are windows enough.
    """
    usual = min(
        int(np.median(side.lengths)) if side.ended else side.rows // SHARE for side in sides
    )
    return int(np.clip(usual, 2, LENGTH))


def windows(side: Sequences, length: int, *, every: bool = False) -> Windows:
    """The windows of a side; ``every`` begins one at every row."""
    step = 1 if every else max(length // STEPS, 1)
    rows, groups = [], []
    begins = np.unique(side.first)
    ends = np.append(begins[1:], side.rows)
    group = 0
    for begin, end in zip(begins, ends, strict=True):
        if end - begin < length:
            padded = np.arange(begin, begin + length)
            rows.append(np.where(padded < end, padded, -1)[None])
            groups.append(np.array([group]))
            group += 1
            continue
        starts = np.arange(begin, end - length + 1, step)
        if every or side.ended:
            own = np.full(len(starts), group)
        else:
            block = (starts - begin) // (BLOCK * length)
            inside = (starts - begin) % (BLOCK * length) <= (BLOCK - 1) * length
            starts, own = starts[inside], group + block[inside]
        rows.append(starts[:, None] + np.arange(length))
        groups.append(own)
        group = int(own.max()) + 1
    return Windows(np.concatenate(rows), np.concatenate(groups))


def _out_of_fold(x: Array, fake: Array, fold: Array) -> Array:
    """Scores of rows by a detector that has not seen their fold; (W,)."""
    plain = np.zeros(x.shape[1], dtype=bool)

    def one(k: int) -> Any:
        model = boosted(
            "classify", x[fold != k], fake[fold != k], plain, max_iter=TREES, learning_rate=RATE,
            max_leaf_nodes=LEAVES, min_samples_leaf=LEAF,
        )  # fmt: skip
        return model.decision_function(x[fold == k])

    kept = np.where(np.isinf(x), np.nan, x)
    x = np.clip(kept, -1e300, 1e300)
    scores = np.empty(len(x))
    for k, found in enumerate(single_threaded([partial(one, k) for k in range(FOLDS)])):
        scores[fold == k] = found
    return scores


def _some(found: Windows, count: int, rng: np.random.Generator) -> Windows:
    if len(found.rows) <= count:
        return found
    picked = np.sort(rng.permutation(len(found.rows))[:count])
    return Windows(found.rows[picked], found.group[picked])


def _spreads(side: Sequences, rows: Array) -> dict[str, float]:
    """Mean standard deviation of each number within windows."""
    picked = rows[:: max(1, len(rows) // 2_000)]
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for name, column in side.numbers.items():
            x = np.where(picked >= 0, column[picked], np.nan)
            spread = float(np.nanmean(np.nanstd(x, axis=1)))
            found[name] = spread if np.isfinite(spread) and spread > 0 else 1.0
    return found


def _shapes(side: Sequences, rows: Array, scale: dict[str, float]) -> Array:
    """Windows as points; (W, L * (C + labels)) float32."""
    there = rows >= 0
    parts = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for name, column in side.numbers.items():
            x = np.where(there, column[rows], np.nan)
            x = x - np.nanmean(x, axis=1, keepdims=True)
            own = np.nanstd(x, axis=1, keepdims=True)
            parts.append(np.nan_to_num(x / np.maximum(own, FLAT * scale[name])))
    for column in side.labels.values():
        code = np.where(there, column[rows], -1)
        parts += [(code == level) * np.sqrt(0.5) for level in range(TOP)]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _nearest(asked: Array, known: Array) -> Array:
    """Squared distance to the nearest of the known points; (W,)."""
    squares = (known**2).sum(axis=1)
    found = []
    for start in range(0, len(asked), 256):
        part = asked[start : start + 256]
        away = squares - 2 * part @ known.T
        found.append(away.min(axis=1) + (part**2).sum(axis=1))
    return np.concatenate(found)

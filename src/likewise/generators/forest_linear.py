"""A linear guess at what is drawn next, from scores and labels of the blocks drawn before.

Shapes: N rows, P parents, D columns of the design, Q outputs.
"""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree, bounded, shaped, within
from likewise.generators.forest_scale import Scale

Array = np.ndarray
WIDTH = 240  # columns of the design, about, at most
MINOR = 0.5  # scale of indicators, so that the penalty weighs more on them than on scores
SUPPORT = 5  # rows from which on a label has a weight of its own
FOLDS = 5
RIDGES = 10.0 ** np.arange(-1, 5)  # penalties that are tried, in rows


@storable
@dataclass(frozen=True)
class Linear:
    """Ridge regression on the parents.

    Attributes:
        base: (Q,) float64.
        slopes: (P, Q) float64, weight of each parent's score.
        offsets: (P,) int64, where each parent's levels begin in ``steps``.
        steps: (sum of K, Q) float64, what each level adds.
    """

    base: Array
    slopes: Array
    offsets: Array
    steps: Array

    def __post_init__(self) -> None:
        parents, outputs = len(self.offsets), len(self.base)
        shaped("base", self.base, np.float64, outputs)
        agree(outputs > 0, "a guess at nothing")
        shaped("slopes", self.slopes, np.float64, parents, outputs)
        shaped("offsets", self.offsets, np.int64, parents)
        shaped("steps", self.steps, np.float64, None, outputs)
        for name in ("base", "slopes", "steps"):
            bounded(name, getattr(self, name))

    def predict(self, scores: Array, codes: Array) -> Array:
        """The guess for rows of the parents' scores and codes, both (N, P); (N, Q) float64."""
        out = self.base + scores.astype(float) @ self.slopes
        for p, offset in enumerate(self.offsets.tolist()):
            out += self.steps[offset + codes[:, p]]
        return np.asarray(out)


def check_parents(parents: Array, labels: Array, linear: Linear, scales: tuple[Scale, ...]) -> None:
    """Raise ValueError unless labels and a guess are about the levels of just these parents."""
    within("parents", parents, 0, len(scales))
    sizes = np.array([len(scales[p].shares) for p in parents.tolist()], dtype=np.int64)
    agree(np.array_equal(linear.offsets, np.cumsum(sizes) - sizes), "levels of parents")
    agree(len(labels) == len(linear.steps) == sizes.sum(), "labels of parents")


def fit_linear(
    scores: Array, codes: Array, scales: list[Scale], wanted: Array, rng: np.random.Generator
) -> tuple[Linear, Array]:
    """The ridge regression of ``wanted`` (N, Q), and a guess at each row from other folds.

    The penalty is the one with which other folds guess best. Leaving out single rows would not do:
    the mean of all rows but one gives that one away.
    Cost: O(N D² + D³).
    """
    design, of_level = _design(scores, codes, scales)
    fold = rng.permutation(len(design)) % min(FOLDS, len(design))
    unseen = np.empty((len(RIDGES), *wanted.shape))
    for f in range(int(fold.max()) + 1):
        out = fold == f
        for r, (base, slopes) in enumerate(_ridges(design[~out], wanted[~out])):
            unseen[r, out] = base + design[out] @ slopes
    best = int(np.argmin(((unseen - wanted) ** 2).sum(axis=(1, 2))))
    base, slopes = _ridges(design, wanted)[best]
    offsets = np.cumsum([0, *(len(scale.shares) for scale in scales)])
    steps = np.zeros((int(offsets[-1]), wanted.shape[1]))
    for column, (parent, level) in enumerate(of_level):
        steps[offsets[parent] + level] = MINOR * slopes[len(scales) + column]
    return Linear(base, slopes[: len(scales)], offsets[:-1].astype(np.int64), steps), unseen[best]


def _ridges(design: Array, wanted: Array) -> list[tuple[Array, Array]]:
    """Intercepts (Q,) and slopes (D, Q), one pair for each penalty."""
    middle, mean = design.mean(axis=0), wanted.mean(axis=0)
    centred = design - middle
    strength, axes = np.linalg.eigh(centred.T @ centred)
    score = axes.T @ (centred.T @ (wanted - mean))
    found = []
    for ridge in RIDGES:
        slopes = axes @ (score / (np.maximum(strength, 0) + ridge)[:, None])
        found.append((mean - middle @ slopes, slopes))
    return found


def _design(
    scores: Array, codes: Array, scales: list[Scale]
) -> tuple[Array, list[tuple[int, int]]]:
    """Scores, then indicators of levels; and the (parent, level) each indicator stands for."""
    columns, of_level = list(scores.T.astype(float)), []
    most = int(np.clip(WIDTH // max(len(scales), 1), 1, 20))
    for p, scale in enumerate(scales):
        counts = np.bincount(codes[:, p], minlength=len(scale.shares))
        levels = [0] if scale.missing else []
        if not scale.ordered:
            levels = np.argsort(-counts, kind="stable")[: min(most, len(counts) - 1)].tolist()
        for level in levels:
            if counts[level] >= SUPPORT:
                columns.append(MINOR * (codes[:, p] == level))
                of_level.append((p, level))
    return np.stack(columns, axis=1), of_level

"""What trees split on: one feature for each block drawn before.

Shapes: N rows, P parents, K levels of a block.
"""

import numpy as np

from likewise.generators.forest_scale import Scale

Array = np.ndarray
ABSENT = np.float32(-6)  # where a missing value stands among scores, for splits
PULL = 10.0  # rows by which a label's mean is drawn to the mean of all


def split_features(codes: Array, scores: Array, scales: list[Scale], labels: Array) -> Array:
    """One feature a parent: its score, or what stands for its label; (N, P) float32."""
    x, offset = np.array(scores, dtype=np.float32), 0
    for p, scale in enumerate(scales):
        if not scale.ordered:
            x[:, p] = labels[offset + codes[:, p]]
        elif scale.missing:
            x[codes[:, p] == 0, p] = ABSENT
        offset += len(scale.shares)
    return x


def label_features(codes: Array, scales: list[Scale], wanted: Array) -> Array:
    """Each label's first principal score by what is wanted in its rows; 0 for ordered levels."""
    parts = []
    middle = wanted.mean(axis=0)
    for p, scale in enumerate(scales):
        size = len(scale.shares)
        if scale.ordered:
            parts.append(np.zeros(size))
            continue
        counts = np.bincount(codes[:, p], minlength=size)[:, None]
        totals = np.stack([np.bincount(codes[:, p], w, minlength=size) for w in wanted.T], axis=1)
        profile = (totals + PULL * middle) / (counts + PULL) - middle
        scaled = profile * np.sqrt(counts)
        parts.append(profile @ np.linalg.eigh(scaled.T @ scaled)[1][:, -1])
    return np.concatenate(parts).astype(np.float32)


def joined(x: Array, more: Array) -> Array:
    """Features and what is added to them, as trees take them."""
    return np.ascontiguousarray(np.column_stack([x, more]), dtype=np.float32)

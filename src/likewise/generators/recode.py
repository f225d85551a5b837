"""Codes of earlier blocks as predictors of at most 256 values.

Paper: Fisher, "On grouping for maximum homogeneity", JASA 1958 (sorting levels by the mean of what
is predicted makes one threshold as good as any subset).
"""

import numpy as np

from likewise.encode.layout import Block

Array = np.ndarray


def predictor_maps(
    codes: Array, blocks: tuple[Block, ...], parents: Array, place: Array, size: int
) -> tuple[Array, Array]:
    """From each parent's codes to at most 256 predictor values; flat maps and their offsets.

    Unordered levels are sorted by the first principal score of the child's profile, so that one
    threshold can part levels that matter differently to the child.
    """
    maps, offsets, begin = [], np.zeros(len(parents), dtype=np.int64), 0
    for i, parent in enumerate(parents):
        levels = blocks[parent].size
        if blocks[parent].ordered or levels <= 2:
            values = np.arange(levels)
        else:
            values = _profile_order(codes[:, parent], levels, place, size)
        if levels > 256:
            values = values * 256 // levels
        offsets[i] = begin
        begin += levels
        maps.append(values.astype(np.uint8))
    return np.concatenate(maps) if maps else np.empty(0, dtype=np.uint8), offsets


def _profile_order(code: Array, levels: int, place: Array, size: int) -> Array:
    """Rank of each level of a label block by what it says about the child; (K,) int."""
    groups = min(size, 32)
    group = place.astype(np.int64) * groups // size
    table = np.bincount(code * groups + group, minlength=levels * groups).astype(float)
    table = table.reshape(levels, groups)
    mean, rows = table.sum(axis=0) / max(table.sum(), 1), table.sum(axis=1)
    profile = (table + 5 * mean) / (rows[:, None] + 5) - mean
    scaled = profile * np.sqrt(rows[:, None]) / np.sqrt(mean + 1e-9)
    _, axes = np.linalg.eigh(scaled.T @ scaled)
    score = (profile / np.sqrt(mean + 1e-9)) @ axes[:, -1]
    return np.argsort(np.argsort(score, kind="stable"), kind="stable")

"""Which of two ways to grow or draw a block's forest is kept: the one left-out rows speak for."""

import numpy as np

from likewise.generators.forest_scale import STRAY, Scale
from likewise.generators.forest_trees import Tree

Array = np.ndarray
Rng = np.random.Generator


def kept_trees(
    trees: list[Tree], plain: list[Tree], x: Array, codes: Array, scale: Scale
) -> list[Tree]:
    """Trees on everything, trees on the guess alone, or half of both.

    Chosen by the likelihood of left-out rows. Few rows may not support more than the guess.
    """
    half = (len(trees) + 1) // 2
    mixed = trees[:half] + plain[: len(trees) - half]
    seen = [_left_out_shares(some, x, codes) for some in (trees, plain)]
    usual = STRAY * scale.shares[codes]
    likely = [
        float(np.log(np.maximum((1 - STRAY) * share + usual, 1e-12)).sum())
        for share in (seen[0], sum(seen) / 2, seen[1])
    ]
    return (trees, mixed, plain)[int(np.argmax(likely))]


def _left_out_shares(trees: list[Tree], x: Array, codes: Array) -> Array:
    """Share of each row's own level in the leaves of trees not grown on it, itself excluded."""
    total, count = np.zeros(len(x)), np.zeros(len(x))
    levels = int(codes.max(initial=0)) + 1
    for one in trees:
        out, leaf = one.left_out, one.leaf(x)
        size = np.bincount(leaf)[leaf[out]] - 1
        cell = leaf * levels + codes
        same = np.bincount(cell)[cell[out]] - 1
        total[out] += same / np.maximum(size, 1)
        count[out] += 1
    return total / np.maximum(count, 1)


def guess_helps(trees: list[Tree], x: Array, place: Array, guess: Array, rng: Rng) -> bool:
    """Whether places that move with the guess are nearer to left-out rows' own, by the CRPS.

    The continuous ranked probability score of a sample is the mean distance to the truth less half
    the mean distance within the sample (Gneiting and Raftery 2007). A row that was not used to
    grow a tree draws from its leaf there, itself excluded.
    """
    drawn = np.full((2, len(x), 2 * len(trees)), np.nan)
    for t, one in enumerate(trees):
        left_out, leaf = one.left_out, one.leaf(x)
        order = np.argsort(leaf, kind="stable")
        low = np.searchsorted(leaf[order], leaf[left_out], side="left")
        size = np.searchsorted(leaf[order], leaf[left_out], side="right") - low
        for k in range(2):
            pick = order[low + (rng.random(len(left_out)) * size).astype(np.int64)]
            value = np.where(pick == left_out, np.nan, place[pick])
            drawn[0, left_out, 2 * t + k] = value
            drawn[1, left_out, 2 * t + k] = value - guess[pick] + guess[left_out]
    score = []
    for sample in drawn:
        off = np.abs(sample - place[:, None])
        apart = np.abs(sample - np.roll(sample, 3, axis=1))
        both = ~np.isnan(off) & ~np.isnan(apart)
        score.append(float(off[both].mean() - apart[both].mean() / 2) if both.any() else np.inf)
    return score[1] < score[0]

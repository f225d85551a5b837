"""How good drawn rows are, in a few words that need no training in statistics."""

import numpy as np

from likewise.encode.layout import Encoded, Layout

Array = np.ndarray

LARGEST = 64  # blocks that are looked at


def noise_ratio(drawn: Encoded, real: Encoded, layout: Layout) -> float:
    """Mean distance of columns over what it would be for fresh real rows; 1 is best possible.

    The distance of a column is the total variation between two samples of n and m rows; if both
    came from one source it would be about sum of sqrt(p (1 - p) (1/n + 1/m) / (2 pi)).
    """
    found = expected = 0.0
    for i, block in list(enumerate(layout.blocks))[:LARGEST]:
        p, q = (_shares(rows.codes[:, i], block.size) for rows in (real, drawn))
        both = (p * real.rows + q * drawn.rows) / (real.rows + drawn.rows)
        found += float(np.abs(p - q).sum() / 2)
        spread = both * (1 - both) * (1 / real.rows + 1 / drawn.rows)
        expected += float(np.sqrt(2 * spread / np.pi).sum() / 2)
    return found / max(expected, 1e-12)


def in_words(ratio: float) -> str:
    """The ratio as the user reads it."""
    if ratio < 1.15:
        return "columns as close as real rows"
    return f"columns within {ratio:.1f}x of sampling noise"


def _shares(codes: Array, size: int) -> Array:
    return np.bincount(codes, minlength=size) / max(len(codes), 1)

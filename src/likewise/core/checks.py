"""What the arrays of a stored model must be, so that no forged file has a kernel read beyond them.

Compiled kernels look at no bounds. A frozen dataclass whose arrays reach one checks them once, when
it is built; loading turns the ValueError into a FormatError. Cost: O(size of the array).
"""

import numpy as np

Array = np.ndarray
LARGEST = 1e12  # size of learned numbers: sums of millions of them are finite, in float32 too


def shaped(name: str, array: Array, kind: type, *shape: int | None) -> None:
    """The array is of exactly this kind of number and of this shape; None is any length."""
    lengths = zip(array.shape, shape, strict=False)
    fits = array.ndim == len(shape) and all(want in (None, have) for have, want in lengths)
    if array.dtype != kind or not fits:
        raise ValueError(f"{name}: {array.dtype} {array.shape}, not {kind.__name__} {shape}")


def within(name: str, array: Array, low: float, high: float) -> None:
    """All values lie in [low, high); none is missing."""
    if array.size and not (low <= array.min() and array.max() < high):
        raise ValueError(f"{name}: values outside {low} to {high}")


def bounded(name: str, array: Array) -> None:
    """All values are numbers, and none is so large that a sum of them is infinite."""
    within(name, array, -LARGEST, LARGEST)


def rising(name: str, array: Array) -> None:
    """No value (N,) is below the one before it; none is missing."""
    if np.isnan(array).any() or (array[1:] < array[:-1]).any():
        raise ValueError(f"{name}: values do not rise")


def spread(name: str, array: Array) -> None:
    """Shares (K,) of one or more levels that sum to 1."""
    within(name, array, 0, np.inf)
    if not abs(array.sum() - 1) < 1e-6:
        raise ValueError(f"{name}: shares do not sum to 1")


def arranged(name: str, array: Array) -> None:
    """Each of the numbers from 0 on occurs once in whole numbers (N,)."""
    within(name, array, 0, len(array))
    if (np.bincount(array, minlength=len(array)) != 1).any():
        raise ValueError(f"{name}: a number occurs twice")


def agree(holds: bool | np.bool_, what: str) -> None:
    """A law between parts of a model."""
    if not holds:
        raise ValueError(f"the parts do not fit together: {what}")

"""Kernels: functions of numbers and arrays that Numba compiles, once for each machine.

The compiled code is kept beside the module (or in ``NUMBA_CACHE_DIR``) until that module changes.
Kernels release the interpreter lock, so that blocks are learned and drawn side by side.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba as nb

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """``function`` as a kernel with the arithmetic that is written."""
    return cast(F, nb.njit(cache=True, nogil=True)(function))


def reordered(function: F) -> F:
    """``function`` as a kernel whose sums may be taken in another order, which is faster.

    The order is fixed at compile time: the same machine gives the same numbers. Infinities and
    missing values keep their meaning.
    """
    allowed = {"contract", "arcp", "nsz", "reassoc"}
    return cast(F, nb.njit(cache=True, nogil=True, fastmath=allowed)(function))


def vectorised(function: F) -> F:
    """``function`` as a kernel whose loops take several numbers at once.

    A product and a sum may be rounded once, and a division by zero is infinite.
    """
    options = {"fastmath": {"contract"}, "error_model": "numpy"}
    return cast(F, nb.njit(cache=True, nogil=True, **options)(function))

"""Kernels: loops over agents in plain Python, compiled by Numba.

A kernel is a function of arrays and numbers that visits agents one after the other, where the order
matters and a whole-array rule cannot say it. With ``NUMBA_DISABLE_JIT=1`` in the environment the
same functions run uncompiled and give the same result, line by line in a debugger.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba as nb

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """``function`` compiled when it is first called, with the arithmetic that is written.

    It may call other kernels, NumPy and ``math``; its arguments are arrays, numbers and tuples of
    them. Compiled code is kept beside the module (or in ``NUMBA_CACHE_DIR``) where that is a file.
    The interpreter lock is released. Indices are not checked: a wrong one reads foreign memory,
    so try a new kernel uncompiled first.

    Cost: the first call compiles, about a second; later processes load the kept code.
    """
    try:
        return cast(F, nb.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # written in a notebook or a string: there is no file to keep it beside
        return cast(F, nb.njit(nogil=True)(function))

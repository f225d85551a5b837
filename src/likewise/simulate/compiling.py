"""Kernels: loops over agents in plain Python, compiled by Numba.

A kernel is a function of arrays and numbers that visits agents one after the other, where the order
matters and a whole-array rule cannot say it. With ``NUMBA_DISABLE_JIT=1`` in the environment the
same functions run uncompiled and give the same result, line by line in a debugger.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba as nb
from numba.core.options import DefaultOptions

F = TypeVar("F", bound=Callable[..., Any])
# Numba's switch for counting references has no documentation: without it kernels are only slower.
_UNCOUNTED: dict[str, Any] = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}


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


def inner_kernel(function: F) -> F:
    """``function`` compiled into every kernel that calls it, without counting references.

    For the loops that a simulation spends its time in: kernels that hand each other tuples of many
    arrays otherwise copy them at each call and count who holds them, which in the order book took
    two thirds of the time. It may make no array of its own; Numba says so where it does.

    Cost: the code grows with every place it is called from, and so does the time to compile.
    """
    try:
        return cast(F, nb.njit(cache=True, nogil=True, forceinline=True, **_UNCOUNTED)(function))
    except RuntimeError:  # as above
        return cast(F, nb.njit(nogil=True, forceinline=True, **_UNCOUNTED)(function))

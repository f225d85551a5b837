"""Numbers for values, equal just when the values are.

Shapes: N rows.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

Array = np.ndarray


def common_codes(one: pa.Array, two: pa.Array) -> tuple[Array, Array]:
    """Numbers that are equal just when values are spelled alike; -1 for missing."""
    if one.type != two.type:
        one, two = one.cast(pa.string()), two.cast(pa.string())
    both = pa.chunked_array([one, two]).combine_chunks().dictionary_encode()
    codes = np.asarray(both.indices.fill_null(-1), dtype=np.int64)
    return codes[: len(one)], codes[len(one) :]


def codes_of(arrays: Sequence[pa.Array]) -> Array:
    """One number for each combination of values; (N,) int64."""
    whole = np.zeros(len(arrays[0]), dtype=np.int64)
    for array in arrays:
        codes = np.asarray(array.dictionary_encode().indices.fill_null(-1), dtype=np.int64) + 1
        _, whole = np.unique(whole * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
    return np.asarray(whole)

"""What accident would do: how readily the values of a column lie among those of a key.

Shapes: N rows of a table, K different values of a column.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.data.keys import Coded, find_parents

Array = np.ndarray

SMALLEST = 1e-12  # odds below this are not told apart
_LETTERS = 26
_LONGEST = 8  # letters of a code that count


def odds_of_inclusion(mine: Coded, theirs: Coded) -> float:
    """Odds that values like these are all in the key by accident.

    Whole numbers are held against the part of their range that the key fills. Other texts are
    taken for codes of letters as long as the key's.
    """
    ours, keys = _integers(mine.values), _integers(theirs.values)
    if ours is not None and keys is not None:
        low, high = ours.min(), ours.max()
        inside = int(((keys >= low) & (keys <= high)).sum())
        density = inside / (float(high) - float(low) + 1)
    else:
        length = pc.mean(pc.utf8_length(theirs.values.cast(pa.string()))).as_py()
        density = len(theirs.codes) / _LETTERS ** min(round(length), _LONGEST)
    return max(float(min(density, 1.0) ** len(mine.codes)), SMALLEST)


def forms_trees(mine: Coded, theirs: Coded) -> bool:
    """Whether references within a table form trees, whose tops refer to nothing or themselves.

    Numbers that merely fit, such as counts, lead in circles. Cost: O(N log N).
    """
    place = find_parents([mine], [theirs])
    direct = np.where(place >= 0, place, np.arange(len(place)))
    up = direct
    for _ in range(len(up).bit_length()):
        up = up[up]
    return bool((direct[up] == up).all())


def _integers(values: pa.Array) -> Array | None:
    """The values as whole numbers, or None when some is none; (K,) int64."""
    if pa.types.is_string(values.type):
        if not pc.all(pc.match_substring_regex(values, r"^\d{1,18}$")).as_py():
            return None
        values = values.cast(pa.int64())
    if not pa.types.is_int64(values.type):
        return None
    return np.asarray(values.to_numpy(zero_copy_only=False))

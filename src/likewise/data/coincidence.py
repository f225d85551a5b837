"""What accident would do: how readily the values of a column lie among those of a key.

Shapes: N rows of a table, K different values of a column.
"""

import numpy as np

from likewise.data.keys import Coded, find_parents

Array = np.ndarray

SMALLEST = 1e-12  # odds below this are not told apart
_LETTERS = 26
_LONGEST = 8  # letters of a code that count


def odds_of_inclusion(mine: Coded, theirs: Coded) -> float:
    """Odds that values like these are all in the key by accident.

    Whole numbers are held against the part of their range that the key fills. Letters before all
    of them, as in ``CUST0042``, say as little as one code of that length. Other texts are taken
    for codes of letters as long as the key's.
    """
    ours, keys = mine.numbered, theirs.numbered
    shared = 0
    if ours and keys and ours.prefix == keys.prefix:
        low, high = ours.numbers.min(), ours.numbers.max()
        inside = int(((keys.numbers >= low) & (keys.numbers <= high)).sum())
        density = inside / (int(high) - int(low) + 1)
        shared = sum(letter.isalpha() for letter in keys.prefix)
    else:
        density = len(theirs.codes) / _LETTERS ** min(round(theirs.length), _LONGEST)
    odds = min(density, 1.0) ** len(mine.codes) / _LETTERS ** min(shared, _LONGEST)
    return max(float(odds), SMALLEST)


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

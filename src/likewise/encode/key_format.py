"""The format of keys: a number that counts on, or the characters that each position may hold."""

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DENSE = 0.2  # share of a range of whole numbers that must be taken to count as sequential
DIGITS, LOWER, UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABETS = (
    DIGITS,
    DIGITS + "abcdef",
    DIGITS + "ABCDEF",
    LOWER,
    UPPER,
    DIGITS + LOWER,
    DIGITS + UPPER,
    LOWER + UPPER,
    DIGITS + LOWER + UPPER,
)


def sequence_of(
    texts: pa.Array, probe: list[str], k: int, most: int | None
) -> tuple[str, int, int, int] | None:
    """Prefix, start, step and digits when the keys count on; None for other codes."""
    if not probe:
        return "", 1, 1, 0
    prefix = _common(min(probe), max(probe)).rstrip(DIGITS) if len(probe) >= k else ""
    pattern = r"^[0-9]+$" if prefix or most is None else r"^-?[0-9]+$"
    if not all(re.match(pattern, text[len(prefix) :]) for text in probe):
        return None
    tails = pc.utf8_slice_codeunits(texts, len(prefix))
    lengths = np.unique(pc.utf8_length(tails).to_numpy(zero_copy_only=False))
    if lengths.max() > 18 or not pc.all(pc.match_substring_regex(tails, pattern)).as_py():
        return None
    padded = len(lengths) == 1 and any(text[len(prefix)] == "0" for text in probe)
    numbers = np.unique(tails.cast(pa.int64()).to_numpy())
    low, high = int(numbers[0]), int(numbers[-1])
    step = int(np.gcd.reduce(np.diff(numbers))) if len(numbers) >= max(k, 3) else 1
    if len(numbers) < DENSE * ((high - low) // step + 1):
        return None
    coarse = 10 ** max(len(str(high - low)) - 1, 0)
    start = low // coarse * coarse
    if low >= 0:
        start = low if low <= 1 else max(start, low % step, 1)
    elif most is not None:
        start = max(start, -most)
    start += (low - start) % step
    return prefix, start, step, int(lengths[0]) if padded else 0


def _common(first: str, last: str) -> str:
    """What the first and the last of sorted texts, and so all of them, begin with."""
    pairs = enumerate(zip(first, last, strict=False))
    end = next((i for i, (a, b) in pairs if a != b), min(len(first), len(last)))
    return first[:end]


def digits_of(probe: list[str], k: int, most: int) -> tuple[str, ...]:
    """Characters at each position of whole numbers up to ``most``; none for other spellings."""
    negative = sum(text.startswith("-") for text in probe) > len(probe) / 2
    same = [text for text in probe if text.startswith("-") is negative]
    if not all(text.removeprefix("-").isdigit() for text in same):
        return ()
    length = Counter(len(text) for text in same).most_common(1)[0][0]
    alphabets = list(alphabets_of([text for text in same if len(text) == length], k))
    if length - negative < len(str(most)):
        return tuple(alphabets)
    for i, last in enumerate(str(most), start=int(negative)):
        inside = "".join(c for c in alphabets[i] if c <= last) or "0"
        lower = inside.replace(last, "")
        alphabets[i] = lower or last
        if lower:  # a smaller digit here leaves all others free
            break
    return tuple(alphabets)


def alphabets_of(probe: list[str], k: int) -> tuple[str, ...]:
    """Characters at each position of keys of the most frequent length."""
    length = Counter(len(text) for text in probe).most_common(1)[0][0]
    same = [text for text in probe if len(text) == length]
    prose = sum(" " in text for text in same) > len(same) / 2
    if length > 64 or prose or len(same) < len(probe) / 4:
        return tuple("key-") + (DIGITS,) * 8
    columns = [set(column) for column in zip(*same, strict=True)]
    loose = set().union(*(column for column in columns if len(column) > 1))
    found = []
    for i, column in enumerate(columns):
        char = next(iter(column))
        if len(column) == 1 and (len(same) >= k or not char.isalnum()):
            found.append(char)
            continue
        letters = {c for c in column if c.isalnum()}
        wide = next((set(a) for a in ALPHABETS if set("".join(loose & letters)) <= set(a)), None)
        alphabet = "".join(sorted(wide if wide and letters else column))
        if i == 0 and column <= set("123456789"):
            alphabet = alphabet.replace("0", "")
        found.append(alphabet)
    return tuple(found)

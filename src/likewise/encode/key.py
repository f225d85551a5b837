"""Keys: regenerated in the format of the real ones, never learned.

A key is a counter written in a format, so keys are unique in a sample however it is cut into
blocks: row i of every sample has counter i. Sequential formats count on from a rounded start;
others send the counter through a keyed permutation of all codes of the format. When the format is
full, codes become one character longer. In a dense format, such as 1, 2, 3, a regenerated key may
equal a real one by chance; it says nothing about that row.

Paper: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002 (Feistel network
with cycle walking).
"""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.artifact import storable
from likewise.core.seeds import Seed
from likewise.data.schema import Column
from likewise.data.table import Table
from likewise.encode.layout import Block
from likewise.encode.text import strings

Array = np.ndarray
Pairs = list[tuple[Array, Array]]

LOOKED_AT = 10_000  # keys that are looked at to find the format
DENSE = 0.2  # share of a range of whole numbers that must be taken to count as sequential
WIDEST = 2**60  # codes that one permutation reaches
ROUNDS = 6
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
UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


@storable
@dataclass(frozen=True)
class Key:
    """Codec of key columns; a block only when some keys are missing.

    Attributes:
        prefix: text before the number of a sequence.
        start: first number of a sequence.
        step: distance of neighbouring numbers.
        digits: least digits of the number, zero-padded.
        alphabets: characters that may stand at each position of a code; none for a sequence.
        uuid: the codes are UUIDs, so version and variant are set.
        counts: rows that are missing and present, or empty without missing keys.
    """

    prefix: str
    start: int
    step: int
    digits: int
    alphabets: tuple[str, ...]
    uuid: bool
    counts: Array

    @classmethod
    def fit(cls, table: Table, column: Column, *, k: int) -> "Key":
        """Find the format from a sample of the keys; no key is kept."""
        texts = table.arrow.column(column.name).combine_chunks().cast(pa.string())
        empty = int(texts.null_count)
        counts = np.array([empty, len(texts) - empty], dtype=float) if empty else np.empty(0)
        texts = texts.drop_null()
        every = max(1, len(texts) // LOOKED_AT)
        probe = texts.take(pa.array(np.arange(0, len(texts), every))).to_pylist()
        sequence = _sequence(texts, probe, k)
        if sequence is not None:
            return cls(*sequence, (), False, counts)
        uuid = bool(probe) and all(UUID.fullmatch(text) for text in probe)
        alphabets = _alphabets(probe, k)
        return cls("", 1, 1, 0, alphabets, uuid, counts)

    @property
    def protected(self) -> int:
        """Keys are never kept, so none needs protection."""
        return 0

    def blocks(self, name: str) -> tuple[Block, ...]:
        """One block with the levels missing and present, or none."""
        if not len(self.counts):
            return ()
        atoms, centers = np.ones(2, dtype=bool), np.arange(2.0)
        return (Block(name, name, False, True, atoms, centers, self.counts),)

    def encode(self, table: Table, name: str, rng: np.random.Generator) -> Pairs:
        """Whether each key is there."""
        del rng
        if not len(self.counts):
            return []
        codes = (~table.missing(name)).astype(np.int32)
        return [(codes, np.zeros(len(codes), dtype=np.float32))]

    def decode(
        self, pairs: Pairs, rows: int, rng: np.random.Generator, start: int, seed: Seed
    ) -> pa.Array:
        """Keys of the rows ``start`` and on; unique over all rows of a sample."""
        del rng
        keys = self.write(np.arange(start, start + rows, dtype=np.int64), seed)
        if not pairs:
            return keys
        return pc.if_else(pa.array(pairs[0][0] > 0), keys, pa.scalar(None, pa.string()))

    def write(self, counter: Array, seed: Seed) -> pa.Array:
        """The key of each counter; different counters give different keys."""
        if not self.alphabets:
            numbers = pa.array(self.start + self.step * counter).cast(pa.string())
            if self.digits:
                numbers = pc.utf8_lpad(numbers, self.digits, "0")
            if not self.prefix:
                return numbers
            return pc.binary_join_element_wise(self.prefix, numbers, "")
        parts, done, extra = [], 0, 0
        while done < len(counter):  # counters rise, so each width takes a stretch of them
            space, first = self._space(extra)
            stop = int(np.searchsorted(counter, first + space))
            if stop > done:
                parts.append(self._codes(counter[done:stop] - first, extra, space, seed))
            done, extra = max(stop, done), extra + 1
        return pa.concat_arrays(parts) if parts else pa.array([], pa.string())

    def _space(self, extra: int) -> tuple[int, int]:
        """Number of codes with ``extra`` more characters, and of all shorter ones."""
        base = 1
        for alphabet in self._free():
            base *= len(alphabet)
        base = min(base, WIDEST)
        space, before = base, 0
        for i in range(extra):
            before += space
            space = min(base * 9 * 10**i, WIDEST)
        return space, before

    def _free(self) -> list[str]:
        """Alphabets of the positions a UUID does not fix."""
        fixed = {14, 19} if self.uuid else set()
        return [alphabet for i, alphabet in enumerate(self.alphabets) if i not in fixed]

    def _codes(self, counter: Array, extra: int, space: int, seed: Seed) -> pa.Array:
        """Codes of one width from counters below ``space``."""
        number = permute(counter.astype(np.uint64), space, seed.child("key", extra))
        noise = seed.child("key", "rest").value
        room, points = 1, []
        alphabets = [*(DIGITS,) * (extra - 1), *("123456789",) * (extra > 0)]
        alphabets = [*reversed(alphabets), *self.alphabets]
        for i, alphabet in reversed(list(enumerate(alphabets))):
            letters = np.array([ord(c) for c in alphabet], dtype=np.int32)
            if self.uuid and i - extra in (14, 19):
                letters = np.array([ord("4" if i - extra == 14 else "a")], dtype=np.int32)
            size = np.uint64(len(letters))
            if room * len(letters) <= space:
                at, number = number % size, number // size
                room *= len(letters)
            else:  # the permutation reaches no further: the rest is noise, unique already
                at = _mix(counter.astype(np.uint64), noise + i) % size
            points.append(letters[at.astype(np.int64)])
        return strings(np.stack(points[::-1], axis=1))


def permute(counter: Array, space: int, seed: Seed) -> Array:
    """A keyed permutation of 0 … space - 1; (N,) uint64 -> (N,) uint64."""
    half = max(1, ((space - 1).bit_length() + 1) // 2)
    keys = [seed.child(i).value for i in range(ROUNDS)]
    out = counter.copy()
    todo = np.arange(len(counter))
    while len(todo):
        out[todo] = _feistel(out[todo], half, keys)
        todo = todo[out[todo] >= np.uint64(space)]
    return out


def _feistel(number: Array, half: int, keys: list[int]) -> Array:
    shift, mask = np.uint64(half), np.uint64(2**half - 1)
    left, right = number >> shift, number & mask
    for key in keys:
        left, right = right, left ^ (_mix(right, key) & mask)
    return (left << shift) | right


def _mix(number: Array, key: int) -> Array:
    """SplitMix64: 64 well-mixed bits from a number and a key."""
    z = number + np.uint64(key % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _sequence(texts: pa.Array, probe: list[str], k: int) -> tuple[str, int, int, int] | None:
    """Prefix, start, step and digits when the keys count on; None for other codes."""
    if not probe:
        return "", 1, 1, 0
    prefix = _common(min(probe), max(probe)).rstrip(DIGITS) if len(probe) >= k else ""
    if not all(text[len(prefix) :].isascii() and text[len(prefix) :].isdigit() for text in probe):
        return None
    tails = pc.utf8_slice_codeunits(texts, len(prefix))
    lengths = np.unique(pc.utf8_length(tails).to_numpy(zero_copy_only=False))
    if lengths.max() > 18 or not pc.all(pc.match_substring_regex(tails, r"^[0-9]+$")).as_py():
        return None
    padded = len(lengths) == 1 and any(text[len(prefix)] == "0" for text in probe)
    numbers = np.unique(tails.cast(pa.int64()).to_numpy())
    low, high = int(numbers[0]), int(numbers[-1])
    step = int(np.gcd.reduce(np.diff(numbers))) if len(numbers) >= max(k, 3) else 1
    if len(numbers) < DENSE * ((high - low) // step + 1):
        return None
    coarse = 10 ** max(len(str(high - low)) - 1, 0)
    start = low if low <= 1 else max(low // coarse * coarse, low % step, 1)
    start += (low - start) % step
    return prefix, start, step, int(lengths[0]) if padded else 0


def _common(first: str, last: str) -> str:
    """What the first and the last of sorted texts, and so all of them, begin with."""
    pairs = enumerate(zip(first, last, strict=False))
    end = next((i for i, (a, b) in pairs if a != b), min(len(first), len(last)))
    return first[:end]


def _alphabets(probe: list[str], k: int) -> tuple[str, ...]:
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

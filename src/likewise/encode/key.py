"""Keys: regenerated in the format of the real ones, never learned.

A key is a counter written in a format, so keys are unique in a sample however it is cut into
blocks: row i of every sample has counter i. Sequential formats count on from a rounded start;
others send the counter through a keyed permutation of all codes of the format. When the format is
full, codes become one character longer. Keys that are numbers stay within the type of their cells:
sequences that reach its end go on below their start. In a dense format, such as 1, 2, 3, a
regenerated key may equal a real one by chance; it says nothing about that row.

Paper: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002 (Feistel network
with cycle walking).
"""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.artifact import storable
from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.arrow_types import largest_whole, type_named
from likewise.data.schema import Column
from likewise.data.table import Table
from likewise.encode.key_format import DIGITS, alphabets_of, digits_of, sequence_of
from likewise.encode.layout import Block
from likewise.encode.text import strings

Array = np.ndarray
Pairs = list[tuple[Array, Array]]

LOOKED_AT = 10_000  # keys that are looked at to find the format
WIDEST = 2**60  # codes that one permutation reaches
ROUNDS = 6
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
        most: largest number that cells of the type hold; None for texts.
        column: its name, for errors.
    """

    prefix: str
    start: int
    step: int
    digits: int
    alphabets: tuple[str, ...]
    uuid: bool
    counts: Array
    most: int | None
    column: str

    @classmethod
    def fit(cls, table: Table, column: Column, *, k: int) -> "Key":
        """Find the format from a sample of the keys; no key is kept."""
        texts = table.arrow.column(column.name).combine_chunks().cast(pa.string())
        empty = int(texts.null_count)
        counts = np.array([empty, len(texts) - empty], dtype=float) if empty else np.empty(0)
        texts = texts.drop_null()
        most = largest_whole(type_named(column.format.arrow))
        every = max(1, len(texts) // LOOKED_AT)
        probe = texts.take(pa.array(np.arange(0, len(texts), every))).to_pylist()
        sequence = sequence_of(texts, probe, k, most)
        alphabets: tuple[str, ...] = ()
        if sequence is None:
            alphabets = alphabets_of(probe, k) if most is None else digits_of(probe, k, most)
        uuid = sequence is None and all(UUID.fullmatch(text) for text in probe)
        plain = ("", 1, 1, 0)
        return cls(*(sequence or plain), alphabets, uuid, counts, most, column.name)

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
            numbers = pa.array(self._sequence(counter)).cast(pa.string())
            if self.digits:
                numbers = pc.utf8_lpad(numbers, self.digits, "0")
            if not self.prefix:
                return numbers
            return pc.binary_join_element_wise(self.prefix, numbers, "")
        parts, done, extra = [], 0, 0
        while done < len(counter):  # counters rise, so each width takes a stretch of them
            space, first = self._space(extra)
            stop = int(np.searchsorted(counter, first + space))
            if stop > done and extra and self.most is not None:
                parts.append(self._longer(counter[done:] - first))
                break
            if stop > done:
                parts.append(self._codes(counter[done:stop] - first, extra, space, seed))
            done, extra = max(stop, done), extra + 1
        return pa.concat_arrays(parts) if parts else pa.array([], pa.string())

    def _sequence(self, counter: Array) -> Array:
        """Numbers that count up to the end of the type, and then down from the start."""
        most = WIDEST if self.most is None else min(self.most, 2**63 - 1)
        room = (most - self.start) // self.step + 1
        last = int(counter.max(initial=0))
        if last < room:
            return np.asarray(self.start + self.step * counter)
        lowest = self.start - self.step * (last - room + 1)
        if lowest < (0 if self.start >= 0 else -most):
            raise self._full(last)
        place = np.where(counter < room, counter, room - 1 - counter)
        return np.asarray(self.start + self.step * place)

    def _longer(self, counter: Array) -> pa.Array:
        """Numbers with one digit more than those of the format, one after the other."""
        sign = "-" if self.alphabets[0] == "-" else ""
        first, last = 10 ** (len(self.alphabets) - len(sign)), int(counter.max())
        if first + last > min(self.most or 0, 2**63 - 1):
            raise self._full(last)
        return pc.binary_join_element_wise(sign, pa.array(first + counter).cast(pa.string()), "")

    def _full(self, last: int) -> DataError:
        found = f"its type holds no {last + 1:,} different keys of this format"
        return DataError(f"column {self.column!r}", found, "Draw fewer rows, or widen the type")

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

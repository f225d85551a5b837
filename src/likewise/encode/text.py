"""Texts that stand for real ones: codes drawn from a template, and neutral filler for prose.

Nothing here holds a text of the training data. A template is a sequence of character classes that
k rows or more share; its characters are drawn position by position from smoothed frequencies.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.artifact import storable

Array = np.ndarray

TEMPLATES = 48  # templates of a column, at most
LONGEST = 40  # characters of a code, at most
CLASSES = {
    "9": "0123456789",
    "a": "abcdefghijklmnopqrstuvwxyz",
    "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
WORDS = """
and the with from small large new plain round green item part side note line open set back long
short first second main other whole clear light dark warm cold fresh paper wood stone water table
field house street garden window letter number order place point present answer question morning
evening simple common general single double normal ready early late
""".split()  # noqa: SIM905


class _Shape(dict[int, str]):
    """Character -> class, for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char.isdigit():
            return "9"
        if char.isalpha():
            return "A" if char.isupper() else "a"
        return char


def shape(text: str) -> str:
    """The template of a text: 9 for a digit, A and a for letters, everything else as it is."""
    return text.translate(_SHAPE)


_SHAPE = _Shape()


@storable
@dataclass(frozen=True)
class Template:
    """One format of codes.

    Attributes:
        shape: the format, as ``shape`` gives it.
        chars: (P, A) int32, code points that may stand at each position.
        cdf: (P, A) float64, their cumulative frequencies.
        count: rows of this format.
    """

    shape: str
    chars: Array
    cdf: Array
    count: int

    @classmethod
    def fit(cls, shape: str, texts: list[str], rows: Array, k: int) -> "Template":
        """Learn the frequencies of characters from distinct texts of one shape."""
        points = np.array([list(map(ord, text)) for text in texts], dtype=np.int32)  # (T, P)
        width = max((len(CLASSES.get(part, "")) for part in shape), default=1) or 1
        chars = np.zeros((len(shape), width), dtype=np.int32)
        cdf = np.ones((len(shape), width))
        for i, part in enumerate(shape):
            letters = np.array([ord(c) for c in CLASSES.get(part, part)], dtype=np.int32)
            found = np.array([rows[points[:, i] == c].sum() for c in letters], dtype=float)
            if found.max(initial=0) < max(rows.sum(), k):  # not one character throughout
                found += 0.5
            chars[i] = letters[-1]
            chars[i, : len(letters)] = letters
            cdf[i, : len(letters)] = np.cumsum(found) / found.sum()
        return cls(shape, chars, cdf, int(rows.sum()))

    def draw(self, rows: int, rng: np.random.Generator) -> pa.Array:
        """``rows`` codes of this format."""
        points = np.empty((rows, len(self.shape)), dtype=np.int32)
        for i in range(len(self.shape)):
            at = np.searchsorted(self.cdf[i], rng.random(rows), side="right")
            points[:, i] = self.chars[i][np.minimum(at, self.chars.shape[1] - 1)]
        return strings(points)


@storable
@dataclass(frozen=True)
class Filler:
    """Neutral words in place of free text, as many as the text had.

    Attributes:
        words: (Q,) quantiles of the number of words, averages of neighbours.
        capital: texts begin with a capital letter.
        email: texts are e-mail addresses, so the filler is one at example.org.
    """

    words: Array
    capital: bool
    email: bool

    @classmethod
    def fit(cls, texts: list[str], rows: Array) -> "Filler":
        """Learn how long the texts are."""
        if not texts:
            return cls(np.ones(2), False, False)
        lengths = np.array([min(max(len(text.split()), 1), 60) for text in texts])
        order = np.argsort(lengths, kind="stable")
        place = (np.cumsum(rows[order]) - rows[order] / 2) / rows.sum()
        grid = np.interp(np.linspace(0, 1, 41), place, lengths[order])
        smooth = np.array([part.mean() for part in np.array_split(grid, 8)])
        capital = sum(text[:1].isupper() for text in texts) > len(texts) / 2
        email = sum("@" in text and " " not in text for text in texts) > len(texts) / 2
        return cls(smooth, capital, email)

    def draw(self, rows: int, rng: np.random.Generator) -> pa.Array:
        """``rows`` texts."""
        if self.email:
            name = pa.array(WORDS).take(pa.array(rng.integers(0, len(WORDS), rows)))
            number = pa.array(rng.integers(1, 10_000, rows)).cast(pa.string())
            there = pa.scalar("@example.org")
            return pc.binary_join_element_wise(name, number, there, "")
        place = rng.random(rows) * (len(self.words) - 1)
        counts = np.rint(np.interp(place, np.arange(len(self.words)), self.words)).astype(int)
        counts = np.maximum(counts, 1)
        ends = np.cumsum(counts)
        which = rng.integers(0, len(WORDS), int(counts.sum()))
        if self.capital and rows:
            which[ends - counts] += len(WORDS)
        book = pa.array([*WORDS, *(word.capitalize() for word in WORDS)])
        offsets = pa.array(np.concatenate([[0], ends]), type=pa.int32())
        return pc.binary_join(pa.ListArray.from_arrays(offsets, book.take(pa.array(which))), " ")


def learn_texts(
    texts: list[str], rows: Array, k: int
) -> tuple[tuple[Template, ...], Array, Filler]:
    """Templates, the template of each text (-1 for none), and filler for those without.

    Args:
        texts: distinct texts.
        rows: (T,) rows of each.
        k: rows that must share a template.

    Cost: about a microsecond a text.
    """
    shapes = [shape(text) for text in texts]
    tally: Counter[str] = Counter()
    for found, count in zip(shapes, rows.tolist(), strict=True):
        tally[found] += count
    common = [found for found, count in tally.most_common() if count >= k and is_code(found)]
    index = {found: i for i, found in enumerate(common[:TEMPLATES])}
    place = np.array([index.get(found, -1) for found in shapes], dtype=np.int64)
    templates = tuple(
        Template.fit(found, [texts[j] for j in np.flatnonzero(place == i)], rows[place == i], k)
        for found, i in index.items()
    )
    lost = np.flatnonzero(place < 0)
    return templates, place, Filler.fit([texts[j] for j in lost], rows[lost])


def is_code(shape: str) -> bool:
    """Whether a shape is that of a code: short, with digits or capitals, no words, no address."""
    if not 0 < len(shape) <= LONGEST or "@" in shape:
        return False
    if shape.count(" ") > 3:  # groups of digits, such as a telephone or bank account number
        return shape.count("9") >= 2 * shape.count(" ") and not {"a", "A"} & set(shape[4:])
    if "aaa" in shape:
        return " " not in shape and "9" in shape and len(shape) <= 16
    return "9" in shape or ("A" in shape and len(shape) <= 8)


def strings(points: Array) -> pa.Array:
    """Texts of equal length from code points; (N, P) int32 -> N strings."""
    rows, width = points.shape
    if not width or not rows:
        return pa.array([""] * rows, type=pa.string())
    if points.max() < 128:
        data = np.ascontiguousarray(points.astype(np.uint8))
        if rows * width < 2**31:
            offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
            buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
            return pa.Array.from_buffers(pa.string(), rows, buffers)
    wide = np.ascontiguousarray(points.astype(np.int32)).view(f"<U{width}").ravel()
    return pa.array(wide.tolist(), type=pa.string())

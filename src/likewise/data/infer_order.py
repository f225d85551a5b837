"""Whether labels have an order that nobody had to declare: known scales, and bands of numbers.

All labels have to take part: those of one scale of ``data.scales``, or numbers and intervals that
``data.bands`` can read. An order that can be doubted is none, as a column wrongly taken for ordered
misleads more than one left a category. Two levels need no order, so three are asked for.

Not used: that a label column runs along with a column of whole numbers one to one. Codes of
products, places and people do so as well, and their order says nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from likewise.data.bands import read_bands, rising
from likewise.data.cells import MISSING_WORDS, Distinct
from likewise.data.scale import Scale, plain, spellings
from likewise.data.scales import SCALES

FEWEST_LEVELS = 3
MOST_LEVELS = 50
SHARED = 10  # rows of a number with a unit, in large tables; a rarer one may be a person's
UNPLACED = spellings(
    "unknown|not known|unk|not stated|not reported|not available|not specified|unspecified|"
    "undisclosed|not disclosed|missing|no answer|no response|not answered|refused|declined|"
    "refused to answer|prefer not to say|prefer not to answer|dont know|do not know|not rated|"
    "unrated|not recorded|not applicable|undefined|unbekannt|keine angabe|inconnu|desconocido"
)
_NUMBERED = re.compile(r"^\(?\d{1,2}\s*[).:=_-]+\s*(?=[^\W\d])")


@dataclass(frozen=True)
class Order:
    """Labels in rising order, and why.

    Attributes:
        levels: the labels as they are written, lowest first.
        missing: a label without a place, which stands for a missing value; "" if there is none.
        reason: a sentence without labels.
    """

    levels: tuple[str, ...]
    missing: str
    reason: str


def find_order(
    name: str, found: Distinct, *, spare: bool, fewest: int = FEWEST_LEVELS
) -> Order | None:
    """The order of a column's labels, or None.

    Args:
        name: of the column, which decides where labels could mean several things.
        found: its distinct labels, without words that clearly mean missing.
        spare: whether one label such as "unknown" may stand for a missing value.
        fewest: levels there have to be.

    Cost: O(labels), nothing beyond 50 of them.
    """
    texts = found.texts.to_pylist()
    if not fewest <= len(texts) <= MOST_LEVELS + 1:
        return None
    lost = [text for text in texts if _unplaced(text)]
    if len(lost) > int(spare):
        return None
    labels = [text for text in texts if text not in lost]
    if not fewest <= len(labels) <= MOST_LEVELS:
        return None
    order = _on_a_scale(name, labels) or _in_bands(found, labels)
    if order is None:
        return None
    levels, reason = order
    return Order(tuple(levels), lost[0] if lost else "", reason)


def _unplaced(label: str) -> bool:
    """Whether the label says that the level is not known, and is a level of no scale itself."""
    word = plain(label)
    told = word in UNPLACED or label.strip().lower() in MISSING_WORDS
    return told and word not in _places()


@cache
def _places() -> dict[str, dict[int, int]]:
    """Plain spelling -> number of a scale that has it -> position of its level there."""
    found: dict[str, dict[int, int]] = {}
    for i, scale in enumerate(SCALES):
        for place, words in enumerate(scale.levels):
            for word in words:
                found.setdefault(word, {})[i] = place
    return found


def _on_a_scale(name: str, labels: list[str]) -> tuple[list[str], str] | None:
    """Labels that are different levels of a scale, in its order, if all such scales agree."""
    numbered = all(_NUMBERED.match(label) for label in labels)
    words = [plain(_NUMBERED.sub("", label) if numbered else label) for label in labels]
    at = [_places().get(word, {}) for word in words]
    orders: dict[tuple[str, ...], Scale] = {}
    for i, scale in enumerate(SCALES):
        if not all(i in place for place in at) or not scale.meant(set(words), name):
            continue
        positions = [place[i] for place in at]
        if len(set(positions)) < len(positions):  # two spellings of one level
            return None
        order = tuple(label for _, label in sorted(zip(positions, labels, strict=True)))
        orders.setdefault(order, scale)
    if len(orders) != 1:
        return None
    [(order, scale)] = orders.items()
    low, high = scale.levels[0][0], scale.levels[-1][0]
    reason = f"all {len(labels)} labels are on the scale {scale.name!r}, {low} to {high}"
    return list(order), reason


def _in_bands(found: Distinct, labels: Sequence[str]) -> tuple[list[str], str] | None:
    """Labels that bear numbers, by their lower ends."""
    bands = read_bands(labels)
    order = rising(bands) if bands else None
    if bands is None or order is None:
        return None
    single = all(band.single for band in bands)
    if single and found.counts.min() < min(max(found.rows // 100, 2), SHARED):
        return None
    what = "numbers with one unit" if single else "intervals of numbers that do not overlap"
    return [labels[i] for i in order], f"all {len(labels)} labels are {what}"

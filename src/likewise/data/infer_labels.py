"""Whether a column of labels is a category, ordinal, text, a key or a constant."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import SchemaError
from likewise.data.cells import CLEAR_WORDS, Distinct, of
from likewise.data.infer_keys import FEW_LEVELS, KEY_ROWS, identifying, named_like_key
from likewise.data.infer_order import FEWEST_LEVELS, find_order
from likewise.data.schema import Kind

Array = np.ndarray

CONSTANT_ROWS = 10  # fewer rows may be one person's
MOST_LEVELS = 5_000

_UUID = r"^\{?[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?$"


@dataclass(frozen=True)
class Judged:
    """A kind of label, the word that means missing, why, and the levels of an ordinal."""

    kind: Kind
    evidence: tuple[str, ...]
    null: str = ""
    levels: tuple[str, ...] | None = None


def judge_labels(name: str, found: Distinct, *, ordered: bool, spelled: bool = True) -> Judged:
    """The kind of a column of labels, from its distinct texts and their counts.

    Args:
        name: of the column.
        found: its distinct texts.
        ordered: whether to look for an order of the labels of a category.
        spelled: whether a missing value can be written as a word again.
    """
    judged = _judge(name, found)
    if not ordered or judged.kind is not Kind.CATEGORY:
        return judged
    return _in_order(name, found, judged, spelled=spelled) or judged


def declared_order(name: str, found: Distinct, judged: Judged) -> Judged:
    """Labels that were declared ordinal without their order: as found, else as numbers."""
    order = _in_order(name, found, judged, spelled=False, fewest=1)
    if order is not None:
        return order
    texts = [text for text in found.texts.to_pylist() if text != (judged.null or None)]
    try:
        return replace(judged, levels=tuple(sorted(texts, key=float)))
    except ValueError:
        said = f"declared ordinal without the order of its {len(texts):,} labels"
        hint = "List them under levels in the schema, lowest first"
        raise SchemaError(f"column {name!r}", said, hint) from None


def _in_order(
    name: str, found: Distinct, judged: Judged, *, spelled: bool, fewest: int = FEWEST_LEVELS
) -> Judged | None:
    """The column as an ordinal, if its labels have an order."""
    null = judged.null
    rest = found.keep(np.asarray(pc.not_equal(found.texts, null))) if null else found
    spare = spelled and not null and not found.empty
    order = find_order(name, rest, spare=spare, fewest=fewest)
    if order is None:
        return None
    why = [order.reason, *judged.evidence]
    if order.missing:
        gone = rest.count(pc.equal(rest.texts, order.missing))
        why.insert(1, f"{gone:,} cells hold {order.missing!r}, which has no place there: missing")
    return Judged(Kind.ORDINAL, tuple(why), null or order.missing, order.levels)


def _judge(name: str, found: Distinct) -> Judged:
    """The kind as if no labels had an order."""
    found, null, said = _without_missing(found)
    levels, cells = len(found.texts), found.cells
    missing = found.rows - cells
    if not cells:
        return Judged(Kind.CONSTANT, (*said, f"all {found.rows:,} cells are missing"), null)
    if levels == 1 and not missing and cells >= CONSTANT_ROWS:
        return Judged(Kind.CONSTANT, (f"all {cells:,} cells are the same",), null)
    mean = cells / levels
    if levels == cells and cells >= KEY_ROWS and not missing:
        reason = _key_reason(name, found)
        if reason:
            return Judged(Kind.KEY, (f"all {cells:,} cells differ", reason), null)
    counted = f"{levels:,} different labels in {cells:,} non-missing cells"
    if identifying(name, levels, cells) and _spelled_like_key(found):
        reason = "the name is that of a key, whose values repeat"
        return Judged(Kind.KEY, (*said, f"{counted}, {mean:,.1f} cells each", reason), null)
    if (levels <= FEW_LEVELS and mean >= 2) or (levels <= MOST_LEVELS and mean >= 10):
        return Judged(Kind.CATEGORY, (*said, f"{counted}, {mean:,.1f} cells each"), null)
    return Judged(Kind.TEXT, (*said, counted, _manner(found)), null)


def _without_missing(found: Distinct) -> tuple[Distinct, str, tuple[str, ...]]:
    """Labels without the one clear word for missing, if there is one and no empty cell."""
    clear = pc.is_in(found.texts, pa.array(sorted(CLEAR_WORDS), pa.string()))
    mask = np.asarray(clear)
    if found.empty or mask.sum() != 1 or len(found.texts) == 1:
        return found, "", ()
    word = found.texts[int(np.flatnonzero(mask)[0])].as_py()
    rest = found.keep(~mask)
    capitals = rest.count(pc.match_substring_regex(rest.texts, r"^[A-Z]{2}$"))
    if word == "NA" and 2 * capitals >= rest.cells:
        sentence = "'NA' stands among other labels of two capitals: kept as a label"
        return found, "", (sentence,)
    count = found.cells - rest.cells
    return rest, word, (f"{count:,} cells hold the word {word!r}: missing",)


def _key_reason(name: str, found: Distinct) -> str | None:
    if _share(found, _UUID) == 1:
        return "all cells are UUIDs"
    spaced = _share(found, r"\s")
    if named_like_key(name) and spaced < 0.05:
        return "the name is that of a key"
    shapes = pc.replace_substring_regex(found.texts, r"[0-9]+", "0")
    kinds = len(shapes.unique())
    if kinds <= max(3, 0.01 * len(found.texts)) and _share(found, r"\d") == 1 and spaced == 0:
        return f"they follow {kinds:,} pattern{'s' if kinds > 1 else ''} with digits"
    return None


def _spelled_like_key(found: Distinct) -> bool:
    """Whether nearly all labels are single words, most of them with digits."""
    return _share(found, r"\s") < 0.05 and _share(found, r"\d") > 0.8


def _manner(found: Distinct) -> str:
    spaced = found.count(pc.match_substring_regex(found.texts, r"\S\s+\S"))
    if 2 * spaced >= found.cells:
        return of(spaced, found.cells, "hold several words: prose or names")
    digits = found.count(pc.match_substring_regex(found.texts, r"^\S*\d\S*$"))
    if 2 * digits >= found.cells:
        return of(digits, found.cells, "are single words with digits: codes")
    return "mostly single words"


def _share(found: Distinct, regex: str) -> float:
    return found.count(pc.match_substring_regex(found.texts, regex)) / max(found.cells, 1)

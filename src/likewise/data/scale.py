"""An ordered scale of words, and the plain form in which labels are looked up in it."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Levels of one meaning in rising order.

    Attributes:
        name: what the scale measures.
        levels: spellings of each level, lowest level first.
        marks: one of these has to be among the labels, as the others may mean anything;
            empty when every label speaks for itself.
        named: words of which one in the column's name does instead of a mark.
    """

    name: str
    levels: tuple[tuple[str, ...], ...]
    marks: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    def meant(self, labels: set[str], name: str) -> bool:
        """Whether a column called ``name`` with these plain labels can only mean this scale."""
        if not (self.marks or self.named):
            return True
        return bool(self.marks & labels or self.named & set(plain(name).split()))


def plain(label: str) -> str:
    """The label in small letters without accents; separators are one space, + and final - stay."""
    text = unicodedata.normalize("NFKD", label.strip())
    text = "".join(char for char in text if not unicodedata.combining(char))
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).casefold()
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", text).replace("&", " and ")
    text = re.sub(r"['\u2019`]", "", text)
    ending = "-" if re.search(r"\w-$", text) else ""
    return " ".join(re.findall(r"[^\W_]+\+*|\++", text)) + ending


def scale(name: str, levels: str, *, marks: str = "", named: str = "") -> Scale:
    """A scale from text: levels are separated by commas, spellings of one level by bars."""
    split = tuple(spellings(part) for part in levels.split(","))
    return Scale(name, split, frozenset(spellings(marks)) - {""}, frozenset(named.split()))


def spellings(text: str) -> tuple[str, ...]:
    """Words that are separated by bars."""
    return tuple(word.strip() for word in text.split("|"))

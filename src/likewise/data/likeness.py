"""Whether the name of a column says that it refers to a key: customer_id, CustomerID, shipVia.

Names are compared as words: cut at case, digits and marks, in small letters without accents,
singular in English. Of words run together (custid) only an ending after the name of the table is
told apart.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

SAME, LIKE, HINT = 1.0, 0.8, 0.5  # how much a name says; below HINT nothing
_OF_TABLE, _OF_ROLE = 0.95, 0.6

_WORD = re.compile(r"ID(?![A-Z])|[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_SUFFIXES = frozenset(
    ["id", "key", "code", "no", "nr", "num", "number", "uuid", "guid", "pk", "fk", "sk", "ref"]
)
_HIGHER = {"parent", "manager", "supervisor", "superior", "boss", "report", "mentor", "head"}
_NEARBY = {"predecessor", "previous", "prior", "successor", "next", "replace", "ancestor", "root"}
_UPWARD = frozenset(_HIGHER | _NEARBY)  # what a row is to others of its table, which refer to it
_LEADING = frozenset(["id", "fk", "pk"])
_PREFIX = 3  # letters of a prefix that stands for the table, as in l_orderkey, l_quantity
_STEM = 4  # letters that must agree before one word counts as short for another

Words = tuple[str, ...]


class Name(NamedTuple):
    """The name of a column or table, cut once.

    Attributes:
        text: as written.
        words: its words, singular and in small letters.
        core: the words without id, key and the like at their end, or id at their start: what a
            column identifies.
    """

    text: str
    words: Words
    core: Words


class Likeness(NamedTuple):
    """How much a name says, and in which words."""

    score: float
    reason: str


NONE = Likeness(0.0, "the names say nothing")


def cut(text: str) -> Name:
    """The name with its words."""
    apart = unicodedata.normalize("NFKD", text)  # as some file systems spell accents anyway
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    words = tuple(_singular(word.lower()) for word in _WORD.findall(plain))
    start, end = 0, len(words)
    while end and words[end - 1] in _SUFFIXES:
        end -= 1
    while start < end and words[start] in _LEADING:
        start += 1
    return Name(text, words, words[start:end])


def cut_columns(texts: Sequence[str]) -> dict[str, Name]:
    """The names of a table's columns, without a short prefix that all of them share."""
    prefix = texts[0].partition("_")[0] + "_"
    shared = len(texts) > 1 and all(text.startswith(prefix) for text in texts)
    told = len(prefix) <= _PREFIX + 1 and prefix[:-1].lower() not in _LEADING
    start = len(prefix) if shared and told else 0
    return {text: cut(text[start:])._replace(text=text) for text in texts}


def named_after(column: Name, table: Name) -> bool:
    """Whether the column is named as the key of this very table: id, customer_id in customers."""
    if not column.core:
        return bool(column.words)
    return column.core != column.words and _ends(table.words, column.core)


def likeness(column: Name, table: Name, key: Name, *, same_table: bool = False) -> Likeness:
    """How much the name of ``column`` says that it holds the ``key`` of rows of ``table``.

    The last word says what a thing is: a home team is a team, but a product type is no product.
    Within one table only the name of a role will do, such as parent or manager.
    """
    about, owner = column.core, table.words
    if not about or not owner:
        return NONE
    alike = alike_names(column, key)
    if same_table:
        if not _UPWARD.isdisjoint(column.words):
            return Likeness(_OF_ROLE, f"{column.text} names a row of the same table")
        return alike if alike.score == LIKE else NONE
    if alike.score == SAME:
        return alike
    suffixed = about != column.words
    if len(about) == 1 and about[0].removeprefix(owner[-1]) in _SUFFIXES:
        return Likeness(_OF_TABLE, f"{column.text} names the table {table.text}")
    if owner == about and (suffixed or not _plural(column.text)):
        return Likeness(_OF_TABLE, f"{column.text} names the table {table.text}")
    if alike.score:
        return alike
    if suffixed and (_ends(about, owner) or _ends(owner, about)):
        return Likeness(LIKE, f"{column.text} and {table.text} end in one name")
    if any(_short_for(word, owner[-1]) for word in about):
        return Likeness(HINT, f"{column.text} has a word that is short for {table.text}")
    return NONE


def alike_names(column: Name, key: Name) -> Likeness:
    """How much the two columns are named alike, whatever their tables; id and key say nothing.

    A role may stand before the name of the key, as in bill_customer_id, or after its whole name,
    as in teamIDwinner.
    """
    if not key.core:
        return NONE
    if column.core == key.core:
        same = column.text == key.text
        said = f"both are named {key.text}" if same else f"{column.text} and {key.text} name one"
        return Likeness(SAME, said)
    suffixed = key.core != key.words
    if _ends(column.words, key.words) or (suffixed and column.words[: len(key.words)] == key.words):
        return Likeness(LIKE, f"{column.text} contains the name {key.text}")
    return NONE


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if _plural(word) else word


def _plural(name: str) -> bool:
    lowered = name.lower()
    return len(name) > 3 and lowered.endswith("s") and not lowered.endswith(("ss", "us", "is"))


def _ends(whole: Words, part: Words) -> bool:
    return bool(part) and whole[-len(part) :] == part


def _short_for(word: str, other: str) -> bool:
    return _STEM <= len(word) < len(other) and other.startswith(word)

"""Whether the name of a column says that it refers to a key: customer_id, CustomerID, shipVia.

Names are compared as words: cut at case, digits and marks, in small letters, singular. English
only, and words run together (custid) are one word.
"""

import re
from typing import NamedTuple

SAME, LIKE, HINT = 1.0, 0.8, 0.5  # how much a name says; below HINT nothing

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_SUFFIXES = frozenset(
    ["id", "key", "code", "no", "nr", "num", "number", "uuid", "guid", "pk", "fk", "ref", "index"]
)
_HIGHER = {
    "parent",
    "manager",
    "supervisor",
    "superior",
    "boss",
    "report",
    "mentor",
    "leader",
    "head",
}
_NEARBY = {"predecessor", "previous", "prior", "successor", "next", "replace", "ancestor", "root"}
_UPWARD = frozenset(_HIGHER | _NEARBY)  # what a row is to others of its table, which refer to it
_STEM = 4  # letters that must agree before one word counts as short for another


class Likeness(NamedTuple):
    """How much a name says, and in which words."""

    score: float
    reason: str


NONE = Likeness(0.0, "the names say nothing")


def words(name: str) -> tuple[str, ...]:
    """The words of a name, singular and in small letters."""
    return tuple(_singular(word.lower()) for word in _WORD.findall(name))


def core(name: str) -> tuple[str, ...]:
    """The words without id, key and the like at their end: what the column identifies."""
    found = words(name)
    while found and found[-1] in _SUFFIXES:
        found = found[:-1]
    return found


def named_after(column: str, table: str) -> bool:
    """Whether the column is named as the key of this very table: id, customer_id in customers."""
    mine = core(column)
    return not mine or (mine != words(column) and _ends(words(table), mine))


def likeness(column: str, table: str, key: str, *, same_table: bool = False) -> Likeness:
    """How much the name of ``column`` says that it holds ``key`` of ``table``."""
    mine, about, owner = words(column), core(column), words(table)
    if not about or not owner:
        return NONE
    alike = alike_names(column, key)
    if alike.score == SAME:
        return alike
    if _ends(owner, about) and (about != mine or not _plural(column)):
        return Likeness(SAME - 0.05, f"{column} names the table {table}")
    if alike.score:
        return alike
    if about != mine and (_within(about, owner) or _ends(about, owner[-1:])):
        return Likeness(LIKE, f"{column} contains the name of the table {table}")
    if same_table and _UPWARD & set(mine):
        return Likeness(HINT + 0.1, f"{column} names a row of the same table")
    if any(_stem(word, owner[-1]) for word in about):
        return Likeness(HINT, f"{column} has a word in common with the table {table}")
    return NONE


def alike_names(column: str, key: str) -> Likeness:
    """How much the two columns are named alike, whatever their tables; id and key say nothing."""
    if not core(key):
        return NONE
    if core(column) == core(key):
        same = column == key
        return Likeness(SAME, f"both are named {key}" if same else f"{column} and {key} name one")
    if _within(words(column), words(key)):
        return Likeness(LIKE, f"{column} contains the name {key}")
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


def _ends(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return bool(part) and whole[-len(part) :] == part


def _within(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    steps = range(len(whole) - len(part) + 1)
    return bool(part) and any(whole[i : i + len(part)] == part for i in steps)


def _stem(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    return len(short) >= _STEM and long.startswith(short)

"""Types of settings in words: what may be given, with its limits where it is a list."""

from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

WORDS = {int: "whole numbers", float: "numbers", str: "texts", bool: "yes or no"}
PAIRS = (("ge", "le"), ("gt", "le"), ("ge", "lt"), ("gt", "lt"))
SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


def type_words(annotation: Any, limits: Iterable[Any] = ()) -> str:
    """The type of a setting, such as ``float``, ``int | None`` or ``list of numbers >= 0``.

    Args:
        annotation: as the class has it.
        limits: that pydantic keeps beside it, such as the least length of a list.
    """
    kind, own = _bare(annotation)
    known = [*limits, *own]
    if get_origin(kind) in (Union, UnionType):
        return " | ".join(type_words(part) for part in get_args(kind))
    if get_origin(kind) is Literal:
        return " | ".join(str(value) for value in get_args(kind))
    if get_origin(kind) in (tuple, list):
        return _list(kind, known)
    text = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return text.replace("typing.", "").replace("NoneType", "None")


def _list(kind: Any, limits: list[Any]) -> str:
    """A list by what it holds, and how many of them if that is settled."""
    parts = [part for part in get_args(kind) if part is not Ellipsis]
    if not parts:
        return "list"
    least, most = _limit(limits, "min_length"), _limit(limits, "max_length")
    number = least if least == most else None
    if get_origin(kind) is tuple and Ellipsis not in get_args(kind):
        number = len(parts)
    several = [_several(part) for part in parts]
    held = several[0] if len(set(several)) == 1 else " and ".join(several)
    return f"list of {held}" if number is None else f"{number} {held}"


def _several(annotation: Any) -> str:
    """Several values of a type: ``numbers from 0 to 1``, ``lists of numbers``."""
    kind, limits = _bare(annotation)
    if get_origin(kind) in (tuple, list):
        return _list(kind, limits).replace("list of", "lists of", 1)
    word = WORDS.get(kind, type_words(kind))
    for low, high in PAIRS:
        least, most = _limit(limits, low), _limit(limits, high)
        if least is not None and most is not None:
            return f"{word} {_range(low, least, high, most)}"
    for name, sign in SIGNS.items():
        if (value := _limit(limits, name)) is not None:
            return f"{word} {sign} {value:g}"
    return word


def _range(low: str, least: float, high: str, most: float) -> str:
    if (low, high) == ("ge", "le"):
        return f"from {least:g} to {most:g}"
    return f"{SIGNS[low]} {least:g} and {SIGNS[high]} {most:g}"


def _bare(annotation: Any) -> tuple[Any, list[Any]]:
    """A type without the limits beside it, and these, out of pydantic's ``Field`` too."""
    if get_origin(annotation) is not Annotated:
        return annotation, []
    kind, *beside = get_args(annotation)
    return kind, [limit for one in beside for limit in (one, *getattr(one, "metadata", ()))]


def _limit(limits: list[Any], name: str) -> Any:
    """The first value that limits have under a name; None without one."""
    found = (getattr(limit, name, None) for limit in limits)
    return next((value for value in found if value is not None), None)

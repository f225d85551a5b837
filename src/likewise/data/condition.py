"""The nodes of a parsed condition: frozen values, in which negation has reached the leaves."""

from dataclasses import dataclass

from likewise.data.schema import LABELS, NUMBERS, Column, Kind, common_order

OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True)
class Span:
    """A number-like column lies between two numbers; None is an end without limit."""

    column: str
    low: float | None
    high: float | None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True)
class Labels:
    """A column of labels holds one of these, or holds another one when ``inverse``."""

    column: str
    labels: tuple[str, ...]
    inverse: bool = False


@dataclass(frozen=True)
class Missing:
    """A column is missing, or is not."""

    column: str
    missing: bool = True


@dataclass(frozen=True)
class Pair:
    """Two columns compare so in the same row."""

    left: str
    sign: str
    right: str


@dataclass(frozen=True)
class AllOf:
    """Every part is true."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one part is true."""

    parts: tuple["Condition", ...]


Condition = Span | Labels | Missing | Pair | AllOf | AnyOf


def negated(condition: Condition) -> Condition:
    """The condition that is true where this one is false, and unknown where it is unknown."""
    match condition:
        case Span(column, low, high, low_open, high_open):
            sides = []
            if low is not None:
                sides.append(Span(column, None, low, high_open=not low_open))
            if high is not None:
                sides.append(Span(column, high, None, low_open=not high_open))
            return AnyOf(tuple(sides))
        case Labels(column, labels, inverse):
            return Labels(column, labels, not inverse)
        case Missing(column, missing):
            return Missing(column, not missing)
        case Pair(left, sign, right):
            return Pair(left, OPPOSITE[sign], right)
        case AllOf(parts):
            return AnyOf(tuple(negated(part) for part in parts))
        case AnyOf(parts):
            return AllOf(tuple(negated(part) for part in parts))


def comparable(left: Column, right: Column, sign: str) -> bool:
    """Whether these columns can be compared with each other by ``sign``."""
    kinds, numbers = {left.kind, right.kind}, NUMBERS | {Kind.BOOLEAN}
    if kinds == {Kind.ORDINAL} and sign not in ("=", "!="):
        return common_order(left.levels, right.levels) is not None
    if kinds & LABELS:
        return kinds <= LABELS and sign in ("=", "!=")
    return len(kinds) == 1 or kinds <= numbers

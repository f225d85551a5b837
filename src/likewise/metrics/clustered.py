"""Scores that are means over parts of a database, with intervals that know its families.

Rows of one family are not independent: the seasons of one player, the lines of one order. What
a row pulls a score by is summed over its family first, over all parts of the score, and the
families are what is independent. Where references tie everything to everything, as in a database
whose references were shuffled, every row counts as a family.

Paper: Liang and Zeger, "Longitudinal data analysis using generalized linear models", Biometrika
73(1), 1986 (variances of sums over clusters).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from likewise.metrics.intervals import Z95
from likewise.metrics.score import Score

Array = np.ndarray

LISTED = 30  # parts named in a score


@dataclass(frozen=True)
class Item:
    """One part of a score: a relation, or a path of relations.

    Attributes:
        name: what people read.
        value: the part's own value.
        pull: what each of K synthetic rows adds to the value, around zero; (K,).
        family: the family of each, (K,) int64.
        parts: what the value is the mean of, such as pairs of columns; none if it is one number.
    """

    name: str
    value: float
    pull: Array
    family: Array
    parts: Mapping[str, float] = field(default_factory=dict)


def item(name: str, value: float, influence: Array, family: Array) -> Item:
    """A part from the influence (K,) of each row on its value, as ``intervals.around`` takes it."""
    return Item(name, value, influence / max(len(influence), 1), family)


def mean_item(
    name: str, parts: Mapping[str, float], influence: Array, family: Array
) -> Item | None:
    """A part that is a mean, from the sum of the influences on its own parts; None of none."""
    if not parts:
        return None
    pull = influence / (len(parts) * max(len(influence), 1))
    return Item(name, math.fsum(parts.values()) / len(parts), pull, family, parts)


def mean_score(
    name: str,
    items: Sequence[Item],
    *,
    low: float = 0.0,
    high: float = 1.0,
    better: Literal["higher", "lower", "target"] = "lower",
    what: str = "relations",
) -> Score:
    """The mean of the parts with its interval; 0 without any.

    ``by`` has the parts, or what these are means of, largest first.
    """
    if not items:
        return Score(name, 0.0, better=better, note=f"no {what}")
    value = math.fsum(one.value for one in items) / len(items)
    half = _half(items)
    interval = None if half is None else (max(value - half, low), min(value + half, high))
    named = {n: v for one in items for n, v in (one.parts or {one.name: one.value}).items()}
    ranked = sorted(named.items(), key=lambda pair: -pair[1])[:LISTED]
    note = f"{len(items):,} {what}"
    if len(named) > len(items):
        note += f", {len(named):,} pairs"
    return Score(name, value, interval, better=better, by=dict(ranked), note=note)


def _half(items: Sequence[Item]) -> float | None:
    """Half the width of the 95 % interval of the mean; None with fewer than two families."""
    family = np.concatenate([one.family for one in items])
    pulls = np.concatenate([one.pull for one in items]) / len(items)
    if not len(family):
        return None
    total = np.bincount(family, weights=pulls)
    count = int((np.bincount(family) > 0).sum())
    if count < 2:
        return None
    return Z95 * math.sqrt(count / (count - 1) * float((total**2).sum()))

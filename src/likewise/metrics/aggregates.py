"""Parents described by their children: a number of columns for each relation, computed in bulk.

Shapes: M parents that are looked at, K their children, F features.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from likewise.data.database_schema import Relation
from likewise.metrics.coded_sides import CodedSides

Array = np.ndarray
What = Literal["own", "number", "mean", "std", "min", "max", "different", "share"]

NUMBERS: tuple[What, ...] = ("mean", "std", "min", "max")
COMMONEST = 3  # levels of which the share among a parent's children is a feature


@dataclass(frozen=True)
class Feature:
    """A column of a parent, or something about its children.

    Attributes:
        what: the parent's own column, the number of children, a statistic of theirs, how many
            different labels they have, or the share of one label among them.
        relation: of the children; None for the parent's own column.
        column: the parent's own, or that of the children.
        level: the bin of a label whose share is taken.
    """

    what: What
    relation: Relation | None = None
    column: str = ""
    level: int = -1

    @property
    def name(self) -> str:
        """What people read, without a label of the data."""
        if self.relation is None:
            return self.column
        child = f"{self.relation.child} ({', '.join(self.relation.columns)})"
        if self.what == "number":
            return f"number of {child}"
        if self.what == "share":
            return f"share of level {self.level + 1} of {self.column} in {child}"
        words = {"different": "different values"}.get(self.what, self.what)
        return f"{words} of {self.column} in {child}"


def own_features(sides: CodedSides, table: str) -> list[Feature]:
    """The columns of a table that are no keys."""
    return [Feature("own", column=name) for name in sides.names(table)]


def child_features(sides: CodedSides, relation: Relation) -> Iterator[Feature]:
    """All that is said of the children by one relation; their number comes first."""
    yield Feature("number", relation)
    for name in sides.names(relation.child):
        if name in relation.columns:
            continue
        column = sides.column(relation.child, name)
        if column.numbers is not None:
            yield from (Feature(what, relation, name) for what in NUMBERS)
        else:
            yield Feature("different", relation, name)
            levels = min(column.bins - 1, COMMONEST)
            yield from (Feature("share", relation, name, level) for level in range(levels))


def matrix(
    sides: CodedSides, table: str, features: Sequence[Feature], rows: Array, i: int
) -> tuple[Array, Array]:
    """The features of the given parents on side ``i``, (M, F), and which are labels, (F,) bool.

    Missing values, and statistics of no children, are NaN. Cost: a sort of the children.
    """
    x = np.full((len(rows), len(features)), np.nan)
    labelled = np.zeros(len(features), dtype=bool)
    groups: dict[Relation, _Children] = {}
    for f, feature in enumerate(features):
        if feature.relation is None:
            column = sides.column(table, feature.column)
            if column.numbers is not None:
                x[:, f] = column.numbers[i][rows]
            else:
                codes = column.codes[i][rows].astype(np.float64)
                x[:, f] = np.where(codes == column.bins - 1, np.nan, codes)
                labelled[f] = True
            continue
        if feature.relation not in groups:
            place = sides.sides[i].linked.parents[feature.relation]
            groups[feature.relation] = _children(place, rows, sides.rows(table, i))
        x[:, f] = _described(sides, feature, groups[feature.relation], i)
    return x, labelled


@dataclass(frozen=True)
class _Children:
    """Children of the parents that are looked at, those of one parent together.

    Attributes:
        rows: (K,) their rows.
        begins: (G,) where each parent's begin; parents without children are left out.
        parents: (G,) the positions of those parents.
        counts: (M,) children of every parent.
    """

    rows: Array
    begins: Array
    parents: Array
    counts: Array


def _children(place: Array, rows: Array, parents: int) -> _Children:
    position = np.full(parents + 2, -1)  # one more for each kind of reference that leads nowhere
    position[rows] = np.arange(len(rows))
    position[-2:] = -1
    wanted = position[place]
    found = np.flatnonzero(wanted >= 0)
    found = found[np.argsort(wanted[found], kind="stable")]
    mine = wanted[found]
    begins = np.flatnonzero(np.append(True, mine[1:] != mine[:-1])) if len(mine) else mine
    return _Children(found, begins, mine[begins], np.bincount(mine, minlength=len(rows)))


def _described(sides: CodedSides, feature: Feature, group: _Children, i: int) -> Array:
    """One feature of the children, NaN where there are none to tell; (M,)."""
    if feature.what == "number":
        return group.counts.astype(np.float64)
    assert feature.relation is not None
    out = np.full(len(group.counts), np.nan)
    if not len(group.rows):
        return out
    column = sides.column(feature.relation.child, feature.column)
    if feature.what in ("different", "share"):
        codes = column.codes[i][group.rows].astype(np.int64)
        out[group.parents] = _of_labels(feature, codes, column.bins, group)
    else:
        assert column.numbers is not None
        out[group.parents] = _of_numbers(feature.what, column.numbers[i][group.rows], group)
    return out


def _of_labels(feature: Feature, codes: Array, bins: int, group: _Children) -> Array:
    """How many different labels each parent's children have, or the share of one; (G,)."""
    counts = group.counts[group.parents]
    if feature.what == "share":
        held = (codes == feature.level).astype(np.float64)
        return np.asarray(np.add.reduceat(held, group.begins) / counts)
    group_of = np.repeat(np.arange(len(counts)), counts)
    pairs = np.unique((group_of * bins + codes)[codes < bins - 1])
    return np.bincount(pairs // bins, minlength=len(counts)).astype(np.float64)


def _of_numbers(what: What, numbers: Array, group: _Children) -> Array:
    """A statistic of each parent's children that have a value; (G,), NaN where none has."""
    known = ~np.isnan(numbers)
    count = np.add.reduceat(known.astype(np.float64), group.begins)
    none = np.where(count > 0, 1.0, np.nan)
    if what == "min":
        return np.minimum.reduceat(np.where(known, numbers, np.inf), group.begins) * none
    if what == "max":
        return np.maximum.reduceat(np.where(known, numbers, -np.inf), group.begins) * none
    filled = np.where(known, numbers, 0.0)
    mean = np.add.reduceat(filled, group.begins) / np.maximum(count, 1)
    if what == "mean":
        return mean * none
    far = np.where(known, numbers - np.repeat(mean, group.counts[group.parents]), 0.0)
    spread = np.sqrt(np.add.reduceat(far**2, group.begins) / np.maximum(count, 1))
    return spread * np.where(count > 1, 1.0, np.nan)

"""How many children parents have, and which parents have many.

Shapes: M_i parents on side i; their numbers of children are the sample.
"""

from collections.abc import Sequence

import numpy as np

from likewise.data.database import Database
from likewise.data.database_schema import Relation
from likewise.metrics.clustered import Item, item, mean_item, mean_score
from likewise.metrics.coded_sides import CodedSides
from likewise.metrics.joint import contingency
from likewise.metrics.linked_case import whole_case
from likewise.metrics.marginal import kolmogorov_smirnov
from likewise.metrics.score import Score

Array = np.ndarray

BINS = 10


def cardinality_error(real: Database, synth: Database) -> Score:
    """Mean distance between the distributions of numbers of children; in [0, 1], 0 is best.

    The Kolmogorov-Smirnov distance of children per parent, childless parents included, averaged
    over relations: one minus the cardinality shape similarity of SDMetrics. Databases without a
    relation score 0. The interval covers the sampling of the synthetic families.

    Cost: one sort of the parents for each relation.
    """
    sides = CodedSides(*whole_case(real, synth))
    found = [o for r in real.schema.relations for o in degree_items(sides, r, _all(sides, r))]
    return cardinality_score(found)


def cardinality_given_parent(real: Database, synth: Database) -> Score:
    """Mean distance between joint distributions of children's number and a parent's column.

    In [0, 1], 0 is best: total variation of numbers of children in ten bins of about equal share
    and the parent's column in bins as in ``hop1_error``, averaged over the columns that are no
    keys, then over relations. Large where the right numbers went to the wrong parents.
    """
    sides = CodedSides(*whole_case(real, synth))
    found = [o for r in real.schema.relations for o in given_parent_items(sides, r, _all(sides, r))]
    return given_parent_score(found)


def cardinality_score(items: Sequence[Item]) -> Score:
    """``cardinality_error`` from its parts."""
    return mean_score("cardinality_error", items)


def given_parent_score(items: Sequence[Item]) -> Score:
    """``cardinality_given_parent`` from its parts."""
    return mean_score("cardinality_given_parent", items)


def degree_items(sides: CodedSides, relation: Relation, rows: Sequence[Array]) -> tuple[Item, ...]:
    """The parts of one relation in ``cardinality_error``, one for each side but the first.

    Args:
        sides: the databases.
        relation: whose children are counted.
        rows: the parents that count, on each side.
    """
    counts = [degrees(sides, relation, rows, i) for i in range(len(rows))]
    found = []
    for i in range(1, len(rows)):
        x, y = (side.astype(np.float64) for side in (counts[0], counts[i]))
        distance, influence = kolmogorov_smirnov(x, y)
        found.append(item(str(relation), distance, influence, _family(sides, relation, rows, i)))
    return tuple(found)


def given_parent_items(
    sides: CodedSides, relation: Relation, rows: Sequence[Array]
) -> tuple[Item, ...]:
    """The parts of one relation in ``cardinality_given_parent``; () without a column or parents."""
    counts = [degrees(sides, relation, rows, i) for i in range(len(rows))]
    if not all(map(len, counts)) or not sides.names(relation.parent):
        return ()
    edges = degree_edges(counts[0])
    binned = [np.searchsorted(edges, side, side="left") for side in counts]
    found = []
    for i in range(1, len(rows)):
        parts, total = {}, np.zeros(len(rows[i]))
        for name in sides.names(relation.parent):
            column = sides.column(relation.parent, name)
            x, y = (binned[k] * column.bins + column.codes[k][rows[k]] for k in (0, i))
            parts[f"{relation} × {name}"], influence = contingency(x, y)
            total += influence
        made = mean_item(str(relation), parts, total, _family(sides, relation, rows, i))
        found += [made] if made is not None else []
    return tuple(found)


def degree_edges(counts: Array) -> Array:
    """Upper ends of at most ten bins that hold about equal shares of the parents; (B - 1,).

    Childless parents have a bin of their own.
    """
    some = counts[counts > 0]
    if not len(some):
        return np.zeros(1, dtype=np.int64)
    inner = np.quantile(some, np.linspace(0, 1, BINS)[1:-1], method="inverted_cdf")
    return np.unique(np.concatenate([[0], inner[inner < some.max()]])).astype(np.int64)


def degrees(sides: CodedSides, relation: Relation, rows: Sequence[Array], i: int) -> Array:
    """Numbers of children of the parents that count on one side; (M_i,) int64."""
    return np.asarray(sides.sides[i].linked.degrees(relation)[rows[i]])


def _family(sides: CodedSides, relation: Relation, rows: Sequence[Array], i: int) -> Array:
    return np.asarray(sides.sides[i].family[relation.parent][rows[i]])


def _all(sides: CodedSides, relation: Relation) -> list[Array]:
    return [np.arange(side.linked.rows(relation.parent)) for side in sides.sides]

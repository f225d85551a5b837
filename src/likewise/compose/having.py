"""Rows drawn again until as many of them have children as real rows do.

Rows are learned given real owners and siblings but drawn given drawn ones. The small differences
add up along a family, and what few rows have, such as a game of the finals, becomes too rare or too
frequent, with every table that hangs on it.

Shapes: N rows of a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from likewise.compose.summaries import Summary
from likewise.core.artifact import storable
from likewise.data.table import Table, concat
from likewise.encode.layout import Encoded

Array = np.ndarray
Rng = np.random.Generator

NOISE = 2.0  # standard errors by which a number of rows may differ by chance
ROUNDS = 5  # times that more rows are drawn again
SPARE = 1.3  # times as many rows as are expected to suffice
HOPE = 0.1  # share of the missing ones of which a turn must find more, to be of use


class Redraw(Protocol):
    """New rows in the place of some."""

    def __call__(self, rows: Array, *key: str | int) -> tuple[Encoded, Table]:
        """The blocks and the finished rows at the positions ``rows``; ``key`` names the draws."""


@storable
@dataclass(frozen=True)
class Having:
    """How many rows have children.

    Attributes:
        name: the column with the number of children.
        share: the share of real rows that have any.
    """

    name: str
    share: float


def shares_having(table: Table, summaries: Sequence[Summary]) -> tuple[Having, ...]:
    """The share of rows with children, for each relation that some but not all rows take part in.

    Rare ones come first, as they suffer most when rows are drawn again for the others.
    """
    names = [s.name for s in summaries if s.what == "rows"]
    shares = [float((table.numbers(n) > 0).mean()) if table.rows else 0.0 for n in names]
    found = [Having(n, s) for n, s in zip(names, shares, strict=True) if 0 < s < 1]
    return tuple(sorted(found, key=lambda one: min(one.share, 1 - one.share)))


def rebalanced(
    table: Table, own: Encoded, having: Sequence[Having], redraw: Redraw, rng: Rng
) -> Table:
    """The table with rows in place of others until the shares are those of real rows.

    A random row that has children where too many do (or none where too few do) is drawn again given
    what it was given, and replaced if that settles it. So rows change in proportion to their own
    chance of having children, as if the odds of all had been learned a little higher or lower.

    Args:
        table: N drawn rows.
        own: (N, B) their blocks, which are replaced with them.
        having: shares of rows with children.
        redraw: new rows in the place of some, from their positions and what names the draws.
        rng: chooses rows.

    Cost: that of drawing the missing rows divided by the chance of a row to have children.
    """
    for i, one in enumerate(having):
        chance = min(one.share, 1 - one.share)
        for turn in range(ROUNDS):
            some = table.numbers(one.name) > 0
            short = round(one.share * table.rows) - int(some.sum())
            error = np.sqrt(table.rows * one.share * (1 - one.share))
            if not short or (turn == 0 and abs(short) <= NOISE * error):
                break
            wanted = short > 0
            others = np.flatnonzero(some != wanted)
            size = min(len(others), int(np.ceil(SPARE * abs(short) / chance)))
            rows = rng.choice(others, size, replace=False)
            blocks, part = redraw(rows, one.name, turn)
            good = (part.numbers(one.name) > 0) == wanted
            chance = max(float(good.mean()), 1 / size)
            for settled in having[:i]:
                before = table.numbers(settled.name)[rows] > 0
                good &= (part.numbers(settled.name) > 0) == before
            picked = np.flatnonzero(good)[: abs(short)]
            if len(picked) < HOPE * abs(short):
                break
            at = rows[picked]
            own.codes[at], own.detail[at] = blocks.codes[picked], blocks.detail[picked]
            table = merged(table, at, part.take(picked))
    return table


def merged(table: Table, at: Array, part: Table) -> Table:
    """The table with the rows ``at`` replaced by those of ``part``."""
    order = np.arange(table.rows)
    order[at] = table.rows + np.arange(part.rows)
    return concat([table, part]).take(order)

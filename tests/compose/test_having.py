"""Rows are drawn again until the shares of those with children are those of real rows."""

import numpy as np
import pyarrow as pa

from likewise.compose.having import Having, rebalanced, shares_having
from likewise.compose.summaries import Summary
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.encode.layout import Encoded

ROWS = 20_000
GROUPS = np.array([0.02, 0.3])  # chance of children in each half of the rows
NAMES = ("wins", "losses")
SCHEMA = Schema(columns=tuple(Column(name=n, kind=Kind.INTEGER) for n in NAMES))


def _table(wins: np.ndarray, losses: np.ndarray) -> Table:
    return Table(pa.table({"wins": wins, "losses": losses}), SCHEMA)


class _World:
    """Rows whose chance of wins is that of their group; losses are even odds."""

    def __init__(self, share: float, chances: np.ndarray = GROUPS) -> None:
        rng = np.random.default_rng(1)
        self.chance = np.repeat(chances, ROWS // len(chances))
        wins = (rng.random(ROWS) < share).astype(np.int64)
        self.table = _table(wins, rng.integers(0, 2, ROWS))
        self.own = Encoded(np.zeros((ROWS, 1), dtype=np.int32), np.zeros((ROWS, 1)))
        self.own.codes[:, 0] = wins
        self.drawn = 0

    def redraw(self, rows: np.ndarray, *key: str | int) -> tuple[Encoded, Table]:
        rng = np.random.default_rng([len(str(key)), len(rows)])
        wins = (rng.random(len(rows)) < self.chance[rows]).astype(np.int64)
        self.drawn += len(rows)
        own = Encoded(wins[:, None].astype(np.int32), np.zeros((len(rows), 1)))
        return own, _table(wins, rng.integers(0, 2, len(rows)))

    def made(self, *having: Having) -> Table:
        return rebalanced(self.table, self.own, having, self.redraw, np.random.default_rng(2))


def test_rare_children_become_as_frequent_as_in_real_rows_where_rows_are_likely_to_have_them() -> (
    None
):
    world = _World(0.05)
    wins = world.made(Having("wins", 0.1)).numbers("wins")
    assert wins.sum() == ROWS // 10
    assert (world.own.codes[:, 0] == wins).all()  # what later rows are drawn given
    more = wins - world.table.numbers("wins")
    first, second = more[: ROWS // 2].sum(), more[ROWS // 2 :].sum()
    assert second / first == np.clip(second / first, 10, 22)  # 15 but for chance
    assert world.drawn < 3 * (0.05 * ROWS) / GROUPS.mean()


def test_frequent_children_become_as_rare() -> None:
    wins = _World(0.2).made(Having("wins", 0.1)).numbers("wins")
    assert wins.sum() == ROWS // 10


def test_one_kind_of_children_is_not_settled_at_the_cost_of_another() -> None:
    world = _World(0.05)
    before = world.table.numbers("losses")
    made = world.made(Having("losses", 0.5), Having("wins", 0.1))
    assert made.numbers("wins").sum() == ROWS // 10
    assert (made.numbers("losses") == before).all()


def test_what_chance_explains_is_left_and_what_cannot_be_drawn_is_given_up() -> None:
    world = _World(0.1)
    assert world.made(Having("wins", 0.1)) is world.table
    never = _World(0.0, np.array([0.0, 0.0]))
    assert never.made(Having("wins", 0.1)) is never.table
    assert never.drawn <= ROWS


def test_shares_are_those_of_relations_that_some_rows_take_part_in_the_rarest_first() -> None:
    columns = {"a": [0, 1, 2, 0], "b": [0, 0, 0, 3], "c": [1, 1, 1, 1], "d": [0, 0, 0, 0]}
    schema = Schema(columns=tuple(Column(name=n, kind=Kind.INTEGER) for n in columns))
    summaries = [Summary(i, "rows", "", name) for i, name in enumerate(columns)]
    found = shares_having(Table(pa.table(columns), schema), summaries)
    assert [one.name for one in found] == ["b", "a"]
    assert {one.name: one.share for one in found} == {"a": 0.5, "b": 0.25}

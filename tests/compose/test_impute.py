import numpy as np
import pyarrow as pa
import pytest

from likewise.compose.impute import impute
from likewise.core.errors import ConfigError
from likewise.core.run import Run
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.generators.autoregressive import Autoregressive
from likewise.generators.independent import Independent
from likewise.generators.tabular import TableModel

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("impute")]  # one model for all

ROWS = 3_000


def table(holes: float, seed: int = 0) -> Table:
    """A key, a number, one that follows it, and a label that cuts it; with holes at random."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=ROWS).round(3)
    y = (2 * x + 0.3 * rng.normal(size=ROWS)).round(3)
    label = np.where(x > 0.5, "high", "low")
    gone = rng.random((3, ROWS)) < holes
    kinds = {"id": Kind.KEY, "x": Kind.NUMERIC, "y": Kind.NUMERIC, "label": Kind.CATEGORY}
    arrow = pa.table(
        {
            "id": [f"P{i:05d}" for i in range(ROWS)],
            "x": pa.array(x, mask=gone[0]),
            "y": pa.array(y, mask=gone[1]),
            "label": pa.array(label, mask=gone[2]),
        }
    )
    return Table(arrow, Schema(columns=tuple(Column(name=n, kind=k) for n, k in kinds.items())))


@pytest.fixture(scope="module")
def model() -> TableModel:
    return Autoregressive(any_order=0.5).fit(table(0.2), seed=1, run=Run(workers=1))


def test_only_missing_cells_change_and_none_is_left(model: TableModel) -> None:
    given = table(0.2)
    full = impute(model, given, seed=2)
    assert full.schema == given.schema
    for name in given.names:
        assert not full.missing(name).any()
        known = pa.array(~given.missing(name))
        assert full.arrow.column(name).filter(known) == given.arrow.column(name).filter(known)


def test_the_same_seed_fills_the_same_whatever_the_number_of_workers(model: TableModel) -> None:
    given = table(0.2)
    one, two = (impute(model, given, seed=2, workers=w) for w in (1, 2))
    assert one.arrow.equals(two.arrow)
    assert not one.arrow.equals(impute(model, given, seed=3).arrow)


def test_filled_cells_follow_the_cells_that_are_there(model: TableModel) -> None:
    given, truth = table(0.2), table(0.0)
    full = impute(model, given, seed=2)
    hole = given.missing("y") & ~given.missing("x")
    error = full.numbers("y")[hole] - truth.numbers("y")[hole]
    assert error.std() < 0.9  # 0.3 by itself; 2.02 for draws from the margin
    cut = given.missing("label") & ~given.missing("x")
    right = full.labels("label")[0][cut] == truth.labels("label")[0][cut]
    assert right.mean() > 0.9
    assert abs(full.numbers("y").std() / truth.numbers("y").std() - 1) < 0.1


def test_a_row_of_which_nothing_is_known_and_a_table_of_some_columns_are_filled(
    model: TableModel,
) -> None:
    schema = table(0).schema.select(("label", "y"))
    arrow = pa.table({"label": pa.array([None, "high"], pa.string()), "y": pa.array([None, None])})
    blank = Table(arrow.cast(table(0).select(["label", "y"]).arrow.schema), schema)
    full = impute(model, blank, seed=1)
    assert not any(full.missing(name).any() for name in full.names)
    assert full.arrow.column("label").to_pylist()[1] == "high"


def test_a_model_that_cannot_go_on_from_any_cells_says_so() -> None:
    other = Independent().fit(table(0.2), seed=1)
    with pytest.raises(ConfigError, match="autoregressive"):
        impute(other, table(0.2))

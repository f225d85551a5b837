"""Sequential trees: dependence, order, conditions, budgets and odd tables."""

from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
import pyarrow as pa
import pytest
from tests.generators.made_levels import block, chain, encoded, learn, rng

from likewise.core.artifact import load, save
from likewise.core.progress import Deadline
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table
from likewise.encode.layout import Encoded, Evidence, Layout
from likewise.generators import budget, trees
from likewise.generators.block_trees import BlockTrees
from likewise.generators.trees import Trees, TreesLevels

Array = np.ndarray
BITS = tuple(block(name, 2, ordered=False) for name in "abc")


def table(target: str | None = None, **columns: tuple[Kind, list[object]]) -> Table:
    made = tuple(Column(name=name, kind=kind) for name, (kind, _) in columns.items())
    arrays = [pa.array(values, type=CANONICAL[kind]) for kind, values in columns.values()]
    return Table(pa.table(arrays, names=list(columns)), Schema(columns=made, target=target))


def as_learned(levels: object) -> TreesLevels:
    assert isinstance(levels, TreesLevels)
    return levels


@pytest.fixture(scope="module")
def levels() -> TreesLevels:
    """Three bits a -> b -> c with the class a first."""
    return as_learned(learn(Trees(leaf=20), encoded(chain(8_000)), *BITS, target="a"))


def joint(codes: Array, weight: Array | None = None) -> Array:
    """Share of each of the eight combinations of three bits."""
    cells = np.bincount(codes @ np.array([4, 2, 1]), weight, minlength=8)
    return np.asarray(cells / cells.sum())


def truth() -> Array:
    """The law of ``chain``."""
    share = np.zeros(8)
    for cell in range(8):
        a, b, c = cell >> 2, cell >> 1 & 1, cell & 1
        share[cell] = (0.3 if a else 0.7) * (0.9 if a == b else 0.1) * (0.9 if b == c else 0.1)
    return share


def test_a_known_joint_distribution_is_reproduced(levels: TreesLevels) -> None:
    drawn, weight = levels.draw(20_000, rng())
    assert weight is None
    np.testing.assert_allclose(joint(drawn.codes), truth(), atol=0.015)


def test_a_class_to_predict_comes_first_and_then_what_tells_most(levels: TreesLevels) -> None:
    assert [one.block for one in levels.blocks] == [0, 1, 2]
    last = as_learned(learn(Trees(leaf=20), encoded(chain(4_000)), *BITS, target="c"))
    assert [one.block for one in last.blocks] == [2, 1, 0]


def test_a_number_to_predict_comes_last() -> None:
    codes = np.random.default_rng(0).integers(0, 30, (1_000, 2))
    blocks = block("y", 30, inside=True), block("x", 40, inside=True)
    found = as_learned(learn(Trees(leaf=20), encoded(codes), *blocks, target="y"))
    assert [one.block for one in found.blocks] == [1, 0]


def test_without_a_target_blocks_rise_in_levels() -> None:
    codes = np.random.default_rng(0).integers(0, 2, (1_000, 3))
    blocks = block("a", 9), block("b", 2), block("c", 5)
    found = as_learned(learn(Trees(leaf=20), encoded(codes), *blocks))
    assert [one.block for one in found.blocks] == [1, 2, 0]


def fixed(value: int, rows: int) -> tuple[Array, Array]:
    return np.full(rows, value, dtype=np.int32), np.zeros(rows, dtype=np.float32)


def test_a_condition_on_what_comes_first_is_exact(levels: TreesLevels) -> None:
    evidence = Evidence({0: fixed(1, 10_000), 1: fixed(0, 10_000)}, {})
    assert levels.exact(evidence)
    drawn, weight = levels.draw(10_000, rng(), evidence)
    assert weight is None
    assert (drawn.codes[:, :2] == [1, 0]).all()
    assert abs(drawn.codes[:, 2].mean() - 0.1) < 0.02


def test_a_condition_on_what_comes_last_is_met_by_weights(levels: TreesLevels) -> None:
    evidence = Evidence({2: fixed(1, 40_000)}, {})
    assert not levels.exact(evidence)
    drawn, weight = levels.draw(40_000, rng(), evidence)
    assert weight is not None
    wanted = truth() * (np.arange(8) & 1)
    got = joint(drawn.codes, np.exp(weight))
    np.testing.assert_allclose(got, wanted / wanted.sum(), atol=0.015)


def test_where_and_given_hold_in_every_row_and_follow_bayes() -> None:
    bits = chain(6_000)
    columns = {n: (Kind.CATEGORY, ["ny"[i] for i in bits[:, k]]) for k, n in enumerate("abc")}
    made = table("a", **columns)  # type: ignore[arg-type]
    model = Trees(leaf=20).fit(made, seed=1, run=Run(workers=1))
    wanted = truth().reshape(2, 2, 2)[:, :, 1].sum(axis=1)
    drawn = model.sample(4_000, seed=2, where="c = 'y'", workers=1).arrow
    assert set(drawn.column("c").to_pylist()) == {"y"}
    share = np.mean([a == "y" for a in drawn.column("a").to_pylist()])
    assert abs(share - wanted[1] / wanted.sum()) < 0.03
    given = table(c=(Kind.CATEGORY, ["y"]))
    drawn = model.sample(2_000, seed=2, given=given, workers=1).arrow
    share = np.mean([a == "y" for a in drawn.column("a").to_pylist()])
    assert abs(share - wanted[1] / wanted.sum()) < 0.05


def test_a_condition_on_an_independent_block_needs_no_weights() -> None:
    codes = np.random.default_rng(1).integers(0, [2, 4], (4_000, 2))
    blocks = block("a", 2), block("b", 4)
    found = as_learned(learn(Trees(trees=0, leaf=20), encoded(codes), *blocks))
    evidence = Evidence({}, {1: np.array([True, False, False, True])})
    drawn, weight = found.draw(8_000, rng(), evidence)
    assert weight is None
    shares = np.bincount(drawn.codes[:, 1], minlength=4) / 8_000
    counts = np.bincount(codes[:, 1], minlength=4)[[0, 3]]
    np.testing.assert_allclose(shares[[1, 2]], 0)
    np.testing.assert_allclose(shares[[0, 3]], counts / counts.sum(), atol=0.02)


def mixed(rows: int = 800, seed: int = 0) -> Table:
    """Numbers, labels and gaps that depend on each other."""
    draws = np.random.default_rng(seed)
    x = draws.normal(size=rows)
    y = x * 2 + draws.normal(size=rows)
    gaps: list[object] = [None if g else float(v) for g, v in zip(x > 1.5, y, strict=True)]
    return table(
        x=(Kind.NUMERIC, x.tolist()),
        y=(Kind.NUMERIC, gaps),
        k=(Kind.CATEGORY, np.where(x + draws.normal(size=rows) > 0, "up", "down").tolist()),
    )


def test_threads_change_nothing() -> None:
    one, two = (Trees().fit(mixed(), seed=3, run=Run(workers=workers)) for workers in (1, 2))
    assert one.sample(500, seed=4, workers=1).arrow == two.sample(500, seed=4, workers=2).arrow


def test_a_loaded_model_draws_the_same_rows(tmp_path: Path) -> None:
    model = Trees(leaf=20).fit(mixed(), seed=3, run=Run(workers=1))
    save(model, tmp_path / "trees.model")
    again = load(tmp_path / "trees.model").sample(300, seed=4, workers=1)
    assert model.sample(300, seed=4, workers=1).arrow == again.arrow


@pytest.mark.parametrize("rows", [1, 2, 15, 450])
def test_odd_columns_are_learned_and_drawn(rows: int) -> None:
    made = table(
        gone=(Kind.NUMERIC, [None] * rows),
        same=(Kind.CATEGORY, ["x"] * rows),
        x=(Kind.NUMERIC, np.random.default_rng(0).normal(size=rows).tolist()),
    )
    drawn = Trees().fit(made, seed=1, run=Run(workers=1)).sample(7, seed=1, workers=1).arrow
    assert drawn.num_rows == 7
    assert drawn.column("gone").null_count == 7
    if rows >= 10:  # labels of fewer rows are replaced by made-up ones
        assert set(drawn.column("same").to_pylist()) == {"x"}


def test_one_column_alone_is_drawn() -> None:
    made = table(x=(Kind.INTEGER, list(range(50)) * 10))
    drawn = Trees().fit(made, seed=1, run=Run(workers=1)).sample(1_000, seed=1, workers=1).arrow
    values = np.array(drawn.column("x").to_pylist())
    assert abs(values.mean() - 24.5) < 1.5


def test_three_thousand_labels_are_learned() -> None:
    draws = np.random.default_rng(2)
    label = np.minimum(draws.pareto(1, 12_000) * 100, 2_999).astype(int)
    codes = np.stack([label % 2, label], axis=1)
    blocks = block("odd", 2, ordered=False), block("label", 3_000, ordered=False)
    found = as_learned(learn(Trees(leaf=20, trees=20), encoded(codes), *blocks))
    drawn, _ = found.draw(12_000, rng())
    shares = [np.bincount(c[:, 1], minlength=3_000) / 12_000 for c in (codes, drawn.codes)]
    assert np.abs(shares[0] - shares[1]).sum() / 2 < 0.25
    frequent = drawn.codes[:, 1] < 20
    right = drawn.codes[frequent, 0] == drawn.codes[frequent, 1] % 2
    assert right.mean() > 0.9


@pytest.mark.slow
def test_three_hundred_columns_of_two_hundred_rows_are_quick() -> None:
    draws = np.random.default_rng(3)
    hidden = draws.normal(size=(200, 5))
    codes = np.argsort(np.argsort(hidden @ draws.normal(size=(5, 300)), axis=0), axis=0) // 10
    layout = Layout(tuple(block(f"x{i}", 20, inside=True) for i in range(300)))
    begin = process_time()
    found = Trees().fit_levels(
        encoded(codes),
        layout,
        target=None,
        seed=Seed(1),
        run=Run(deadline=Deadline(10), workers=1),
    )
    drawn, _ = found.draw(100, rng())
    assert process_time() - begin < 30
    assert max(len(one.parents) for one in found.blocks) <= 64
    assert drawn.codes.max() < 20


def test_leaves_grow_until_the_copy_check_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = iter([0.9, 0.7, 0.5])
    monkeypatch.setattr(trees, "nearer_share", lambda *_: next(shares))
    assert as_learned(learn(Trees(trees=5), encoded(chain(500)), *BITS)).leaf == trees.LEAVES[2]


def test_a_table_that_could_be_memorised_gets_larger_leaves_than_a_plain_one() -> None:
    plain = as_learned(learn(Trees(), encoded(chain(4_000)), *BITS))
    assert plain.leaf == trees.LEAVES[0]
    few = as_learned(learn(Trees(), encoded(chain(100)), *BITS))
    assert few.leaf > trees.LEAVES[0]  # too few rows for a check: careful instead


def budgeted(seconds: float) -> TreesLevels:
    codes = np.random.default_rng(5).integers(0, 40, (20_000, 6))
    codes[:, 1:] = (codes[:, 1:] + codes[:, :1]) // 2
    layout = Layout(tuple(block(f"x{i}", 40) for i in range(6)))
    over = Deadline(seconds, start=-1e9)  # long over: the clock must not matter
    return Trees(leaf=20).fit_levels(
        encoded(codes),
        layout,
        target=None,
        seed=Seed(1),
        run=Run(deadline=over, workers=1),
    )


def test_a_budget_cuts_work_by_the_tables_shape_and_not_by_the_clock() -> None:
    layout = Layout(tuple(block(f"x{i}", 40) for i in range(6)))
    growth = Trees()._growth(20)
    assert budget.within(growth, 20_000, layout, 64, float("inf")) == (growth, 64)
    cut, _ = budget.within(growth, 20_000, layout, 64, 0.5)
    assert budget.expected(cut, 20_000, layout, 64) <= 0.5
    assert cut.trees < growth.trees
    assert replace(cut, trees=0, rows=0, patience=0) == replace(growth, trees=0, rows=0, patience=0)
    least, _ = budget.within(growth, 20_000, layout, 64, 0.0)
    assert (least.trees, least.rows) == (budget.FEWEST_TREES, budget.FEWEST_ROWS)
    assert budget.within(growth, 20_000, layout, 64, -5.0)[0] == least  # a deadline that has passed
    first, again = budgeted(0.3), budgeted(0.3)
    draws = [found.draw(200, rng())[0].codes for found in (first, again)]
    np.testing.assert_array_equal(*draws)


def test_progress_tells_of_every_block() -> None:
    told: list[tuple[str, int, int]] = []
    Trees(trees=5).fit(
        mixed(), seed=1, run=Run(workers=1, progress=lambda *step: told.append(step))
    )
    learned = [step for step in told if step[0] == "learning"]
    assert learned == [("learning", done, 3) for done in (1, 2, 3)]
    assert len([step for step in told if step[0] == "choosing leaf size"]) >= 3


def test_no_array_of_a_model_is_as_long_as_the_table() -> None:
    rows = 7_919  # a prime no other length is likely to equal
    x = np.random.default_rng(6).normal(size=rows)
    made = table(x=(Kind.NUMERIC, x.tolist()), y=(Kind.NUMERIC, (x + x**2).tolist()))
    model = Trees(leaf=20).fit(made, seed=1, run=Run(workers=1))
    found = as_learned(model.levels)
    for one in found.blocks:
        assert isinstance(one, BlockTrees)
        for value in vars(one).values():
            assert not (isinstance(value, np.ndarray) and rows in value.shape)


def test_nothing_is_drawn_from_zero_rows_asked() -> None:
    drawn = Trees(leaf=20).fit(mixed(), seed=1, run=Run(workers=1)).sample(0, seed=1, workers=1)
    assert drawn.rows == 0
    assert isinstance(Encoded.empty(0, 1).codes, np.ndarray)


def test_numbers_beyond_the_outermost_knots_do_not_share_one_value() -> None:
    x = rng().standard_normal((8_000, 2)) @ np.array([[1.0, 0.8], [0.0, 0.6]])
    columns = [Column(name=name, kind=Kind.NUMERIC) for name in "ab"]
    table = Table(pa.table({"a": x[:, 0], "b": x[:, 1]}), Schema(columns=tuple(columns)))
    drawn = Trees().fit(table, seed=Seed(1)).sample(40_000, seed=Seed(2)).numbers("b")
    for ends in (drawn.max(), drawn.min()):
        assert (drawn == ends).sum() <= 4
    real = np.sort(x[:, 1])
    assert drawn.max() > real[-3]
    assert drawn.min() < real[2]

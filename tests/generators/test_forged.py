"""A forged model whose checksums are right is refused, or draws rows; it never ends the process."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.generators import forging
from tests.generators.made_levels import block, encoded, learn, number

from likewise.core.artifact import save
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table
from likewise.encode.layout import Layout
from likewise.generators.bayesnet import BayesNet
from likewise.generators.copula import GaussianCopula
from likewise.generators.forest import Forest
from likewise.generators.forest_block import BlockForest
from likewise.generators.forest_classes import ClassForest
from likewise.generators.independent import Independent
from likewise.generators.refined import Ratio, Refined
from likewise.generators.tabular import Tabular
from likewise.generators.trees import Trees

PRODUCTS = 300


def trees() -> object:
    """Levels with every part: a location, a residual, and ranks in the lists of products."""
    rng, rows = np.random.default_rng(0), 20 * PRODUCTS
    codes = np.zeros((rows, 4), dtype=np.int32)
    codes[:, 0] = rng.permutation(np.arange(rows) % PRODUCTS)
    codes[:, 1] = (codes[:, 0] * 7 + 11 * (rng.random(rows) < 0.5)) % 40
    codes[:, 2] = rng.integers(0, 30, rows)
    codes[:, 3] = np.clip(codes[:, 2] + rng.integers(-1, 2, rows), 0, 31)
    blocks = block("product", PRODUCTS, ordered=False), block("price", 40)
    recipe = Trees(leaf=20, trees=4, depth=3)
    table = encoded(codes)
    table.detail[:, 2:] = rng.random((rows, 2), dtype=np.float32)
    levels = learn(recipe, table, *blocks, number("x", 30), number("y", 32))
    assert any(one.ranked for one in levels.blocks)
    assert any(one.residual for one in levels.blocks)
    return levels


def forest() -> object:
    """Levels with every part: means of a bent curve, places that move, labels and classes, and
    boosted trees with a linear guess beside them."""
    rng, rows = np.random.default_rng(0), 400
    codes = np.zeros((rows, 4), dtype=np.int32)
    codes[:, 0] = rng.integers(0, 20, rows)
    codes[:, 1] = np.abs(codes[:, 0] - 10) + rng.integers(0, 3, rows)
    codes[:, 2] = codes[:, 0] // 7
    codes[:, 3] = (codes[:, 1] + rng.integers(0, 3, rows)) // 5
    table = encoded(codes)
    table.detail[:, :2] = rng.random((rows, 2), dtype=np.float32)
    labels = [block(name, 3, ordered=False) for name in "lc"]
    recipe = Forest(leaf=10, trees=4, depth=2, boosted=0.5)
    levels = learn(recipe, table, number("x", 20), number("y", 13), *labels, target="c")
    forests = [one for one in levels.blocks if isinstance(one, BlockForest)]
    assert any(one.mean for one in forests)
    locations = [one.boosted.location for one in forests if one.boosted]
    assert any(one is not None and len(one.slopes[0]) for one in locations)
    assert any(isinstance(one, ClassForest) for one in levels.blocks)
    return levels


def refined() -> object:
    """Coins that trees choose among."""
    codes = np.random.default_rng(0).integers(0, 2, (2_000, 3)).astype(np.int32)
    blocks = tuple(block(name, 2, ordered=False) for name in "abc")
    inner = learn(Independent(), encoded(codes), *blocks)
    real = codes.copy()
    real[:, 1] = real[:, 0]
    return Refined(inner, Ratio.fit(real, codes, Layout(blocks), 5, Seed(1)), 4)


def people(recipe: Tabular) -> object:
    """A model of a small table."""
    rng, rows = np.random.default_rng(0), 300
    age = rng.integers(18, 80, rows)
    income = np.round(np.exp(rng.normal(9 + age / 60, 0.3)), 2)
    columns = {
        "age": (Kind.INTEGER, age.tolist()),
        "income": (Kind.NUMERIC, [None if rng.random() < 0.2 else x for x in income.tolist()]),
        "job": (Kind.CATEGORY, np.where(age > 60, "retired", "cook").tolist()),
    }
    schema = Schema(columns=tuple(Column(name=n, kind=k) for n, (k, _) in columns.items()))
    arrays = [pa.array(values, type=CANONICAL[kind]) for kind, values in columns.values()]
    return recipe.fit(
        Table(pa.table(arrays, names=list(columns)), schema), seed=1, run=Run(workers=1)
    )


MODELS = {
    "trees": trees,
    "forest": forest,
    "refined": refined,
    "a table by trees": lambda: people(Trees(leaf=20, trees=3, depth=2)),
    "a table by forest": lambda: people(Forest(leaf=20, trees=3)),
    "a table by copula": lambda: people(GaussianCopula()),
    "a table by bayesnet": lambda: people(BayesNet()),
    "a table by independent": lambda: people(Independent()),
}


LONG = {"a table by forest"}
CASES = [pytest.param(name, marks=[pytest.mark.long] * (name in LONG)) for name in MODELS]


@pytest.mark.parametrize("name", CASES)
def test_a_forged_model_is_refused_or_draws_rows(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model"
    save(MODELS[name](), path)
    run = [sys.executable, forging.__file__, path]
    done = subprocess.run(run, capture_output=True, text=True, timeout=300, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, (lines[-1:], done.stderr[-2_000:])
    ends = [line.rpartition(": ")[2] for line in lines]
    assert {*ends} <= {"refused", "rows"}, [x for x in lines if not x.endswith(("refused", "rows"))]
    assert ends.count("refused") > len(ends) / 2

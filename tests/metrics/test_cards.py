import numpy as np
from tests.metrics.metric_tables import people, table

from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.metrics.cards import CARDS, COLUMNS, deal
from likewise.metrics.charts import coarse


def test_all_rows_are_synthetic_unless_real_ones_are_asked_for():
    real, synth, held = people(500), people(400, 1), people(300, 2)
    assert [card.real for card in deal(real, synth)] == [False] * CARDS
    assert sum(card.real for card in deal(real, synth, held)) == CARDS // 2


def test_the_same_seed_deals_the_same_cards():
    real, synth = people(500), people(400, 1)
    assert deal(real, synth, seed=Seed(3)) == deal(real, synth, seed=Seed(3))
    assert deal(real, synth, seed=Seed(3)) != deal(real, synth, seed=Seed(4))


def test_the_columns_asked_for_come_first_and_keys_never():
    names = {f"c{i:02d}": np.arange(60) % 5 for i in range(12)}
    real = table({"k": Kind.KEY}, k=np.arange(60), **names)
    [card, *_] = deal(real, real, first=["c11", "k"])
    assert len(card.cells) == COLUMNS
    assert "c11" in card.cells
    assert "k" not in card.cells


def test_a_value_of_fewer_than_ten_real_rows_is_never_told():
    rng = np.random.default_rng(0)
    words = ["common"] * 480 + [f"unique{i}" for i in range(20)]
    numbers = [*rng.normal(50, 5, 495).tolist(), *(9_876_543.21 + i for i in range(5))]
    real = table({"t": Kind.TEXT}, w=words, x=numbers, t=[f"text {i}" for i in range(500)])
    said = " ".join(cell for name in real.names for cell in coarse(real, real, name))
    assert "unique" not in said
    assert "text" not in said
    assert "9,876,543" not in said
    assert "987654" not in said


def test_a_cell_lies_in_the_range_that_is_told():
    real = table(x=np.arange(1_000) / 10)
    for cell, value in zip(coarse(real, real, "x"), np.arange(1_000) / 10, strict=True):
        low, _, high = cell.partition(" to ")
        assert not high or float(low) <= value < float(high)


def test_missing_cells_of_few_rows_are_rare():
    real = table(x=[None] * 5 + list(range(95)), y=[None] * 50 + ["a"] * 50)
    assert coarse(real, real, "x")[0] == "rare"
    assert coarse(real, real, "y")[0] == "missing"

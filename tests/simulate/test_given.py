"""Agents may come from a table, also from one that a fitted generator has drawn."""

import numpy as np
import pyarrow as pa
import pytest
from tests.conftest import people

import likewise
from likewise.core.errors import ConfigError
from likewise.simulate import Form, Simulator, population_from, rule


def test_labels_become_codes_and_come_out_as_words() -> None:
    n = 40
    table = pa.table({
        "city": ["b", None, "a", "b"] * (n // 4), "age": [3, None, 5, 41] * (n // 4),
        "in": [True, False, True, True] * (n // 4), "paid": ["1.50", "2.25", "0.75", ""] * (n // 4),
    })  # fmt: skip
    made = population_from(table, form=Form(key="person_id"), wealth=1.0)
    assert made.city.tolist()[:4] == [1, -1, 0, 1]
    out = made.form.arrow(made.living())
    assert out.column_names == ["person_id", "city", "age", "in", "paid", "wealth"]
    for name in ("city", "in"):
        assert out[name].to_pylist() == table[name].to_pylist()
    assert made.age[0] == 3
    assert made.paid.tolist()[:3] == [1.5, 2.25, 0.75]
    assert np.isnan([made.age[1], made.paid[3]]).all()
    assert set(made.wealth) == {1.0}


def test_what_is_no_number_and_no_label_is_refused() -> None:
    table = pa.table({"day": pa.array([1, 2], pa.date32()), "in": [True, None]})
    with pytest.raises(ConfigError, match="column 'day': holds a date"):
        population_from(table, ["day"])
    with pytest.raises(ConfigError, match="column 'age': not in the table"):
        population_from(table, ["age"])
    with pytest.raises(ConfigError, match="1 missing booleans"):
        population_from(table, ["in"])


class Shoppers(Simulator):
    """Customers that a fitted model draws, who buy more often when they earn more."""

    model: str
    customers: int = 300

    def setup(self, world, draws):
        seed = int(draws.generator().integers(2**32))
        drawn = likewise.load(self.model).sample(self.customers, seed=seed)
        world.customers = population_from(drawn, ["age", "income", "city"], bought=0)

    @rule()
    def buy(self, world, draws):
        shoppers = world.customers
        chance = (shoppers.income > 10_000) * 0.5
        shoppers.bought += draws.chance(shoppers.id, chance)


def test_a_fitted_generator_gives_the_population(tmp_path) -> None:
    source, model = tmp_path / "people.csv", tmp_path / "people.model"
    source.write_text("\n".join(people(400)) + "\n")
    likewise.save(likewise.fit(source, generator="independent", seed=1), model)
    runs = [Shoppers(model=str(model)).run(10, seed=seed) for seed in (1, 1, 2)]
    tables = [run.table("customers") for run in runs]
    assert tables[0] == tables[1] != tables[2]
    frame = tables[0].to_pandas()
    assert set(frame["city"]) <= {"Aachen", "Basel", "Córdoba", "Dijon"}
    rich = frame["income"].astype(float) > 10_000
    assert (frame["bought"][~rich] == 0).all()
    assert frame["bought"][rich].mean() == pytest.approx(5, abs=0.6)

"""Facts with bands, and populations that are given as tables."""

import math

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.errors import ConfigError, DataError
from likewise.simulate import SIMULATORS, Band
from likewise.simulate.epidemic import Epidemic
from likewise.simulate.facts import measured
from likewise.simulate.model import plain

PEOPLE = pa.table({
    "age": [30] * 40 + [70] * 60,
    "condition": [True] * 10 + [False] * 90,
    "district": ["north", "south"] * 50,
})  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "value", "holds"),
    [(1, 2, 1, True), (1, 2, 2.1, False), (None, 2, -9, True), (1, None, math.inf, False),
     (None, None, 5, True), (None, None, math.nan, False)],
)  # fmt: skip
def test_a_band_holds_what_lies_between_its_bounds(low, high, value, holds):
    assert Band("a number", low, high).holds(value) is holds


def test_facts_stand_beside_those_of_real_data():
    epidemic = Epidemic(people=3000)
    tables = plain(epidemic.run(seed=1).tables())
    facts = {fact.name: fact for fact in measured(epidemic, tables, {"attacked": 0.5})}
    assert (facts["attacked"].real, facts["attacked"].inside) == (0.5, None)
    assert (facts["at_home"].real, facts["at_home"].inside) == (None, True)
    infections = tables["infections"].to_pandas()
    pairs = infections.merge(infections, left_on="by_id", right_on="person_id")
    assert facts["interval"].value == pytest.approx((pairs.day_x - pairs.day_y).mean())
    caused = infections.by_id[infections.by_id.isin(infections.person_id)].value_counts()
    every = caused.reindex(infections.person_id, fill_value=0)
    assert facts["overdispersion"].value == pytest.approx(every.var(ddof=0) / every.mean())


def test_only_facts_that_the_tables_allow_are_given():
    tables = plain(Epidemic(people=2000).run(60, seed=2).tables())
    few = {"people": tables["people"], "infections": tables["infections"].select(["place"])}
    assert set(Epidemic().facts(few)) == {"attacked", "at_home"}


def test_given_people_keep_their_columns_and_bring_others():
    made = Epidemic(people=100).run(30, seed=3, given={"people": PEOPLE}).table("people")
    for name in PEOPLE.column_names:
        assert made[name].to_pylist() == PEOPLE[name].to_pylist()
    own = Epidemic(people=100).run(30, seed=3).table("people")
    assert made["household_id"].equals(own["household_id"])  # other draws stay where they were


def test_severity_follows_the_given_people():
    outcomes = {}
    for age in (20, 80):
        people = pa.table({"age": age + np.arange(4000) % 7})
        run = Epidemic(people=4000, severe=0.05).run(seed=4, given={"people": people})
        outcomes[age] = np.mean(np.array(run.table("outcomes")["outcome"].to_pylist()) == "dead")
    assert outcomes[80] > 3 * outcomes[20]


@pytest.mark.parametrize(
    ("name", "table", "said"),
    [
        ("persons", PEOPLE, "takes no such table"),
        ("people", PEOPLE.slice(1), "99 rows for 100 agents"),
        ("people", PEOPLE.set_column(0, "age", pa.array([-1] * 100)), "years from 0 to 130"),
        ("people", PEOPLE.set_column(0, "age", pa.array(["old", "new"] * 50)), "years from 0"),
        ("people", PEOPLE.set_column(1, "condition", pa.array([7.5, 1.25] * 50)), "yes or no"),
        ("people", PEOPLE.append_column("alive", pa.array([1] * 100)), "of the population's own"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(name, table, said):
    with pytest.raises(ConfigError, match=said):
        Epidemic(people=100).run(1, seed=1, given={name: table})


@pytest.mark.parametrize("name", list(SIMULATORS))
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_facts_of_hardly_any_steps_are_few_and_numbers(name):
    simulator = SIMULATORS.load(name)()
    for steps in (0, 1):
        tables = plain(simulator.run(steps, seed=3).tables())
        assert all(np.isfinite(fact.value) for fact in measured(simulator, tables))


@pytest.mark.parametrize("simulator", ["corridor", "freeway", "market", "payments", "retail"])
def test_words_where_real_tables_should_hold_numbers_are_said(simulator):
    words = pa.array(["many"] * 400)
    days = pa.array(np.arange(400) % 90 + 1)
    tables = {
        "counts": pa.table(dict.fromkeys(
            ("detector_id", "lane", "minute", "count", "speed", "harmonic"), words)),
        "bars": pa.table({"close": words}),
        "transactions": pa.table({"amount": words, "time": days}),
        "orders": pa.table({"order_id": np.arange(400), "customer_id": days, "day": words}),
    }  # fmt: skip
    with pytest.raises(DataError, match="not all are numbers"):
        SIMULATORS.load(simulator)().facts(tables)

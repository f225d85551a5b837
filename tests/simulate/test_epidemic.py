"""The epidemic against its theory, its tables against their keys."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

from likewise.data.integrity import check_integrity
from likewise.simulate.epidemic import Epidemic

PAGE = Path(__file__).parents[2] / "docs" / "simulators" / "epidemic.md"
SMALL = Epidemic(people=3000, infected=20)


def test_without_homes_and_with_equal_people_it_ends_at_the_final_size_of_theory() -> None:
    reproduction = 8 * 0.04 * 6.0
    alike = Epidemic(
        people=40_000, infected=400, household=1, home_risk=0, spread=0, meetings=8, risk=0.04,
        infectious=6, severe=0,
    )  # fmt: skip
    run = alike.run(1000, seed=1)
    start = 1 - 400 / 40_000
    left = brentq(lambda s: s - start * np.exp(-reproduction * (1 - s)), 1e-9, start - 1e-6)
    assert run.series["healthy"][-1].as_py() / 40_000 == pytest.approx(left, abs=0.012)


def test_times_from_infection_to_outcome_have_the_means_that_were_asked_for() -> None:
    run = Epidemic(people=20_000, infected=20_000, incubation=4, infectious=9).run(200, seed=1)
    begun, over = run.table("infections"), run.table("outcomes")
    first = np.zeros(20_000)
    first[begun["person_id"].to_numpy()] = begun["day"].to_numpy()
    lasted = over["day"].to_numpy() - first[over["person_id"].to_numpy()]
    # A day is counted once it is over: half a day more, on average. Gamma laws of four stages.
    assert lasted.mean() == pytest.approx(13.5, abs=5 * np.sqrt((16 + 81) / 4 / 20_000) + 0.05)
    assert lasted.var() == pytest.approx((16 + 81) / 4 + 1 / 12, rel=0.06)


def test_tests_err_as_often_as_was_asked_for() -> None:
    free = Epidemic(people=50_000, infected=0, imported=0.001, other_visits=0.05)
    wrong = free.run(40, seed=1).table("tests")["positive"].to_numpy(zero_copy_only=False)
    assert wrong.mean() == pytest.approx(0.01, abs=5 * np.sqrt(0.01 / len(wrong)))
    ill = Epidemic(people=20_000, infected=20_000, other_visits=0, infectious=60, symptoms=1)
    right = ill.run(12, seed=1).table("tests")["positive"].to_numpy(zero_copy_only=False)
    assert right.mean() == pytest.approx(0.85, abs=5 * np.sqrt(0.13 / len(right)))


def test_a_rare_condition_makes_illness_severe_five_times_as_often() -> None:
    died = [
        Epidemic(people=30_000, infected=30_000, condition=share, severe=0.01).run(200, seed=1)
        for share in (0.0, 1.0)
    ]
    counts = [run.series["dead"][-1].as_py() for run in died]
    young = [np.minimum(0.01 * k * np.exp((np.arange(100) - 40) / 12), 0.6) for k in (1, 5)]
    weight = 2 * (100 - np.arange(100) - 0.5) / 100**2  # the pyramid of ages
    expected = [30_000 * 0.15 * (weight @ odds) for odds in young]
    for count, mean in zip(counts, expected, strict=True):
        assert abs(count - mean) < 5 * np.sqrt(mean)


def test_every_key_is_one_and_every_reference_leads_somewhere() -> None:
    database = SMALL.run(60, seed=2).database()
    assert check_integrity(database).violations == 0
    relations = {str(relation) for relation in database.schema.relations}
    assert "tests (visit_id) → visits (visit_id)" in relations
    assert "people (household_id) → households (household_id)" in relations
    infections = database["infections"].arrow
    imported = np.array(infections["place"].to_pylist()) == "imported"
    assert (np.array(infections["by_id"].is_null()) == imported).all()


def test_infectors_are_infected_before_and_live_together_when_it_was_at_home() -> None:
    run = SMALL.run(60, seed=2)
    table, people = run.table("infections").to_pandas(), run.table("people").to_pandas()
    day = table.set_index("person_id")["day"]
    passed = table[table["place"] != "imported"]
    assert (passed["by_id"].map(day) < passed["day"]).all()
    home = people.set_index("person_id")["household_id"]
    together = passed["person_id"].map(home) == passed["by_id"].map(home)
    assert together[passed["place"] == "home"].all()
    assert together[passed["place"] == "elsewhere"].mean() < 0.1


def test_the_dead_do_not_come_to_visits() -> None:
    run = Epidemic(people=5000, infected=500, severe=0.3, fatal=0.9).run(80, seed=2)
    ended = run.table("outcomes").to_pandas()
    dead = ended[ended["outcome"] == "dead"].set_index("person_id")["day"]
    visits = run.table("visits").to_pandas()
    after = visits["person_id"].map(dead)
    assert len(dead) > 100
    assert not (visits["day"] > after).any()


@pytest.mark.long
def test_fitting_finds_the_risks_that_made_the_tables() -> None:
    true = Epidemic(people=3000, infected=40, risk=0.03, home_risk=0.08)
    data = true.run(100, seed=9).database()
    start = Epidemic(infected=40)
    model = start.fit(data, steps=100, seed=1, method="nelder_mead", evaluations=40, replicates=2)
    assert model.simulator.people == 3000
    assert model.calibration is not None
    assert model.calibration.missed == ()
    assert model.simulator.risk == pytest.approx(0.03, rel=0.2)
    assert model.simulator.home_risk == pytest.approx(0.08, rel=0.3)
    calm = model.sample(seed=3, scenario={"meetings": 4.0})
    busy = model.sample(seed=3)
    assert calm["infections"].rows < busy["infections"].rows


def test_the_page_lists_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d.,]+) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    fields = Epidemic.model_fields
    assert rows.keys() == fields.keys()
    assert all(float(rows[name].replace(",", "")) == fields[name].default for name in fields)

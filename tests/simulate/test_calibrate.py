"""Calibration finds the parameters that made the facts, and says what it could not meet."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from tests.simulate.models import Walk

from likewise.core.errors import ConfigError, DataError, FormatError
from likewise.core.progress import Deadline
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.simulate import Population, Simulator, rule
from likewise.simulate.calibrate import bootstrap_weights, calibrate
from likewise.simulate.model import load_simulator
from likewise.simulate.posterior import abc_rejection, abc_smc
from likewise.simulate.schelling import Schelling


def autoregression(parameters: Mapping[str, float], seed: Seed, rows: int = 2000) -> np.ndarray:
    noise = seed.stream("noise").standard_normal(rows) * parameters["scale"]
    series = np.empty(rows)
    value = 0.0
    for i, shock in enumerate(noise):
        value = parameters["memory"] * value + shock
        series[i] = value
    return series


def moments(series: np.ndarray) -> dict[str, float]:
    return {
        "deviation": series.std(),
        "lag1": np.corrcoef(series[1:], series[:-1])[0, 1],
        "lag2": np.corrcoef(series[2:], series[:-2])[0, 1],
    }


def simulate(parameters: Mapping[str, float], seed: Seed) -> dict[str, float]:
    return moments(autoregression(parameters, seed, 400))


TRUTH = {"memory": 0.6, "scale": 2.0}
BOUNDS = {"memory": (0.0, 0.95), "scale": (0.01, 10.0)}  # the scale is searched by logarithm
DATA = autoregression(TRUTH, Seed(99))


@pytest.mark.parametrize("method", ["differential_evolution", "nelder_mead"])
def test_simulated_moments_find_the_parameters_that_made_the_data(method: str) -> None:
    weights = bootstrap_weights(DATA, moments, block=20, draws=200)
    found = calibrate(
        simulate, moments(DATA), BOUNDS, weights=weights, method=method, replicates=5,
        evaluations=120, seed=1,
    )  # fmt: skip
    assert found.parameters["memory"] == pytest.approx(0.6, abs=0.08)
    assert found.parameters["scale"] == pytest.approx(2.0, rel=0.08)
    assert found.missed == ()
    assert found.evaluations <= 120


def test_bootstrapped_errors_are_those_of_theory() -> None:
    white = np.random.default_rng(0).standard_normal(2000)
    weights = bootstrap_weights(
        white, lambda x: {"mean": x.mean(), "deviation": x.std()}, block=5, draws=800
    )
    theory = [1 / np.sqrt(2000), 1 / np.sqrt(2 * 2000)]
    assert weights.errors == pytest.approx(theory, rel=0.12)


def test_the_same_seed_finds_the_same_parameters() -> None:
    found = [calibrate(simulate, moments(DATA), BOUNDS, evaluations=30, seed=4) for _ in range(2)]
    assert found[0] == found[1]


@pytest.mark.parametrize("evaluations", [1, 3, 10, 60, 200])
@pytest.mark.parametrize("step", [0.0, 0.02])
def test_a_search_uses_its_evaluations_and_tries_nothing_known_on_the_way_down(
    evaluations: int, step: float
) -> None:
    """Facts may move by steps, as counts do, where a descent sees no slope for a while."""
    tried = []

    def told(parameters: Mapping[str, float], seed: Seed) -> dict[str, float]:
        tried.append(tuple(parameters.values()))
        facts = {"sum": sum(parameters.values()), "x": parameters["x"]}
        return {name: round(v / step) * step if step else v for name, v in facts.items()}

    wide = dict.fromkeys(("x", "y", "z"), (0.0, 1.0))
    found = calibrate(told, {"sum": 1.234, "x": 0.321}, wide, evaluations=evaluations, seed=2)
    assert found.evaluations == len(tried) <= evaluations
    wide_ones, descent = tried[: 3 * evaluations // 5], tried[3 * evaluations // 5 :]
    if not step:
        assert len(tried) == evaluations
        assert len({*descent} - {*wide_ones}) == len(descent)
    if evaluations == 200:
        assert found.misfit < (0.02 if step else 1e-3)


def test_facts_that_cannot_be_met_are_called_missed() -> None:
    wanted = {"deviation": 2.5, "lag1": -0.5}
    found = calibrate(simulate, wanted, BOUNDS, method="nelder_mead", evaluations=150, seed=1)
    assert found.missed == ("lag1",)
    assert found.scores["lag1"] > 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"method": "guess"}, "Choose one of: differential_evolution, nelder_mead"),
        ({"bounds": {}}, "no parameter to move"),
        ({"target": {}}, "no fact to meet"),
        ({"target": {"kurtosis": 3.0}}, "fact 'kurtosis': the simulation gives deviation"),
        ({"target": {"lag1": float("nan")}}, "wanted to be nan"),
        ({"bounds": {"memory": (0.5, 0.5)}}, "parameter 'memory': bounds 0.5 and 0.5"),
        ({"replicates": 0}, "1 or more"),
    ],
)
def test_impossible_calibrations_are_told(changes: dict, said: str) -> None:
    settings = {"target": {"lag1": 0.5}, "bounds": BOUNDS, "evaluations": 3, "seed": 1}
    with pytest.raises(ConfigError, match=said):
        calibrate(simulate, **{**settings, **changes})


def test_without_time_there_is_no_calibration() -> None:
    with pytest.raises(ConfigError, match="no time for a single simulation"):
        calibrate(simulate, {"lag1": 0.5}, BOUNDS, run=Run(deadline=Deadline(0.0)))


def _normal(parameters: Mapping[str, float], seed: Seed) -> dict[str, float]:
    """The mean of 25 normal numbers; given a flat prior its posterior is known."""
    return {"mean": parameters["centre"] + seed.stream("n").standard_normal() / 5}


def test_abc_finds_the_posterior_that_theory_gives() -> None:
    wanted, bounds = {"mean": 0.3}, {"centre": (-2.0, 2.0)}
    known = {"errors": {"mean": 1.0}, "seed": 2}
    few = abc_rejection(_normal, wanted, bounds, draws=4000, keep=0.05, **known)
    many = abc_smc(_normal, wanted, bounds, particles=300, rounds=6, **known)
    for found in (few, many):
        assert found.weights.sum() == pytest.approx(1)
        assert found.mean["centre"] == pytest.approx(0.3, abs=0.06)
        low, high = found.interval(0.9)["centre"]
        assert (low, high) == pytest.approx((0.3 - 0.329, 0.3 + 0.329), abs=0.1)
    assert many.distances.max() < 0.1
    again = abc_smc(_normal, wanted, bounds, particles=300, rounds=6, run=Run(workers=2), **known)
    assert (again.values == many.values).all()


def test_abc_goes_nearer_where_most_simulations_lack_the_fact() -> None:
    def jams(parameters: Mapping[str, float], seed: Seed) -> dict[str, float]:
        shown = parameters["centre"] > 1  # in a quarter of the box
        return _normal(parameters, seed) if shown else {"mean": np.nan}

    known = {"errors": {"mean": 0.1}, "particles": 60, "rounds": 4, "seed": 2}
    found = abc_smc(jams, {"mean": 1.5}, {"centre": (-2.0, 2.0)}, **known)
    assert found.mean["centre"] == pytest.approx(1.5, abs=0.1)
    assert np.isfinite(found.distances).all()
    none = abc_smc(lambda *_: {"mean": np.nan}, {"mean": 1.5}, {"centre": (0.0, 1.0)}, **known)
    assert none.simulations == 60


def test_impossible_abc_is_told() -> None:
    with pytest.raises(ConfigError, match="no fact to meet"):
        abc_rejection(_normal, {}, {"centre": (0, 1)})
    with pytest.raises(ConfigError, match="0 draws"):
        abc_rejection(_normal, {"mean": 0}, {"centre": (0, 1)}, draws=0)
    with pytest.raises(ConfigError, match="1 particles"):
        abc_smc(_normal, {"mean": 0}, {"centre": (0, 1)}, particles=1)


class Shop(Simulator):
    """Customers who buy at a rate of their own; the rate is to be found."""

    customers: int = 200
    rate: float = 0.5
    share: float = 0.5
    bounds: ClassVar = {"rate": (0.01, 3.0)}
    default_steps: ClassVar[int] = 10

    def setup(self, world, draws):
        member = draws.chance(self.customers, self.share)
        world.customers = Population(self.customers, bought=0, member=member)

    @rule()
    def buy(self, world, draws):
        world.customers.bought += draws.poisson(world.customers.id, self.rate)

    def estimate(self, data):
        return {"share": float(np.mean(data["customers"]["member"].to_numpy(False)))}

    def facts(self, data):
        bought = data["customers"]["bought"].to_numpy()
        return {"bought": bought.mean(), "none": np.mean(bought == 0)}


def test_fit_estimates_what_data_say_and_calibrates_the_rest(tmp_path: Path) -> None:
    real = Shop(customers=2000, rate=0.2, share=0.8).run(seed=5).database()
    search = {"method": "nelder_mead", "evaluations": 40, "replicates": 3}
    model = Shop(customers=2000).fit(real, seed=1, **search)
    assert model.simulator.share == pytest.approx(0.8, abs=0.03)
    assert model.simulator.rate == pytest.approx(0.2, rel=0.1)
    assert model.calibration is not None
    assert model.calibration.missed == ()
    model.save(tmp_path / "shop")
    loaded = load_simulator(tmp_path / "shop", Shop)
    one, other = model.sample(seed=3), loaded.sample(seed=3)
    assert one["customers"].arrow == other["customers"].arrow
    with pytest.raises(ConfigError, match="a model of Shop, which does not come with"):
        load_simulator(tmp_path / "shop")
    with pytest.raises(ConfigError, match="a model of Shop, not of Walk"):
        load_simulator(tmp_path / "shop", Walk)


def test_published_numbers_are_enough_and_a_posterior_says_how_sure_they_make() -> None:
    model = Shop().fit(facts={"bought": 8.0}, seed=1, evaluations=40, posterior=True)
    assert model.simulator.rate == pytest.approx(0.8, rel=0.05)
    assert model.posterior is not None
    low, high = model.posterior.interval()["rate"]
    assert low < 0.8 < high
    drawn = [model.run(1, seed=s, uncertain=True).table("customers") for s in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_scenario_changes_parameters_and_nothing_else() -> None:
    model = Shop().fit(seed=1)
    assert model.calibration is None
    base, doubled = model.sample(seed=2), model.sample(seed=2, scenario={"rate": 1.0})
    assert base["customers"].arrow["member"] == doubled["customers"].arrow["member"]
    bought = [np.sum(d["customers"].numbers("bought")) for d in (base, doubled)]
    assert bought[1] == pytest.approx(2 * bought[0], rel=0.1)
    with pytest.raises(ConfigError, match="scenario 'rat': Shop has no such setting"):
        model.sample(scenario={"rat": 1})
    with pytest.raises(ConfigError, match="no posterior"):
        model.sample(uncertain=True)


def test_what_cannot_be_fitted_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Walk has no bounds"):
        Walk().fit(facts={"mean": 1.0})
    pa_file = tmp_path / "x"
    from likewise.core import artifact
    from likewise.simulate.grid import Grid

    artifact.save(Grid(2, 2), pa_file)
    with pytest.raises(FormatError, match="holds no simulator"):
        load_simulator(pa_file)


def test_a_simulator_of_the_package_is_known_when_it_is_read(tmp_path: Path) -> None:
    Schelling(density=0.6).fit().save(tmp_path / "m")
    assert load_simulator(tmp_path / "m").simulator == Schelling(density=0.6)


def test_series_drawn_anew_that_lack_a_fact_are_left_out_and_too_many_are_told() -> None:
    rows = np.random.default_rng(0).standard_normal(300)

    def often(x: np.ndarray) -> dict[str, float]:
        return {"mean": float(x.mean()), **({"more": 1.0} if x.mean() > -0.05 else {})}

    def rarely(x: np.ndarray) -> dict[str, float]:
        return {"mean": float(x.mean()), **({"more": 1.0} if x is rows or x.mean() > 9 else {})}

    assert bootstrap_weights(rows, often, block=5, draws=100).names == ("mean", "more")
    with pytest.raises(DataError, match="0 of 100 series drawn anew have every fact"):
        bootstrap_weights(rows, rarely, block=5, draws=100)

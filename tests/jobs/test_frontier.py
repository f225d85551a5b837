"""A sweep repeats, goes on where it was cut off, and outlives trials that fail."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import likewise
from likewise.core.errors import ConfigError, DataError
from likewise.core.params import build
from likewise.generators import GENERATORS
from likewise.generators.dials import DIALS, dials_of
from likewise.jobs import frontier
from likewise.jobs import trial as trying
from likewise.jobs.frontier import Sweep
from likewise.jobs.plan import make_plan
from likewise.jobs.proposals import key_of, proposals
from likewise.report.frontier import Frontier, Measure, Trial

pytestmark = pytest.mark.xdist_group("frontier")  # one sweep for all


@pytest.fixture(scope="module")
def tumours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """569 real rows, of which eight columns keep it short."""
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame
    path = tmp_path_factory.mktemp("data") / "tumours.csv"
    frame[[*frame.columns[:7], "target"]].to_csv(path, index=False)
    return path


def sweep(source: Path, folder: Path, **fields: Any) -> Sweep:
    wanted = {
        "input": str(source),
        "generators": ("copula", "bayesnet"),
        "target": "target",
        "seed": 3,
        "trials": 6,
        "workers": 1,
        "output": str(folder / "out.jsonl"),
    }
    return Sweep(**{**wanted, **fields})


def without_times(found: Frontier) -> list[Trial]:
    return [trial.model_copy(update={"seconds": {}}) for trial in found.trials]


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "out.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def whole(tumours: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Frontier, Path]:
    folder = tmp_path_factory.mktemp("whole")
    return frontier.run(sweep(tumours, folder)), folder


# ---- dials


def test_every_method_has_dials_that_its_recipe_takes_from_end_to_end() -> None:
    assert DIALS.keys() == set(GENERATORS)
    for name, dials in DIALS.items():
        for setting, dial in dials.items():
            assert dial.low < dial.high
            assert dial.most_private in (dial.low, dial.high)
            for value in (dial.low, dial.high):
                assert getattr(build(GENERATORS.load(name), {setting: dial.at(value)}), setting)


def test_a_dial_that_counts_rows_stays_below_those_of_the_table() -> None:
    assert dials_of("trees", 100_000)["leaf"].high == 1_000
    assert dials_of("trees", 400)["leaf"].high == 100
    assert dials_of("trees", 30) == {}
    assert dials_of("copula", 30)


# ---- proposals


def answer(ask: tuple[str, dict[str, Any]]) -> Trial:
    """A trial whose numbers follow from its settings, so that there is something to learn."""
    size = sum(map(float, ask[1].values()))
    value = Measure(value=1 / (1 + size), better="lower")
    useful = value.model_copy(update={"better": "higher"})
    return Trial(number=1, generator=ask[0], settings=ask[1], fidelity=value, utility=useful)


def asked(count: int, seed: int = 1) -> list[str]:
    flow = proposals(("trees", "independent", "copula"), 5_000, seed, answer)
    return [key_of(*ask) for _, ask in zip(range(count), flow, strict=False)]


def test_defaults_come_first_then_the_most_private_ends() -> None:
    ends = ["trees leaf=1000", "copula shrink=0.9"]
    assert asked(5) == ["trees", "independent", "copula", *ends]


def test_equal_seeds_ask_for_the_same_and_others_for_something_else() -> None:
    assert asked(25) == asked(25)
    assert asked(25) != asked(25, seed=2)
    assert len(set(asked(25))) == 25


def test_a_method_without_dials_is_proposed_once() -> None:
    assert list(proposals(("independent",), 5_000, 1, answer)) == [("independent", {})]


# ---- sweeps


@pytest.mark.slow
def test_a_trial_holds_every_measure_beside_its_floor(whole: tuple[Frontier, Path]) -> None:
    found, folder = whole
    assert [trial.name for trial in found.trials[:2]] == ["copula", "bayesnet"]
    for trial in found.trials:
        assert trial.error == ""
        assert trial.fidelity is not None and trial.utility is not None
        for measure in (trial.fidelity, trial.utility, trial.near_copies):
            assert measure is not None and measure.floor is not None
        assert trial.attacks.keys() == {"membership", "outliers"}
        assert trial.seconds.keys() == {"fit", "sample", "judge", "attack"}
    assert found.recommended in found.pareto
    assert [line["trial"]["number"] for line in lines(folder)] == [1, 2, 3, 4, 5, 6]
    sweeps = [line["sweep"] for line in lines(folder)]
    assert sweeps[0] == found.origin.model_dump(mode="json")
    assert all(one == sweeps[0] for one in sweeps)
    assert (folder / "out.html").exists()


@pytest.mark.slow
def test_equal_seeds_give_equal_trials_and_a_cut_off_sweep_the_same_ones(
    whole: tuple[Frontier, Path], tumours: Path, tmp_path: Path
) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if stage.startswith("trial 4"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="holds 3 trials"):
        frontier.run(sweep(tumours, tmp_path), stop)
    assert len(lines(tmp_path)) == 3
    assert not (tmp_path / "out.html").exists()
    again = sweep(
        tumours, tmp_path, resume=True, seed=None, target=None, generators=None, workers=2
    )
    resumed = frontier.run(again)
    assert without_times(resumed) == without_times(whole[0])
    assert resumed.pareto == whole[0].pareto
    assert resumed.reason == whole[0].reason


@pytest.mark.slow
def test_going_on_with_as_many_trials_as_there_are_tries_nothing(
    whole: tuple[Frontier, Path], tumours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "run", None)
    found = frontier.run(sweep(tumours, whole[1], resume=True))
    assert found.trials == whole[0].trials
    assert found.ended == "6 trials were wanted"


@pytest.mark.slow
def test_a_failed_trial_is_kept_with_its_error_and_does_not_end_the_sweep(
    tumours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = trying.learn

    def fail_once(table: Any, rules: Any, method: Any, plan: Any, *rest: Any) -> Any:
        if plan.generator == "copula" and not plan.settings:
            raise DataError("column 'a'", "too odd", "Mend it")
        return learn(table, rules, method, plan, *rest)

    monkeypatch.setattr(trying, "learn", fail_once)
    found = frontier.run(sweep(tumours, tmp_path, trials=3))
    assert found.trials[0].error == "DataError: column 'a': too odd. Mend it."
    assert [trial.error for trial in found.trials[1:]] == ["", ""]
    assert 1 not in found.pareto
    assert "too odd" in (tmp_path / "out.html").read_text(encoding="utf-8")
    more = frontier.run(sweep(tumours, tmp_path, trials=4, resume=True))
    assert more.trials[:3] == found.trials


@pytest.mark.slow
def test_time_ends_a_sweep_before_a_trial_that_would_not_fit(
    tumours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(bench: Any, generator: str, settings: Any, number: int, tell: Any) -> Trial:
        return answer((generator, settings)).model_copy(
            update={"number": number, "seconds": {"fit": 99.0}}
        )

    monkeypatch.setattr(trying, "run", slow)
    found = frontier.run(sweep(tumours, tmp_path, trials=None, budget=60.0, page=False))
    assert len(found.trials) == 2  # each method once: nothing was known of its time
    assert found.ended == "the time was used up"


@pytest.mark.slow
def test_the_command_of_a_trial_makes_the_rows_that_were_judged(
    tumours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyarrow import csv

    from likewise.jobs import synth

    judged = []
    near_copies = trying.near_copies

    def seen(train: Any, synth: Any, **options: Any) -> Any:
        judged.append(synth)
        return near_copies(train, synth, **options)

    monkeypatch.setattr(trying, "near_copies", seen)
    frontier.run(sweep(tumours, tmp_path, generators=("bayesnet",), trials=1))
    out = tmp_path / "made.csv"
    synth.run(
        make_plan(
            input=str(tumours), generator="bayesnet", target="target", seed=3,
            output=str(out), judge=False,
        )
    )  # fmt: skip
    made = csv.read_csv(out)
    assert made.num_rows == 569
    for name in made.column_names:
        rows = judged[0].arrow.column(name).cast(made.schema.field(name).type).to_pylist()
        assert made.column(name).to_pylist()[: len(rows)] == pytest.approx(rows)


@pytest.mark.parametrize("field", ["seed", "target", "generators"])
def test_another_sweep_is_not_gone_on_with(
    field: str, whole: tuple[Frontier, Path], tumours: Path
) -> None:
    other = {"seed": 4, "target": "mean radius", "generators": ("copula",)}
    with pytest.raises(ConfigError, match=f"--{field}"):
        frontier.run(replace(sweep(tumours, whole[1], resume=True), **{field: other[field]}))


@pytest.mark.long
def test_all_methods_can_be_swept(tumours: Path, tmp_path: Path) -> None:
    names = tuple(GENERATORS)
    found = frontier.run(sweep(tumours, tmp_path, generators=names, trials=len(names) + 2))
    assert [trial.error for trial in found.trials] == [""] * (len(names) + 2)
    assert {trial.generator for trial in found.trials[: len(names)]} == set(names)


@pytest.mark.slow
def test_python_runs_the_same_sweep(whole, tumours: Path, tmp_path: Path) -> None:
    found = likewise.frontier(
        tumours,
        generators=["copula", "bayesnet"],
        target="target",
        trials=6,
        seed=3,
        workers=1,
        output=tmp_path / "out.jsonl",
        page=False,
    )
    assert without_times(found) == without_times(whole[0])
    assert (found.recommended, set(found.files)) == (whole[0].recommended, {"trials"})
    with pytest.raises(ConfigError, match="earlier sweep"):
        likewise.frontier(tumours, trials=1, output=tmp_path / "out.jsonl")
    with pytest.raises(ConfigError, match="no such generator"):
        likewise.frontier(tumours, generators=["tree"], output=tmp_path / "b.jsonl")

"""What the page on writing simulations shows runs, and gives what theory says."""

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from tests.conftest import Ran

import likewise
from likewise.core.errors import ConfigError
from likewise.core.run import Run
from likewise.simulate.flocking import Flocking
from likewise.simulate.rules import invariants_of, rules_of

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "simulation.md"
Call = Callable[..., Ran]


def block(mark: str) -> str:
    found = re.findall(
        rf"<!-- run: {re.escape(mark)} -->\n```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL
    )
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def outbreak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type]:
    """The class of the page, imported from a file as a reader would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    Path("outbreak.py").write_text(block("outbreak.py"), encoding="utf-8")
    yield importlib.import_module("outbreak").Outbreak
    del sys.modules["outbreak"]


@pytest.mark.slow
def test_the_blocks_that_use_it_run(outbreak: type, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict = {}
    for mark in ("use", "sweep", "fit"):
        exec(block(mark), names)
    assert Path("outbreak.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert Path("outbreak.model").is_file()
    assert names["model"].calibration.missed == ()
    assert names["runs"].num_rows == 15
    attacked = [
        np.mean(np.array(names[name]["people"].arrow["state"]) != "healthy")
        for name in ("tables", "fewer")
    ]
    assert attacked[1] < attacked[0] == pytest.approx(0.6, abs=0.12)


def test_a_kernel_in_a_notebook_runs_though_no_file_holds_it() -> None:
    names: dict = {}
    exec(block("kernel"), names)
    without = names["series"]["without"].to_pylist()
    # Money given away at random ends as a geometric law: half of all have none (Dragulescu 2000).
    assert np.mean(without[50:]) == pytest.approx(0.5, abs=0.04)


def test_the_command_of_the_page_runs(outbreak: type, command: Call) -> None:
    (line,) = re.findall(r"^    likewise (simulate .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    ran = command(*line.split())
    assert ran.code == 0, ran.err
    written = {path.name for path in Path("outbreak").iterdir()}
    tables = {"people.parquet", "infections.parquet", "series.parquet"}
    files = {"database.yaml", "facts.json", "manifest.json", "simulation.html"}
    assert written == tables | files


@pytest.mark.parametrize("reproduction", [1.5, 2.5])
def test_an_epidemic_ends_at_the_size_that_theory_gives(
    outbreak: type, reproduction: float
) -> None:
    """Final size z of the healthy: 1 - z = exp(-R z') (Kermack and McKendrick 1927)."""
    people, ill = 40_000, 400
    risk = reproduction / 8 / 5
    made = outbreak(people=people, ill=ill, risk=risk).run(1000, seed=3)
    start = 1 - ill / people
    left = brentq(lambda s: s - start * np.exp(-reproduction * (1 - s)), 1e-9, start - 1e-6)
    healthy = made.series["healthy"][-1].as_py() / people
    assert healthy == pytest.approx(left, abs=0.012)
    assert made.series["ill"][-1].as_py() == 0
    database = made.database()
    assert [str(r) for r in database.schema.relations] == [
        "infections (person_id) → people (person_id)",
        "infections (by_id) → people (person_id)",
    ]


def test_the_simulation_of_the_page_is_checked_at_every_step(outbreak: type) -> None:
    assert [rule.name for rule in rules_of(outbreak)] == ["infect", "recover"]
    assert [law.name for law in invariants_of(outbreak)] == ["every_case_has_a_cause"]
    resumed = Path("state")
    whole = outbreak().run(20, seed=1)
    assert outbreak().run(20, seed=1, run=Run(checkpoint=resumed)).series == whole.series


def test_a_page_is_drawn_of_a_trajectory_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="trajectory: of type str"):
        likewise.animate("x", tmp_path / "x.html")  # type: ignore[arg-type]
    run = Flocking(birds=5).run(3, seed=1, film_every=1)
    assert [frame.step for frame in run.frames] == [0, 1, 2, 3]
    likewise.animate(run, tmp_path / "x.html", title="<b>")
    assert "<h1>&lt;b&gt;</h1>" in (tmp_path / "x.html").read_text(encoding="utf-8")

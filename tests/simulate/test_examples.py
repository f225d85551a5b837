"""The simulators that come along do what their theory says."""

import numpy as np
import pytest
from scipy import ndimage

from likewise.core.errors import ConfigError
from likewise.simulate.flocking import Flocking
from likewise.simulate.forest_fire import BURNT, GREEN, ForestFire
from likewise.simulate.schelling import Schelling
from likewise.simulate.wolf_sheep import WolfSheep


def _last(run, name: str) -> float:
    return run.series[name][-1].as_py()


def test_mild_wishes_segregate() -> None:
    run = Schelling(height=40, width=40).run(40, seed=1)
    assert run.series["alike"][0].as_py() == pytest.approx(0.5, abs=0.03)
    assert _last(run, "alike") > 0.7
    assert _last(run, "happy") == 1.0


def test_those_who_want_nothing_stay() -> None:
    run = Schelling(wanted=0).run(10, seed=1)
    assert run.steps == 1
    assert run.series["alike"][0] == run.series["alike"][1]


@pytest.mark.parametrize("torus", [True, False])
def test_likeness_is_what_counting_by_hand_gives(torus: bool) -> None:
    run = Schelling(height=9, width=8, torus=torus, radius=2).run(3, seed=1)
    people, alike, there = run.world.people, 0, 0
    at = {int(c): int(g) for c, g in zip(people.cell, people.group, strict=True)}
    for cell, group in at.items():
        for dy in range(-2, 3):
            for dx in range(-2, 3):
                y, x = cell // 8 + dy, cell % 8 + dx
                if torus:
                    y, x = y % 9, x % 8
                if (dy or dx) and 0 <= y < 9 and 0 <= x < 8 and y * 8 + x in at:
                    there += 1
                    alike += at[y * 8 + x] == group
    assert _last(run, "alike") == pytest.approx(alike / there)


@pytest.mark.parametrize("density", [0.4, 0.6, 0.9])
def test_a_fire_burns_exactly_the_trees_that_touch_the_first_column(density: float) -> None:
    simulator = ForestFire(height=60, width=60, density=density)
    trees = simulator.run(0, seed=4).world.state.reshape(60, 60) >= GREEN
    touching, _ = ndimage.label(trees)
    reached = np.isin(touching, np.unique(touching[:, 0][touching[:, 0] > 0]))
    run = simulator.run(10_000, seed=4)
    assert ((run.world.state.reshape(60, 60) == BURNT) == reached).all()
    assert run.rows("fires") == reached.sum() - trees[:, 0].sum()
    assert _last(run, "lost") == pytest.approx(reached.sum() / trees.sum())


def test_a_fire_crosses_a_dense_forest_and_dies_in_a_thin_one() -> None:
    lost = [
        np.mean([_last(ForestFire(density=d).run(1000, seed=s), "lost") for s in range(5)])
        for d in (0.5, 0.7)  # percolation sets in at 0.593
    ]
    assert lost[0] < 0.3
    assert lost[1] > 0.9


def test_birds_align_and_never_leave() -> None:
    run = Flocking(birds=200, width=30, height=30, alignment=0.5).run(60, seed=1)
    assert run.series["order"][0].as_py() < 0.3
    assert _last(run, "order") > 0.9
    lonely = Flocking(birds=50, alignment=0, cohesion=0, separation=0).run(20, seed=1)
    assert _last(lonely, "order") == pytest.approx(lonely.series["order"][0].as_py())


def test_sheep_without_wolves_fill_the_meadow_and_wolves_without_sheep_starve() -> None:
    meadow = WolfSheep(wolves=0).run(300, seed=1)
    most = 25 * 25 / 20 * 5  # a meal of 5 on each cell every 20 steps; a sheep needs 1 a step
    assert 0.6 * most < _last(meadow, "sheep") < most
    hungry = WolfSheep(sheep=0, wolf_breed=0).run(100, seed=1)
    assert (hungry.steps, _last(hungry, "wolves")) == (26, 0)  # at most 25 energy, one a step
    for barren in (WolfSheep(sheep_gain=0, sheep_breed=0, wolves=0), WolfSheep(sheep=0, wolves=0)):
        assert _last(barren.run(50, seed=1), "sheep") == 0


def test_settings_that_cannot_be_are_refused() -> None:
    for kind, settings in (
        (Schelling, {"density": 1.0}),
        (Flocking, {"birds": 0}),
        (WolfSheep, {"sheep_breed": 1.5}),
        (ForestFire, {"width": 0}),
        (ForestFire, {"hight": 3}),
    ):
        with pytest.raises(ValueError, match="validation error"):
            kind(**settings)
    with pytest.raises(ConfigError, match="no agent at all"):
        Schelling(height=3, width=3, density=1e-9).run(1, seed=1)

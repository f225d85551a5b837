"""Mesa and our engine simulate the same: outcomes over replicates are of one distribution.

Small sizes, so that Mesa is quick; the benchmark ``benchmarks/agents.py`` takes the large ones.
"""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from scipy import stats

from likewise.simulate import SIMULATORS

pytest.importorskip("mesa")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
RUNS = 60
SMALL: dict[str, tuple[dict, int]] = {
    "schelling": ({"height": 20, "width": 20, "density": 0.8, "wanted": 4, "radius": 1}, 4),
    "flocking": ({"birds": 30, "width": 30, "height": 30, "vision": 6}, 15),
    "wolf-sheep": (
        {
            "height": 12, "width": 12, "sheep": 30, "wolves": 12, "sheep_breed": 0.3,
            "wolf_breed": 0.15, "regrowth": 10,
        },
        12,
    ),
    "forest-fire": ({"height": 15, "width": 15, "density": 0.6}, 12),
}  # fmt: skip


def _module(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _ours(model: str, settings: dict, steps: int, seed: int) -> dict[str, float]:
    made = SIMULATORS.load(model)(**settings).run(steps, seed=seed)
    last = {name: made.series[name][-1].as_py() for name in made.series.column_names}
    if model == "flocking":
        near = made.world.space.near(made.world.birds.place, settings["vision"])
        last["seen"] = near.degrees.mean()
    return last


@pytest.mark.slow
@pytest.mark.parametrize("model", list(SMALL))
def test_outcomes_have_the_distribution_that_mesa_gives(model: str) -> None:
    worker = _module(BENCHMARKS / "mesa" / "worker.py", "mesa_worker")
    settings, steps = SMALL[model]
    theirs, mine = [], []
    for seed in range(RUNS):
        made = worker.MODELS[model](seed, **settings)
        if hasattr(made, "run"):
            made.run(steps)
        else:
            for _ in range(steps):
                made.step()
        theirs.append(made.outcome())
        mine.append(_ours(model, settings, steps, seed))
    for name in theirs[0]:
        sides = [[run[name] for run in runs] for runs in (theirs, mine)]
        assert stats.ks_2samp(*sides).pvalue > 1e-3, name

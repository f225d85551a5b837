"""A trajectory as a page, from Python."""

from pathlib import Path

import likewise
from likewise.jobs.arguments import path_of, refuse_unless
from likewise.report.simulation_page import Shown, write_simulation
from likewise.simulate.trajectory import Trajectory


def animate(trajectory: Trajectory, path: str | Path, *, title: str = "Simulation") -> None:
    """Write one offline HTML file: the animation, if frames were kept, and curves of the series.

    Args:
        trajectory: of ``Simulator.run``; with ``film_every=1`` it has a frame of every step.
        path: where to; whole or not at all.
        title: the headline.
    """
    hint = "Give what the run of a simulator returns"
    refuse_unless(Trajectory, "trajectory", trajectory, hint)
    rows = ", ".join(f"{name} {trajectory.rows(name):,}" for name in trajectory.names)
    facts = (
        ("Seed", str(trajectory.seed)), ("Steps", f"{trajectory.steps:,}"), ("Rows", rows),
        ("likewise", likewise.__version__),
    )  # fmt: skip
    series = trajectory.series.to_pydict()
    shown = Shown(title, trajectory.frames, series, (), facts, likewise.__version__)
    write_simulation(shown, path_of(path))

"""The contract of simulators: a frozen recipe sets up a world, and rules change it step by step.

    class Walk(Simulator):
        walkers: int = 1000

        def setup(self, world, draws):
            world.people = Population(self.walkers, x=0)

        @rule()
        def move(self, world, draws):
            people = world.people
            people.x += np.where(draws.chance(people.id, 0.5), 1, -1)

        def collect(self, world):
            return {"variance": world.people.x.var()}

    trajectory = Walk(walkers=500).run(100, seed=7)

A simulator is a generator like any other: its fields are the settings, ``fit`` gives a frozen
model, and the model samples tables.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.simulate.dynamics import Data, Dynamics
from likewise.simulate.engine import simulate
from likewise.simulate.model import SimulatorModel, fit_simulator
from likewise.simulate.trajectory import Trajectory

MOST = 100_000_000  # agents of one kind that a world of the package takes


class Simulator(Dynamics):
    """Base of the recipes of simulations; see the module for an example."""

    def run(
        self,
        steps: int | None = None,
        *,
        seed: Seed | int | None = None,
        run: Run | None = None,
        output: str | Path | None = None,
        film_every: int | None = None,
        check: str = "step",
        given: Mapping[str, pa.Table] | None = None,
    ) -> Trajectory:
        """Simulate ``steps`` steps, by default ``default_steps``, or until ``done``.

        Args:
            steps: 0 or more.
            seed: the same seed gives the same run.
            run: whom to tell of progress; its checkpoint is gone on with if it is there, written
                every half minute, and removed at the end.
            output: a folder into which logs are written as Parquet while they grow, so that
                their rows need no memory; they appear at the end, all or none.
            film_every: keep a frame of every so many steps.
            check: when invariants are tried: after each ``step``, after each ``rule`` of it (which
                says who broke them), or ``never``.
            given: tables of populations by name, instead of made-up agents; those that
                ``populations`` names, with a row for each agent.

        Raises:
            SimulationError: an invariant is broken; names the step.
            ConfigError: settings that cannot be.
        """
        return simulate(
            self, self.default_steps if steps is None else steps, seed=Seed.of(seed),
            run=run or Run(), output=None if output is None else Path(output),
            film_every=film_every, check=check, given=given,
        )  # fmt: skip

    def fit(
        self,
        data: Database | Data | None = None,
        *,
        facts: Mapping[str, float] | None = None,
        steps: int | None = None,
        seed: Seed | int | None = None,
        run: Run | None = None,
        given: Mapping[str, pa.Table] | None = None,
        **settings: Any,
    ) -> SimulatorModel:
        """A model of these parameters, or of those that data or published numbers ask for.

        First ``estimate`` takes from the data what they say directly; then the parameters in
        ``bounds`` that are not among them are moved until ``facts`` of the simulation meet those
        of the data.

        Args:
            data: tables by name; None learns from ``facts`` alone, or nothing at all.
            facts: published numbers, by the names that ``facts`` uses; they stand above the data's.
            steps: how long the simulations of the calibration run.
            seed: of the calibration.
            run: circumstances.
            given: tables of populations for the simulations of the calibration.
            settings: handed to ``likewise.simulate.calibrate.calibrate``.
        """
        return fit_simulator(
            self, data, facts=facts, steps=steps, seed=Seed.of(seed), run=run or Run(), given=given,
            **settings,
        )  # fmt: skip

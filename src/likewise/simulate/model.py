"""A fitted simulator: parameters, how well they meet the facts, and tables on demand."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from likewise.core import artifact
from likewise.core.artifact import storable
from likewise.core.atomic import Put, replacing
from likewise.core.errors import ConfigError, FormatError
from likewise.core.params import build
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.simulate import SIMULATORS
from likewise.simulate.calibrate import Calibration, calibrate
from likewise.simulate.dynamics import Data, Dynamics
from likewise.simulate.engine import simulate as simulated
from likewise.simulate.posterior import Posterior, abc_smc
from likewise.simulate.trajectory import Trajectory


@storable
@dataclass(frozen=True)
class KeptSimulator:
    """A fitted simulator as it is stored: no code, only the name of its class.

    Attributes:
        name: registered, or of the class.
        parameters: its settings.
        steps: how long it was fitted for, and runs by default.
        calibration: how the parameters were found; None where nothing was calibrated.
        posterior: which others could have given the facts; None where nobody asked.
    """

    name: str
    parameters: dict[str, Any]
    steps: int
    calibration: Calibration | None
    posterior: Posterior | None


@dataclass(frozen=True)
class SimulatorModel:
    """A simulator with its parameters found: ``sample`` gives a database of tables.

    Attributes:
        simulator: with the parameters that were found.
        steps: how long it was fitted for, and runs by default.
        calibration: how they were found; None where nothing was calibrated.
        posterior: which others could have given the facts; None where nobody asked.
    """

    simulator: Dynamics
    steps: int
    calibration: Calibration | None = None
    posterior: Posterior | None = None

    def sample(
        self,
        steps: int | None = None,
        *,
        seed: Seed | int | None = None,
        scenario: Mapping[str, Any] | None = None,
        uncertain: bool = False,
        run: Run | None = None,
    ) -> Database:
        """Simulate, and give all tables with their keys and references.

        Args:
            steps: how long; by default as it was fitted.
            seed: the same seed gives the same tables.
            scenario: parameters that are to be otherwise: what if?
            uncertain: draw the parameters from the posterior, by the seed.
            run: circumstances.

        Raises:
            ConfigError: a scenario that cannot be, or no posterior to draw from.
        """
        return self.run(
            steps, seed=seed, scenario=scenario, uncertain=uncertain, run=run
        ).database()

    def run(
        self,
        steps: int | None = None,
        *,
        seed: Seed | int | None = None,
        scenario: Mapping[str, Any] | None = None,
        uncertain: bool = False,
        run: Run | None = None,
        **settings: Any,
    ) -> Trajectory:
        """As ``sample``, but the whole trajectory; further settings are those of ``simulate``."""
        root = Seed.of(seed)
        changes: dict[str, Any] = {}
        if uncertain:
            if self.posterior is None:
                raise ConfigError("uncertain", "there is no posterior", "Fit with posterior=True")
            changes = dict(self.posterior.draw(root))
        simulator = _changed(self.simulator, {**changes, **(scenario or {})}, "scenario")
        length = self.steps if steps is None else steps
        return simulated(simulator, length, seed=root, run=run or Run(), **settings)

    def save(self, path: str | Path, *, put: Put = replacing) -> None:
        """Write parameters and what led to them; the file holds no code."""
        settings = self.simulator.model_dump(mode="json")
        name = name_of(type(self.simulator))
        kept = KeptSimulator(name, settings, self.steps, self.calibration, self.posterior)
        artifact.save(kept, path, put=put)


def name_of(simulator: type[Dynamics]) -> str:
    """Its registered name, else the name of its class."""
    target = f"{simulator.__module__}:{simulator.__qualname__}"
    known = {entry.target: name for name, entry in SIMULATORS.entries.items()}
    return known.get(target, simulator.__name__)


def load_simulator(path: str | Path, kind: type[Dynamics] | None = None) -> SimulatorModel:
    """Read what ``SimulatorModel.save`` wrote.

    Args:
        path: the file.
        kind: the class of a simulator of one's own; those of the package are known.

    Raises:
        FormatError: the file holds something else.
        ConfigError: the class is not known, or another one.
    """
    kept = artifact.load(path)
    if not isinstance(kept, KeptSimulator):
        raise FormatError(str(path), "holds no simulator", "Give a file of a simulator's model")
    if kind is None and kept.name not in SIMULATORS:
        found = f"a model of {kept.name}, which does not come with the package"
        raise ConfigError(str(path), found, "Give its class as the second argument")
    found_kind = kind or SIMULATORS.load(kept.name)
    if name_of(found_kind) != kept.name:
        found = f"a model of {kept.name}, not of {name_of(found_kind)}"
        raise ConfigError(str(path), found, "Give the class that was fitted")
    simulator = build(found_kind, kept.parameters, str(path))
    return SimulatorModel(simulator, kept.steps, kept.calibration, kept.posterior)


def fit_simulator(
    simulator: Dynamics, data: Database | Data | None, *, facts: Mapping[str, float] | None,
    steps: int | None, seed: Seed, run: Run, given: Data | None = None, posterior: bool = False,
    **settings: Any,
) -> SimulatorModel:  # fmt: skip
    """See ``Simulator.fit``; with ``posterior`` also what ``abc_smc`` finds within the bounds."""
    length = simulator.default_steps if steps is None else steps
    tables = _tables(data)
    target = dict(facts or {})
    bounds = dict(simulator.bounds)
    if tables is not None:
        estimated = simulator.estimate(tables)
        simulator = _changed(simulator, estimated, "estimate")
        bounds = {name: pair for name, pair in bounds.items() if name not in estimated}
        if bounds:
            target = {**simulator.facts(tables), **target}
    told = simulator.published(facts) if facts else {}
    simulator = _changed(simulator, told, "facts")
    if not target or not bounds:
        if facts and not told:
            lack = f"{type(simulator).__name__} has no bounds within which to calibrate"
            raise ConfigError("facts", lack, "Give them to its class variable bounds")
        return SimulatorModel(simulator, length)

    def simulate(parameters: Mapping[str, float], one: Seed) -> Mapping[str, float]:
        changed = _changed(simulator, _whole(simulator, parameters), "calibrate")
        made = simulated(changed, length, seed=one, run=Run(), check="never", given=given)
        found = changed.facts(plain(made.tables()))
        lacking = dict.fromkeys((set(target) & set(simulator.bands)) - set(found), math.nan)
        return {**found, **lacking}  # such as a jam's density where none formed: hopeless

    weights = None if tables is None else simulator.weights(tables)
    if weights is not None and set(target) <= set(weights.names):
        settings.setdefault("weights", weights)
    found = calibrate(simulate, target, bounds, seed=seed, run=run, **settings)
    best = _changed(simulator, _whole(simulator, found.parameters), "calibrate")
    drawn = None
    if posterior:
        asked = seed.child("posterior")
        drawn = abc_smc(simulate, target, bounds, errors=found.errors, seed=asked, run=run)
    return SimulatorModel(best, length, found, drawn)


def _whole(simulator: Dynamics, parameters: Mapping[str, float]) -> dict[str, float]:
    """Parameters whose field counts are rounded."""
    settings = simulator.model_dump()
    return {
        name: round(value) if type(settings.get(name)) is int else value
        for name, value in parameters.items()
    }


def _changed(simulator: Dynamics, changes: Mapping[str, Any], where: str) -> Dynamics:
    if not changes:
        return simulator
    return build(type(simulator), {**simulator.model_dump(), **changes}, where)


def _tables(data: Database | Data | None) -> Data | None:
    if isinstance(data, Database):
        return {name: data[name].arrow for name in data.names}
    return None if data is None else plain(data)


def plain(tables: Data) -> Data:
    """The tables with labels as texts, so that data and simulations look alike."""
    return {name: _with_texts(table) for name, table in tables.items()}


def _with_texts(table: pa.Table) -> pa.Table:
    for i, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            texts = table.column(i).cast(field.type.value_type)
            table = table.set_column(i, field.name, texts)
    return table

"""A run on disk, between two steps: arrays and JSON, as fitted models are; resuming runs no code.

Law: a run that was cut off and resumed leaves what an uninterrupted one leaves, to the byte.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from likewise.core import artifact
from likewise.core.artifact import storable
from likewise.core.errors import ConfigError, FormatError, SimulationError
from likewise.simulate.events import EventQueue
from likewise.simulate.film import Frame
from likewise.simulate.form import Form
from likewise.simulate.log import Log
from likewise.simulate.population import Population
from likewise.simulate.world import is_storable

if TYPE_CHECKING:
    from likewise.simulate.engine import Simulation

Array = np.ndarray


@storable
@dataclass(frozen=True)
class KeptPopulation:
    """A population: its columns, how many ever lived, and its form."""

    columns: dict[str, Array]
    ever_lived: int
    form: Form


@storable
@dataclass(frozen=True)
class KeptLog:
    """A log: chunks that lie beside the checkpoint, rows that do not yet, and its form."""

    chunks: int
    pending: dict[str, Array]
    form: Form


@storable
@dataclass(frozen=True)
class KeptQueue:
    """An event queue: what waits, as ``EventQueue.state`` gives it."""

    state: dict[str, Array]


@storable
@dataclass(frozen=True)
class Checkpoint:
    """A run between two steps.

    Attributes:
        simulator: name of its class.
        parameters: its settings.
        seed: of the run.
        step: steps done.
        parts: of the world.
        series: what was collected.
        frames: pictures so far.
    """

    simulator: str
    parameters: dict[str, Any]
    seed: int
    step: int
    parts: dict[str, Any]
    series: dict[str, tuple[float, ...]]
    frames: tuple[Frame, ...]


def save(simulation: "Simulation", path: Path) -> None:
    """Write a checkpoint; whole or not at all.

    Raises:
        SimulationError: a part of the world is of a kind that no checkpoint can hold.
    """
    simulator, world = simulation.simulator, simulation.world
    kept = Checkpoint(
        simulator=type(simulator).__name__,
        parameters=simulator.model_dump(mode="json"),
        seed=world.seed.value,
        step=world.step,
        parts={name: _kept(name, part) for name, part in world.parts.items()},
        series={name: tuple(values) for name, values in simulation.series.items()},
        frames=tuple(simulation.frames),
    )
    artifact.save(kept, path)


def restore(simulation: "Simulation", path: Path) -> None:
    """Bring a simulation that has not begun to where the written one was.

    Raises:
        ConfigError: it is a run of another simulator, other parameters, or another seed.
        FormatError: the file is no checkpoint, or damaged.
    """
    kept = artifact.load(path)
    if not isinstance(kept, Checkpoint):
        raise FormatError(str(path), "no checkpoint of a simulation", "Remove it, or name another")
    simulator, world = simulation.simulator, simulation.world
    same = (type(simulator).__name__, world.seed.value)
    settings = json.dumps(simulator.model_dump(mode="json"))  # tuples and lists are alike
    if (kept.simulator, kept.seed) != same or json.dumps(kept.parameters) != settings:
        found = "a checkpoint of another simulator, other parameters or another seed"
        raise ConfigError(str(path), found, "Give those it was begun with, or remove it")
    world.__dict__["step"] = kept.step
    for name, part in kept.parts.items():
        world.__dict__["parts"][name] = _restored(part)
    simulation.series.update({name: list(values) for name, values in kept.series.items()})
    simulation.frames += kept.frames


def _kept(name: str, part: Any) -> Any:
    if not is_storable(part):
        found = f"a {type(part).__name__}, which no checkpoint can hold"
        hint = "Keep arrays, numbers, populations, logs, queues, grids and graphs in the world"
        raise SimulationError(f"world.{name}", found, hint)
    if isinstance(part, Population):
        columns = {column: values.copy() for column, values in part.columns.items()}
        return KeptPopulation(columns, part.ever_lived, part.form)
    if isinstance(part, Log):
        return KeptLog(part.chunks, part.pending(), part.form)
    return KeptQueue(part.state()) if isinstance(part, EventQueue) else part


def _restored(part: Any) -> Any:
    if isinstance(part, KeptPopulation):
        return Population.restore(part.columns, part.ever_lived, part.form)
    if isinstance(part, KeptLog):
        return Log.restore(part.chunks, part.pending, part.form)
    if isinstance(part, KeptQueue):
        return EventQueue.restore(part.state)
    return part.copy() if isinstance(part, np.ndarray) else part  # what was loaded is read-only

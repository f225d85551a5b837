"""The world of a simulation: all that changes from step to step, under names of one's choice."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.core.registry import suggest
from likewise.core.seeds import Seed
from likewise.simulate.draws import Draws
from likewise.simulate.events import EventQueue
from likewise.simulate.log import Log
from likewise.simulate.population import Population

Array = np.ndarray


class World:
    """Populations, logs, event queues, spaces, graphs, arrays and numbers, as attributes.

    ``world.sheep = Population(60, energy=4.0)`` in ``setup`` is ``world.sheep`` in every rule.
    What is put here is all that a checkpoint holds, so a rule must keep nothing elsewhere.

    Attributes:
        step: steps done; 0 in ``setup``, n while the n-th step is taken.
        seed: of the whole run.
        given: tables of populations that somebody hands in, for ``setup`` to take.
    """

    def __init__(self, seed: Seed, given: Mapping[str, pa.Table] | None = None) -> None:
        self.__dict__.update(seed=seed, step=0, parts={}, given=dict(given or {}))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__ or hasattr(World, name):
            raise ConfigError(f"world.{name}", "a name of the world's own", "Choose another name")
        self.__dict__["parts"][name] = value

    def __getattr__(self, name: str) -> Any:
        parts = self.__dict__.get("parts", {})
        if name in parts:
            return parts[name]
        if name.startswith("__"):
            raise AttributeError(name)
        hint = suggest(name, list(parts)) if parts else "Set it in setup"
        raise ConfigError(f"world.{name}", "nothing of that name", hint)

    @property
    def populations(self) -> dict[str, Population]:
        """The populations by name, in the order in which they were set."""
        return self._of(Population)

    @property
    def logs(self) -> dict[str, Log]:
        """The logs by name."""
        return self._of(Log)

    def draws(self, *names: str | int) -> Draws:
        """The random numbers of a piece of work; the same names give the same numbers."""
        seed: Seed = self.__dict__["seed"]
        return Draws(seed, names)

    def _of(self, kind: type) -> dict[str, Any]:
        return {name: part for name, part in self.parts.items() if isinstance(part, kind)}


def is_storable(part: Any) -> bool:
    """Whether a checkpoint can hold a part of the world."""
    if dataclasses.is_dataclass(part):
        return "__storable__" in type(part).__dict__
    kinds = (Population, Log, EventQueue, np.ndarray, np.generic, bool, int, float, str)
    return isinstance(part, kinds)

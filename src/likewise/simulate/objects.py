"""Agents that are objects, for small models and for those written for Mesa.

A world holds any object, so ``world.traders = [Trader() for _ in range(50)]`` in ``setup`` and a
rule that calls their methods in a random order make a simulation whose numbers, logs and tables
are collected like those of arrays. It is 10 to 1000 times slower, and cannot be checkpointed.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import create_model

from likewise.core.errors import ConfigError, SimulationError
from likewise.simulate.draws import Draws
from likewise.simulate.form import Form
from likewise.simulate.population import Population
from likewise.simulate.rules import rule
from likewise.simulate.simulator import Simulator
from likewise.simulate.world import World

Collect = Mapping[str, Callable[[Any], float]]


def population_of(
    agents: Iterable[Any], columns: Sequence[str], *, form: Form | None = None, key: str = ""
) -> Population:
    """A population with an agent for each object, so that it becomes a table.

    Args:
        agents: the objects.
        columns: names of attributes that are numbers or booleans.
        form: what the table looks like.
        key: the attribute that is a whole number of each agent's own; by default they are counted.
    """
    listed = list(agents)
    made: dict[str, np.ndarray] = {}
    ids = [getattr(agent, key) for agent in listed] if key else range(len(listed))
    made["id"] = np.array(ids, np.int64)
    for name in columns:
        values = np.array([getattr(agent, name) for agent in listed] or np.empty(0))
        if values.dtype.kind not in "biuf":
            found = "holds something else than numbers"
            raise ConfigError(f"attribute {name!r}", found, "Name attributes that are numbers")
        made[name] = values
    made["alive"] = np.ones(len(listed), bool)
    most = int(made["id"].max(initial=-1)) + 1
    return Population.restore(made, most, form or Form())


class MesaSimulator(Simulator):
    """A model written for Mesa 3 as a simulator; made by ``from_mesa``, which adds its settings."""

    def setup(self, world: World, draws: Draws) -> None:
        """The model as Mesa makes it, with a seed of this run."""
        taken = inspect.signature(type(self).mesa_model()).parameters
        seed = int(draws.generator().integers(2**31))
        name = next((name for name in ("seed", "rng") if name in taken), "seed")
        world.model = type(self).mesa_model()(**{**dict(self), name: seed})

    @classmethod
    def mesa_model(cls) -> Any:
        """The class of the model."""
        raise NotImplementedError

    @classmethod
    def mesa_tables(cls) -> Mapping[str, tuple[type, Sequence[str]]]:
        """Tables: a class of agents and its columns, by name."""
        return {}

    @classmethod
    def mesa_collect(cls) -> Collect | None:
        """Numbers of each step; None takes those of the model's own data collector."""
        return None

    @rule()
    def step(self, world: World, draws: Draws) -> None:
        """The model's own step."""
        world.model.step()

    def collect(self, world: World) -> Mapping[str, float]:
        """What was asked for, else the newest numbers of the model's data collector."""
        asked = type(self).mesa_collect()
        if asked is not None:
            return {name: value(world.model) for name, value in asked.items()}
        collector = getattr(world.model, "datacollector", None)
        kept = {} if collector is None else collector.model_vars
        newest = {name: values[-1] for name, values in kept.items() if values}
        return {n: float(v) for n, v in newest.items() if isinstance(v, int | float | np.number)}

    def done(self, world: World) -> bool:
        """The model says that it does not run any more."""
        return not getattr(world.model, "running", True)

    def finish(self, world: World) -> None:
        """The agents as tables."""
        for name, (kind, columns) in type(self).mesa_tables().items():
            agents = [agent for agent in world.model.agents if isinstance(agent, kind)]
            form = Form(key="unique_id")
            setattr(world, name, population_of(agents, columns, form=form, key="unique_id"))


def from_mesa(
    model: type,
    *,
    collect: Collect | None = None,
    tables: Mapping[str, tuple[type, Sequence[str]]] | None = None,
) -> type[MesaSimulator]:
    """A simulator class whose settings are the arguments of a Mesa model.

    Args:
        model: a ``mesa.Model`` of Mesa 3, whose ``__init__`` takes ``seed`` or ``rng``.
        collect: numbers of each step, each a function of the model; by default those of its
            ``datacollector``.
        tables: what becomes a table at the end: a class of agents, and the names of its
            attributes that are numbers.

    Raises:
        ConfigError: the model takes no seed, or its ``__init__`` takes arguments without a name.
    """
    fields: dict[str, Any] = {}
    seeded = False
    for name, part in inspect.signature(model).parameters.items():
        if name in ("seed", "rng") or part.kind is part.VAR_KEYWORD:
            seeded = True
        elif part.kind is part.VAR_POSITIONAL or hasattr(Simulator, name):
            found = f"its argument {name!r} cannot be a setting"
            raise ConfigError(f"model {model.__name__}", found, "Rename it")
        else:
            fields[name] = (Any, ... if part.default is part.empty else part.default)
    if not seeded:
        hint = "Let __init__ take seed and hand it to Model"
        raise ConfigError(f"model {model.__name__}", "takes no seed", hint)
    if not hasattr(model, "step"):
        raise SimulationError(f"model {model.__name__}", "has no step", "Give a Mesa model")
    made = create_model(model.__name__, __base__=MesaSimulator, __module__=__name__, **fields)
    made.mesa_model = classmethod(lambda _: model)  # type: ignore[method-assign, assignment]
    made.mesa_collect = classmethod(lambda _: collect)  # type: ignore[method-assign, assignment]
    made.mesa_tables = classmethod(lambda _: tables or {})  # type: ignore[method-assign, assignment]
    return made

"""A simulation as one frozen value, built by the command line and by a plan file alike."""

import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from likewise.core.errors import ConfigError
from likewise.core.params import build
from likewise.core.plain import read_plain
from likewise.core.registry import suggest
from likewise.simulate.address import find_simulator
from likewise.simulate.model import load_simulator
from likewise.simulate.simulator import Simulator

FORMATS = ("parquet", "csv")
LONGEST, MOST_STEPS = 1e9, 10**15  # days and steps, far beyond what anybody waits for
KEY = "simulate"  # the field that makes a plan file one of a simulation
_MODEL = ".model"


class PopulationPlan(BaseModel):
    """Where the agents of a population come from, instead of being made up.

    Attributes:
        learn: a table to learn, from which as many rows are drawn as there are agents.
        real: a table whose rows are the agents as they are, which protects nobody in it.
        generator: the method that learns.
        settings: its settings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    learn: str | None = None
    real: str | None = None
    generator: str = "trees"
    settings: dict[str, Any] = {}

    @model_validator(mode="after")
    def _one(self) -> "PopulationPlan":
        if (self.learn is None) == (self.real is None):
            hint = "Name a table, with learn or with real"
            raise ConfigError("population", "needs one table", hint)
        return self


class SimulationPlan(BaseModel):
    """Everything a simulation needs to be done again.

    Attributes:
        simulate: a registered name, ``FILE.py``, ``FILE.py:Class``, or ``FILE.model``.
        model: a fitted model, for a simulator of one's own that ``simulate`` names.
        settings: of the simulator, where they differ from its defaults or the model's.
        steps: how long; None for the simulator's default, or as long as the model was fitted.
        days: how long instead, where the simulator counts days.
        seed: drawn when None.
        output: the folder of all files.
        replicates: runs, each with a seed of its own.
        workers: processes, when there are replicates; None for all cores.
        format: of the tables, parquet or csv; event logs are Parquet always.
        page: whether to write a page with the numbers of each step and the animation.
        film_every: steps between two frames; None for about 200 frames in all.
        checkpoint: leave the state beside the folder, and go on from it if it is there.
        fit: a folder or file of tables, or a file of numbers, that the simulator is fitted to.
        evaluations: parameter vectors that a fit may try.
        real: tables whose facts are shown beside; those of ``fit`` by default.
        facts: whether to compute facts; None does so up to 5 million rows.
        population: where agents come from, for a simulator with one population to give.
        populations: the same by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: Literal[1] = 1
    simulate: str
    model: str | None = None
    settings: dict[str, Any] = {}
    steps: Annotated[int, Field(ge=0, le=MOST_STEPS)] | None = None
    days: Annotated[float, Field(ge=0, le=LONGEST)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = None
    output: str = "simulation"
    replicates: Annotated[int, Field(ge=1)] = 1
    workers: Annotated[int, Field(ge=1)] | None = None
    format: Literal["parquet", "csv"] = "parquet"
    page: bool = True
    film_every: Annotated[int, Field(ge=1)] | None = None
    checkpoint: bool = False
    fit: str | None = None
    evaluations: Annotated[int, Field(ge=1)] = 200
    real: str | None = None
    facts: bool | None = None
    population: PopulationPlan | None = None
    populations: dict[str, PopulationPlan] = {}

    @property
    def agents(self) -> dict[str, Any]:
        """Where agents come from, by population, for the record of a run."""
        alone = {} if self.population is None else {"": self.population}
        named = {**alone, **self.populations}
        return {name: one.model_dump(exclude_none=True) for name, one in named.items()}

    def placed(self, folder: Path) -> "SimulationPlan":
        """The plan with paths taken from the folder of its file."""

        def at(path: str | None) -> str | None:
            return None if path is None else str(folder / path)

        def moved(one: PopulationPlan) -> PopulationPlan:
            return one.model_copy(update={"learn": at(one.learn), "real": at(one.real)})

        named = ("model", "output", "fit", "real")
        update: dict[str, Any] = {name: at(getattr(self, name)) for name in named}
        if self.simulate.partition(":")[0].endswith((".py", _MODEL)):
            update["simulate"] = at(self.simulate)
        if self.population is not None:
            update["population"] = moved(self.population)
        update["populations"] = {name: moved(one) for name, one in self.populations.items()}
        return self.model_copy(update=update)


def is_simulation(path: str | Path) -> bool:
    """Whether a plan file is one of a simulation; ConfigError if it cannot be read."""
    plain = read_plain(path, ConfigError)
    return isinstance(plain, dict) and KEY in plain


def read_simulation_plan(path: str | Path, *, seed: int | None = None) -> SimulationPlan:
    """A plan from its file; paths in it are taken from the file's folder.

    Raises:
        ConfigError: the file cannot be read, or the first thing that is wrong in it.
    """
    plain = dict(read_plain(path, ConfigError))
    for name in plain:
        if name not in SimulationPlan.model_fields:
            hint = suggest(str(name), dict(SimulationPlan.model_fields))
            raise ConfigError(f"{path}, {name!r}", "no such field", hint)
    if seed is not None:
        plain["seed"] = seed
    return plan_of(str(path), **plain).placed(Path(path).parent)


def plan_of(file: str, /, **fields: Any) -> SimulationPlan:
    """A plan of fields from a file, or from the command line where ``file`` is empty.

    Raises:
        ConfigError: the first field that cannot be as it is.
    """
    try:
        return SimulationPlan(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        place = f"{file}, {field!r}" if file else f"--{field}"
        hint = "The how-to on simulations shows a working example"
        raise ConfigError(place, str(first["msg"]), hint) from None


def recipe_of(plan: SimulationPlan) -> tuple[Simulator, int]:
    """The simulator that is wanted, with its settings, and how many steps it runs.

    Raises:
        ConfigError: a setting, a name or a length that cannot be.
        FormatError: the file of the model holds none.
    """
    is_model = plan.simulate.endswith(_MODEL)
    file = plan.simulate if is_model else plan.model
    kind = None if is_model else find_simulator(plan.simulate)
    if file is None:
        assert kind is not None
        simulator = build(kind, plan.settings, "--set")
        return simulator, steps_of(simulator, plan.steps, plan.days, simulator.default_steps)
    model = load_simulator(file, kind)
    settings = {**model.simulator.model_dump(), **plan.settings}
    made = build(type(model.simulator), settings, "--set")
    assert isinstance(made, Simulator)
    return made, steps_of(made, plan.steps, plan.days, model.steps)


def steps_of(simulator: Simulator, steps: int | None, days: float | None, default: int) -> int:
    """How many steps are wanted; ConfigError for two lengths, or days of no length."""
    if days is None:
        return default if steps is None else steps
    if steps is not None:
        raise ConfigError("--days", "beside --steps", "Give one of them")
    if simulator.steps_per_day is None:
        found = f"{type(simulator).__name__} has steps of no length"
        raise ConfigError("--days", found, "Give --steps")
    return math.ceil(round(days * simulator.steps_per_day, 6))  # a begun step is a whole one

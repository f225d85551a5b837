"""Fit a simulator to tables or to published numbers, and judge the fit on seeds it did not see."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from likewise.core.atomic import together
from likewise.core.errors import ConfigError, DataError
from likewise.core.plain import read_plain
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.jobs.clock import Clock
from likewise.jobs.simulation_facts import is_tables, lacking, read_tables
from likewise.jobs.simulation_plan import SimulationPlan, recipe_of
from likewise.jobs.simulation_populations import populations_of
from likewise.simulate.calibrate import Calibration, Weights
from likewise.simulate.facts import assumed_errors
from likewise.simulate.model import SimulatorModel, name_of, plain
from likewise.simulate.simulator import Simulator

Array = np.ndarray
NEAR = 2.0  # standard errors within which a fact is met


@dataclass(frozen=True)
class Met:
    """A fact that was wanted, and what simulations with new seeds give.

    Attributes:
        name: as the simulator calls it.
        wanted: by the data or the published numbers.
        simulated: mean over the new seeds that show it; None if none does.
        spread: standard deviation over them; None of one.
        standard_error: of what was wanted.
        met: share of the new seeds within 2 standard errors.
    """

    name: str
    wanted: float
    simulated: float | None
    spread: float | None
    standard_error: float
    met: float


@dataclass(frozen=True)
class Calibrated:
    """What a calibration gave.

    Attributes:
        simulator: its name.
        seed: of all.
        parameters: all settings of the fitted simulator.
        calibrated: those that were searched, and what they came to.
        misfit: J of the best ones, on the seeds of the search; None where nothing was searched.
        evaluations: parameter vectors that were tried.
        trials: new seeds.
        facts: wanted and simulated.
        files: paths by role.
        seconds: wall time by stage.
    """

    simulator: str
    seed: int
    parameters: dict[str, Any]
    calibrated: dict[str, float]
    misfit: float | None
    evaluations: int
    trials: int
    facts: tuple[Met, ...]
    files: dict[str, str]
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``."""
        return {"version": 1, **asdict(self)}


def run(
    plan: SimulationPlan, *, trials: int = 10, budget: float | None = None, replicates: int = 1,
    method: str = "differential_evolution", posterior: bool = False, progress: Progress = silent,
) -> Calibrated:  # fmt: skip
    """Fit ``plan.simulate`` to ``plan.fit``, judge on new seeds, write the model.

    Args:
        plan: its ``output`` is the file of the model; what was met lies beside it as JSON.
        trials: new seeds to judge on.
        budget: seconds for the search.
        replicates: simulations that are averaged for each vector of parameters.
        method: of the search.
        posterior: also look for all parameters that could have given the facts.
        progress: told of every step.
    """
    assert plan.fit is not None
    clock = Clock()
    simulator, steps = recipe_of(plan)
    seed, output = Seed.of(plan.seed), Path(plan.output)
    _refuse_place(output)
    given = populations_of(plan, simulator, seed, progress)
    limited = Run(progress, Deadline(math.inf if budget is None else budget))
    with clock.stage("fit", progress):
        model = fit_to(
            simulator, Path(plan.fit), steps=steps, seed=seed, run=limited, given=given,
            evaluations=plan.evaluations, replicates=replicates, method=method,
            posterior=posterior,
        )  # fmt: skip
    with clock.stage("judge", progress):
        facts = _judged(model, given, seed, trials, progress)
    found = model.calibration
    files = {"model": str(output), "fit": str(output.with_suffix(".fit.json"))}
    made = Calibrated(
        name_of(type(simulator)), seed.value, model.simulator.model_dump(mode="json"),
        {} if found is None else found.parameters, None if found is None else found.misfit,
        0 if found is None else found.evaluations, trials, facts, files, clock.total(),
    )  # fmt: skip
    said = {k: v for k, v in made.as_json().items() if k not in ("files", "seconds")}
    with together() as put:
        model.save(output, put=put)
        with put(Path(files["fit"])) as part:
            part.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    return made


def _judged(
    model: SimulatorModel, given: Mapping[str, pa.Table], seed: Seed, trials: int,
    progress: Progress,
) -> tuple[Met, ...]:  # fmt: skip
    """The wanted facts beside those of simulations that the search has not seen."""
    found = model.calibration
    if found is None or not trials:
        return ()
    rows: list[list[float]] = []
    for trial in range(trials):
        made = model.run(seed=seed.child("trial", trial), given=given, check="never")
        facts = model.simulator.facts(plain(made.tables()))
        rows.append([facts.get(name, math.nan) for name in found.target])
        progress("judge", trial + 1, trials)
    values: Array = np.array(rows, float)
    return tuple(
        _met(name, wanted, found.errors[name], column)
        for (name, wanted), column in zip(found.target.items(), values.T, strict=True)
    )  # fmt: skip


def _met(name: str, wanted: float, error: float, values: Array) -> Met:
    """A wanted fact beside its values in the trials; one that lacks it, NaN, does not meet it."""
    known = values[np.isfinite(values)]
    return Met(
        name, wanted, float(known.mean()) if len(known) else None,
        float(known.std(ddof=1)) if len(known) > 1 else None, error,
        float(np.mean(abs(values - wanted) <= NEAR * error)),
    )  # fmt: skip


def _refuse_place(output: Path) -> None:
    if output.is_dir():
        raise DataError(str(output), "is a folder", "Give the path of a file with -o")
    if output.suffix != ".model":
        hint = "Give a name that ends in .model, so that simulate knows it"
        raise ConfigError("-o", f"{output.name!r}", hint)
    if not output.parent.is_dir():
        raise DataError(str(output), "its folder does not exist", "Make it, or choose another")


def fit_to(
    simulator: Simulator, path: Path, *, steps: int, seed: Seed, run: Run,
    given: Mapping[str, pa.Table], **settings: Any,
) -> SimulatorModel:  # fmt: skip
    """Fit to what lies at ``path``: tables, or a YAML or JSON file of numbers.

    Raises:
        DataError: nothing can be read there.
        ConfigError: the file holds something else than numbers by name, or the simulator has
            nothing to calibrate, or not these facts, or comes nowhere near one of the numbers.
    """
    tables = read_tables(path) if is_tables(path) else None
    facts, errors = (None, {}) if tables is not None else _numbers(path)
    if facts is not None and errors:
        settings["weights"] = _weights({**assumed_errors(facts), **errors})
    asked = seed.child("fit")
    try:
        model = simulator.fit(
            tables, facts=facts, steps=steps, seed=asked, run=run, given=given, **settings
        )
    except KeyError as error:
        raise lacking(simulator, path, error) from None
    if model.calibration is None and model.simulator == simulator:
        found = f"{type(simulator).__name__} says of nothing how it follows from data"
        hint = "Write its methods estimate or facts, and its bounds"
        raise ConfigError("--fit", found, hint)
    if facts is not None and model.calibration is not None:
        _refuse_unreachable(path, model.calibration)
    return model


def _refuse_unreachable(path: Path, found: Calibration) -> None:
    """Published numbers that no parameters come near to are a mistake in one or the other."""
    for name in found.unreachable:
        low, high = found.reached[name]
        said = f"wanted to be {found.target[name]:g}, but simulations gave {low:.4g} to {high:.4g}"
        hint = "Mend or leave out the number, or change other settings with --set"
        raise ConfigError(f"{path}, fact {name!r}", said, hint)


def write_fit(model: SimulatorModel, folder: Path) -> dict[str, str]:
    """Write the model, and what was met and missed as JSON; the files by role."""
    files = {"model": folder / "fit.model", "fit": folder / "fit.json"}
    with together() as put:
        model.save(files["model"], put=put)
        with put(files["fit"]) as part:
            said = {"version": 1, "parameters": model.simulator.model_dump(mode="json")}
            found = {} if model.calibration is None else _told(model.calibration)
            part.write_text(json.dumps({**said, **found}, indent=2) + "\n", encoding="utf-8")
    return {role: str(path) for role, path in files.items()}


def _told(found: Calibration) -> dict[str, object]:
    facts = {
        name: {
            "wanted": wanted,
            "simulated": found.facts[name],
            "standard_error": found.errors[name],
            "missed": name in found.missed,
        }
        for name, wanted in found.target.items()
    }
    misfit = {"misfit": found.misfit, "evaluations": found.evaluations}
    return {"calibrated": found.parameters, **misfit, "facts": facts}


def _weights(errors: Mapping[str, float]) -> Weights:
    return Weights(tuple(errors), np.diag(np.array(list(errors.values())) ** 2))


def _numbers(path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The wanted facts by name, and standard errors where the file states them."""
    plain = read_plain(path, DataError)
    lines = {str(name): value for name, value in plain.items()} if isinstance(plain, dict) else {}
    full = {n: v for n, v in lines.items() if isinstance(v, dict) and set(v) == {"wanted", "error"}}
    facts = {n: full[n]["wanted"] if n in full else value for n, value in lines.items()}
    errors = {name: value["error"] for name, value in full.items()}
    if not facts or not all(map(_is_number, [*facts.values(), *errors.values()])):
        hint = "Write lines such as attacked: 0.4, or attacked: {wanted: 0.4, error: 0.02}"
        raise ConfigError(str(path), "no list of numbers by name", hint)
    for name, error in errors.items():
        if not 0 < error < math.inf:
            found = f"an error of {error:g}"
            raise ConfigError(f"{path}, fact {name!r}", found, "Give one above 0")
    return {n: float(v) for n, v in facts.items()}, {n: float(v) for n, v in errors.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

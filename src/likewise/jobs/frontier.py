"""A sweep over methods and their privacy dials: what each setting gives, and what it gives away.

One fixed split serves all trials: some rows to learn, the others to judge by and to attack beside.
Because the recommended trial is the best of many on the same rows, its own numbers flatter it a
little; judge it once more on rows that took no part before anything depends on them.
"""

import hashlib
import importlib.metadata
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import likewise
from likewise.core.errors import ConfigError, DataError
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.registry import suggest
from likewise.data.schema import Schema
from likewise.generators import GENERATORS
from likewise.io.read import hash_file, read_raw
from likewise.jobs import trial as trying
from likewise.jobs.plan import STREAM, Plan, beside, check_writable, make_plan, refuse_overwriting
from likewise.jobs.proposals import key_of, proposals, refuse_without_optuna
from likewise.jobs.trials_file import read_trials, refuse_other_sweep, write_trials
from likewise.jobs.understand import refuse_formulas, rules_of, split, understand
from likewise.report.frontier import Frontier, Origin, Trial
from likewise.report.frontier_page import write_page
from likewise.report.pareto import pareto, recommend

GENERATORS_TRIED = ("trees", "bayesnet", "copula", "independent")  # quick ones
BUDGET = 600.0  # seconds for the sweep, when neither a budget nor a number of trials is given
LEARNING = 60.0  # for learning in one trial, at most
PACKAGES = ("optuna", "numpy", "pyarrow", "scikit-learn", "scipy", "numba")

Told = Callable[[Trial], None]


@dataclass(frozen=True)
class Sweep:
    """What is wanted.

    Attributes:
        input: path of the real table.
        generators: methods to try, in this order; None for the quick ones, or those of the file.
        target: the column whose prediction is the utility; None for those others predict best.
        declared: column kinds and rules that stand above what is found.
        seed: of everything; None draws one, or takes that of the file.
        budget: seconds; no trial begins that would hardly end in time. None: no limit with
            ``trials``, else ten minutes.
        trials: how many in all, those in the file included; None for as many as there is time for.
        workers: threads, None for all cores; no result depends on it.
        output: path of the trials; None for ``STEM.frontier.jsonl`` beside the input.
        page: whether to write a page beside the trials.
        resume: go on from the file of an earlier run.
    """

    input: str
    generators: tuple[str, ...] | None = None
    target: str | None = None
    declared: Schema | None = None
    seed: int | None = None
    budget: float | None = None
    trials: int | None = None
    workers: int | None = None
    output: str | None = None
    page: bool = True
    resume: bool = False

    @property
    def files(self) -> dict[str, Path]:
        """What will be written, by role."""
        trials = Path(self.output or beside(self.input, ".frontier.jsonl"))
        return {"trials": trials} | ({"page": trials.with_suffix(".html")} if self.page else {})


def run(sweep: Sweep, progress: Progress = silent, told: Told | None = None) -> Frontier:
    """Try until the budget or the number of trials is used up; each trial is kept as it ends."""
    begin = Deadline(sweep.budget or (float("inf") if sweep.trials else BUDGET))
    _refuse(sweep)
    refuse_without_optuna()
    path = sweep.files["trials"]
    past, trials = read_trials(path) if sweep.resume else (None, [])
    sweep = sweep if past is None else _as_before(sweep, past)
    bench, origin = _prepared(sweep, past, progress)
    if past is not None:
        refuse_other_sweep(past, origin)
        origin = past  # so that all lines of a file agree, whatever versions go on with it
    try:
        ended = _try_all(sweep, bench, origin, trials, begin, progress, told)
    except KeyboardInterrupt:
        if not trials:
            raise
        count = f"{len(trials)} {'trial' if len(trials) == 1 else 'trials'}"
        left = f"cancelled; {path} holds {count}. Go on with: the same words and --resume"
        raise KeyboardInterrupt(left) from None
    open_ones = pareto(trials)
    recommended, reason = recommend(trials, open_ones)
    found = Frontier(
        origin=origin,
        trials=tuple(trials),
        pareto=open_ones,
        recommended=recommended,
        reason=reason,
        ended=ended,
        files={role: str(file) for role, file in sweep.files.items()},
        seconds=round(time.monotonic() - begin.start, 3),
    )
    if sweep.page:
        write_page(found, sweep.files["page"])
    return found


def _try_all(
    sweep: Sweep,
    bench: trying.Bench,
    origin: Origin,
    trials: list[Trial],
    deadline: Deadline,
    progress: Progress,
    told: Told | None,
) -> str:
    """Add to ``trials`` and their file until something ends the sweep; what did."""
    known = {key_of(trial.generator, trial.settings): trial for trial in trials}
    flow = proposals(
        origin.generators, bench.train.rows, origin.seed, lambda ask: known.get(key_of(*ask))
    )
    for generator, settings in flow:
        key = key_of(generator, settings)
        if key in known:
            continue
        if sweep.trials is not None and len(trials) >= sweep.trials:
            return f"{sweep.trials} trials were wanted"
        if deadline.left < _expected(trials, generator):
            return "the time was used up"
        number = len(trials) + 1
        tell = _beneath(progress, f"trial {number}: {generator}", number, sweep.trials)
        tell("", 0, 1)
        known[key] = trying.run(bench, generator, settings, number, tell)
        trials.append(known[key])
        write_trials(sweep.files["trials"], origin, trials)
        if told is not None:
            told(known[key])
    return "no other setting was left to try"


def _expected(trials: list[Trial], generator: str) -> float:
    """Seconds that a trial of this method will take: as long as its last one; 0 if unknown."""
    spent = [sum(t.seconds.values()) for t in trials if t.generator == generator and not t.error]
    return spent[-1] if spent else 0.0


def _beneath(progress: Progress, label: str, number: int, total: int | None) -> Progress:
    """Told of every step of a trial, it shows the trial alone."""

    def tell(stage: str, done: int, total: int) -> None:  # noqa: ARG001
        progress(label, number - 1, whole)

    whole = total or 0
    return tell


def _as_before(sweep: Sweep, past: Origin) -> Sweep:
    """The sweep with what was not said again as it was in the file."""
    return replace(
        sweep,
        seed=past.seed if sweep.seed is None else sweep.seed,
        target=past.target if sweep.target is None else sweep.target,
        generators=sweep.generators or past.generators,
    )


def _prepared(sweep: Sweep, past: Origin | None, progress: Progress) -> tuple[trying.Bench, Origin]:
    """The split that all trials share, and what tells this sweep from others."""
    generators = sweep.generators or GENERATORS_TRIED
    plan = make_plan(
        input=sweep.input,
        target=sweep.target,
        declared=sweep.declared,
        seed=sweep.seed,
        budget=past.budget if past else _learning(sweep, len(generators)),
        workers=sweep.workers,
    )
    progress("read", 0, 1)
    raw = read_raw(sweep.input)
    progress("understand", 0, 1)
    refuse_formulas(raw, sweep.declared)
    table = understand(raw, plan)
    train, holdout, note = split(table, plan)
    if holdout is None:
        raise DataError(sweep.input, note, "Give a table with more rows")
    bench = trying.Bench(plan, table.rows, train, holdout, rules_of(train), table.schema.target)
    return bench, _origin(plan, generators, {"train": train.rows, "holdout": holdout.rows})


def _learning(sweep: Sweep, methods: int) -> float:
    """Seconds for learning in one trial: every method is learned twice in half of the budget."""
    whole = sweep.budget or (float("inf") if sweep.trials else BUDGET)
    return max(float(f"{min(LEARNING, whole / (4 * methods)):.2g}"), 1.0)


def _origin(plan: Plan, generators: tuple[str, ...], rows: dict[str, int]) -> Origin:
    declared = "" if plan.declared is None else plan.declared.model_dump_json()
    return Origin(
        likewise=likewise.__version__,
        python=platform.python_version(),
        packages={name: importlib.metadata.version(name) for name in PACKAGES},
        seed=plan.seed,
        data=Path(plan.input).name,
        data_sha256=hash_file(Path(plan.input)),
        schema_sha256=hashlib.sha256(declared.encode()).hexdigest() if declared else "",
        target=plan.target,
        generators=generators,
        rows=rows,
        budget=plan.budget,
    )


def _refuse(sweep: Sweep) -> None:
    """Fail now, not after minutes of trials."""
    if sweep.input == STREAM:
        found = "standard input cannot be read again by a sweep that is resumed"
        raise ConfigError("INPUT -", found, "Give a file")
    if sweep.budget is not None and sweep.budget <= 0:
        raise ConfigError("--budget", "no time at all", "Give some time, such as 10m")
    names = sweep.generators or ()
    for name in names:
        if name == "auto":
            hint = "Name the methods themselves"
            raise ConfigError("--generators auto", "chooses among methods by itself", hint)
        if name not in GENERATORS:
            hint = suggest(name, list(GENERATORS))
            raise ConfigError(f"--generators {name!r}", "no such generator", hint)
    if len(set(names)) != len(names):
        raise ConfigError("--generators", "one is named twice", "Name each once")
    if sweep.output is not None and Path(sweep.output).suffix != ".jsonl":
        hint = "Give a file that ends in .jsonl; the page lies beside it"
        raise ConfigError(f"-o {sweep.output}", "trials are JSON lines", hint)
    refuse_overwriting(sweep.files.values(), [sweep.input])
    for path in sweep.files.values():
        check_writable(path)
    trials = sweep.files["trials"]
    if trials.exists() and not sweep.resume:
        hint = "Go on from there with --resume, give another file with -o, or remove it"
        raise ConfigError(str(trials), "holds the trials of an earlier sweep", hint)

"""The Python interface: data frames, Arrow tables and paths in, the same kind out."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from likewise.core.errors import ConfigError
from likewise.core.params import Recipe
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.database_schema import TableSchema
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.io.dialect import dialect_for
from likewise.io.frames import to_frame
from likewise.io.write import write_blocks
from likewise.jobs import compare as comparing
from likewise.jobs import evaluate as judging
from likewise.jobs import fit as fitting
from likewise.jobs import frontier as sweeping
from likewise.jobs import given_databases as linked
from likewise.jobs import impute as filling
from likewise.jobs import saved as store
from likewise.jobs.arguments import path_of, refuse_unless, refuse_unless_whole
from likewise.jobs.database_view import DatabaseReportView
from likewise.jobs.events_model import EventsFit
from likewise.jobs.judge import Scope, density_of
from likewise.jobs.methods import recipe_of
from likewise.jobs.model import Model, emptied, raw_of
from likewise.jobs.plan import make_plan
from likewise.jobs.report_view import ReportView, report_of
from likewise.jobs.series_model import SeriesFit
from likewise.jobs.understand import understand
from likewise.report.difference import Difference
from likewise.report.frontier import Frontier

_MODEL = "Give what likewise.fit or likewise.load returns"

P = ParamSpec("P")
R = TypeVar("R", bound=Recipe)


@dataclass(frozen=True)
class Method(Generic[R]):
    """A recipe that can be fitted to data frames as well."""

    recipe: R

    def fit(self, data: Any, **options: Any) -> Model:
        """As ``likewise.fit(data, generator=self, ...)``."""
        return fit(data, generator=self, **options)


def method(recipe: Callable[P, R]) -> Callable[P, Method[R]]:
    """Let a recipe be built as before and fitted to data frames."""

    @functools.wraps(recipe, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def build(*args: P.args, **kwargs: P.kwargs) -> Method[R]:
        return Method(recipe(*args, **kwargs))

    return build


def read(path: str | Path) -> Table:
    """A file as a table with its schema inferred."""
    return understand(raw_of(path), make_plan(seed=0))


def write(data: Any, path: str | Path) -> None:
    """A frame, an Arrow table or a ``Table`` to a file whose suffix names the format."""
    place = path_of(path)
    write_blocks(iter([raw_of(data).table]), place, dialect_for(place))


def infer(data: Any, *, schema: Schema | None = None, target: str | None = None) -> Schema:
    """The schema of a frame or file, with the evidence; ``schema`` stands above what is found."""
    plan = make_plan(declared=schema, target=target, seed=0)
    return understand(raw_of(data), plan).schema


def fit(
    data: Any,
    *,
    generator: str | Recipe | Method[Any] = "auto",
    target: str | None = None,
    schema: Schema | None = None,
    seed: int | Seed | None = None,
    budget: float = 60.0,
    workers: int | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> Model:
    """Learn a table.

    Args:
        data: a pandas, polars or Arrow table, a ``Table``, or a path.
        generator: a method by name, a recipe, or "auto": the one that scores best on held-out rows.
        target: the column that models will be trained to predict.
        schema: column kinds and rules that stand above what is found.
        seed: the same seed gives the same model.
        budget: seconds for learning.
        workers: threads, all cores by default; does not change the model.
        progress: called with stage, done and total.
        settings: of the method, when it is given by name.
    """
    recipe = generator.recipe if isinstance(generator, Method) else generator
    if isinstance(recipe, str):
        recipe = recipe_of(recipe, settings, budget)
    elif not hasattr(recipe, "fit"):
        found = f"a {type(recipe).__name__} is no method"
        raise ConfigError("generator", found, "Give a name, as likewise generators lists them")
    elif settings:
        raise ConfigError("settings", "given beside a recipe", "Put them into the recipe")
    plan = make_plan(
        target=target, declared=schema, seed=seed, budget=budget, workers=workers, holdout=0.0
    )
    raw = raw_of(data)
    fitted = fitting.fit_raw(raw, recipe, plan, progress)
    like = None if isinstance(data, str | Path | Table) else data
    return Model(fitted.saved, None if like is None else emptied(like))


def synthesize(
    data: Any, rows: int | None = None, *, seed: int | Seed | None = None, **options: Any
) -> Any:
    """Fit and sample in one step; ``options`` are those of ``fit``.

    Gives the kind of frame that ``data`` is, and an Arrow table for a path.
    """
    seed = Seed.of(seed)
    return fit(data, seed=seed, **options).sample(rows, seed=seed, workers=options.get("workers"))


def impute(
    data: Any,
    *,
    model: Model | None = None,
    draws: int = 1,
    target: str | None = None,
    schema: Schema | None = None,
    seed: int | Seed | None = None,
    budget: float = 60.0,
    workers: int | None = None,
    progress: Progress = silent,
) -> Any:
    """Fill missing cells by draws given the cells that are there; the rest stays as it is.

    Args:
        data: a pandas, polars or Arrow table, a ``Table``, or a path.
        model: an autoregressive model to draw from, instead of one of ``data`` itself.
        draws: how many tables; several show how sure the filled cells are.
        target: the column that models will be trained to predict.
        schema: column kinds that stand above what is found.
        seed: the same seed fills in the same values.
        budget: seconds for learning.
        workers: threads, all cores by default; does not change the values.
        progress: called with stage, done and total.

    Returns:
        A table of the kind of ``data`` (Arrow for a path), or a list of ``draws`` of them.
    """
    refuse_unless_whole("draws", draws, 1)
    if model is not None:
        refuse_unless(Model, "model", model, _MODEL)
    plan = make_plan(
        target=target, declared=schema, seed=seed, budget=budget, workers=workers, holdout=0.0
    )
    raw = raw_of(data)
    saved = None if model is None else model.saved
    table, inner = filling.table_and_model(raw, plan, saved, progress)
    like = None if isinstance(data, str | Path | Table) else data
    done = [
        to_frame(filling.filled_in(raw, table, inner, plan, draw)[0], like) for draw in range(draws)
    ]
    index = getattr(like, "index", None)
    if index is not None and all(name is None for name in index.names):
        done = [frame.set_index(index) for frame in done]
    return done[0] if draws == 1 else done


def evaluate(
    real: Any,
    synth: Any,
    holdout: Any = None,
    *,
    target: str | None = None,
    schema: Schema | Sequence[TableSchema] | None = None,
    full: bool = False,
    real_cards: bool = False,
    model: Model | None = None,
    seed: int | Seed | None = judging.SEED,
    workers: int | None = None,
) -> ReportView | DatabaseReportView:
    """Judge synthetic rows against real ones; frames or paths, or linked tables.

    Linked tables are a ``Database``, a mapping of names to frames or paths, or a folder's path;
    they take no target, full, real_cards or model, and their report is one on a database.

    Args:
        real: the rows that were learned.
        synth: the rows to judge.
        holdout: real rows that were not learned; with them every score has its floor.
        target: the column that models are trained to predict.
        schema: kinds and rules that stand above what is found; of linked tables, a list of them.
        full: try attacks, and take the scores that need minutes.
        real_cards: show held-out real rows, in coarse form, among the cards of the report.
        model: what made the rows, for an attack that looks into it.
        seed: of the random parts of judging; drawn when None.
        workers: threads, all cores by default.
    """
    same: dict[str, Any] = {"seed": seed, "workers": workers}
    if linked.is_database(real) or linked.is_database(synth):
        linked.refuse(target=target, full=full, real_cards=real_cards, model=model)
        return DatabaseReportView(linked.evaluate(real, synth, holdout, declared=schema, **same))
    raws = raw_of(real, "real"), raw_of(synth, "synthetic")
    held = None if holdout is None else raw_of(holdout, "holdout")
    scope = Scope(full, real_cards, None if model is None else density_of(model.saved.model))
    same |= {"declared": linked.of_one_table(schema), "target": target, "scope": scope}
    return ReportView(judging.evaluate_raw(*raws, held, **same))


def compare(before: Any, after: Any) -> Difference:
    """What got better, what got worse, and what stayed within noise, from one report to another.

    Args:
        before: a report as ``evaluate`` gives it, or the path of a report's JSON twin.
        after: likewise; ``compare(a, b).show()`` prints the difference.
    """
    return comparing.compare(report_of(before), report_of(after))


def frontier(
    path: str | Path,
    *,
    generators: Sequence[str] | None = None,
    target: str | None = None,
    schema: Schema | None = None,
    budget: float | None = None,
    trials: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    output: str | Path | None = None,
    page: bool = True,
    resume: bool = False,
    progress: Progress = silent,
) -> Frontier:
    """Try methods and their privacy dials; what each setting gives, and which to use.

    ``found.best`` is the recommended trial, ``found.reason`` says why, ``found.trials`` are all.

    Args:
        path: of the real table; a file, because the trials beside it can be gone on with.
        generators: methods to try; by default the quick ones.
        target: the column whose prediction is the utility.
        schema: column kinds and rules that stand above what is found.
        budget: seconds for it all; ten minutes where ``trials`` is not given either.
        trials: how many in all.
        seed: of everything; drawn when None.
        workers: threads, all cores by default; no result depends on it.
        output: where the trials go, as JSON lines; ``STEM.frontier.jsonl`` by default.
        page: draw a page beside the trials.
        resume: go on from the trials of an earlier run.
        progress: told how far it is.

    Raises:
        ConfigError: no such method, the file of trials exists, or optuna (extra tune) is missing.
        DataError: too few rows to keep some back.
    """
    wanted = sweeping.Sweep(
        input=str(path_of(path)),
        generators=None if generators is None else tuple(generators),
        target=target,
        declared=schema,
        seed=Seed.of(None).value if seed is None and not resume else seed,
        budget=budget,
        trials=trials,
        workers=workers,
        output=None if output is None else str(path_of(output)),
        page=page,
        resume=resume,
    )
    return sweeping.run(wanted, progress)


def save(model: Model, path: str | Path) -> None:
    """Write a model to a file; holds arrays and JSON, no code."""
    refuse_unless(Model, "model", model, _MODEL)
    model.save(path)


def load(path: str | Path) -> Model | SeriesFit | EventsFit:
    """Read a model file; opening it runs no code. It samples Arrow tables, or those of ``like``."""
    found = store.load_any(path_of(path))
    if isinstance(found, store.SavedSeries):
        return SeriesFit(found)
    if isinstance(found, store.SavedEvents):
        return EventsFit(found)
    return Model(found if isinstance(found, store.Saved) else store.load(path_of(path)))

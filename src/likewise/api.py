"""The Python interface: data frames, Arrow tables and paths in, the same kind out."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from likewise.core.errors import ConfigError
from likewise.core.params import Recipe
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.io.dialect import dialect_for
from likewise.io.frames import to_frame
from likewise.io.write import write_blocks
from likewise.jobs import compare as comparing
from likewise.jobs import evaluate as judging
from likewise.jobs import fit as fitting
from likewise.jobs import impute as filling
from likewise.jobs import saved as store
from likewise.jobs.arguments import path_of, refuse_unless, refuse_unless_whole
from likewise.jobs.judge import Scope, density_of
from likewise.jobs.methods import recipe_of
from likewise.jobs.model import Model, emptied, raw_of
from likewise.jobs.plan import make_plan, twin
from likewise.jobs.understand import understand
from likewise.report.difference import Difference
from likewise.report.document import Number, Report, Verdict
from likewise.report.gate_file import read_gates
from likewise.report.gates import failures
from likewise.report.html import render
from likewise.report.write import write as write_report

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


@dataclass(frozen=True)
class ReportView:
    """A report to look at, to save, and to read numbers from."""

    report: Report

    def __repr__(self) -> str:
        """The verdict and its sentence."""
        return f"<Report: {self.verdict}. {self.report.sentence}>"

    @property
    def verdict(self) -> Verdict:
        """``pass``, ``warn`` or ``fail``."""
        return self.report.verdict

    @property
    def scores(self) -> dict[str, Number]:
        """Every score, with its interval and its floor."""
        return self.report.scores

    def show(self) -> None:
        """Print the verdict, the gauges and the worst findings."""
        from rich.console import Console

        from likewise.report.terminal import summary

        Console().print(summary(self.report, findings=5))

    def save(self, path: str | Path) -> None:
        """Write the HTML page, and its JSON twin beside it."""
        write_report(self.report, path_of(path), twin(path_of(path)))

    def gates_failed(self, path: str | Path) -> list[str]:
        """The gates of a YAML or JSON file that the report does not pass, a sentence each."""
        return failures(self.report, read_gates(path_of(path)))

    def _repr_html_(self) -> str:
        """The page, in a frame of its own so that its styles stay inside."""
        from html import escape

        page = escape(render(self.report), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:720px;border:0"></iframe>'


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
    schema: Schema | None = None,
    full: bool = False,
    real_cards: bool = False,
    model: Model | None = None,
    seed: int | Seed | None = judging.SEED,
    workers: int | None = None,
) -> ReportView:
    """Judge synthetic rows against real ones; frames or paths.

    Args:
        real: the rows that were learned.
        synth: the rows to judge.
        holdout: real rows that were not learned; with them every score has its floor.
        target: the column that models are trained to predict.
        schema: column kinds and rules that stand above what is found in ``real``.
        full: try attacks, and take the scores that need minutes.
        real_cards: show held-out real rows, in coarse form, among the cards of the report.
        model: what made the rows, for an attack that looks into it.
        seed: of the random parts of judging; drawn when None.
        workers: threads, all cores by default.
    """
    report = judging.evaluate_raw(
        raw_of(real, "real"),
        raw_of(synth, "synthetic"),
        None if holdout is None else raw_of(holdout, "holdout"),
        target=target,
        declared=schema,
        scope=Scope(full, real_cards, None if model is None else density_of(model.saved.model)),
        seed=seed,
        workers=workers,
    )
    return ReportView(report)


def compare(before: Any, after: Any) -> Difference:
    """What got better, what got worse, and what stayed within noise, from one report to another.

    Args:
        before: a report as ``evaluate`` gives it, or the path of a report's JSON twin.
        after: likewise; ``compare(a, b).show()`` prints the difference.
    """
    return comparing.compare(_report_of(before), _report_of(after))


def save(model: Model, path: str | Path) -> None:
    """Write a model to a file; holds arrays and JSON, no code."""
    refuse_unless(Model, "model", model, _MODEL)
    model.save(path)


def load(path: str | Path) -> Model:
    """Read a model file; opening it runs no code. It samples Arrow tables, or those of ``like``."""
    return Model(store.load(path_of(path)))


def _report_of(value: Any) -> Report | Path:
    inner = value.report if isinstance(value, ReportView) else value
    return inner if isinstance(inner, Report) else path_of(inner)

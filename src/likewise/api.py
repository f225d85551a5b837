"""The Python interface: data frames, Arrow tables and paths in, the same kind out."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.core.params import Recipe
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.convert import to_source
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.io.dialect import Dialect, dialect_for
from likewise.io.frames import from_frame, to_frame
from likewise.io.read import Raw, read_raw
from likewise.io.write import write_blocks
from likewise.jobs import evaluate as judging
from likewise.jobs import fit as fitting
from likewise.jobs import saved as store
from likewise.jobs.methods import recipe_of
from likewise.jobs.plan import make_plan, twin
from likewise.jobs.sample import known_rows, rows_wanted
from likewise.jobs.understand import understand
from likewise.report.document import Number, Report, Verdict
from likewise.report.html import render
from likewise.report.write import write as write_report

P = ParamSpec("P")
R = TypeVar("R", bound=Recipe)


@dataclass(frozen=True)
class Model:
    """A fitted model: draws new rows in the kind of frame it was fitted on.

    Attributes:
        saved: the model as it is stored.
        like: an empty frame of the caller's kind; None gives Arrow tables.
    """

    saved: store.Saved
    like: Any = None

    @property
    def schema(self) -> Schema:
        """What the columns are, with the evidence."""
        return self.saved.model.schema

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned or was protected, in sentences."""
        return tuple(self.saved.model.notes)

    @property
    def rows(self) -> int:
        """Rows that were learned."""
        return self.saved.model.rows

    def sample(
        self,
        rows: int | None = None,
        *,
        seed: int | Seed | None = None,
        given: Any = None,
        where: str | None = None,
        workers: int | None = None,
        like: Any = None,
    ) -> Any:
        """Draw rows; by default as many as were learned.

        Args:
            rows: how many, zero or more.
            seed: the same seed draws the same rows.
            given: a frame or path with some of the columns; one row is drawn for each of its rows.
            where: a condition that all rows meet, such as ``"age > 65 and city = 'Basel'"``.
            workers: threads, all cores by default; does not change the rows.
            like: a frame whose kind the result should have.
        """
        tables = list(self.blocks(rows, seed=seed, given=given, where=where, workers=workers))
        return to_frame(pa.concat_tables(tables), self.like if like is None else like)

    def blocks(
        self,
        rows: int | None = None,
        *,
        seed: int | Seed | None = None,
        given: Any = None,
        where: str | None = None,
        workers: int | None = None,
    ) -> Iterator[pa.Table]:
        """The rows of ``sample`` as Arrow tables, in bounded memory; at least one."""
        known = None if given is None else known_rows(_raw(given), self.schema)
        count = rows_wanted(rows, known, self.rows)
        if count < 0:
            raise ConfigError("rows", f"{count}", "Give zero or more")
        drawn = self.saved.model.blocks(
            count, seed=Seed.of(seed).child("sample"), given=known, where=where, workers=workers
        )
        return map(to_source, drawn)

    def save(self, path: str | Path) -> None:
        """Write the model to a file that ``likewise.load`` and ``likewise sample`` read."""
        store.save(self.saved, path)


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
        write_report(self.report, path, twin(Path(path)))

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
    return understand(read_raw(path), make_plan(seed=0))


def write(data: Any, path: str | Path) -> None:
    """A frame, an Arrow table or a ``Table`` to a file whose suffix names the format."""
    write_blocks(iter([_raw(data).table]), path, dialect_for(path))


def infer(data: Any, *, schema: Schema | None = None, target: str | None = None) -> Schema:
    """The schema of a frame or file, with the evidence; ``schema`` stands above what is found."""
    plan = make_plan(declared=schema, target=target, seed=0)
    return understand(_raw(data), plan).schema


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
    elif settings:
        raise ConfigError("settings", "given beside a recipe", "Put them into the recipe")
    plan = make_plan(
        target=target, declared=schema, seed=seed, budget=budget, workers=workers, holdout=0.0
    )
    raw = _raw(data)
    fitted = fitting.fit_raw(raw, recipe, plan, progress)
    like = None if isinstance(data, str | Path | Table) else data
    return Model(fitted.saved, None if like is None else _emptied(like))


def synthesize(
    data: Any, rows: int | None = None, *, seed: int | Seed | None = None, **options: Any
) -> Any:
    """Fit and sample in one step; ``options`` are those of ``fit``.

    Gives the kind of frame that ``data`` is, and an Arrow table for a path.
    """
    seed = Seed.of(seed)
    return fit(data, seed=seed, **options).sample(rows, seed=seed, workers=options.get("workers"))


def evaluate(
    real: Any,
    synth: Any,
    holdout: Any = None,
    *,
    target: str | None = None,
    schema: Schema | None = None,
    seed: int = judging.SEED,
    workers: int | None = None,
) -> ReportView:
    """Judge synthetic rows against real ones; frames or paths.

    Args:
        real: the rows that were learned.
        synth: the rows to judge.
        holdout: real rows that were not learned; with them every score has its floor.
        target: the column that models are trained to predict.
        schema: column kinds and rules that stand above what is found in ``real``.
        seed: of the random parts of judging.
        workers: threads, all cores by default.
    """
    report = judging.compare(
        _raw(real, "real"),
        _raw(synth, "synthetic"),
        None if holdout is None else _raw(holdout, "holdout"),
        target=target,
        declared=schema,
        seed=seed,
        workers=workers,
    )
    return ReportView(report)


def save(model: Model, path: str | Path) -> None:
    """Write a model to a file; holds arrays and JSON, no code."""
    model.save(path)


def load(path: str | Path) -> Model:
    """Read a model file; opening it runs no code. It samples Arrow tables, or those of ``like``."""
    return Model(store.load(path))


def _raw(data: Any, name: str = "data") -> Raw:
    if isinstance(data, str | Path):
        return read_raw(data)
    if isinstance(data, Table):
        return Raw(to_source(data), Dialect(), name)
    return Raw(from_frame(data), Dialect(), name)


def _emptied(frame: Any) -> Any:
    """No rows of the frame, only its kind: a model must not carry the data it has learned."""
    return frame.slice(0, 0) if hasattr(frame, "slice") else frame[:0]

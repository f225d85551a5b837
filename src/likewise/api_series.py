"""The Python interface for rows that follow each other: regular series, and events of entities."""

from pathlib import Path
from typing import Any

from likewise.core.errors import ConfigError
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.jobs import series_fit as fitting
from likewise.jobs.evaluate import SEED
from likewise.jobs.evaluate_series import judge_raws
from likewise.jobs.events_fit import events_recipe, fit_events_raw
from likewise.jobs.events_model import EventsFit
from likewise.jobs.model import emptied, raw_of
from likewise.jobs.plan import make_plan
from likewise.jobs.report_view import ReportView
from likewise.jobs.series_model import SeriesFit
from likewise.series.model import SeriesRecipe


def fit_series(
    data: Any,
    *,
    time: str | None = None,
    entity: str | None = None,
    generator: str | SeriesRecipe = fitting.DEFAULT,
    schema: Schema | None = None,
    seed: int | Seed | None = None,
    budget: float = 60.0,
    progress: Progress = silent,
    **settings: Any,
) -> SeriesFit:
    """Learn a regular series: a table whose rows follow each other in equal steps.

    Args:
        data: a pandas, polars or Arrow table, a ``Table``, or a path; rows in the order of time,
            series after series where there are several.
        time: the column of moments; found if there is one only, and rows may have none.
        entity: the column that names the series of each row, if there are several.
        generator: "autoregressive_series", "vae_series" or "bootstrap_series", or a recipe.
        schema: column kinds that stand above what is found.
        seed: the same seed gives the same model.
        budget: seconds for learning.
        progress: called with stage, done and total.
        settings: of the method, when it is given by name.

    Raises:
        DataError: too short a series, or moments that are missing, occur twice, or differ in steps.
        ConfigError: no such column, method or setting.
    """
    named = isinstance(generator, str)
    if not named and settings:
        raise ConfigError("settings", "given beside a recipe", "Put them into the recipe")
    plan = make_plan(
        generator=generator if named else "auto", settings=settings, declared=schema, seed=seed,
        budget=budget, holdout=0.0, series=True, time=time, entity=entity,
    )  # fmt: skip
    recipe = fitting.series_recipe(plan) if isinstance(generator, str) else generator
    if not isinstance(recipe, SeriesRecipe):
        found = f"a {type(recipe).__name__} is no method for series"
        raise ConfigError("generator", found, "Give a name such as 'autoregressive_series'")
    fitted = fitting.fit_series_raw(raw_of(data), recipe, plan, progress)
    like = None if isinstance(data, str | Path | Table) else data
    return SeriesFit(fitted, None if like is None else emptied(like))


def fit_events(
    data: Any,
    *,
    entity: str,
    time: str | None = None,
    generator: str = "trees",
    schema: Schema | None = None,
    seed: int | Seed | None = None,
    budget: float = 60.0,
    workers: int | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> EventsFit:
    """Learn events of entities: rows at moments of their own, such as visits of patients.

    Args:
        data: a pandas, polars or Arrow table, a ``Table``, or a path; a row an event.
        entity: the column that says whose event a row is.
        time: the column that orders events: dates, moments or whole numbers; found if one column
            only holds moments. Without any, rows follow each other as they stand.
        generator: the name of a method for tables, such as "trees".
        schema: column kinds and rules that stand above what is found.
        seed: the same seed gives the same model.
        budget: seconds for learning.
        workers: threads; all cores by default, and no result depends on it.
        progress: called with stage, done and total.
        settings: of the method.

    Raises:
        DataError: rows without an entity or a time, or fewer than two entities.
        ConfigError: no such column, method or setting.
    """
    plan = make_plan(
        generator=generator, settings=settings, declared=schema, seed=seed, budget=budget,
        workers=workers, holdout=0.0, time=time, entity=entity,
    )  # fmt: skip
    fitted = fit_events_raw(raw_of(data), events_recipe(plan), plan, progress)
    like = None if isinstance(data, str | Path | Table) else data
    return EventsFit(fitted, None if like is None else emptied(like))


def evaluate_series(
    real: Any,
    synth: Any,
    holdout: Any = None,
    *,
    time: str | None = None,
    entity: str | None = None,
    schema: Schema | None = None,
    seed: int | Seed | None = SEED,
) -> ReportView:
    """Judge synthetic rows that follow each other against real ones; frames or paths.

    Serves regular series, and events of entities at moments of their own.

    Args:
        real: the rows that were learned, in the order of time within each series.
        synth: the rows to judge.
        holdout: later real rows, or other entities, that were not learned.
        time: the column of moments; rows are put in its order.
        entity: the column that names the series or entity of each row.
        schema: column kinds that stand above what is found in ``real``.
        seed: of samples and folds.
    """
    report = judge_raws(
        raw_of(real, "real"),
        raw_of(synth, "synthetic"),
        None if holdout is None else raw_of(holdout, "holdout"),
        title="synthetic against real", time=time, entity=entity, declared=schema, seed=seed,
    )  # fmt: skip
    return ReportView(report)

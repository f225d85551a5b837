"""From a raw table to a fitted model of a series: what ``synth --series`` and Python share."""

from pathlib import Path

from likewise.core.errors import ConfigError
from likewise.core.params import build
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.registry import suggest
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.table import Table, concat
from likewise.io.read import Raw
from likewise.jobs.methods import changed
from likewise.jobs.plan import Plan
from likewise.jobs.saved import SavedSeries
from likewise.jobs.understand import refuse_formulas, understand
from likewise.jobs.way import Way, with_time
from likewise.series import SERIES
from likewise.series.frame import Frame
from likewise.series.model import SeriesModel, SeriesRecipe

DEFAULT = "autoregressive_series"
FEWEST = 200  # rows of the longest series from which its end is kept back


def series_recipe(plan: Plan) -> SeriesRecipe:
    """The recipe that a plan names; ``auto`` stands for the autoregressive network."""
    name = DEFAULT if plan.generator == "auto" else plan.generator
    if name not in SERIES:
        found = f"{name!r} is no method for series"
        raise ConfigError("--generator", found, suggest(name, SERIES.entries))
    method: type[SeriesRecipe] = SERIES.load(name)
    settings = dict(plan.settings)
    if "budget" in method.model_fields:
        settings = {"budget": plan.budget, **settings}
    return build(method, settings, "--set")


def name_of_series(recipe: SeriesRecipe) -> str:
    """The registered name of a recipe's class."""
    target = f"{type(recipe).__module__}:{type(recipe).__name__}"
    return next((n for n in SERIES if SERIES.entries[n].target == target), type(recipe).__name__)


def series_table(raw: Raw, plan: Plan) -> tuple[Table, Plan]:
    """The table with its schema, and the plan with its time column, found if there is one only.

    Raises:
        ConfigError: no such column, or two columns of moments and neither named.
    """
    refuse_formulas(raw, plan.declared)
    table = understand(raw, plan)
    return table, with_time(table, plan)


def split_series(table: Table, plan: Plan) -> tuple[Table, Table | None, str]:
    """The rows to learn, the last ones of each series kept back, and how it was done."""
    frame, _ = Frame.fit(table, plan.time, plan.entity)
    longest = max(frame.lengths, default=0)
    if plan.holdout == 0:
        return table, None, "No rows were kept back, so scores have no floor of untouched rows."
    if longest < FEWEST:
        note = f"Series of {longest:,} rows are too short to keep their ends back to judge by."
        return table, None, note
    early, late, begin = [], [], 0
    for length in frame.lengths:
        kept = round(plan.holdout * length)
        early.append(table.slice(begin, length - kept))
        late.append(table.slice(begin + length - kept, kept))
        begin += length
    train, holdout = concat(early), concat(late)
    note = f"The last {holdout.rows:,} of {table.rows:,} rows in time were kept back to judge by."
    return train, holdout, note


def learn_series(
    table: Table, recipe: SeriesRecipe, plan: Plan, progress: Progress, checkpoint: Path | None
) -> SeriesModel:
    """Fit a method to a series."""
    return recipe.fit(
        table,
        time=plan.time,
        entity=plan.entity,
        seed=Seed(plan.seed).child("model"),
        run=Run(progress, Deadline(plan.budget), plan.workers, checkpoint),
    )


def fit_series_raw(
    raw: Raw, recipe: SeriesRecipe, plan: Plan, progress: Progress = silent
) -> SavedSeries:
    """Learn all rows of a raw table."""
    table, plan = series_table(raw, plan)
    model = learn_series(table, recipe, plan, progress, None)
    return keep_series(model, raw, plan)


def keep_series(model: SeriesModel, raw: Raw, plan: Plan) -> SavedSeries:
    """The model together with what it takes to write rows like the input's."""
    return SavedSeries(raw.dialect, raw.name, name_of_series(model.recipe), plan.seed, model)


def check_series(plan: Plan) -> Plan:
    """The plan, unless it asks for what series do not have."""
    refused = {"--target": plan.target, "--full": plan.full, "--real-cards": plan.real_cards,
               "--refit": plan.refit}  # fmt: skip
    for option, given in refused.items():
        if given:
            raise ConfigError(option, "not for series", "Leave it out, or leave out --series")
    return plan


REGULAR = Way(
    check=check_series,
    recipe=series_recipe,
    table=series_table,
    split=split_series,
    learn=learn_series,
    keep=keep_series,
    count=lambda table, _: table.rows,
    learned=lambda model: model.rows,
    settings=lambda model: changed(model.recipe),
)

"""From a raw table to a fitted model of events: what ``synth --entity`` and Python share."""

import contextlib
from pathlib import Path

import numpy as np

from likewise.compose.sequential import Sequential, SequentialModel
from likewise.core.errors import ConfigError, SchemaError
from likewise.core.params import build
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.registry import suggest
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.generators import GENERATORS
from likewise.io.read import Raw
from likewise.jobs.plan import Plan
from likewise.jobs.saved import SavedEvents
from likewise.jobs.understand import refuse_formulas, understand
from likewise.jobs.way import Way, with_time

DEFAULT = "trees"
FEWEST = 20  # entities below which none can be spared to judge by


def check_events(plan: Plan) -> Plan:
    """The plan, unless it asks for what events of entities do not have."""
    refused = {"--target": plan.target, "--full": plan.full, "--real-cards": plan.real_cards,
               "--refit": plan.refit}  # fmt: skip
    for option, given in refused.items():
        if given:
            raise ConfigError(option, "not for events of entities", "Leave it out, or --entity")
    return plan


def events_recipe(plan: Plan) -> Sequential:
    """The recipe that a plan names, by any generator of tables; ``auto`` stands for trees."""
    name = DEFAULT if plan.generator == "auto" else plan.generator
    if name not in GENERATORS:
        found = f"{name!r} is no method for events of entities"
        raise ConfigError("--generator", found, suggest(name, GENERATORS.entries))
    build(GENERATORS.load(name), plan.settings, "--set")  # raises for a setting it lacks
    assert plan.entity is not None
    return Sequential(
        entity=plan.entity, time=plan.time, generator=name, settings=dict(plan.settings)
    )


def events_table(raw: Raw, plan: Plan) -> tuple[Table, Plan]:
    """The table with its schema, and the plan with its time column, found if there is one only.

    Whole numbers that are all different look like keys; named as the time they are numbers.
    """
    refuse_formulas(raw, plan.declared)
    table = understand(raw, plan)
    plan = with_time(table, plan)
    if plan.time is not None and table.schema[plan.time].kind is Kind.KEY:
        with contextlib.suppress(SchemaError):  # a key of letters stays one, and is refused
            table = understand(raw, _with_whole(plan, plan.time))
    return table, plan


def _with_whole(plan: Plan, name: str) -> Plan:
    """The plan with a column declared as whole numbers."""
    known = Schema(columns=()) if plan.declared is None else plan.declared
    column = Column(name=name, kind=Kind.INTEGER)
    others = tuple(c for c in known.columns if c.name != name)
    declared = known.model_copy(update={"columns": (*others, column)})
    return plan.model_copy(update={"declared": declared})


def split_events(table: Table, plan: Plan) -> tuple[Table, Table | None, str]:
    """Events to learn, those of other entities kept back, and how it was done."""
    if plan.holdout == 0:
        return table, None, "No entities were kept back, so scores have no floor of untouched ones."
    assert plan.entity is not None
    codes, labels = table.labels(plan.entity)
    if len(labels) < FEWEST:
        note = f"{len(labels)} entities are too few to keep any back to judge by."
        return table, None, note
    kept = np.zeros(len(labels) + 1, dtype=bool)
    chance = Seed(plan.seed).child("holdout").stream("entities").permutation(len(labels))
    kept[chance[: max(round(plan.holdout * len(labels)), 1)]] = True
    held = kept[codes]
    train, holdout = table.take(np.flatnonzero(~held)), table.take(np.flatnonzero(held))
    count = int(kept.sum())
    note = f"{count:,} of {len(labels):,} entities, drawn at random, were kept back to judge by."
    return train, holdout, note


def learn_events(
    table: Table, recipe: Sequential, plan: Plan, progress: Progress, checkpoint: Path | None
) -> SequentialModel:
    """Fit a method to events; ``checkpoint`` is left alone, as no part takes that long."""
    return recipe.model_copy(update={"time": plan.time}).fit(
        table,
        seed=Seed(plan.seed).child("model"),
        run=Run(progress, Deadline(plan.budget), plan.workers, checkpoint),
    )


def fit_events_raw(
    raw: Raw, recipe: Sequential, plan: Plan, progress: Progress = silent
) -> SavedEvents:
    """Learn all rows of a raw table."""
    table, plan = events_table(raw, plan)
    return keep_events(learn_events(table, recipe, plan, progress, None), raw, plan)


def keep_events(model: SequentialModel, raw: Raw, plan: Plan) -> SavedEvents:
    """The model together with what it takes to write rows like the input's."""
    return SavedEvents(raw.dialect, raw.name, model.recipe.generator, plan.seed, model)


def _entities(table: Table, plan: Plan) -> int:
    assert plan.entity is not None
    return len(table.labels(plan.entity)[1])


EVENTS = Way(
    check=check_events,
    recipe=events_recipe,
    table=events_table,
    split=split_events,
    learn=learn_events,
    keep=keep_events,
    count=_entities,
    learned=lambda model: model.entities,
    settings=lambda model: model.recipe.settings,
)

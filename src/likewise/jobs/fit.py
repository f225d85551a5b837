"""From a raw table to a fitted model: the part that ``synth``, ``fit`` and Python share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from likewise.compose.ruled import RuledModel, fit_ruled
from likewise.core.errors import ConfigError, DataError, SchemaError
from likewise.core.params import Recipe
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.registry import suggest
from likewise.core.seeds import Seed
from likewise.data.convert import to_table
from likewise.data.discover import Found, discover
from likewise.data.infer import infer
from likewise.data.schema import Schema
from likewise.data.split import holdout_split
from likewise.data.table import Table
from likewise.io.read import Raw, read_raw
from likewise.jobs.judge import Clock
from likewise.jobs.methods import recipe
from likewise.jobs.plan import Plan
from likewise.jobs.saved import Saved, save
from likewise.report.document import Candidate

FEWEST_ROWS = 50  # with fewer a holdout is too small to judge by, and too dear to keep back


@dataclass(frozen=True)
class Fitted:
    """A model and what was found on the way to it.

    Attributes:
        saved: the model as it is stored.
        rules: declared and found.
        candidates: methods that were weighed; empty when one was named.
        files: paths by role.
        seconds: wall time by stage, and in all.
    """

    saved: Saved
    rules: tuple[Found, ...]
    candidates: tuple[Candidate, ...]
    files: dict[str, str]
    seconds: dict[str, float]

    @property
    def schema(self) -> Schema:
        """What the columns are."""
        return self.saved.model.schema

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``."""
        return {
            "version": 1,
            "rows": self.saved.model.rows,
            "generator": self.saved.generator,
            "candidates": [c.model_dump(mode="json") for c in self.candidates],
            "rules": len([rule for rule in self.rules if rule.hard]),
            "notes": list(self.saved.model.notes),
            "seed": self.saved.seed,
            "files": self.files,
            "seconds": self.seconds,
        }


def run(plan: Plan, progress: Progress = silent) -> Fitted:
    """Read a table, learn all its rows, and write the model."""
    plan.check_outputs()
    method = recipe(plan.generator, plan.settings)
    return fit_raw(read_raw(plan.input), method, plan, progress)


def fit_raw(raw: Raw, method: Recipe, plan: Plan, progress: Progress = silent) -> Fitted:
    """Learn all rows of a raw table; the model is written if the plan says where."""
    clock = Clock()
    with clock.stage("understand", progress):
        table = understand(raw, plan)
        rules = rules_of(table)
    with clock.stage("learn", progress):
        model = learn(table, rules, method, plan, progress)
    saved = keep(model, raw, plan)
    if plan.model is not None:
        save(saved, Path(plan.model))
    files = {what: str(path) for what, path in plan.outputs.items()}
    return Fitted(saved, rules, candidates_of(model), files, clock.total())


def understand(raw: Raw, plan: Plan) -> Table:
    """The raw table with its schema: declared where it is, else found."""
    names = raw.table.column_names
    declared = plan.declared
    if not names or not raw.table.num_rows:
        raise DataError(raw.name, "has no rows", "Give a table with at least one row")
    if plan.target is not None and plan.target not in names:
        hint = suggest(plan.target, names)
        raise ConfigError(f"--target {plan.target!r}", "no such column", hint)
    if declared is None:
        return to_table(raw.table, infer(raw.table, target=plan.target), raw.name)
    for name in declared.names:
        if name not in names:
            raise SchemaError(f"schema, column {name!r}", "not in the data", suggest(name, names))
    overrides = {column.name: column for column in declared.columns}
    target = plan.target or declared.target
    schema = infer(raw.table, overrides=overrides, target=target)
    return to_table(raw.table, schema.replace(rules=declared.rules), raw.name)


def split(table: Table, plan: Plan) -> tuple[Table, Table | None, str]:
    """Training rows, rows kept back to judge by if there are enough, and how it was done."""
    if plan.holdout == 0:
        return table, None, "No rows were kept back, so scores have no floor of untouched rows."
    if table.rows < FEWEST_ROWS:
        note = (
            f"{table.rows} rows are too few to keep a holdout: utility and privacy could not be "
            "judged against untouched rows."
        )
        return table, None, note
    train, holdout = holdout_split(table, plan.holdout, Seed(plan.seed))
    note = f"{holdout.rows:,} of {table.rows:,} rows, drawn at random, were kept back to judge by."
    if plan.refit:
        note += " The rows written come from a second model, which has learned all rows."
    return train, holdout, note


def rules_of(table: Table) -> tuple[Found, ...]:
    """The declared rules and those found in the table."""
    return discover(table, declared=table.schema.rules)


def learn(
    table: Table, rules: tuple[Found, ...], method: Recipe, plan: Plan, progress: Progress
) -> RuledModel:
    """Fit a method to the table, so that its output keeps the hard rules."""
    return fit_ruled(
        method,
        table,
        rules,
        seed=Seed(plan.seed).child("model"),
        progress=progress,
        deadline=Deadline(plan.budget),
        workers=plan.workers,
    )


def keep(model: RuledModel, raw: Raw, plan: Plan) -> Saved:
    """The model together with what it takes to write rows like the input's."""
    return Saved(model, raw.dialect, raw.name, method_of(model), plan.seed)

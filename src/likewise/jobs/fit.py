"""From a raw table to a fitted model: the part that ``synth``, ``fit`` and Python share."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from likewise.compose.auto import AutoModel
from likewise.compose.ruled import RuledModel, fit_ruled
from likewise.core.params import Recipe
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.discover import Found
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.io.read import Raw, read_raw
from likewise.jobs.clock import Clock
from likewise.jobs.methods import name_of, recipe_of
from likewise.jobs.plan import Plan
from likewise.jobs.resume import kept_until_done
from likewise.jobs.saved import Saved, save
from likewise.jobs.understand import refuse_formulas, rules_of, taken_as_missing, understand
from likewise.report.document import Candidate


@dataclass(frozen=True)
class Fitted:
    """A model and what was found on the way to it.

    Attributes:
        saved: the model as it is stored.
        rules: declared and found.
        candidates: methods that were weighed; empty when one was named.
        mended: what was met and mended on reading, in sentences.
        files: paths by role.
        seconds: wall time by stage, and in all.
    """

    saved: Saved
    rules: tuple[Found, ...]
    candidates: tuple[Candidate, ...]
    mended: tuple[str, ...]
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
            "notes": [*self.mended, *self.saved.model.notes],
            "seed": self.saved.seed,
            "files": self.files,
            "seconds": self.seconds,
        }


def run(plan: Plan, progress: Progress = silent) -> Fitted:
    """Read a table, learn all its rows, and write the model."""
    plan.check_outputs()
    method = recipe_of(plan.generator, plan.settings, plan.budget)
    with kept_until_done(plan) as folder:
        return fit_raw(read_raw(plan.input), method, plan, progress, folder)


def fit_raw(
    raw: Raw,
    method: Recipe,
    plan: Plan,
    progress: Progress = silent,
    checkpoint: Path | None = None,
) -> Fitted:
    """Learn all rows of a raw table; the model is written if the plan says where."""
    clock = Clock()
    with clock.stage("understand", progress):
        refuse_formulas(raw, plan.declared)
        table = understand(raw, plan)
        rules = rules_of(table)
        mended = (*raw.notes, *taken_as_missing(raw, table.schema))
    with clock.stage("learn", progress):
        model = learn(table, rules, method, plan, progress, checkpoint)
    saved = keep(model, raw, plan)
    if plan.model is not None:
        save(saved, Path(plan.model))
    files = {what: str(path) for what, path in plan.outputs.items()}
    return Fitted(saved, rules, candidates_of(model), mended, files, clock.total())


def learn(
    table: Table,
    rules: tuple[Found, ...],
    method: Recipe,
    plan: Plan,
    progress: Progress,
    checkpoint: Path | None,
) -> RuledModel:
    """Fit a method to the table, so that its output keeps the hard rules."""
    for name in getattr(method, "given", ()):
        table.schema[name]  # a name that is not there raises, with the one that was meant
    return fit_ruled(
        method,
        table,
        [found.rule for found in rules if found.hard],
        seed=Seed(plan.seed).child("model"),
        run=Run(progress, Deadline(plan.budget), plan.workers, checkpoint),
    )


def keep(model: RuledModel, raw: Raw, plan: Plan) -> Saved:
    """The model together with what it takes to write rows like the input's."""
    bare = replace(model, inner=chosen(model))  # the contest took time, which never repeats
    return Saved(raw.dialect, raw.name, name_of(bare.recipe), plan.seed, bare)


def chosen(model: RuledModel) -> Any:
    """The model of the columns themselves: the winner's, when a contest was held."""
    return model.inner.model if isinstance(model.inner, AutoModel) else model.inner


def candidates_of(model: RuledModel) -> tuple[Candidate, ...]:
    """The methods that were weighed, as the report lists them; none when one was named."""
    weighed = model.inner.candidates if isinstance(model.inner, AutoModel) else ()
    return tuple(
        Candidate(
            generator=one.generator,
            score=one.score,
            seconds=round(one.seconds, 3),
            chosen=one.chosen,
            reason=one.reason,
        )
        for one in weighed
    )

"""Choosing a method by measurement: a contest on held-out rows, then the winner learns them all."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from pydantic import Field, field_validator

from likewise.compose.contest import Fold, folds_of, outcome, tried
from likewise.core.artifact import storable
from likewise.core.errors import LikewiseError
from likewise.core.params import Recipe
from likewise.core.progress import Deadline
from likewise.core.registry import suggest
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.generators import GENERATORS
from likewise.generators.tabular import TableModel, Tabular

FEW_ROWS = 300  # below which held-out rows are too few to tell methods apart
SIMPLE = ("copula", "independent")  # what few rows can support, best first
FOR_SMALL = {"forest": 5_000}  # methods for small tables, and the most rows they are tried on
PATIENT = {"autoregressive": 180.0, "diffusion": 180.0}  # and for large budgets: seconds, at least
CONTEST = 0.5  # share of the budget for the contest; the rest is for the winner


@storable
class Auto(Recipe):
    """Fits several methods on a sample, scores them on held-out rows, keeps the best.

    The score is 1 minus how far a boosted-tree detector separates drawn from held-out rows
    (2 AUC - 1, 0 at best) minus the pair error; 1 is best. With fewer than 2,000 rows each third
    judges in turn, scores are averaged, and with a target the loss of utility is taken off as well.
    A method whose rows lie nearer to its training rows than fresh rows do is out, whatever its
    score. The winner learns all rows in the other half of the budget. Networks take part when the
    budget is three minutes or more. With ``given`` columns, rows are judged that were drawn given
    the held-out rows' values of them. With fewer than 300 rows a simple method is used without a
    contest.
    Paper: Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017.
    Cost: about a second for each candidate on 15 columns, and the winner's own fit.

    Attributes:
        budget: seconds for everything. Methods cut their work to their share by the table's size; a
            method is left out, and reported, when the contest takes twice its time all the same.
        candidates: names of methods, in the order in which they are tried.
        rows: rows of the contest, at most.
        given: columns that will be given when rows are drawn; methods are judged by such rows.
    """

    budget: Annotated[float, Field(gt=0)] = 60.0
    candidates: Annotated[tuple[str, ...], Field(min_length=1)] = (
        "trees",
        "forest",
        "bayesnet",
        "copula",
        "independent",
        "autoregressive",
        "diffusion",
    )
    rows: Annotated[int, Field(ge=FEW_ROWS)] = 7_500
    given: tuple[str, ...] = ()

    @field_validator("candidates", "given", mode="before")
    @classmethod
    def _listed(cls, names: Any) -> Any:
        return names.replace(" ", "").split(",") if isinstance(names, str) else names

    @field_validator("candidates")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in GENERATORS:
                known = suggest(name, list(GENERATORS))
                raise ValueError(f"no generator {name!r}. {known}")
        if len(set(names)) != len(names):
            raise ValueError("a generator is named twice")
        return names

    def fit(
        self,
        table: Table,
        *,
        seed: Seed | int | None = None,
        run: Run | None = None,
    ) -> "AutoModel":
        """Choose a method for ``table`` and learn it."""
        seed = Seed.of(seed)
        # methods do as much as their time allows: shares of the budget as a whole, not of what
        # happens to be left, so that a slower machine gives the same rows
        run = run or Run()
        budget = min(self.budget, run.deadline.seconds)
        rest = Deadline(budget)
        if len(self.candidates) == 1:
            weighed = [_unweighed(self.candidates[0], "the only candidate")]
        elif table.rows < FEW_ROWS:
            reason = f"{table.rows:,} rows, fewer than {FEW_ROWS}: too few for a contest"
            weighed = [_unweighed(name, reason) for name in self._simplest_first()]
        else:
            weighed = self._contest(table, seed.child("contest"), run, budget)
            rest = Deadline(budget * (1 - CONTEST))
        chosen = _winner(weighed)
        recipe: Tabular = GENERATORS.load(chosen)()
        model = recipe.fit(table, seed=seed, run=replace(run, deadline=rest))
        order = {name: i for i, name in enumerate(self.candidates)}
        records = [
            replace(one, chosen=one.generator == chosen, reason=_why(one, chosen))
            for one in sorted(weighed, key=lambda one: order[one.generator])
        ]
        return AutoModel(self, model, tuple(records))

    def _simplest_first(self) -> list[str]:
        simple = [name for name in SIMPLE if name in self.candidates]
        return simple + [name for name in self.candidates if name not in simple]

    def _unsuited(self, name: str, rows: int, budget: float) -> str:
        """Why a method is not tried on so many rows in so much time; empty if it is."""
        if rows > FOR_SMALL.get(name, rows):
            return f"for tables of at most {FOR_SMALL[name]:,} rows"
        if budget < PATIENT.get(name, 0):
            return f"it takes a budget of {PATIENT[name]:.0f} s or more"
        return ""

    def _contest(
        self,
        table: Table,
        seed: Seed,
        run: Run,
        budget: float,
    ) -> "list[Weighed]":
        """Every candidate's score on rows that it has not learned from."""
        left_out = {name: self._unsuited(name, table.rows, budget) for name in self.candidates}
        tried = [name for name, reason in left_out.items() if not reason]
        if table.rows > self.rows:
            order = seed.stream("sample").permutation(table.rows)[: self.rows]
            table = table.take(np.sort(order))
        folds = folds_of(table, seed, tuple(name for name in self.given if name in table.names))
        limit = Deadline(budget * CONTEST)
        weighed: list[Weighed] = []
        for i, name in enumerate(self.candidates):
            run.progress("contest", i, len(self.candidates))
            if reason := left_out[name]:
                weighed.append(_unweighed(name, f"not tried: {reason}"))
                continue
            if limit.left < -limit.seconds and weighed:  # far slower than methods allow for
                weighed.append(_unweighed(name, "not tried: time"))
                continue
            share = limit.seconds / len(tried)
            weighed.append(_weigh(name, folds, seed=seed, seconds=share, workers=run.workers))
        run.progress("contest", len(self.candidates), len(self.candidates))
        return weighed


@storable
@dataclass(frozen=True)
class Weighed:
    """A method that was considered: how it did, and why it was or was not chosen.

    Attributes:
        generator: its name.
        score: on held-out rows, 1 is best; None if it was not tried or failed.
        seconds: time it took in the contest.
        chosen: whether it is the one that was fitted on all rows.
        reason: why, in a few words.
        copies: whether it was out for copying.
    """

    generator: str
    score: float | None
    seconds: float
    chosen: bool
    reason: str
    copies: bool = False


@storable
@dataclass(frozen=True)
class AutoModel:
    """The winner's model, and the contest it won.

    Attributes:
        recipe: the settings of the contest.
        model: the winner, fitted on all rows.
        candidates: all that were considered, in the order they were tried.
    """

    recipe: Auto
    model: TableModel
    candidates: tuple[Weighed, ...]

    @property
    def schema(self) -> Schema:
        """The schema of what is sampled."""
        return self.model.schema

    @property
    def rows(self) -> int:
        """Training rows; the default number to sample."""
        return self.model.rows

    @property
    def spent(self) -> None:
        """Privacy paid; None: no differential-privacy guarantee is claimed."""
        return self.model.spent

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned or was protected, in sentences for the report."""
        return self.model.notes

    def sample(self, rows: int, **options: Any) -> Table:
        """Draw rows from the chosen model; see ``TableModel.sample`` for the options."""
        return self.model.sample(rows, **options)

    def blocks(self, rows: int, **options: Any) -> Iterator[Table]:
        """Draw rows block by block; see ``TableModel.blocks`` for the options."""
        return self.model.blocks(rows, **options)


def _weigh(
    name: str, folds: Sequence[Fold], *, seed: Seed, seconds: float, workers: int | None
) -> Weighed:
    """Fit one method on the learning rows of each fold and score it by the judging rows."""
    begin = time.monotonic()
    recipe: Tabular = GENERATORS.load(name)()
    own = seed.child(name)
    try:
        found = [
            tried(
                recipe,
                fold,
                own=own,
                seed=seed,
                run=Run(deadline=Deadline(seconds / len(folds)), workers=workers),
            )
            for fold in folds
        ]
    except LikewiseError as error:
        seconds = time.monotonic() - begin
        return Weighed(name, None, seconds, chosen=False, reason=f"failed: {error.found}")
    seconds = time.monotonic() - begin
    copies = sum(one.copies for one in found) > len(found) / 2
    score = float(np.mean([one.score for one in found]))
    reason = outcome(found, copies)
    return Weighed(name, score, seconds, chosen=False, reason=reason, copies=copies)


def _unweighed(name: str, reason: str) -> Weighed:
    return Weighed(name, None, 0.0, chosen=False, reason=reason)


def _winner(weighed: Sequence[Weighed]) -> str:
    """The best score among those that do not copy; the first where there are no scores."""
    fair = [one for one in weighed if one.score is not None and not one.copies]
    scored = fair or [one for one in weighed if one.score is not None]
    if not scored:
        return weighed[0].generator
    return max(scored, key=lambda one: one.score or 0.0).generator


def _why(one: Weighed, chosen: str) -> str:
    """The reason, completed now that the winner is known."""
    if one.score is None and one.generator != chosen and "too few" in one.reason:
        return f"not tried: {one.reason}"
    return one.reason

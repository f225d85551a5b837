"""A table with holes in; the same table, cell by cell, with the holes filled, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.compose.impute import impute
from likewise.core.errors import ConfigError, DataError
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.arrow_types import is_dictionary, is_nested
from likewise.data.convert import to_source, to_table
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.generators.autoregressive import Autoregressive
from likewise.generators.tabular import TableModel
from likewise.io.dialect import dialect_for, format_notes
from likewise.io.read import Raw, read_raw
from likewise.io.write import write_blocks
from likewise.jobs.clock import Clock
from likewise.jobs.fit import chosen
from likewise.jobs.plan import STREAM, Plan, beside, check_writable, refuse_overwriting, suffixes
from likewise.jobs.saved import Saved, load
from likewise.jobs.understand import refuse_formulas, taken_as_missing, understand

ANY_ORDER = 0.5  # of the rows are learned with some cells known first: here all draws are such
ROWS = 65_536  # written at once


@dataclass(frozen=True)
class Order:
    """What is wanted.

    Attributes:
        plan: input, schema, seed, budget and workers.
        output: where to; "-" is standard output, None a file beside the input.
        model: path of a model to draw from; None learns the input itself.
        draws: tables to write.
    """

    plan: Plan
    output: str | None = None
    model: str | None = None
    draws: int = 1

    @property
    def outputs(self) -> list[str]:
        """Where each table goes: numbered before the suffix when there are several."""
        source = self.plan.input
        ending = suffixes(Path(source)) if source != STREAM else ""
        output = self.output
        if output is None:
            output = STREAM if source == STREAM else beside(source, ".imputed" + ending)
        if self.draws == 1:
            return [output]
        if output == STREAM:
            hint = "Give a file with -o"
            raise ConfigError("--draws", f"{self.draws} tables for one stream", hint)
        ending = suffixes(Path(output))
        return [beside(output, f".{draw}{ending}") for draw in range(1, self.draws + 1)]


@dataclass(frozen=True)
class Imputed:
    """What was filled.

    Attributes:
        rows: of the table.
        filled: cells by column.
        seed: that repeats it.
        notes: what was left, and what was met on the way, in sentences.
        files: paths by role.
        seconds: wall time by stage, and in all.
    """

    rows: int
    filled: dict[str, int]
    seed: int
    notes: tuple[str, ...]
    files: dict[str, str]
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``."""
        return {
            "version": 1,
            "rows": self.rows,
            "filled": self.filled,
            "seed": self.seed,
            "notes": list(self.notes),
            "files": self.files,
            "seconds": self.seconds,
        }


def run(order: Order, progress: Progress = silent) -> Imputed:
    """Learn if need be, fill, and write; every file appears whole or not at all."""
    clock, plan, outputs = Clock(), order.plan, order.outputs
    for output in outputs:
        _check(output, plan.input, order.model)
    with clock.stage("read", progress):
        raw = read_raw(plan.input)
        saved = None if order.model is None else load(order.model)
    with clock.stage("learn", progress):
        table, model = table_and_model(raw, plan, saved, progress)
    notes = [*raw.notes, *taken_as_missing(raw, table.schema), *model.notes]
    filled: dict[str, int] = {}
    with clock.stage("impute", progress):
        for at, output in enumerate(outputs):
            whole, filled = filled_in(raw, table, model, plan, at)
            dialect = dialect_for(output, raw.dialect)
            notes += format_notes(output, raw.dialect, dialect)
            pieces = (whole.slice(start, ROWS) for start in range(0, whole.num_rows, ROWS))
            write_blocks(pieces, output, dialect, notes=notes if not at else None)
            progress("impute", at + 1, order.draws)
    if saved is not None:
        notes += _unmatched(raw.table.column_names, saved.model.schema.names)
    notes += _left(table, filled)
    many = order.draws > 1
    files = {
        f"imputed_{at}" if many else "imputed": path
        for at, path in enumerate(outputs, 1)
        if path != STREAM
    }
    return Imputed(table.rows, filled, plan.seed, tuple(notes), files, clock.total())


def table_and_model(
    raw: Raw, plan: Plan, saved: Saved | None, progress: Progress = silent
) -> tuple[Table, TableModel]:
    """The table with its schema, and the model to draw from: a saved one, or of this table."""
    if saved is not None:
        schema = saved.model.schema
        for option, given in (("--target", plan.target), ("--schema", plan.declared)):
            if given is not None:
                found = "given beside a model, which is not learned again"
                raise ConfigError(option, found, "Leave out one of the two")
        names = tuple(name for name in schema.names if name in raw.table.column_names)
        if not names:
            hint = "Give the columns that the model has learned"
            raise DataError(raw.name, "has no column of the model", hint)
        inner: TableModel = chosen(saved.model)
        return to_table(raw.table, schema.select(names), raw.name), inner
    refuse_formulas(raw, plan.declared)
    table = understand(raw, plan)
    recipe = Autoregressive(any_order=ANY_ORDER, budget=plan.budget)
    run = Run(progress, Deadline(plan.budget), plan.workers)
    return table, recipe.fit(table, seed=Seed(plan.seed).child("model"), run=run)


def filled_in(
    raw: Raw, table: Table, model: TableModel, plan: Plan, draw: int
) -> tuple[pa.Table, dict[str, int]]:
    """The raw table with its missing cells filled, and how many were filled by column."""
    seed = Seed(plan.seed).child("impute", draw)
    full = impute(model, table, seed=seed, workers=plan.workers)
    return _merged(raw.table, table, full)


def _merged(raw: pa.Table, table: Table, full: Table) -> tuple[pa.Table, dict[str, int]]:
    """The raw table, of which only cells that were missing and no longer are have changed."""
    source, filled = to_source(full), dict[str, int]()
    for name in table.names:
        new = table.missing(name) & ~full.missing(name)
        if not new.any():
            continue
        filled[name] = int(new.sum())
        at = raw.column_names.index(name)
        old, drawn = raw.column(name), source.column(name)
        if is_dictionary(old.type):
            old = old.cast(old.type.value_type)
        if is_nested(old.type):  # drawn as JSON text, which is none of these
            del filled[name]
            continue
        column = pc.if_else(pa.array(new), drawn.cast(old.type), old)
        raw = raw.set_column(at, name, column)
    return raw, filled


def _unmatched(names: Sequence[str], learned: Sequence[str]) -> list[str]:
    """Columns that only the table or only the model has, in a sentence."""
    parts = []
    for one, other, what in (
        (learned, names, "columns of the model that the table lacks"),
        (names, learned, "columns that the model has not learned, which stay as they are"),
    ):
        alone = [name for name in one if name not in set(other)]
        if alone:
            shown = ", ".join(map(repr, alone[:3])) + (", …" if len(alone) > 3 else "")
            parts.append(f"{what}: {shown}")
    return ["; ".join(parts)] if parts else []


def _left(table: Table, filled: dict[str, int]) -> list[str]:
    """What is still missing, in sentences."""
    notes = []
    for column in table.schema.columns:
        count = int(np.sum(table.missing(column.name))) - filled.get(column.name, 0)
        if count:
            why = "keys are not made up" if column.kind is Kind.KEY else "no value was learned"
            notes.append(f"column {column.name!r}: {count:,} cells stay missing, as {why}")
    return notes


def _check(output: str, source: str, model: str | None) -> None:
    if output == STREAM:
        return
    check_writable(Path(output))
    refuse_overwriting([output], [source, model])

"""Rows from a saved model, streamed into a file in the format of the model's input."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.core.progress import Progress, silent
from likewise.core.registry import suggest
from likewise.core.seeds import Seed
from likewise.data.convert import to_source, to_table
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.io.dialect import dialect_for, format_notes
from likewise.io.read import Raw, read_raw
from likewise.io.write import write_blocks
from likewise.jobs.balance import balanced, parse_balance
from likewise.jobs.clock import Clock
from likewise.jobs.fit import chosen
from likewise.jobs.plan import STREAM, check_writable, refuse_overwriting
from likewise.jobs.saved import SavedEvents, SavedSeries, load_any
from likewise.jobs.saved_linked import SavedLinked, sample_linked
from likewise.jobs.understand import in_kinds_of


@dataclass(frozen=True)
class Order:
    """What is wanted from a model.

    Attributes:
        model: path of the model file.
        rows: rows to draw, or entities of events; None for as many as ``given`` has, else as were
            learned.
        output: where to; "-" is standard output, None a file beside the model.
        given: path of a table of known columns, one row of it for each row drawn; of a series or
            of events, a past to go on from.
        where: a condition that all rows meet.
        balance: target shares of a column's levels, as ``parse_balance`` reads them.
        seed: drawn when None.
        workers: threads, None for all cores.
        scale: of a database, how many times the rows that were learned.
        events: most new events of each entity of a given past.
        until: the moment beyond which none is drawn.
    """

    model: str
    rows: int | None = None
    output: str | None = None
    given: str | None = None
    where: str | None = None
    balance: str | None = None
    seed: int | None = None
    workers: int | None = None
    scale: float | None = None
    events: int | None = None
    until: str | None = None


@dataclass(frozen=True)
class Sampled:
    """What was drawn: how many rows, from which seed, into which file, in how many seconds.

    Attributes:
        notes: how rows that meet a condition came about, and what was changed on writing.
    """

    rows: int
    seed: int
    files: dict[str, str]
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``."""
        return {
            "version": 1,
            "rows": self.rows,
            "seed": self.seed,
            "notes": list(self.notes),
            "files": self.files,
            "seconds": self.seconds,
        }


def run(order: Order, progress: Progress = silent) -> Sampled:
    """Draw and write the rows in bounded memory; the file appears whole or not at all."""
    clock = Clock()
    if order.where is not None and not order.where.strip():
        raise ConfigError("--where", "is empty", "Write a condition such as age > 65, or none")
    saved = load_any(order.model)
    if isinstance(saved, SavedLinked):
        return _of_database(saved, order, clock)
    if order.scale is not None:
        raise ConfigError("--scale", "is for models of linked tables", "Say how many with -n")
    for option, value in (("--events", order.events), ("--until", order.until)):
        if value is not None and (order.given is None or not isinstance(saved, SavedEvents)):
            found = "is for events of entities that go on from a past"
            raise ConfigError(option, found, "Give it with a model of events and --given")
    if isinstance(saved, SavedSeries | SavedEvents):
        return _of_sequences(saved, order, clock, progress)
    dialect = saved.dialect
    output = order.output or _default_output(order.model, saved.name, dialect.format)
    if output != STREAM:
        check_writable(Path(output))
        refuse_overwriting([output], [order.model, order.given])
    seed = Seed.of(order.seed)
    given = None if order.given is None else known_rows(read_raw(order.given), saved.model.schema)
    rows = rows_wanted(order.rows, given, saved.model.rows)
    if order.balance is not None:
        balance, inner = parse_balance(order.balance), chosen(saved.model)
        given = balanced(balance, saved.model.schema, inner, rows, given, seed)
    notes: list[str] = []
    blocks = saved.model.blocks(
        rows,
        seed=seed.child("sample"),
        given=given,
        where=order.where,
        workers=order.workers,
        tell=notes.append,
    )
    with clock.stage("sample", progress):
        written = dialect_for(output, dialect)
        notes += format_notes(output, dialect, written)
        typed = dialect.textual and not written.textual
        flow = told(blocks, rows, progress, typed=typed)
        write_blocks(flow, output, written, notes=notes)
    files = {} if output == STREAM else {"synthetic": output}
    return Sampled(rows, seed.value, files, clock.total(), tuple(notes))


def _of_database(saved: SavedLinked, order: Order, clock: Clock) -> Sampled:
    """Tables of a database, in a folder."""
    asked = {"-n": order.rows, "--given": order.given, "--where": order.where,
             "--balance": order.balance}  # fmt: skip
    for option, value in asked.items():
        if value is not None:
            hint = "Say how many with --scale, or leave it out"
            raise ConfigError(option, "is for models of one table", hint)
    if order.output == STREAM:
        raise ConfigError("-o -", "a database is no single table", "Name a folder")
    seed = Seed.of(order.seed)
    scale = 1.0 if order.scale is None else order.scale
    with clock.stage("sample", silent):
        told = sample_linked(saved, order.model, order.output, scale, seed)
    folder, rows, notes = told
    return Sampled(sum(rows.values()), seed.value, {"synthetic": folder}, clock.total(), notes)


def _of_sequences(
    saved: SavedSeries | SavedEvents, order: Order, clock: Clock, progress: Progress
) -> Sampled:
    """Rows that follow each other, after a given past if there is one."""
    what = "series" if isinstance(saved, SavedSeries) else "events of entities"
    for option, given in (("--where", order.where), ("--balance", order.balance)):
        if given is not None:
            raise ConfigError(option, f"not for {what}", "Leave it out")
    if isinstance(saved, SavedEvents) and order.given is not None and order.rows is not None:
        hint = "Leave out -n; --events says how many events at most"
        raise ConfigError("-n", "the entities are those of the given past", hint)
    output = order.output or _default_output(order.model, saved.name, saved.dialect.format)
    if output != STREAM:
        check_writable(Path(output))
        refuse_overwriting([output], [order.model, order.given])
    seed = Seed.of(order.seed)
    schema = saved.model.schema
    past = None
    if order.given is not None:
        past = in_kinds_of(read_raw(order.given), schema, "the given past")
    notes: list[str] = []
    with clock.stage("sample", progress):
        own = seed.child("sample")
        if isinstance(saved, SavedSeries):
            made = saved.model.sample(order.rows, seed=own, given=past)
        elif past is None:
            made = saved.model.sample(order.rows, seed=own)
        else:
            made = saved.model.follow(past, events=order.events, until=order.until, seed=own)
        written = dialect_for(output, saved.dialect)
        notes += format_notes(output, saved.dialect, written)
        typed = saved.dialect.textual and not written.textual
        write_blocks(iter([to_source(made, typed=typed)]), output, written, notes=notes)
    files = {} if output == STREAM else {"synthetic": output}
    return Sampled(made.rows, seed.value, files, clock.total(), tuple(notes))


def known_rows(raw: Raw, schema: Schema) -> Table:
    """The given columns in the types of the schema; an unknown one raises ConfigError."""
    if len(set(raw.dialect.header)) < len(raw.dialect.header):
        raise ConfigError("--given", "two columns have the same name", "Name each column once")
    for name in raw.table.column_names:
        if name not in schema.names:
            hint = suggest(name, list(schema.names))
            raise ConfigError(f"--given column {name!r}", "the model has no such column", hint)
    return to_table(raw.table, schema.select(tuple(raw.table.column_names)), "--given")


def rows_wanted(rows: int | None, given: Table | None, learned: int) -> int:
    """How many rows to draw: one for each given row, or any number for a single given row."""
    if given is None:
        return learned if rows is None else rows
    if rows is not None and given.rows not in (1, rows):
        found = f"{rows:,} rows wanted, but {given.rows:,} given"
        raise ConfigError("-n", found, "Leave out -n; one row is drawn for each given one")
    return given.rows if rows is None else rows


def told(
    blocks: Iterator[Table], rows: int, progress: Progress, *, typed: bool
) -> Iterator[pa.Table]:
    """The blocks as they are written in the source, with progress in rows."""
    done = 0
    for block in blocks:
        yield to_source(block, typed=typed)
        done += block.rows
        progress("sample", done, max(rows, 1))


def _default_output(model: str, name: str, kind: str) -> str:
    ending = "xlsx" if kind == "excel" else kind
    return str(Path(model).with_name(f"{name}.synthetic.{ending}"))

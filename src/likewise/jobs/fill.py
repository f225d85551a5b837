"""Rows into a database, as a plan and then for good; and what is told of it."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from likewise.core.progress import Progress
from likewise.io.sql_load import Blocks, load, plan_load
from likewise.io.sql_schema import SqlDatabase
from likewise.io.sql_session import open_session
from likewise.io.sql_url import SqlUrl, parse_url

ROWS = 65_536  # handed on at once


@dataclass(frozen=True)
class Moved:
    """What was read or written, or would be.

    Attributes:
        source: where from; addresses without their password, as in ``target``.
        target: where to.
        rows: by table, in the order in which they were moved.
        notes: what was met, and what the target cannot hold.
        seconds: spent in all.
        statements: that make the tables of a database.
        circles: tables that refer to each other, in words.
        late: references that are left empty at first.
        written: whether anything was.
        seed: of a synthetic copy.
    """

    source: str
    target: str
    rows: Mapping[str, int]
    notes: tuple[str, ...]
    seconds: float
    statements: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    written: bool = True
    seed: int | None = None

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``."""
        return {
            "version": 1,
            "source": self.source,
            "target": self.target,
            "rows": dict(self.rows),
            "notes": list(self.notes),
            "seconds": self.seconds,
            "statements": list(self.statements),
            "circles": list(self.circles),
            "late": list(self.late),
            "written": self.written,
            "seed": self.seed,
        }


def blocks_of(table: pa.Table) -> Blocks:
    """A table as blocks, from the start at each call."""

    def blocks() -> Iterator[pa.Table]:
        for start in range(0, max(table.num_rows, 1), ROWS):
            yield table.slice(start, ROWS)

    return blocks


@dataclass(frozen=True)
class Goal:
    """Where rows go: an address and its schema, what may be there, and whether it is tried only."""

    target: str
    schema: str = ""
    into_existing: bool = False
    dry_run: bool = False


@contextlib.contextmanager
def _taken_back(url: SqlUrl) -> Iterator[None]:
    """What fails leaves no file where there was none."""
    there = not url.is_file or Path(url.name).exists()
    try:
        yield
    except BaseException:
        if not there:
            for name in (url.name, f"{url.name}.wal", f"{url.name}-journal"):
                Path(name).unlink(missing_ok=True)
        raise


def fill(sql: SqlDatabase, rows: Mapping[str, Blocks], goal: Goal, progress: Progress) -> Moved:
    """Plan, and unless it is tried only write, the rows of some tables."""
    url = parse_url(goal.target)
    counts: dict[str, int] = {}
    with contextlib.ExitStack() as stack:
        stack.enter_context(_taken_back(url))
        session = None
        if not (goal.dry_run and url.is_file and not Path(url.name).is_file()):
            opened = open_session(url, schema=goal.schema, write=not goal.dry_run)
            session = stack.enter_context(opened)
        left = session.recover() if session is not None and not goal.dry_run else ()
        plan = plan_load(sql, url, session, into_existing=goal.into_existing)
        if session is None or goal.dry_run:
            counts = {name: sum(b.num_rows for b in rows[name]()) for name in plan.order.tables}
        else:

            def done(name: str, count: int) -> None:
                counts[name] = count
                progress("write", len(counts), len(sql.tables))

            load(plan, session, rows, done)
    return Moved(
        source="",
        target=str(url),
        rows=counts,
        notes=(*left, *plan.ddl.notes),
        seconds=0.0,
        statements=plan.ddl.statements,
        circles=plan.order.circles,
        late=tuple(f"{late.table} ({', '.join(late.columns)})" for late in plan.order.late),
        written=not goal.dry_run,
    )

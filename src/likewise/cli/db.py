"""``likewise db``."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from likewise.cli import options

if TYPE_CHECKING:
    from likewise.cli.console import Voice
    from likewise.core.progress import Progress
    from likewise.jobs.fill import Moved

F = TypeVar("F", bound=Callable[..., Any])

_ADDRESSES = (
    "Addresses: postgresql://USER@HOST/DB, mysql://USER@HOST/DB, sqlite:///FILE, duckdb:///FILE. "
    "Passwords: LIKEWISE_DB_PASSWORD, or PGPASSWORD, ~/.pgpass, MYSQL_PWD, ~/.my.cnf."
)
TOLD = 20  # tables, and notes, that are listed without --verbose


@click.group(epilog=_ADDRESSES)
def command() -> None:
    """Move whole databases: into a folder, out of one, or as a synthetic copy."""


def _shared(function: F) -> F:
    """``--schema`` and ``--tables``."""
    function = click.option(
        "--tables", metavar="A,B", help="Some tables only; all of the schema by default."
    )(function)
    return click.option(
        "--schema", default="", metavar="NAME", help="Of the database; by default its own first."
    )(function)


_TIMEOUT = click.option(
    "--timeout",
    type=options.Seconds(),
    default="1h",
    show_default=True,
    help="After which the server gives up a statement that reads.",
)
_INTO_EXISTING = click.option(
    "--into-existing", is_flag=True, help="Fill tables that are there, if they are empty."
)
_DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Show statements, order, circles and rows; write nothing."
)


@command.command(epilog="Example: likewise db pull postgresql://me@host/shop shop/")
@click.argument("source", metavar="SRC")
@click.argument("folder", metavar="DIR")
@_shared
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv", "jsonl", "feather"]),
    default="parquet",
    show_default=True,
    help="Of the files; parquet keeps every type.",
)
@click.option("--into-existing", is_flag=True, help="Write into a folder that holds files, too.")
@click.option(
    "--infer", is_flag=True, help="Leave open what is not declared, so that it is looked for."
)
@_TIMEOUT
@options.talk
def pull(
    *,
    source: str,
    folder: str,
    schema: str,
    tables: str | None,
    file_format: str,
    into_existing: bool,
    infer: bool,
    timeout: float,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Read a database into a folder: a file for each table, and what it says of them.

    SRC is the address of a database. DIR appears whole or not at all.
    """
    from likewise.jobs import databases

    def work(progress: "Progress") -> "Moved":
        return databases.pull(
            source,
            folder,
            schema=schema,
            tables=_names(tables),
            file_format=file_format,
            into_existing=into_existing,
            infer=infer,
            timeout=timeout,
            progress=progress,
        )

    _run(work, as_json=as_json, quiet=quiet, verbose=verbose)


@command.command(epilog="Example: likewise db push shop/ postgresql://me@host/empty")
@click.argument("folder", metavar="DIR")
@click.argument("target", metavar="DST")
@_shared
@_INTO_EXISTING
@_DRY_RUN
@options.talk
def push(
    *,
    folder: str,
    target: str,
    schema: str,
    tables: str | None,
    into_existing: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Write a folder of tables into an empty database, all of them or nothing.

    DIR is a folder as db pull writes it, or any with a file for each table. DST is the address of
    a database, whose server checks every key, reference and condition.
    """
    from likewise.jobs import databases

    def work(progress: "Progress") -> "Moved":
        return databases.push(
            folder,
            target,
            schema=schema,
            tables=_names(tables),
            into_existing=into_existing,
            dry_run=dry_run,
            progress=progress,
        )

    _run(work, as_json=as_json, quiet=quiet, verbose=verbose)


@command.command(
    epilog="Example: likewise db clone postgresql://me@host/shop duckdb:///copy.duckdb"
)
@click.argument("source", metavar="SRC")
@click.argument("target", metavar="DST")
@click.option(
    "--scale",
    type=options.Scale(),
    default="1x",
    show_default=True,
    help="How many times as many rows, such as 0.1x.",
)
@_shared
@click.option("--to-schema", default="", metavar="NAME", help="Of the target; made if not there.")
@click.option(
    "--generator", default="trees", show_default=True, metavar="NAME", help="For every table."
)
@click.option(
    "--budget", type=options.Seconds(), default="10m", show_default=True, help="For learning."
)
@click.option("--infer", is_flag=True, help="Look for keys and references that are not declared.")
@_INTO_EXISTING
@_DRY_RUN
@_TIMEOUT
@options.seed
@options.workers
@options.talk
def clone(
    *,
    source: str,
    target: str,
    scale: float,
    schema: str,
    tables: str | None,
    to_schema: str,
    generator: str,
    budget: float,
    infer: bool,
    into_existing: bool,
    dry_run: bool,
    timeout: float,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Write a synthetic copy of a database into another one, all of it or nothing.

    SRC and DST are addresses of databases, of the same engine or not. Tables are made as SRC
    declares them, and DST's server checks every key, reference and condition.
    """
    from likewise.jobs.clone import clone as work_on

    def work(progress: "Progress") -> "Moved":
        return work_on(
            source,
            target,
            scale=scale,
            seed=seed,
            schema=schema,
            target_schema=to_schema,
            tables=_names(tables),
            generator=generator,
            infer=infer,
            into_existing=into_existing,
            dry_run=dry_run,
            budget=budget,
            workers=workers,
            timeout=timeout,
            progress=progress,
        )

    _run(work, as_json=as_json, quiet=quiet, verbose=verbose)


def _names(tables: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in tables.split(",")) if tables else ()


def _run(
    work: Callable[["Progress"], "Moved"], *, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Do the work and tell of it."""
    from likewise.cli.console import Voice, print_json

    voice = Voice(as_json=as_json, quiet=quiet)
    with voice.progress() as progress:
        moved = work(progress)
    if as_json:
        print_json(moved.as_json())
    _tell(voice, moved, verbose=verbose)


def _tell(voice: "Voice", moved: "Moved", *, verbose: bool) -> None:
    """From where to where, how many rows, and what has to be known of it."""
    from rich.text import Text

    def line(head: str, text: str) -> None:
        voice.say(Text(f"  {head:<10}{text}"))

    line("from", moved.source)
    line("to", moved.target)
    if moved.seed is not None:
        line("seed", str(moved.seed))
    if not moved.written:
        for statement in moved.statements:
            voice.out.print(Text(f"{statement};"))
        for circle in moved.circles:
            line("circle", circle)
        for late in moved.late:
            line("later", f"{late} is filled when all rows are there")
    shown = list(moved.rows.items())[: None if verbose or not moved.written else TOLD]
    for name, count in shown:
        line("table", f"{name}  {count:,} rows")
    if len(moved.rows) > len(shown):
        line("", f"and {len(moved.rows) - len(shown):,} more (--verbose)")
    notes = moved.notes[: None if verbose or not moved.written else TOLD]
    for note in notes:
        line("note", note)
    if len(moved.notes) > len(notes):
        line("", f"and {len(moved.notes) - len(notes):,} more notes (--verbose)")
    total = f"{len(moved.rows):,} tables, {sum(moved.rows.values()):,} rows"
    line("written" if moved.written else "would be", total)
    line("time", f"{moved.seconds:.1f} s")

"""From a raw table to one with a schema and rules, cut into what is learned and what judges."""

from collections.abc import Iterable

from likewise.core.errors import ConfigError, DataError
from likewise.core.registry import suggest
from likewise.core.seeds import Seed
from likewise.data.arrow_types import is_text
from likewise.data.cells import count_infinite
from likewise.data.convert import to_table
from likewise.data.declared import to_declared
from likewise.data.discover import Found, discover
from likewise.data.infer_typed import as_texts
from likewise.data.schema import NUMBERS, Kind, Schema
from likewise.data.split import holdout_split
from likewise.data.table import Table
from likewise.io.read import Raw
from likewise.jobs.plan import Plan

FEWEST_ROWS = 50  # with fewer a holdout is too small to judge by, and too dear to keep back


def understand(raw: Raw, plan: Plan) -> Table:
    """The raw table with its schema: declared where it is, else found."""
    names = raw.table.column_names
    declared = plan.declared
    if not names or not raw.table.num_rows:
        raise DataError(raw.name, "has no rows", "Give a table with at least one row")
    if plan.target is not None and plan.target not in names:
        hint = suggest(plan.target, names)
        raise ConfigError(f"--target {plan.target!r}", "no such column", hint)
    return to_declared(raw.table, declared, target=plan.target, where=raw.name)


def refuse_formulas(raw: Raw, declared: Schema | None) -> None:
    """Raise DataError if a csv file holds formulas, unless a schema says what their column is.

    Whoever opens the made file in a spreadsheet would run what was meant for the real one, and a
    result is nowhere in the file. Texts that only look like formulas are made known by a schema.
    """
    known = () if declared is None else declared.names
    for name, (count, row) in raw.formulas.items():
        if name not in known:
            found = f"{count:,} formula cells (they begin with =), first in row {row:,}"
            hint = (
                "Replace formulas by their values, or give --schema with the kind of the column if "
                "they are texts (likewise inspect -o schema.yaml writes one)"
            )
            raise DataError(f"{raw.name}, column {name!r}", found, hint)


def taken_as_missing(raw: Raw, schema: Schema) -> tuple[str, ...]:
    """By column, how many cells no number stands for, in sentences."""
    notes = []
    for column in schema.columns:
        cells = raw.table.column(column.name)
        if column.kind in NUMBERS or not is_text(cells.type):
            count = count_infinite(cells)
            if count:
                notes.append(f"column {column.name!r}: {count:,} infinite cells taken as missing")
    return tuple(notes)


def unordered(table: Table, others: Iterable[Raw], declared: Schema | None) -> Table:
    """The table with a category for each ordinal whose order was found, and lacks others' labels.

    A declared order stands, so that labels beyond it are refused.
    """
    told = () if declared is None else [c.name for c in declared.columns if c.levels]
    found = [c for c in table.schema.columns if c.kind is Kind.ORDINAL and c.name not in told]
    columns = []
    for column in found:
        known = {*(column.levels or ()), column.format.null, None}
        cells = [
            raw.table.column(column.name) for raw in others if column.name in raw.table.column_names
        ]
        texts = [as_texts(column.name, part).unique().to_pylist() for part in cells]
        if any(text not in known for part in texts for text in part):
            why = (*column.evidence, "another table has labels beyond these levels: category")
            update = {"kind": Kind.CATEGORY, "levels": None, "evidence": why}
            columns.append(column.model_copy(update=update))
    return Table(table.arrow, table.schema.replace(*columns)) if columns else table


def in_kinds_of(raw: Raw, schema: Schema, what: str) -> Table:
    """A raw table in the columns and kinds of another, whatever their order."""
    names = set(raw.table.column_names)
    missing = [name for name in schema.names if name not in names]
    if missing:
        found = f"{what} lacks {len(missing)} columns of the real one, such as {missing[0]!r}"
        raise DataError(raw.name, found, "Give tables with the same columns")
    return to_table(raw.table, schema, what)


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

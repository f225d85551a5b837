"""Populations from tables: real ones, or those that a fitted generator has drawn."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.data.schema import LABELS, TEMPORAL, Kind
from likewise.data.table import Table
from likewise.simulate.form import Form
from likewise.simulate.population import OWN, Population
from likewise.simulate.world import World


def population_from(
    table: "pa.Table | Table", columns: Sequence[str] | None = None, *, form: Form | None = None,
    **more: object,
) -> Population:  # fmt: skip
    """A population with an agent for each row; labels become codes, and come out as words again.

    Texts that are numbers, as a model of a CSV file draws them, become numbers. A missing number
    is NaN, so whole numbers with gaps are floats; a missing label is -1.

    Args:
        table: an Arrow table, such as ``likewise.load(path).sample(n, seed=...)``, or a ``Table``.
        columns: those that are wanted; all by default.
        form: what the table of the population looks like; labels are added to it.
        more: further columns, as for ``Population``.

    Raises:
        ConfigError: a column is not there, holds times, or has missing booleans.
    """
    read = _typed(table, columns)
    made: dict[str, np.ndarray] = {}
    labels: dict[str, tuple[str, ...]] = {}
    for column in read.schema.columns:
        name = column.name
        if column.kind in LABELS:
            made[name], words = read.labels(name)
            labels[name] = tuple(words)
        elif column.kind in TEMPORAL:
            hint = "Turn it into a number first, or leave it out"
            raise ConfigError(f"column {name!r}", f"holds a {column.kind}", hint)
        else:
            made[name] = _numbers(read, name, column.kind)
    shape = form or Form()
    shape = replace(shape, labels={**labels, **shape.labels})
    return Population(read.rows, form=shape, **made, **more)


def given_columns(
    world: World, name: str
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """The columns of a table that was given for a population, and the words of its labels.

    Both are empty where none was given. Labels are codes; -1 is a missing one.

        columns, words = given_columns(world, "customers")
        form = Form(key="customer_id", labels={**own_words, **words})
        world.customers = Population(self.customers, form=form, **{**own, **columns})

    Raises:
        ConfigError: a column holds times, has missing booleans, or is called as the engine's own.
    """
    if name not in world.given:
        return {}, {}
    for column in world.given[name].column_names:
        if column in OWN:
            found = "a name of the population's own"
            raise ConfigError(f"{name}, column {column!r}", found, "Rename it")
    people = population_from(world.given[name])
    columns = {column: v for column, v in people.columns.items() if column not in OWN}
    return columns, dict(people.form.labels)


def _typed(table: "pa.Table | Table", columns: Sequence[str] | None) -> Table:
    """The wanted columns in canonical types; kinds of an Arrow table are inferred."""
    there = table.names if isinstance(table, Table) else tuple(table.column_names)
    wanted = list(there if columns is None else columns)
    for name in wanted:
        if name not in there:
            raise ConfigError(f"column {name!r}", "not in the table", "Name one that is")
    if isinstance(table, Table):
        return table.select(wanted)
    raw = table.select(wanted)
    return to_table(raw, infer(raw))


def _numbers(table: Table, name: str, kind: Kind) -> np.ndarray:
    values, gaps = table.numbers(name), table.missing(name)
    if kind is Kind.BOOLEAN:
        if gaps.any():
            found = f"{int(gaps.sum()):,} missing booleans"
            raise ConfigError(f"column {name!r}", found, "Fill them first")
        return values.astype(bool)
    return np.where(gaps, np.nan, values) if gaps.any() else values


def as_numbers(
    columns: dict[str, np.ndarray], words: dict[str, tuple[str, ...]], names: Sequence[str]
) -> None:
    """Make numbers of the columns ``names`` that were taken for labels, as constant ones are.

    Raises:
        ConfigError: a label that is no number, or a missing one.
    """
    for name in names:
        if name not in words:
            continue
        try:
            values = np.array([float(word) for word in words[name]])
        except ValueError:
            found = "labels where numbers are needed"
            raise ConfigError(f"column {name!r}", found, "Give numbers") from None
        if (columns[name] < 0).any():
            raise ConfigError(f"column {name!r}", "missing cells", "Fill them first")
        columns[name] = values[columns[name]]
        del words[name]

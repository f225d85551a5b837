"""Target shares of a column's levels, as rows in which that column is given."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.core.registry import suggest
from likewise.core.seeds import Seed
from likewise.data.convert import to_table
from likewise.data.schema import Kind, Schema
from likewise.data.table import Table
from likewise.encode.label import Labels

Array = np.ndarray
Balance = Mapping[str, Any]  # column -> "equal", or a mapping of level to share

EQUAL = "equal"


def parse_balance(text: str) -> dict[str, Any]:
    """``income=equal``, or ``income=>50K:0.3,<=50K:0.7``; braces and quotes are allowed."""
    column, equals, wanted = text.partition("=")
    hint = "Write COL=equal, or COL=LEVEL:SHARE,LEVEL:SHARE"
    if not equals or not column or not wanted.strip():
        raise ConfigError(f"--balance {text!r}", "not of the form COL=SHARES", hint)
    if wanted.strip() == EQUAL:
        return {column.strip(): EQUAL}
    shares = {}
    for part in wanted.strip().removeprefix("{").removesuffix("}").split(","):
        level, colon, share = part.rpartition(":")
        try:
            shares[level.strip().strip("'\"")] = float(share if colon else "")
        except ValueError:
            found = f"{part.strip()!r} is no level with a share"
            raise ConfigError(f"--balance {column}", found, hint) from None
    return {column.strip(): shares}


def balanced(
    balance: Balance, schema: Schema, inner: Any, rows: int, given: Table | None, seed: Seed
) -> Table:
    """``given`` with one more column, whose levels have these shares up to rounding, in any order.

    Args:
        balance: one column and its shares.
        schema: of the model.
        inner: the model of the columns themselves, which knows their labels.
        rows: N rows to draw.
        given: further given columns, or None.
        seed: of the order.

    Raises:
        ConfigError: an unknown column or level, or shares that are none.
    """
    if not isinstance(balance, Mapping):
        hint = 'Give a mapping, such as {"fraud": "equal"}'
        raise ConfigError("balance", f"a {type(balance).__name__}", hint)
    if len(balance) != 1:
        raise ConfigError("balance", f"{len(balance)} columns", "Balance one column")
    name, wanted = next(iter(balance.items()))
    if name not in schema.names:
        hint = suggest(str(name), list(schema.names))
        raise ConfigError(f"balance {name!r}", "no such column", hint)
    if given is not None and name in given.names:
        raise ConfigError(f"balance {name!r}", "the column is given too", "Leave out one of both")
    if wanted == EQUAL:
        levels = _levels(name, schema, inner)
        wanted = dict.fromkeys(levels, 1 / len(levels))
    counts = _counts(name, wanted, rows)
    texts = pa.array([str(level) for level in wanted], pa.string())
    order = seed.stream("balance").permutation(np.repeat(np.arange(len(counts)), counts))
    one = schema.select((name,))
    column = to_table(pa.table({name: texts.take(pa.array(order))}), one, "balance")
    if given is None:
        return column
    repeated = given if given.rows == rows else given.take(np.zeros(rows, dtype=np.int64))
    arrow = repeated.arrow.append_column(name, column.arrow.column(name))
    return Table(arrow, Schema(columns=(*repeated.schema.columns, *one.columns)))


def _levels(name: str, schema: Schema, inner: Any) -> tuple[str, ...]:
    """The labels of a column that the model can be asked for."""
    if schema[name].kind is Kind.BOOLEAN:
        return "true", "false"
    if name in inner.schema.names:
        part = inner.codec.parts[inner.schema.names.index(name)]
        if isinstance(part, Labels) and part.labels and schema[name].kind is not Kind.TEXT:
            return tuple(part.labels)
    found = f"equal shares of a column of kind {schema[name].kind}"
    raise ConfigError(f"balance {name!r}", found, "Name levels with their shares")


def _counts(name: str, wanted: Any, rows: int) -> Array:
    """Rows of each level: shares of ``rows``, the largest remainders rounded up."""
    values = list(wanted.values()) if isinstance(wanted, Mapping) else []
    numbers = [value for value in values if isinstance(value, Real)]
    shares: Array = np.array(numbers, dtype=float)
    found = None
    if not len(values):
        found = "no shares"
    elif len(numbers) < len(values) or not np.isfinite(shares).all():
        found = "a share that is no number"
    elif (shares < 0).any():
        found = f"a share of {shares.min():g}, below 0"
    elif abs(shares.sum() - 1) > 1e-6:
        found = f"shares that sum to {shares.sum():g}"
    if found is not None:
        hint = "Give 'equal', or a share of 0 or more for each level, 1 in all"
        raise ConfigError(f"balance {name!r}", found, hint)
    exact = shares / shares.sum() * rows
    counts: Array = np.floor(exact).astype(np.int64)
    largest = np.argsort(counts - exact, kind="stable")[: rows - int(counts.sum())]
    counts[largest] += 1
    return counts

"""A fitted model as Python callers hold it: frames in, frames of the same kind out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed
from likewise.data.convert import to_source
from likewise.data.table import Table
from likewise.io.dialect import Dialect
from likewise.io.frames import from_frame, to_frame
from likewise.io.read import Raw, read_raw
from likewise.jobs.arguments import refuse_unless, refuse_unless_whole
from likewise.jobs.balance import Balance, balanced
from likewise.jobs.fit import chosen
from likewise.jobs.fitted import MOST_ROWS, Fitted
from likewise.jobs.judge import density_of
from likewise.jobs.sample import known_rows, rows_wanted
from likewise.jobs.saved import Saved
from likewise.jobs.understand import in_kinds_of


@dataclass(frozen=True, repr=False)
class Model(Fitted):
    """A fitted model: draws new rows in the kind of frame it was fitted on."""

    saved: Saved

    def __repr__(self) -> str:
        """What it is in one line, without a number that was learned."""
        name, columns = self.saved.generator, len(self.schema.columns)
        return f"<Model: {name}, {self.rows:,} rows of {columns:,} columns learned>"

    def sample(
        self,
        rows: int | None = None,
        *,
        seed: int | Seed | None = None,
        given: Any = None,
        where: str | None = None,
        balance: Balance | None = None,
        workers: int | None = None,
        like: Any = None,
    ) -> Any:
        """Draw rows; by default as many as were learned.

        Args:
            rows: how many, zero or more.
            seed: the same seed draws the same rows.
            given: a frame or path with some of the columns; one row is drawn for each of its rows.
            where: a condition that all rows meet, such as ``"age > 65 and city = 'Basel'"``.
            balance: target shares of one column's levels: ``{"fraud": "equal"}``, or
                ``{"fraud": {"yes": 0.3, "no": 0.7}}``.
            workers: threads, all cores by default; does not change the rows.
            like: a frame whose kind the result should have.
        """
        blocks = self.blocks(
            rows, seed=seed, given=given, where=where, balance=balance, workers=workers
        )
        tables = list(blocks)
        return to_frame(pa.concat_tables(tables), self.like if like is None else like)

    def blocks(
        self,
        rows: int | None = None,
        *,
        seed: int | Seed | None = None,
        given: Any = None,
        where: str | None = None,
        balance: Balance | None = None,
        workers: int | None = None,
    ) -> Iterator[pa.Table]:
        """The rows of ``sample`` as Arrow tables, in bounded memory; at least one."""
        if rows is not None:
            refuse_unless_whole("rows", rows, 0, MOST_ROWS)
        if where is not None:
            refuse_unless(str, "where", where, 'Give a text, such as "age > 65"')
        if workers is not None:
            refuse_unless_whole("workers", workers, 1)
        known = None if given is None else known_rows(raw_of(given), self.schema)
        count = rows_wanted(rows, known, self.rows)
        seed = Seed.of(seed)
        if balance is not None:
            inner = chosen(self.saved.model)
            known = balanced(balance, self.schema, inner, count, known, seed)
        drawn = self.saved.model.blocks(
            count, seed=seed.child("sample"), given=known, where=where, workers=workers
        )
        return map(to_source, drawn)

    def log_prob(self, rows: Any) -> np.ndarray:
        """Log density of each row under the model, in nats; (N,) float64.

        The larger, the more typical. Values that the rules compute from others count for nothing,
        and rows with a label that was never learned have -inf. Densities compare rows under one
        model, not models.

        Args:
            rows: a frame or path with all columns of the model.

        Raises:
            ConfigError: the method gives no probabilities; autoregressive does.
        """
        density = density_of(self.saved.model)
        if density is None:
            found = f"{self.saved.generator} gives no probabilities of rows"
            raise ConfigError("log_prob", found, "Fit with generator='autoregressive'")
        return density(in_kinds_of(raw_of(rows, "rows"), self.schema, "the table of rows"))


def raw_of(data: Any, name: str = "data") -> Raw:
    """A frame, table or path of the caller as a raw table."""
    if isinstance(data, str | Path):
        return read_raw(data)
    if isinstance(data, Table):
        return Raw(to_source(data), Dialect(), name)
    return Raw(from_frame(data), Dialect(), name)


def emptied(frame: Any) -> Any:
    """No rows of the frame, only its kind: a model must not carry the data it has learned."""
    if isinstance(frame, pa.RecordBatchReader):
        return None
    return frame.slice(0, 0) if hasattr(frame, "slice") else frame[:0]

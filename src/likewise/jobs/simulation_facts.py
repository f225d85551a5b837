"""The facts of a simulation's output, beside those of real tables, as a file and for the page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from likewise.core.errors import DataError
from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.io.read import read_raw
from likewise.simulate.facts import Fact, measured
from likewise.simulate.model import plain
from likewise.simulate.simulator import Simulator
from likewise.simulate.trajectory import Trajectory

READ = (".parquet", ".csv")  # of a folder; a table is called as its file
_NO_FIELD = re.compile('Field "(.*)" does not exist in schema')  # of Arrow, for a column
MOST_ROWS = 5_000_000  # of the output, for facts to be computed without being asked for


@dataclass(frozen=True)
class FactRow:
    """A fact as files and programs have it: means over replicates.

    Attributes:
        name: as the simulator calls it.
        meaning: what is measured.
        value: of the output; None where it is no number.
        real: of the real tables; None where there are none.
        low: least value that is believed; None for no bound.
        high: greatest value.
        source: where these bounds come from.
        inside: share of the runs that lie within; None without bounds.
    """

    name: str
    meaning: str
    value: float | None
    real: float | None
    low: float | None
    high: float | None
    source: str
    inside: float | None

    @property
    def missed(self) -> bool:
        """Whether fewer than half of the runs lie within."""
        return self.inside is not None and self.inside < 0.5


def facts_of_run(
    simulator: Simulator, made: Trajectory, real: Mapping[str, float], *, asked: bool | None
) -> tuple[Fact, ...]:
    """The facts of a run; none where nobody asked and there are more than 5 million rows."""
    if asked is None:
        asked = sum(made.rows(name) for name in made.names) <= MOST_ROWS
    return measured(simulator, plain(made.tables()), real) if asked else ()


def rows_of(runs: Iterable[tuple[Fact, ...]]) -> tuple[FactRow, ...]:
    """Facts of several runs as one list, in the order of the first run that has them."""
    by_name: dict[str, list[Fact]] = {}
    for fact in (fact for run in runs for fact in run):
        by_name.setdefault(fact.name, []).append(fact)
    return tuple(_row(facts) for facts in by_name.values())


def _row(facts: list[Fact]) -> FactRow:
    first, band = facts[0], facts[0].band
    inside = [fact.inside for fact in facts if fact.inside is not None]
    share = float(np.mean(inside)) if inside else None
    value = float(np.mean([fact.value for fact in facts]))
    return FactRow(
        first.name, band.meaning, _finite(value), _finite(first.real), band.low, band.high,
        band.source, share,
    )  # fmt: skip


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else value


def as_json(rows: Iterable[FactRow]) -> list[dict[str, Any]]:
    """Facts for ``facts.json`` and ``--json``."""
    return [{**vars(row), "missed": row.missed} for row in rows]


def read_tables(path: Path) -> Mapping[str, pa.Table]:
    """The tables of a folder, or one file as one table, in canonical types.

    In a folder a table may be without rows, as one of events that did not happen is.

    Raises:
        DataError: nothing can be read there.
    """
    if not path.is_dir():
        return {path.stem: _table(path)}
    files = sorted(one for one in path.iterdir() if one.suffix in READ)
    if not files:
        raise DataError(str(path), "holds no Parquet or CSV file", "Put the tables there")
    return {one.stem: _table(one, empty=True) for one in files}


def _table(path: Path, *, empty: bool = False) -> pa.Table:
    raw = read_raw(path, empty=empty)
    if not raw.table.num_rows:  # of its columns nothing can be told
        return raw.table
    return to_table(raw.table, infer(raw.table), str(path)).arrow


def is_tables(path: Path) -> bool:
    """Whether a path is a folder of tables or a file of one; numbers are in YAML or JSON."""
    return path.is_dir() or path.name.endswith((*READ, ".csv.gz", ".csv.zst", ".xlsx", ".jsonl"))


def real_facts(simulator: Simulator, path: Path, *, must: bool) -> Mapping[str, float]:
    """The facts of real tables.

    Raises:
        DataError: they cannot be read, or are none of those that the simulator knows; if they
            ``must`` have facts, also that they have none.
    """
    try:
        found = simulator.facts(plain(read_tables(path)))
    except KeyError as error:
        raise lacking(simulator, path, error) from None
    if not found and must:
        lack = f"holds nothing from which {type(simulator).__name__} computes facts"
        raise DataError(str(path), lack, "Name files and columns as the simulator does")
    return found


def lacking(simulator: Simulator, path: Path, error: KeyError) -> DataError:
    """What is said of tables that lack a table or column for which a simulator asked."""
    asked = str(error.args[0]) if error.args else ""
    if (column := _NO_FIELD.fullmatch(asked)) is not None:
        asked = column[1]
    lack = f"{type(simulator).__name__} needs a table or column {asked!r} that is not there"
    return DataError(str(path), lack, "Name files and columns as the simulator does")

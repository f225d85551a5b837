"""A population: agents of one kind as typed columns, a row for each, with births and deaths."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from likewise.core.errors import ConfigError
from likewise.core.registry import suggest
from likewise.simulate.form import Form

Array = np.ndarray
OWN = ("id", "alive")


class Population:
    """Agents of one kind: a struct of arrays whose capacity grows.

    ``people.age`` is the column of all rows (N,), writable in place; ``people.age += 1`` works.
    Rows of the dead stay until a newborn takes them, so an agent keeps its row for life and rows
    can be kept in grids and graphs; ``people.alive`` tells who is there, ``people.rows`` where.
    Ids are never used again. After ``add`` columns may have moved: take them anew.

    Args:
        size: agents to begin with.
        form: what the table of them looks like: labels, references, hidden columns.
        columns: an array of ``size`` values, or one value for all; its dtype is the column's.

    Cost: bytes of its columns, at most twice the largest number of agents that lived at a time.
    """

    form: Form
    _columns: dict[str, Array]
    _size: int

    def __init__(self, size: int, /, *, form: Form | None = None, **columns: Any) -> None:
        if size < 0:
            raise ConfigError("population", f"{size} agents", "Give 0 or more")
        start = {"id": np.arange(size, dtype=np.int64)}
        start |= {name: _column(name, value, size) for name, value in columns.items()}
        start["alive"] = np.ones(size, bool)
        self._set(start, size, size, form or Form())

    def _set(self, columns: dict[str, Array], size: int, ever: int, form: Form) -> None:
        self.__dict__.update(_columns=columns, _size=size, _ever=ever, form=form)

    @classmethod
    def restore(cls, columns: Mapping[str, Array], ever: int, form: Form) -> "Population":
        """The population whose columns these are, as ``columns`` and ``ever_lived`` gave them."""
        made = cls.__new__(cls)
        made._set(dict(columns), len(columns["id"]), ever, form)
        return made

    def __len__(self) -> int:
        """Agents alive."""
        return int(np.count_nonzero(self.alive))

    def __getattr__(self, name: str) -> Array:
        columns = self.__dict__.get("_columns", {})
        if name in columns:
            column: Array = columns[name][: self._size]
            return column
        if name.startswith("__"):
            raise AttributeError(name)
        hint = suggest(name, list(columns))
        raise ConfigError(f"population, column {name!r}", "no such column", hint)

    def __setattr__(self, name: str, value: Any) -> None:
        column = self.__getattr__(name)
        if name in OWN:
            raise ConfigError(f"population, column {name!r}", "set as a whole", "Use add or remove")
        if not _same(column, value):  # after an in-place operation it is
            column[...] = value

    def __getitem__(self, name: str) -> Array:
        return self.__getattr__(name)

    def __iter__(self) -> Iterator[str]:
        """Names of the columns."""
        return iter(self._columns)

    @property
    def rows(self) -> Array:
        """Rows of the living in order of row; (len,) int64."""
        return np.flatnonzero(self.alive)

    @property
    def ids(self) -> Array:
        """Ids of the living in order of row; (len,) int64."""
        ids: Array = self.id[self.alive]
        return ids

    @property
    def ever_lived(self) -> int:
        """Agents that live or lived; the next id."""
        return int(self.__dict__["_ever"])

    @property
    def columns(self) -> dict[str, Array]:
        """All columns, rows of the dead included; views."""
        return {name: column[: self._size] for name, column in self._columns.items()}

    def living(self) -> dict[str, Array]:
        """The columns of the living, in order of id; copies."""
        rows = self.rows
        rows = rows[np.argsort(self.id[rows], kind="stable")]
        return {name: column[rows] for name, column in self.columns.items() if name != "alive"}

    def add(self, count: int, /, **columns: Any) -> Array:
        """Newborns; their rows (count,) int64, first the rows of the dead from the lowest on.

        A value is needed for each column: ``count`` values, or one for all.

        Raises:
            ConfigError: a column is left out or unknown, or has another number of values.
        """
        wanted = [name for name in self._columns if name not in OWN]
        for name in columns:
            if name not in wanted:
                hint = suggest(name, wanted)
                raise ConfigError(f"population, column {name!r}", "no such column", hint)
        for name in wanted:
            if name not in columns:
                found = "newborns without a value"
                raise ConfigError(f"population, column {name!r}", found, "Give it to add")
        free = np.flatnonzero(~self.alive)[:count]
        more = count - len(free)
        rows = np.concatenate([free, np.arange(self._size, self._size + more)])
        self._reserve(self._size + more)
        self.__dict__["_size"] += more
        for name, value in columns.items():
            if np.ndim(value) and len(value) != count:
                raise _misfit(name, len(value), count)
            self._columns[name][rows] = value
        self._columns["id"][rows] = self.ever_lived + np.arange(count)
        self._columns["alive"][rows] = True
        self.__dict__["_ever"] += count
        return rows

    def remove(self, rows: Array) -> None:
        """Deaths; each row once, and only of the living."""
        dying = np.zeros(self._size, bool)
        dying[rows] = True
        if np.count_nonzero(dying) != np.size(rows) or (dying & ~self.alive).any():
            raise ValueError("a row is removed twice, or was not alive")
        self.alive[rows] = False

    def _reserve(self, size: int) -> None:
        capacity = len(self._columns["id"])
        if size <= capacity:
            return
        capacity = max(size, 2 * capacity, 16)
        for name, column in self._columns.items():
            grown = np.zeros((capacity, *column.shape[1:]), column.dtype)
            grown[: self._size] = column[: self._size]
            self._columns[name] = grown


def _same(column: Array, value: Any) -> bool:
    """Whether both are one piece of memory, seen in one way."""
    if not isinstance(value, np.ndarray):
        return False
    return value.__array_interface__ == column.__array_interface__


def _column(name: str, value: Any, size: int) -> Array:
    """``size`` values of their own."""
    if name in OWN or hasattr(Population, name):
        found = "a name that populations use themselves"
        raise ConfigError(f"population, column {name!r}", found, "Rename the column")
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        hint = "Give numbers, and labels by Form(labels=...)"
        raise ConfigError(f"population, column {name!r}", f"{array.dtype} values", hint)
    if array.ndim and len(array) != size:
        raise _misfit(name, len(array), size)
    return np.array(np.broadcast_to(array, array.shape or (size,)))


def _misfit(name: str, values: int, agents: int) -> ConfigError:
    found = f"{values:,} values for {agents:,} agents"
    return ConfigError(f"population, column {name!r}", found, "Give one for each, or one for all")

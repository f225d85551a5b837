"""What a run leaves: tables of agents, event logs, the numbers of each step, and frames."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.core.registry import suggest
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema
from likewise.data.table import Table
from likewise.simulate.film import Frame
from likewise.simulate.form import Form, schema_of, table_of
from likewise.simulate.sinks import Sink
from likewise.simulate.world import World

SERIES = "series"  # the table of the numbers of each step


@dataclass(frozen=True)
class Trajectory:
    """One run of a simulation.

    Attributes:
        world: as the last step left it.
        seed: of the run.
        steps: steps that were taken.
        series: what ``collect`` gave: a row a step, the start included; columns step and names.
        events: where the rows of each log are.
        frames: pictures, if they were asked for.
    """

    world: World
    seed: int
    steps: int
    series: pa.Table
    events: Mapping[str, Sink]
    frames: tuple[Frame, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Tables that there are: populations, logs and, if numbers were collected, ``series``."""
        collected = (SERIES,) if self.series.num_columns > 1 else ()
        return (*self.world.populations, *self.world.logs, *collected)

    def rows(self, name: str) -> int:
        """Rows of a table, without reading it."""
        self._known(name)
        if name in self.world.populations:
            return len(self.world.populations[name])
        return len(self.world.logs[name]) if name in self.world.logs else self.series.num_rows

    def chunks(self, name: str) -> Iterator[pa.Table]:
        """A table in pieces, so that a log needs no memory."""
        self._known(name)
        if name in self.world.populations:
            people = self.world.populations[name]
            yield people.form.arrow(people.living())
        elif name in self.world.logs:
            yield from self.events[name].chunks()
        else:
            yield self.series

    def table(self, name: str) -> pa.Table:
        """A table as a whole: the living agents in order of id, events in order, or the series."""
        return pa.concat_tables(self.chunks(name)).unify_dictionaries()

    def tables(self) -> dict[str, pa.Table]:
        """All tables by name."""
        return {name: self.table(name) for name in self.names}

    def database(self) -> Database:
        """All tables with their schema: kinds, keys, and references, also to the dead."""
        tables = {name: table_of(self.table(name), self._form(name)) for name in self.names}
        return Database(tuple(tables.values()), self._schema(tables))

    def schema(self) -> DatabaseSchema:
        """The schema of ``database``, without reading a log."""
        logs, tables = self.world.logs, {}
        for name in self.names:
            few = logs[name].empty() if name in logs else self.table(name)
            tables[name] = table_of(few, self._form(name))
        return self._schema(tables)

    def _schema(self, tables: Mapping[str, Table]) -> DatabaseSchema:
        keys = {name: self._form(name).key for name in tables if self._form(name).key}
        found = [schema_of(name, table, self._form(name), keys) for name, table in tables.items()]
        return DatabaseSchema(tables=tuple(found))

    def _form(self, name: str) -> Form:
        if name in self.world.populations:
            return self.world.populations[name].form
        return self.world.logs[name].form if name in self.world.logs else Form(key="step")

    def _known(self, name: str) -> None:
        if name not in self.names:
            raise ConfigError(f"table {name!r}", "no such table", suggest(name, list(self.names)))

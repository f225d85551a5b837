"""Events of entities, such as visits of patients: one table, whose rows follow from each other.

The table is two linked ones in disguise: what never changes of an entity belongs to the entity, the
rest to its events. Both are learned as linked tables are, so how many events there are, when they
come, and what follows what are learned as of children of an owner, and come out as one table again.

Paper: Zhang, Patki and Veeramachaneni, "Sequential models in the synthetic data vault", 2022
(static columns as the context of a sequence).
Limits: those of ``relational``; a given past is not gone on with.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from likewise.compose.relational import Relational, RelationalModel, TableChoice
from likewise.core.artifact import storable
from likewise.core.errors import ConfigError, DataError
from likewise.core.params import Recipe
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, ForeignKey, TableSchema
from likewise.data.schema import Kind, Schema
from likewise.data.table import CANONICAL, Table

Array = np.ndarray

ENTITIES, EVENTS = "entities", "events"


@storable
class Sequential(Recipe):
    """Rows of entities, each given its entity and the row before."""

    entity: Annotated[str, Field(description="column that says whose row it is")]
    time: Annotated[str, Field(description="column that puts rows in order")] | None = None
    generator: Annotated[str, Field(description="method for entities and for rows")] = "trees"
    settings: dict[str, Any] = Field(default={}, description="its settings")

    def fit(
        self, table: Table, *, seed: Seed | int | None = None, run: Run | None = None
    ) -> "SequentialModel":
        """Learn a table of events.

        Args:
            table: N rows; those of an entity need not stand together.
            seed: the same seed gives the same model.
            run: whom to tell, and how long it may take.

        Raises:
            SchemaError: the entity or the time is no column.
            DataError: rows without an entity or a time, or fewer than two entities.
            ConfigError: the time cannot order rows.

        Cost: that of ``Relational`` on two tables.
        """
        database = self._database(table)
        choice = TableChoice(parent=ENTITIES, order=self.time)
        recipe = Relational(
            generator=self.generator, settings=self.settings, tables={EVENTS: choice}
        )
        return SequentialModel(self, table.schema, recipe.fit(database, seed=seed, run=run))

    def _database(self, table: Table) -> Database:
        """The entities and their events."""
        kinds = {Kind.DATE, Kind.DATETIME, Kind.INTEGER}
        if self.time is not None and table.schema[self.time].kind not in kinds:
            found = f"of kind {table.schema[self.time].kind}, which does not order rows"
            raise ConfigError(f"time {self.time!r}", found, "Name a date, a time or a number")
        for name in [self.entity, *([self.time] if self.time else [])]:
            gone = int(table.missing(name).sum())
            if gone:
                found = f"missing in {gone:,} of {table.rows:,} rows"
                raise DataError(f"column {name!r}", found, "Fill it in, or leave the rows out")
        codes, labels = table.labels(self.entity)
        if len(labels) < 2:
            raise DataError(f"column {self.entity!r}", "names fewer than two entities",
                            "Use --series for one long series")  # fmt: skip
        others = [n for n in table.names if n != self.entity]
        static = [n for n in others if n != self.time and _constant(table, n, codes, len(labels))]
        first = np.unique(codes, return_index=True)[1]
        keyed = _keyed(table, self.entity)
        entities = keyed.select([self.entity, *static]).take(first)
        events = keyed.select([self.entity, *(n for n in others if n not in static)])
        refers = ForeignKey(columns=(self.entity,), table=ENTITIES)
        schema = DatabaseSchema(
            tables=(
                TableSchema(name=ENTITIES, primary_key=(self.entity,), schema=entities.schema),
                TableSchema(name=EVENTS, foreign_keys=(refers,), schema=events.schema),
            )
        )
        return Database.of({ENTITIES: entities, EVENTS: events}, schema)


@storable
@dataclass(frozen=True)
class SequentialModel:
    """Learned entities and their events.

    Attributes:
        recipe: the settings it was fitted with.
        schema: the columns of what is sampled.
        model: of both tables.
    """

    recipe: Sequential
    schema: Schema
    model: RelationalModel

    @property
    def spent(self) -> None:
        """Privacy paid; None: no differential-privacy guarantee is claimed."""
        return None

    @property
    def entities(self) -> int:
        """How many entities were learned."""
        return next(p.rows for p in self.model.parts if p.roles.table == ENTITIES)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned or was protected, in sentences."""
        return self.model.notes

    def sample(self, entities: int | None = None, *, seed: Seed | int | None = None) -> Table:
        """Draw the events of so many entities, as many as were learned by default.

        Rows of an entity stand together and in order; an entity without rows does not show.
        """
        if entities is not None and entities < 1:
            raise ConfigError("entities", f"{entities} asked for", "Ask for 1 or more")
        rows = {ENTITIES: self.entities if entities is None else entities}
        rows[EVENTS] = round(self._events * rows[ENTITIES] / self.entities)  # each as before
        drawn = self.model.sample(rows=rows, seed=seed)
        events, above = drawn[EVENTS], drawn[ENTITIES]
        key = self.recipe.entity
        codes, labels = above.labels(key)
        place = np.empty(len(labels), dtype=np.int64)
        place[codes] = np.arange(above.rows)
        mine, own = events.labels(key)
        position = {label: i for i, label in enumerate(labels)}
        owner = place[np.array([position[label] for label in own], dtype=np.int64)[mine]]
        arrays = []
        for column in self.schema.columns:
            source = events.arrow if column.name in events.names else above.arrow
            array = source.column(column.name).combine_chunks()
            if column.name not in events.names:
                array = array.take(pa.array(owner))
            arrays.append(array.cast(CANONICAL[column.kind]))
        return Table(pa.table(arrays, names=list(self.schema.names)), self.schema)

    @property
    def _events(self) -> int:
        return next(p.rows for p in self.model.parts if p.roles.table == EVENTS)


def _constant(table: Table, name: str, codes: Array, entities: int) -> bool:
    """Whether the column has one value for each entity, missing counted as one."""
    values, labels = table.labels(name)
    pairs = codes.astype(np.int64) * (len(labels) + 1) + values + 1
    return len(np.unique(pairs)) == entities


def _keyed(table: Table, name: str) -> Table:
    """The table with the column as a key, spelled as text."""
    column = table.schema[name].model_copy(update={"kind": Kind.KEY, "levels": None})
    at = table.names.index(name)
    arrow = table.arrow.set_column(at, name, table.arrow.column(name).cast(pa.string()))
    columns = [column if c.name == name else c for c in table.schema.columns]
    return Table(arrow, Schema(columns=tuple(columns)))

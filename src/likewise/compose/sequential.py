"""Events of entities, such as visits of patients: one table, whose rows follow from each other.

What never changes of an entity, and when its events begin, is learned as a table of its own. Then
events come one after the other, each given the entity and its events so far, until the entity ends.
So a given past is gone on with as the learned law says, and no event knows the future.

Papers: Zhang, Patki and Veeramachaneni, "Sequential models in the synthetic data vault", 2022
(static columns as the context of a sequence); see ``event_process`` for events.
Limits: of events before the last two only what adds up is remembered (``memory``); the privacy of
people is that of single rows, not of whole sequences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from likewise.compose.clock import Clock, moment_of
from likewise.compose.entities import Entities
from likewise.compose.event_process import EventProcess, Events
from likewise.compose.event_rows import EventRows
from likewise.core.artifact import storable
from likewise.core.errors import ConfigError, DataError
from likewise.core.params import Recipe, build
from likewise.core.progress import Deadline
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.rules import Rule, Unique, describe
from likewise.data.schema import TEMPORAL, Kind, Schema
from likewise.data.table import CANONICAL, Table
from likewise.generators import GENERATORS
from likewise.generators.tabular import Tabular

Array = np.ndarray

ORDERING = frozenset({Kind.DATE, Kind.DATETIME, Kind.INTEGER})
ENTITIES = 0.1  # share of the time that entities get


@storable
class Sequential(Recipe):
    """Events of entities, each given its entity and the events before."""

    entity: Annotated[str, Field(description="column that says whose row it is")]
    time: Annotated[str, Field(description="column that puts rows in order")] | None = None
    generator: Annotated[str, Field(description="method for entities and for events")] = "trees"
    settings: dict[str, Any] = Field(default={}, description="its settings")

    def fit(
        self, table: Table, *, seed: Seed | int | None = None, run: Run | None = None
    ) -> "SequentialModel":
        """Learn a table of events.

        Args:
            table: N rows; those of an entity need not stand together. Without a time their order
                in the table counts.
            seed: the same seed gives the same model.
            run: whom to tell, and how long it may take.

        Raises:
            SchemaError: the entity or the time is no column.
            DataError: rows without an entity or a time, or fewer than two entities.
            ConfigError: the time cannot order rows.

        Cost: five fits of the generator on at most 400,000 rows, whose columns are those of an
        entity, of three events, and up to 40 of what adds up.
        """
        seed, run = Seed.of(seed), run or Run()
        recipe = build(GENERATORS.load(self.generator), self.settings)
        assert isinstance(recipe, Tabular)
        self.refuse(table)
        seconds = run.deadline.seconds
        people, labels = table.labels(self.entity)
        if len(labels) < 2:
            raise DataError(f"column {self.entity!r}", "names fewer than two entities",
                            "Use --series for one long series")  # fmt: skip
        order = _order(table, people, self.time)
        table, people = table.take(order), people[order]
        people = _numbered(people)
        entities = Entities.fit(
            recipe,
            table,
            self.entity,
            self.time,
            people,
            seed=seed.child("entities"),
            run=run.within(Deadline(seconds * ENTITIES)),
        )
        inner = [n for n in table.names if n not in (self.entity, *entities.static)]
        own = table.select(inner)
        rows = EventRows.fit(own, self.time, people, seed.child("rows"))
        times = _times(table, self.time)
        follows = np.append(False, people[1:] == people[:-1])
        clock = None
        if self.time is not None and follows.any():
            clock = Clock.fit(table.schema[self.time], times, follows, people)
        events = Events(people, rows.encode(own, seed.child("encode")), times)
        first = np.flatnonzero(~follows)
        process = EventProcess.fit(
            recipe, entities.context_of(table.take(first), seed.child("context")), entities.around,
            events, rows.blocks, rows.values(own), clock, seed=seed.child("process"),
            run=run.within(Deadline(seconds * (1 - ENTITIES))),
        )  # fmt: skip
        in_order = self.time is not None and bool((np.diff(times[np.argsort(order)]) >= 0).all())
        lost = _not_kept(table.schema.rules, {self.entity, *entities.static})
        return SequentialModel(
            self, table.schema, entities, rows, process, table.rows, in_order, lost
        )

    def refuse(self, table: Table) -> None:
        """Raise for a table of which the events cannot be told apart or put in order."""
        if self.time is not None and table.schema[self.time].kind not in ORDERING:
            found = f"of kind {table.schema[self.time].kind}, which does not order rows"
            raise ConfigError(f"time {self.time!r}", found, "Name a date, a time or a whole number")
        kind = table.schema[self.entity].kind
        if kind in TEMPORAL | {Kind.BOOLEAN}:
            hint = "Name another column, or declare it a key in a schema"
            raise ConfigError(f"entity {self.entity!r}", f"of kind {kind}, so no names", hint)
        if self.time == self.entity:
            raise ConfigError(f"time {self.time!r}", "is the entity", "Name another column")
        for name in [self.entity, *([self.time] if self.time else [])]:
            gone = int(table.missing(name).sum())
            if gone:
                found = f"missing in {gone:,} of {table.rows:,} rows"
                raise DataError(f"column {name!r}", found, "Fill it in, or leave the rows out")


@storable
@dataclass(frozen=True)
class SequentialModel:
    """Learned entities and their events.

    Attributes:
        recipe: the settings it was fitted with.
        schema: the columns of what is sampled.
        people: draws entities.
        written: between events and rows.
        process: draws events.
        rows: training rows.
        in_order: whether the rows of all entities stand in the order of time.
        lost: declared rules that are not kept, in sentences.
    """

    recipe: Sequential
    schema: Schema
    people: Entities
    written: EventRows
    process: EventProcess
    rows: int
    in_order: bool
    lost: tuple[str, ...]

    @property
    def spent(self) -> None:
        """Privacy paid; None: no differential-privacy guarantee is claimed."""
        return None

    @property
    def entities(self) -> int:
        """How many entities were learned."""
        return self.people.count

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned or was protected, in sentences."""
        told = [*self.people.notes, *self.written.remarks, *self.process.notes, *self.lost]
        return tuple(dict.fromkeys(told))

    def sample(self, entities: int | None = None, *, seed: Seed | int | None = None) -> Table:
        """Draw the events of so many entities, as many as were learned by default.

        Rows of an entity stand together and in order, unless the real rows are in the order of time
        across entities: then so are these.

        Raises:
            ConfigError: fewer than 0 entities.

        Cost: that of drawing as many rows as come out, and a few milliseconds for each event of
        the longest sequence.
        """
        count = self.entities if entities is None else entities
        if count < 0:
            raise ConfigError("entities", f"{count} asked for", "Ask for 0 or more")
        seed = Seed.of(seed)
        above, began = self.people.sample(count, seed.child("entities"))
        context = self.people.context_of(above, seed.child("context"))
        drawn = self.process.draw(context, began, seed.stream("events"))
        return self._table(drawn, above, seed.child("rows"))

    def follow(
        self, past: Table, *, events: int | None = None, until: Any = None,
        seed: Seed | int | None = None,
    ) -> Table:  # fmt: skip
        """What comes after the events so far, of the same entities.

        The past is not repeated. An entity that has no further event does not show.

        Args:
            past: the columns that were learned, of one or more entities; each has at least one row.
            events: most new events of each; else all until the entity ends.
            until: a value of the time beyond which no event is drawn.
            seed: the same seed gives the same rows.

        Raises:
            DataError: no rows, an entity that changes what never changes, or labels that were never
                learned.
            ConfigError: ``until`` without a time, or that is none; a negative ``events``.
        """
        seed, recipe = Seed.of(seed), self.recipe
        if events is not None and events < 0:
            raise ConfigError("events", f"{events} asked for", "Ask for 0 or more")
        end = None
        if until is not None:
            if recipe.time is None:
                raise ConfigError("until", "the model has no time", "Say how many events instead")
            end = moment_of(until, self.schema[recipe.time])
        if not past.rows:
            raise DataError("past", "has no rows", "Give the events so far")
        past = Table(past.arrow.select(list(self.schema.names)), self.schema)
        recipe.refuse(past)
        people, _ = past.labels(recipe.entity)
        order = _order(past, people, recipe.time)
        past, people = past.take(order), _numbered(people[order])
        first = np.flatnonzero(np.append(True, people[1:] != people[:-1]))
        above = past.take(first)
        self.people.refuse_changes(past, people)
        own = past.select(self.written.schema.names)
        self.written.refuse_unknown(own)
        coded = self.written.encode(own, seed.child("encode"))
        known = Events(people, coded, _times(past, recipe.time))
        drawn = self.process.follow(
            self.people.context_of(above, seed.child("context"), given=True),
            self.process.state_of(known, len(first), seed.child("steps")),
            seed.stream("events"),
            events=events,
            until=end,
        )
        return self._table(drawn, above, seed.child("rows"))

    def _table(self, drawn: Events, above: Table, seed: Seed) -> Table:
        """The drawn events with the columns of their entities."""
        events = self.written.decode(drawn.own, drawn.times, seed)
        owner, arrays = pa.array(drawn.owner), []
        for column in self.schema.columns:
            source = events if column.name in events.names else above
            array = source.arrow.column(column.name).combine_chunks()
            array = array if source is events else array.take(owner)
            arrays.append(array.cast(CANONICAL[column.kind]))
        table = Table(pa.table(arrays, names=list(self.schema.names)), self.schema)
        if self.in_order and self.recipe.time is not None:
            table = table.take(np.argsort(table.numbers(self.recipe.time), kind="stable"))
        return table


def _not_kept(rules: Sequence[Rule], static: set[str]) -> tuple[str, ...]:
    """Notes on declared rules that neither events nor entities keep by themselves."""
    notes = []
    for rule in rules:
        inside = len(set(rule.touches) & static)
        if isinstance(rule, Unique) or 0 < inside < len(set(rule.touches)):
            why = "it ties an event to other rows or to its entity"
            notes.append(f"Rule '{describe(rule)}' is not kept: {why}.")
    return tuple(notes)


def _times(table: Table, time: str | None) -> Array:
    """The clock of all rows; zeros without one."""
    if time is None:
        return np.zeros(table.rows, dtype=np.int64)
    return np.asarray(table.numbers(time), dtype=np.int64)


def _order(table: Table, people: Array, time: str | None) -> Array:
    """Rows of an entity together, in order; entities as they come first."""
    first = np.full(int(people.max(initial=0)) + 1, len(people))
    np.minimum.at(first, people, np.arange(len(people)))
    return np.lexsort((_times(table, time), first[people]))


def _numbered(people: Array) -> Array:
    """Entities that stand together, by the order in which they come."""
    return np.cumsum(np.append(False, people[1:] != people[:-1]))

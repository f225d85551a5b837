"""Whose events they are: what never changes of an entity, and when its events begin.

Shapes: N events, E entities.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.compose.ruled import RuledModel, fit_ruled
from likewise.core.artifact import storable
from likewise.core.errors import DataError
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.discover import discover
from likewise.data.rules import Unique
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.encode.codec import TableCodec
from likewise.encode.layout import Block, Encoded
from likewise.generators.tabular import Tabular

Array = np.ndarray

HIDDEN = frozenset({Kind.KEY, Kind.TEXT, Kind.CONSTANT})  # columns that say nothing of events


@storable
@dataclass(frozen=True)
class Entities:
    """Entities as they were learned.

    Attributes:
        entity: the column of their names, which are made anew.
        static: the columns that never change of an entity.
        time: the column of time; None if there is none.
        begin: the name of the learned column that says when events begin.
        model: draws entities.
        context: codec of what events are given of their entity.
        count: how many were learned.
    """

    entity: str
    static: tuple[str, ...]
    time: str | None
    begin: str
    model: RuledModel
    context: TableCodec
    count: int

    @classmethod
    def fit(
        cls, recipe: Tabular, table: Table, entity: str, time: str | None, people: Array,
        *, seed: Seed, run: Run,
    ) -> "Entities":  # fmt: skip
        """Learn the entities of events that stand together and in order.

        Args:
            recipe: the method.
            table: N events.
            entity: the column of names.
            time: the column of time.
            people: (N,) the number of each event's entity, rising from 0.
            seed: of the fit.
            run: whom to tell, and how long it may take.
        """
        count = int(people[-1]) + 1
        others = [n for n in table.names if n not in (entity, time)]
        static = tuple(n for n in others if _constant(table, n, people, count))
        first = table.take(np.flatnonzero(np.append(True, people[1:] != people[:-1])))
        begin = f"first {time}"
        while begin in table.names:
            begin += "'"
        whole = _keyed(first, entity, static, time, begin)
        rules = [f.rule for f in discover(whole, declared=whole.schema.rules) if f.hard]
        model = fit_ruled(recipe, whole, rules, seed=seed.child("fit"), run=run)
        told = [n for n in static if table.schema[n].kind not in HIDDEN]
        narrow = TableCodec.fit(first.select(told), seed=seed.child("context"))
        return cls(entity, static, time, begin, model, narrow, count)

    @property
    def around(self) -> tuple[Block, ...]:
        """The blocks of what events are given."""
        return self.context.layout.blocks

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned or was protected, in sentences."""
        return self.model.notes

    def sample(self, count: int, seed: Seed) -> tuple[Table, Array]:
        """New entities with names and unchanging columns, and when the events of each begin."""
        made = self.model.sample(count, seed=seed)
        began = np.zeros(count, dtype=np.int64)
        if self.time is not None:
            began = np.asarray(made.numbers(self.begin), dtype=np.int64)
        return made.select([self.entity, *self.static]), began

    def context_of(self, above: Table, seed: Seed, *, given: bool = False) -> Encoded:
        """What events are given of each entity; (E, G).

        With ``given``, labels that were never learned raise DataError.
        """
        narrow = above.select(list(self.context.schema.names)).with_schema(self.context.schema)
        if given and narrow.names:
            self.context.encode_given(narrow)
        if not narrow.names:
            return Encoded.empty(above.rows, 0)
        return self.context.encode(narrow, seed=seed)

    def refuse_changes(self, past: Table, people: Array) -> None:
        """Raise DataError if what never changed of an entity changes."""
        for name in self.static:
            if not _constant(past, name, people, int(people[-1]) + 1):
                found = "changes within an entity, which it never did in what was learned"
                hint = "Give each entity one value in all its rows"
                raise DataError(f"past, column {name!r}", found, hint)


def _constant(table: Table, name: str, people: Array, entities: int) -> bool:
    """Whether the column has one value for each entity, missing counted as one."""
    values, labels = table.labels(name)
    pairs = people.astype(np.int64) * (len(labels) + 1) + values + 1
    return len(np.unique(pairs)) == entities


def _keyed(
    first: Table, entity: str, static: tuple[str, ...], time: str | None, begin: str
) -> Table:
    """The table of entities: names as keys, what never changes, and when events begin."""
    key = first.schema[entity].model_copy(update={"kind": Kind.KEY, "levels": None})
    columns: list[Column] = [key, *(first.schema[name] for name in static)]
    arrays = [first.arrow.column(entity).cast(pa.string())]
    arrays += [first.arrow.column(name) for name in static]
    if time is not None:
        columns.append(first.schema[time].model_copy(update={"name": begin}))
        arrays.append(first.arrow.column(time))
    rules = tuple(
        rule for rule in first.schema.rules
        if set(rule.touches) <= set(static) and not isinstance(rule, Unique)
    )  # fmt: skip
    schema = Schema(columns=tuple(columns), rules=rules)
    return Table(pa.table(arrays, names=list(schema.names)), schema)

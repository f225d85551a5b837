"""Events as rows of a table: blocks and times to columns, with the rules of single rows kept.

Shapes: N events.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.compose.mending import mended
from likewise.compose.planning import plan
from likewise.compose.ruled import reduced
from likewise.compose.soundness import keepers
from likewise.compose.steps import Step, replaced
from likewise.core.artifact import storable
from likewise.core.seeds import Seed
from likewise.data.check import broken_rows
from likewise.data.discover import discover
from likewise.data.reference import Reference
from likewise.data.rules import Rule, Unique
from likewise.data.schema import Schema
from likewise.data.table import Table, concat, numbers_to_arrow
from likewise.encode.codec import TableCodec
from likewise.encode.layout import Block, Encoded

Array = np.ndarray


@storable
@dataclass(frozen=True)
class EventRows:
    """How blocks become rows, and rows blocks.

    Attributes:
        schema: the columns of an event.
        time: the one that orders events; None if there is none.
        codec: of the drawn columns, without those that rules compute and without the time.
        steps: what rules compute of drawn columns.
        rules: what every row keeps.
        references: what each rule remembers of the real rows.
        remarks: what was protected, and how rules are kept.
    """

    schema: Schema
    time: str | None
    codec: TableCodec
    steps: tuple[Step, ...]
    rules: tuple[Rule, ...]
    references: tuple[Reference | None, ...]
    remarks: tuple[str, ...]

    @classmethod
    def fit(cls, table: Table, time: str | None, people: Array, seed: Seed) -> "EventRows":
        """Learn how events are written.

        Args:
            table: N events, without the columns of their entities.
            time: the column that orders them.
            people: (N,) whose each is: what is kept of the table is shared by entities.
            seed: of the codec.
        """
        declared = [rule for rule in table.schema.rules if not isinstance(rule, Unique)]
        table = table.with_schema(table.schema.replace(rules=()))
        found = discover(table, declared=declared)
        rules = tuple(f.rule for f in found if f.hard and not isinstance(f.rule, Unique))
        rows, told = keepers(table, rules)
        kept = table.take(rows).with_schema(Schema(columns=table.schema.columns, target=time))
        planned = plan(kept, rules, people[rows])
        learned = reduced(table, planned.steps, rules)
        learned = learned.select([name for name in learned.names if name != time])
        codec = TableCodec.fit(learned, seed=seed, people=people)
        remarks = (*codec.notes, *told, *planned.notes)
        return cls(table.schema, time, codec, planned.steps, rules, planned.references, remarks)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of an event."""
        return self.codec.layout.blocks

    def encode(self, table: Table, seed: Seed) -> Encoded:
        """Blocks of real events, which were learned or are given."""
        learned = reduced(table, self.steps, self.rules).select(self.codec.schema.names)
        return self.codec.encode(learned.with_schema(self.codec.schema), seed=seed)

    def values(self, table: Table) -> dict[str, Array]:
        """A number for each value of the drawn columns, -1 where missing; (N,) by name."""
        learned = reduced(table, self.steps, self.rules)
        return {name: learned.labels(name)[0] for name in self.codec.schema.names}

    def refuse_unknown(self, table: Table) -> None:
        """Raise DataError for labels and gaps that were never learned."""
        learned = reduced(table, self.steps, self.rules).select(self.codec.schema.names)
        self.codec.encode_given(learned.with_schema(self.codec.schema))

    def decode(self, own: Encoded, times: Array, seed: Seed) -> Table:
        """Rows of drawn events; every rule holds in all of them, if it can at all."""
        table = self.codec.decode(own, seed.stream("decode"), seed=seed.child("decode"))
        arrow = table.arrow
        if self.time is not None:
            none = np.zeros(len(times), dtype=bool)
            moments = numbers_to_arrow(times, none, self.schema[self.time].kind)
            arrow = arrow.append_column(self.time, moments) if table.names else pa.table(
                {self.time: moments})  # fmt: skip
        names = (*table.names, *([self.time] if self.time is not None else []))
        columns = [self.schema[n] if n == self.time else table.schema[n] for n in names]
        table = Table(arrow, Schema(columns=tuple(columns)))
        for i, step in enumerate(self.steps):
            made = step.rebuild(table, self.schema, seed.stream("step", i))
            arrow = table.arrow
            for name, values in made.items():
                arrow = arrow.append_column(name, values)
            more = tuple(self.schema[name] for name in made)
            table = Table(arrow, Schema(columns=(*table.schema.columns, *more)))
        table = Table(table.arrow.select(list(self.schema.names)), self.schema)
        return self._kept(table, seed.stream("mend"))

    def _kept(self, table: Table, rng: np.random.Generator) -> Table:
        """Rows that break a rule moved by the least that keeps it, else as another row is."""
        broken = np.flatnonzero(self._broken(table))
        if not len(broken):
            return table
        fixed = frozenset({self.time} if self.time is not None else ())
        part = mended(table.take(broken), self.rules, self.steps, fixed, rng)
        table = _merged(table, broken, part)
        wrong = self._broken(table)
        if wrong.any() and not wrong.all():
            order = np.arange(table.rows)
            order[wrong] = rng.choice(np.flatnonzero(~wrong), int(wrong.sum()))
            other = table.take(order)
            own = {} if self.time is None else {self.time: table.arrow.column(self.time)}
            table = replaced(other, own)
        return table

    def _broken(self, table: Table) -> Array:
        wrong = np.zeros(table.rows, dtype=bool)
        for rule, reference in zip(self.rules, self.references, strict=True):
            wrong |= broken_rows(rule, table, reference)
        return wrong


def _merged(table: Table, at: Array, part: Table) -> Table:
    order = np.arange(table.rows)
    order[at] = table.rows + np.arange(part.rows)
    return concat([table, part]).take(order)

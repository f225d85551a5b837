"""One table of a database as it was learned: from the rows of its owner to its own.

A part draws its columns owner by owner, keeps the rules of its rows, resolves references, and makes
keys anew. What it hands to its own children is a table of context.

Shapes: N rows, F owners.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from likewise.compose.having import Having, merged, rebalanced
from likewise.compose.kept import Kept
from likewise.compose.mending import mended
from likewise.compose.references import Chosen
from likewise.compose.roles import Roles
from likewise.compose.siblings import Families, Siblings
from likewise.compose.steps import Step, replaced
from likewise.compose.summaries import Summary, consistent
from likewise.core.artifact import storable
from likewise.core.seeds import Seed
from likewise.data.check import broken_rows
from likewise.data.reference import Reference
from likewise.data.rules import Rule
from likewise.data.schema import Schema
from likewise.data.table import Table, numbers_to_arrow
from likewise.encode.codec import TableCodec
from likewise.encode.key import Key
from likewise.encode.layout import Encoded

Array = np.ndarray
Repeats = Callable[[Table, Array], Array]

REDRAWS = 6  # times that rows are drawn again which could not be mended, or repeat a key


@storable
@dataclass(frozen=True)
class Part:
    """What was learned of one table.

    Attributes:
        roles: where its rows and columns come from.
        schema: its columns as they come out.
        own: what is drawn: learned columns, groups and repeats of references, summaries.
        context: codec of what is given of the owner; None for a table of its own.
        codec: codec of the drawn columns, without those that rules compute and without the clock.
        siblings: draws rows given owners.
        steps: what rules compute of drawn rows.
        rules: what every row keeps; then what rows are mended to keep where that can be.
        hard: how many of the rules every row keeps.
        references: what each rule remembers of the real rows.
        summaries: which of the drawn columns sum up children.
        having: the shares of rows that have any.
        chosen: references that no owner gives.
        keys: how each key that is made anew is written.
        rows: real rows; for a table of its own, how many are drawn at scale 1.
        kept: the rows themselves, where they are to stay as they are; else None.
        missing: share of rows without an owner.
        lost: share of rows whose owner is not there.
        gaps: different owners that are not there, for each such row.
        in_order: whether the rows of the table stand in the order of the clock.
        notes: what could not be learned or was protected.
    """

    roles: Roles
    schema: Schema
    own: Schema
    context: TableCodec | None
    codec: TableCodec
    siblings: Siblings
    steps: tuple[Step, ...]
    rules: tuple[Rule, ...]
    hard: int
    references: tuple[Reference | None, ...]
    summaries: tuple[Summary, ...]
    having: tuple[Having, ...]
    chosen: tuple[Chosen, ...]
    keys: tuple[Key, ...]
    rows: int
    kept: Kept | None
    missing: float
    lost: float
    gaps: float
    in_order: bool
    notes: tuple[str, ...]

    def of_owner(self, owner: Table, relation: int, summaries: tuple[Summary, ...]
    ) -> tuple[Array, Array, Array, Array]:  # fmt: skip
        """What the owner's rows say of this table: counts, first, last and whether first is known.

        Args:
            owner: the drawn columns of the owner, F rows.
            relation: the position of the relation.
            summaries: those of the owner.
        """
        names = {s.what: s.name for s in summaries if s.relation == relation}
        counts = np.maximum(owner.numbers(names["rows"]), 0)
        if "first" not in names:
            none = np.zeros(owner.rows, dtype=np.int64)
            return counts, none, none, none.astype(bool)
        first, last = owner.numbers(names["first"]), owner.numbers(names["last"])
        gone = owner.missing(names["first"])
        last = np.where(owner.missing(names["last"]), first, last)
        return counts, first, np.maximum(first, last), gone

    def draw(
        self, context: Table | None, counts: Array, first: Array, last: Array, unknown: Array,
        repeats: Repeats, seed: Seed,
    ) -> tuple[Table, Array, Array]:  # fmt: skip
        """The drawn columns of all rows, the owner of each, and its position among siblings.

        Args:
            context: what is given of the F owners; None for a table of its own.
            counts: (F,) how many rows each owner is to have; F is 1 for a table of its own.
            first: (F,) int64, the first value of the clock.
            last: (F,) int64, the last.
            unknown: (F,) bool, owners of which neither is known.
            repeats: rows that repeat a key, from the drawn columns and the owner of each row.
            seed: of all draws.
        """
        rng = seed.stream("rows")
        given = Encoded.empty(len(counts), 0)
        if self.context is not None and context is not None:
            narrow = context.select(self.context.schema.names).with_schema(self.context.schema)
            given = self.context.encode(narrow, seed=seed.child("context"))
        clock = self.siblings.clock
        if clock is not None:
            first = clock.first(first, unknown, rng)
            last = np.maximum(np.where(unknown, first, last), first)
        elif self.roles.clock is not None:  # no bounds where none are known
            first = np.where(unknown, np.iinfo(np.int64).min, first)
            last = np.where(unknown, np.iinfo(np.int64).max, last)
        families, own, step = self.siblings.draw(given, counts, first, last, rng)
        table = self._finished(families, own, seed.child("finish"))
        table = self._mended(table, seed.stream("mend"))

        def redraw(rows: Array, *key: str | int) -> tuple[Encoded, Table]:
            blocks = self.siblings.redraw(families, step, own, rows, seed.stream("again", *key))
            part = self._finished(_some(families, rows), blocks, seed.child("again", *key))
            return blocks, self._mended(part, seed.stream("mend", *key))

        table = rebalanced(table, own, self.having, redraw, seed.stream("having"))
        broken = np.flatnonzero(self.broken(table, self.hard))
        for turn in range(REDRAWS):
            wrong = np.union1d(broken, np.flatnonzero(repeats(table, families.owner)))
            if not len(wrong):
                break
            again, part = redraw(wrong, turn)
            own.codes[wrong], own.detail[wrong] = again.codes, again.detail
            table, broken = merged(table, wrong, part), wrong[self.broken(part, self.hard)]
        good = np.setdiff1d(np.arange(table.rows), broken, assume_unique=True)
        if len(broken) and len(good):
            order = np.arange(table.rows)
            order[broken] = seed.stream("copy").choice(good, len(broken))
            table = table.take(order)
        return table, families.owner, families.position

    def draw_kept(self, seed: Seed) -> Table:
        """The drawn columns of kept rows: their own, and new ones that sum up children."""
        assert self.kept is not None
        assert self.context is not None
        table = self.kept.table.select([n for n in self.own.names if n in self.kept.schema.names])
        narrow = table.select(self.context.schema.names).with_schema(self.context.schema)
        given = self.context.encode(narrow, seed=seed.child("context"))
        ones = np.ones(table.rows, dtype=np.int64)
        _, own, _ = self.siblings.draw(given, ones, ones, ones, seed.stream("rows"))
        drawn = self.codec.decode(own, seed.stream("decode"), seed=seed)
        for name in drawn.names:
            table = _with(table, name, drawn.arrow.column(name), self.own)
        table = Table(table.arrow.select(list(self.own.names)), self.own)
        return consistent(table, self.summaries, seed.stream("summaries"))

    def _finished(self, families: Families, own: Encoded, seed: Seed) -> Table:
        """Blocks to drawn columns: decoded, with the clock, and with what rules compute."""
        table = self.codec.decode(own, seed.stream("decode"), seed=seed)
        clock = self.siblings.clock
        if clock is not None:
            values = numbers_to_arrow(
                families.times, np.zeros(own.rows, dtype=bool), clock.column.kind
            )
            table = _with(table, clock.column.name, values, self.own)
        elif self.roles.clock is not None:
            table = self._between(table, families)
        for i, step in enumerate(self.steps):
            made = step.rebuild(table, self.own, seed.stream("step", i))
            for name, values in made.items():
                table = _with(table, name, values, self.own)
        table = Table(table.arrow.select(list(self.own.names)), self.own)
        return consistent(table, self.summaries, seed.stream("summaries"))

    def _between(self, table: Table, families: Families) -> Table:
        """The clock within what the owner knows of its first and last child."""
        name, owner = self.roles.clock, families.owner
        assert name is not None
        values = np.clip(table.numbers(name), families.first[owner], families.last[owner])
        array = numbers_to_arrow(values, table.missing(name), table.schema[name].kind)
        return replaced(table, {name: array})

    def broken(self, table: Table, rules: int) -> Array:
        """Rows that break one of the first ``rules`` rules; (N,) bool."""
        wrong = np.zeros(table.rows, dtype=bool)
        for rule, reference in zip(self.rules[:rules], self.references[:rules], strict=True):
            wrong |= broken_rows(rule, table, reference)
        return wrong

    def _mended(self, table: Table, rng: np.random.Generator) -> Table:
        """Rows that break a rule moved by the least that keeps it, where that can be.

        To draw them again would be exact for a row by itself, but rows with more children have
        more to break, and would become rare.
        """
        broken = np.flatnonzero(self.broken(table, len(self.rules)))
        if not len(broken):
            return table
        fixed = frozenset({self.roles.clock} if self.roles.stepwise and self.roles.clock else ())
        part = mended(table.take(broken), self.rules, self.steps, fixed, rng)
        return merged(table, broken, part)

    def keyed(self, rows: int, seed: Seed) -> dict[str, pa.Array]:
        """New keys for all rows, by column."""
        made = {}
        for name, key in zip(self.roles.keys, self.keys, strict=True):
            texts = key.write(np.arange(rows, dtype=np.int64), seed.child("key", name))
            if len(key.counts):
                share = key.counts[0] / key.counts.sum()
                none = seed.stream("no key", name).random(rows) < share
                texts = pa.compute.if_else(pa.array(none), pa.scalar(None, pa.string()), texts)
            made[name] = texts
        return made

    def strange(self, name: str, rows: int, count: int, seed: Seed) -> pa.Array:
        """``count`` keys of this table that none of its ``rows`` rows has."""
        key = self.keys[self.roles.keys.index(name)]
        counter = np.arange(rows, rows + count, dtype=np.int64)
        return key.write(counter, seed.child("key", name))


def context_of(table: str, own: Table, summaries: tuple[Summary, ...], above: Table | None
) -> Table:  # fmt: skip
    """What the rows of a table hand to their children: their columns, and what was given them.

    Args:
        table: its name, which comes before those of the columns.
        own: its drawn columns.
        summaries: which of them sum up children.
        above: the context that each row was drawn given, by row; None for a table of its own.
    """
    inner = {s.name for s in summaries}
    columns, arrays = [], []
    for column in own.schema.columns:
        name = column.name if column.name in inner else f"{table}: {column.name}"
        columns.append(column.model_copy(update={"name": name}))
        arrays.append(own.arrow.column(column.name))
    if above is not None:
        taken_names = {column.name for column in columns}
        for column in above.schema.columns:
            if column.name not in taken_names:
                columns.append(column)
                arrays.append(above.arrow.column(column.name))
    schema = Schema(columns=tuple(columns))
    return Table(pa.table(arrays, names=list(schema.names)), schema)


def taken(table: Table, place: Array) -> Table:
    """Rows of a table by position; all missing where it is negative."""
    index = pa.array(np.maximum(place, 0), mask=place < 0)
    return Table(table.arrow.take(index), table.schema)


def _with(table: Table, name: str, values: pa.Array, schema: Schema) -> Table:
    arrow = table.arrow.append_column(name, values) if table.names else pa.table({name: values})
    return Table(arrow, Schema(columns=(*table.schema.columns, schema[name])))


def _some(families: Families, rows: Array) -> Families:
    """The families with the owners and times of some rows; enough to decode them."""
    times = families.times[rows] if len(families.times) else families.times
    return replace(families, owner=families.owner[rows], times=times)

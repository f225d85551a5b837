"""Drawing all tables of a database: owners first, then rows, references and keys.

Shapes: N rows of a table, M rows of one it refers to.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.compose.codes import codes_of
from likewise.compose.distinct import distinct_rows, repeated
from likewise.compose.gaps import Absent
from likewise.compose.made import Made
from likewise.compose.matching import once_each
from likewise.compose.part import Part, Repeats, context_of, taken
from likewise.compose.references import Chosen
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema
from likewise.data.reference import UNKNOWN
from likewise.data.table import CANONICAL, Table

Array = np.ndarray

NOISE = 0.05  # by which numbers of children differ from one half of the families to the other


class Drawing:
    """One sample of a database while it is drawn.

    Args:
        schema: tables, keys and relations.
        parts: what was learned of each table, owners first.
        counts: how many rows tables without an owner get, by name.
        more: by name of the others, how many times as many children as rows know of.
        seed: of all draws.
    """

    def __init__(
        self,
        schema: DatabaseSchema,
        parts: tuple[Part, ...],
        counts: Mapping[str, int],
        more: Mapping[str, float],
        seed: Seed,
    ) -> None:
        self.schema, self.parts, self.seed = schema, parts, seed
        self.counts, self.more = counts, more
        self.by_name = {part.roles.table: part for part in parts}
        self.owning = {schema.relations[p.roles.owner].parent for p in parts if p.roles.owner >= 0}
        self.made: dict[str, Made] = {}
        self.context: dict[str, Table] = {}

    def run(self) -> Database:
        """Draw all tables."""
        for part in self.parts:
            name = part.roles.table
            if part.kept is not None:
                self.made[name] = self._as_kept(part)
                if name in self.owning:
                    self._hand_down(part, self.made[name])
                continue
            made = self._rows(part)
            made = self._owned(part, made)
            for ref in part.chosen:
                if ref.relation not in part.roles.late:
                    made = self._resolved(part, made, ref)
            made = distinct_rows(self.schema, part, made)
            made = made.with_columns(self._keys(part, made))
            self.made[name] = made
            if name in self.owning:
                self._hand_down(part, made)
        for part in self.parts:
            for ref in part.chosen:
                if ref.relation in part.roles.late:
                    name = part.roles.table
                    self.made[name] = self._resolved(part, self.made[name], ref, late=True)
        tables = {part.roles.table: self._table(part) for part in self.parts}
        return Database.of(tables, self.schema)

    def _rows(self, part: Part) -> Made:
        """The drawn columns of a table."""
        seed, name = self.seed.child("table", part.roles.table), part.roles.table
        if part.roles.owner < 0:
            count = np.array([self.counts[name]])
            none = np.zeros(1, dtype=np.int64)
            own, owner, position = part.draw(
                None, count, none, none, none.astype(bool), self._repeats(part), seed
            )
        else:
            relation = self.schema.relations[part.roles.owner]
            above = self.by_name[relation.parent]
            owner_rows = self.made[relation.parent].own
            told = part.of_owner(owner_rows, part.roles.owner, above.summaries)
            rows, first, last, unknown = told
            if abs(self.more[name] - 1) > NOISE:
                chance = seed.stream("more").random(len(rows))
                rows = np.floor(rows * self.more[name] + chance).astype(np.int64)
            own, owner, position = part.draw(
                self.context[relation.parent], rows, first, last, unknown, self._repeats(part),
                seed,
            )  # fmt: skip
        made = Made(own, {}, owner, position)
        if part.in_order and part.roles.clock is not None and name not in self.owning:
            made = made.take(np.argsort(own.numbers(part.roles.clock), kind="stable"))
        return made

    def _repeats(self, part: Part) -> Repeats:
        """Which rows repeat a key of columns that are learned, or the owner's."""
        relation = self.schema.relations[part.roles.owner] if part.roles.owner >= 0 else None
        given = dict(zip(relation.columns, relation.to, strict=True)) if relation else {}
        keys = [
            key for key in self.schema[part.roles.table].keys
            if set(key) <= {*given, *part.roles.learned} and set(key) & set(part.roles.learned)
        ]  # fmt: skip

        def found(own: Table, owner: Array) -> Array:
            again = np.zeros(own.rows, dtype=bool)
            for key in keys:
                arrays = [
                    self.made[relation.parent].array(given[n]).take(pa.array(owner))
                    if relation and n in given
                    else own.arrow.column(n).combine_chunks()
                    for n in key
                ]
                again |= repeated(arrays)
            return again

        return found

    def _as_kept(self, part: Part) -> Made:
        """A table whose rows are kept."""
        assert part.kept is not None
        table = part.kept.table
        own = part.draw_kept(self.seed.child("table", part.roles.table))
        columns = {name: table.arrow.column(name).combine_chunks() for name in table.names}
        return Made(own, columns, part.kept.owner, np.zeros(table.rows, dtype=np.int64))

    def _hand_down(self, part: Part, made: Made) -> None:
        """Keep what the rows of a table hand to their children."""
        above = None
        if part.roles.owner >= 0:
            relation = self.schema.relations[part.roles.owner]
            above = taken(self.context[relation.parent], made.owner)
        name = part.roles.table
        self.context[name] = context_of(name, made.own, part.summaries, above)

    def _owned(self, part: Part, made: Made) -> Made:
        """The columns that refer to the owner."""
        if part.roles.owner < 0:
            return made
        relation = self.schema.relations[part.roles.owner]
        owner = self.made[relation.parent]
        index = pa.array(made.owner)
        columns = {
            name: self._as_in(part, name, owner.array(to).take(index))
            for name, to in zip(relation.columns, relation.to, strict=True)
        }
        rng = self.seed.stream("gaps", part.roles.table)
        chance = rng.random(made.rows)
        if part.lost and len(relation.columns) > 1:
            columns = self._absent(part, columns, owner, made.owner, chance < part.lost)
        elif part.lost:
            above = self.by_name[relation.parent]
            if relation.to[0] in above.roles.keys:
                name, gone = relation.columns[0], chance < part.lost
                columns[name] = self._strange(part, name, columns[name], gone, relation.parent,
                                              relation.to[0], part.gaps, rng)  # fmt: skip
        if part.missing:
            none = pa.array(chance > 1 - part.missing)
            columns = {n: pc.if_else(none, pa.scalar(None, a.type), a) for n, a in columns.items()}
        return made.with_columns(columns)

    def _absent(
        self, part: Part, columns: dict[str, pa.Array], owner: Made, place: Array, gone: Array
    ) -> dict[str, pa.Array]:
        """The columns that refer to the owner, to no row of it where ``gone``."""
        rows = np.flatnonzero(gone)
        relation = self.schema.relations[part.roles.owner]
        absent = Absent.of([owner.array(to) for to in relation.to], between=True)
        if absent is None:
            return columns
        return {
            name: pc.replace_with_mask(columns[name], pa.array(gone), self._as_in(part, name, new))
            for name, new in zip(relation.columns, absent.after(place[rows]), strict=True)
        }

    def _resolved(self, part: Part, made: Made, ref: Chosen, late: bool = False) -> Made:
        """The columns of a reference that no owner gives; rows that cannot have one go."""
        relation = self.schema.relations[ref.relation]
        inside = relation.parent == part.roles.table
        parent = made if inside else self.made[relation.parent]
        above = self.by_name[relation.parent]
        if ref.group is None:
            return made  # its columns come from references that were kept already
        counts = np.maximum(parent.own.numbers(_count_name(above, ref.relation)), 0)
        names = {*ref.read, *ref.told}
        child = {name: made.array(name) for name in names}
        theirs = {name: parent.array(name) for name in relation.to}
        base = parent.own.select(self._learned(above))
        rng = self.seed.stream("match", ref.relation)
        wanted = ref.wanted(counts, base, rng)
        place, cells = ref.resolve(child, made.position > 0, theirs, base, wanted, rng)
        keys = [] if ref.read else self.schema[part.roles.table].keys
        if any(set(key) == set(ref.columns) for key in keys):
            strict = inside and ref.nullable  # a row of another depth could close a circle
            place = once_each(place, cells, rng, strict=strict, nullable=ref.nullable)
        elif not late:
            place = self._unlike(part, made, ref, place, cells, theirs, wanted, rng)
        made = self._written(part, made, ref, parent, place, rng)
        lost = (place == -1) & ~np.asarray(child[ref.group].is_null())
        if lost.any() and not ref.nullable and not late:
            made = made.take(np.flatnonzero(~lost))
        return made

    def _unlike(
        self, part: Part, made: Made, ref: Chosen, place: Array, cells: tuple[Array, Array],
        theirs: Mapping[str, pa.Array], wanted: Array, rng: np.random.Generator,
    ) -> Array:  # fmt: skip
        """The choice without repeats of a key that this reference completes."""
        known = {*made.columns, *part.roles.learned}
        opaque = set(ref.columns) - set(ref.read)
        for key in self.schema[part.roles.table].keys:
            rest = [name for name in key if name not in ref.columns]
            if opaque & set(key) and set(rest) <= known:
                fixed = [*rest, *(name for name in ref.read if name in key)]
                owner = codes_of([made.array(n) for n in fixed]) if fixed else np.zeros(made.rows)
                child = {n: made.array(n) for n in {*ref.read, *ref.told}}
                numbers = owner.astype(np.int64)
                place = ref.unlike(place, cells, numbers, child, theirs, wanted, rng)
        return place

    def _written(
        self, part: Part, made: Made, ref: Chosen, parent: Made, place: Array,
        rng: np.random.Generator,
    ) -> Made:  # fmt: skip
        """The columns of the reference, from the rows that were chosen."""
        index = pa.array(np.maximum(place, 0), mask=place < 0)
        columns = {}
        for name, to in zip(ref.columns, ref.to, strict=True):
            if name in ref.frozen:
                continue
            array = self._as_in(part, name, parent.array(to).take(index))
            if not part.schema[name].nullable and array.null_count and parent.rows:
                some = rng.integers(0, parent.rows, made.rows)  # a part that is never missing
                other = self._as_in(part, name, parent.array(to).take(pa.array(some)))
                array = pc.if_else(array.is_null(), other, array)
            if name in ref.read:  # learned, so it may stay
                stays = place == UNKNOWN if part.schema[name].nullable else place < 0
                array = pc.if_else(pa.array(stays), made.array(name), array)
            columns[name] = array
        above = self.by_name[self.schema.relations[ref.relation].parent]
        gone = place == UNKNOWN
        if gone.any() and len(ref.columns) > 1 and not ref.spelled:
            child = {name: made.array(name).filter(pa.array(gone)) for name in ref.read}
            theirs = {name: parent.array(name) for name in ref.to}
            for name, array in ref.absent(child, theirs, int(gone.sum()), rng).items():
                new = self._as_in(part, name, array)
                columns[name] = pc.replace_with_mask(columns[name], pa.array(gone), new)
        elif gone.any() and len(ref.columns) == 1 and ref.to[0] in above.roles.keys:
            name = ref.columns[0]
            columns[name] = self._strange(part, name, columns[name], gone, above.roles.table,
                                          ref.to[0], ref.gaps, rng)  # fmt: skip
        return made.with_columns(columns)

    def _strange(
        self, part: Part, name: str, array: pa.Array, gone: Array, parent: str, to: str,
        gaps: float, rng: np.random.Generator,
    ) -> pa.Array:  # fmt: skip
        """The references with keys that no parent has in the rows ``gone``."""
        count = max(round(gaps * int(gone.sum())), 1)
        there, seed = self.made[parent].rows, self.seed.child("table", parent)
        keys = self._as_in(part, name, self.by_name[parent].strange(to, there, count, seed))
        picked = np.zeros(len(gone), dtype=np.int64)
        picked[gone] = rng.integers(0, count, int(gone.sum()))
        return pc.if_else(pa.array(gone), keys.take(pa.array(picked)), array)

    def _keys(self, part: Part, made: Made) -> dict[str, pa.Array]:
        keys = part.keyed(made.rows, self.seed.child("table", part.roles.table))
        return {name: self._as_in(part, name, array) for name, array in keys.items()}

    def _learned(self, part: Part) -> list[str]:
        told = {name for ref in part.chosen for name in ref.told}
        inner = {s.name for s in part.summaries}
        return [n for n in part.own.names if n not in told | inner]

    def _as_in(self, part: Part, name: str, array: pa.Array) -> pa.Array:
        return array.cast(CANONICAL[part.schema[name].kind])

    def _table(self, part: Part) -> Table:
        made = self.made[part.roles.table]
        arrays = [made.array(name) for name in part.schema.names]
        return Table(pa.table(arrays, names=list(part.schema.names)), part.schema)


def _count_name(part: Part, relation: int) -> str:
    return next(s.name for s in part.summaries if s.relation == relation and s.what == "rows")

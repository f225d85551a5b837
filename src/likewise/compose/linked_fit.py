"""Learning the tables of a database one by one, each given its owner.

Shapes: N rows of a table, F owners.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from likewise.compose.clock import Clock
from likewise.compose.part import Part, context_of
from likewise.compose.planning import plan
from likewise.compose.references import (
    Chosen,
    again_column,
    codes_of,
    fit_groups,
    group_column,
    repeats_before,
)
from likewise.compose.roles import Places, Roles, learned_part
from likewise.compose.ruled import reduced
from likewise.compose.siblings import Families, Siblings
from likewise.compose.soundness import keeping_rows
from likewise.compose.summaries import Summary, counted, ends, likenesses
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.cells import shared_by
from likewise.data.database import Database
from likewise.data.dependency_order import nullable
from likewise.data.discover import discover
from likewise.data.reference import UNKNOWN
from likewise.data.rules import Rule, Unique
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import CANONICAL, Table
from likewise.encode.codec import TableCodec
from likewise.encode.key import Key
from likewise.encode.layout import Encoded, Layout
from likewise.generators.association import association
from likewise.generators.tabular import Tabular

Array = np.ndarray

MOST_CONTEXT = 32  # columns of owners that rows are drawn given, the ones that say most
TOLD_BY = 20_000  # children from which groups of parents are learned


@dataclass(frozen=True)
class Known:
    """What is known of the real database while its tables are learned.

    Attributes:
        database: the real tables.
        places: for each relation, the row of the parent of each child.
        roles: by table, owners first.
        chosen: by table, the references that no owner gives.
        base: by table, learned columns with those of references.
        own: by table, these and what sums up children.
        summaries: by table, which of the columns sum up children.
        context: by table, what its rows hand to their children.
    """

    database: Database
    places: Places
    roles: Mapping[str, Roles]
    chosen: dict[str, tuple[Chosen, ...]]
    base: dict[str, Table]
    own: dict[str, Table]
    summaries: dict[str, tuple[Summary, ...]]
    context: dict[str, Table]


def know(database: Database, places: Places, roles: tuple[Roles, ...], seed: Seed) -> Known:
    """All real columns that are learned, of all tables; O(N C) for each relation."""
    known = Known(database, places, {r.table: r for r in roles}, {}, {}, {}, {}, {})
    for one in roles:
        known.base[one.table] = database[one.table].select(one.learned)
    bare = dict(known.base)
    for one in roles:
        chosen, table = _references(known, one, bare, seed.child("groups", one.table))
        known.chosen[one.table], known.base[one.table] = chosen, table
    for one in roles:
        table, summaries = _summed(known, one.table)
        known.own[one.table], known.summaries[one.table] = table, summaries
    for one in roles:
        above = None
        if one.owner >= 0:
            relation = database.schema.relations[one.owner]
            above = _given(known, relation.parent, one.owner)
            above = _taken(above, places[relation])
        own, summaries = known.own[one.table], known.summaries[one.table]
        known.context[one.table] = context_of(one.table, own, summaries, above)
    return known


def learn(known: Known, name: str, recipe: Tabular, seed: Seed, run: Run) -> Part:
    """One table: its rows given their owners."""
    one, database = known.roles[name], known.database
    table, own = database[name], known.own[name]
    place = np.zeros(table.rows, dtype=np.int64)
    owners, context = 1, None
    if one.owner >= 0:
        relation = database.schema.relations[one.owner]
        place = known.places[relation]
        context = _given(known, relation.parent, one.owner)
        owners = context.rows
    order, times = _in_order(table, place, one.clock)
    families = _families(place[order], owners, times)
    clock = None
    if one.clock is not None:
        clock = Clock.fit(table.schema[one.clock], times, families.follows)
    rules, steps, references, told = _rules(known, one)
    learned = _without(reduced(own.take(order), steps, rules), one.clock)
    codec = TableCodec.fit(learned, seed=seed)
    rows = codec.encode(learned, seed=seed.child("encode"))
    narrow = None
    if context is not None:
        context = _closest(context, families.owner, rows, codec.layout, seed)
        narrow = TableCodec.fit(context, seed=seed)
        given = narrow.encode(context, seed=seed.child("context"))
        families = replace(families, context=given)
    blocks = () if narrow is None else narrow.layout.blocks
    siblings = Siblings.fit(
        recipe, families, blocks, rows, codec.layout.blocks, clock,
        seed=seed.child("siblings"), run=run,
    )  # fmt: skip
    gone = place == UNKNOWN
    return Part(
        roles=one,
        schema=table.schema,
        own=own.schema,
        context=narrow,
        codec=codec,
        siblings=siblings,
        steps=steps,
        rules=tuple(rule for rule in rules if not isinstance(rule, Unique)),
        references=references,
        summaries=known.summaries[name],
        chosen=known.chosen[name],
        keys=tuple(_key(table, column) for column in one.keys),
        rows=table.rows,
        missing=float((place == -1).mean()) if table.rows else 0.0,
        lost=float(gone.mean()) if table.rows else 0.0,
        gaps=_different(database, one, gone),
        in_order=_sorted(table, one.clock),
        notes=(*codec.notes, *siblings.notes, *told),
    )


def _references(
    known: Known, one: Roles, bare: Mapping[str, Table], seed: Seed
) -> tuple[tuple[Chosen, ...], Table]:
    """The references of a table that no owner gives, and its columns with theirs."""
    database, schema = known.database, known.database.schema
    table, base = database[one.table], bare[one.table]
    fixed = set(schema.relations[one.owner].columns) if one.owner >= 0 else set()
    told = [base]
    if one.owner >= 0:
        above = schema.relations[one.owner]
        told.append(_taken(bare[above.parent], known.places[above]))
    chosen = []
    for i in one.chosen:
        relation = schema.relations[i]
        place, parents = known.places[relation], bare[relation.parent]
        read = tuple(c for c in relation.columns if c in fixed | set(one.learned))
        frozen = tuple(c for c in relation.columns if c in fixed)
        inside = relation.parent == one.table
        bound = set(frozen) == set(relation.columns)
        groups = None
        if not inside and not bound:
            few = seed.stream("told", i).permutation(table.rows)[:TOLD_BY]
            some = [part.take(few) for part in told if part.names]
            groups = fit_groups(parents, place[few], some, seed.child("tree", i))
        title = _name(f"{relation.parent} ({', '.join(relation.columns)})", base)
        gone = place == UNKNOWN
        ref = Chosen(
            relation=i, columns=relation.columns, to=relation.to, read=read, frozen=frozen,
            group=None if bound else title, again=None, inside=inside, groups=groups,
            lost=float(gone.mean()) if len(gone) else 0.0,
            gaps=_different(database, one, gone, relation.columns),
            nullable=nullable(schema, relation),
        )  # fmt: skip
        if not bound:
            base = _and(base, group_column(title), ref.labels(place, parents))
            ref, base = _with_repeats(known, one, ref, base)
        chosen.append(ref)
        fixed |= set(relation.columns)
    return tuple(chosen), base


def _with_repeats(known: Known, one: Roles, ref: Chosen, base: Table) -> tuple[Chosen, Table]:
    """The reference with a column that tells repeats, if siblings have an order and do repeat."""
    if one.clock is None or ref.inside:
        return ref, base
    database = known.database
    table, relations = database[one.table], database.schema.relations
    place = known.places[relations[one.owner]]
    order, _ = _in_order(table, place, one.clock)
    owner = place[order]
    follows = np.append(False, owner[1:] == owner[:-1])[: len(owner)]
    opaque = [name for name in ref.columns if name not in ref.read]
    entity = codes_of([_array(table, name) for name in opaque]) if opaque else place
    entity = np.where(known.places[relations[ref.relation]] >= 0, entity, -1)
    found = repeats_before(entity, order, follows)
    if found is None:
        return ref, base
    name = _name(f"{ref.group}, as before", base)
    return replace(ref, again=name), _and(base, again_column(name), pa.array(found))


def _summed(known: Known, name: str) -> tuple[Table, tuple[Summary, ...]]:
    """The columns of a table with what sums up its children."""
    schema, table = known.database.schema, known.base[name]
    summaries = []
    for i, relation in enumerate(schema.relations):
        if relation.parent != name:
            continue
        child = known.roles[relation.child]
        if child.owner != i and i not in child.chosen:
            continue
        place, rows = known.places[relation], table.rows
        title = f"{relation.child} ({', '.join(relation.columns)})"
        found = [counted(i, title, place, rows)]
        if child.owner == i:
            base = known.base[relation.child]
            if child.clock is not None:
                found += ends(i, title, base, child.clock, place, rows)
            found += likenesses(i, title, _without(base, child.clock), place, rows)
        for one in found:
            column = one.column.model_copy(update={"name": _name(one.column.name, table)})
            table = _and(table, column, one.values)
            summaries.append(replace(one.summary, name=column.name))
    return table, tuple(summaries)


def _given(known: Known, owner: str, relation: int) -> Table:
    """What the rows of an owner hand to the children of one relation."""
    inner = {s.name for s in known.summaries[owner] if s.relation != relation and s.what != "rows"}
    table = known.context[owner]
    hidden = {Kind.KEY, Kind.TEXT, Kind.CONSTANT}
    kept = [c.name for c in table.schema.columns if c.name not in inner and c.kind not in hidden]
    return table.select(kept)


def _closest(context: Table, owner: Array, rows: Encoded, layout: Layout, seed: Seed) -> Table:
    """The columns of the context that say most of the rows."""
    if len(context.names) <= MOST_CONTEXT or not rows.rows:
        return context
    codec = TableCodec.fit(context, seed=seed)
    given = codec.encode(context, seed=seed)
    some = seed.stream("closest").permutation(rows.rows)[:5_000]
    whole = Encoded(
        np.hstack([given.codes[owner[some]], rows.codes[some]]),
        np.hstack([given.detail[owner[some]], rows.detail[some]]),
    )
    blocks = Layout((*codec.layout.blocks, *layout.blocks))
    near = association(whole, blocks, seed)[: given.codes.shape[1], given.codes.shape[1] :]
    best = near.max(axis=1, initial=0)
    score = {
        name: max((best[i] for i in codec.layout.of(name)), default=0.0) for name in context.names
    }
    kept = set(sorted(context.names, key=lambda name: -score[name])[:MOST_CONTEXT])
    return context.select([name for name in context.names if name in kept])


def _rules(known: Known, one: Roles) -> tuple[tuple[Rule, ...], tuple, tuple, tuple[str, ...]]:  # type: ignore[type-arg]
    """Rules of the drawn columns, how they are kept, and in words."""
    own = known.own[one.table]
    ends = [s.name for s in known.summaries[one.table] if s.what in ("first", "last")]
    plain = [name for name in (*one.learned, *ends) if name in own.names]
    table = own.select(plain)
    declared = [
        rule
        for rule in known.database[one.table].schema.rules
        if set(rule.touches) <= set(one.learned) and not isinstance(rule, Unique)
    ]
    table = table.with_schema(table.schema.replace(rules=()))
    found = discover(table, declared=declared)
    rules = tuple(f.rule for f in found if f.hard and not isinstance(f.rule, Unique))
    kept, told = keeping_rows(table, rules)
    if one.clock is not None:
        kept = kept.with_schema(replace_target(kept.schema, one.clock))
    planned = plan(kept, rules)
    return rules, planned.steps, planned.references, (*told, *planned.notes)


def replace_target(schema: Schema, target: str) -> Schema:
    """The schema with another target: rules compute no column that is one."""
    return Schema(columns=schema.columns, target=target)


def _families(owner: Array, owners: int, times: Array) -> Families:
    """Real families, whose owners know their last child."""
    counts = np.bincount(owner, minlength=owners)
    last = np.zeros(owners, dtype=np.int64)
    if len(times):
        last[owner] = times  # rows are in order, so the last one stays
    return Families.of(Encoded.empty(owners, 0), counts, last, times)


def _in_order(table: Table, place: Array, clock: str | None) -> tuple[Array, Array]:
    """Rows that have an owner, by owner and clock, and their times; (K,) and (K,) or (0,)."""
    rows = np.flatnonzero(place >= 0)
    if clock is None:
        return rows[np.argsort(place[rows], kind="stable")], np.empty(0, dtype=np.int64)
    times = table.numbers(clock)
    order = rows[np.lexsort((times[rows], place[rows]))]
    return order, times[order]


def _sorted(table: Table, clock: str | None) -> bool:
    """Whether the whole table is written in the order of its clock, one way or the other."""
    if clock is None or table.rows < 2:
        return False
    steps = np.diff(table.numbers(clock))
    return bool((steps >= 0).all())


def _key(table: Table, name: str) -> Key:
    """How the keys of a column are written."""
    column = table.schema[name].model_copy(update={"kind": Kind.KEY})
    array = table.arrow.column(name).cast(pa.string())
    whole = Table(pa.table({name: array}), Schema(columns=(column,)))
    return Key.fit(whole, column, k=shared_by(table.rows))


def _different(
    database: Database, one: Roles, gone: Array, columns: tuple[str, ...] | None = None
) -> float:
    """How many different parents are not there, for each row that refers to one of them."""
    if columns is None and one.owner >= 0:
        columns = database.schema.relations[one.owner].columns
    rows = np.flatnonzero(gone)
    if not len(rows) or not columns:
        return 1.0
    table = database[one.table].take(rows)
    return len(np.unique(codes_of([_array(table, name) for name in columns]))) / len(rows)


def _and(table: Table, column: Column, values: pa.Array) -> Table:
    arrow = table.arrow.append_column(column.name, values.cast(CANONICAL[column.kind]))
    return Table(arrow, Schema(columns=(*table.schema.columns, column)))


def _without(table: Table, name: str | None) -> Table:
    return table if name is None else table.select([n for n in table.names if n != name])


def _taken(table: Table, place: Array) -> Table:
    """Rows of a table by position; all missing where it is negative."""
    index = pa.array(np.maximum(place, 0), mask=place < 0)
    return Table(table.arrow.take(index), table.schema)


def _name(wanted: str, table: Table) -> str:
    while wanted in table.names:
        wanted += "'"
    return wanted


def _array(table: Table, name: str) -> pa.Array:
    return table.arrow.column(name).combine_chunks()


Learner = Callable[[str], Tabular]
__all__ = ["Known", "know", "learn", "learned_part"]

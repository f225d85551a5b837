"""Learning the tables of a database one by one, each given its owner.

Shapes: N rows of a table, F owners.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from likewise.compose.clock import Clock
from likewise.compose.having import shares_having
from likewise.compose.kept import Kept
from likewise.compose.known import Known, different, handed_down, shown, without
from likewise.compose.ordering import in_order
from likewise.compose.part import Part
from likewise.compose.planning import Plan, plan
from likewise.compose.roles import Roles
from likewise.compose.ruled import reduced
from likewise.compose.siblings import Families, Siblings
from likewise.compose.soundness import keepers
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.cells import shared_by
from likewise.data.discover import discover
from likewise.data.reference import UNKNOWN
from likewise.data.rules import Rule, Unique
from likewise.data.schema import Kind, Schema
from likewise.data.table import Table
from likewise.encode.codec import TableCodec
from likewise.encode.key import Key
from likewise.encode.layout import Encoded, Layout
from likewise.generators.association import association
from likewise.generators.tabular import Tabular

Array = np.ndarray

MOST_CONTEXT = 32  # columns of owners that rows are drawn given, the ones that say most
TOLD_BY = 20_000  # children from which groups of parents are learned


def learn(known: Known, name: str, recipe: Tabular, seed: Seed, run: Run) -> Part:
    """One table: its rows given their owners, or what sums up children given rows that are kept."""
    one, database = known.roles[name], known.database
    table, own = database[name], known.own[name]
    if name in known.real:
        return _kept(known, one, recipe, seed, run)
    place = np.zeros(table.rows, dtype=np.int64)
    owners, context = 1, None
    if one.owner >= 0:
        relation = database.schema.relations[one.owner]
        place = known.places[relation]
        context = handed_down(known, relation.parent, one.owner)
        owners = context.rows
    order, times = in_order(table, place, one.clock)
    families = _families(place[order], owners, times)
    people = known.people[name]
    people = None if people is None else people[order]
    clock = None
    if one.clock is not None and one.stepwise:
        clock = Clock.fit(table.schema[one.clock], times, families.follows, people)
    rules, hard, planned, told = _rules(known, one)
    steps = planned.steps
    learned = reduced(own.take(order), steps, rules)
    learned = without(learned, one.clock if one.stepwise else None)
    codec = TableCodec.fit(learned, seed=seed, people=people)
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
        ordered=one.stepwise, seed=seed.child("siblings"), run=run,
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
        rules=rules,
        hard=hard,
        references=planned.references,
        summaries=known.summaries[name],
        having=shares_having(own, known.summaries[name]),
        chosen=known.chosen[name],
        keys=tuple(_key(table, column) for column in one.keys),
        rows=table.rows,
        kept=None,
        missing=float((place == -1).mean()) if table.rows else 0.0,
        lost=float(gone.mean()) if table.rows else 0.0,
        gaps=different(database, one, gone),
        in_order=_sorted(table, one.clock),
        notes=(*codec.notes, *siblings.notes, *told),
    )


def _kept(known: Known, one: Roles, recipe: Tabular, seed: Seed, run: Run) -> Part:
    """A table whose rows are kept: learned is what sums up their children, given the rows."""
    table, own = known.database[one.table], known.own[one.table]
    inner = [s.name for s in known.summaries[one.table]]
    context = shown(known.base[one.table])
    learned = own.select(inner)
    codec, narrow = TableCodec.fit(learned, seed=seed), TableCodec.fit(context, seed=seed)
    nothing = np.empty(0, dtype=np.int64)
    families = Families.of(
        narrow.encode(context, seed=seed.child("context")),
        np.ones(table.rows, dtype=np.int64), nothing, nothing, nothing,
    )  # fmt: skip
    siblings = Siblings.fit(
        recipe, families, narrow.layout.blocks, codec.encode(learned, seed=seed.child("encode")),
        codec.layout.blocks, None, ordered=False,
        seed=seed.child("siblings"), run=run,
    )  # fmt: skip
    owner = np.zeros(table.rows, dtype=np.int64)
    if one.owner >= 0:
        owner = known.places[known.database.schema.relations[one.owner]]
    return Part(
        roles=one, schema=table.schema, own=own.schema, context=narrow, codec=codec,
        siblings=siblings, steps=(), rules=(), hard=0, references=(),
        summaries=known.summaries[one.table],
        having=(), chosen=(), keys=(), rows=table.rows, kept=Kept.of(table, owner), missing=0.0,
        lost=0.0, gaps=1.0, in_order=False, notes=("its rows are real ones, kept as they are",),
    )  # fmt: skip


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


def _rules(known: Known, one: Roles) -> tuple[tuple[Rule, ...], int, Plan, tuple[str, ...]]:
    """Rules of the drawn columns, how many of them are hard, how they are kept, and in words.

    Rules that were found between children of different relations are not: a row with many kinds of
    children has many of them to break, and is not to be given up for that.
    """
    own = known.own[one.table]
    ends = {s.name: s.relation for s in known.summaries[one.table] if s.what in ("first", "last")}
    plain = [name for name in (*one.learned, *ends) if name in own.names]
    table = own.select(plain)
    declared = [
        rule
        for rule in known.database[one.table].schema.rules
        if set(rule.touches) <= set(one.learned) and not isinstance(rule, Unique)
    ]
    table = table.with_schema(table.schema.replace(rules=()))
    found = discover(table, declared=declared)
    rules = [f.rule for f in found if f.hard and not isinstance(f.rule, Unique)]
    apart = {id(r): len({ends[n] for n in r.touches if n in ends}) > 1 for r in rules}
    rules.sort(key=lambda rule: apart[id(rule)])
    hard = sum(not apart[id(rule)] for rule in rules)
    rows, told = keepers(table, rules)
    kept = table.take(rows)
    if one.clock is not None:
        kept = kept.with_schema(Schema(columns=kept.schema.columns, target=one.clock))
    people = known.people[one.table]
    planned = plan(kept, rules, None if people is None else people[rows])
    return tuple(rules), hard, planned, (*told, *planned.notes)


def _families(owner: Array, owners: int, times: Array) -> Families:
    """Real families, whose owners know their last child."""
    counts = np.bincount(owner, minlength=owners)
    first, last = np.zeros((2, owners), dtype=np.int64)
    if len(times):
        last[owner] = times  # rows are in order, so the last one stays
        first[owner[::-1]] = times[::-1]
    return Families.of(Encoded.empty(owners, 0), counts, first, last, times)


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

"""From tables to a database: primary and further keys, relations, and the counts that led there."""

from collections.abc import Iterator, Mapping, Sequence

from likewise.core.errors import SchemaError
from likewise.core.registry import suggest
from likewise.data.database_schema import DatabaseSchema, ForeignKey, Key, TableSchema
from likewise.data.infer_primary import find_primary, find_unique, may_identify
from likewise.data.infer_relations import Candidate, Searched, find_relations
from likewise.data.integrity import count_relation
from likewise.data.keys import Coded, Place, code_columns, complete, repeats
from likewise.data.table import Table


def infer_database(
    tables: Mapping[str, Table], *, declared: Sequence[TableSchema] = ()
) -> DatabaseSchema:
    """The keys and relations of some tables, each with its evidence in words and counts.

    Args:
        tables: by name; the kinds of their columns are decided already.
        declared: tables of which something is known. A field that is given stands and the rest is
            found: ``foreign_keys=()`` says that a table refers to none.

    Raises:
        SchemaError: a declaration names what is not there, or contradicts the tables.

    Cost: two passes over every column that may be part of a key, then work that grows with
    different values and not with rows, but for keys of several columns: a sort of the rows for
    each that is tried. A million rows of nine columns take about one second of one core.
    """
    known = _declarations(tables, declared)
    places = [(name, column) for name, table in tables.items() for column in table.names]
    searched = [place for place in places if may_identify(tables[place[0]], place[1])]
    coded = code_columns(tables, [*searched, *_declared_places(tables, known)])
    usable = {place: coded[place] for place in searched if len(coded[place].codes)}
    found = {n: _keys(n, table, coded, usable, known) for n, table in tables.items()}
    candidates = find_relations(
        Searched(
            {place: tables[place[0]].schema[place[1]] for place in usable},
            usable,
            {name: entry.keys for name, entry in found.items()},
            {name: entry.primary_key for name, entry in found.items()},
        )
    )
    linked = []
    for name, entry in found.items():
        free = [] if _stands(known, name, "foreign_keys") else candidates
        linked.append(_referring(entry, [c for c in free if c.relation.child == name]))
    referred = {key.table for entry in linked for key in entry.foreign_keys}
    whole = [
        entry if _stands(known, entry.name, "primary_key") or entry.name in referred
        else _as_link(entry, coded)
        for entry in linked
    ]  # fmt: skip
    return _told(DatabaseSchema(tables=tuple(whole)), candidates, coded, known)


def _stands(known: Mapping[str, TableSchema], name: str, field: str) -> bool:
    """Whether this field of a table was declared."""
    return name in known and field in known[name].model_fields_set


def _declarations(
    tables: Mapping[str, Table], declared: Sequence[TableSchema]
) -> dict[str, TableSchema]:
    known: dict[str, TableSchema] = {}
    for entry in declared:
        where = f"table {entry.name!r}"
        if entry.name not in tables:
            raise SchemaError(where, "declared, but not there", suggest(entry.name, dict(tables)))
        if entry.name in known:
            raise SchemaError(where, "declared twice", "Keep one of them")
        _refuse_contradiction(entry, tables[entry.name])
        known[entry.name] = entry
    return known


def _refuse_contradiction(entry: TableSchema, table: Table) -> None:
    """Raise SchemaError if the table lacks a declared column, or holds it as another kind."""
    refers = [reference.columns for reference in entry.foreign_keys]
    kinds = {column.name: column.kind for column in entry.content.columns}
    for name in dict.fromkeys([*kinds, *(n for key in (*entry.keys, *refers) for n in key)]):
        where = f"table {entry.name!r}, column {name!r}"
        if name not in table.names:
            raise SchemaError(where, "declared, but not there", suggest(name, list(table.names)))
        kind = table.schema[name].kind
        if kinds.get(name, kind) is not kind:
            found = f"declared {kinds[name]}, but was read as {kind}"
            raise SchemaError(where, found, "Read the table with the declared columns")


def _declared_places(
    tables: Mapping[str, Table], known: Mapping[str, TableSchema]
) -> Iterator[Place]:
    """Columns that are declared to be part of a key or a reference."""
    for name, entry in known.items():
        for key in entry.keys:
            yield from ((name, column) for column in key)
        for reference in entry.foreign_keys:
            yield from ((name, column) for column in reference.columns)
            there = tables[reference.table].schema.names if reference.table in tables else ()
            yield from ((reference.table, column) for column in reference.to if column in there)


def _keys(
    name: str,
    table: Table,
    coded: Mapping[Place, Coded],
    usable: Mapping[Place, Coded],
    known: Mapping[str, TableSchema],
) -> TableSchema:
    """The table with its keys, declared or found, and no relations beyond declared ones."""
    cells = {column: usable[name, column] for column in table.names if (name, column) in usable}
    entry = known.get(name, TableSchema(name=name))
    primary: Key = entry.primary_key
    why: tuple[str, ...] = ("declared",)
    if not _stands(known, name, "primary_key"):
        primary, why = find_primary(name, table, cells)
    unique = tuple(key for key in entry.unique if set(key) != set(primary))
    if not _stands(known, name, "unique"):
        unique = find_unique(name, table, cells, primary)
        keys = {frozenset(key) for key in (primary, *unique)}
        unique += tuple(_asked_for(name, known, coded, keys))
    return TableSchema(
        name=name,
        primary_key=primary,
        unique=unique,
        foreign_keys=entry.foreign_keys,
        evidence=why,
        schema=table.schema,
    )


def _asked_for(
    name: str,
    known: Mapping[str, TableSchema],
    coded: Mapping[Place, Coded],
    keys: set[frozenset[str]],
) -> Iterator[Key]:
    """What declared relations refer to in this table, where it is a key that was not found."""
    for entry in known.values():
        for reference in entry.foreign_keys:
            to = reference.to
            new = reference.table == name and to and frozenset(to) not in keys
            there = all((name, column) in coded for column in to)
            if new and there and not repeats([coded[name, column] for column in to]):
                keys = keys | {frozenset(to)}
                yield to


def _referring(entry: TableSchema, candidates: Sequence[Candidate]) -> TableSchema:
    """The table with the relations that were found for it, in the order of its columns."""
    order = {column: i for i, column in enumerate(entry.content.names)}
    relations = sorted(
        (c.relation for c in candidates), key=lambda r: [order[column] for column in r.columns]
    )
    keys = tuple(ForeignKey(columns=r.columns, table=r.parent, to=r.to) for r in relations)
    return entry.model_copy(update={"foreign_keys": keys or entry.foreign_keys})


def _as_link(entry: TableSchema, coded: Mapping[Place, Coded]) -> TableSchema:
    """A table of references alone, to which none refers, has all of them as its key.

    In few rows one of the references may never repeat, but were that meant it would be a column
    of the other table. References that may be missing are no part of a primary key.
    """
    names, alone = entry.content.names, entry.primary_key
    refers = [key.columns for key in entry.foreign_keys if key.columns != names]
    covered = {name for columns in refers for name in columns}
    if len(refers) < 2 or covered != set(names) or alone not in refers:
        return entry
    if not complete([coded[entry.name, name] for name in names]).all():
        return entry
    said = (
        f"{', '.join(names)}: the table holds references alone, which tell its rows apart",
        f"{', '.join(alone)} alone never repeats either, as may be an accident",
    )
    return entry.model_copy(update={"primary_key": names, "evidence": said})


def _told(
    schema: DatabaseSchema,
    candidates: Sequence[Candidate],
    coded: Mapping[Place, Coded],
    known: Mapping[str, TableSchema],
) -> DatabaseSchema:
    """The schema with the reason and the counts of every relation."""
    reasons = {c.relation: c.reason for c in candidates}
    tables = []
    for table in schema.tables:
        keys = []
        for relation in schema.by_child[table.name]:
            stands = _stands(known, table.name, "foreign_keys")
            reason = "declared" if stands else reasons[relation]
            said = (reason, *count_relation(relation, coded).describe())
            keys.append(ForeignKey(columns=relation.columns, table=relation.parent,
                                   to=relation.to, evidence=said))  # fmt: skip
        tables.append(table.model_copy(update={"foreign_keys": tuple(keys)}))
    return schema.replace(*tables)

"""In which order linked tables can be made: parents first, circles told.

A group is a set of tables each of which leads to each other by references: mostly one table alone.
In a group of several no table can come first, so one reference must stay empty for a while.

Paper: Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1(2), 1972.
"""

from dataclasses import dataclass

from likewise.data.database_schema import DatabaseSchema, Relation


@dataclass(frozen=True)
class Group:
    """Tables that are made together.

    Attributes:
        tables: in the order of the schema.
        inner: relations among them, self references included; a group with any is a circle.
    """

    tables: tuple[str, ...]
    inner: tuple[Relation, ...]

    @property
    def cyclic(self) -> bool:
        """Whether some reference of these tables leads back to where it came from."""
        return bool(self.inner)

    def describe(self, schema: DatabaseSchema) -> str:
        """The group in words: what refers to itself, and what may stay empty at first."""
        if not self.cyclic:
            return f"{self.tables[0]} is in no circle"
        if len(self.tables) == 1:
            columns = "; ".join(", ".join(relation.columns) for relation in self.inner)
            return f"{self.tables[0]} refers to itself ({columns})"
        loose = [str(relation) for relation in self.inner if nullable(schema, relation)]
        told = f"; may be filled afterwards: {'; '.join(loose)}" if loose else ""
        return f"{', '.join(self.tables)} refer to each other in a circle{told}"


def generation_order(schema: DatabaseSchema) -> tuple[Group, ...]:
    """Groups of tables such that each refers to itself and earlier ones only; O(T + R).

    Of several orders it is the one nearest to the schema's: the same schema, the same order.
    """
    parents: dict[str, list[str]] = {name: [] for name in schema.names}
    for relation in schema.relations:
        parents[relation.child].append(relation.parent)
    components = _components(parents)
    place = {name: i for i, members in enumerate(components) for name in members}
    tables: list[list[str]] = [[] for _ in components]
    inner: list[list[Relation]] = [[] for _ in components]
    for name in schema.names:
        tables[place[name]].append(name)
    for relation in schema.relations:
        if place[relation.child] == place[relation.parent]:
            inner[place[relation.child]].append(relation)
    return tuple(Group(tuple(t), tuple(r)) for t, r in zip(tables, inner, strict=True))


def nullable(schema: DatabaseSchema, relation: Relation) -> bool:
    """Whether a child may be without this parent: some column of the reference may be missing."""
    table = schema[relation.child]
    free = [name for name in relation.columns if name not in table.primary_key]
    return any(table.content[name].nullable for name in free)


def _components(parents: dict[str, list[str]]) -> list[list[str]]:
    """Strongly connected components, those that are referred to first.

    Iterative, since schemas can be deeper than Python's stack.
    """
    number: dict[str, int] = {}  # when each table was met
    lowest: dict[str, int] = {}  # the first met of those it leads to and that are still open
    opened: dict[str, None] = {}  # in the order in which they were met
    found: list[list[str]] = []
    for start, direct in parents.items():
        todo = [(start, iter(direct))] if start not in number else []
        while todo:
            table, rest = todo[-1]
            if table not in number:
                number[table] = lowest[table] = len(number)
                opened[table] = None
            for parent in rest:
                if parent not in number:
                    todo.append((parent, iter(parents[parent])))
                    break
                if parent in opened:
                    lowest[table] = min(lowest[table], number[parent])
            else:
                todo.pop()
                if todo:
                    below = todo[-1][0]
                    lowest[below] = min(lowest[below], lowest[table])
                if lowest[table] == number[table]:
                    found.append([opened.popitem()[0]])
                    while found[-1][-1] != table:
                        found[-1].append(opened.popitem()[0])
    return found

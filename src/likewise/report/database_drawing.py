"""The tables of a database and their relations as inline SVG, coloured by their worst score.

Parents stand to the left of their children. Every text that comes from data passes through
``Markup.format``, which escapes it.
"""

from collections.abc import Sequence

from markupsafe import Markup

from likewise.report.database_document import DatabaseReport, RelationReport, TableReport
from likewise.report.verdict import ORDER

WIDE, TALL = 168, 40  # of a table's box
ACROSS, DOWN = 250, 58  # from box to box
EDGE = 14
LETTERS = 22  # of a name that fit a box
Spot = tuple[float, float]


def diagram(report: DatabaseReport) -> Markup:
    """Boxes for tables and a line for each relation; each tells its numbers when pointed at."""
    columns = _columns(report.tables, report.relations)
    spots: dict[str, Spot] = {
        name: (EDGE + ACROSS * x, EDGE + DOWN * (y + (_tallest(columns) - len(column)) / 2))
        for x, column in enumerate(columns)
        for y, name in enumerate(column)
    }
    width = 2 * EDGE + ACROSS * (len(columns) - 1) + WIDE
    height = 2 * EDGE + DOWN * (_tallest(columns) - 1) + TALL
    ranked = sorted(report.relations, key=lambda r: ORDER[r.verdict])  # the worst on top
    lines = [_line(relation, spots) for relation in ranked]
    boxes = [_box(table, spots[table.name]) for table in report.tables]
    label = (
        f"{len(report.tables)} tables and {len(report.relations)} relations; all are listed below"
    )
    return Markup(
        '<svg class="tables" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}" '
        'role="img" aria-label="{2}">{3}{4}</svg>'
    ).format(width, height, label, Markup("").join(lines), Markup("").join(boxes))


def _columns(tables: Sequence[TableReport], relations: Sequence[RelationReport]) -> list[list[str]]:
    """Table names by column: each to the right of its parents, as far as no circle forbids it.

    Within a column tables stand near their parents; tables without relations come last.
    """
    names = [table.name for table in tables]
    parents: dict[str, set[str]] = {name: set() for name in names}
    linked = set()
    for relation in relations:
        linked |= {relation.child, relation.parent}
        if relation.child != relation.parent:
            parents[relation.child].add(relation.parent)
    depth = dict.fromkeys(names, 0)
    for _ in names:  # longest paths; circles stop growing at the number of tables
        grown = {name: max((depth[p] + 1 for p in parents[name]), default=0) for name in names}
        if grown == depth or max(grown.values(), default=0) >= len(names):
            break
        depth = grown
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for name in names:
        columns[depth[name]].append(name)
    columns = [column for column in columns if column]
    place: dict[str, float] = {}
    for column in columns:
        near = {
            name: _mean([place[p] for p in parents[name] if p in place], len(column) / 2)
            for name in column
        }
        column.sort(key=lambda name: (name not in linked, near[name], names.index(name)))
        middle = (len(column) - 1) / 2
        place |= {name: i - middle for i, name in enumerate(column)}
    return columns


def _line(relation: RelationReport, spots: dict[str, Spot]) -> Markup:
    (x, y), (u, v) = spots[relation.parent], spots[relation.child]
    y, v = y + TALL / 2, v + TALL / 2
    if relation.parent == relation.child:
        path = f"M{x + WIDE:.0f} {y - 8:.0f}c34 -22 34 38 0 16"
    elif u > x:
        bend = (u - x - WIDE) / 2
        path = _curve((x + WIDE, y), (u, v), bend, -bend)
    else:
        path = _curve((x + WIDE, y), (u + WIDE, v), 50, 50)
    return Markup('<path class="{}" d="{}"><title>{}: {}</title></path>').format(
        relation.verdict, path, relation.relation, relation.verdict
    )


def _curve(start: Spot, end: Spot, bend: float, back: float) -> str:
    """A curve that leaves and arrives level."""
    (x, y), (u, v) = start, end
    return f"M{x:.0f} {y:.0f}C{x + bend:.0f} {y:.0f} {u + back:.0f} {v:.0f} {u:.0f} {v:.0f}"


def _box(table: TableReport, spot: Spot) -> Markup:
    x, y = spot
    name = table.name if len(table.name) <= LETTERS else table.name[: LETTERS - 1] + "…"
    rows = f"{table.rows['synth']:,} rows"
    kind = "shared" if table.shared else "own"
    return Markup(
        '<g class="{} {}"><title>{}: {}</title><rect x="{:.0f}" y="{:.0f}" width="{}" height="{}" '
        'rx="6"/><text class="name" x="{:.0f}" y="{:.0f}">{}</text>'
        '<text x="{:.0f}" y="{:.0f}">{}</text></g>'
    ).format(
        table.verdict, kind, table.name, table.verdict, x, y, WIDE, TALL,
        x + 10, y + 17, name, x + 10, y + 32, rows,
    )  # fmt: skip


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _tallest(columns: Sequence[Sequence[str]]) -> int:
    return max(map(len, columns), default=1)

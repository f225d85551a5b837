"""Streets of a city: a grid of blocks with avenues, and the routes through it."""

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from likewise.simulate.draws import Draws
from likewise.simulate.form import Form
from likewise.simulate.population import Population

Array = np.ndarray
STREETS = ("street", "avenue")


def grid_of(
    rows: int, columns: int, block: float, draws: Draws, *, every: int, speeds: tuple[float, float]
) -> tuple[Population, Population]:
    """Nodes and links of a grid, both ways between neighbours.

    Args:
        rows, columns: of nodes; 2 or more in all.
        block: mean length of a link, m; they differ by up to a fifth.
        draws: the lengths.
        every: so many rows and columns are one avenue, of two lanes.
        speeds: on streets and on avenues, km/h.

    Returns:
        Nodes, and links with ``from_id``, ``to_id``, ``length``, ``lanes``, ``speed``, ``axis``.
    """
    node = np.arange(rows * columns).reshape(rows, columns)
    pairs = [
        (node[:, :-1].ravel(), node[:, 1:].ravel(), 0), (node[:-1].ravel(), node[1:].ravel(), 1)
    ]  # fmt: skip
    start = np.concatenate([np.concatenate([a, b]) for a, b, _ in pairs])
    end = np.concatenate([np.concatenate([b, a]) for a, b, _ in pairs])
    axis = np.concatenate([np.full(2 * len(a), axis) for a, _, axis in pairs])
    line = np.where(axis == 0, start // columns, start % columns)
    avenue = line % every == every // 2
    half = [block * (0.8 + 0.4 * draws.uniform(len(a))) for a, _, _ in pairs]
    length = np.concatenate([np.tile(part, 2) for part in half])
    nodes = Population(
        rows * columns, form=Form(key="node_id", hidden=("offset",)), row=node.ravel() // columns,
        column=node.ravel() % columns, offset=0.0,
    )  # fmt: skip
    form = Form(
        key="link_id", refers={"from_id": "nodes", "to_id": "nodes"}, labels={"kind": STREETS},
        hidden=("axis",),
    )  # fmt: skip
    links = Population(
        len(start), form=form, from_id=start, to_id=end, kind=avenue.astype(np.int8),
        length=length, lanes=np.where(avenue, 2, 1), axis=axis.astype(np.int8),
        speed=np.where(avenue, speeds[1], speeds[0]).astype(float),
    )  # fmt: skip
    return nodes, links


def routes_of(nodes: int, start: Array, end: Array, seconds: Array) -> Array:
    """The link to take at each node for each destination, so that the whole way is quickest.

    Args:
        nodes: how many.
        start, end: of the links; (L,).
        seconds: that each takes, above 0; (L,).

    Returns:
        (destinations, nodes) int32; at the destination itself any number.

    Cost: a search (Dijkstra 1959) from each destination; 50 ms for 256 nodes.
    """
    backwards = csr_array((seconds, (end, start)), shape=(nodes, nodes))
    _, following = dijkstra(backwards, return_predecessors=True)
    link = np.zeros((nodes, nodes), np.int32)
    link[start, end] = np.arange(len(start))
    here = np.arange(nodes)[None, :]
    chosen: Array = link[here, np.maximum(following, 0)]
    return chosen


def ways_of(nodes: int, start: Array) -> Array:
    """Links that leave each node; (nodes, most of a node), -1 behind the last."""
    order = np.argsort(start, kind="stable")
    number = np.bincount(start, minlength=nodes)
    place = np.arange(len(start)) - np.repeat(np.cumsum(number) - number, number)
    ways = np.full((nodes, max(int(number.max()), 1)), -1, np.int64)
    ways[start[order], place] = order
    return ways


def homes_and_jobs(
    draws: Draws, agents: int, nodes: Population, centre: float
) -> Mapping[str, Array]:
    """Homes anywhere, jobs more densely around the middle; never both at one node.

    Args:
        draws: of the places.
        agents: N.
        nodes: two or more.
        centre: how dense jobs are in the middle: their spread is the city's radius over this.
    """
    row, column = nodes.row - nodes.row.mean(), nodes.column - nodes.column.mean()
    radius = max(np.hypot(row, column).max(), 1.0)
    weight = np.exp(-((row**2 + column**2) * (centre / radius) ** 2) / 2) + 1e-3
    home = draws.below(agents, len(row))
    work = draws.choice(agents, weight)
    away = 1 + draws.below(agents, len(row) - 1)
    return {"home": home, "work": np.where(work == home, (home + away) % len(row), work)}

"""Graphs in compressed sparse rows: who is tied to whom."""

from dataclasses import dataclass

import numpy as np

from likewise.core.artifact import storable
from likewise.core.checks import agree
from likewise.core.errors import ConfigError
from likewise.simulate.compiling import kernel
from likewise.simulate.draws import Draws

Array = np.ndarray


@storable
@dataclass(frozen=True)
class Graph:
    """The neighbours of node i are ``ends[start[i]:start[i + 1]]``; a kernel takes both arrays.

    Attributes:
        start: (N + 1,) int64, rising from 0.
        ends: (E,) int32 nodes; an undirected tie stands there twice.
    """

    start: Array
    ends: Array

    def __post_init__(self) -> None:
        rises = len(self.start) > 0 and self.start[0] == 0 and (np.diff(self.start) >= 0).all()
        agree(rises and self.start[-1] == len(self.ends), "rows and ends of a graph")
        inside = not len(self.ends) or (self.ends.min() >= 0 and self.ends.max() < self.nodes)
        agree(inside, "ends of a graph and its nodes")

    @property
    def nodes(self) -> int:
        """Number of nodes N."""
        return len(self.start) - 1

    @property
    def degrees(self) -> Array:
        """Ties of each node; (N,) int64."""
        return np.diff(self.start)

    @property
    def sources(self) -> Array:
        """The node from which each of ``ends`` is seen; (E,) int64."""
        return np.repeat(np.arange(self.nodes), self.degrees)

    def neighbours(self, node: int) -> Array:
        """The nodes tied to ``node``."""
        ends: Array = self.ends[self.start[node] : self.start[node + 1]]
        return ends

    def sum_over(self, values: Array) -> Array:
        """The sum of ``values`` (N,) over the neighbours of each node; (N,) float64. O(E)."""
        return np.bincount(self.sources, weights=values[self.ends], minlength=self.nodes)

    def one_of(self, nodes: Array, draws: Draws) -> Array:
        """A random neighbour of each of ``nodes`` (M,), -1 for those without; (M,) int64."""
        first = self.start[nodes]
        degrees = self.start[nodes + 1] - first
        at = first + draws.below(nodes, np.maximum(degrees, 1))
        if not len(self.ends):
            return np.full(len(nodes), -1)
        return np.where(degrees > 0, self.ends[np.minimum(at, len(self.ends) - 1)], -1)


def from_ties(a: Array, b: Array, nodes: int, *, directed: bool = False) -> Graph:
    """The graph of ties a – b (M,); loops are left out, ties that repeat are one.

    Raises:
        ConfigError: a tie leads out of 0 … nodes - 1.
    """
    a, b = np.asarray(a, np.int64), np.asarray(b, np.int64)
    if len(a) and (min(a.min(), b.min()) < 0 or max(a.max(), b.max()) >= nodes):
        raise ConfigError("graph", f"a tie outside its {nodes:,} nodes", "Number nodes from 0")
    if not directed:
        a, b = np.concatenate([a, b]), np.concatenate([b, a])
    codes = np.sort((a * nodes + b)[a != b])
    codes = codes[np.diff(codes, prepend=-1) > 0]
    start = np.searchsorted(codes, np.arange(nodes + 1) * nodes).astype(np.int64)
    return Graph(start, (codes % max(nodes, 1)).astype(np.int32))


def random_graph(nodes: int, degree: float, draws: Draws) -> Graph:
    """A graph of about ``degree`` ties a node between nodes chosen at random.

    Paper: Erdős and Rényi, "On random graphs", 1959; the number of ties is fixed here.
    """
    _refuse(nodes, 0 <= degree <= max(nodes - 1, 0), f"{degree} ties a node")
    count = round(nodes * degree / 2)
    rng = draws.generator()
    codes = np.empty(0, np.int64)
    while len(codes) < count:  # ties that repeat and loops are drawn anew
        a, b = np.sort(rng.integers(0, nodes, (2, count - len(codes) + 16)), axis=0)
        fresh = (a * nodes + b)[a != b]
        codes = np.concatenate([codes, fresh])
        _, first = np.unique(codes, return_index=True)
        codes = codes[np.sort(first)]
    codes = codes[:count]
    return from_ties(codes // max(nodes, 1), codes % max(nodes, 1), nodes)


def small_world(nodes: int, degree: int, rewired: float, draws: Draws) -> Graph:
    """A ring in which each node is tied to the ``degree`` nearest, and a share of ties led astray.

    Paper: Watts and Strogatz, "Collective dynamics of 'small-world' networks", Nature 1998.
    """
    fits = degree % 2 == 0 and 0 <= degree < max(nodes, 1) and 0 <= rewired <= 1
    _refuse(nodes, fits, f"degree {degree} (even, below the nodes), rewired {rewired}")
    a = np.tile(np.arange(nodes), degree // 2)
    b = (a + np.repeat(np.arange(1, degree // 2 + 1), nodes)) % max(nodes, 1)
    astray = draws.chance(len(a), rewired)
    b = np.where(astray, draws.below(len(a), max(nodes, 1)), b)
    return from_ties(a, b, nodes)


def scale_free(nodes: int, ties: int, draws: Draws) -> Graph:
    """A graph grown by preferential attachment: each newcomer brings ``ties`` ties.

    Paper: Barabási and Albert, "Emergence of scaling in random networks", Science 1999.
    Cost: O(nodes * ties).
    """
    _refuse(nodes, 1 <= ties < max(nodes, 2), f"{ties} ties for each newcomer")
    a = np.empty((nodes - ties) * ties, np.int64)
    b = np.empty_like(a)
    _attach(nodes, ties, draws.generator().random(4 * len(a) + 64), a, b)
    return from_ties(a, b, nodes)


@kernel
def _attach(nodes: int, ties: int, uniform: Array, a: Array, b: Array) -> None:
    """Fill the ties; an end of an earlier tie, drawn at random, is a node drawn by its degree."""
    made, used = 0, 0
    for node in range(ties, nodes):
        first = made
        for k in range(ties):
            other = k  # the first newcomer is tied to all who were there
            while node > ties:
                place = int(uniform[used % len(uniform)] * 2 * first)
                used += 1
                other = a[place] if place < first else b[place - first]
                fresh = True
                for at in range(first, made):
                    fresh = fresh and b[at] != other
                if fresh:
                    break
            a[made], b[made] = node, other
            made += 1


def _refuse(nodes: int, fits: bool, found: str) -> None:
    if nodes < 0 or not fits:
        raise ConfigError("graph", f"{nodes} nodes, {found}", "Give numbers that fit together")

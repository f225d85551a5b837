"""Grids, continuous space and graphs: what is near is what counting by hand says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed
from likewise.simulate import Graph, Grid, Space
from likewise.simulate.draws import Draws
from likewise.simulate.graph import from_ties, random_graph, scale_free, small_world
from likewise.simulate.grid import members, neighbour

DRAWS = Draws(Seed(1))


def test_neighbours_on_a_small_grid_are_those_one_sees() -> None:
    bounded, torus = Grid(3, 4), Grid(3, 4, torus=True)
    assert [n for n in bounded.neighbours()[0].tolist() if n >= 0] == [1, 4, 5]
    assert sorted(torus.neighbours()[0].tolist()) == [1, 3, 4, 5, 7, 8, 9, 11]
    assert bounded.neighbours(shape="von_neumann")[5].tolist() == [1, 4, 6, 9]
    assert len(Grid(9, 9).offsets(2)) == 24
    assert len(Grid(9, 9).offsets(2, "von_neumann")) == 12


@pytest.mark.parametrize("torus", [False, True])
@pytest.mark.parametrize("shape", ["moore", "von_neumann"])
def test_sums_around_cells_agree_with_the_table_of_neighbours(torus: bool, shape: str) -> None:
    grid, rng = Grid(7, 6, torus), np.random.default_rng(0)
    values = rng.integers(0, 9, grid.cells)
    table = grid.neighbours(2, shape)
    by_hand = np.where(table >= 0, values[table], 0).sum(axis=1)
    assert (grid.sum_around(values, 2, shape) == by_hand).all()


def test_a_kernel_and_the_table_see_the_same_neighbours() -> None:
    for torus in (False, True):
        grid = Grid(4, 5, torus)
        for k, (dy, dx) in enumerate(grid.offsets()):
            seen = [neighbour(c, dy, dx, 4, 5, torus) for c in range(grid.cells)]
            assert seen == grid.neighbours()[:, k].tolist()


def test_members_lists_everybody_in_his_cell() -> None:
    cells = np.array([2, 0, 2, 1, 2])
    start, who = members(cells, np.array([0, 1, 2, 4]), 4)
    assert [who[start[c] : start[c + 1]].tolist() for c in range(4)] == [[1], [], [0, 2, 4], []]


def test_grids_that_cannot_be_are_told() -> None:
    with pytest.raises(ConfigError, match="0 × 3 cells"):
        Grid(0, 3)
    with pytest.raises(ConfigError, match="less than half a side"):
        Grid(4, 9, torus=True).offsets(2)
    with pytest.raises(ConfigError, match="Choose moore or von_neumann"):
        Grid(4, 9).offsets(1, "round")


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 40), st.floats(0.01, 8), st.booleans(), st.integers(0, 99), st.floats(0.5, 12)
)
def test_cell_lists_find_the_neighbours_that_brute_force_finds(
    n: int, radius: float, torus: bool, seed: int, width: float
) -> None:
    space = Space(width, 5.0, torus)
    points = np.random.default_rng(seed).random((n, 2)) * [width, 5.0]
    ways = space.between(points[:, None, :], points[None, :, :])
    near = (ways**2).sum(axis=2) <= radius**2
    np.fill_diagonal(near, False)
    graph = space.near(points, radius)
    for i in range(n):
        assert graph.neighbours(i).tolist() == np.flatnonzero(near[i]).tolist()


def test_points_come_back_into_the_space() -> None:
    points = np.array([[-1e-20, 3.0], [11.0, -2.0]])
    assert Space(10, 3, torus=True).wrapped(points).tolist() == [[0, 0], [1, 1]]
    clipped = Space(10, 3).wrapped(points)
    assert (clipped >= 0).all()
    assert (clipped < [10, 3]).all()
    with pytest.raises(ConfigError, match="sides above 0"):
        Space(0, 3)
    with pytest.raises(ConfigError, match="radius above 0"):
        Space(1, 1).near(points, 0)


def test_a_graph_has_each_tie_twice_and_no_loop() -> None:
    graph = from_ties([0, 1, 1, 2], [1, 0, 2, 2], 4)
    assert [graph.neighbours(i).tolist() for i in range(4)] == [[1], [0, 2], [1], []]
    assert graph.degrees.tolist() == [1, 2, 1, 0]
    assert graph.sum_over(np.array([1.0, 10, 100, 1000])).tolist() == [10, 101, 10, 0]
    ends = graph.one_of(np.array([0, 1, 3]), DRAWS)
    assert (ends[0], ends[2]) == (1, -1)
    assert ends[1] in (0, 2)
    with pytest.raises(ConfigError, match="outside its 2 nodes"):
        from_ties([0], [2], 2)
    with pytest.raises(ValueError, match="do not fit together"):
        Graph(np.array([0, 2]), np.array([0], np.int32))


def _symmetric(graph: Graph) -> bool:
    pairs = set(zip(graph.sources.tolist(), graph.ends.tolist(), strict=True))
    return pairs == {(b, a) for a, b in pairs} and all(a != b for a, b in pairs)


def test_random_graphs_have_the_ties_that_they_promise() -> None:
    plain = random_graph(1000, 6, DRAWS)
    assert plain.degrees.sum() == 6000
    assert plain.degrees.var() == pytest.approx(6, rel=0.25)
    ring = small_world(100, 4, 0.0, DRAWS)
    assert ring.neighbours(0).tolist() == [1, 2, 98, 99]
    led_astray = small_world(2000, 6, 0.1, DRAWS)
    assert led_astray.degrees.mean() == pytest.approx(6, abs=0.05)
    grown = scale_free(3000, 3, DRAWS)
    assert grown.degrees.min() == 3
    assert grown.degrees.sum() == 2 * 3 * (3000 - 3)
    assert grown.degrees.max() > 60  # a power law of exponent 3 reaches about 3 √3000 = 164
    assert all(map(_symmetric, (plain, ring, led_astray, grown)))
    for wrong in (
        lambda: random_graph(5, 9, DRAWS),
        lambda: small_world(10, 3, 0.1, DRAWS),
        lambda: scale_free(3, 3, DRAWS),
    ):
        with pytest.raises(ConfigError, match="fit together"):
            wrong()

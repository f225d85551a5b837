"""Hierarchies of levels: complete, in order, and shallow where rows are many."""

import numpy as np
import pytest

from likewise.generators.hierarchy import HIGH, LEFT, LOW, MID, RIGHT, Hierarchy, hierarchy


def depths(tree: Hierarchy) -> np.ndarray:
    """Questions above each level; counts every place a walk from the root comes to."""
    found = np.zeros(len(tree.level), dtype=int)
    visits = np.zeros(len(tree.level), dtype=int)
    waiting = [(0, 1)]
    while waiting:
        node, depth = waiting.pop()
        low, mid, high, left, right = tree.nodes[node]
        for child, start, stop in ((left, low, mid), (right, mid, high)):
            if child >= 0:
                assert child > node
                assert tree.nodes[child, LOW] == start
                assert tree.nodes[child, HIGH] == stop
                waiting.append((child, depth + 1))
            else:
                assert stop - start == 1
                found[tree.level[start]] = depth
                visits[tree.level[start]] += 1
    assert (visits == 1).all()
    return found


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("size", [2, 3, 17, 250])
def test_every_level_is_reached_once_and_parents_come_first(size: int, ordered: bool) -> None:
    counts = np.random.default_rng(size).pareto(1, size) * 100
    tree = hierarchy(counts, ordered)
    assert len(tree.nodes) == size - 1
    assert sorted(tree.level) == list(range(size))
    assert (tree.nodes[:, LOW] < tree.nodes[:, MID]).all()
    assert (tree.nodes[:, MID] < tree.nodes[:, HIGH]).all()
    depths(tree)
    np.testing.assert_array_equal(tree.level[tree.place], np.arange(size))


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("size", [0, 1])
def test_fewer_than_two_levels_need_no_question(size: int, ordered: bool) -> None:
    tree = hierarchy(np.ones(size), ordered)
    assert tree.nodes.shape == (0, 5)
    assert tree.level.tolist() == list(range(size))


def test_two_levels_are_one_question() -> None:
    tree = hierarchy(np.array([3.0, 1.0]), ordered=False)
    assert tree.nodes[0, [LEFT, RIGHT]].tolist() == [-1, -1]


def test_labels_cost_as_many_questions_as_huffman_codes_have_bits() -> None:
    counts = np.array([1.0, 16.0, 2.0, 8.0, 4.0, 1.0])
    assert depths(hierarchy(counts, ordered=False)).tolist() == [5, 1, 4, 2, 3, 5]


def test_ordered_levels_stay_in_order_and_a_spike_is_told_soon() -> None:
    counts = np.array([5.0] * 10 + [900.0] + [5.0] * 10)
    tree = hierarchy(counts, ordered=True)
    assert tree.level.tolist() == list(range(21))
    assert depths(tree)[10] <= 2


@pytest.mark.parametrize("ordered", [True, False])
def test_four_thousand_skewed_levels_are_no_deep_recursion(ordered: bool) -> None:
    counts = np.exp2(np.minimum(np.arange(4_000.0), 1_000))
    assert depths(hierarchy(counts, ordered)).max() > 900

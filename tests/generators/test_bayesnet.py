"""The tree of conditional tables: the right edges, and inference that agrees with counting."""

import numpy as np
import pytest
from tests.generators.made_levels import block, chain, encoded, learn, rng

from likewise.encode.layout import Evidence
from likewise.generators.bayesnet import BayesNet, BayesNetLevels

ROWS = 20_000
BLOCKS = tuple(block(name, 2) for name in "abc")


@pytest.fixture(scope="module")
def levels() -> BayesNetLevels:
    found = learn(BayesNet(), encoded(chain(ROWS)), *BLOCKS)
    assert isinstance(found, BayesNetLevels)
    return found


def shares(codes: np.ndarray) -> np.ndarray:
    return np.bincount(codes @ [4, 2, 1], minlength=8) / len(codes)


def test_the_tree_follows_the_chain_and_not_the_shortcut(levels: BayesNetLevels) -> None:
    edges = {frozenset((i, int(p))) for i, p in enumerate(levels.parent) if p >= 0}
    assert edges == {frozenset((0, 1)), frozenset((1, 2))}


def test_parents_come_before_their_children(levels: BayesNetLevels) -> None:
    place = {int(i): at for at, i in enumerate(levels.order)}
    assert all(place[int(p)] < place[i] for i, p in enumerate(levels.parent) if p >= 0)


def test_the_target_is_a_root() -> None:
    found = learn(BayesNet(), encoded(chain(ROWS)), *BLOCKS, target="c")
    assert isinstance(found, BayesNetLevels)
    assert found.parent[2] == -1


def test_independent_blocks_get_no_edge() -> None:
    codes = np.random.default_rng(0).integers(0, 6, (5_000, 4))
    found = learn(BayesNet(), encoded(codes), *(block(name, 6) for name in "abcd"))
    assert isinstance(found, BayesNetLevels)
    assert (found.parent == -1).all()


def test_the_joint_distribution_of_a_chain_is_reproduced(levels: BayesNetLevels) -> None:
    drawn, _ = levels.draw(60_000, rng())
    assert np.abs(shares(drawn.codes) - shares(chain(200_000, seed=5))).max() < 0.015


@pytest.mark.parametrize(
    ("allowed", "fixed"),
    [
        ({2: [False, True]}, {}),
        ({0: [False, True], 2: [True, False]}, {}),
        ({}, {2: 1}),
        ({0: [True, False]}, {2: 1}),
        ({}, {1: 0}),
    ],
)
def test_conditional_shares_are_those_of_rows_that_agree(
    levels: BayesNetLevels, allowed: dict[int, list[bool]], fixed: dict[int, int]
) -> None:
    reference = chain(400_000, seed=9)
    kept = np.ones(len(reference), dtype=bool)
    for i, mask in allowed.items():
        kept &= np.array(mask)[reference[:, i]]
    for i, code in fixed.items():
        kept &= reference[:, i] == code
    rows = 30_000
    # a second value in the last row makes the evidence differ from row to row
    codes = {i: np.append(np.full(rows, c), 1 - c).astype(np.int32) for i, c in fixed.items()}
    evidence = Evidence(
        {i: (c, np.zeros(rows + 1, dtype=np.float32)) for i, c in codes.items()},
        {i: np.array(mask) for i, mask in allowed.items()},
    )
    drawn, weights = levels.draw(rows + 1, rng(), evidence)
    assert weights is None
    assert levels.exact(evidence)
    assert np.abs(shares(drawn.codes[:rows]) - shares(reference[kept])).max() < 0.025


def test_rare_evidence_costs_no_more_than_common_evidence() -> None:
    codes = np.zeros((50_000, 2), dtype=np.int32)
    codes[:20] = 1  # 0.04 % of the rows
    levels = learn(BayesNet(smoothing=0.01), encoded(codes), block("a", 2), block("b", 2))
    drawn, _ = levels.draw(1_000, rng(), Evidence({}, {0: np.array([False, True])}))
    assert (drawn.codes[:, 0] == 1).all()
    assert drawn.codes[:, 1].mean() > 0.9


def test_tables_stay_small_for_many_levels() -> None:
    codes = np.random.default_rng(0).integers(0, 900, (4_000, 1))
    both = np.concatenate([codes, codes], axis=1)
    found = learn(BayesNet(), encoded(both), block("a", 900), block("b", 900))
    assert isinstance(found, BayesNetLevels)
    assert max(table.size for table in found.tables) <= 2**18


def test_many_given_children_that_pull_apart_leave_a_belief_about_the_parent() -> None:
    width, rows = 120, 4_000
    parent = np.arange(rows) % 2
    noise = np.random.default_rng(0).random((rows, width)) < 0.001
    codes = np.concatenate([parent[:, None], parent[:, None] ^ noise], axis=1)
    blocks = [block(f"c{i}", 2) for i in range(width + 1)]
    levels = learn(BayesNet(smoothing=1e-9), encoded(codes), *blocks, target="c0")
    assert isinstance(levels, BayesNetLevels)
    half = np.arange(width) >= width // 2  # the first say 0 and then as many say 1, each for sure
    both = np.stack([half, ~half], axis=1).astype(np.int32)
    fixed = {i + 1: (both[i], np.zeros(2, np.float32)) for i in range(width)}
    (belief,) = levels._beliefs(Evidence(fixed, {}), 2).values()
    assert belief.max() == 1
    assert belief.min() > 1e-60  # in float32 it would be 0, as after the first half of them

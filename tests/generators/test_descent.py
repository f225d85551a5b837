"""Drawing down a hierarchy: frequencies, insides and log probabilities are the model's."""

import numpy as np
import pytest
from tests.generators.made_levels import block, encoded, learn

from likewise.encode.layout import Evidence
from likewise.generators.block_trees import BlockTrees
from likewise.generators.descent import predictors
from likewise.generators.symmetric import find_leaves
from likewise.generators.trees import Trees, TreesLevels

Array = np.ndarray


@pytest.fixture(scope="module")
def levels() -> TreesLevels:
    """Label b of five levels given a of three; a is drawn first."""
    rng = np.random.default_rng(0)
    chances = np.array([[5, 1, 1, 1, 2], [1, 6, 1, 1, 1], [1, 1, 1, 4, 3]]) / 10
    a = rng.choice(3, 6_000, p=[0.5, 0.3, 0.2])
    b = (rng.random(6_000)[:, None] > chances[a].cumsum(axis=1)).sum(axis=1)
    blocks = block("a", 3, ordered=False), block("b", 5, ordered=False, inside=True)
    found = learn(Trees(leaf=20), encoded(np.stack([a, b], axis=1)), *blocks)
    assert isinstance(found, TreesLevels)
    assert [one.block for one in found.blocks] == [0, 1]
    return found


def law(block: BlockTrees, codes: Array) -> Array:
    """Probability of every level for every row, from the trees as they are written; (N, K)."""
    x = predictors(np.asfortranarray(codes), block.parents, block.offsets, block.maps)
    questions = block.questions
    mass = np.ones((len(codes), len(questions.tree.level)))
    leaf = np.empty(len(codes), dtype=np.uint8)
    for m, (low, mid, high) in enumerate(questions.tree.nodes[:, :3]):
        score = np.full(len(codes), questions.intercept[m], dtype=float)
        for t in range(*questions.span[m]):
            find_leaves(x, 0, questions.feature[t], questions.threshold[t], leaf)
            score += questions.value[t][leaf]
        right = 1 / (1 + np.exp(-score))
        mass[:, low:mid] *= (1 - right)[:, None]
        mass[:, mid:high] *= right[:, None]
    return mass[:, questions.tree.place]


def given_a(rows: int = 30_000) -> Array:
    codes = np.zeros((rows, 2), dtype=np.int32, order="F")
    codes[:, 0] = np.random.default_rng(3).integers(0, 3, rows)
    return codes


def draw(
    levels: TreesLevels, codes: Array, allowed: Array | None = None, seed: int = 1
) -> tuple[Array, Array, Array]:
    weight = np.zeros(len(codes))
    rng = np.random.default_rng(seed)
    code, detail = levels.blocks[1].draw(codes, rng, allowed, weight)
    return code, detail, weight


def test_frequencies_are_the_models_probabilities(levels: TreesLevels) -> None:
    codes = given_a()
    code, _, weight = draw(levels, codes)
    for a in range(3):
        mine = codes[:, 0] == a
        wanted = law(levels.blocks[1], codes[mine][:1])[0]
        got = np.bincount(code[mine], minlength=5) / mine.sum()
        assert wanted.sum() == pytest.approx(1)
        assert (np.abs(got - wanted) < 5 * np.sqrt(wanted / mine.sum())).all()
    assert (weight == 0).all()


def test_details_are_uniform_inside_every_level(levels: TreesLevels) -> None:
    code, detail, _ = draw(levels, given_a())
    assert detail.min() >= 0
    assert detail.max() < 1
    for k in range(5):
        inside = np.sort(detail[code == k])
        gap = np.abs(inside - (np.arange(len(inside)) + 0.5) / len(inside)).max()
        assert gap < 2 / np.sqrt(len(inside))  # Kolmogorov-Smirnov


def test_fixed_levels_weigh_their_log_probability(levels: TreesLevels) -> None:
    codes = given_a(500)
    fixed = np.random.default_rng(4).integers(0, 5, 500).astype(np.int32)
    weight = np.ones(500)
    detail = np.zeros(500, dtype=np.float32)
    levels.blocks[1].weigh(codes, (fixed, detail), np.random.default_rng(1), weight)
    wanted = np.log(law(levels.blocks[1], codes)[np.arange(500), fixed])
    np.testing.assert_allclose(weight - 1, wanted, atol=1e-4)


def test_only_allowed_levels_are_drawn_and_weights_recover_their_law(levels: TreesLevels) -> None:
    codes, allowed = given_a(), np.array([True, False, True, False, True])
    code, _, weight = draw(levels, codes, allowed)
    assert allowed[code].all()
    for a in range(3):
        mine = codes[:, 0] == a
        probability = law(levels.blocks[1], codes[mine][:1])[0]
        mass = np.exp(weight[mine])
        got = np.bincount(code[mine], mass, minlength=5) / mine.sum()
        error = 6 * np.sqrt(probability / mine.sum())
        assert (np.abs(got - probability * allowed) < error).all()


def test_weighted_rows_follow_the_exact_conditional_distribution(levels: TreesLevels) -> None:
    allowed = np.array([False, True, False, True, False])
    drawn, weight = levels.draw(60_000, np.random.default_rng(5), Evidence({}, {1: allowed}))
    assert weight is not None
    each = np.zeros((3, 2), dtype=np.int32)
    each[:, 0] = range(3)
    joint = law(levels.blocks[0], each)[0][:, None] * law(levels.blocks[1], each) * allowed
    got = np.zeros((3, 5))
    np.add.at(got, (drawn.codes[:, 0], drawn.codes[:, 1]), np.exp(weight))
    np.testing.assert_allclose(got / got.sum(), joint / joint.sum(), atol=0.015)


def test_the_law_of_a_row_does_not_depend_on_its_neighbours(levels: TreesLevels) -> None:
    sorted_rows, mixed_rows = given_a(), given_a()
    sorted_rows[:, 0].sort()
    for a in range(3):
        shares = []
        for codes in (sorted_rows, mixed_rows):
            code, _, _ = draw(levels, codes)
            shares.append(np.bincount(code[codes[:, 0] == a], minlength=5) / 10_000)
        np.testing.assert_allclose(shares[0], shares[1], atol=0.02)


def test_neighbours_are_drawn_independently(levels: TreesLevels) -> None:
    codes = given_a()
    codes[:, 0] = 0
    code, _, _ = draw(levels, codes)
    same = (code[1:] == code[:-1]).mean()
    shares = np.bincount(code) / len(code)
    assert abs(same - (shares**2).sum()) < 4 * np.sqrt(0.25 / len(code))


def test_none_and_one_row_can_be_drawn(levels: TreesLevels) -> None:
    for rows in (0, 1):
        drawn, weight = levels.draw(rows, np.random.default_rng(6))
        assert drawn.codes.shape == (rows, 2)
        assert weight is None
        drawn, weight = levels.draw(
            rows, np.random.default_rng(6), Evidence({}, {1: np.arange(5) > 2})
        )
        assert weight is not None
        assert (drawn.codes[:, 1] > 2).all()

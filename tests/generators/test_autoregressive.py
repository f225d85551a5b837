import dataclasses
import itertools

import numpy as np
import pytest
from tests.generators.made_levels import block, chain, encoded, learn, rng

from likewise.encode.layout import Encoded, Evidence
from likewise.generators.autoregressive import Autoregressive
from likewise.generators.autoregressive_levels import AutoregressiveLevels
from likewise.nn.mixed import smooth_levels

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("autoregressive levels")]

RECIPE = Autoregressive(any_order=0.5, dropout=0.15)  # rows are few, but nothing to learn by heart
BITS = [block(name, 2, ordered=False) for name in "abc"]


@pytest.fixture(scope="module")
def bits() -> AutoregressiveLevels:
    """Learned from the chain a -> b -> c."""
    levels = learn(RECIPE, encoded(chain(6_000)), *BITS)
    assert isinstance(levels, AutoregressiveLevels)
    return levels


@pytest.fixture(scope="module")
def numbers() -> AutoregressiveLevels:
    """Learned from a number of 40 bins, a second one that follows it, and a label that cuts it."""
    random = np.random.default_rng(3)
    x = random.random(6_000)
    y = np.clip(x + 0.05 * random.standard_normal(6_000), 0, 0.999)
    scaled = np.stack([x * 40, y * 40], axis=1)
    codes = np.column_stack([scaled.astype(np.int32), x > 0.7])
    detail = np.column_stack([scaled % 1, np.zeros(6_000)])
    blocks = [block("x", 40, inside=True), block("y", 40, inside=True), block("label", 2)]
    levels = learn(RECIPE, encoded(codes, detail), *blocks)
    assert isinstance(levels, AutoregressiveLevels)
    return levels


def all_bits() -> Encoded:
    return encoded(np.array(list(itertools.product([0, 1], repeat=3)), dtype=np.int32))


def shares(codes: np.ndarray) -> np.ndarray:
    return np.bincount(codes @ [4, 2, 1], minlength=8) / len(codes)


def test_the_density_of_all_rows_sums_to_one_and_is_that_of_the_rows_drawn(
    bits: AutoregressiveLevels,
) -> None:
    mass = np.exp(bits.log_prob(all_bits()))
    assert mass.sum() == pytest.approx(1, abs=1e-5)
    drawn, weights = bits.draw(40_000, rng())
    assert weights is None
    assert np.abs(shares(drawn.codes) - mass).max() < 5 * np.sqrt(0.25 / 40_000)


def test_dependence_through_another_column_is_learned(bits: AutoregressiveLevels) -> None:
    wanted = shares(chain(100_000, seed=9))
    assert np.abs(np.exp(bits.log_prob(all_bits())) - wanted).max() < 0.02


@pytest.mark.parametrize("known", [(0,), (1,), (2,), (0, 2), (1, 2), (0, 1, 2)])
def test_any_columns_are_given_exactly(bits: AutoregressiveLevels, known: tuple[int, ...]) -> None:
    truth = shares(chain(200_000, seed=9)).reshape(2, 2, 2)
    fixed = {i: (np.ones(20_000, np.int32), np.zeros(20_000, np.float32)) for i in known}
    evidence = Evidence(fixed, {})
    assert bits.exact(evidence)
    drawn, weights = bits.draw(20_000, rng(), evidence)
    assert weights is None
    assert (drawn.codes[:, list(known)] == 1).all()
    kept = truth[tuple(slice(1, 2) if i in known else slice(None) for i in range(3))]
    for i in set(range(3)) - set(known):
        axes = tuple(j for j in range(3) if j != i)
        wanted = (kept.sum(axes) / kept.sum())[-1]
        assert abs(drawn.codes[:, i].mean() - wanted) < 0.06
        own = np.exp(bits.log_prob(all_bits(), frozenset(known)))
        rows = (all_bits().codes[:, list(known)] == 1).all(axis=1)
        model = own[rows & (all_bits().codes[:, i] == 1)].sum()
        assert abs(drawn.codes[:, i].mean() - model) < 5 * np.sqrt(0.25 / 20_000)


def test_a_confined_column_is_drawn_among_what_is_allowed(numbers: AutoregressiveLevels) -> None:
    allowed = np.zeros(40, dtype=bool)
    allowed[[3, 4, 5, 30]] = True
    evidence = Evidence({}, {1: allowed})
    assert numbers.exact(evidence)
    drawn, weights = numbers.draw(4_000, rng(), evidence)
    assert weights is None
    assert np.mean(allowed[drawn.codes[:, 1]]) > 0.999  # rounding may cross the edge of a level
    away = np.abs(drawn.codes[:, 0] - drawn.codes[:, 1])
    assert np.median(away) < 4
    free, _ = numbers.draw(40_000, rng())
    likely = free.codes[allowed[free.codes[:, 1]], 1]
    assert abs(np.mean(likely == 30) - np.mean(drawn.codes[:, 1] == 30)) < 0.05


def test_weights_are_the_chance_of_what_is_allowed(bits: AutoregressiveLevels) -> None:
    three = [block(name, 3, ordered=False) for name in "ab"]
    random = np.random.default_rng(0)
    a = random.integers(0, 3, 4_000)
    b = np.where(random.random(4_000) < 0.7, a, random.integers(0, 3, 4_000))
    levels = learn(RECIPE, encoded(np.column_stack([a, b])), *three)
    mask = np.array([True, True, False])
    evidence = Evidence({}, {0: mask, 1: np.array([False, True, True])})
    assert not levels.exact(evidence)
    drawn, weights = levels.draw(20_000, rng(), evidence)
    assert weights is not None
    share = np.average(drawn.codes[:, 0] == 1, weights=np.exp(weights))
    free, _ = levels.draw(60_000, rng())
    met = (free.codes[:, 0] != 2) & (free.codes[:, 1] != 0)
    assert abs(share - np.mean(free.codes[met, 0] == 1)) < 0.03
    one = Evidence({}, {0: np.array([True, False, False]), 1: mask})
    assert levels.exact(one)  # a single value leaves nothing to weigh
    assert bits.notes == ()


def test_numbers_follow_numbers_inside_their_levels(numbers: AutoregressiveLevels) -> None:
    drawn, _ = numbers.draw(6_000, rng())
    x, y = ((drawn.codes[:, i] + drawn.detail[:, i]) / 40 for i in (0, 1))
    assert np.corrcoef(x, y)[0, 1] > 0.95
    assert np.mean((x > 0.7) == (drawn.codes[:, 2] == 1)) > 0.97
    assert abs(np.mean(x) - 0.5) < 0.03


def test_a_number_drawn_far_from_all_that_was_learned_drives_no_other_away(
    numbers: AutoregressiveLevels,
) -> None:
    bias = numbers.nets.mixture_bias.copy()
    bias[:, RECIPE.parts : 2 * RECIPE.parts] = 1e25  # where the first number's parts stand
    nets = dataclasses.replace(numbers.nets, mixture_bias=bias)
    with np.errstate(over="raise", invalid="raise"):
        drawn, _ = dataclasses.replace(numbers, nets=nets).draw(50, rng())
    assert (drawn.codes[:, :2] == 39).all()


def test_a_heap_and_a_rare_label_keep_their_shares() -> None:
    random = np.random.default_rng(1)
    heap = random.random(8_000) < 0.6
    code = np.where(heap, 0, random.integers(1, 60, 8_000))
    rare = np.where(random.random(8_000) < 0.005, 2, heap.astype(int))
    size = block("amount", 60, inside=True)
    atoms = np.arange(60) == 0
    counts = np.bincount(code, minlength=60).astype(float)
    amount = dataclasses.replace(size, atoms=atoms, counts=counts)
    detail = np.column_stack([np.where(atoms[code], 0, random.random(8_000)), np.zeros(8_000)])
    rows = encoded(np.column_stack([code, rare]), detail)
    levels = learn(RECIPE, rows, amount, block("label", 3, ordered=False))
    drawn, _ = levels.draw(40_000, rng())
    assert abs(np.mean(drawn.codes[:, 0] == 0) - heap.mean()) < 0.02
    assert 0.002 < np.mean(drawn.codes[:, 1] == 2) < 0.01


def test_few_single_values_are_choices_and_bins_are_smooth() -> None:
    assert not smooth_levels(block("age", 70)).any()
    assert smooth_levels(block("income", 70, inside=True, missing=True)).tolist() == [
        False,
        *[True] * 69,
    ]
    assert not smooth_levels(block("name", 300, ordered=False)).any()

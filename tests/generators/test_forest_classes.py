"""Classes in forests: as strongly told as in the real rows, shares kept, conditions by Bayes."""

import numpy as np
import pytest
from scipy.special import expit
from tests.generators.made_levels import block, chain, encoded, learn, rng

from likewise.encode.layout import Encoded, Evidence
from likewise.generators.forest import Forest, ForestLevels
from likewise.generators.forest_classes import ClassForest, fit_classes, strengthened
from likewise.generators.forest_mean import fit_mean
from likewise.generators.forest_scale import Scale, all_scores
from likewise.generators.forest_trees import Grown

COLUMNS, LEVELS = 20, 50
GROWN = Grown(trees=30, leaf=10, share=0.7, features=0.6)


def told(rows: int, slope: float, seed: int = 0) -> tuple[Encoded, np.ndarray]:
    """Twenty uniform columns that all tell a little of a class, the last column; and its chance."""
    draw = np.random.default_rng(seed)
    codes = draw.integers(0, LEVELS, (rows, COLUMNS + 1)).astype(np.int32)
    middle = (codes[:, :-1].astype(float) - (LEVELS - 1) / 2) / (LEVELS / np.sqrt(12))
    chance = expit(slope * middle.sum(axis=1) / np.sqrt(COLUMNS) - 0.5)
    codes[:, -1] = draw.random(rows) < chance
    return encoded(codes), chance


def fitted(rows: Encoded, seed: int = 0) -> tuple[ClassForest, tuple[Scale, ...]]:
    blocks = [*(block(f"x{i}", LEVELS) for i in range(COLUMNS)), block("y", 2, ordered=False)]
    scales = tuple(Scale.of(b, rows.codes[:, i], None) for i, b in enumerate(blocks))
    parents, draw = np.arange(COLUMNS), np.random.default_rng(seed)
    return fit_classes(
        rows, all_scores(rows, scales), scales, COLUMNS, parents, GROWN, draw
    ), scales


def log_chances(model: ClassForest, scales: tuple[Scale, ...], rows: Encoded) -> np.ndarray:
    """Log probability of the second class in each row."""
    out, ones = np.zeros(rows.rows), np.ones(rows.rows, dtype=np.int32)
    scores, known = all_scores(rows, scales), (ones, np.zeros(rows.rows))
    model.weigh(rows.codes, scores, scales, rng(), known, out)
    return out


def test_of_few_rows_guesses_are_timid_until_strengthened() -> None:
    fresh, chance = told(4_000, 1.5, seed=99)
    timid, strong = [], []
    for seed in range(5):
        rows, _ = told(300, 1.5, seed)
        model, scales = fitted(rows, seed)
        timid.append(np.exp(log_chances(model, scales, fresh)).std())
        drawn = [told(300, 1.5, 1_000 + 5 * seed + k)[0] for k in range(5)]
        scores, draw = all_scores(rows, scales), np.random.default_rng(seed)
        model = strengthened(model, rows, scores, scales, drawn, draw)
        strong.append(np.exp(log_chances(model, scales, fresh)).std())
    assert np.mean(timid) < 0.9 * chance.std()
    assert np.mean(strong) == pytest.approx(chance.std(), rel=0.15)


def test_of_many_rows_chances_are_found() -> None:
    rows, _ = told(4_000, 1.5)
    model, scales = fitted(rows)
    fresh, chance = told(4_000, 1.5, seed=99)
    assert np.abs(np.exp(log_chances(model, scales, fresh)) - chance).mean() < 0.05


def test_columns_that_tell_nothing_of_a_class_leave_its_share() -> None:
    rows, _ = told(1_000, 0.0)
    model, scales = fitted(rows)
    got = np.exp(log_chances(model, scales, told(2_000, 0.0, seed=99)[0]))
    assert got.std() < 0.06
    assert got.mean() == pytest.approx((rows.codes[:, -1] == 1).mean(), abs=0.02)


def test_a_level_without_rows_is_never_drawn() -> None:
    rows, _ = told(200, 1.0)
    blocks = [*(block(f"x{i}", LEVELS) for i in range(COLUMNS)), block("y", 3, ordered=False)]
    levels = learn(Forest(leaf=10, trees=4), rows, *blocks, target="y")
    assert isinstance(levels, ForestLevels)
    assert isinstance(levels.blocks[-1], ClassForest)
    drawn, _ = levels.draw(5_000, rng())
    assert set(drawn.codes[:, -1].tolist()) == {0, 1}


@pytest.mark.parametrize("fixed", [True, False])
def test_rows_given_a_class_agree_with_counting(fixed: bool) -> None:
    names = [block(name, 2) for name in "abc"]
    levels = learn(Forest(leaf=10), encoded(chain(1_500)), *names, target="b")
    assert isinstance(levels, ForestLevels)
    assert isinstance(levels.blocks[-1], ClassForest)
    rows, mask = 20_000, np.array([False, True])
    known = {1: (np.ones(rows, dtype=np.int32), np.zeros(rows, dtype=np.float32))}
    drawn, weight = levels.draw(
        rows, rng(), Evidence(known, {}) if fixed else Evidence({}, {1: mask})
    )
    assert weight is not None
    assert (drawn.codes[:, 1] == 1).all()
    reference = chain(200_000, seed=9)
    for other in (0, 2):
        wanted = reference[reference[:, 1] == 1, other].mean()
        got = np.average(drawn.codes[:, other], weights=np.exp(weight))
        assert got == pytest.approx(wanted, abs=0.04)


def test_a_forest_of_means_guesses_several_outputs_at_once() -> None:
    draw = np.random.default_rng(0)
    x = draw.random((1_000, 2)).astype(np.float32)
    wanted = np.stack([x[:, 0] > 0.5, x[:, 1]], axis=1).astype(float)
    mean, unseen = fit_mean(x, wanted, GROWN, draw)
    assert mean is not None
    for got in (mean.predict(x), unseen):
        assert np.abs(got - wanted).mean() < 0.06

"""The BG/NBD model of groups against its slopes, and against customers drawn by its own story."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from likewise.simulate.bgnbd import Known, Purchases, RepeatModel, fit_repeats
from likewise.simulate.bgnbd_groups import GroupModel, _mixed, fit_groups

COMMON = RepeatModel(0.9, 40.0, 0.8, 2.5)
TRUE = GroupModel(COMMON, np.array([1.6, 0.8]), devoted=0.1, devotion=8.0)


def drawn(model: GroupModel, customers: int, seed: int) -> tuple[Purchases, np.ndarray]:
    """Customers drawn one after the other, event by event, and their groups."""
    rng, rows, common = np.random.default_rng(seed), [], model.common
    group = np.arange(customers) % len(model.pace)
    for g in group:
        rate, leaves = rng.gamma(common.r) / common.alpha, rng.beta(common.a, common.b)
        rate *= model.pace[g] * (model.devotion if g == 0 and rng.random() < model.devoted else 1)
        until, last, repeats = rng.uniform(200, 400), 0.0, 0
        time = rng.exponential(1 / rate)
        while time < until:
            last, repeats = time, repeats + 1
            if rng.random() < leaves:
                break
            time += rng.exponential(1 / rate)
        rows.append((repeats, last, until))
    return Purchases(*np.array(rows).T), group


def test_slopes_are_those_of_the_likelihood() -> None:
    seen, group = drawn(TRUE, 300, seed=1)
    known, first = Known(seen, 1), group == 0
    place = np.array([*np.log([0.7, 30.0, 0.5, 2.0]), -2.0, 1.5])

    def parts(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return _mixed(at[:4], at[4:], known, 0.3 * group, first)

    def slope(at: np.ndarray) -> np.ndarray:
        return np.concatenate([part.sum(axis=1) for part in parts(at)[1:]])

    off = check_grad(lambda at: parts(at)[0].sum(), slope, place)
    assert off < 1e-4 * np.abs(slope(place)).max()


def test_paces_and_devoted_customers_are_found_again() -> None:
    seen, group = drawn(TRUE, 8000, seed=2)
    start = GroupModel(fit_repeats(seen), np.ones(2))
    plain = fit_groups(seen, group, start)
    found = fit_groups(seen, group, plain, devoted=True)
    assert found.pace[group].mean() == pytest.approx(1)
    assert found.pace[0] / found.pace[1] == pytest.approx(2, rel=0.1)
    assert found.devoted == pytest.approx(0.1, abs=0.03)
    assert found.devotion == pytest.approx(8, rel=0.25)
    values = [model.log_likelihood(seen, group) for model in (start, plain, found, TRUE)]
    assert values[0] < values[1] < values[2]
    assert values[2] > values[3] - 0.1  # no less likely than the truth, but for its prior


def test_what_is_expected_is_what_customers_do() -> None:
    seen, group = drawn(TRUE, 8000, seed=3)
    expected = TRUE.expected(seen.seen, group)
    for g in (0, 1):
        apart = (seen.repeats - expected)[group == g]
        assert apart.mean() == pytest.approx(0, abs=4 * apart.std() / np.sqrt(len(apart)))

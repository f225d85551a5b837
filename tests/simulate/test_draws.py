"""A draw is a function of its place: seed, name, step, agent and call."""

import numpy as np
import pytest
from scipy import stats

from likewise.core.seeds import Seed
from likewise.simulate import philox
from likewise.simulate.draws import Draws

# Known answers of Philox4x32-10, from the test vectors that its authors publish with Random123.
KNOWN = [
    ([0] * 6, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 6, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.mark.parametrize(("given", "words"), KNOWN)
def test_philox_gives_the_published_words(given: list[int], words: list[int]) -> None:
    assert [int(w) for w in philox.philox(*(np.uint64(word) for word in given))] == words


def _draws() -> Draws:
    return Draws(Seed(7))


def test_a_draw_belongs_to_its_agent_whoever_else_draws() -> None:
    everybody, some = _draws().uniform(1000), np.array([17, 3, 999])
    assert (_draws().uniform(some) == everybody[some]).all()
    assert (_draws().normal(some) == _draws().normal(1000)[some]).all()
    assert (_draws().poisson(some, 3.0) == _draws().poisson(1000, 3.0)[some]).all()


def test_calls_seeds_and_names_give_other_numbers() -> None:
    draws = _draws()
    first, second = draws.uniform(1000), draws.uniform(1000)
    other = Draws(Seed(8)).uniform(1000)
    for drawn in (second, other):
        assert abs(np.corrcoef(first, drawn)[0, 1]) < 0.15
        assert (first != drawn).all()


def test_a_kernel_draws_what_the_array_draws() -> None:
    key = _draws().key()
    drawn = [philox.uniform(key, agent, 0) for agent in range(5)]
    assert drawn == _draws().uniform(5).tolist()
    assert drawn == [philox.uniforms(key, agent, 0)[0] for agent in range(5)]


def test_numbers_follow_their_laws() -> None:
    n = 20_000
    assert stats.kstest(_draws().uniform(n), "uniform").pvalue > 1e-4
    assert stats.kstest(_draws().normal(n), "norm").pvalue > 1e-4
    assert stats.kstest(_draws().exponential(n), "expon").pvalue > 1e-4
    for shape in (0.3, 0.9, 1.0, 7.5):
        assert stats.kstest(_draws().gamma(n, shape), stats.gamma(shape).cdf).pvalue > 1e-4
        assert stats.kstest(_draws().beta(n, shape, 2.5), stats.beta(shape, 2.5).cdf).pvalue > 1e-4
    assert np.isfinite(_draws().beta(n, 1e-3, 1e-3)).all()
    key = _draws().key()
    for part in np.array([philox.four(key, agent, 0) for agent in range(n)]).T:
        assert stats.kstest(part, "uniform").pvalue > 1e-4
    counts = np.bincount(_draws().below(n, 7), minlength=7)
    assert stats.chisquare(counts).pvalue > 1e-4
    chosen = np.bincount(_draws().choice(n, np.array([1.0, 0.0, 3.0])), minlength=3) / n
    assert chosen == pytest.approx([0.25, 0, 0.75], abs=0.015)


@pytest.mark.parametrize("mean", [0.0, 0.3, 12.0, 700.0])
def test_poisson_numbers_have_their_mean_as_variance(mean: float) -> None:
    drawn = _draws().poisson(20_000, mean)
    error = 5 * np.sqrt(max(mean, 1e-12) / 20_000)
    assert abs(drawn.mean() - mean) <= error
    assert drawn.var() == pytest.approx(mean, rel=0.05, abs=1e-12)


def test_an_order_is_a_permutation_and_every_place_is_as_likely() -> None:
    places = np.array([Draws(Seed(seed)).order(5) for seed in range(4000)])
    assert (np.sort(places, axis=1) == np.arange(5)).all()
    for place in places.T:
        assert stats.chisquare(np.bincount(place, minlength=5)).pvalue > 1e-4
    pairs = np.bincount(places[:, 0] * 5 + places[:, 1], minlength=25)
    assert stats.chisquare(pairs[pairs > 0]).pvalue > 1e-4


@pytest.mark.parametrize("n", [0, 1, 2, 3, 1000, 4097])
def test_orders_of_any_length_are_permutations(n: int) -> None:
    assert (np.sort(_draws().order(n)) == np.arange(n)).all()


def test_a_newcomer_does_not_change_the_order_of_others() -> None:
    before, after = _draws().order(1000), _draws().order(1001)
    assert (after[after < 1000] == before).all()

"""All blocks at once give what each block gives alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from likewise.nn import segments
from likewise.nn.blocks import Blocks, bucket, rows_at_once, tiled

SIZES = (3, 1, 40, 2, 17)
BLOCKS = Blocks.of_sizes(SIZES)


def parts(x: np.ndarray, sizes: tuple[int, ...] = SIZES) -> list[np.ndarray]:
    """The level axis cut into blocks."""
    return np.split(x[:, : sum(sizes)], np.cumsum(sizes)[:-1], axis=1)


def logits(rows: int = 50, blocks: Blocks = BLOCKS, scale: float = 3.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(scale=scale, size=(rows, blocks.width)).astype(np.float32)


def codes(rows: int, sizes: tuple[int, ...] = SIZES) -> np.ndarray:
    return np.random.default_rng(1).integers(0, sizes, (rows, len(sizes)))


@given(st.integers(1, 100_000))
def test_a_bucket_is_at_most_a_quarter_larger_and_a_bucket_of_itself(count: int) -> None:
    size = bucket(count)
    assert count <= size <= max(4, 1.25 * count)
    assert bucket(size) == size
    assert tiled(count) % 32 == 0


def test_softmax_of_all_blocks_is_the_softmax_of_each() -> None:
    x = logits()
    found, probs = segments.log_softmax(BLOCKS, x), segments.softmax(BLOCKS, x)
    for alone, both, p in zip(
        parts(x), parts(np.asarray(found)), parts(np.asarray(probs)), strict=True
    ):
        np.testing.assert_allclose(both, log_softmax(alone, axis=1), atol=2e-5)
        np.testing.assert_allclose(p, softmax(alone, axis=1), atol=1e-6)
    assert np.asarray(probs)[:, sum(SIZES) + BLOCKS.count - len(SIZES) :].sum() == 0


def test_log_prob_picks_the_levels_and_ignores_padding() -> None:
    x, drawn = logits(), codes(50)
    found = np.asarray(segments.log_prob(BLOCKS, x, BLOCKS.pad(drawn)))
    for i, alone in enumerate(parts(x)):
        wanted = log_softmax(alone, axis=1)[np.arange(50), drawn[:, i]]
        np.testing.assert_allclose(found[:, i], wanted, atol=2e-5)
    assert (found[:, len(SIZES) :] == 0).all()


def test_the_gradient_of_the_likelihood_is_one_hot_minus_softmax_even_for_huge_logits() -> None:
    x, drawn = logits(scale=1.0), BLOCKS.pad(codes(50))
    x[0, 0], x[1, 5] = 500.0, -500.0
    slope = jax.grad(lambda x: segments.log_prob(BLOCKS, x, drawn).sum())(x)
    wanted = np.asarray(segments.one_hot(BLOCKS, drawn)) - np.asarray(segments.softmax(BLOCKS, x))
    used = slice(0, sum(SIZES))
    np.testing.assert_allclose(np.asarray(slope)[:, used], wanted[:, used], atol=1e-5)
    assert np.isfinite(np.asarray(slope)).all()


@pytest.mark.parametrize("uniform", [0.0, 0.25, 0.5, 0.999999])
def test_a_draw_is_the_first_level_whose_cumulative_share_exceeds_the_uniform(
    uniform: float,
) -> None:
    probs = np.asarray(segments.softmax(BLOCKS, logits()))
    u = np.full((50, BLOCKS.count), uniform, dtype=np.float32)
    found = np.asarray(segments.draw(BLOCKS, probs, u))
    for i, alone in enumerate(parts(probs)):
        cdf = np.cumsum(alone, axis=1, dtype=np.float64)[:, :-1]
        low, high = ((cdf + e <= uniform).sum(1) for e in (2e-6, -2e-6))
        assert ((low <= found[:, i]) & (found[:, i] <= high)).all()


def test_shares_of_draws_match_the_probabilities_within_sampling_error() -> None:
    rows = 40_000
    probs = jnp.tile(segments.softmax(BLOCKS, logits(1)), (rows, 1))
    u = jax.random.uniform(jax.random.key(0), (rows, BLOCKS.count))
    found = np.asarray(jax.jit(segments.draw)(BLOCKS, probs, u))
    for i, alone in enumerate(parts(np.asarray(probs[:1]))):
        share = np.bincount(found[:, i], minlength=SIZES[i]) / rows
        error = np.sqrt(alone[0] * (1 - alone[0]) / rows)
        assert (np.abs(share - alone[0]) < 5 * error + 1e-4).all()


@pytest.mark.parametrize("sizes", [[1], [1, 1, 1, 60], [31, 1, 32]])
def test_codes_stay_in_their_blocks_whatever_the_sizes(sizes: list[int]) -> None:
    blocks = Blocks.of_sizes(sizes)
    probs = segments.softmax(blocks, logits(4, blocks))
    found = np.asarray(segments.draw(blocks, probs, jnp.full((4, blocks.count), 1 - 2**-24)))
    assert (found >= 0).all()
    assert (found < blocks.size).all()


def test_a_thousand_blocks_and_twenty_thousand_levels_work_in_little_memory() -> None:
    sizes = (20_000, *[2] * 999)
    blocks = Blocks.of_sizes(sizes)
    rows = 256
    assert blocks.width < 30_000
    assert rows_at_once(blocks.width) == rows
    x = logits(rows, blocks, 1.0)
    drawn = codes(rows, sizes)
    step = jax.jit(jax.value_and_grad(lambda x, c: segments.log_prob(blocks, x, c).sum()))
    value, slope = step(x, blocks.pad(drawn))
    wanted = sum(
        float(log_softmax(p.astype(float), axis=1)[np.arange(rows), drawn[:, i]].sum())
        for i, p in enumerate(parts(x, sizes))
    )
    assert abs(float(value) - wanted) < 1e-3 * abs(wanted)
    assert np.isfinite(np.asarray(slope)).all()
    u = np.full((rows, blocks.count), 0.5, dtype=np.float32)
    found = np.asarray(jax.jit(segments.draw)(blocks, segments.softmax(blocks, x), u))
    last = softmax(parts(x, sizes)[-1].astype(float), axis=1)[:, 0]
    clear = np.abs(last - 0.5) > 1e-5
    assert (found[clear, 999] == (last <= 0.5)[clear]).all()

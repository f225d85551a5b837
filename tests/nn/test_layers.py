"""Layers keep their scale and their laws, and hold nothing but float32."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.generators.made_levels import block

from likewise.encode.layout import Encoded, Layout
from likewise.nn.layers import Dense, Embedding, LayerNorm, ResidualMLP, count, time_features
from likewise.nn.quality import in_words, noise_ratio

KEY = jax.random.key(0)


def test_a_dense_layer_keeps_the_variance() -> None:
    x = np.random.default_rng(0).normal(size=(500, 300)).astype(np.float32)
    assert abs(float(Dense.init(KEY, 300, 400)(x).var()) - 1) < 0.1
    assert float(jnp.abs(Dense.init(KEY, 300, 4, 0.0)(x)).max()) == 0


def test_a_layer_norm_gives_mean_0_and_variance_1() -> None:
    x = np.random.default_rng(0).normal(3, 7, size=(5, 64)).astype(np.float32)
    normed = np.asarray(LayerNorm.init(64)(x))
    np.testing.assert_allclose(normed.mean(1), 0, atol=1e-5)
    np.testing.assert_allclose(normed.std(1), 1, atol=1e-3)


def test_residual_blocks_begin_as_the_identity() -> None:
    net = ResidualMLP.init(KEY, 8, 3, width=16, depth=2)
    x = np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32)
    np.testing.assert_allclose(net(x), net.leave(net.norm(net.enter(x))), atol=1e-6)


@pytest.mark.parametrize("levels", [40, 4_000], ids=["by matrix", "by rows"])
def test_a_sum_of_embeddings_is_a_product_with_ones_either_way(levels: int) -> None:
    rng = np.random.default_rng(0)
    places = rng.integers(0, levels, (6, 5))
    weight = rng.random((6, 5)).astype(np.float32)
    layer = Embedding.init(KEY, levels, 7)
    by_hand = (np.asarray(layer.table)[places] * weight[..., None]).sum(1)
    np.testing.assert_allclose(layer.total(places, weight), by_hand, atol=1e-5)
    np.testing.assert_allclose(
        layer.total(places), np.asarray(layer.table)[places].sum(1), atol=1e-5
    )


def test_parameters_are_strong_float32() -> None:
    net = ResidualMLP.init(KEY, 8, 3, width=16, depth=2)
    assert all(x.dtype == jnp.float32 and not x.weak_type for x in jax.tree.leaves(net))
    assert count(net) == 8 * 16 + 16 + 2 * (2 * 16 + 2 * (16 * 16 + 16)) + 2 * 16 + 16 * 3 + 3


def test_times_that_differ_have_features_that_differ() -> None:
    features = np.asarray(time_features(jnp.asarray([0.0, 0.001, 0.5], jnp.float32), 16))
    assert features.shape == (3, 16)
    assert np.abs(features[0] - features[1]).max() > 0.1


def test_fresh_real_rows_are_as_far_as_sampling_noise_and_others_farther() -> None:
    rng = np.random.default_rng(0)
    layout = Layout((block("a", 20), block("b", 3)))

    def rows(shift: float) -> Encoded:
        made = Encoded.empty(4_000, 2)
        made.codes[:, 0] = np.minimum(rng.random(4_000) ** (1 + shift) * 20, 19)
        made.codes[:, 1] = rng.integers(0, 3, 4_000)
        return made

    real = rows(0)
    assert 0.6 < noise_ratio(rows(0), real, layout) < 1.5
    assert noise_ratio(rows(1.0), real, layout) > 3
    assert "3.0x" in in_words(3.0)
    assert "real rows" in in_words(1.0)

"""Adam with decoupled weight decay: weights are pulled towards 0, biases are left alone."""

import jax
import jax.numpy as jnp
import pytest

from likewise.nn.module import module
from likewise.nn.optimise import Adam


@module
class Line:
    """A slope and where it begins."""

    slope: jnp.ndarray
    slope_bias: jnp.ndarray


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_without_a_gradient_only_weights_shrink_and_by_rate_times_decay(decay: float) -> None:
    adam = Adam(rate=0.1, warmup=0.0, final=1.0, decay=decay)
    begun = Line(jnp.ones(3), jnp.ones(2))
    still = Line(jnp.zeros(3), jnp.zeros(2))
    after, _ = jax.jit(adam.update)(still, adam.init(begun), begun, jnp.float32(0.5))
    assert after.slope == pytest.approx([1 - 0.1 * decay] * 3)
    assert after.slope_bias == pytest.approx([1.0] * 2)

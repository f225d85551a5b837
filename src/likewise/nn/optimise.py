"""Adam with a schedule that knows how far learning is, and learners that follow one loss."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import optax

from likewise.nn.module import module

Array = jax.Array
Params = TypeVar("Params")


@dataclass(frozen=True)
class Adam:
    """Warm-up, then half a cosine; gradients clipped by their norm, weight decay decoupled.

    Papers: Kingma and Ba, "Adam", ICLR 2015; Loshchilov and Hutter, "SGDR", ICLR 2017, and
    "Decoupled weight decay regularization", ICLR 2019.

    Attributes:
        rate: highest learning rate.
        warmup: share of the steps over which the rate rises from 0.
        final: share of ``rate`` that is left at the end; 1 for a constant rate.
        clip: largest norm of a gradient.
        decay: pull of the parameters towards 0, relative to the rate; none on biases.
        momentum: memory of the gradient (beta 1).
        memory: memory of its square (beta 2).
    """

    rate: float = 1e-3
    warmup: float = 0.02
    final: float = 0.0
    clip: float = 1.0
    decay: float = 0.0
    momentum: float = 0.9
    memory: float = 0.999

    def init(self, params: Any) -> Any:
        """Its state for these parameters."""
        return self._transform().init(params)

    def update(self, gradient: Params, state: Any, params: Params, at: Array) -> tuple[Params, Any]:
        """New parameters and state; ``at`` is the share of the steps that are done."""
        step, state = self._transform().update(gradient, state, params)
        scale = -self.rate_at(at)
        moved: Params = jax.tree.map(lambda p, s: p + scale * s, params, step)
        return moved, state

    def rate_at(self, at: Array) -> Array:
        """The learning rate when the share ``at`` of the steps is done; float32."""
        rise = (at + jnp.float32(1e-4)) / jnp.float32(self.warmup + 1e-4)
        rest = jnp.clip((at - self.warmup) / (1 - self.warmup), 0.0, 1.0)
        fall = self.final + (1 - self.final) * 0.5 * (1 + jnp.cos(jnp.pi * rest))
        return jnp.asarray(self.rate * jnp.minimum(rise, 1.0) * fall, jnp.float32)

    def _transform(self) -> optax.GradientTransformation:
        return optax.chain(
            optax.clip_by_global_norm(self.clip),
            optax.scale_by_adam(self.momentum, self.memory),
            optax.add_decayed_weights(self.decay, _weights) if self.decay else optax.identity(),
        )


def _weights(params: Any) -> Any:
    """Which parameters are weights: all but those whose name ends in ``bias``."""

    def is_weight(path: tuple[Any, ...], _: Array) -> bool:
        return not str(getattr(path[-1], "name", "")).endswith("bias")

    return jax.tree_util.tree_map_with_path(is_weight, params)


@module
class Descent:
    """The state of a learner that follows one loss: parameters, and what Adam remembers."""

    params: Any
    memory: Any


@dataclass(frozen=True)
class LossLearner:
    """A learner with one network and one loss: give ``network`` and ``loss``, the rest is here.

    Subclasses are frozen dataclasses of sizes and rates; equal ones share compiled programs.
    """

    adam: Adam

    @abstractmethod
    def network(self, world: Any, key: Array) -> Any:
        """Fresh parameters."""

    @abstractmethod
    def loss(self, world: Any, params: Any, batch: Any, key: Array) -> Array:
        """Mean over the rows of the batch; lower is better."""

    def init(self, world: Any, key: Array) -> Descent:
        """Fresh parameters and an empty memory."""
        params = self.network(world, key)
        return Descent(params, self.adam.init(params))

    def step(
        self, world: Any, state: Descent, batch: Any, at: Array, key: Array
    ) -> tuple[Descent, dict[str, Array]]:
        """One step downhill."""
        loss, gradient = jax.value_and_grad(
            lambda params: self.loss(world, params, batch, key), allow_int=False
        )(state.params)
        params, memory = self.adam.update(gradient, state.memory, state.params, at)
        return Descent(params, memory), {"loss": loss}

    def kept(self, state: Descent) -> Any:
        """The parameters."""
        return state.params

    def judge(self, world: Any, params: Any, batch: Any, key: Array) -> Array:
        """The loss on held-out rows."""
        return self.loss(world, params, batch, key)

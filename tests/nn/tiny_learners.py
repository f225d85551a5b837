"""Learners small enough to know what they must find, and to compile at once."""

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from likewise.core.progress import Deadline, silent
from likewise.core.run import Run
from likewise.nn import segments
from likewise.nn.blocks import Blocks
from likewise.nn.module import module
from likewise.nn.optimise import Adam, LossLearner

SIZES = (3, 5)
BLOCKS = Blocks.of_sizes(SIZES)
Array = jax.Array


@module
class Shares:
    """The same logits for every row."""

    logits: Array


@dataclass(frozen=True)
class Margins(LossLearner):
    """Learns the shares of levels; its best loss is the sum of the columns' entropies."""

    adam: Adam = field(default=Adam(rate=0.1))

    def network(self, world: Any, key: Array) -> Shares:
        return Shares(0.1 * jax.random.normal(key, (world.width,), jnp.float32))

    def loss(self, world: Any, params: Any, batch: Any, key: Array) -> Array:
        logits = jnp.broadcast_to(params.logits, (len(batch), world.width))
        noise = 1 + 0.01 * jax.random.normal(key, (), jnp.float32)  # so that keys matter
        return -segments.log_prob(world, logits, batch).sum(1).mean() * noise


@dataclass(frozen=True)
class Exploding(Margins):
    """A loss that is no number."""

    def loss(self, world: Any, params: Any, batch: Any, key: Array) -> Array:
        return super().loss(world, params, batch, key) * jnp.float32(np.nan)


def table(rows: int = 2_000, seed: int = 0) -> np.ndarray:
    """Codes of two unrelated columns, padded."""
    rng = np.random.default_rng(seed)
    a = rng.choice(3, rows, p=(0.6, 0.3, 0.1))
    b = rng.choice(5, rows, p=(0.4, 0.3, 0.2, 0.08, 0.02))
    return BLOCKS.pad(np.stack([a, b], axis=1))


def entropy(codes: np.ndarray) -> float:
    """Sum of the entropies of both columns."""
    shares = [np.bincount(codes[:, i], minlength=k) / len(codes) for i, k in enumerate(SIZES)]
    return float(sum(-(p[p > 0] * np.log(p[p > 0])).sum() for p in shares))


class Interrupting:
    """A progress that presses Ctrl-C once, at a certain call."""

    def __init__(self, at: int) -> None:
        self.calls, self.at = 0, at

    def __call__(self, *_: object) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt


def run(progress: Any = silent, seconds: float = float("inf"), checkpoint: Any = None) -> Run:
    """Circumstances of a test."""
    return Run(progress=progress, deadline=Deadline(seconds), checkpoint=checkpoint)

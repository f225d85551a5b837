"""The two networks of ``gan``.

Shapes: B rows, C blocks, W options of all blocks, R reals, D = W + R numbers of a row laid flat,
F features of which pairs are matched.
"""

import math
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from likewise.generators.gan_world import CENTRES, SLOPE, TURNS, Hints, Moments, View, World
from likewise.nn import segments
from likewise.nn.blocks import Blocks
from likewise.nn.layers import Dense, Embedding, LayerNorm, ResidualBlock
from likewise.nn.mixed import Geometry
from likewise.nn.module import module, seen, static

if TYPE_CHECKING:
    pass

Array = jax.Array

HINT = 16  # numbers by which the critic knows the revealed option

for one in (Hints, Moments, View, World):
    seen(one)


@module
class Turn:
    """A part of the generator that draws the options of some blocks, seeing those drawn before."""

    block: ResidualBlock
    norm: LayerNorm
    leave: Dense  # logits of all options
    read: Dense  # the options drawn in this turn

    @classmethod
    def init(cls, key: Array, geometry: Geometry, width: int) -> "Turn":
        """``width`` numbers in and out."""
        first, second, third = jax.random.split(key, 3)
        options = geometry.options
        return cls(
            ResidualBlock.init(first, width, width),
            LayerNorm.init(width),
            Dense.init(second, width, options.width),
            Dense.init(third, options.width, width, math.sqrt(options.width / options.count)),
        )


@module
class Generator:
    """Noise and a revealed option to a row: options in several turns, then reals given options.

    Options of one turn do not know each other, so blocks that determine each other are drawn in
    different turns (``gan_world``).
    """

    hint: Embedding
    enter: Dense
    turns: tuple[Turn, ...]
    last: ResidualBlock
    norm: LayerNorm
    leave: Dense  # the reals
    noise: int = static()

    @classmethod
    def init(cls, key: Array, geometry: Geometry, width: int) -> "Generator":
        """``width`` numbers in each of the blocks, half as many of noise."""
        keys = jax.random.split(key, TURNS + 4)
        noise = width // 2
        return cls(
            Embedding.init(keys[0], geometry.options.width, width, math.sqrt(width)),
            Dense.init(keys[1], noise, width),
            tuple(Turn.init(k, geometry, width) for k in keys[4:]),
            ResidualBlock.init(keys[2], width, width),
            LayerNorm.init(width),
            Dense.init(keys[3], width, geometry.reals),
            noise,
        )

    def __call__(
        self, world: World | View, place: Array, key: Array, bias: Array | None = None
    ) -> Array:
        """(B,) places of revealed options on the option axis -> (B, D) rows laid flat.

        ``bias`` (W,) is added to the logits.
        """
        options = world.geometry.options
        first, *keys = jax.random.split(key, TURNS + 1)
        z = jax.random.normal(first, (len(place), self.noise), jnp.float32)
        x = self.enter(z) + self.hint(place)
        own = jnp.asarray(options.segment)
        free = (own != own[place][:, None]).astype(jnp.float32) * options.valid
        row = jnp.arange(len(place), dtype=jnp.int32)
        chosen = jnp.zeros(free.shape, jnp.float32).at[row, place].set(jnp.float32(1))
        for number, (turn, own_key) in enumerate(zip(self.turns, keys, strict=True)):
            x = turn.block(x)
            logits = turn.leave(turn.norm(x))
            logits = logits if bias is None else logits + bias
            mine = (jnp.asarray(world.turn) == number).astype(jnp.float32)[own]
            drawn = straight_through(options, logits, own_key) * free * mine
            chosen = chosen + drawn
            x = x + turn.read(drawn)
        x = self.last(x)
        reals = self.leave(self.norm(x)) * there(world.geometry, chosen)
        return jnp.concatenate([chosen, reals], axis=1)


@module
class Critic:
    """How much likelier a row is to be real than drawn, in logs; several rows at once if packed.

    Paper: Lin et al., "PacGAN: the power of two samples in generative adversarial networks",
    NeurIPS 2018.
    """

    hint: Embedding
    enter: Dense
    layers: tuple[Dense, ...]
    leave: Dense
    pack: int = static()

    @classmethod
    def init(cls, key: Array, geometry: Geometry, width: int, depth: int, pack: int) -> "Critic":
        """``depth`` layers of ``width`` numbers; ``pack`` rows are seen together."""
        keys = jax.random.split(key, depth + 3)
        inputs = geometry.options.width + geometry.reals * (1 + len(CENTRES)) + HINT
        return cls(
            Embedding.init(keys[0], geometry.options.width, HINT),
            Dense.init(keys[1], inputs * pack, width, 2.0),
            tuple(Dense.init(k, width, width) for k in keys[3:]),
            Dense.init(keys[2], width, 1),
            pack,
        )

    def __call__(self, geometry: Geometry, flat: Array, place: Array) -> Array:
        """(B, D) rows and (B,) revealed options -> (B / pack,)."""
        x = jnp.concatenate([features(geometry, flat), self.hint(place)], axis=1)
        x = self.enter(x.reshape(len(x) // self.pack, -1))
        for layer in self.layers:
            x = x + layer(jax.nn.silu(x))
        return self.leave(jax.nn.silu(x))[:, 0]


@module
class Players:
    """Both networks."""

    generator: Generator
    critic: Critic

    @classmethod
    def init(cls, key: Array, geometry: Geometry, width: int, depth: int, pack: int) -> "Players":
        """Fresh networks."""
        first, second = jax.random.split(key)
        generator = Generator.init(first, geometry, width)
        return cls(generator, Critic.init(second, geometry, width, depth, pack))


def features(geometry: Geometry, flat: Array) -> Array:
    """(B, D) rows -> options, reals, and soft steps of the reals at several heights."""
    width = geometry.options.width
    reals, here = flat[:, width:], there(geometry, flat[:, :width])
    steps = jax.nn.sigmoid((reals[:, :, None] - jnp.asarray(CENTRES)) * jnp.float32(SLOPE))
    steps = (steps * here[:, :, None]).reshape(len(flat), -1)
    return jnp.concatenate([flat, steps], axis=1)


def there(geometry: Geometry, chosen: Array) -> Array:
    """Whether each real is there, with a gradient; (B, W) -> (B, R)."""
    at = jnp.asarray(geometry.options.offset)[jnp.asarray(geometry.block)] + geometry.option
    return chosen[:, at] * geometry.live


def straight_through(options: Blocks, logits: Array, key: Array) -> Array:
    """One drawn option in each block, with the gradient of the softmax of the same noisy logits.

    Paper: Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax", ICLR 2017.
    """
    uniform = jax.random.uniform(key, logits.shape, jnp.float32, 1e-7, 1.0)
    noisy = logits - jnp.log(-jnp.log(uniform)) - 1e6 * (1 - jnp.asarray(options.valid))
    soft = segments.softmax(options, noisy)
    top = jax.ops.segment_max(
        noisy.T, jnp.asarray(options.segment), num_segments=options.count, indices_are_sorted=True
    ).T
    hard = (noisy >= segments.spread(options, top)).astype(jnp.float32)
    return hard + soft - jax.lax.stop_gradient(soft)

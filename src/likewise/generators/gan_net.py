"""The two networks of ``gan``, and the step in which they learn against each other.

Shapes: B rows, C blocks, W options of all blocks, R reals, D = W + R numbers of a row laid flat,
F features of which pairs are matched.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.generators.gan_world import CENTRES, SLOPE, TURNS, Hints, Moments, View, World
from likewise.nn import head, runtime, segments
from likewise.nn.blocks import Blocks, rows_at_once
from likewise.nn.estimate import planned_steps
from likewise.nn.layers import Dense, Embedding, LayerNorm, ResidualBlock
from likewise.nn.mixed import Geometry
from likewise.nn.module import module, seen, static
from likewise.nn.optimise import Adam
from likewise.nn.train import Plan, train

if TYPE_CHECKING:
    from likewise.generators.gan import GAN, GanLevels

Array = jax.Array

MOMENTUM, MEMORY, CLIP = 0.5, 0.99, 10.0  # of Adam, for both networks
CHUNK = 50  # steps between judgements
FLATTER = 0.1  # share of the penalty on the critic's slope that is left at the end
FEW_ROWS = 512  # rows up to which a small batch is drawn
HINT = 16  # numbers by which the critic knows the revealed option
CUT = 10.0  # differences of the critic beyond which its gradient is no longer scaled up

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


@module
class Match:
    """The state of the game: both networks, and what Adam remembers of either."""

    players: Players
    generator: Any
    critic: Any


@dataclass(frozen=True)
class Duel:
    """The learner: both networks take one step at a time, from one and the same drawn batch.

    The critic compares real rows with drawn ones in pairs that share the revealed option; its slope
    is held down at real and at drawn rows. The generator is judged by the critic and by how far
    pairs of features are, on average, from those of the training rows. Differences of two halves
    of the batch are multiplied, so that the expected distance has no part that comes from the
    batch being small.

    Papers: Jolicoeur-Martineau, "The relativistic discriminator", ICLR 2019; Mescheder, Geiger and
    Nowozin, "Which training methods for GANs do actually converge?", ICML 2018; Huang et al., "The
    GAN is dead; long live the GAN!", NeurIPS 2024; Heusel et al., "GANs trained by a two time-scale
    update rule", NeurIPS 2017; Li, Swersky and Zemel, "Generative moment matching networks", 2015.

    Attributes:
        width: numbers in each hidden layer.
        depth: hidden layers beyond the first, of either network.
        pack: rows that the critic sees together.
        generator: how the generator moves.
        critic: how the critic moves.
        moments: weight of the distance of pairs.
        slope: weight of the critic's squared slope at first; a tenth is left at the end.
    """

    width: int
    depth: int
    pack: int
    generator: Adam
    critic: Adam
    moments: float
    slope: float

    def init(self, world: World, key: Array) -> Match:
        """Fresh networks."""
        players = Players.init(key, world.geometry, self.width, self.depth, self.pack)
        memory = self.generator.init(players.generator), self.critic.init(players.critic)
        return Match(players, *memory)

    def step(
        self, world: World, state: Match, batch: Any, at: Array, key: Array
    ) -> tuple[Match, dict[str, Array]]:
        """One step of both."""
        geometry, players = world.geometry, state.players
        first, second = jax.random.split(key)
        place = reveal(world, batch[0], first)
        real = head.flat(geometry, *batch)
        drawn, pull = jax.vjp(lambda g: g(world, place, second), players.generator)
        weight = self.slope * jnp.float32(FLATTER) ** at
        (loss, ahead), (own, theirs) = jax.value_and_grad(self._loss, (1, 2), has_aux=True)(
            geometry, players.critic, drawn, real, place, weight
        )
        # the critic's loss falls in its value at a drawn row as the generator's rises in it, up
        # to a factor that both losses give: so one backward pass serves both
        scale = jnp.repeat(-jnp.exp(jnp.clip(ahead, -CUT, CUT)), self.pack)
        distance, towards = jax.value_and_grad(pair_distance)(drawn, world)
        (gradient,) = pull(scale[:, None] * theirs + jnp.float32(self.moments) * towards)
        generator, memory = self.generator.update(gradient, state.generator, players.generator, at)
        critic, remembered = self.critic.update(own, state.critic, players.critic, at)
        told = {"critic": loss, "ahead": ahead.mean(), "pairs": distance}
        return Match(Players(generator, critic), memory, remembered), told

    def _loss(
        self, geometry: Geometry, critic: Critic, drawn: Array, real: Array, place: Array,
        weight: Array,
    ) -> tuple[Array, Array]:  # fmt: skip
        """The critic's loss, and how far it puts each real row ahead of the drawn one."""
        rows = jnp.concatenate([real, drawn])
        values = critic(geometry, rows, jnp.concatenate([place, place]))
        ahead = values[: len(values) // 2] - values[len(values) // 2 :]
        few = max(len(place) // (4 * self.pack), 1) * self.pack
        some = jax.lax.stop_gradient(jnp.concatenate([real[:few], drawn[:few]]))
        both = jnp.concatenate([place[:few], place[:few]])
        slope = jax.grad(lambda x: critic(geometry, x, both).sum())(some)
        steepness = (slope * slope).sum() / (2 * few)
        return jax.nn.softplus(-ahead).mean() + weight * steepness, ahead

    def kept(self, state: Match) -> Players:
        """Both networks: the critic chooses among drawn rows."""
        return state.players

    def judge(self, world: World, params: Players, batch: Any, key: Array) -> Array:
        """Distance of pairs of features between drawn rows and held-out ones."""
        first, second = jax.random.split(key)
        drawn = params.generator(world, reveal(world, batch[0], first), second)
        held = head.flat(world.geometry, *batch)
        a, b = (_pairs(matched(world, x)) for x in (drawn, held))
        return ((a - b) ** 2 * world.moments.weight).sum() / len(a)


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


def reveal(world: World, options: Array, key: Array) -> Array:
    """One option of each row, rather a rare one; (B, C) -> (B,) places on the option axis."""
    places = options + world.geometry.options.offset
    pull = jnp.asarray(world.hints.log_pull)[places]  # (B, C)
    uniform = jax.random.uniform(key, places.shape, jnp.float32, 1e-7, 1.0)
    block = jnp.argmax(pull - jnp.log(-jnp.log(uniform)), axis=1)
    return jnp.take_along_axis(places, block[:, None], axis=1)[:, 0]


def matched(world: World, flat: Array) -> Array:
    """The features of which pairs are matched, with a one; (B, D) -> (B, F)."""
    return features(world.geometry, flat)[:, jnp.asarray(world.moments.picked)]


def pair_distance(drawn: Array, world: World) -> Array:
    """Distance of the means of all products of two features; unbiased, so it may be negative."""
    x = matched(world, drawn)
    half = len(x) // 2
    a, b = (_pairs(part) - world.moments.mean for part in (x[:half], x[half:]))
    return (a * b * world.moments.weight).sum() / len(a)


def _pairs(x: Array) -> Array:
    """Mean products; (B, F) -> (F, F)."""
    return x.T @ x / len(x)


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


@functools.partial(jax.jit, static_argnames="tries")
def chosen_rows(
    view: View, players: Players, bias: Array, place: Array, key: Array, tries: int
) -> tuple[Array, Array]:
    """Rows that reveal the given options: options (B, C) int32 and reals (B, R).

    Each is one of ``tries`` drawn rows, chosen by the critic with chances in proportion to how
    much likelier it is to be real than drawn; packed rows are chosen together.

    Paper: Azadi et al., "Discriminator rejection sampling", ICLR 2019.
    """
    first, second = jax.random.split(key)
    places = jnp.tile(place, tries)
    flat = players.generator(view, places, first, bias)
    if tries > 1:
        values = players.critic(view.geometry, flat, places).reshape(tries, -1)
        uniform = jax.random.uniform(second, values.shape, jnp.float32, 1e-7, 1.0)
        best = jnp.argmax(values - jnp.log(-jnp.log(uniform)), axis=0)  # Gumbel-max
        row = jnp.arange(len(place), dtype=jnp.int32)
        flat = flat[best[row // players.critic.pack].astype(jnp.int32) * len(place) + row]
    options, width = view.geometry.options, view.geometry.options.width
    inside = jnp.arange(width, dtype=jnp.int32) - jnp.asarray(options.offset)[options.segment]
    codes = segments.block_sums(options, jnp.round(flat[:, :width]) * inside)
    return jnp.round(codes).astype(jnp.int32), flat[:, width:]


def learned(
    recipe: "GAN",
    world: World,
    data: tuple[np.ndarray, np.ndarray],
    seconds: float,
    steps: tuple[int, int],
    seed: Seed,
    run: Run,
    quality: Callable[[Players], str],
) -> tuple[Players, tuple[str, ...]]:
    """The networks after the game, and notes; ``steps`` are the fewest and the most."""
    batch = -(-recipe.batch // recipe.pack) * recipe.pack
    learner = Duel(
        recipe.width,
        recipe.depth,
        recipe.pack,
        Adam(rate=recipe.rate, momentum=MOMENTUM, memory=MEMORY, clip=CLIP),
        Adam(rate=2 * recipe.rate, momentum=MOMENTUM, memory=MEMORY, clip=CLIP),
        recipe.moments,
        recipe.slope,
    )
    runtime.start()
    least, most = steps
    planned = planned_steps(
        learner, world, data, batch=batch, seconds=seconds, least=least, most=most
    )
    plan = Plan(planned, batch=batch, chunk=CHUNK, patience=0)
    found = train(learner, world, data, plan, seed=seed, run=run, name="gan", quality=quality)
    return found.params, found.notes


def draw(
    levels: "GanLevels", places: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Options (N, C) and reals (N, R) of rows that reveal the options at ``places``."""
    runtime.start()
    geometry = levels.mixed.geometry
    view = View(geometry, levels.turn)
    width, depth, pack = levels.sizes
    duel = functools.partial(Players.init, geometry=geometry, width=width, depth=depth, pack=pack)
    players = jax.device_put(levels.weights.like(jax.eval_shape(duel, jax.random.key(0))))
    size = rows_at_once(geometry.options.width * levels.tries)
    size = min(
        -(-size // pack) * pack, -(-FEW_ROWS // pack) * pack if len(places) <= FEW_ROWS else size
    )
    parts = []
    for start in range(0, len(places), size):
        part = places[start : start + size]
        key = jax.random.key(int(rng.integers(2**31)))
        padded = np.resize(part, size).astype(np.int32)
        found = chosen_rows(view, players, levels.bias, padded, key, levels.tries)
        parts.append(tuple(np.asarray(x)[: len(part)] for x in found))
    if not parts:
        empty = np.zeros((0, geometry.options.count), np.int32)
        return empty, np.zeros((0, geometry.reals), np.float32)
    options, reals = (np.concatenate(x) for x in zip(*parts, strict=True))
    return options, reals

"""How the two networks of ``gan`` learn against each other, and how rows are drawn from them.

Shapes: B rows, C blocks, W options of all blocks, R reals, D = W + R numbers of a row laid flat,
F features of which pairs are matched.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.generators.gan_net import Critic, Players, features
from likewise.generators.gan_world import View, World
from likewise.nn import head, runtime, segments
from likewise.nn.blocks import rows_at_once
from likewise.nn.estimate import planned_steps
from likewise.nn.mixed import Geometry
from likewise.nn.module import module
from likewise.nn.optimise import Adam
from likewise.nn.train import Plan, train

if TYPE_CHECKING:
    from likewise.generators.gan import GAN, GanLevels

Array = jax.Array

MOMENTUM, MEMORY, CLIP = 0.5, 0.99, 10.0  # of Adam, for both networks
CHUNK = 50  # steps between judgements
FLATTER = 0.1  # share of the penalty on the critic's slope that is left at the end
FEW_ROWS, MANY_ROWS = 512, 4_096  # rows that are drawn at once: as many as asked for, or more
CUT = 10.0  # differences of the critic beyond which its gradient is no longer scaled up


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


@functools.partial(jax.jit, static_argnames="tries", compiler_options=runtime.compiling())
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
    size = min(rows_at_once(geometry.options.width * levels.tries), MANY_ROWS)
    size = min(size, FEW_ROWS) if len(places) <= FEW_ROWS else size
    size = -(-size // pack) * pack
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

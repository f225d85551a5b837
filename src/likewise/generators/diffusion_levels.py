"""What ``diffusion`` learned: rows, and conditional rows from any given part.

Shapes: N rows, C blocks, W options of all blocks, R reals, B rows of a batch; K levels of a block.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from likewise.core.artifact import storable
from likewise.encode.layout import NOTHING, Encoded, Evidence
from likewise.generators.draws import draw_codes, draw_detail, restricted
from likewise.generators.ties import Ties
from likewise.nn import runtime
from likewise.nn.blocks import rows_at_once
from likewise.nn.mixed import Mixed
from likewise.nn.weights import Weights

Array = np.ndarray
Rng = np.random.Generator

SMALL_BATCH, LARGE_BATCH = 512, 4_096  # rows drawn at once: for a few rows, and for many at most


@storable
@dataclass(frozen=True)
class DiffusionLevels:
    """Two networks, and what can be said without them.

    Attributes:
        view: between levels, and options with reals.
        ties: numbers that are equal at times; whom each follows is one more option.
        options: weights of the network of options; none where every block has a single one.
        reals: weights of the network of reals; none where there are no reals.
        margins: for each block (K,) float64, shares of its levels.
        atoms: for each block (K,) bool, levels without inside.
        sizes: width and depth of the networks; noise levels and jumps when rows are drawn.
        notes: what cut learning short.
    """

    view: Mixed
    ties: Ties
    options: Weights
    reals: Weights
    margins: tuple[Array, ...]
    atoms: tuple[Array, ...]
    sizes: tuple[int, int, int, int]
    notes: tuple[str, ...]

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""
        return tuple(map(len, self.view.option))

    def having(self, part: str, weights: Weights, notes: tuple[str, ...] = ()) -> "DiffusionLevels":
        """The same with other weights of the network of ``part``, and more notes."""
        notes = (*self.notes, *notes)
        if part == "options":
            return replace(self, options=weights, notes=notes)
        return replace(self, reals=weights, notes=notes)

    def encode(self, rows: Encoded, rng: Rng) -> tuple[Array, Array]:
        """Options (N, C), those of ties last, and reals (N, R); padded."""
        options, reals = self.view.encode(rows, rng)
        ties = self.ties.options(rows)
        options[:, rows.codes.shape[1] :][:, : ties.shape[1]] = ties
        return options, reals

    def exact(self, evidence: Evidence) -> bool:
        """Whether rows are drawn from what the networks learned given the evidence, unweighted.

        They are with any values given, and with levels allowed in one block; with both, if the
        allowed levels are whole options, not a part of a smooth number.
        """
        free = [i for i in evidence.allowed if i not in evidence.fixed]
        if len(free) != 1 or not evidence.fixed:
            return len(free) <= 1
        mask = evidence.allowed[free[0]][self.view.smooth[free[0]]]
        return bool(mask.all() or not mask.any())

    def draw(
        self, rows: int, rng: Rng, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, Array | None]:
        """Rows that agree with what is given; weight 0 where they leave what is allowed.

        If nothing is given, the rarest of the restricted blocks is drawn from its margin and then
        counts as given.
        """
        fixed = dict(evidence.fixed)
        allowed = {i: mask for i, mask in evidence.allowed.items() if i not in fixed}
        if allowed and not fixed:
            first = min(allowed, key=lambda i: float(self.margins[i] @ allowed[i]))
            shares = restricted(self.margins[first], allowed.pop(first))
            codes = draw_codes(shares, rng.random(rows))
            fixed[first] = codes, draw_detail(self.atoms[first][codes], rng)
        drawn, weight = self._given(rows, rng, fixed, allowed)
        if self.exact(evidence):
            return drawn, None
        for i, mask in allowed.items():
            weight[~mask[drawn.codes[:, i]]] = -np.inf
        return drawn, weight

    def _given(
        self,
        rows: int,
        rng: Rng,
        fixed: dict[int, tuple[Array, Array]],
        allowed: dict[int, Array],
    ) -> tuple[Encoded, Array]:
        """Rows given some values, options of other blocks restricted; and log weights."""
        geometry = self.view.geometry
        start = Encoded.empty(rows, len(self.margins))
        known = np.zeros((rows, geometry.options.count), dtype=np.float32)
        blocks = len(self.margins)
        known[:, blocks + len(self.ties.followers) :] = 1
        for i, (codes, detail) in fixed.items():
            start.codes[:, i], start.detail[:, i], known[:, i] = codes, detail, 1
        options, reals = self.view.encode(start, rng)
        order = rng.random(known.shape, dtype=np.float32)
        open_options = np.ones(geometry.options.width, dtype=np.float32)
        for i, mask in allowed.items():
            order[:, i] -= 1
            own = open_options[geometry.options.offset[i] :][: len(self.view.level[i])]
            own[:] = 0
            own[self.view.option[i][mask]] = 1
        weight = np.zeros(rows)
        many = min(rows_at_once(geometry.options.width), LARGE_BATCH)
        size = SMALL_BATCH if rows <= SMALL_BATCH else many
        for at in range(0, rows, size):
            part = slice(at, min(at + size, rows))
            given = tuple(_padded(x[part], size) for x in (options, known, reals, order))
            found = self._batch(given, open_options, rng)
            options[part], reals[part], weight[part] = (x[: part.stop - at] for x in found)
        drawn = self.view.decode(options, reals)
        kept = np.isin(np.arange(blocks), [*fixed, *allowed])
        self.ties.keep(drawn, options[:, blocks:], kept)
        for i, (codes, detail) in fixed.items():
            drawn.codes[:, i], drawn.detail[:, i] = codes, detail
        return drawn, weight

    def _batch(
        self, given: tuple[Array, ...], open_options: Array, rng: Rng
    ) -> tuple[Array, Array, Array]:
        """Options, reals and log weights of one batch; the networks' own work."""
        from likewise.generators import diffusion_draw as draw
        from likewise.generators import diffusion_net as net

        runtime.start()
        world = self.view.geometry
        options, known, reals, order = given
        width, depth, steps, jumps = self.sizes
        noise = ndtri(_evenly(reals.shape, rng))  # near which margins stay
        held = known[:, world.block] * (options[:, world.block] == world.option) * world.live
        clean = reals * held, held
        weight = np.zeros(len(options))
        if self.options.leaves:
            params = net.filled("options", world, width, depth, self.options)
            uniform = _evenly(known.shape, rng)
            turn = _turns((known > 0) | (world.options.size == 1), order, jumps)
            drawn, weight = draw.draw_options(
                world, params, options, clean, open_options, turn, uniform, turn.max() + 1
            )
            options = np.asarray(drawn)
        if self.reals.leaves:
            params = net.filled("reals", world, width, depth, self.reals)
            found = draw.draw_reals(world, params, options, clean, noise, draw.angles(steps))
            reals = np.asarray(found)
        elif self.view.share:
            reals = noise
        return options, reals, np.asarray(weight)


def _turns(known: Array, order: Array, jumps: int) -> Array:
    """The step in which each block is drawn, by ``order``; -1 where it is known; (B, C) int32."""
    rank = np.where(known, np.inf, order).argsort(axis=1).argsort(axis=1)
    unknown = (~known).sum(axis=1, keepdims=True)
    return np.where(known, -1, rank * jumps // np.maximum(unknown, jumps)).astype(np.int32)


def _evenly(shape: tuple[int, ...], rng: Rng) -> Array:
    """Uniform float32 numbers in (0, 1), in each column one in each of B equal parts; (B, D)."""
    # each is uniform by itself, and the shares of a batch come out closer than by chance
    part = rng.permuted(np.tile(np.arange(shape[0])[:, None], shape[1]), axis=0)
    even = (part + rng.uniform(0.001, 0.999, shape)) / shape[0]
    return np.asarray(even, dtype=np.float32)


def _padded(x: Array, rows: int) -> Array:
    return np.concatenate([x, np.zeros((rows - len(x), *x.shape[1:]), x.dtype)])

"""What ``autoregressive`` learned: rows, conditional rows and densities, block after block.

Shapes: N rows, C blocks, K levels or options of a block.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from likewise.core.artifact import storable
from likewise.encode.layout import NOTHING, Encoded, Evidence
from likewise.generators import mixture
from likewise.generators.column_nets import FARTHEST, SCALES, ColumnNets, Step
from likewise.nn.mixed import Mixed

Array = np.ndarray
Rng = np.random.Generator

ELEMENTS = 2**19  # features of blocks held at once: they stay in the cache
NONE = -1e30  # log of nothing, which is still a number


@storable
@dataclass(frozen=True)
class AutoregressiveLevels:
    """The networks and the order in which they draw.

    Attributes:
        mixed: between levels and options with reals.
        order: (C,) int32, blocks as they are drawn when nothing is known.
        nets: the networks.
        notes: what cut the learning short.
    """

    mixed: Mixed
    order: Array
    nets: ColumnNets
    notes: tuple[str, ...] = ()

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""
        return tuple(map(len, self.mixed.option))

    def exact(self, evidence: Evidence) -> bool:
        """Unless two blocks or more are confined to several values each."""
        return len(self._open(evidence)) < 2

    def draw(
        self, rows: int, rng: Rng, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, Array | None]:
        """Rows given the evidence, which comes first in the order.

        Fixed blocks are read, confined ones drawn among what is allowed, the rest as always.
        Weights, where there are any, are log p(allowed) of each confined block given those before.
        """
        order, known = self._sequence(evidence)
        steps = self.nets.steps(order, known)
        limits = {i: self._limit(i, mask) for i, mask in self._confined(evidence).items()}
        options, reals = self._given(rows, rng, evidence)
        log_weight = np.zeros(rows)
        for part in _chunks(rows, len(order) * self.nets.features):
            x = self._read(order[:known], options[part], reals[part])
            for at, step in enumerate(steps, known):
                limit = limits.get(step.block)
                found = self._draw(step, x, limit, rng)
                options[part, step.block], reals[part, step.block], weight = found
                log_weight[part] += weight
                self._note(x, at, step.block, options[part], reals[part])
        drawn = self._decode(options, reals)
        for i, (codes, detail) in evidence.fixed.items():
            drawn.codes[:, i], drawn.detail[:, i] = codes, detail
        return drawn, None if self.exact(evidence) else log_weight

    def fill(self, rows: Encoded, known: Array, allowed: dict[int, Array], rng: Rng) -> Encoded:
        """The rows with every block drawn that is not known; see ``levels.Filling``.

        In each row what is known comes first, and the rest follows in the usual order.
        """
        blank = np.where(known, rows.codes, 0), np.where(known, rows.detail, 0)
        options, reals = self._given(rows.rows, rng, _all_fixed(Encoded(*blank)))
        limits = {i: self._limit(i, mask) for i, mask in allowed.items() if not mask.all()}
        e, absent = self.nets.features, self.nets.absent.ravel()
        for part in _chunks(rows.rows, len(absent)):
            x = np.tile(absent, (part.stop - part.start, 1))
            for i in self.order.tolist():
                at = np.flatnonzero(known[part, i])
                mine = slice(i * e, (i + 1) * e)
                x[at, mine] = self.nets.read(i, options[part, i][at], reals[part, i][at])
            for i in self.order.tolist():
                at = np.flatnonzero(~known[part, i])
                if not len(at):
                    continue
                drawn, placed, _ = self._draw(self.nets.whole(i), x[at], limits.get(i), rng)
                options[part.start + at, i], reals[part.start + at, i] = drawn, placed
                x[at, i * e : (i + 1) * e] = self.nets.read(i, drawn, placed)
        drawn_rows = self._decode(options, reals)
        codes = np.where(known, rows.codes, drawn_rows.codes)
        detail = np.where(known, rows.detail, drawn_rows.detail)
        return Encoded(np.asfortranarray(codes), np.asfortranarray(detail))

    def log_prob(self, rows: Encoded, given: frozenset[int] = frozenset()) -> Array:
        """Log density of the rows' codes and details given those of some blocks; (N,), in nats.

        A single value that is no option of its own stands in the middle of its interval.
        """
        order = [*sorted(given), *(i for i in self.order.tolist() if i not in given)]
        options, reals, share = self._placed(rows)
        total = np.zeros(rows.rows)
        for part in _chunks(rows.rows, len(order) * self.nets.features):
            x = self._read(order[: len(given)], options[part], reals[part])
            for at, step in enumerate(self.nets.steps(order, len(given)), len(given)):
                i = step.block
                h = self.nets.hidden(step, x)
                logits = self.nets.logits(i, h)
                row = np.arange(len(h))
                total[part] += (logits - _log_sum(logits)[:, None])[row, options[part, i]]
                total[part] += self._log_density(i, h, options[part], reals[part], share[part])
                self._note(x, at, i, options[part], reals[part])
        return total

    def _draw(
        self, step: Step, x: Array, limit: "Limit | None", rng: Rng
    ) -> tuple[Array, Array, Array | float]:
        """Options, reals and log weights of a block given the features of those before."""
        i, real = step.block, int(self.nets.real[step.block])
        h = self.nets.hidden(step, x)
        logits = self.nets.logits(i, h)
        weight: Array | float = 0.0
        if limit is not None:
            before = _log_sum(logits)
            logits = np.where(limit.options, logits, NONE)
            if limit.ends is not None:
                parts = mixture.split(self.nets.mixtures(i, h), SCALES)
                inside = mixture.masses(*parts, *limit.ends).sum(axis=(1, 2))
                logits[:, real] += np.log(np.maximum(inside, mixture.LEAST))
            weight = _log_sum(logits) - before
        mass = np.exp(logits - logits.max(axis=1, keepdims=True))
        options = mixture.pick(mass, rng.random(len(h), dtype=np.float32))
        reals = np.zeros(len(h), dtype=np.float32)
        here = np.flatnonzero(options == real)
        if len(here):
            parts = mixture.split(self.nets.mixtures(i, h[here]), SCALES)
            if limit is None or limit.ends is None:
                reals[here] = np.clip(mixture.draw(*parts, rng), -FARTHEST, FARTHEST)
            else:
                reals[here] = mixture.draw_within(*parts, *limit.ends, rng)
        return options, reals, weight

    def _log_density(self, i: int, h: Array, options: Array, reals: Array, share: Array) -> Array:
        """Log density of details, or log mass of single values, where there is a real; (N,)."""
        found = np.zeros(len(h))
        here = np.flatnonzero(options[:, i] == self.nets.real[i])
        if not len(here):
            return found
        parts = mixture.split(self.nets.mixtures(i, h[here]), SCALES)
        z = reals[here, i].astype(float)
        standard = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
        found[here] = mixture.log_density(*parts, z) - standard + np.log(share[here, i])
        return found

    def _confined(self, evidence: Evidence) -> dict[int, Array]:
        return {
            i: mask
            for i, mask in evidence.allowed.items()
            if i not in evidence.fixed and not mask.all()
        }

    def _open(self, evidence: Evidence) -> list[int]:
        """Confined blocks that are left a choice, or a stretch of values."""
        found = []
        for i, mask in self._confined(evidence).items():
            limit = self._limit(i, mask)
            if limit.options.sum() > 1 or (limit.options[self.nets.real[i]] and self._has_real(i)):
                found.append(i)
        return found

    def _has_real(self, i: int) -> bool:
        return bool(self.nets.real[i] >= 0)

    def _sequence(self, evidence: Evidence) -> tuple[list[int], int]:
        """All blocks in the order of this draw, and how many of them are fixed."""
        order, confined = self.order.tolist(), self._confined(evidence)
        fixed = [i for i in order if i in evidence.fixed]
        choice = self._open(evidence)
        first = [i for i in order if i in confined and i not in choice]
        first += [i for i in order if i in choice]
        rest = [i for i in order if i not in confined and i not in evidence.fixed]
        return [*fixed, *first, *rest], len(fixed)

    def _limit(self, i: int, mask: Array) -> "Limit":
        """What a mask of levels says about options, and about the real of a block."""
        level = self.mixed.level[i]
        options = np.array([bool(mask[one]) if one >= 0 else False for one in level])
        if not self._has_real(i):
            return Limit(options, None)
        r = self.mixed.real_blocks.index(i)
        low, share = self.mixed.low[r], self.mixed.share[r]
        levels = np.flatnonzero(share)
        kept = mask[levels]
        options[self.nets.real[i]] = kept.any()
        if kept.all() or not kept.any():
            return Limit(options, None)
        change = np.diff(np.concatenate([[0], kept.astype(int), [0]]))
        start, stop = np.flatnonzero(change == 1), np.flatnonzero(change == -1) - 1
        ends = low[levels[stop]] + share[levels[stop]]
        below = np.where(start == 0, 0.0, low[levels[start]])
        above = np.where(stop == len(levels) - 1, 1.0, ends)
        return Limit(options, (ndtri(below), ndtri(above)))

    def _given(self, rows: int, rng: Rng, evidence: Evidence) -> tuple[Array, Array]:
        """Options and reals by block, filled where they are fixed; (N, C)."""
        known = Encoded.empty(rows, len(self.order))
        for i, (codes, detail) in evidence.fixed.items():
            known.codes[:, i], known.detail[:, i] = codes, detail
        options = np.zeros((rows, len(self.order)), dtype=np.int32)
        reals = np.zeros((rows, len(self.order)), dtype=np.float32)
        if evidence.fixed:
            found, placed = self.mixed.encode(known, rng)
            options[:] = found[:, : len(self.order)]
            reals[:, self.mixed.real_blocks] = placed[:, : len(self.mixed.real_blocks)]
        return options, reals

    def _placed(self, rows: Encoded) -> tuple[Array, Array, Array]:
        """Options, reals and the width of each level's interval; (N, C) each."""
        single = np.zeros(rows.codes.shape, dtype=bool, order="F")
        for r, i in enumerate(self.mixed.real_blocks):
            single[:, i] = self.mixed.atoms[r][rows.codes[:, i]]
        middle = Encoded(rows.codes, np.where(single, np.float32(0.5), rows.detail))
        options, reals = self._given(rows.rows, np.random.default_rng(0), _all_fixed(middle))
        share = np.ones(rows.codes.shape)
        for r, i in enumerate(self.mixed.real_blocks):
            share[:, i] = np.maximum(self.mixed.share[r][rows.codes[:, i]], 1e-12)
        return options, reals, share

    def _read(self, order: list[int], options: Array, reals: Array) -> Array:
        """Features of known blocks in the order's places, room for the others; (N, C * E)."""
        x = np.empty((len(options), len(self.order) * self.nets.features), dtype=np.float32)
        for at, i in enumerate(order):
            self._note(x, at, i, options, reals)
        return x

    def _note(self, x: Array, at: int, i: int, options: Array, reals: Array) -> None:
        e = self.nets.features
        x[:, at * e : (at + 1) * e] = self.nets.read(i, options[:, i], reals[:, i])

    def _decode(self, options: Array, reals: Array) -> Encoded:
        """Levels and details of options and reals by block."""
        return self.mixed.decode(options, reals[:, self.mixed.real_blocks])


@dataclass(frozen=True)
class Limit:
    """What a block is confined to.

    Attributes:
        options: (K,) bool, those that are left.
        ends: (R,) lower and (R,) upper ends of the intervals left to its real; None: anywhere.
    """

    options: Array
    ends: tuple[Array, Array] | None


def _all_fixed(rows: Encoded) -> Evidence:
    """Every block given as it is in these rows."""
    return Evidence(
        {i: (rows.codes[:, i], rows.detail[:, i]) for i in range(rows.codes.shape[1])}, {}
    )


def _chunks(rows: int, width: int) -> list[slice]:
    size = max(ELEMENTS // max(width, 1), 256)
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


def _log_sum(logits: Array) -> Array:
    """Log of the sum of exponentials; (N, K) -> (N,)."""
    top = logits.max(axis=1)
    return np.asarray(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)))

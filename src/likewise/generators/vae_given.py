"""Rows of the autoencoder that agree with evidence: latents by importance, the rest by decoding.

Latent points are drawn from their density and weighed by how likely the evidence is at each; a row
takes one of them with a chance in proportion (sampling importance resampling), and its free blocks
from the decoder there, confined to what is allowed.

Papers: Rubin, "Using the SIR algorithm to simulate posterior distributions", 1988; Mattei and
Frellsen, "MIWAE", ICML 2019 (importance weights in autoencoders).
Shapes: B rows, P latent points, W options, R reals, M parts of a real's density, I intervals.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logsumexp, ndtr, ndtri

from likewise.encode.layout import Encoded, Evidence
from likewise.generators.draws import draw_codes_by_row
from likewise.nn.blocks import rows_at_once

if TYPE_CHECKING:
    from likewise.generators.vae import VaeLevels

Array = np.ndarray
Rng = np.random.Generator

POINTS = 4_096  # latent points a chunk of rows chooses from, at most
FLOATS = 2**25  # numbers that describe the distributions at them, about
CHUNK, CHUNK_FIXED = 4_096, 512  # rows that share them; fewer where each has its own values
LEAST = 1e-30  # of a probability, against logs of zero
EDGE = 1e-12  # probability kept away from the ends of a normal distribution


@dataclass(frozen=True)
class Confined:
    """What a block may be.

    Attributes:
        options: (O,) bool, its options.
        low: (I,) where the intervals of its real begin, as the decoder knows reals.
        high: (I,) where they end; one interval without ends if the real is free.
    """

    options: Array
    low: Array
    high: Array


def draw(
    levels: "VaeLevels", rows: int, rng: Rng, evidence: Evidence
) -> tuple[Encoded, Array | None]:
    """Rows that agree with ``evidence``; weights where only levels are allowed.

    With fixed values the choice of latent points already weighs them, so the rows need none.
    """
    allowed = {i: mask for i, mask in evidence.allowed.items() if i not in evidence.fixed}
    confined = {i: _confined(levels, i, mask) for i, mask in allowed.items()}
    drawn = Encoded.empty(rows, len(levels.view.level))
    weight = np.zeros(rows)
    points = min(POINTS, rows_at_once(levels.view.geometry.options.width, FLOATS))
    size = min(CHUNK_FIXED if evidence.fixed else CHUNK, points)
    for start in range(0, rows, size):
        here = np.arange(start, min(start + size, rows))
        part = evidence.take(here)
        some, weight[here] = _chunk(levels, len(here), points, rng, part, confined)
        drawn.codes[here], drawn.detail[here] = some.codes, some.detail
    return drawn, None if evidence.fixed else weight


def _chunk(
    levels: "VaeLevels",
    rows: int,
    points: int,
    rng: Rng,
    evidence: Evidence,
    confined: dict[int, Confined],
) -> tuple[Encoded, Array]:
    """Rows from one set of latent points, and the logs of their mean weights."""
    parts = levels.decode(levels.density.draw(points, rng))
    score = np.zeros((1, points))
    for i, one in confined.items():
        options, _ = _tables(levels, parts, i, one)
        score = score + np.log(np.maximum(options.sum(1), LEAST))
    if evidence.fixed:
        score = score + _likelihood(levels, parts, rows, rng, evidence)
    total = logsumexp(score, axis=1, keepdims=True)
    which = np.arange(rows) if evidence.fixed else np.zeros(rows, dtype=np.int64)
    pick = draw_codes_by_row(np.exp(score - total), which, rng.random(rows))
    drawn = _decoded(levels, _at(parts, pick), rng, evidence, confined)
    return drawn, total[which, 0] - np.log(points)


def _likelihood(levels: "VaeLevels", parts: Any, rows: int, rng: Rng, evidence: Evidence) -> Array:
    """Log likelihood of the fixed values of each row at each point; (B, P)."""
    geometry = levels.view.geometry
    known = Encoded.empty(rows, len(levels.view.level))
    for i, (codes, detail) in evidence.fixed.items():
        known.codes[:, i], known.detail[:, i] = codes, detail
    options, reals = levels.view.encode(known, rng)
    reals = levels.raw(reals)
    score = np.zeros((rows, len(parts.logits)))
    for i in evidence.fixed:
        score += parts.logits[:, geometry.options.offset[i] + options[:, i]].T
    for r, i in enumerate(levels.view.real_blocks):
        here = np.flatnonzero(options[:, i] == geometry.option[r])
        if i in evidence.fixed and len(here):
            scale = np.exp(parts.log_scale[:, r])  # (P, M)
            z = (reals[here, r, None, None] - parts.mean[:, r]) / scale
            density = parts.weight[:, r] - parts.log_scale[:, r] - 0.5 * z * z
            score[here] += logsumexp(density, axis=2)
    return score


def _decoded(
    levels: "VaeLevels",
    parts: Any,
    rng: Rng,
    evidence: Evidence,
    confined: dict[int, Confined],
) -> Encoded:
    """A row from the distribution at each point, fixed blocks as they are given."""
    view = levels.view
    rows = len(parts.logits)
    options = np.zeros((rows, view.geometry.options.count), dtype=np.int32)
    reals = np.zeros((rows, view.geometry.reals), dtype=np.float32)
    real = {i: r for r, i in enumerate(view.real_blocks)}
    for i, level in enumerate(view.level):
        if i in evidence.fixed:
            continue
        one = confined.get(i, _anything(len(level)))
        table, cells = _tables(levels, parts, i, one)
        options[:, i] = draw_codes_by_row(table, np.arange(rows), rng.random(rows))
        if i in real:
            reals[:, real[i]] = _real(parts, real[i], one, cells, rng)
    drawn = view.decode(options, levels.corrected(reals))
    for i, (codes, detail) in evidence.fixed.items():
        drawn.codes[:, i], drawn.detail[:, i] = codes, detail
    return drawn


def _tables(levels: "VaeLevels", parts: Any, i: int, one: Confined) -> tuple[Array, Array]:
    """Chances of the options of a block, and of the cells of its real.

    Returns:
        (P, O), zero where not allowed and short of 1 by what is not; and (P, M I), the chance of
        each part of the density and interval, or nothing if the block has no real.
    """
    blocks = levels.view.geometry.options
    first = blocks.offset[i]
    table = np.exp(parts.logits[:, first : first + len(one.options)].astype(float)) * one.options
    if i not in levels.view.real_blocks:
        return table, table[:, :0]
    r = levels.view.real_blocks.index(i)
    below, above = _ends(parts, r, one)
    mass = np.exp(parts.weight[:, r, :, None]) * (above - below)
    cells = mass.reshape(len(mass), -1)
    table[:, -1] *= cells.sum(1)  # continuous is the last option
    return table, cells


def _real(parts: Any, r: int, one: Confined, cells: Array, rng: Rng) -> Array:
    """A real for each row, within the intervals; (P,)."""
    rows = np.arange(len(cells))
    cell = draw_codes_by_row(cells, rows, rng.random(len(rows)))
    part, interval = np.divmod(cell, len(one.low))
    below, above = (end[rows, part, interval] for end in _ends(parts, r, one))
    inside = below + rng.random(len(rows)) * (above - below)
    z = ndtri(np.clip(inside, EDGE, 1 - EDGE))
    value = parts.mean[rows, r, part] + np.exp(parts.log_scale[rows, r, part]) * z
    return np.asarray(np.clip(value, one.low[interval], one.high[interval]))


def _ends(parts: Any, r: int, one: Confined) -> tuple[Array, Array]:
    """Chances below the ends of each interval, for each part of the density; (P, M, I) each."""
    mean, scale = parts.mean[:, r, :, None], np.exp(parts.log_scale[:, r, :, None].astype(float))
    return ndtr((one.low - mean) / scale), ndtr((one.high - mean) / scale)


def _anything(options: int) -> Confined:
    """No restriction."""
    return Confined(np.ones(options, dtype=bool), np.array([-np.inf]), np.array([np.inf]))


def _confined(levels: "VaeLevels", i: int, mask: Array) -> Confined:
    """A block's allowed levels as options and intervals of its real."""
    view = levels.view
    level = view.level[i]
    options = np.where(level >= 0, mask[level], False)
    free = _anything(len(level))
    if i not in view.real_blocks:
        return Confined(options, free.low, free.high)
    r = view.real_blocks.index(i)
    smooth = np.flatnonzero(view.share[r])
    options[-1] = mask[smooth].any()
    kept = np.flatnonzero(np.diff(np.concatenate([[False], mask[smooth], [False]])))
    first, last = kept[::2], kept[1::2] - 1
    if not len(first):
        return Confined(options, free.low, free.high)
    low = view.low[r][smooth[first]]
    high = view.low[r][smooth[last]] + view.share[r][smooth[last]]
    ends = np.zeros((len(first), view.geometry.reals, 2))
    ends[:, r, 0], ends[:, r, 1] = ndtri(low), ndtri(np.minimum(high, 1))
    below, above = (levels.raw(ends[:, :, side])[:, r] for side in (0, 1))
    below[first == 0], above[last == len(smooth) - 1] = -np.inf, np.inf
    return Confined(options, below, above)


def _at(parts: Any, pick: Array) -> Any:
    """The distributions at some points."""
    from likewise.nn.head import Parts

    return Parts(*(np.asarray(x)[pick] for x in vars(parts).values()))

"""Drawing levels: shares, inverse CDF, and positions inside levels; shared by the methods."""

import numpy as np

Array = np.ndarray


def level_shares(codes: Array, size: int) -> Array:
    """Share of rows in each level; (N,) -> (K,); equal shares when there are no rows."""
    counts = np.bincount(codes, minlength=size).astype(float)
    if not counts.sum():
        return np.full(size, 1 / max(size, 1))
    return np.asarray(counts / counts.sum())


def restricted(shares: Array, allowed: Array | None) -> Array:
    """The shares given that the level is allowed; equal shares when none of those has mass."""
    if allowed is None:
        return shares
    mass = shares * allowed
    total = mass.sum()
    return np.asarray(mass / total if total > 0 else allowed / max(allowed.sum(), 1))


def draw_codes(shares: Array, uniform: Array) -> Array:
    """Levels by inverse CDF; (K,) shares and (N,) uniforms to (N,) codes of positive share."""
    cumulative = np.cumsum(shares)
    codes = np.searchsorted(cumulative, uniform * cumulative[-1], side="right")
    return np.asarray(np.minimum(codes, np.flatnonzero(shares)[-1]).astype(np.int32))


def draw_codes_by_row(tables: Array, which: Array, uniform: Array) -> Array:
    """Levels by inverse CDF, each row from its own distribution.

    Args:
        tables: (G, K) shares; rows that sum to zero count as equal shares.
        which: (N,) the distribution each row draws from.
        uniform: (N,) in [0, 1).

    The cumulated distributions are laid end to end, so that one sorted search serves all rows.
    """
    cumulative = np.cumsum(tables, axis=1, dtype=float)
    empty = cumulative[:, -1] <= 0
    if empty.any():
        cumulative[empty] = np.arange(1, tables.shape[1] + 1)
    cumulative /= cumulative[:, -1:]
    cumulative += np.arange(len(tables))[:, None]
    below_one = np.minimum(uniform, 1 - 2.0**-32)  # so that adding ``which`` never rounds up
    place = np.searchsorted(cumulative.ravel(), which + below_one, side="right")
    codes = np.clip(place - which * tables.shape[1], 0, tables.shape[1] - 1)
    return np.asarray(codes.astype(np.int32))


def draw_detail(atoms: Array, rng: np.random.Generator) -> Array:
    """Uniform positions inside levels, 0 in levels without inside; (N,) bool -> (N,) float32."""
    if atoms.all():
        return np.zeros(len(atoms), dtype=np.float32)
    return np.where(atoms, np.float32(0), rng.random(len(atoms), dtype=np.float32))


def merged_levels(counts: Array, ordered: bool, first: int, limit: int, least: float) -> Array:
    """A group for each level, so that no more than ``limit`` groups remain, of ``least`` rows each.

    Neighbouring levels of ordered blocks join until they have enough rows; a level before
    ``first`` (missing) stays alone. Of unordered blocks the frequent levels stay alone and the
    others share one group.

    Returns:
        (K,) int64 group numbers from 0 on, without gaps.
    """
    limit = max(limit, 2)
    if ordered:
        groups = np.zeros(len(counts), dtype=np.int64)
        values = counts[first:].astype(float)
        room = max(limit - first, 1)
        share = max(values.sum() / room, least)
        middle = np.cumsum(values) - values / 2
        top = max(int(values.sum() // share), 1)
        _, groups[first:] = np.unique(
            np.minimum(middle // max(share, 1e-12), top - 1), return_inverse=True
        )
        groups[first:] += first
        return groups
    rank = np.argsort(np.argsort(-counts, kind="stable"), kind="stable")
    alone = (rank < limit - 1) & (counts >= least)
    if alone.sum() >= len(counts) - 1:
        return np.arange(len(counts))
    groups = np.full(len(counts), int(alone.sum()), dtype=np.int64)
    groups[alone] = np.arange(int(alone.sum()))
    return groups

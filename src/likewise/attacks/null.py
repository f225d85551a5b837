"""Could a difference between members and controls be chance? Ask by exchanging the labels.

If the synthetic rows hold nothing about single members, then members and controls are two samples
of the same people as far as the attacker can tell, and who is called what is arbitrary. Every test
here compares the difference that was found with the differences under labels dealt out anew. This
needs no assumption on how synthetic rows depend on each other, which binomial intervals do.

An attack that comes in variants is judged by the variant that stands out most, against the largest
difference over all variants under each dealing, so that trying many of them is paid for.

Papers: Fisher, "The design of experiments", 1935; Westfall and Young, "Resampling-based multiple
testing", 1993.

Shapes: N targets, V variants, B dealings.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import betainc, ndtri

Array = np.ndarray

DEALINGS = 1_999
BLOCK = 250  # dealings at a time


@dataclass(frozen=True)
class Outcome:
    """Differences between members and controls, in standard deviations of chance.

    Attributes:
        z: (V,) each variant; 0 where chance could make no difference at all.
        p: one-sided p-value of the largest.
        p_both: two-sided p-value of the largest in size.
        critical: how large the largest must be to be detected.
        simultaneous: half-width, in standard errors, of intervals that hold for all variants.
    """

    z: Array
    p: float
    p_both: float
    critical: float
    simultaneous: float

    @property
    def best(self) -> int:
        """The variant that stands out most."""
        return int(self.z.argmax())


@dataclass(frozen=True)
class Labels:
    """Who is a member, and the same number of members dealt out at random, many times.

    Attributes:
        member: (N,) bool.
        dealt: (B, N) bool.
    """

    member: Array
    dealt: Array

    @classmethod
    def of(cls, member: Array, rng: np.random.Generator) -> "Labels":
        """The given labels, and dealings of them."""
        return cls(member, rng.permuted(np.tile(member, (DEALINGS, 1)), axis=1))

    def test(self, weights: Array, level: float) -> Outcome:
        """The test of V sums of weights over members, (V, N); a larger sum is a leak."""
        heavy = np.ascontiguousarray(weights.T, dtype=np.float32)  # (N, V)
        heavy -= heavy.mean(axis=0)
        starts = range(0, len(self.dealt), BLOCK)
        sums = [self.dealt[i : i + BLOCK].astype(np.float32) @ heavy for i in starts]
        return outcome(self.member.astype(np.float32) @ heavy, np.concatenate(sums), level)

    def test_shares(self, hits: Array, inside: Array, level: float) -> Outcome:
        """The test of V shares of members, each of a part of the N: more hits are a leak.

        ``hits`` and ``inside``, (V, N) bool, tell who is hit and who is in the part at all. Each
        dealing counts by its binomial chance, because few hits are far from normal.
        """
        found = _rarity(self.member[None], hits, inside)
        starts = range(0, len(self.dealt), BLOCK)
        dealt = [_rarity(self.dealt[i : i + BLOCK], hits, inside) for i in starts]
        return outcome(found[0], np.concatenate(dealt), level)


def _rarity(side: Array, hits: Array, inside: Array) -> Array:
    """How unlikely so many hits (V, N) are on sides (B, N), as normal deviates; (B, V)."""
    sides = side.astype(np.float32)
    found, of_part = (sides @ which.T.astype(np.float32) for which in (hits, inside))
    every, size = hits.sum(axis=1), np.maximum(inside.sum(axis=1), 1)
    share = np.clip(of_part / size, 1e-9, 1 - 1e-9)

    def at_least(count: Array) -> Array:
        chance = betainc(np.maximum(count, 0.5), np.maximum(every - count + 1, 0.5), share)
        return np.where(count <= 0, 1.0, np.where(count > every, 0.0, chance))

    middle = (at_least(found.astype(np.float64)) + at_least(found + 1.0)) / 2
    return np.asarray(-ndtri(np.clip(middle, 1e-300, 1 - 1e-16)))


def outcome(found: Array, dealt: Array, level: float) -> Outcome:
    """Compare statistics (V,) with those under other labels (B, V); ``level`` in (0, 1)."""
    middle, spread = dealt.mean(axis=0), dealt.std(axis=0)
    moves = spread > 1e-6 * max(float(np.abs(dealt).max(initial=0)), 1e-30)
    scale = np.where(moves, spread, 1)
    z = np.where(moves, (found - middle) / scale, 0.0).astype(np.float64)
    chance = np.where(moves, (dealt - middle) / scale, 0.0)
    top, size = chance.max(axis=1), np.abs(chance).max(axis=1)
    tiny = 1e-5  # so that equal sums, added in another order, count as equal
    more = len(dealt) + 1
    return Outcome(
        z,
        p=(1 + int((top >= z.max() - tiny).sum())) / more,
        p_both=(1 + int((size >= np.abs(z).max() - tiny).sum())) / more,
        critical=max(float(np.quantile(top, 1 - level)), NormalDist().inv_cdf(1 - level)),
        simultaneous=max(float(np.quantile(size, 0.95)), NormalDist().inv_cdf(0.975)),
    )

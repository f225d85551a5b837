"""Candidates, and which of them become rows: rejection, choice by weight, bounded effort."""

import math
from dataclasses import dataclass

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.predicate import Predicate
from likewise.data.table import Table, concat
from likewise.encode.codec import TableCodec
from likewise.encode.layout import NOTHING, Encoded, Evidence
from likewise.generators.levels import Levels

Array = np.ndarray
Rng = np.random.Generator

CANDIDATES = 100_000  # drawn in any case before a condition is called too rare
CANDIDATES_PER_ROW = 200
ROUND_ROWS = 65_536  # candidates held at once
SUPPORT = 32  # weighted candidates from which one row is chosen
FREQUENT = 0.02  # share of rows above which plain rejection beats weighting


@dataclass(frozen=True)
class Effort:
    """What it took to draw some rows.

    Attributes:
        rows: rows drawn.
        candidates: rows looked at for them.
        effective: mean number of equally weighted candidates that each row was chosen among;
            None where no weights were needed.
    """

    rows: int
    candidates: int
    effective: float | None = None

    def __add__(self, other: "Effort") -> "Effort":
        rows, candidates = self.rows + other.rows, self.candidates + other.candidates
        parts = [e for e in (self, other) if e.effective is not None and e.rows]
        if not parts:
            return Effort(rows, candidates)
        weights = [part.rows for part in parts]
        effective = float(np.average([part.effective or 0 for part in parts], weights=weights))
        return Effort(rows, candidates, effective)

    def sentence(self) -> str:
        """For people: how the rows came about."""
        if self.effective is not None:
            return (
                f"each row chosen by weight among {SUPPORT} candidates, worth "
                f"{self.effective:.1f} independent ones; {self.candidates:,} candidates in all"
            )
        if self.candidates > self.rows:
            share = self.rows / self.candidates
            return f"{share:.2%} of {self.candidates:,} candidates met the condition"
        return "drawn from the conditional distribution"


class Rounds:
    """Draws candidates and keeps those that meet the condition until every row has one."""

    def __init__(
        self,
        levels: Levels,
        codec: TableCodec,
        *,
        predicate: Predicate | None,
        known: Table | None,
        evidence: Evidence,
        count: int,
    ) -> None:
        self.levels, self.codec, self.predicate = levels, codec, predicate
        self.known, self.evidence, self.count = known, evidence, count
        self.pending = np.arange(count)
        self.tried = 0
        self.effective: list[float] = []
        self.kept: list[tuple[Array, Encoded, Table]] = []
        self.exact = levels.exact(evidence)
        # without given values, plain rejection is exact, and cheap unless the condition is rare
        self.plain = not self.exact and not evidence.fixed

    @property
    def effort(self) -> Effort:
        """What the rows took so far."""
        effective = float(np.mean(self.effective)) if self.effective else None
        return Effort(self.count, max(self.tried, self.count), effective)

    def run(self, rng: Rng, seed: Seed) -> tuple[Encoded, Table]:
        """All rows in order, as levels and as values."""
        self._round(self.pending, rng, seed)
        while len(self.pending):
            self._give_up_if_hopeless()
            if self.plain and self._rate < FREQUENT:
                self.plain = False
            self._round(self.pending, rng, seed)
        rows = np.concatenate([rows for rows, _, _ in self.kept])
        order = np.argsort(rows, kind="stable")
        codes = np.concatenate([part.codes for _, part, _ in self.kept])
        detail = np.concatenate([part.detail for _, part, _ in self.kept])
        return Encoded(codes, detail).take(order), concat([t for _, _, t in self.kept]).take(order)

    @property
    def _done(self) -> int:
        return self.count - len(self.pending)

    @property
    def _rate(self) -> float:
        """Share of candidates that become rows, as if one more had been tried and had."""
        return (self._done + 1) / (self.tried + 1)

    def _round(self, pending: Array, rng: Rng, seed: Seed) -> None:
        """Draw candidates for some pending rows and keep the ones that do."""
        weighted = not self.exact and not self.plain
        repeat = SUPPORT if weighted else 1
        if not weighted and self.tried:
            repeat = math.ceil(min(1.1 / self._rate, ROUND_ROWS))
        owners = np.repeat(pending[: max(ROUND_ROWS // repeat, 1)], repeat)
        evidence = NOTHING if self.plain else self.evidence.take(owners)
        drawn, weights = self.levels.draw(len(owners), rng, evidence)
        self.tried += len(owners)
        alive = np.flatnonzero(self._agrees(drawn))
        if weights is not None:
            alive = alive[np.isfinite(weights[alive])]
        drawn, owners = drawn.take(alive), owners[alive]
        table = self.codec.decode(drawn, rng, start=0, seed=seed)
        if self.known is not None:
            table = self.codec.restore(table, self.known.take(owners))
        if self.predicate is not None:
            met = np.flatnonzero(self.predicate.mask(table))
            drawn, owners, table, alive = drawn.take(met), owners[met], table.take(met), alive[met]
        if weights is not None:
            picked = self._by_weight(owners, weights[alive], rng)
        elif self.evidence.fixed:
            _, picked = np.unique(owners, return_index=True)
        else:  # candidates are as good for one row as for another
            picked = np.arange(min(len(owners), len(pending)))
            owners = pending[: len(picked)]
        rows = owners[picked]
        self.kept.append((rows, drawn.take(picked), table.take(picked)))
        self.pending = np.setdiff1d(self.pending, rows, assume_unique=True)

    def _agrees(self, drawn: Encoded) -> Array:
        """Candidates inside the allowed levels, found before they are decoded; (n,) bool."""
        agrees = np.ones(drawn.rows, dtype=bool)
        for i, mask in self.evidence.allowed.items():
            agrees &= mask[drawn.codes[:, i]]
        return agrees

    def _by_weight(self, owners: Array, weights: Array, rng: Rng) -> Array:
        """One candidate for each owner, with chances in proportion to the weights.

        Paper: Rubin, "Using the SIR algorithm to simulate posterior distributions", 1988.
        """
        lottery = weights + rng.gumbel(size=len(weights))  # the largest wins: Gumbel-max
        order = np.lexsort((-lottery, owners))
        _, first = np.unique(owners[order], return_index=True)
        if len(owners):
            _, group = np.unique(owners, return_inverse=True)
            top = np.full(len(first), -np.inf)
            np.maximum.at(top, group, weights)
            mass = np.exp(weights - top[group])
            total, square = np.bincount(group, mass), np.bincount(group, mass**2)
            self.effective.append(float((total**2 / square).mean()))
        return np.asarray(order[first])

    def _give_up_if_hopeless(self) -> None:
        """Stop where the candidates that are still needed would exceed the bound."""
        bound = CANDIDATES + CANDIDATES_PER_ROW * self.count
        likely = (self._done + 3) / max(self.tried, 1)  # three more than seen: an upper guess
        needed = self.tried + len(self.pending) / likely
        if self.tried < CANDIDATES or (needed <= bound and self.tried < bound):
            return
        where = place(self.predicate)
        found = f"{self._done:,} of {self.tried:,} candidate rows met it, {self.count:,} are needed"
        hint = "Loosen the condition or ask for fewer rows"
        if not self.exact:
            hint += "; or fit with --generator bayesnet, which draws from rare conditions exactly"
        raise DataError(where, found, hint)


def place(predicate: Predicate | None) -> str:
    """How error messages name the condition."""
    return f"condition {predicate.text!r}" if predicate is not None else "given columns"

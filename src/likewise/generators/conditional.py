"""Drawing rows that meet a condition: given columns, a predicate, or both; never an endless loop.

A method draws rows given evidence about levels, exactly or with weights. What evidence cannot say
(the inside of a level, an ``or`` over two columns) is decided by looking at the decoded rows, and
rows that fail are drawn again. Rounds and candidates are bounded.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from likewise.core.errors import ConfigError, DataError
from likewise.core.seeds import Seed
from likewise.data.predicate import Predicate, parse
from likewise.data.schema import Kind, Schema
from likewise.data.table import Table, concat
from likewise.encode.codec import TableCodec
from likewise.encode.layout import NOTHING, Encoded, Evidence

if TYPE_CHECKING:
    from likewise.generators.tabular import Levels

Array = np.ndarray
Rng = np.random.Generator
Tell = Callable[[str], None]

CANDIDATES = 100_000  # drawn in any case before a condition is called too rare
CANDIDATES_PER_ROW = 200
ROUND_ROWS = 65_536  # candidates held at once
SUPPORT = 32  # weighted candidates from which one row is chosen
FREQUENT = 0.02  # share of rows above which plain rejection beats weighting


@dataclass(frozen=True)
class Condition:
    """What the rows to be drawn must satisfy.

    Attributes:
        given: columns that are fixed: one row for each row drawn, or one row for all; or None.
        predicate: what must hold in every row; or None.
        allowed: block position -> (K,) bool, levels outside which no row meets the predicate.
    """

    given: Table | None
    predicate: Predicate | None
    allowed: dict[int, Array]

    def known(self, start: int, count: int) -> Table | None:
        """The given columns of ``count`` rows from ``start`` on."""
        if self.given is None or self.given.rows != 1:
            return None if self.given is None else self.given.slice(start, count)
        return self.given.take(np.zeros(count, dtype=np.int64))


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


def prepare(
    codec: TableCodec, rows: int, given: Table | None, where: str | None
) -> Condition | None:
    """Check what is asked against the model; None when nothing is.

    Raises:
        ConfigError: rows of ``given`` that do not match, an unknown column, a malformed or
            impossible predicate.
        DataError: a given column of another kind than in the model.
    """
    predicate = None if where is None or not where.strip() else parse(where, codec.schema)
    if given is not None:
        _check_given(codec.schema, rows, given)
    if given is None and predicate is None:
        return None
    fixed = frozenset(given.names if given is not None else ())
    allowed: dict[int, Array] = {}
    if predicate is not None:
        _check_learned(codec, predicate, fixed)
        allowed = predicate.allowed(codec)
        for block, mask in allowed.items():
            if not mask.any():
                found = f"no row can meet it: column {codec.layout.blocks[block].column!r} has no"
                hint = "See likewise inspect for what the columns hold"
                raise ConfigError(_place(predicate), f"{found} such value in the model", hint)
        decided = given is not None and predicate.columns <= fixed
        if given is not None and decided and not predicate.mask(given).all():
            hint = "Remove those rows, or the condition"
            raise ConfigError(_place(predicate), "some given rows contradict it", hint)
    return Condition(given, predicate, allowed)


def draw(
    levels: "Levels",
    codec: TableCodec,
    condition: Condition | None,
    *,
    start: int,
    count: int,
    rng: Rng,
    seed: Seed,
) -> tuple[Table, Effort]:
    """``count`` rows from position ``start`` on that meet the condition, and what they took.

    Raises:
        DataError: the condition is too rare for this method, or a given label is not in the model.
    """
    if condition is None:
        drawn, _ = levels.draw(count, rng)
        return codec.decode(drawn, rng, start=start, seed=seed), Effort(count, count)
    known = condition.known(start, count)
    fixed = {} if known is None else codec.encode_given(known).fixed
    allowed = {i: mask for i, mask in condition.allowed.items() if i not in fixed}
    evidence = Evidence(fixed, allowed)
    rounds = _Rounds(
        levels,
        codec,
        predicate=condition.predicate,
        known=known,
        evidence=evidence,
        count=count,
    )
    rows, table = rounds.run(rng, seed)
    learned = [name for name in codec.schema.names if codec.layout.of(name)]
    final = codec.decode(rows, rng, start=start, seed=seed)  # numbers the keys in order
    final = codec.restore(final, table.select(learned))
    return (final if known is None else codec.restore(final, known)), rounds.effort


class _Rounds:
    """Draws candidates and keeps those that meet the condition until every row has one."""

    def __init__(
        self,
        levels: "Levels",
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
        where = _place(self.predicate)
        found = f"{self._done:,} of {self.tried:,} candidate rows met it, {self.count:,} are needed"
        hint = "Loosen the condition or ask for fewer rows"
        if not self.exact:
            hint += "; or fit with --generator bayesnet, which draws from rare conditions exactly"
        raise DataError(where, found, hint)


def _check_given(schema: Schema, rows: int, given: Table) -> None:
    for column in given.schema.columns:
        if schema[column.name].kind is not column.kind:
            found = f"{column.kind} in the given table, {schema[column.name].kind} in the model"
            hint = "Read the given table with the model's schema"
            raise DataError(f"column {column.name!r}", found, hint)
    if given.rows not in (1, rows):
        hint = "Give one row for each row to sample, or a single row for all"
        raise ConfigError("given", f"{given.rows:,} rows for {rows:,} rows to sample", hint)


def _check_learned(codec: TableCodec, predicate: Predicate, fixed: frozenset[str]) -> None:
    free = sorted(predicate.columns - fixed)
    for name in free:
        if codec.schema[name].kind is Kind.KEY:
            hint = "Put the condition on another column"
            raise ConfigError(_place(predicate), f"column {name!r} is a key, made anew", hint)
    if fixed or any(codec.layout.of(name) for name in free):
        return
    empty = Encoded.empty(1, codec.layout.width)  # only constants: one row shows them all
    if not predicate.mask(codec.decode(empty, Seed(0).stream(), seed=Seed(0))).all():
        hint = "See likewise inspect for what the columns hold"
        raise ConfigError(_place(predicate), "no row can meet it", hint)


def _place(predicate: Predicate | None) -> str:
    return f"condition {predicate.text!r}" if predicate is not None else "given columns"

"""Drawing rows that meet a condition: given columns, a predicate, or both; never an endless loop.

A method draws rows given evidence about levels, exactly or with weights. What evidence cannot say
(the inside of a level, an ``or`` over two columns) is decided by looking at the decoded rows, and
rows that fail are drawn again. Rounds and candidates are bounded.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from likewise.core.errors import ConfigError, DataError
from likewise.core.seeds import Seed
from likewise.data.predicate import Predicate, parse
from likewise.data.schema import Kind, Schema
from likewise.data.table import Table
from likewise.encode.codec import TableCodec
from likewise.encode.layout import Encoded, Evidence
from likewise.generators.levels import Levels
from likewise.generators.rejection import Effort, Rounds, place

Array = np.ndarray
Rng = np.random.Generator
Tell = Callable[[str], None]


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
                raise ConfigError(place(predicate), f"{found} such value in the model", hint)
        decided = given is not None and predicate.columns <= fixed
        if given is not None and decided and not predicate.mask(given).all():
            found = "some of the values that are given or balanced contradict it"
            hint = "Give or balance other values, or change the condition"
            raise ConfigError(place(predicate), found, hint)
    return Condition(given, predicate, allowed)


def draw(
    levels: Levels,
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
    rounds = Rounds(
        levels,
        codec,
        predicate=condition.predicate,
        known=known,
        evidence=evidence,
        count=count,
    )
    rows, table = rounds.run(rng, seed)
    learned = list(dict.fromkeys(block.column for block in codec.layout.blocks))
    final = codec.decode(rows, rng, start=start, seed=seed)  # numbers the keys in order
    final = codec.restore(final, table.select(learned))
    return (final if known is None else codec.restore(final, known)), rounds.effort


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
            raise ConfigError(place(predicate), f"column {name!r} is a key, made anew", hint)
    if fixed or any(codec.layout.of(name) for name in free):
        return
    empty = Encoded.empty(1, codec.layout.width)  # only constants: one row shows them all
    if not predicate.mask(codec.decode(empty, Seed(0).stream(), seed=Seed(0))).all():
        hint = "See likewise inspect for what the columns hold"
        raise ConfigError(place(predicate), "no row can meet it", hint)

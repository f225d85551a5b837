"""How near synthetic rows come to training rows, beside how near fresh real rows come.

These are smoke tests for copying, not measures of privacy: means hide single leaked rows (Ganev
and De Cristofaro, "The inadequacy of similarity-based privacy metrics", 2023).
"""

from collections.abc import Sequence

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.intervals import wilson, wilson_of_clusters
from likewise.metrics.learners import some_columns, some_rows
from likewise.metrics.points import Points, embedded, nearest
from likewise.metrics.score import SEED, Score
from likewise.metrics.views import Array, codes, identifying, is_number, measured, values

QUERIES, TRAIN = 5_000, 20_000  # rows compared: synthetic or fresh ones, with training ones
FEWEST = 50
NEAR = 0.01  # quantile of the fresh rows' distances that counts as near
PERMUTATIONS = 400
NAMING = 20_000  # rows that tell whether a column names a row


def exact_copies(real: Table, synth: Table, *, holdout: Table, seed: Seed = SEED) -> Score:
    """Share of synthetic rows that equal a training row in all columns; in [0, 1].

    The floor is the share of fresh real rows that do. Columns that name a row, which are made anew
    (keys, and texts that are mostly distinct), are left out where there are others. All rows are
    compared.

    Raises:
        DataError: the table has only keys.
    """
    given = identifying(some_rows(real, NAMING, seed.stream("identifying")))
    names = [name for name in measured(real.schema) if name not in given]
    names = names or list(measured(real.schema))
    if not names:
        raise DataError("exact_copies", "only keys", "Compare tables with other columns")
    known, synthetic, fresh = _digests([real, synth, holdout], names)
    known = np.unique(known)
    hits = [int(np.isin(rows, known).sum()) for rows in (synthetic, fresh)]
    return Score(
        "exact_copies",
        hits[0] / synth.rows,
        wilson(hits[0], synth.rows),
        hits[1] / holdout.rows,
        wilson(hits[1], holdout.rows),
        better="target",
        note=f"{synth.rows:,} synthetic and {holdout.rows:,} fresh real rows, "
        f"{real.rows:,} training rows, {len(names)} columns",
    )


def near_copies(
    real: Table,
    synth: Table,
    *,
    holdout: Table,
    seed: Seed = SEED,
    queries: int = QUERIES,
    train: int = TRAIN,
) -> Score:
    """Share of synthetic rows as near to a training row as the nearest 1 % of fresh real rows.

    In [0, 1]; 0.01 is fair, and more where many fresh rows lie at the very same distance. The
    distance is Euclidean over ranks of numbers (0 to 1) and mismatches of labels and of missing
    values (1 each). Intervals take the rows as independent.

    Cost: about 0.5 s for 5,000 + 5,000 queries among 20,000 training rows of 15 columns.

    Raises:
        DataError: fewer than 50 rows in a table, or only keys.
    """
    parts = _parts("near_copies", [real, synth, holdout], [train, queries, queries], seed)
    known, synthetic, fresh = embedded(parts)
    fair, found = nearest(fresh, known)[0], nearest(synthetic, known)[0]
    limit = np.quantile(fair, NEAR, method="inverted_cdf")
    hits, expected = int((found <= limit).sum()), int((fair <= limit).sum())
    return Score(
        "near_copies",
        hits / len(found),
        wilson(hits, len(found)),
        expected / len(fair),
        wilson(expected, len(fair)),
        better="target",
        note=_note(parts),
    )


def dcr_share(
    real: Table,
    synth: Table,
    *,
    holdout: Table,
    seed: Seed = SEED,
    queries: int = QUERIES,
    train: int = TRAIN,
) -> Score:
    """Share of synthetic rows nearer to a training than to a fresh real row; 0.5 is fair.

    As many training as fresh rows are used; rows equally near to both count a half. All synthetic
    rows share one split, so a binomial interval would be too narrow: the score's takes the rows
    that share a nearest one as a cluster, the floor's permutes who is training and who is fresh.
    Rows that the generator has seen cannot play the fresh ones: between two halves of its own
    training rows even a perfect copier scores 0.5.

    Raises:
        DataError: fewer than 50 rows in a table, or only keys.
    """
    side = min(train, real.rows, holdout.rows)
    parts = _parts("dcr_share", [real, synth, holdout], [side, queries, side], seed)
    known, synthetic, fresh = embedded(parts)
    pool = Points(*(np.concatenate([getattr(p, f) for p in (known, fresh)]) for f in _FIELDS))
    digest = _digests([parts[0], parts[2]], parts[0].names)
    _, first, twin = np.unique(np.concatenate(digest), return_index=True, return_inverse=True)
    at = nearest(synthetic, Points(pool.dense[first], pool.coded[first]))[1]
    training = np.repeat([True, False], side)
    value = _share(training, twin, at)
    rng = seed.stream("dcr_share", "null")
    null = [_share(rng.permutation(training), twin, at) for _ in range(PERMUTATIONS)]
    low, high = np.quantile(null, [0.025, 0.975])
    return Score(
        "dcr_share",
        value,
        wilson_of_clusters(value, np.unique(at, return_counts=True)[1]),
        0.5,
        (float(low), float(high)),
        better="target",
        note=f"{_note(parts)}; floor's interval from {PERMUTATIONS} permutations",
    )


_FIELDS = ("dense", "coded")


def _share(training: Array, twin: Array, at: Array) -> float:
    """Mean over queries of 1, 0 or ½ as their nearest row is training, fresh or both."""
    rows = at.max() + 1 if len(at) else 0
    size = max(int(twin.max()) + 1, int(rows))
    has_training = np.bincount(twin, weights=training, minlength=size) > 0
    has_fresh = np.bincount(twin, weights=~training, minlength=size) > 0
    return float((0.5 + 0.5 * has_training - 0.5 * has_fresh)[at].mean())


def _parts(who: str, tables: list[Table], counts: list[int], seed: Seed) -> list[Table]:
    """Samples of the tables' comparable columns."""
    rng = seed.stream("proximity")
    names = some_columns(measured(tables[0].schema), rng)
    if not names or min(table.rows for table in tables) < FEWEST:
        found = "only keys" if not names else f"a table has fewer than {FEWEST} rows"
        raise DataError(who, found, "Compare larger tables")
    return [
        some_rows(table.select(names), count, rng)
        for table, count in zip(tables, counts, strict=True)
    ]


def _digests(tables: Sequence[Table], names: Sequence[str]) -> list[Array]:
    """A 64-bit number per row, equal for rows that are equal in the named columns; (N_i,) each.

    Odd random weights make rows that differ collide with chance 2**-63 or so a pair.
    """
    rng = np.random.default_rng(0)  # fixed: which weights are used does not matter
    sums: list[Array] = [np.zeros(table.rows, dtype=np.uint64) for table in tables]
    for name in names:
        weight = rng.integers(0, 2**63, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        kind = tables[0].schema[name].kind
        if is_number(kind) and kind is not Kind.TEXT:
            parts = [values(table, name).view(np.uint64) for table in tables]
        else:
            parts = [code.view(np.uint64) for code in codes(tables, name)[0]]
        sums = [total + _mixed(part) * weight for total, part in zip(sums, parts, strict=True)]
    return [_mixed(total) for total in sums]


def _mixed(x: Array) -> Array:
    """Spread 64-bit numbers over their range, one to one (the finaliser of SplitMix64)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def _note(parts: Sequence[Table]) -> str:
    known, synthetic, fresh = (part.rows for part in parts)
    return (
        f"{synthetic:,} synthetic and {fresh:,} fresh real rows, {known:,} training rows, "
        f"{len(parts[0].names)} columns"
    )

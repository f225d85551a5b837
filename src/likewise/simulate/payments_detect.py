"""How hard it is to find the labelled transactions: by one column, and by boosted trees.

Cost: some seconds for 10^6 transactions; of more, the first million are taken.
"""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from likewise.simulate.columns import numbers
from likewise.simulate.payments_hour import STATE, TRACED, trace
from likewise.simulate.payments_tables import DAY, ids_of, kinds_of, seconds_of

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

Array = np.ndarray
MOST = 1_000_000  # transactions that are looked at
MOST_ROWS = 200_000  # ordinary transactions of which columns are looked at
NEGATIVES = 40_000  # ordinary transactions that a detector learns from
BINS = 100  # of a single column
HALVES = 81_321  # seed of the halves on which columns are tried
TRUTH = ("is_fraud", "typology", "pattern_id", "transaction_id")
MONEY = ("from_before", "from_after", "to_before", "to_after")


def column_auc(table: pa.Table, bad: Array) -> dict[str, float]:
    """How well each column alone tells labelled rows; AUC by name, from 0.5 on.

    Of a number the better of its order and of the share of labelled rows in each of 100 quantiles,
    learned on one half of the rows and tried on the other; of a label that share. Of more than
    200,000 ordinary rows some are left out. Simple transforms count as columns: hour, day of the
    week, cents, first digit.
    """
    others = np.flatnonzero(~bad)
    rows = np.sort(np.concatenate([np.flatnonzero(bad), others[:: len(others) // MOST_ROWS + 1]]))
    table, bad = table.take(pa.array(rows)), bad[rows]
    half = np.random.default_rng(HALVES).random(len(bad)) < 0.5
    found = {}
    for name, values in _columns(table).items():
        codes = values if values.dtype.kind in "iu" and len(np.unique(values)) <= BINS else None
        ordered = 0.5 if codes is not None else auc(values, bad)
        if codes is None:
            edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
            codes = np.searchsorted(edges, values)
        codes = np.unique(codes, return_inverse=True)[1]
        shares = []
        for learn in (half, ~half):
            size = int(codes.max()) + 1
            bad_in = np.bincount(codes[learn], bad[learn], size)
            rate = (bad_in + bad.mean()) / (np.bincount(codes[learn], minlength=size) + 1)
            shares.append(auc(rate[codes[~learn]], bad[~learn]))
        found[name] = max(ordered, 1 - ordered, float(np.mean(shares)), 0.5)
    return found


def _columns(table: pa.Table) -> dict[str, Array]:
    """Columns and simple transforms of them, as numbers; missing ones are -1."""
    found = {}
    for name in table.column_names:
        kind = table.schema.field(name).type
        if name in TRUTH:
            continue
        if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
            texts = table[name].cast(pa.string()).combine_chunks().dictionary_encode()
            found[name] = texts.indices.fill_null(-1).to_numpy().astype(np.int64)
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
            found[name] = np.nan_to_num(table[name].to_numpy().astype(float), nan=-1.0)
    if "time" in found:
        found["hour"] = (found["time"] // 3600 % 24).astype(np.int64)
        found["weekday"] = (found["time"] // DAY % 7).astype(np.int64)
    if "amount" in found:
        cents = np.maximum(np.round(100 * found["amount"]), 1)
        found["cents"] = (cents % 100).astype(np.int64)
        found["first_digit"] = np.floor(10 ** (np.log10(cents) % 1) + 1e-9).astype(np.int64)
    return found


def auc(score: Array, bad: Array) -> float:
    """Chance that a labelled row has the higher score; ties count half. Cost: a sort."""
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    edge = np.concatenate([[True], ranked[1:] != ranked[:-1]])
    place = np.cumsum(edge) - 1
    start = np.flatnonzero(edge)
    middle = (start + np.append(start[1:], len(score)) + 1) / 2  # mean rank of equal scores
    ranks = middle[place]
    yes = int(bad.sum())
    above = ranks[bad[order]].sum() - yes * (yes + 1) / 2
    return float(above / (yes * (len(bad) - yes)))


def features(table: pa.Table) -> tuple[Array, tuple[str, ...]]:
    """What a detector sees of each transaction, in order of time; (N, F), and its names.

    The transaction itself; what both accounts did in the days before (``trace``); whether the
    sender ever sent money there; and how active both accounts are in all.
    """
    time, kind, amount = seconds_of(table), kinds_of(table), numbers(table, "amount")
    assert time is not None
    a, b = 1 + ids_of(table, "from_id", "to_id")  # 0 for all that are missing
    size = 1 + max(int(a.max()), int(b.max()))
    traced = np.empty((len(time), TRACED))
    typical = amount[kind == 0].mean() if (kind == 0).any() else amount.mean()
    state = np.zeros((size, STATE))
    trace(time, a, b, kind, amount, 0.1 * typical, state, traced)
    pair = a * size + b
    first = np.zeros(len(pair))
    first[np.unique(pair, return_index=True)[1]] = 1.0
    day, clock = time // DAY % 7, time % DAY / 3600
    rows = [amount, kind, day, clock, first]
    names = ["amount", "type", "weekday", "clock", "first_time"]
    if set(MONEY) <= set(table.column_names):
        money = [numbers(table, name) for name in MONEY]
        rows += [*money, amount / np.maximum(np.abs(money[0]), 0.01)]
        names += [*MONEY, "share_of_balance"]
    for side, who in (("from", a), ("to", b)):
        for way, ends_of in (("out", a), ("in", b)):
            rows.append(np.bincount(ends_of, minlength=size)[who])
            names.append(f"{side}_{way}_count")
    kept = [f"recent_{i}" for i in range(TRACED)]
    return np.column_stack([*rows, traced]), (*names, *kept)


def detector(x: Array, bad: Array, seed: int = 0) -> "HistGradientBoostingClassifier":
    """Boosted trees on ``features`` (N, F), from all labelled rows and at most 40,000 others.

    Their scores are good for ranking, not as probabilities.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(seed)
    others = np.flatnonzero(~bad)
    few = rng.permutation(others)[:NEGATIVES]
    rows = np.sort(np.concatenate([np.flatnonzero(bad), few]))
    trees = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.08, max_leaf_nodes=15, min_samples_leaf=30,
        l2_regularization=5.0, early_stopping=False, random_state=seed,
    )  # fmt: skip
    return trees.fit(x[rows], bad[rows])


def detector_score(table: pa.Table, bad: Array) -> dict[str, float]:
    """Average precision of boosted trees on the last two fifths of rows, learned on the others.

    Nothing where a column is missing that they need, or one part has fewer than 20 labelled rows.
    """
    needed = {"time", "from_id", "to_id", "amount", "type"}
    if not needed <= set(table.column_names) or not pa.types.is_integer(table["time"].type):
        return {}
    table, bad = table.slice(0, MOST), bad[:MOST]
    cut = len(bad) * 3 // 5
    if min(bad[:cut].sum(), bad[cut:].sum()) < 20:
        return {}
    x = features(table)[0]
    trees = detector(x[:cut], bad[:cut])
    return {"detector_pr_auc": average_precision(trees.predict_proba(x[cut:])[:, 1], bad[cut:])}


def average_precision(score: Array, bad: Array) -> float:
    """Area under precision over recall; the share of labelled rows is what chance gives."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(bad, score))

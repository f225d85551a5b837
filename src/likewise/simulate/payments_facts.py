"""Facts of payments: what is measured on transactions, real or simulated, and where it has to lie.

Papers: Nigrini, "Benford's Law", 2012 (mean absolute deviation); Clauset, Shalizi and Newman,
"Power-law distributions in empirical data", SIAM Review 2009 (tail exponents).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.simulate.columns import flags, having, numbers
from likewise.simulate.dynamics import Data
from likewise.simulate.facts import Band
from likewise.simulate.payments_detect import column_auc, detector_score
from likewise.simulate.payments_graph import graph_facts
from likewise.simulate.payments_tables import (
    DAY,
    INCOME,
    PAYMENT,
    TRANSFER,
    ids_of,
    kinds_of,
    seconds_of,
)

if TYPE_CHECKING:
    from likewise.simulate.payments import Payments

Array = np.ndarray
FEWEST = 200  # transactions
FEWEST_TIMES = 20_000  # below, profiles vary by chance more than their bands are wide
FEWEST_BAD = 100  # labelled rows, asked for or there
OURS = "our choice: neither trivial nor hopeless"
BANDS: Mapping[str, Band] = {
    "fraud_share": Band("share of transactions that are labelled"),
    "fraud_as_asked": Band("that share over the one asked for", 0.85, 1.15, "the setting"),
    "hours_off": Band("hours, incomes apart: total variation from the setting", 0, 0.02,
                      "the setting"),
    "weekdays_off": Band("days of the week: the same", 0, 0.03, "the setting"),
    "night": Band("share of transactions from 0 to 6 o'clock"),
    "weekend": Band("transactions a day at weekends over those on other days"),
    "payment_mean": Band("mean amount of payments"),
    "amount_sigma": Band("standard deviation of the logarithm of amounts", 0.8, 2.5, OURS),
    "round_amounts": Band("share of amounts that are whole tens", 0.05, 0.5, OURS),
    "benford_mad": Band("first digits: mean deviation from Benford's law", 0, 0.015,
                        "Nigrini 2012"),
    "degree_tail": Band("exponent of the number of people who send one money", 2, 3,
                        "Clauset and others 2009"),
    "reciprocity": Band("share of ties, by transfers, that are returned", 0.02, 0.6, OURS),
    "largest_component": Band("share of accounts with transfers in the largest component", 0.5, 1,
                              OURS),
    "triangles": Band("directed triangles with a short cut, a thousand ties"),
    "cycles_3": Band("circles of three, a thousand ties"),
    "cycles_4": Band("circles of four, a thousand ties"),
    "scatter_gather_4": Band("pairs of ways over one other account, a thousand ties"),
    "worst_column_auc": Band("AUC of the most telling single column", 0.5, 0.95, "PaySim's leak"),
    "detector_pr_auc": Band("average precision of boosted trees on later days", 0.25, 0.75, OURS),
    "alert_precision": Band("share of alerts about labelled transactions", 0.01, 0.5, OURS),
    "alert_recall": Band("share of labelled transactions with an alert", 0.02, 0.6, OURS),
}  # fmt: skip


def payment_facts(data: Data, of: "Payments") -> dict[str, float]:
    """The facts that the tables allow; none without 200 transactions.

    Args:
        data: ``transactions`` with amount, and if known time (seconds since a Monday, or a
            timestamp), type, from_id, to_id, is_fraud and balances; ``alerts`` with
            transaction_id. Transfers of which a side is missing are left out of the graph.
        of: the profile and the share of fraud that were asked for.

    Cost: seconds for 10^6 transactions, most of it for the detector.
    """
    if "transactions" not in data:
        return {}
    table = having(data["transactions"], "transactions", ("amount",))
    amount = numbers(table, "amount", "transactions")
    if len(amount) < FEWEST:
        return {}
    found: dict[str, float] = {}
    seconds, kinds = seconds_of(table), kinds_of(table)
    bad = flags(table, "is_fraud") if "is_fraud" in table.column_names else None
    if bad is not None:
        found["fraud_share"] = float(bad.mean())
        if of.fraud * len(bad) >= FEWEST_BAD:
            found["fraud_as_asked"] = float(bad.mean()) / of.fraud
    if seconds is not None:
        found |= _clock(seconds[kinds != INCOME], of)
    found |= _amounts(amount, kinds)
    if {"from_id", "to_id", "type"} <= set(table.column_names):
        source, to = ids_of(table, "from_id", "to_id")
        sent = (kinds == TRANSFER) & (source >= 0) & (to >= 0)
        found |= graph_facts(source[sent], to[sent])
    if bad is not None and seconds is not None and bad.sum() >= FEWEST_BAD and not bad.all():
        found["worst_column_auc"] = max(column_auc(table, bad).values())
        found |= detector_score(table, bad)
    if bad is not None and bad.any() and "alerts" in data:
        found |= _alerts(table, data["alerts"], bad)
    return found


def _clock(seconds: Array, of: "Payments") -> dict[str, float]:
    """Hours, if the times have any; days of the week, if there are seven."""
    found = {}
    clock, day = seconds // 3600 % 24, seconds // DAY
    if (clock != clock[0]).any():
        wanted = np.array(of.hours) / sum(of.hours)
        shares = np.bincount(clock, minlength=24) / len(clock)
        if len(seconds) >= FEWEST_TIMES:
            found["hours_off"] = float(np.abs(shares - wanted).sum() / 2)
        found["night"] = float(shares[:6].sum())
    days = int(day.max() - day.min()) + 1
    if days >= 14:
        whole = day < day.min() + days // 7 * 7
        shares = np.bincount(day[whole] % 7, minlength=7) / whole.sum()
        wanted = np.array(of.weekdays) / sum(of.weekdays)
        if len(seconds) >= FEWEST_TIMES:
            found["weekdays_off"] = float(np.abs(shares - wanted).sum() / 2)
        if shares[:5].any():
            found["weekend"] = float(shares[5:].mean() / shares[:5].mean())
    return found


def _alerts(table: pa.Table, alerts: pa.Table, bad: Array) -> dict[str, float]:
    if not all("transaction_id" in one.column_names for one in (table, alerts)):
        return {}
    values, known = (one["transaction_id"].cast(pa.string()) for one in (table, alerts))
    told = pc.is_in(values, value_set=known.combine_chunks()).to_numpy()
    found = {"alert_precision": float(bad[told].mean())} if told.any() else {}
    return {**found, "alert_recall": float(told[bad].mean())}


def _amounts(amount: Array, kinds: Array) -> dict[str, float]:
    there = np.isfinite(amount) & (amount > 0)
    amount, kinds = amount[there], kinds[there]
    bought = kinds == PAYMENT
    found = {"payment_mean": float(amount[bought].mean())} if bought.any() else {}
    log = np.log(amount)
    first = np.floor(10 ** (np.log10(amount) % 1) + 1e-9).astype(int)
    shares = np.bincount(first, minlength=11)[1:10] / len(first)
    benford = np.log10(1 + 1 / np.arange(1, 10))
    cents = np.round(100 * amount)
    return {
        **found,
        "amount_sigma": float(log.std()),
        "round_amounts": float((cents % 1_000 == 0).mean()),
        "benford_mad": float(np.abs(shares - benford).mean()),
    }

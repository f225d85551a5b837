"""What the tables of payments look like: kinds, roles, patterns, and the world's parts."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.artifact import storable
from likewise.simulate.columns import known_numbers, whole
from likewise.simulate.form import Form
from likewise.simulate.log import Log

Array = np.ndarray
PAYMENT, TRANSFER, CASH_IN, CASH_OUT, DEBIT, INCOME = range(6)
KINDS = ("payment", "transfer", "cash_in", "cash_out", "debit", "income")
ORDINARY, MULE, LAUNDERER, FRAUDSTER = range(4)
ROLES = ("ordinary", "mule", "launderer", "fraudster")
TYPOLOGIES = (
    "fan_in", "fan_out", "cycle", "scatter_gather", "structuring", "account_takeover",
    "card_testing",
)  # fmt: skip
RULES = ("large_cash", "many_deposits", "passed_on", "emptied", "many_small", "many_senders")
CATEGORIES = ("groceries", "restaurants", "fuel", "clothing", "online", "travel", "utilities")
DAY = 86_400  # seconds
MONTH = 30  # days between two incomes


@storable
@dataclass(frozen=True)
class Ways:
    """To whom money goes: what does not change during a run. C clients, M merchants.

    Attributes:
        client_share, client_other: alias table of clients by activity; (C,) each.
        known_share, known_other: alias table of clients by how well they are known.
        contact_start: where each client's contacts begin; (C + 1,).
        contact: clients that are sent money to.
        shop_share, shop_other: alias table of merchants by popularity; (M,) each.
        city_start: where each city's merchants begin in ``shop``.
        shop: merchants in order of city; (M,).
        reach: cumulative popularity in that order; (M,).
        favourite: merchants where a client mostly buys; (C, 3).
        biller: merchants who debit a client; (C, 2).
        till: the account of each client's bank; (C,).
        scale: relative amounts of a client, for each of five kinds; (C, 5).
        width: standard deviation of the logarithm of a client's amounts of each kind; (5,).
    """

    client_share: Array
    client_other: Array
    known_share: Array
    known_other: Array
    contact_start: Array
    contact: Array
    shop_share: Array
    shop_other: Array
    city_start: Array
    shop: Array
    reach: Array
    favourite: Array
    biller: Array
    till: Array
    scale: Array
    width: Array


def transactions_log() -> Log:
    """The log of transactions: balances of both sides before and after, labels behind them."""
    form = Form(
        key="transaction_id",
        refers={"from_id": "accounts", "to_id": "accounts", "pattern_id": "patterns"},
        labels={"type": KINDS, "typology": TYPOLOGIES},
    )
    return Log(
        form=form, time=np.int64, type=np.int8, from_id=np.int64, to_id=np.int64, amount=float,
        from_before=float, from_after=float, to_before=float, to_after=float, is_fraud=bool,
        typology=np.int8, pattern_id=np.int64,
    )  # fmt: skip


def alerts_log() -> Log:
    """The log of alerts: which transaction raised it, by which rule, about which account."""
    form = Form(
        key="alert_id", refers={"account_id": "accounts", "transaction_id": "transactions"},
        labels={"rule": RULES},
    )  # fmt: skip
    return Log(form=form, transaction_id=np.int64, account_id=np.int64, time=np.int64, rule=np.int8)


def ids_of(table: pa.Table, *names: str) -> Array:
    """Whole numbers for the ids in some columns, equal where ids are; (columns, N), -1: missing."""
    columns = [table[name].combine_chunks() for name in names]
    if len({column.type for column in columns}) > 1:  # numbers in one, texts in the other
        columns = [column.cast(pa.string()) for column in columns]
    codes = pa.concat_arrays(columns).dictionary_encode().indices
    filled: Array = pc.fill_null(codes, -1).to_numpy()
    return filled.reshape(len(names), -1)


def seconds_of(table: pa.Table) -> Array | None:
    """Seconds since a Monday, at midnight; (N,) int64. None where there is no column time.

    Raises:
        DataError: some are missing, or no numbers and no times.
    """
    if "time" not in table.column_names:
        return None
    values = whole(table, "time", "transactions")
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        since = values.cast(pa.timestamp("s"), safe=False).cast(pa.int64()).to_numpy()
        return np.asarray(since + 3 * DAY, np.int64)  # 1970 began on a Thursday
    return known_numbers(table, "time", "transactions").astype(np.int64)


def kinds_of(table: pa.Table) -> Array:
    """Places of types in ``KINDS``; (N,), -1 for others and -1 everywhere without the column."""
    if "type" not in table.column_names:
        return np.full(table.num_rows, -1)
    codes = pc.index_in(table["type"].cast(pa.string()), pa.array(KINDS))
    filled: Array = pc.fill_null(codes, -1).to_numpy()
    return filled

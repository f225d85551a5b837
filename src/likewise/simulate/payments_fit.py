"""Settings of payments from what is known: a user's transactions, aggregates, published numbers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from likewise.core.errors import ConfigError, DataError
from likewise.core.registry import suggest
from likewise.simulate.columns import flags, having, known_numbers, numbers
from likewise.simulate.dynamics import Data
from likewise.simulate.payments_graph import graph_facts
from likewise.simulate.payments_tables import (
    CASH_IN,
    DAY,
    INCOME,
    KINDS,
    MONTH,
    PAYMENT,
    TRANSFER,
    ids_of,
    kinds_of,
    seconds_of,
)

if TYPE_CHECKING:
    from likewise.simulate.payments import Payments

Array = np.ndarray
FEWEST = 200  # transactions that say something
FEW_OF_KIND = 20
MADE = KINDS[:5]  # by clients
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OF_KIND = {"rate": "rates", "mean": "means", "std": "stds", "round": "rounds"}


def estimated(of: "Payments", data: Data) -> dict[str, Any]:
    """Settings from ``transactions``, or from ``aggregates`` of them.

    Args:
        of: keeps what data say nothing about.
        data: ``transactions`` as for ``payment_facts``, where ``account_id`` may stand for both
            sides; or ``aggregates``: a row for each type, or type and hour, or type, day and hour,
            with count, mean (or avg) and std.

    Raises:
        DataError: neither table is there, or a column is not, fewer than 200 transactions, or
            types that nobody knows.
    """
    if "transactions" in data:
        return _from_transactions(of, data)
    if "aggregates" not in data:
        lack = "there is no table 'transactions' and no table 'aggregates'"
        raise DataError("payments", lack, "Give one of them")
    return _from_aggregates(of, data["aggregates"])


def _from_transactions(of: "Payments", data: Data) -> dict[str, Any]:
    table = _clean(data["transactions"])
    kinds, seconds = kinds_of(table), seconds_of(table)
    if "type" not in table.column_names:
        kinds = np.full(table.num_rows, PAYMENT)
    if not (kinds >= 0).any():
        lack = "no type that is known"
        raise DataError("transactions, column 'type'", lack, f"Name them {', '.join(KINDS)}")
    bad = flags(table, "is_fraud") if "is_fraud" in table.column_names else None
    found: dict[str, Any] = {} if bad is None else {"fraud": float(bad.mean())}
    fair = kinds >= 0 if bad is None else (kinds >= 0) & ~bad
    found |= _by_kind(of, kinds[fair], numbers(table, "amount")[fair])
    if seconds is not None:
        found |= _profile(seconds[fair & (kinds != INCOME)])
    owner = _owners(table, kinds)
    if owner is None:
        return _valued(found)
    own = owner[fair & (kinds != INCOME)]
    names, number = np.unique(own, return_counts=True)
    clients = int(data["clients"].num_rows if "clients" in data else len(names))
    found["clients"] = clients
    found["spread"] = _spread(number, clients)
    if seconds is not None:
        days = int(np.ptp(seconds // DAY)) + 1
        counts = np.bincount(kinds[fair & (kinds < INCOME)], minlength=5)
        found["rates"] = tuple((counts / clients / days).tolist())
        found |= _savings(table, kinds, owner, clients * days)
    return _valued(found | _ties(table, kinds, clients))


def _clean(table: pa.Table) -> pa.Table:
    """Rows with an amount above 0."""
    amount = numbers(having(table, "transactions", ("amount",)), "amount", "transactions")
    table = table.filter(pa.array(np.nan_to_num(amount, nan=-1.0) > 0))
    if table.num_rows < FEWEST:
        found = f"{table.num_rows} transactions with an amount above 0"
        raise DataError("transactions", found, f"Give {FEWEST} or more")
    return table


def _by_kind(of: "Payments", kinds: Array, amount: Array) -> dict[str, Any]:
    """Means, deviations and roundness of each kind of which there are 20 or more."""
    means, stds, rounds = list(of.means), list(of.stds), list(of.rounds)
    for kind in range(5):
        some = amount[kinds == kind]
        if len(some) >= FEW_OF_KIND:
            means[kind], stds[kind] = float(some.mean()), float(some.std())
            rounds[kind] = float((np.round(100 * some) % 1_000 == 0).mean())
    return {"means": tuple(means), "stds": tuple(stds), "rounds": tuple(rounds)}


def _profile(seconds: Array) -> dict[str, Any]:
    """Hours where times have them; days of the week from two weeks on."""
    found: dict[str, Any] = {}
    clock, day = seconds // 3600 % 24, seconds // DAY
    if len(clock) and (clock != clock[0]).any():
        found["hours"] = tuple((np.bincount(clock, minlength=24) / len(clock)).tolist())
    days = int(np.ptp(day)) + 1 if len(day) else 0
    if days >= 14:
        whole = day < day.min() + days // 7 * 7
        shares = np.bincount(day[whole] % 7, minlength=7) / whole.sum()
        found["weekdays"] = tuple((7 * shares).tolist())
    return found


def _owners(table: pa.Table, kinds: Array) -> Array | None:
    """The client of each transaction; None where nobody is named."""
    for name in ("client_id", "account_id"):
        if name in table.column_names:
            owner: Array = ids_of(table, name)[0]
            return owner
    if not {"from_id", "to_id"} <= set(table.column_names):
        return None
    source, to = ids_of(table, "from_id", "to_id")
    client: Array = np.where(np.isin(kinds, (CASH_IN, INCOME)), to, source)
    return client


def _spread(number: Array, clients: int) -> float:
    """Standard deviation over mean of activity: what counts vary more than Poisson numbers do."""
    mean = number.sum() / max(clients, 1)
    variance = (number.astype(float) ** 2).sum() / max(clients, 1) - mean**2
    return float(np.clip(np.sqrt(max(variance - mean, 0.0)) / max(mean, 1e-9), 0, 5))


def _savings(table: pa.Table, kinds: Array, owner: Array, client_days: int) -> dict[str, Any]:
    """Mean balance over what is spent in a month, where balances are known."""
    name = next((n for n in ("balance", "from_before") if n in table.column_names), None)
    spends = ~np.isin(kinds, (CASH_IN, INCOME)) & (kinds >= 0)
    if name is None or not spends.any():
        return {}
    held, amount = numbers(table, name)[spends], numbers(table, "amount")[spends]
    place = np.unique(owner[spends], return_inverse=True)[1]
    of_each = np.bincount(place, held) / np.bincount(place)
    month = MONTH * amount.sum() / client_days
    return {"savings": float(max(of_each.mean() / month, 0.0))}


def _ties(table: pa.Table, kinds: Array, clients: int) -> dict[str, Any]:
    """How many merchants there are, and the graph of transfers.

    Ties that were not used are not seen: how many these are follows from how often others were, if
    all are used equally often (a Poisson number without its zeros).
    """
    if not {"from_id", "to_id"} <= set(table.column_names):
        return {}
    source, to = ids_of(table, "from_id", "to_id")
    found: dict[str, Any] = {}
    shops = len(np.unique(to[kinds == PAYMENT]))
    if shops >= 5:
        found["merchants"] = shops
    paid = len(np.unique(to[kinds == INCOME]))
    if (kinds == INCOME).any():
        found["incomes"] = min(paid / max(clients, 1), 1.0)
    sent = kinds == TRANSFER
    graph = graph_facts(source[sent], to[sent])
    if graph:
        used = np.unique(source[sent] * (int(to.max()) + 1) + to[sent], return_counts=True)[1]
        seen = _share_seen(float(used.mean()))
        found["contacts"] = float(np.clip(len(used) / seen / max(clients, 1), 1, 100))
        returned = min(graph["reciprocity"] / seen, 1.0)
        found["mutual"] = returned / (2 - returned)
        if np.isfinite(graph["degree_tail"]):
            found["tail"] = float(np.clip(graph["degree_tail"], 2.01, 6))
    return found


def _share_seen(mean: float) -> float:
    """The share of Poisson numbers that are not 0, if those that are not have this mean."""
    low, high = 1e-3, max(mean, 1.0)
    for _ in range(50):
        middle = (low + high) / 2
        short = middle / -np.expm1(-middle) < mean
        low, high = (middle, high) if short else (low, middle)
    return float(-np.expm1(-low))


def _from_aggregates(of: "Payments", table: pa.Table) -> dict[str, Any]:
    """Settings from counts, means and deviations by type, day and hour, as PaySim is fed."""
    names = {name.lower(): name for name in table.column_names}

    def read(*known: str) -> Array | None:
        name = next((names[one] for one in known if one in names), None)
        return None if name is None else numbers(table, name, "aggregates")

    word = next((names[one] for one in ("type", "action") if one in names), None)
    kind = None if word is None else table[word].to_pylist()
    count, mean, std = read("count"), read("mean", "avg"), read("std")
    if kind is None or count is None or mean is None or std is None:
        hint = "Name them type, count, mean and std, and if there are any day and hour"
        raise DataError("aggregates", "a column is missing", hint)
    place = np.array([MADE.index(k) if k in MADE else -1 for k in map(_plain, kind)])
    if not (place >= 0).any():
        raise DataError("aggregates", "no type that is known", f"Name them {', '.join(MADE)}")
    if not (np.all(count >= 0) and np.all(std >= 0) and np.all(mean[count > 0] > 0)):
        lack = "a count or deviation below 0, or a mean of 0"
        raise DataError("aggregates", lack, "Correct the row")
    means, stds, rates = list(of.means), list(of.stds), [0.0] * 5
    days, hour = _days_in(read), names.get("hour")
    for at in range(5):
        n, m, s = (values[place == at].astype(float) for values in (count, mean, std))
        if n.sum():
            means[at] = float(n @ m / n.sum())
            stds[at] = float(np.sqrt(max(n @ (s**2 + m**2) / n.sum() - means[at] ** 2, 0.0)))
            rates[at] = float(n.sum() / of.clients / days)
    found: dict[str, Any] = {
        "means": tuple(means), "stds": tuple(stds), "rates": tuple(rates),
    }  # fmt: skip
    if hour is not None:
        used = place >= 0
        clock = known_numbers(table, hour, "aggregates").astype(int) % 24
        shares = np.bincount(clock[used], count[used], 24)
        found["hours"] = tuple((shares / shares.sum()).tolist())
    return _valued(found)


def _days_in(read: Any) -> int:
    """Days that aggregates cover: different days of months, or hourly steps; else one."""
    day, month, step = read("day"), read("month"), read("step")
    if day is not None:
        months = np.zeros(len(day)) if month is None else month
        return len(np.unique(np.stack([months, day]), axis=1).T)
    return 1 if step is None else len(np.unique((step - step.min()) // 24))


def _plain(word: Any) -> str:
    return str(word).strip().lower().replace("-", "_")


def from_published(of: "Payments", facts: Mapping[str, float]) -> dict[str, Any]:
    """Settings from numbers by name, such as ``payment_mean`` or ``fraud_share``.

    For each of payment, transfer, cash_in, cash_out and debit: ``_rate`` (a client and day),
    ``_mean``, ``_std``, ``_round`` (share of round amounts). ``hour_0`` … ``hour_23`` and
    ``monday`` … ``sunday`` are numbers or shares, all of them or none.

    Raises:
        ConfigError: a name that is not known, an hour that is left out, a number that cannot be.
    """
    settings = {name: list(getattr(of, name)) for name in OF_KIND.values()}
    hours = {f"hour_{i}": i for i in range(24)}
    known = [f"{kind}_{what}" for kind in MADE for what in OF_KIND]
    known += [*hours, *DAYS, "fraud_share", "clients", "merchants"]
    found: dict[str, Any] = {}
    for name, value in facts.items():
        if name not in known:
            raise ConfigError(f"facts, {name!r}", "not a number that is used", suggest(name, known))
        if not np.isfinite(value) or value < 0 or (name.endswith("_mean") and not value):
            raise ConfigError(f"facts, {name!r}", f"{value}", "Give a number that is possible")
        kind, _, what = name.rpartition("_")
        if kind in MADE:
            settings[OF_KIND[what]][MADE.index(kind)] = value
        elif name == "fraud_share":
            found["fraud"] = value
        elif name in ("clients", "merchants"):
            found[name] = round(value)
    for setting, names in (("hours", tuple(hours)), ("weekdays", DAYS)):
        there = [name for name in names if name in facts]
        if there and len(there) < len(names):
            lack = f"{len(there)} of {len(names)}"
            raise ConfigError(f"facts, {there[0]!r} and others", lack, "Give all of them or none")
        if there:
            found[setting] = tuple(facts[name] for name in names)
    return found | {name: tuple(values) for name, values in settings.items()}


def _valued(found: dict[str, Any]) -> dict[str, Any]:
    """Fit for settings: deviations as they are, shares of fraud within what can be simulated."""
    if found.get("fraud", 0.0) > 0.2:
        lack = f"{100 * found['fraud']:.0f} % are labelled"
        raise DataError(
            "transactions, column 'is_fraud'", lack, "Give all rows, not a sample of them"
        )
    return found

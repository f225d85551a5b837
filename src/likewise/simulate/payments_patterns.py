"""Patterns of fraud and laundering, and what ordinary people do that looks alike.

Each pattern is a function of a ``Scene`` that plans moves of money, (N, 5): time, from, to, cents
and kind; None where nobody there can. Less than 0 cents are thousandths of what there is.

Paper: Altman and others, "Realistic synthetic financial transactions for anti-money laundering
models", NeurIPS 2023 (the shapes).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from likewise.simulate.payments_tables import (
    CASH_IN,
    CASH_OUT,
    DAY,
    FRAUDSTER,
    LAUNDERER,
    MULE,
    PAYMENT,
    TRANSFER,
)

Array = np.ndarray
Rng = np.random.Generator
BY_DAYLIGHT = 0.7  # of illicit moves happen at the hours at which everybody pays


@dataclass(frozen=True)
class Scene:
    """Who is there on this day, and how much they have.

    Attributes:
        rng: draws all that is planned.
        start: midnight, seconds.
        hours: cumulative frequency of the hours; (24,).
        held: balances of all accounts, cents.
        pools: accounts of mules, launderers and fraudsters.
        clients: how many; their accounts are the first.
        merchants: how many; their accounts follow.
        till: the account of each client's bank.
        unit: mean transfer, cents.
        ticket: mean payment, cents.
        deposit: mean deposit, cents.
        reported: a deposit from which on it is reported, cents.
        licit: whether what is planned is innocent.
    """

    rng: Rng
    start: int
    hours: Array
    held: Array
    pools: tuple[Array, Array, Array]
    clients: int
    merchants: int
    till: Array
    unit: float
    ticket: float
    deposit: float
    reported: float
    licit: bool = False

    def several(self, role: int, count: int) -> Array:
        """Different accounts in a role; of ordinary people where all is innocent."""
        if self.licit:
            return self.anybody(count)
        pool = self.pools[role - 1]
        return self.rng.choice(pool, min(count, len(pool)), replace=False)

    def anybody(self, count: int) -> Array:
        """Different clients."""
        return self.rng.choice(self.clients, min(count, self.clients), replace=False)

    def moments(self, count: int, days: float) -> Array:
        """Times within so many days, at everybody's hours; illicit ones partly at any."""
        day = np.floor(self.rng.random(count) * days)
        clock = np.searchsorted(self.hours, self.rng.random(count) * self.hours[-1], side="right")
        if not self.licit:
            any_hour = self.rng.random(count) >= BY_DAYLIGHT
            clock = np.where(any_hour, self.rng.integers(0, 24, count), clock)
        second = self.rng.integers(0, 3600, count)
        times: Array = (self.start + DAY * day + 3600 * clock + second).astype(np.int64)
        return times

    def soon(self, hours: float, count: int = 1) -> Array:
        """Waiting times in seconds, of so many hours on average; longer for the innocent."""
        wait = self.rng.exponential(hours * (3.0 if self.licit else 1.0), count)
        return (3600 * wait + 60).astype(np.int64)

    def sum_from(self, account: int) -> float:
        """How much somebody moves, cents: at most four fifths of what there is."""
        middle = (4 if self.licit else 8) * self.unit
        wanted = middle * np.exp(0.9 * self.rng.standard_normal())
        return float(min(wanted, 0.8 * self.held[account]))

    def parts(self, total: float, count: int) -> Array:
        """A sum in uneven parts, half of the time in round ones."""
        cut = self.rng.dirichlet(np.full(count, 6.0)) * total
        if self.rng.random() < 0.5:
            step = 1_000 if total / count < 50_000 else 5_000
            cut = np.maximum(np.round(cut / step), 1) * step
        return np.maximum(cut, 100)

    def mostly(self, amount: Array | float) -> Array | float:
        """What is passed on of an amount: less a commission."""
        return amount * (1 - 0.08 * self.rng.random())


def _moves(time: Array, source: Array, to: Array, cents: Array | float, kind: int) -> Array:
    rows = np.empty((len(time), 5), np.int64)
    for at, values in enumerate((time, source, to, cents, kind)):
        rows[:, at] = values
    return rows


def fan_in(s: Scene) -> Array | None:
    """Many send to one; licit: a collection among friends."""
    senders = s.several(MULE, int(s.rng.integers(4, 11)))
    to = s.several(LAUNDERER, 1)[0]
    senders = senders[(senders != to) & (s.held[senders] > s.unit / 4)]
    if len(senders) < 3:
        return None
    share = s.rng.uniform(0.1, 0.6, len(senders)) * s.held[senders]
    most = s.unit * np.exp(0.7 * s.rng.standard_normal(len(senders)))
    cents = np.minimum(share, most)
    if s.rng.random() < (0.7 if s.licit else 0.4):
        cents = np.maximum(np.round(cents.min() / 1_000), 1) * 1_000 * np.ones(len(senders))
    return _moves(s.moments(len(senders), s.rng.uniform(1, 5)), senders, to, cents, TRANSFER)


def fan_out(s: Scene) -> Array | None:
    """One sends to many; licit: somebody pays helpers."""
    source = s.several(LAUNDERER, 1)[0]
    to = s.several(MULE, int(s.rng.integers(4, 11)))
    to, total = to[to != source], s.sum_from(source)
    if len(to) < 3 or total < s.unit:
        return None
    times = s.moments(len(to), s.rng.uniform(1, 4))
    return _moves(times, source, to, s.parts(total, len(to)), TRANSFER)


def cycle(s: Scene) -> Array | None:
    """Money goes round and comes back; licit: a debt is passed on and repaid."""
    first = s.several(LAUNDERER, 1)[0]
    others = s.several(MULE, int(s.rng.integers(2, 6)))
    others = others[others != first]
    total = s.sum_from(first)
    if len(others) < 2 or total < s.unit / 2:
        return None
    ring = np.concatenate([[first], others, [first]])
    cents = [total]
    for _ in others:
        cents.append(float(s.mostly(cents[-1])))
    times = s.moments(1, 1)[0] + np.cumsum(s.soon(6, len(cents)))
    return _moves(times, ring[:-1], ring[1:], np.array(cents), TRANSFER)


def scatter_gather(s: Scene) -> Array | None:
    """One sends to many, who send to another one; licit: friends put money together."""
    ends = s.several(LAUNDERER, 2)
    middle = s.several(MULE, int(s.rng.integers(3, 8)))
    middle = middle[~np.isin(middle, ends)]
    total = s.sum_from(ends[0])
    if len(ends) < 2 or len(middle) < 2 or total < s.unit:
        return None
    cents = s.parts(total, len(middle))
    times = s.moments(len(middle), 2)
    later = times + s.soon(12, len(middle))
    out = _moves(times, ends[0], middle, cents, TRANSFER)
    back = _moves(later, middle, ends[1], s.mostly(cents), TRANSFER)
    return np.concatenate([out, back])


def structuring(s: Scene) -> Array | None:
    """Deposits that stay below what is reported; licit: the takings of a stall."""
    who = s.several(LAUNDERER, 1)[0]
    count = int(s.rng.integers(3, 9))
    if s.licit:
        cents = s.deposit * np.exp(0.8 + 0.7 * s.rng.standard_normal(count))
    else:
        cents = s.reported * s.rng.uniform(0.15, 0.95) * s.rng.uniform(0.8, 1.0, count)
    cents = np.round(np.maximum(cents, 1_000) / 1_000) * 1_000
    times = s.moments(count, s.rng.uniform(2, 6))
    return _moves(times, s.till[who], who, cents, CASH_IN)


def account_takeover(s: Scene) -> Array | None:
    """An account is emptied into others, and cash withdrawn; licit: savings are moved."""
    victim = s.anybody(1)[0]
    to = s.several(MULE, int(s.rng.integers(1, 4)))
    to = to[to != victim]
    if not len(to) or s.held[victim] < s.unit:
        return None
    first = s.moments(1, 1)[0]
    times = first + np.cumsum(s.soon(0.5, len(to)))
    takes = s.rng.uniform(400, 990, len(to)).astype(np.int64)  # thousandths of what is there
    left = s.held[victim] * np.cumprod(1 - takes / 1000)
    got = s.held[victim] * np.concatenate([[1.0], np.cumprod(1 - takes / 1000)[:-1]]) - left
    emptied = _moves(times, victim, to, -takes, TRANSFER)
    chief = s.several(FRAUDSTER, 1)[0]
    on = to != chief
    passed = _moves(
        times[on] + s.soon(5, int(on.sum())), to[on], chief, 0.6 * s.mostly(got[on]), TRANSFER
    )
    cash = np.maximum(np.round(0.35 * got / 1_000), 1) * 1_000
    drawn = _moves(times + s.soon(8, len(to)), to, s.till[to], cash, CASH_OUT)
    return np.concatenate([emptied, drawn] if s.licit else [emptied, passed, drawn])


def card_testing(s: Scene) -> Array | None:
    """Stolen cards are tried with small sums, then used; licit: tickets, then shopping."""
    made = []
    for who in s.anybody(1 if s.licit else int(s.rng.integers(1, 5))):
        tries, buys = int(s.rng.integers(2, 6)), int(s.rng.integers(1, 5))
        shops = s.clients + s.rng.integers(0, s.merchants, 1 + buys)
        begun = s.moments(1, 2)[0]
        times = begun + np.cumsum(s.soon(0.3, tries))
        small = s.ticket * s.rng.uniform(0.02, 0.12, tries)
        large = s.ticket * np.exp(0.7 + 0.8 * s.rng.standard_normal(buys))
        large = np.minimum(large, np.maximum(0.8 * s.held[who] / buys, 100))
        later = times[-1] + np.cumsum(s.soon(1.5, buys))
        made.append(_moves(times, who, shops[0], np.maximum(small, 20), PAYMENT))
        made.append(_moves(later, who, shops[1:], large, PAYMENT))
    return np.concatenate(made)


SHAPES: tuple[Callable[[Scene], Array | None], ...] = (
    fan_in, fan_out, cycle, scatter_gather, structuring, account_takeover, card_testing,
)  # fmt: skip

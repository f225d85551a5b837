"""An hour of payments: what clients do, what is planned, how accounts are settled, and alerts."""

import math
from typing import TYPE_CHECKING

import numpy as np

from likewise.simulate.compiling import kernel
from likewise.simulate.draws import Draws
from likewise.simulate.payments_tables import (
    CASH_IN,
    CASH_OUT,
    DAY,
    DEBIT,
    INCOME,
    MONTH,
    PAYMENT,
    TRANSFER,
    Ways,
)
from likewise.simulate.philox import normal, uniforms
from likewise.simulate.world import World

if TYPE_CHECKING:
    from likewise.simulate.payments import Payments

Array = np.ndarray
BY_HABIT = 0.6  # of purchases and debits, at one of the three favourite merchants
BY_CONTACT = 0.92  # of transfers, to somebody one often sends money to
PAY_HOUR = 8  # of the day, in which incomes are paid
MEMORY = 2.0 * DAY  # seconds after which the monitor has forgotten two thirds
STATE = 8  # numbers the monitor keeps of an account: see ``trace``
TRACED = 10  # numbers it knows of a transaction


def an_hour(of: "Payments", world: World, draws: Draws) -> None:
    """All transactions of the hour that this step is, in order of time."""
    hour = world.step - 1
    first = hour * 3600
    day, clock = divmod(hour, 24)
    share = of.hours[clock] / sum(of.hours) * of.weekdays[day % 7] * 7 / sum(of.weekdays)
    expected = of.clients * sum(of.rates) * share
    count = int(draws.poisson(1, expected)[0])
    moves = np.empty((count, 5), np.int64)  # time, from, to, cents, kind
    _ordinary(
        draws.key(), _parts(world.ways), first, of.local, np.cumsum(of.rates) / sum(of.rates),
        100 * np.array(of.means), np.array(of.rounds), world.clients.home, moves,
    )  # fmt: skip
    if clock == PAY_HOUR:
        moves = np.concatenate([moves, _incomes(world, draws, first, day)])
    due = world.plan[:, 0] < first + 3600
    planned = world.plan[due]
    if len(planned):
        world.plan = world.plan[~due]
    labels = np.full((len(moves), 2), -1)
    moves = np.concatenate([moves, planned[:, :5]])
    labels = np.concatenate([labels, planned[:, 5:]])
    order = np.argsort(moves[:, 0], kind="stable")
    _settled(of, world, moves[order], labels[order])


def _parts(ways: Ways) -> tuple[Array, ...]:
    """What the kernel needs of it, in its order."""
    return (
        ways.client_share, ways.client_other, ways.known_share, ways.known_other,
        ways.contact_start, ways.contact, ways.shop_share, ways.shop_other, ways.city_start,
        ways.shop, ways.reach, ways.favourite, ways.biller, ways.till, ways.scale, ways.width,
    )  # fmt: skip


@kernel
def _ordinary(
    key: Array, ways: tuple[Array, ...], first: int, local: float, kinds: Array, means: Array,
    rounds: Array, home: Array, moves: Array,
) -> None:  # fmt: skip
    """What clients do in an hour; ``moves`` (N, 5) are filled, not in order of time."""
    (
        client_share, client_other, known_share, known_other, contact_start, contact, shop_share,
        shop_other, city_start, shop, reach, favourite, biller, till, scale, width,
    ) = ways  # fmt: skip
    clients = len(client_share)
    for i in range(len(moves)):
        u, v = uniforms(key, i, 0)
        who = _alias(client_share, client_other, u)
        kind = 0
        while kind < 4 and v >= kinds[kind]:
            kind += 1
        u, v = uniforms(key, i, 1)
        w, when = uniforms(key, i, 2)
        source, to = who, till[who]
        if kind == TRANSFER:
            to = who
            have = contact_start[who + 1] - contact_start[who]
            if have and u < BY_CONTACT:
                to = contact[contact_start[who] + int(v * have)]
            while to == who:
                to = _alias(known_share, known_other, v)
                v = (v * 7919.0 + 0.1234567) % 1.0  # another place, in case it was oneself
        elif kind == DEBIT:
            to = clients + biller[who, int(v * 2)]
        elif kind == CASH_IN:
            source, to = till[who], who
        elif kind == PAYMENT:
            to = clients + _merchant(
                u, v, w, local, favourite[who], home[who], shop_share, shop_other, city_start,
                shop, reach,
            )  # fmt: skip
        u, v = uniforms(key, i, 3)
        wide = width[kind]
        cents = means[kind] * scale[who, kind] * math.exp(
            wide * normal(key, i, 4) - wide * wide / 2
        )  # fmt: skip
        if u < rounds[kind]:
            cents = rounded(cents)
        moves[i, 0] = first + int(when * 3600)
        moves[i, 1], moves[i, 2] = source, to
        moves[i, 3], moves[i, 4] = max(int(cents + 0.5), 1), kind


@kernel
def rounded(cents: float) -> float:
    """The nearest round amount: whole tens, from 200 on fifties, from 1,000 on hundreds."""
    step = 1_000.0
    if cents >= 100_000:
        step = 10_000.0
    elif cents >= 20_000:
        step = 5_000.0
    return max(math.floor(cents / step + 0.5), 1.0) * step


@kernel
def _alias(share: Array, other: Array, u: float) -> int:
    """One of the options of an alias table; u in [0, 1)."""
    place = u * len(share)
    at = int(place)
    return at if place - at < share[at] else other[at]


@kernel
def _merchant(
    u: float, v: float, w: float, local: float, favourite: Array, city: int, shop_share: Array,
    shop_other: Array, city_start: Array, shop: Array, reach: Array,
) -> int:  # fmt: skip
    """By habit, else in one's city, else anywhere; by popularity."""
    if u < BY_HABIT:
        return int(favourite[0] if v < 0.5 else (favourite[1] if v < 0.8 else favourite[2]))
    low, high = city_start[city], city_start[city + 1]
    if w >= local or low == high:
        return _alias(shop_share, shop_other, v)
    below = reach[low - 1] if low else 0.0
    wanted = below + v * (reach[high - 1] - below)
    while low < high - 1:
        middle = (low + high) // 2
        if reach[middle - 1] <= wanted:
            low = middle
        else:
            high = middle
    return int(shop[low])


def _incomes(world: World, draws: Draws, first: int, day: int) -> Array:
    clients = world.clients
    paid = np.flatnonzero((clients.payday == day % MONTH) & (clients.salary_cents > 0))
    ids = clients.id[paid]
    moves = np.empty((len(paid), 5), np.int64)
    moves[:, 0] = first + (3600 * draws.uniform(ids)).astype(np.int64)
    moves[:, 1], moves[:, 2] = clients.employer[paid], paid
    moves[:, 3], moves[:, 4] = clients.salary_cents[paid], INCOME
    return moves


def _settled(of: "Payments", world: World, moves: Array, labels: Array) -> None:
    """Move the money, write the rows, watch them."""
    accounts = world.accounts
    around = np.empty((len(moves), 4), np.int64)
    done = np.empty(len(moves), bool)
    _settle(moves, accounts.cents, accounts.limit_cents, around, done)
    world.counts[1] += len(moves) - np.count_nonzero(done)
    moves, labels, around = moves[done], labels[done], around[done]
    pattern, typology = labels[:, 0], labels[:, 1]
    bad = np.flatnonzero(pattern >= 0)
    world.counts[2] += len(bad)
    np.add.at(world.patterns.transactions, pattern[bad], 1)
    np.add.at(world.patterns.cents, pattern[bad], moves[bad, 3])
    start = len(world.transactions)
    money = around / 100
    amount = moves[:, 3] / 100
    world.transactions.emit(
        time=moves[:, 0], type=moves[:, 4], from_id=moves[:, 1], to_id=moves[:, 2], amount=amount,
        from_before=money[:, 0], from_after=money[:, 1], to_before=money[:, 2],
        to_after=money[:, 3], is_fraud=pattern >= 0, typology=typology, pattern_id=pattern,
    )  # fmt: skip
    traced = np.empty((len(moves), TRACED))
    trace(
        moves[:, 0], moves[:, 1], moves[:, 2], moves[:, 4], amount, 0.1 * of.means[PAYMENT],
        world.state, traced,
    )  # fmt: skip
    raised = np.full(len(moves), -1, np.int8)
    _watch(
        moves, money, traced, of.reported * of.means[CASH_IN], of.means[TRANSFER], of.vigilance,
        0.1 * of.means[PAYMENT], world.alerted, raised,
    )  # fmt: skip
    told = np.flatnonzero(raised >= 0)
    receives = np.isin(raised[told], (0, 1, 5))
    world.alerts.emit(
        transaction_id=start + told,
        account_id=np.where(receives, moves[told, 2], moves[told, 1]), time=moves[told, 0],
        rule=raised[told],
    )  # fmt: skip


@kernel
def _settle(moves: Array, cents: Array, limit: Array, around: Array, done: Array) -> None:
    """Move money in order; ``around`` (N, 4) are both balances before and after, in cents.

    An amount below 0 is minus so many thousandths of what there is. What is not covered is
    refused.
    """
    for i in range(len(moves)):
        a, b, amount = moves[i, 1], moves[i, 2], moves[i, 3]
        if amount < 0:
            amount = max(cents[a], 0) * -amount // 1000
            moves[i, 3] = amount
        done[i] = amount > 0 and cents[a] - amount >= -limit[a]
        if done[i]:
            around[i, 0], around[i, 2] = cents[a], cents[b]
            cents[a] -= amount
            cents[b] += amount
            around[i, 1], around[i, 3] = cents[a], cents[b]


@kernel
def trace(
    time: Array, source: Array, to: Array, kind: Array, amount: Array, small: float, state: Array,
    out: Array,
) -> None:  # fmt: skip
    """What an observer remembers of both sides just before each transaction, in order of time.

    Counts and sums fade: of what was two days ago a third is left. ``out`` (N, 10): seconds since
    the sender's last transaction; its count and sum of outgoing ones, sum of transfers and deposits
    received, count of payments below ``small``; then for the receiver seconds since the last, count
    and sum of transfers received, count and sum of deposits. ``state`` is (accounts, 8).
    """
    for i in range(len(time)):
        a, b = source[i], to[i]
        for side in (a, b):
            faded = math.exp((state[side, 0] - time[i]) / MEMORY)
            for k in range(1, 8):
                state[side, k] *= faded
        out[i, 0] = time[i] - state[a, 0]
        out[i, 1], out[i, 2] = state[a, 1], state[a, 2]
        out[i, 3], out[i, 4] = state[a, 4] + state[a, 6], state[a, 7]
        out[i, 5] = time[i] - state[b, 0]
        out[i, 6], out[i, 7] = state[b, 3], state[b, 4]
        out[i, 8], out[i, 9] = state[b, 5], state[b, 6]
        state[a, 0], state[b, 0] = time[i], time[i]
        state[a, 1] += 1
        state[a, 2] += amount[i]
        if kind[i] == TRANSFER:
            state[b, 3] += 1
            state[b, 4] += amount[i]
        elif kind[i] == CASH_IN:
            state[b, 5] += 1
            state[b, 6] += amount[i]
        elif kind[i] == PAYMENT and amount[i] < small:
            state[a, 7] += 1


@kernel
def _watch(
    moves: Array, money: Array, traced: Array, reported: float, unit: float, vigilance: float,
    small: float, alerted: Array, raised: Array,
) -> None:  # fmt: skip
    """The monitor's rules; the first that holds is raised, once a day and account.

    Rules 0 … 5 are those of ``RULES``.
    """
    large, many = 6 * unit / vigilance, 3 / vigilance
    for i in range(len(moves)):
        kind, amount, rule = moves[i, 4], moves[i, 3] / 100, -1
        sends = kind in (TRANSFER, CASH_OUT)
        if kind == CASH_IN and amount >= reported / vigilance:
            rule = 0
        elif kind == CASH_IN and traced[i, 9] + amount >= reported / vigilance:
            rule = 1
        elif sends and traced[i, 3] >= large and traced[i, 2] + amount >= 0.8 * traced[i, 3]:
            rule = 2
        elif sends and amount >= large and money[i, 1] <= 0.15 * money[i, 0]:
            rule = 3
        elif kind == PAYMENT and amount < small and traced[i, 4] + 1 >= many:
            rule = 4
        elif kind == TRANSFER and traced[i, 6] + 1 >= 2 * many:
            rule = 5
        if rule >= 0:
            who = moves[i, 2] if rule in (0, 1, 5) else moves[i, 1]
            if moves[i, 0] - alerted[who] >= DAY:
                alerted[who] = moves[i, 0]
                raised[i] = rule

"""The start of payments: banks, merchants, clients, their ties, habits and accounts."""

from typing import TYPE_CHECKING

import numpy as np

from likewise.core.errors import ConfigError
from likewise.simulate.draws import Draws
from likewise.simulate.form import Form
from likewise.simulate.given import given_columns
from likewise.simulate.grid import members
from likewise.simulate.payments_hour import STATE
from likewise.simulate.payments_plan import PLANNED
from likewise.simulate.payments_tables import (
    CASH_IN,
    CATEGORIES,
    DAY,
    FRAUDSTER,
    LAUNDERER,
    MONTH,
    MULE,
    ROLES,
    TRANSFER,
    TYPOLOGIES,
    Ways,
    alerts_log,
    transactions_log,
)
from likewise.simulate.population import Population
from likewise.simulate.world import World

if TYPE_CHECKING:
    from likewise.simulate.payments import Payments

Array = np.ndarray
Words = dict[str, tuple[str, ...]]
OWN = ("client_id", "role", "salary_cents", "spent_cents", "payday", "employer", "home")
SCALE_SPREAD = 0.4  # of how large a client's amounts are: standard deviation of the logarithm
NO_LIMIT = 1 << 58  # cents; firms and banks
FEWEST = {"mules": 12, "launderers": 2, "fraudsters": 2}  # for a pattern to find its people


def set_up(of: "Payments", world: World, draws: Draws) -> None:
    """Put everything into the new world."""
    _refuse(of)
    columns, words = given_columns(world, "clients")
    _fits(columns, words)
    scale = _clients(of, world, draws, columns, words)
    _banks_and_merchants(of, world, draws, words)
    world.clients.employer = _employers(of, world, draws)
    world.ways = _ways(of, world, draws, scale)
    _accounts(of, world, draws)
    size = len(world.accounts)
    world.patterns = Population(
        0, form=Form(key="pattern_id", labels={"typology": TYPOLOGIES}, hidden=("cents",)),
        typology=np.int8(0), begun=np.int64(0), planned=0, transactions=0, amount=0.0, cents=0,
    )  # fmt: skip
    world.transactions, world.alerts = transactions_log(), alerts_log()
    world.plan = np.empty((0, PLANNED), np.int64)
    world.state = np.zeros((size, STATE))
    world.alerted = np.full(size, -DAY, np.int64)  # when an account was last told about
    world.counts = np.array([world.accounts.cents.sum(), 0, 0])  # money, refused, illicit


def _refuse(of: "Payments") -> None:
    """Settings that cannot be together."""
    if not sum(of.rates):
        raise ConfigError("rates", "nobody does anything", "Give a number above 0")
    if not sum(of.hours) or not sum(of.weekdays):
        raise ConfigError("hours, weekdays", "no hour or day has weight", "Give one above 0")
    if of.fraud and not sum(of.typologies):
        raise ConfigError("typologies", "none has weight", "Give one above 0, or fraud=0")
    asked = of.mules + of.launderers + of.fraudsters
    if asked > 0.5:
        raise ConfigError(
            "mules, launderers, fraudsters", f"{asked} of clients", "Give 0.5 or less"
        )
    for name, fewest in FEWEST.items():
        count = round(getattr(of, name) * of.clients)
        if of.fraud and count < fewest:
            found = f"{count} of {of.clients:,} clients, and patterns need {fewest}"
            raise ConfigError(name, found, f"Raise {name} or clients, or set fraud=0")


def _banks_and_merchants(of: "Payments", world: World, draws: Draws, words: Words) -> None:
    world.banks = Population(
        of.banks, form=Form(key="bank_id", hidden=("share",)),
        share=draws.exponential(of.banks) + 0.2,
    )  # fmt: skip
    popular = np.minimum((1 - draws.uniform(of.merchants)) ** (-1 / 1.2), of.merchants / 4)
    category = draws.choice(of.merchants, np.array([8, 6, 3, 4, 4, 2, 1.5]))
    category[: min(3, of.merchants)] = len(CATEGORIES) - 1  # somebody sends bills
    names, home = np.unique(world.clients.city, return_inverse=True)
    place = draws.choice(of.merchants, np.bincount(home))  # shops are where people are
    cities = {"city": words["city"]} if "city" in words else {}
    form = Form(
        key="merchant_id", labels={"category": CATEGORIES, **cities}, hidden=("popular", "home")
    )
    world.merchants = Population(
        of.merchants, form=form, category=category.astype(np.int8), city=names[place],
        popular=popular, home=place,
    )  # fmt: skip
    world.clients.home = home


def _employers(of: "Payments", world: World, draws: Draws) -> Array:
    """The account that pays each client: a merchant's, by popularity."""
    return of.clients + draws.choice(of.clients, world.merchants.popular)


def _city_sizes(cities: int) -> Array:
    return 1 / np.arange(1, cities + 1) ** 0.8


def _clients(
    of: "Payments", world: World, draws: Draws, columns: dict[str, Array], words: Words
) -> Array:
    """The population; relative amounts of each client, of activity-weighted mean 1, (C,)."""
    sigma = np.sqrt(np.log1p(of.spread**2))
    activity = np.exp(sigma * draws.normal(of.clients) - sigma**2 / 2)
    scale = np.exp(SCALE_SPREAD * draws.normal(of.clients))
    city = draws.choice(of.clients, _city_sizes(of.cities))
    role = np.zeros(of.clients, np.int8)
    who, at = draws.order(of.clients), 0
    for code, share in ((MULE, of.mules), (LAUNDERER, of.launderers), (FRAUDSTER, of.fraudsters)):
        count = round(share * of.clients)
        role[who[at : at + count]] = code
        at += count
    if "activity" in columns:
        activity = columns["activity"] / columns["activity"].mean()
    if "income" in columns:
        scale = columns["income"] / columns["income"].mean()
    scale = scale * (activity.sum() / (activity @ scale))
    out = sum(of.rates[k] * of.means[k] for k in range(5) if k not in (CASH_IN, TRANSFER))
    spent = out + 0.5 * of.rates[TRANSFER] * of.means[TRANSFER]
    needed = max(1.1 * spent - of.rates[CASH_IN] * of.means[CASH_IN], 0.2 * spent)
    month = MONTH * 100 * activity * scale
    salary = np.round(needed * month).astype(np.int64)
    salary = np.where(draws.chance(of.clients, of.incomes), salary, 0)
    drawn = {"city": city, "income": salary / 100, "activity": activity}
    own = {
        "role": role, "spent_cents": spent * month, "salary_cents": salary,
        "payday": draws.below(of.clients, MONTH), "employer": np.int64(0), "home": np.int64(0),
    }  # fmt: skip
    form = Form(
        key="client_id", labels={**words, "role": ROLES},
        hidden=OWN[2:],
    )  # fmt: skip
    world.clients = Population(of.clients, form=form, **{**drawn, **columns, **own})
    return np.asarray(scale)


def _fits(columns: dict[str, Array], words: Words) -> None:
    """Refuse given columns that cannot be what they are called."""
    for name in OWN:
        if name in columns:
            raise ConfigError(f"clients, column {name!r}", "a name of the world's own", "Rename it")
    for name in ("activity", "income"):
        values = columns.get(name, np.ones(1))
        if name in words or not (values > 0).all() or not np.isfinite(values).all():
            found = "not all are numbers above 0"
            raise ConfigError(f"clients, column {name!r}", found, "Fill the missing ones")
    city = columns.get("city", np.zeros(1))
    if not (city >= 0).all():
        raise ConfigError("clients, column 'city'", "some are missing", "Fill them")


def _ways(of: "Payments", world: World, draws: Draws, scale: Array) -> Ways:
    clients, merchants = world.clients, world.merchants
    known = np.minimum(
        (1 - draws.uniform(of.clients)) ** (-1 / (of.tail - 1)),
        max(2.0, of.clients / 20),
    )
    home, codes = merchants.home, clients.home
    city_start, shop = members(home, np.arange(of.merchants), int(codes.max()) + 1)
    start, contact = _contacts(of, draws, codes, known)
    bills = np.flatnonzero(merchants.category == len(CATEGORIES) - 1)
    favourite = [_shops(of, draws, codes, home, merchants.popular) for _ in range(3)]
    wide = np.log1p((np.array(of.stds) / np.array(of.means)) ** 2)
    own, scales = _scales(scale, world.clients.activity, wide)
    share, other = alias(clients.activity)
    known_share, known_other = alias(known)
    shop_share, shop_other = alias(merchants.popular)
    return Ways(
        client_share=share, client_other=other, known_share=known_share, known_other=known_other,
        contact_start=start, contact=contact, shop_share=shop_share, shop_other=shop_other,
        city_start=city_start, shop=shop, reach=np.cumsum(merchants.popular[shop]),
        favourite=np.stack(favourite, axis=1),
        biller=bills[np.stack([draws.below(of.clients, len(bills)) for _ in range(2)], axis=1)],
        till=draws.choice(of.clients, world.banks.share) + of.clients + of.merchants,
        scale=scales, width=np.sqrt(np.maximum(wide - own, 0)),
    )  # fmt: skip


def _scales(scale: Array, activity: Array, wide: Array) -> tuple[Array, Array]:
    """How a client's amounts differ by kind, (C, 5), and the variance of logarithms in it, (5,).

    At most half of the variance of a kind lies between clients.
    """
    weight = activity / activity.sum()
    log = np.log(scale)
    own = float(weight @ (log - weight @ log) ** 2)
    power = np.minimum(1, np.sqrt(0.5 * wide / max(own, 1e-12)))
    scales = np.exp(log[:, None] * power)
    return own * power**2, scales / (weight @ scales)


def _contacts(of: "Payments", draws: Draws, city: Array, known: Array) -> tuple[Array, Array]:
    """To whom each client sends money: 1 + Poisson ties, some of which are returned."""
    count = 1 + draws.poisson(of.clients, of.contacts / (1 + of.mutual) - 1)
    a = np.repeat(np.arange(of.clients), count)
    near = draws.chance(len(a), of.local)
    b = np.where(near, _within(draws, city[a], city, known), draws.choice(len(a), known))
    back = draws.chance(len(a), of.mutual)
    a, b = np.concatenate([a, b[back]]), np.concatenate([b, a[back]])
    ties = np.unique(a[a != b] * of.clients + b[a != b])
    return np.searchsorted(ties, np.arange(of.clients + 1) * of.clients), ties % of.clients


def _shops(of: "Payments", draws: Draws, city: Array, home: Array, popular: Array) -> Array:
    near = draws.chance(of.clients, of.local)
    anywhere = draws.choice(of.clients, popular)
    return np.where(near, _within(draws, city, home, popular), anywhere)


def _within(draws: Draws, city: Array, home: Array, weight: Array) -> Array:
    """Somebody in each wanted city, by weight; anybody where nobody is there."""
    cities = int(max(city.max(initial=0), home.max(initial=0))) + 1
    start, who = members(home, np.arange(len(home)), cities)
    reach = np.concatenate([[0.0], np.cumsum(weight[who])])
    low, high = reach[start[city]], reach[start[city + 1]]
    low, high = np.where(low < high, low, 0.0), np.where(low < high, high, reach[-1])
    place = np.searchsorted(reach, low + draws.uniform(len(city)) * (high - low), side="right") - 1
    drawn: Array = who[np.clip(place, 0, len(who) - 1)]
    return drawn


def alias(weights: Array) -> tuple[Array, Array]:
    """The alias table of weights (N,): shares (N,) and others (N,).

    Paper: Vose, "A linear algorithm for generating random numbers with a given distribution",
    IEEE Transactions on Software Engineering 1991. Cost: O(N).
    """
    n = len(weights)
    share = weights * (n / weights.sum())
    other = np.arange(n)
    small, large = list(np.flatnonzero(share < 1)), list(np.flatnonzero(share >= 1))
    while small and large:
        few, many = small.pop(), large.pop()
        other[few] = many
        share[many] -= 1 - share[few]
        (small if share[many] < 1 else large).append(many)
    share[small + large] = 1.0
    return share, other


def _accounts(of: "Payments", world: World, draws: Draws) -> None:
    """An account for everybody: first clients, then merchants, then the tills of banks."""
    c, m, b = of.clients, of.merchants, of.banks
    kind = np.repeat(np.array([0, 1, 2], np.int8), [c, m, b])
    spent = world.clients.spent_cents  # a month
    typical = np.maximum(spent, np.median(spent))
    held = of.savings * typical * np.exp(draws.normal(c) - 0.5)
    held *= np.where(np.isin(world.clients.role, (LAUNDERER, FRAUDSTER)), 3.0, 1.0)
    popular = world.merchants.popular / world.merchants.popular.sum()
    takings = 2 * popular * spent.sum() * np.exp(0.5 * draws.normal(m))
    tills = np.full(b, 20.0 * held.sum())
    cents = np.concatenate([held, takings, tills]).astype(np.int64)
    limit = np.full(c + m + b, NO_LIMIT)
    limit[:c] = np.round(of.overdraft * typical)
    rows = np.arange(c + m + b)
    bank = np.concatenate([
        world.ways.till - c - m, draws.choice(m, world.banks.share), np.arange(b)
    ])  # fmt: skip
    form = Form(
        key="account_id", labels={"kind": ("client", "merchant", "bank")},
        refers={"client_id": "clients", "merchant_id": "merchants", "bank_id": "banks"},
        hidden=("cents", "limit_cents"),
    )  # fmt: skip
    world.accounts = Population(
        c + m + b, form=form, kind=kind, client_id=np.where(kind == 0, rows, -1),
        merchant_id=np.where(kind == 1, rows - c, -1), bank_id=bank,
        opening=cents / 100, balance=cents / 100, cents=cents, limit_cents=limit,
    )  # fmt: skip

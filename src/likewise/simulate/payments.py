"""Payments between clients, merchants and banks, with fraud and laundering injected and labelled.

Clients buy, pay bills, send money to people they know, pay in and withdraw cash, and are paid once
a month; each transfer moves money from one account to another, and none is made. Patterns of fraud
and of laundering are planned, and carried out among the rest; ordinary people do things that look
alike. A monitor with simple rules raises alerts. Equations, parameters and sources are on the
documentation's page.

Papers: Lopez-Rojas, Elmir and Axelsson, "PaySim: a financial mobile money simulator for fraud
detection", EMSS 2016; Altman and others, "Realistic synthetic financial transactions for
anti-money laundering models", NeurIPS 2023 (patterns).
Cost: about 1.5 microseconds a transaction; memory is that of the accounts.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.simulate.draws import Draws
from likewise.simulate.dynamics import Data
from likewise.simulate.facts import Band
from likewise.simulate.payments_facts import BANDS, payment_facts
from likewise.simulate.payments_fit import estimated, from_published
from likewise.simulate.payments_hour import an_hour
from likewise.simulate.payments_plan import plan_day
from likewise.simulate.payments_setup import set_up
from likewise.simulate.rules import invariant, rule
from likewise.simulate.simulator import MOST, Simulator
from likewise.simulate.world import World

Share = Annotated[float, Field(ge=0, le=1)]
AtLeastZero = Annotated[float, Field(ge=0, le=1e12)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Times = Annotated[float, Field(ge=0, le=1000)]
Five = tuple[AtLeastZero, AtLeastZero, AtLeastZero, AtLeastZero, AtLeastZero]
FivePositive = tuple[Positive, Positive, Positive, Positive, Positive]
FiveShares = tuple[Share, Share, Share, Share, Share]
HOURS = (
    1.0, 0.6, 0.4, 0.3, 0.4, 0.9, 2.0, 3.6, 4.8, 5.4, 6.0, 6.6,
    7.0, 6.4, 5.8, 5.8, 6.4, 7.2, 7.4, 6.6, 5.4, 4.2, 2.8, 1.8,
)  # fmt: skip
WEEKDAYS = (1.0, 0.98, 1.0, 1.04, 1.18, 1.12, 0.78)


class Payments(Simulator):
    """Accounts, transactions with labelled fraud, and the alerts of a monitor.

    Five kinds of transactions are made by clients, in this order wherever five numbers are
    asked for: payment (to a merchant), transfer (to a client), cash_in, cash_out (at a bank),
    debit (a bill). The sixth, income, is monthly.

    Attributes:
        clients: how many; each has an account.
        merchants: how many; they are employers, too.
        banks: how many.
        cities: how many.
        rates: transactions of each kind, a client and day.
        means: mean amounts of each kind.
        stds: standard deviations of these amounts.
        rounds: share of round amounts (whole tens, fifties or hundreds) of each kind.
        hours: relative frequency of the hours of a day, from midnight on.
        weekdays: relative frequency of days, from Monday on.
        spread: how unequally active clients are: standard deviation over mean.
        incomes: share of clients with a monthly income.
        savings: mean balance at the start, in monthly spending.
        overdraft: what an account may be overdrawn by, in monthly spending.
        contacts: mean number of people to whom a client sends money.
        mutual: share of these ties that are returned.
        tail: exponent of the distribution of how many send money to a client.
        local: share of ties, and of purchases, within one's city.
        fraud: share of transactions that belong to patterns of fraud or laundering.
        typologies: relative numbers of patterns: fan_in, fan_out, cycle, scatter_gather,
            structuring, account_takeover, card_testing.
        mules, launderers, fraudsters: shares of clients in these roles.
        lookalikes: innocent patterns for each illicit one.
        reported: a cash deposit is reported from this many mean deposits on.
        vigilance: of the monitor: its limits are divided by this.
    """

    summary: ClassVar[str] = "Clients, merchants, banks and money launderers: payments"
    default_steps: ClassVar[int] = 28 * 24
    steps_per_day: ClassVar[float | None] = 24.0
    bands: ClassVar[Mapping[str, Band]] = BANDS
    populations: ClassVar[Mapping[str, str]] = {"clients": "clients"}

    clients: Annotated[int, Field(ge=20, le=MOST)] = 10_000
    merchants: Annotated[int, Field(ge=5, le=MOST)] = 500
    banks: Annotated[int, Field(ge=1, le=1_000_000)] = 5
    cities: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    rates: tuple[Times, Times, Times, Times, Times] = (0.9, 0.18, 0.04, 0.12, 0.12)
    means: FivePositive = (45.0, 180.0, 300.0, 120.0, 90.0)
    stds: Five = (75.0, 400.0, 450.0, 110.0, 120.0)
    rounds: FiveShares = (0.05, 0.35, 0.4, 0.85, 0.02)
    hours: Annotated[tuple[AtLeastZero, ...], Field(min_length=24, max_length=24)] = HOURS
    weekdays: Annotated[tuple[AtLeastZero, ...], Field(min_length=7, max_length=7)] = WEEKDAYS
    spread: Annotated[float, Field(ge=0, le=5)] = 0.8
    incomes: Share = 0.95
    savings: Times = 2.0
    overdraft: Times = 0.5
    contacts: Annotated[float, Field(ge=1, le=100)] = 4.0
    mutual: Share = 0.3
    tail: Annotated[float, Field(gt=2, le=6)] = 2.2
    local: Share = 0.7
    fraud: Annotated[float, Field(ge=0, le=0.2)] = 0.002
    typologies: tuple[
        AtLeastZero, AtLeastZero, AtLeastZero, AtLeastZero, AtLeastZero, AtLeastZero, AtLeastZero
    ] = (1.0, 1.0, 1.0, 0.5, 1.0, 2.0, 2.0)
    mules: Share = 0.01
    launderers: Share = 0.002
    fraudsters: Share = 0.002
    lookalikes: Annotated[float, Field(ge=0, le=100)] = 1.0
    reported: Positive = 30.0
    vigilance: Positive = 1.0

    def setup(self, world: World, draws: Draws) -> None:
        """Banks, merchants, clients, whom they know, where they buy, and their accounts."""
        set_up(self, world, draws)

    @rule()
    def plan(self, world: World, draws: Draws) -> None:
        """At midnight: patterns that begin on this day."""
        if (world.step - 1) % 24 == 0 and self.fraud > 0:
            plan_day(self, world, draws.generator())

    @rule()
    def pay(self, world: World, draws: Draws) -> None:
        """The transactions of an hour, in order of time, and their alerts."""
        an_hour(self, world, draws)

    @invariant
    def no_money_is_made_or_lost(self, world: World) -> bool:
        """All balances add up to what they added up to at the start, to the cent."""
        return int(world.accounts.cents.sum()) == int(world.counts[0])

    @invariant
    def nobody_overdraws_beyond_the_limit(self, world: World) -> bool:
        """Balances stay above minus the overdraft."""
        accounts = world.accounts
        return bool((accounts.cents >= -accounts.limit_cents).all())

    def collect(self, world: World) -> Mapping[str, float]:
        """Transactions so far, those refused for lack of money, illicit ones, and alerts."""
        _, refused, illicit = world.counts
        return {
            "transactions": len(world.transactions), "refused": refused, "illicit": illicit,
            "alerts": len(world.alerts),
        }  # fmt: skip

    def finish(self, world: World) -> None:
        """Balances at the end, in the accounts' table; patterns of which nothing happened go."""
        world.accounts.balance = world.accounts.cents / 100
        patterns = world.patterns
        patterns.amount = patterns.cents / 100
        patterns.remove(np.flatnonzero(patterns.alive & (patterns.transactions == 0)))

    def estimate(self, data: Data) -> Mapping[str, Any]:
        """Rates, amounts, profiles and shares from ``transactions`` or ``aggregates``."""
        return estimated(self, data)

    def published(self, facts: Mapping[str, float]) -> Mapping[str, Any]:
        """The settings that published means, deviations, rates and shares are."""
        return from_published(self, facts)

    def facts(self, data: Data) -> Mapping[str, float]:
        """What ``bands`` describes, as far as the tables allow; ``transactions`` is enough."""
        return payment_facts(data, self)

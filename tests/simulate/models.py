"""Small models that several test modules run; each is one that a user could have written."""

from collections.abc import Mapping

import numpy as np

from likewise.simulate import EventQueue, Form, Log, Population, Simulator, invariant, kernel, rule
from likewise.simulate.conflicts import one_each
from likewise.simulate.philox import below


class Walk(Simulator):
    """Walkers on a line, who never meet."""

    walkers: int = 1000

    def setup(self, world, draws):
        world.people = Population(self.walkers, x=0)

    @rule()
    def move(self, world, draws):
        people = world.people
        people.x += np.where(draws.chance(people.id, 0.5), 1, -1)

    def collect(self, world) -> Mapping[str, float]:
        return {"variance": world.people.x.var(), "mean": world.people.x.mean()}


class TalkingWalk(Walk):
    """The same walk beside a rule that draws too."""

    @rule()
    def talk(self, world, draws):
        draws.uniform(self.walkers)
        draws.normal(3)


@kernel
def pay(order, key, money, other):
    """Each agent in order who has something gives 1 to another; ``other`` gets whom, or -1."""
    for i in order:
        other[i] = -1
        if money[i] > 0:
            j = below(key, i, 0, len(money))
            money[i] -= 1
            money[j] += 1
            other[i] = j


class Market(Simulator):
    """Money that changes hands, agents that come and go, a seller that only one can have."""

    people: int = 200
    greedy: bool = False

    def setup(self, world, draws):
        form = Form(key="person_id", labels={"kind": ("poor", "rich")})
        world.people = Population(self.people, form=form, money=5.0, kind=0)
        log_form = Form(key="payment_id", refers={"from_id": "people", "to_id": "people"})
        world.payments = Log(form=log_form, step=int, from_id=int, to_id=int)
        world.total = 5.0 * self.people
        world.queue = EventQueue(4)
        world.queue.push(draws.exponential(self.people) * 20, world.people.id)

    @rule()
    def trade(self, world, draws):
        people = world.people
        other = np.empty(len(people.money), np.int64)
        pay(draws.order(people.id), draws.key(), people.money, other)
        paid = np.flatnonzero(other >= 0)
        world.payments.emit(step=world.step, from_id=people.id[paid], to_id=people.id[other[paid]])
        if self.greedy and world.step == 3:
            people.money[0] += 1

    @rule(every=2)
    def come_and_go(self, world, draws):
        people = world.people
        _, due, _ = world.queue.until(world.step)
        gone = np.flatnonzero(np.isin(people.id, due) & people.alive)
        moved = people.money[gone].sum()
        people.money[gone] = 0
        people.remove(gone)
        rows = people.add(len(gone), money=0.0, kind=draws.below(len(gone), 2))
        people.money[people.rows[0]] += moved
        world.queue.push(world.step + draws.exponential(people.id[rows]) * 20, people.id[rows])
        people.money[people.rows] += 0.0
        won = one_each(draws.below(people.ids, 9), people.ids, draws)
        people.kind[people.rows[won]] = 1

    @invariant
    def money_is_conserved(self, world):
        return bool(np.isclose(world.people.money.sum(), world.total))

    def collect(self, world) -> Mapping[str, float]:
        people = world.people
        return {"agents": len(people), "richest": float(people.money[people.alive].max())}

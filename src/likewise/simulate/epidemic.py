"""An epidemic among households: infections, visits, tests and outcomes of made-up patients.

Infection runs through homes and through meetings elsewhere; every infected person incubates, is
infectious for a while, and recovers or dies. Visits, with the illness or without, lead to tests
that err at known rates. Equations, parameters and sources are on the documentation's page.

Model: SEIR with households (Ball, Mollison and Scalia-Tomba, "Epidemics with two levels of
mixing", Annals of Applied Probability 1997) and unequal activity.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.errors import ConfigError
from likewise.simulate.care import ADMISSION, CLINIC, see_patients
from likewise.simulate.conflicts import first_of_each
from likewise.simulate.draws import Draws
from likewise.simulate.dynamics import Data
from likewise.simulate.epidemic_facts import PLACES, epidemic_facts, people_of
from likewise.simulate.events import EventQueue
from likewise.simulate.facts import Band
from likewise.simulate.form import Form
from likewise.simulate.given import given_columns
from likewise.simulate.grid import members
from likewise.simulate.log import Log
from likewise.simulate.population import Population
from likewise.simulate.rules import invariant, rule
from likewise.simulate.simulator import MOST, Simulator
from likewise.simulate.world import World

Array = np.ndarray
HEALTHY, EXPOSED, INFECTIOUS, RECOVERED, DEAD = range(5)
STATES = ("healthy", "exposed", "infectious", "recovered", "dead")
SHAPE = 4  # of the gamma law of durations: four exponential stages
Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[float, Field(gt=0, le=365)]


class Epidemic(Simulator):
    """Patients, their homes and contacts; infections, visits, tests and outcomes.

    Attributes:
        people: how many.
        household: mean size of a household.
        infected: people who incubate at the start.
        imported: infections from elsewhere, a day and 100,000 people.
        meetings: mean number of meetings away from home, a person and day.
        spread: how unequal people are in this: standard deviation over mean of their activity.
        risk: of infection at a meeting with somebody infectious.
        home_risk: of infection by an infectious member of the household, a day.
        incubation: mean days from infection until one is infectious.
        infectious: mean days for which one is.
        symptoms: share of the infected who feel ill.
        severe: share of the infected who need a hospital, at the age of 40 without a condition.
        fatal: share of those who die.
        condition: share of people with a rare condition, for whom illness is severe five times as
            often.
        other_visits: visits for other reasons, a person and day.
        sensitivity: share of the infected whose test is positive.
        specificity: share of others whose test is negative.
    """

    summary: ClassVar[str] = "Households, infections, visits and tests: an epidemic"
    default_steps: ClassVar[int] = 180
    steps_per_day: ClassVar[float | None] = 1.0
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {
        "risk": (0.001, 0.3), "home_risk": (0.003, 0.5),
    }  # fmt: skip
    populations: ClassVar[Mapping[str, str]] = {"people": "people"}
    bands: ClassVar[Mapping[str, Band]] = {
        "attacked": Band("share of people infected"),
        "at_home": Band("share of infections at home", 0.15, 0.5, "Ferguson and others 2006"),
        "interval": Band("days from an infection to those it causes", 2, 20),
        "overdispersion": Band(
            "variance over mean of infections by one person", 1, None, "Lloyd-Smith and others 2005"
        ),
    }

    people: Annotated[int, Field(ge=1, le=MOST)] = 10_000
    household: Annotated[float, Field(ge=1, le=20)] = 2.5
    infected: Annotated[int, Field(ge=0, le=MOST)] = 10
    imported: Annotated[float, Field(ge=0, le=100_000)] = 0.0
    meetings: Annotated[float, Field(ge=0, le=1000)] = 8.0
    spread: Annotated[float, Field(ge=0, le=5)] = 0.5
    risk: Share = 0.025
    home_risk: Share = 0.06
    incubation: Days = 3.0
    infectious: Days = 6.0
    symptoms: Share = 0.6
    severe: Share = 0.02
    fatal: Share = 0.15
    condition: Share = 0.0005
    other_visits: Share = 0.003
    sensitivity: Share = 0.85
    specificity: Share = 0.99

    def setup(self, world: World, draws: Draws) -> None:
        """People in their homes; some incubate."""
        sizes = 1 + draws.poisson(self.people, self.household - 1)
        ends = np.cumsum(sizes)
        homes = int(np.searchsorted(ends, self.people)) + 1
        home = np.searchsorted(ends, np.arange(self.people), side="right")
        sizes = np.bincount(home, minlength=homes)
        world.households = Population(homes, form=Form(key="household_id"), size=sizes)
        given, words = self._given(world)
        form = Form(
            key="person_id", refers={"household_id": "households"},
            labels={"sex": ("female", "male"), **words, "state": STATES},
            hidden=("activity", "infectious_from", "well_from", "will_die", "is_infected"),
        )  # fmt: skip
        drawn = {
            "age": (100 * (1 - np.sqrt(1 - draws.uniform(self.people)))).astype(int),
            "sex": draws.chance(self.people, 0.49).astype(np.int8),
            "condition": draws.chance(self.people, self.condition),
        }
        course = {
            "household_id": home, "state": np.int8(HEALTHY), "activity": self._activity(draws),
            "infectious_from": np.inf, "well_from": np.inf, "will_die": False,
            "is_infected": False,
        }  # fmt: skip
        world.people = Population(self.people, form=form, **{**drawn, **given, **course})
        world.start, world.who = members(home, np.arange(self.people), homes)
        world.reach = np.cumsum(world.people.activity)
        world.queue = EventQueue()
        self._logs(world)
        first = draws.order(self.people)[: self.infected]
        self._infect(world, draws, first, np.full(len(first), -1), elsewhere=2)

    def _given(self, world: World) -> tuple[dict[str, Array], dict[str, tuple[str, ...]]]:
        """What a given table says of people; ages in years, who has the condition as a boolean."""
        columns, words = given_columns(world, "people")
        age = columns.get("age", np.zeros(0))
        if "age" in words or not ((age >= 0) & (age <= 130)).all():
            found = "not all are years from 0 to 130"
            raise ConfigError("people, column 'age'", found, "Give ages, none missing")
        if columns.get("condition", np.zeros(0, bool)).dtype != bool:
            raise ConfigError("people, column 'condition'", "not yes or no", "Give true and false")
        return columns, words

    def _activity(self, draws: Draws) -> Array:
        """Relative numbers of meetings, of mean 1; a log-normal law."""
        sigma = np.sqrt(np.log1p(self.spread**2))
        activity: Array = np.exp(sigma * draws.normal(self.people) - sigma**2 / 2)
        return activity

    def _logs(self, world: World) -> None:
        person = {"person_id": "people"}
        world.infections = Log(
            form=Form(
                key="infection_id", refers={**person, "by_id": "people"},
                labels={"place": PLACES},
            ), day=int, person_id=int, by_id=int, place=np.int8,
        )  # fmt: skip
        reasons = ("respiratory", "other")
        world.visits = Log(
            form=Form(
                key="visit_id", refers=person,
                labels={"reason": reasons, "ward": ("clinic", "hospital")},
            ), day=int, person_id=int, reason=np.int8, ward=np.int8,
        )  # fmt: skip
        form = Form(key="test_id", refers={"visit_id": "visits", **person})
        world.tests = Log(form=form, visit_id=int, person_id=int, day=int, positive=bool)
        form = Form(key="outcome_id", refers=person, labels={"outcome": ("recovered", "dead")})
        world.outcomes = Log(form=form, day=int, person_id=int, outcome=np.int8)

    @rule()
    def progress(self, world: World, draws: Draws) -> None:
        """Those who have incubated become infectious; illnesses end."""
        people, day = world.people, world.step
        people.state[(people.state == EXPOSED) & (people.infectious_from <= day)] = INFECTIOUS
        over = np.flatnonzero((people.state == INFECTIOUS) & (people.well_from <= day))
        people.state[over] = np.where(people.will_die[over], DEAD, RECOVERED)
        people.is_infected[over] = False
        world.outcomes.emit(day=day, person_id=over, outcome=people.will_die[over])

    @rule()
    def spread_infection(self, world: World, draws: Draws) -> None:
        """The infectious infect at home and at meetings."""
        people = world.people
        active = np.flatnonzero(people.state == INFECTIOUS)
        count = draws.poisson(people.id[active], self.meetings * people.activity[active])
        by = np.repeat(active, count)
        total = world.reach[-1]
        met = np.searchsorted(world.reach, draws.uniform(len(by)) * total, side="right")
        caught = draws.chance(len(by), self.risk)

        home = people.household_id[active]
        sizes = world.start[home + 1] - world.start[home]
        host = np.repeat(active, sizes)
        within = np.arange(len(host)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        mate = world.who[world.start[people.household_id[host]] + within]
        at_home = draws.chance(len(host), self.home_risk)

        target = np.concatenate([mate[at_home], met[caught]])
        source = np.concatenate([host[at_home], by[caught]])
        elsewhere = np.arange(len(target)) >= np.count_nonzero(at_home)
        fits = people.state[target] == HEALTHY
        one = first_of_each(target[fits])
        self._infect(
            world, draws, target[fits][one], source[fits][one], elsewhere[fits][one].astype(np.int8)
        )

    @rule()
    def import_infection(self, world: World, draws: Draws) -> None:
        """Some are infected by nobody here."""
        expected = self.imported * self.people / 1e5
        count = int(draws.poisson(1, expected)[0])
        target = np.unique(draws.below(count, self.people))
        target = target[world.people.state[target] == HEALTHY]
        self._infect(world, draws, target, np.full(len(target), -1), elsewhere=2)

    @rule()
    def care(self, world: World, draws: Draws) -> None:
        """Visits that are due, visits for other reasons, and their tests."""
        see_patients(
            world, draws, self.other_visits, self.sensitivity, self.specificity,
            np.flatnonzero(world.people.state != DEAD),
        )  # fmt: skip

    @invariant
    def everybody_is_in_a_state_once(self, world: World) -> bool:
        """Infections, outcomes and states agree."""
        counts = np.bincount(world.people.state, minlength=5)
        past = counts[RECOVERED] + counts[DEAD]
        infected = counts[EXPOSED:].sum()
        return bool(infected == len(world.infections) and past == len(world.outcomes))

    def collect(self, world: World) -> Mapping[str, float]:
        """People by state, and positive tests so far."""
        counts = np.bincount(world.people.state, minlength=5)
        return {**dict(zip(STATES, counts, strict=True)), "visits": len(world.visits)}

    def done(self, world: World) -> bool:
        """Nobody is infected, and nobody comes from elsewhere."""
        active = np.isin(world.people.state, (EXPOSED, INFECTIOUS)).any()
        return not active and not self.imported

    def estimate(self, data: Data) -> Mapping[str, float]:
        """How many people there are, the mean size of a household, and who has the condition."""
        return people_of(data)

    def facts(self, data: Data) -> Mapping[str, float]:
        """Who is infected, where, how long after the infector, and by how unequal numbers."""
        return epidemic_facts(data)

    def _infect(
        self, world: World, draws: Draws, target: Array, source: Array, elsewhere: Array | int
    ) -> None:
        """Who was healthy incubates from now on; how it will go is drawn at once."""
        people, day, ids = world.people, world.step, world.people.id[target]
        stages = [draws.exponential(ids) for _ in range(2 * SHAPE)]
        people.state[target] = EXPOSED
        people.is_infected[target] = True
        people.infectious_from[target] = day + self.incubation * np.mean(stages[:SHAPE], axis=0)
        length: Array = self.infectious * np.mean(stages[SHAPE:], axis=0)
        people.well_from[target] = people.infectious_from[target] + length
        odds = self.severe * np.exp((people.age[target] - 40) / 12)
        odds *= np.where(people.condition[target], 5, 1)
        severe = draws.chance(ids, np.minimum(odds, 0.6))
        people.will_die[target] = severe & draws.chance(ids, self.fatal)
        ill = draws.chance(ids, self.symptoms) | severe
        onset = people.infectious_from[target]
        calls = ill & draws.chance(ids, 0.5)
        world.queue.push(onset[calls] + draws.exponential(ids[calls]), target[calls], CLINIC)
        stay = onset[severe] + length[severe] / 2
        world.queue.push(stay, target[severe], ADMISSION)
        by = np.where(source < 0, -1, people.id[source])
        world.infections.emit(day=day, person_id=ids, by_id=by, place=elsewhere)

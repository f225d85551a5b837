"""Facts of a shop's orders: repeat purchases beside the BG/NBD model, rhythm, week and year."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from likewise.simulate.bgnbd import Purchases, RepeatModel, fit_repeats
from likewise.simulate.bgnbd_groups import GroupModel, fit_groups
from likewise.simulate.retail_sales import Sales
from likewise.simulate.retail_shop import MONTH

Array = np.ndarray
Model = TypeVar("Model", RepeatModel, GroupModel)
WEEK, YEAR = 7, 365.25
BINS = 10  # of the histogram of repeats: 0, 1, …, 9, and more
WARM = 13  # weeks before tracking is judged: few have come back yet
USUAL = 10  # orders on a day that are missed where there are none
FEW = 50  # customers below which nothing is said of repeats


@dataclass(frozen=True)
class History:
    """Days on which customers bought, orders of one day taken together.

    Attributes:
        customer: of each purchase, sorted, and by day; (P,).
        day: of each purchase; (P,).
        first, last: day of each customer's first and last purchase; (N,).
        repeats: purchases after the first; (N,).
        end: last day of all.
    """

    customer: Array
    day: Array
    first: Array
    last: Array
    repeats: Array
    end: int

    def until(self, day: int) -> "History":
        """What was known at the end of a day: customers who had come, and their purchases."""
        kept = self.day <= day
        return history_of(self.customer[kept], self.day[kept], day)

    def purchases(self, clock: Array | None = None) -> Purchases:
        """What the BG/NBD model needs; ``clock`` (end + 1,) is the time at the end of each day."""
        time = np.arange(self.end + 1.0) if clock is None else clock
        first = time[self.first]
        return Purchases(self.repeats, time[self.last] - first, time[self.end] - first)


def history_of(customer: Array, day: Array, end: int) -> History:
    """The purchases of customers, whatever their codes; see ``History``."""
    keys = np.unique(customer.astype(np.int64) * (end + 1) + day)
    customer, day = keys // (end + 1), keys % (end + 1)
    begins = np.flatnonzero(np.diff(customer, prepend=-1))
    counts = np.diff(np.append(begins, len(keys)))
    last = day[begins + counts - 1]
    owner = np.repeat(np.arange(len(begins)), counts)
    return History(owner, day, day[begins], last, counts - 1, end)


def repeat_facts(sales: Sales) -> dict[str, float]:
    """See ``retail_facts``; only those that the data allow."""
    seen = history_of(sales.customer, sales.day, sales.end)
    facts = {
        "repeats": float(seen.repeats.mean()),
        "once": float(np.mean(seen.repeats == 0)),
    }
    if sales.end >= 2 * WEEK:
        weekdays = np.bincount((sales.day - 1) % WEEK, minlength=WEEK) / _days_of(sales.end)
        facts["weekday_strength"] = float(weekdays.std() / weekdays.mean())
    if len(seen.repeats) < FEW or np.count_nonzero(seen.repeats) < FEW:
        return facts
    model = fit_repeats(seen.purchases())
    facts["histogram_gap"] = histogram_gap(seen, model)
    facts["regularity"] = regularity(seen)
    if sales.end >= 2 * WARM * WEEK:
        facts |= tracking(seen, model)
    if sales.end >= YEAR - MONTH:
        ratio = by_month(seen, model, np.arange(seen.end + 1.0))
        facts["annual_strength"] = float(np.std(ratio) / np.mean(ratio))
    return facts


def _days_of(end: int) -> Array:
    """How often the 1st, 2nd, … day of the week has been by a day; (7,)."""
    return np.bincount(np.arange(end) % WEEK, minlength=WEEK)


def histogram(seen: History) -> Array:
    """Shares of customers with 0, 1, …, 9 and more repeats; (11,)."""
    return np.bincount(np.minimum(seen.repeats, BINS), minlength=BINS + 1) / len(seen.repeats)


def histogram_gap(seen: History, model: RepeatModel) -> float:
    """Total variation between the histogram of repeats and the model's, in [0, 1]."""
    spans, counts = np.unique(seen.end - seen.first, return_counts=True)
    shares = model.share(np.arange(BINS)[:, None], spans[None, :]) @ (counts / counts.sum())
    expected = np.append(shares, 1 - shares.sum())
    return float(np.abs(histogram(seen) - expected).sum() / 2)


def regularity(seen: History) -> float:
    """Shape k of gamma times between purchases; 1 is Poisson, more is more regular.

    The share of two successive times that the first one takes is beta (k, k), whatever the
    customer's rate, and its variance tells k.

    Paper: Wheat and Morrison, "Estimating purchase regularity with two interpurchase times",
    Journal of Marketing Research 1990.
    """
    three = np.flatnonzero(seen.customer[2:] == seen.customer[:-2])
    first = seen.day[three + 1] - seen.day[three]
    share = first / (seen.day[three + 2] - seen.day[three])
    spread = float(np.mean((share - 0.5) ** 2)) if len(share) else 0.0
    return (1 / (4 * spread) - 1) / 2 if spread else 0.0


def tracking(seen: History, whole: RepeatModel) -> dict[str, float]:
    """How far purchases are from those expected, as shares of purchases.

    ``tracking_error`` is the mean absolute error of cumulative repeats by week, of a model of all
    data; ``holdout_error`` that of a model which knows the first half, for its customers in the
    second; ``conditional_error`` the error of purchases in the second half that this model expects
    of customers with 0, 1, …, 9 or more repeats in the first, summed over these groups.
    """
    half = seen.end // 2
    early = seen.until(half)
    model = fit_repeats(early.purchases())
    weeks = np.arange(WARM, seen.end // WEEK + 1) * WEEK
    everybody = np.ones(len(seen.first), bool)
    return {
        "tracking_error": _apart(seen, everybody, whole, weeks),
        "holdout_error": _apart(seen, seen.first <= half, model, weeks[weeks > half]),
        "conditional_error": _by_frequency(seen, early, model),
    }


def _apart(seen: History, who: Array, model: RepeatModel, days: Array) -> float:
    """Mean absolute error of cumulative repeats of some customers (N,) bool, by days."""
    expected = _cumulative(seen.first[who], model, days, np.arange(seen.end + 1.0))
    repeats = seen.day[who[seen.customer] & (seen.day > seen.first[seen.customer])]
    found = np.searchsorted(np.sort(repeats), days, side="right")
    return float(np.mean(np.abs(expected - found) / np.maximum(found, 1)))


def _by_frequency(seen: History, early: History, model: RepeatModel) -> float:
    """Error of later purchases, summed over customers by their repeats so far."""
    group = np.minimum(early.repeats, BINS - 1)
    expected = model.expected_later(early.purchases(), seen.end - early.end)
    known = np.flatnonzero(seen.first <= early.end)  # in the order of ``early``
    found = (seen.repeats[known] - early.repeats).astype(float)
    apart = np.bincount(group, weights=expected) - np.bincount(group, weights=found)
    return float(np.abs(apart).sum() / max(found.sum(), 1))


def _cumulative(first: Array, model: RepeatModel | GroupModel, days: Array, clock: Array) -> Array:
    """Expected repeats by the end of each day, of customers who came on days (N,); (D,)."""
    starts, counts = np.unique(first, return_counts=True)
    time = np.maximum(clock[days][:, None] - clock[starts][None, :], 0.0)
    if isinstance(model, GroupModel):
        return model.expected(time, cohorts(starts)[None, :]) @ counts
    return model.expected(time) @ counts


def by_month(seen: History, model: RepeatModel | GroupModel, clock: Array) -> Array:
    """Repeats in each twelfth of a year, over those that the model expects on a clock; (12,)."""
    edges = np.arange(seen.end + 1)
    expected = np.diff(_cumulative(seen.first, model, edges, clock))
    found = np.bincount(seen.day[seen.day > seen.first[seen.customer]], minlength=seen.end + 1)[1:]
    month = _month(np.arange(seen.end))
    wanted = np.bincount(month, weights=expected, minlength=12)
    had = np.bincount(month, weights=found, minlength=12)
    return np.where(wanted > 0, had / np.maximum(wanted, 1e-12), 1.0)


def season(
    seen: History, days: Array, regularity: int = 1, rounds: int = 5
) -> tuple[RepeatModel, Array]:
    """The BG/NBD model and the year's profile, each by the other in turn; (12,) of mean 1.

    On a clock that runs by weekday and season purchases are those of the model, so the clock's
    speed is where more were found than expected. Of less than a year the profile is flat.

    Args:
        seen: the purchases.
        days: relative rates of days, as ``calendar`` gives them; (end,).
        regularity: k of the model.
        rounds: turns.
    """

    def fit(start: RepeatModel | None, clock: Array) -> RepeatModel:
        return fit_repeats(seen.purchases(clock), start, regularity)

    months = np.ones(12)
    model = fit(None, clock_of(days, months))
    return _in_turns(seen, days, model, months, fit, rounds)


def season_of_cohorts(
    seen: History, days: Array, plain: RepeatModel, months: Array, rounds: int = 5
) -> tuple[GroupModel, Array]:
    """The same of customers who differ by when they came, if the data say that they do.

    They do where cohorts, with or without devoted customers in the first one, raise the likelihood
    by more than half the logarithm of customers for each parameter (Schwarz, "Estimating the
    dimension of a model", 1978). Else all paces are 1.

    Args:
        seen, days: as there.
        plain, months: what ``season`` has found.
        rounds: as there.
    """
    group = cohorts(seen.first)
    clock = clock_of(days, months)
    known, costs = seen.purchases(clock), np.log(len(group)) / 2
    best = GroupModel(plain, np.ones(int(group.max()) + 1))
    worth, start, few = best.log_likelihood(known, group), best, False
    for devoted in (False, True):
        start = fit_groups(known, group, start, devoted=devoted)
        parameters = len(start.pace) - 1 + 2 * devoted
        gained = start.log_likelihood(known, group) - costs * parameters
        if gained > worth:
            best, worth, few = start, gained, devoted
    if best.common is plain:
        return best, months

    def fit(start: GroupModel, clock: Array) -> GroupModel:
        return fit_groups(seen.purchases(clock), group, start, devoted=few)

    return _in_turns(seen, days, best, months, fit, rounds)


def _in_turns(
    seen: History, days: Array, model: Model, months: Array,
    fit: Callable[[Model, Array], Model], rounds: int,
) -> tuple[Model, Array]:  # fmt: skip
    """The year's profile by the model, and the model by the profile, some times."""
    told = seen.end >= YEAR - MONTH
    for _ in range(rounds if told else 0):
        months = months * by_month(seen, model, clock_of(days, months))
        months /= months.mean()
        model = fit(model, clock_of(days, months))
    return model, months


def cohorts(first: Array) -> Array:
    """Which 30 days, from 0 on, customers came in whose first days (N,) are given."""
    return (first - 1) // MONTH


def clock_of(days: Array, months: Array) -> Array:
    """Time at the end of each day, in days of the mean speed; (end + 1,) from 0 on.

    Args:
        days: relative rates of days by the week; (end,).
        months: of the year's twelfths; (12,).
    """
    return np.append(0.0, np.cumsum(days * months[_month(np.arange(len(days)))]))


def _month(day: Array) -> Array:
    """The twelfth of a year of days that are counted from 0."""
    return np.asarray(day % YEAR / YEAR * 12).astype(int)


def weekly(sales: Sales) -> tuple[Array, Array]:
    """Relative orders on the 1st, 2nd, … day of the week, and days on which the shop was closed.

    A day is closed if nobody ordered on it where 10 orders or more would be usual; such days are
    left out of the week. The week has mean 1; (7,), (D,).
    """
    daily = np.bincount(sales.day - 1, minlength=sales.end)
    which = np.arange(sales.end) % WEEK
    usual = np.bincount(which, daily, WEEK) / np.maximum(_days_of(sales.end), 1)
    shut = (daily == 0) & (usual[which] >= USUAL)
    opened = np.bincount(which[~shut], minlength=WEEK)
    rate = np.bincount(which, daily, WEEK) / np.maximum(opened, 1)
    return rate / rate.mean(), 1 + np.flatnonzero(shut)


def calendar(end: int, week: Array, closed: Array) -> Array:
    """Relative rates of the days 1 … ``end`` by the week, 0 on those that are closed; (end,)."""
    days = np.resize(week, end)
    days[closed - 1] = 0.0
    return days


def arrivals(seen: History) -> tuple[Mapping[str, object], float]:
    """Newcomers of each week as settings, and by how much the last, cut one is raised."""
    counts = np.bincount((seen.first - 1) // WEEK).astype(float)
    left = seen.end - (len(counts) - 1) * WEEK
    raised = max(WEEK / max(left, 1), 1.0)
    more = counts[-1] * (raised - 1)
    counts[-1] += more
    told = tuple((counts / counts.max()).round(6).tolist())
    return {"arrivals": told, "arrivals_days": WEEK}, float(more)

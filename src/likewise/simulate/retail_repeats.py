"""Facts of a shop's orders: repeat purchases beside the BG/NBD model, rhythm, week and year."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from likewise.simulate.bgnbd import Purchases, RepeatModel, fit_repeats
from likewise.simulate.retail_sales import Sales

Array = np.ndarray
WEEK, MONTH, YEAR = 7, 30, 365.25
BINS = 10  # of the histogram of repeats: 0, 1, …, 9, and more
WARM = 13  # weeks before tracking is judged: few have come back yet
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


def _cumulative(first: Array, model: RepeatModel, days: Array, clock: Array) -> Array:
    """Expected repeats by the end of each day, of customers who came on days (N,); (D,)."""
    starts, counts = np.unique(first, return_counts=True)
    return model.expected(clock[days][:, None] - clock[starts][None, :]) @ counts


def by_month(seen: History, model: RepeatModel, clock: Array) -> Array:
    """Repeats in each twelfth of a year, over those that the model expects on a clock; (12,)."""
    edges = np.arange(seen.end + 1)
    expected = np.diff(_cumulative(seen.first, model, edges, clock))
    found = np.bincount(seen.day[seen.day > seen.first[seen.customer]], minlength=seen.end + 1)[1:]
    month = _month(np.arange(seen.end))
    wanted = np.bincount(month, weights=expected, minlength=12)
    had = np.bincount(month, weights=found, minlength=12)
    return np.where(wanted > 0, had / np.maximum(wanted, 1e-12), 1.0)


def season(
    seen: History, weekday: Array, regularity: int = 1, rounds: int = 5
) -> tuple[RepeatModel, Array]:
    """The BG/NBD model and the year's profile, each by the other in turn; (12,) of mean 1.

    On a clock that runs by weekday and season purchases are those of the model, so the clock's
    speed is where more were found than expected. Of less than a year the profile is flat.
    """
    told = seen.end >= YEAR - MONTH
    months = np.ones(12)
    clock = clock_of(seen.end, weekday, months)
    model = fit_repeats(seen.purchases(clock), None, regularity)
    for _ in range(rounds if told else 0):
        months = months * by_month(seen, model, clock)
        months /= months.mean()
        clock = clock_of(seen.end, weekday, months)
        model = fit_repeats(seen.purchases(clock), model, regularity)
    return model, months


def clock_of(end: int, weekday: Array, months: Array) -> Array:
    """Time at the end of each day, in days of the mean speed; (end + 1,) from 0 on."""
    day = np.arange(end)
    pace = weekday[day % WEEK] * months[_month(day)]
    return np.append(0.0, np.cumsum(pace))


def _month(day: Array) -> Array:
    """The twelfth of a year of days that are counted from 0."""
    twelfth: Array = (day % YEAR / YEAR * 12).astype(int)
    return twelfth


def weekly(sales: Sales) -> Array:
    """Relative orders on the 1st, 2nd, … day of the week, of mean 1; (7,)."""
    counts = np.bincount((sales.day - 1) % WEEK, minlength=WEEK)
    rate = counts / np.maximum(_days_of(sales.end), 1)
    relative: Array = rate / rate.mean()
    return relative


def arrivals(seen: History) -> tuple[Mapping[str, object], float]:
    """Newcomers in each 30 days as settings, and by how much the last, cut one is raised."""
    counts = np.bincount((seen.first - 1) // MONTH).astype(float)
    left = seen.end - (len(counts) - 1) * MONTH
    raised = max(MONTH / max(left, 1), 1.0)
    more = counts[-1] * (raised - 1)
    counts[-1] += more
    return {"arrivals": tuple((counts / counts.max()).round(6).tolist())}, float(more)

"""What the tables of a shop say directly about the settings of the retail world."""

from typing import Any

import numpy as np
import pyarrow.compute as pc

from likewise.core.errors import DataError
from likewise.simulate.bgnbd import RepeatModel, timing
from likewise.simulate.columns import numbers, yes_or_no
from likewise.simulate.dynamics import Data
from likewise.simulate.retail_repeats import (
    FEW,
    WEEK,
    History,
    arrivals,
    calendar,
    clock_of,
    history_of,
    season,
    season_of_cohorts,
    weekly,
)
from likewise.simulate.retail_sales import Lines, Sales, read_sales

Array = np.ndarray
MOST_REGULAR = 5  # shapes of waits that are tried
BRIEF = 0.5  # days, the least wait that is believed: shops close on some days
REGULAR_CUT = 0.99  # units above this quantile count as this quantile, in means and spreads


def retail_settings(data: Data) -> dict[str, Any]:
    """Settings that follow from tables without a simulation.

    Raises:
        DataError: fewer than 50 customers who came back.
    """
    sales = read_sales(data)
    if sales is None:
        hint = "Give a table orders with order_id, customer_id and day or date"
        raise DataError("retail", "no orders of known customers", hint)
    seen = history_of(sales.customer, sales.day, sales.end)
    again = np.count_nonzero(seen.repeats)
    if again < FEW:
        found = f"{again:,} customers who bought on a second day"
        raise DataError("orders", found, f"Give orders in which {FEW} or more did")
    joined, more = arrivals(seen)
    settings = {
        "customers": sales.customers + round(more), "word_of_mouth": 0.0, **joined,
        **_rhythm(sales, seen),
    }  # fmt: skip
    if sales.lines is not None:
        settings |= _baskets(sales.lines)
    return settings | _shop(data, sales)


def _rhythm(sales: Sales, seen: History) -> dict[str, Any]:
    """Rates, dropout, regularity, week and year: the k and the model of greatest likelihood."""
    week, closed = weekly(sales)
    days = calendar(seen.end, week, closed)
    same = np.diff(seen.customer) == 0
    best: tuple[float, RepeatModel, Array] | None = None
    for k in range(1, MOST_REGULAR + 1):
        model, months = season(seen, days, k)
        clock = clock_of(days, months)
        waits = np.maximum(np.diff(clock[seen.day])[same], BRIEF)
        likelihood = model.log_likelihood(seen.purchases(clock)) + timing(waits, k)
        if best is not None and likelihood < best[0]:
            break
        best = likelihood, model, months
    assert best is not None
    found, months = season_of_cohorts(seen, days, best[1], best[2])
    common, alike = found.common, bool((found.pace == 1).all())
    few = {"devotion": found.devotion} if found.devoted else {}
    return {
        "r": common.r, "alpha": common.alpha, "a": common.a, "b": common.b,
        "regularity": common.regularity, "weekday": _told(week), "months": _told(months),
        "closed": tuple(closed.tolist()),
        "cohorts": (1.0,) if alike else _told(found.pace), "devoted": found.devoted, **few,
    }  # fmt: skip


def _told(weights: Array) -> tuple[float, ...]:
    return tuple(np.round(weights, 4).tolist())


def _baskets(lines: Lines) -> dict[str, Any]:
    """Lines of an order and units of a line: means, and how much customers differ in lines.

    Lines of one customer's orders are geometric, so what is spread more widely is customers'.
    """
    counts = np.bincount(lines.order)
    counts = counts[counts > 0]
    mean = float(counts.mean())
    square = (counts.var() + mean + mean**2) / 2  # of the customers' means
    units = np.minimum(lines.quantity, np.quantile(lines.quantity, REGULAR_CUT))
    paid = np.bincount(lines.product, weights=lines.price) / np.bincount(lines.product)
    paid = paid[np.isfinite(paid)]
    return {
        "products": lines.products, "basket": mean,
        "basket_spread": float(np.sqrt(max(np.log(square / mean**2), 0.0))),
        "quantity": float(max(units.mean(), 1.0)), "price": float(np.median(paid)),
        "price_spread": float(np.log(paid).std()),
    }  # fmt: skip


def _shop(data: Data, sales: Sales) -> dict[str, Any]:
    """What the tables of products, promotions and lines say, where they are there."""
    settings: dict[str, Any] = {}
    products, promotions = data.get("products"), data.get("promotions")
    if products is not None and "category" in products.column_names:
        settings["categories"] = max(len(products["category"].unique().drop_null()), 1)
    weeks = sales.end / WEEK
    if promotions is None:
        if sales.lines is not None:
            settings |= {"promotions": 0.0}
    elif promotions.num_rows and sales.lines is not None:
        share = promotions.num_rows / weeks / sales.lines.products
        settings["promotions"] = min(share, 1.0)
        if "discount" in promotions.column_names:
            cut = numbers(promotions, "discount", "promotions")
            if np.isfinite(cut).any():
                settings["discount"] = float(np.clip(np.nanmean(cut), 0, 0.6))
    settings |= _visits(data, sales)
    for name in ("order_lines", "lines"):
        if name in data and "returned" in data[name].column_names:
            known = data[name].filter(pc.is_valid(data[name]["returned"]))
            if known.num_rows:
                settings["returns"] = float(yes_or_no(known, "returned", name).mean())
    return settings


def _visits(data: Data, sales: Sales) -> dict[str, Any]:
    """How many visits end in an order and how much is looked at; no clicks where none are known."""
    clicks = data.get("clickstream")
    if clicks is None or not {"visit", "action"} <= set(clicks.column_names):
        return {"clicks": False}
    visits = pc.count_distinct(clicks["visit"]).as_py()
    counts = {row["values"]: row["counts"] for row in pc.value_counts(clicks["action"]).to_pylist()}
    if not counts.get("order") or not visits:
        return {"clicks": False}
    conversion = min(counts["order"] / visits, 1.0)
    lines = 0.0 if sales.lines is None else len(sales.lines.order) / visits
    browsing = counts.get("view", 0) / visits - lines - (1 - conversion)
    return {"conversion": conversion, "browsing": float(np.clip(browsing, 0, 100))}

"""Facts of a shop's order lines: what is bought, by whom, at which price."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.simulate.columns import known_numbers
from likewise.simulate.dynamics import Data
from likewise.simulate.retail_sales import Lines, Sales

Array = np.ndarray
WEEK = 7
HEAD = 0.2  # of products, in Zipf's law
LEADING = 0.2  # of customers, in their share of revenue
SOLD = 0.5  # share of weeks in which a product is sold, to be in the elasticity
BUYERS = 5  # of a product, to be in double jeopardy
FEWEST = 20  # products below which nothing is said of them


def item_facts(sales: Sales, data: Data) -> dict[str, float]:
    """See ``retail_facts``; only those that the data allow."""
    lines = sales.lines
    if lines is None:
        return {}
    customer = sales.customer[lines.order]
    facts = {
        "lines": len(lines.order) / len(np.unique(lines.order)),
        "top_fifth": top_share(customer, lines.quantity * lines.price, sales.customers),
        "rebuy": rebuy(sales, lines),
    }
    if lines.products >= FEWEST:
        facts["zipf"] = zipf(np.bincount(lines.product, weights=lines.quantity))
        facts["double_jeopardy"] = double_jeopardy(sales, lines)
    found = elasticity(sales, lines)
    if found is not None:
        facts["elasticity"] = found
    if "promotions" in data:
        lift = promotion_lift(sales, lines, data["promotions"])
        facts |= {} if lift is None else {"promotion_lift": lift}
    return {name: value for name, value in facts.items() if np.isfinite(value)}


def top_share(customer: Array, revenue: Array, customers: int) -> float:
    """Share of revenue of the fifth of customers who spend most, in [0.2, 1]."""
    spent = np.sort(np.bincount(customer, weights=revenue, minlength=customers))[::-1]
    leading = max(round(LEADING * len(spent)), 1)
    return float(spent[:leading].sum() / spent.sum())


def zipf(sold: Array) -> float:
    """Exponent of the law between units sold and rank, of the fifth of products sold most."""
    sold = np.sort(sold[sold > 0])[::-1]
    head = sold[: max(round(HEAD * len(sold)), 3)]
    slope: float = -np.polyfit(np.log(np.arange(1, len(head) + 1)), np.log(head), 1)[0]
    return slope


def rebuy(sales: Sales, lines: Lines) -> float:
    """Share of lines, of orders on later days than the first, that the customer had bought before.

    In [0, 1].
    """
    customer, day = sales.customer[lines.order], sales.day[lines.order]
    pairs = customer * lines.products + lines.product
    _, pair = np.unique(pairs, return_inverse=True)
    first = np.full(pair.max() + 1, sales.end + 1)
    np.minimum.at(first, pair, day)
    begun = np.full(sales.customers, sales.end + 1)
    np.minimum.at(begun, customer, day)
    later = day > begun[customer]
    return float(np.mean((first[pair] < day)[later])) if later.any() else float("nan")


def double_jeopardy(sales: Sales, lines: Lines) -> float:
    """Rank correlation between how many buy a product and how often each of them does.

    Of products with 5 buyers or more; in [-1, 1].
    """
    customer = sales.customer[lines.order]
    pairs, bought = np.unique(customer * lines.products + lines.product, return_counts=True)
    product = pairs % lines.products
    buyers = np.bincount(product, minlength=lines.products)
    often = np.bincount(product, weights=bought, minlength=lines.products)
    kept = buyers >= BUYERS
    if np.count_nonzero(kept) < FEWEST:
        return float("nan")
    both = _ranks(buyers[kept]), _ranks(often[kept] / buyers[kept])
    with np.errstate(invalid="ignore"):  # of equal numbers there is no correlation
        return float(np.corrcoef(*both)[0, 1])


def _ranks(values: Array) -> Array:
    """Ranks, equal values sharing their mean; ``scipy.stats`` takes a second to import."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Array = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks


def elasticity(sales: Sales, lines: Lines) -> float | None:
    """Change of a product's lines a week, in percent, when its price rises by one; below 0.

    Lines of a product are spread over weeks as all lines are, times a power of the price: the
    power of greatest likelihood (conditional Poisson), of products that are sold in half of the
    weeks or more. A week without a line has the price of the one before. None where no price
    changes.

    Paper: Hausman, Hall and Griliches, "Econometric models for count data with an application to
    the patents–R&D relationship", Econometrica 1984.
    """
    week = (sales.day[lines.order] - 1) // WEEK
    weeks = int(week.max()) + 1
    cells = lines.product * weeks + week
    shape = (lines.products, weeks)
    count = np.bincount(cells, minlength=shape[0] * weeks).reshape(shape)
    paid = np.bincount(cells, weights=lines.price, minlength=shape[0] * weeks).reshape(shape)
    kept = np.count_nonzero(count, axis=1) >= SOLD * weeks
    total, count, paid = count.sum(axis=0), count[kept], paid[kept]
    if weeks < 4 or not len(count):
        return None
    at = np.where(count > 0, np.arange(weeks), 0)
    before = np.maximum.accumulate(at, axis=1)  # the last week with a line
    mean = np.divide(paid, count, out=np.full(count.shape, np.nan), where=count > 0)
    price = np.take_along_axis(mean, before, axis=1)
    start = mean[np.arange(len(mean)), np.argmax(count > 0, axis=1)]
    price = np.log(np.where(np.isnan(price), start[:, None], price))
    price -= price.mean(axis=1, keepdims=True)
    return _slope(count, price, np.log(np.maximum(total, 1e-9)))


def _slope(count: Array, x: Array, offset: Array) -> float | None:
    """The power of ``exp(x)`` in the conditional Poisson model; (J, W), (J, W), (W,)."""
    sums = count.sum(axis=1)
    slope = 0.0
    for _ in range(30):
        share = np.exp(offset + np.clip(slope * x, -30, 30))
        share /= share.sum(axis=1, keepdims=True)
        mean = (share * x).sum(axis=1)
        gain = float((count * x).sum() - sums @ mean)
        bend = float(sums @ ((share * x**2).sum(axis=1) - mean**2))
        if bend <= 1e-9 * count.sum():
            return None
        step = gain / bend
        slope += float(np.clip(step, -2, 2))
        if abs(step) < 1e-7:
            break
    return slope


def promotion_lift(sales: Sales, lines: Lines, table: pa.Table) -> float | None:
    """How many times as many lines a product has on promotion; above 1 if promotions work.

    Each product beside itself: lines expected are its own, spread over days as all lines are.
    None where no product was on promotion.
    """
    if not {"product_id", "first_day", "last_day"} <= set(table.column_names):
        return None
    ids, names = table["product_id"], lines.names
    if ids.type != names.type:  # numbers in one table, texts in the other
        ids, names = ids.cast(pa.string()), names.cast(pa.string())
    code = pc.index_in(ids, value_set=names).fill_null(-1).to_numpy()
    first, last = (
        np.clip(np.floor(known_numbers(table, name, "promotions")), 0, most).astype(np.int64)
        for name, most in (("first_day", sales.end + 1), ("last_day", sales.end))
    )
    kept = (code >= 0) & (last >= first)
    if not kept.any():
        return None
    edges = np.zeros((lines.products, sales.end + 2), np.int32)
    np.add.at(edges, (code[kept], first[kept]), 1)
    np.add.at(edges, (code[kept], last[kept] + 1), -1)
    on = np.cumsum(edges, axis=1)[:, : sales.end + 1] > 0  # (J, days + 1)
    day = sales.day[lines.order]
    daily = np.bincount(day, minlength=sales.end + 1) / len(day)
    own = np.bincount(lines.product, minlength=lines.products)
    held = on @ daily  # share of all lines while each product was on promotion
    found = np.count_nonzero(on[lines.product, day])
    both = found, len(day) - found
    expected = own @ held, own @ (1 - held)
    if not (min(expected) > 0 and both[1]):
        return None
    return float(both[0] / expected[0] / (both[1] / expected[1]))

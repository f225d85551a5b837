"""The facts of a shop, their bands, and how exactly data know them."""

from collections.abc import Mapping

import numpy as np

from likewise.simulate.calibrate import Weights, bootstrap_weights
from likewise.simulate.dynamics import Data
from likewise.simulate.facts import Band
from likewise.simulate.retail_items import item_facts
from likewise.simulate.retail_repeats import repeat_facts
from likewise.simulate.retail_sales import read_sales

Array = np.ndarray
DRAWS = 60  # of customers, for the errors of facts
FHL = "Fader, Hardie and Lee 2005"
WIDE = "no published band: wide"
BANDS = {
    "repeats": Band("repeat purchase days a customer"),
    "once": Band("share of customers who bought on one day only"),
    "weekday_strength": Band("spread of orders by weekday, over the mean", 0.02, 1, WIDE),
    "annual_strength": Band(
        "spread of repeats by month, each over those of BG/NBD", 0.02, 0.6, WIDE
    ),
    "histogram_gap": Band(
        "total variation between the histogram of repeats and that of BG/NBD", 0, 0.05, FHL
    ),
    "tracking_error": Band(
        "mean absolute error of cumulative repeats by week, of BG/NBD", 0, 0.1, FHL
    ),
    "holdout_error": Band("the same in the second half, by a model of the first", 0, 0.15, FHL),
    "conditional_error": Band(
        "error of expected purchases in the second half, by repeats in the first", 0, 0.2, FHL
    ),
    "regularity": Band(
        "shape of times between purchase days", 0.8, 3, "Wheat and Morrison 1990"
    ),
    "lines": Band("lines an order"),
    "top_fifth": Band(
        "share of revenue of the top fifth of customers", 0.5, 0.85, "McCarthy and Winer 2019"
    ),
    "rebuy": Band("share of lines, after the first day, of products bought before"),
    "zipf": Band("exponent of units by rank, of the top fifth of products", 0.6, 1.2, WIDE),
    "double_jeopardy": Band(
        "rank correlation of buyers of a product and purchases by each", 0.05, 1,
        "Ehrenberg, Goodhardt and Barwise 1990",
    ),
    "elasticity": Band(
        "percent change of a product's lines by one of its price", -6, -0.1,
        "Bijmolt, van Heerde and Pieters 2005",
    ),
    "promotion_lift": Band(
        "lines of a product on promotion, over those without", 1.05, 10,
        "Blattberg, Briesch and Fox 1995",
    ),
}  # fmt: skip


def retail_facts(data: Data) -> dict[str, float]:
    """The facts that the tables allow; none without orders of known customers.

    Cost: 0.1 s for 20,000 orders with 80,000 lines, a third of a second for 400,000 lines.
    """
    sales = read_sales(data)
    if sales is None:
        return {}
    found = repeat_facts(sales) | item_facts(sales, data)
    return {name: found[name] for name in BANDS if name in found}


def retail_weights(data: Data) -> Weights | None:
    """How facts vary when customers are drawn anew; their correlations are left out.

    Cost: 60 times that of the facts.
    """
    sales = read_sales(data)
    if sales is None:
        return None
    names = list(retail_facts(data))

    def facts(chosen: Array) -> Mapping[str, float]:
        part = sales.of(chosen)
        found = repeat_facts(part) | item_facts(part, data)
        return {name: found.get(name, np.nan) for name in names}

    everybody = np.arange(sales.customers)
    drawn = bootstrap_weights(everybody, facts, block=1, draws=DRAWS)
    return Weights(drawn.names, np.diag(np.diag(drawn.covariance)))

"""Orders and their lines as arrays, from the tables of a shop, real or simulated."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import DataError
from likewise.simulate.columns import having, numbers
from likewise.simulate.dynamics import Data

Array = np.ndarray
LINES = ("order_lines", "lines")  # names that the table of lines may have


@dataclass(frozen=True)
class Lines:
    """Lines of orders; arrays (L,).

    Attributes:
        order: row of the order.
        product: code 0 … products - 1.
        quantity: units.
        price: of a unit.
        products: how many there are.
        names: ids of the products by code.
    """

    order: Array
    product: Array
    quantity: Array
    price: Array
    products: int
    names: pa.Array


@dataclass(frozen=True)
class Sales:
    """Orders, with their lines where there are any; arrays (O,).

    Attributes:
        customer: code 0 … customers - 1 of each order.
        day: 1 or later.
        customers: who have ordered.
        end: last day.
        lines: None where only orders are known.
    """

    customer: Array
    day: Array
    customers: int
    end: int
    lines: Lines | None

    def of(self, chosen: Array) -> "Sales":
        """The sales of customers (N,), one who is chosen twice as two customers. O(rows)."""
        rows, owner = _gather(self.customer, chosen, self.customers)
        lines = self.lines
        if lines is not None:
            at, order = _gather(lines.order, rows, len(self.day))
            picked = (lines.product[at], lines.quantity[at], lines.price[at])
            lines = Lines(order, *picked, lines.products, lines.names)
        return Sales(owner, self.day[rows], len(chosen), self.end, lines)


def read_sales(data: Data) -> Sales | None:
    """The sales in a shop's tables; None where there is no order of a known customer.

    ``orders`` has ``order_id``, ``customer_id`` and ``day`` (whole numbers from 1) or ``date``;
    ``order_lines``, or ``lines``, has ``order_id``, ``product_id``, ``quantity`` and ``price``.
    Orders without a customer are left out, and so are lines without a product, or
    whose quantity or price is not above 0.

    Raises:
        DataError: a column is missing or of another type, an id stands twice, a line has no order.
    """
    if "orders" not in data:
        return None
    orders = having(data["orders"], "orders", ("order_id", "customer_id"))
    keep = pc.is_valid(orders["customer_id"])
    orders = orders.filter(keep)
    if not orders.num_rows:
        return None
    customer = _codes(orders["customer_id"])[0]
    day = _days(orders)
    names = [name for name in LINES if name in data]
    lines = None
    if names:
        known = having(data["orders"], "orders", ("order_id",))["order_id"]
        lines = _lines(data[names[0]], names[0], orders["order_id"], known)
    return Sales(customer, day, int(customer.max()) + 1, int(day.max()), lines)


def _lines(
    table: pa.Table, name: str, orders: pa.ChunkedArray, all_orders: pa.ChunkedArray
) -> Lines:
    table = having(table, name, ("order_id", "product_id", "quantity", "price"))
    if pc.count_distinct(orders).as_py() < len(orders):
        raise DataError("orders, column order_id", "an id stands twice", "Give one row an order")
    ids = table["order_id"]
    if ids.type != orders.type:  # numbers in one table, texts in the other
        ids, orders, all_orders = (part.cast(pa.string()) for part in (ids, orders, all_orders))
    row = pc.index_in(ids, value_set=orders.combine_chunks())
    strays = pc.sum(pc.invert(pc.is_in(ids, value_set=all_orders.combine_chunks()))).as_py() or 0
    if strays:
        found = f"{strays:,} lines of orders that are not in the table orders"
        raise DataError(name, found, "Give the orders too, or leave these lines out")
    quantity, price = numbers(table, "quantity", name), numbers(table, "price", name)
    known = pc.and_(pc.is_valid(row), pc.is_valid(table["product_id"]))
    keep = known.to_numpy() & (quantity > 0) & (price > 0)
    if not keep.any():
        hint = "Give lines of orders that have a customer"
        raise DataError(name, "no line of a product with a quantity and a price above 0", hint)
    order = np.asarray(row.fill_null(-1))[keep]
    product, names = _codes(table["product_id"].filter(pa.array(keep)))
    return Lines(order, product, quantity[keep], price[keep], len(names), names)


def _codes(column: pa.ChunkedArray) -> tuple[Array, pa.Array]:
    """Codes 0, 1, … of the values in the order in which they come, and the values."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64), (
        encoded.dictionary
    )


def _days(orders: pa.Table) -> Array:
    """Days of orders; of dates the first one is day 1."""
    name = next((n for n in ("day", "date") if n in orders.column_names), None)
    if name is None:
        hint = "Give a column day (1, 2, …) or date"
        raise DataError("table orders", "does not say when", hint)
    column = orders[name]
    if column.null_count:
        found = f"{column.null_count:,} missing cells"
        raise DataError(f"orders, column {name}", found, "Leave these orders out")
    if pa.types.is_temporal(column.type):
        days = column.cast(pa.timestamp("us")).cast(pa.date32(), safe=False).cast(pa.int32())
        whole: Array = days.to_numpy().astype(np.int64)
        first: Array = whole - whole.min() + 1
        return first
    day: Array = np.floor(numbers(orders, name, "orders")).astype(np.int64)
    if day.min() < 1:
        raise DataError(f"orders, column {name}", "days before 1", "Count days from 1 on")
    return day


def _gather(group: Array, chosen: Array, groups: int) -> tuple[Array, Array]:
    """Rows of the chosen groups (M,), group after group, and which of ``chosen`` each is of."""
    order = np.argsort(group, kind="stable")
    counts = np.bincount(group, minlength=groups)
    start = np.cumsum(counts) - counts
    size = counts[chosen]
    owner = np.repeat(np.arange(len(chosen)), size)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    return order[start[chosen][owner] + within], owner

"""Linked tables made up from a seed, with every kind of key that a database can have."""

import numpy as np
import pyarrow as pa

from likewise.data.convert import to_table
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, ForeignKey, TableSchema
from likewise.data.infer import infer

DAYS = np.datetime64("2020-01-01")


def shop(customers: int = 400, seed: int = 0) -> Database:
    """Customers with orders in time, lines that tie orders to products, staff, and gaps."""
    rng = np.random.default_rng(seed)
    gold = rng.random(customers) < 0.3
    since = rng.integers(0, 300, customers)
    people = pa.table(
        {
            "customer_id": [f"C{i:05d}" for i in rng.permutation(customers)],
            "level": np.where(gold, "gold", "plain"),
            "since": DAYS + since,
            "age": rng.integers(18, 90, customers),
        }
    )
    orders = _orders(rng, people, gold, since)
    products = pa.table(
        {
            "product_id": np.arange(1, 41),
            "kind": np.where(np.arange(40) < 20, "book", "toy"),
            "price": np.round(np.where(np.arange(40) < 20, 10, 50) + rng.normal(0, 2, 40), 2),
        }
    )
    lines = _lines(rng, orders, len(products))
    staff = pa.table(
        {
            "staff_id": np.arange(1, 61),
            "boss": pa.array([None, None, *[int(i) // 4 + 1 for i in range(58)]], pa.int64()),
            "grade": [min(len(bin(i + 1)) - 2, 4) for i in range(60)],
        }
    )
    tables = {"customers": people, "orders": orders, "products": products, "lines": lines,
              "staff": staff}  # fmt: skip
    made = {name: to_table(table, infer(table), name) for name, table in tables.items()}
    keys = {"customers": "customer_id", "orders": "order_id", "products": "product_id",
            "staff": "staff_id"}  # fmt: skip
    refers = {
        "orders": [ForeignKey(columns=("customer_id",), table="customers")],
        "lines": [
            ForeignKey(columns=("order_id",), table="orders"),
            ForeignKey(columns=("product_id",), table="products"),
        ],
        "staff": [ForeignKey(columns=("boss",), table="staff")],
    }
    entries = [
        TableSchema(
            name=name,
            primary_key=(keys[name],) if name in keys else ("order_id", "product_id"),
            foreign_keys=tuple(refers.get(name, ())),
            schema=table.schema,
        )
        for name, table in made.items()
    ]
    return Database.of(made, DatabaseSchema(tables=tuple(entries)))


def _orders(
    rng: np.random.Generator, people: pa.Table, gold: np.ndarray, since: np.ndarray
) -> pa.Table:
    """Gold customers order four times as often; each spends around an amount of its own."""
    counts = np.where(rng.random(len(gold)) < 0.2, 0, rng.poisson(np.where(gold, 8, 2)))
    who = np.repeat(np.arange(len(gold)), counts)
    own = rng.normal(100, 40, len(gold))
    gaps = rng.integers(0, 30, len(who))
    start = np.cumsum(counts) - counts
    total = np.cumsum(gaps)
    day = since[who] + total - np.repeat(total[start[counts > 0]] - gaps[start[counts > 0]],
                                         counts[counts > 0])  # fmt: skip
    names = np.array(people.column("customer_id").to_pylist())
    return pa.table(
        {
            "order_id": np.arange(10_000, 10_000 + len(who)),
            "customer_id": names[who],
            "day": DAYS + day,
            "amount": np.round(own[who] + rng.normal(0, 5, len(who)), 1),
            "street": np.char.add("Street of ", names[who]),
        }
    )


def _lines(rng: np.random.Generator, orders: pa.Table, products: int) -> pa.Table:
    """One to four different products of an order; dear orders hold toys."""
    amount = orders.column("amount").to_numpy()
    rows = []
    for i, order in enumerate(orders.column("order_id").to_pylist()):
        first = products // 2 if amount[i] > 100 else 0
        some = rng.choice(products // 2, rng.integers(1, 5), replace=False)
        rows += [(order, int(first + product + 1), int(rng.integers(1, 9))) for product in some]
    order_id, product_id, quantity = zip(*rows, strict=True)
    return pa.table({"order_id": order_id, "product_id": product_id, "quantity": quantity})

"""A shop as a law: customers, orders, their lines, and products that all lines share."""

import numpy as np
import pyarrow as pa

from likewise.data.convert import to_table
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, ForeignKey, TableSchema
from likewise.data.infer import infer

PRODUCTS = 40
REGIONS = np.array(["north", "south", "east", "west"])
CHANNELS = np.array(["web", "phone", "store"])
COLOURS = np.array(["red", "blue", "green", "grey"])


def frames(seed, customers=400):
    """Arrow tables of one sample. Wealthy customers order more often and dearer things, each
    sticks to a channel, and nobody orders before having become a customer."""
    rng = np.random.default_rng(seed)
    wealth = rng.gamma(4, 0.25, customers)
    region = rng.integers(0, 4, customers)
    since = rng.integers(0, 700, customers)
    habit = rng.integers(0, 3, customers)
    orders = rng.poisson(3 * wealth)
    owner = np.repeat(np.arange(customers), orders)
    n = len(owner)
    amount = np.round(50 * wealth[owner] * rng.lognormal(0, 0.3, n), 2)
    channel = np.where(rng.random(n) < 0.8, habit[owner], rng.integers(0, 3, n))
    day = since[owner] + rng.integers(0, 365, n)
    lines = 1 + rng.poisson(1.5, n)
    order = np.repeat(np.arange(n), lines)
    m = len(order)
    product = (rng.beta(1, 2, m) * PRODUCTS).astype(int)
    quantity = 1 + rng.poisson(np.minimum(wealth[owner][order], 4))
    first = np.datetime64("2020-01-01")
    weight = np.round(np.random.default_rng(7).gamma(3, 1, PRODUCTS), 2)
    return {
        "customers": pa.table(
            {
                "id": np.arange(customers),
                "region": REGIONS[region],
                "wealth": np.round(wealth, 3),
                "since": first + since,
            }
        ),
        "orders": pa.table(
            {
                "id": np.arange(n),
                "customer_id": owner,
                "amount": amount,
                "channel": CHANNELS[channel],
                "day": first + day,
            }
        ),
        "products": pa.table(
            {
                "id": np.arange(PRODUCTS),
                "colour": COLOURS[np.arange(PRODUCTS) % 4],
                "weight": weight,
            }
        ),
        "lines": pa.table(
            {
                "id": np.arange(m),
                "order_id": order,
                "product_id": product,
                "quantity": quantity,
            }
        ),
    }


REFERENCES = {
    "customers": (),
    "orders": (ForeignKey(columns=("customer_id",), table="customers"),),
    "products": (),
    "lines": (
        ForeignKey(columns=("order_id",), table="orders"),
        ForeignKey(columns=("product_id",), table="products"),
    ),
}
_KINDS = {name: infer(arrow) for name, arrow in frames(0).items()}
SCHEMA = DatabaseSchema(
    tables=tuple(
        TableSchema(name=name, primary_key=("id",), foreign_keys=refers, schema=_KINDS[name])
        for name, refers in REFERENCES.items()
    )
)


def database(tables):
    """Arrow tables as a database of the shop's schema."""
    read = {name: to_table(arrow, _KINDS[name]) for name, arrow in tables.items()}
    return Database.of(read, SCHEMA)


def shop(seed, customers=400):
    """One sample of the law."""
    return database(frames(seed, customers))


def replaced(tables, name, column, values):
    """The tables with one column of one of them replaced."""
    arrow = tables[name]
    place = arrow.column_names.index(column)
    array = pa.array(values).cast(arrow.schema.field(place).type)
    return tables | {name: arrow.set_column(place, column, array)}


def shuffled(tables, name, column, seed=0):
    """The tables with one reference shuffled: as many children a parent, but other ones."""
    values = tables[name].column(column).to_numpy()
    return replaced(tables, name, column, np.random.default_rng(seed).permutation(values))

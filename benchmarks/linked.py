"""Keys and relations found in real databases, against the published ones; one JSON line a database.

    python benchmarks/linked.py --data DIR
    python benchmarks/render.py            # the documentation's table from those lines

``DIR/NAME`` holds a database's tables in Parquet, and ``schema.json`` with its published keys and
foreign keys. A key counts as minimal when it is a part of the published one.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
from likewise.data.convert import to_table
from likewise.data.database_schema import DatabaseSchema
from likewise.data.infer import infer
from likewise.data.infer_database import infer_database
from likewise.data.table import Table
from run import RUNS

NAMES = ("chinook", "northwind", "berka", "rossmann", "lahman_baseball")
End = tuple[str, str, frozenset[tuple[str, str]]]  # child, parent, columns by the key's


def main() -> None:
    """Search every database and write ``runs/linked.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--names", nargs="+", default=list(NAMES))
    parser.add_argument("--out", type=Path, default=RUNS / "linked.jsonl")
    args = parser.parse_args()
    with args.out.open("w", encoding="utf-8") as out:
        for name in args.names:
            tables = {
                path.stem: read(path) for path in sorted((args.data / name).glob("*.parquet"))
            }
            published = json.loads((args.data / name / "schema.json").read_text(encoding="utf-8"))
            start = time.process_time()
            found = infer_database(tables)
            spent = round(time.process_time() - start, 2)
            sizes = {"tables": len(tables), "rows": sum(table.rows for table in tables.values())}
            line = {"database": name, **sizes, **compared(found, published), "cpu_s": spent}
            out.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def read(path: Path) -> Table:
    """A table with the kinds that are found for it alone."""
    raw = pq.read_table(path)
    return to_table(raw, infer(raw))


def compared(found: DatabaseSchema, published: dict) -> dict[str, int]:
    """How many published keys and relations were found, whole or in part, and how many besides."""
    keys = {n: set(t["primary_key"]) for n, t in published["tables"].items() if t["primary_key"]}
    mine = {table.name: set(table.primary_key) for table in found.tables if table.primary_key}
    wanted = {
        end(f["child"], f["parent"], f["child_columns"], f["parent_columns"])
        for f in published["foreign_keys"]
    }
    ends = {end(r.child, r.parent, r.columns, r.to) for r in found.relations}
    in_part = [w for w in wanted - ends if any(e[:2] == w[:2] and e[2] < w[2] for e in ends)]
    return {
        "keys": len(keys),
        "keys_found": sum(mine.get(name) == key for name, key in keys.items()),
        "keys_minimal": sum(mine.get(n, key) < key for n, key in keys.items()),
        "keys_besides": len(mine.keys() - keys.keys()),
        "relations": len(wanted),
        "relations_found": len(wanted & ends),
        "relations_minimal": len(in_part),
        "relations_besides": len(ends - wanted) - len(in_part),
    }


def end(child: str, parent: str, columns: list[str], to: list[str]) -> End:
    """A relation, whatever the order of its columns."""
    return child, parent, frozenset(zip(columns, to, strict=True))


if __name__ == "__main__":
    main()

"""A whole database into a server and a synthetic copy of it out of one; one JSON line a target.

    python benchmarks/cloning.py --data DIR --postgresql URL --to URL [--to URL]
    python benchmarks/render.py            # the documentation's table from those lines

DIR holds lahman_baseball/: 27 tables of files. They are pushed into the empty database at the first
address, which then is the source of a clone into each of the others, empty too. The server of the
target checks keys, references and conditions; what it declares at the end is counted.
"""

import argparse
import json
import platform
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from likewise.io.sql_session import open_session
from likewise.io.sql_url import parse_url
from likewise.jobs.clone import clone
from likewise.jobs.databases import push
from run import RUNS


def main() -> None:
    """Push, clone, count, and write ``runs/cloning.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--postgresql", required=True)
    parser.add_argument("--to", action="append", required=True)
    parser.add_argument("--out", type=Path, default=RUNS / "cloning.jsonl")
    args = parser.parse_args()
    folder = args.data / "lahman_baseball"
    start = time.perf_counter()
    pushed = push(str(folder), args.postgresql)
    seconds = time.perf_counter() - start
    line = {"target": "postgresql", "what": "push", **_counted(args.postgresql), "s": seconds}
    print(json.dumps(line), flush=True)
    with args.out.open("w", encoding="utf-8") as out:
        out.write(json.dumps({**_rounded(line), "rows": sum(pushed.rows.values())}) + "\n")
        for address in args.to:
            start, cpu = time.perf_counter(), time.process_time()
            moved = clone(args.postgresql, address, seed=1)
            line = {
                "target": parse_url(address).engine, "what": "clone", **_counted(address),
                "rows": sum(moved.rows.values()), "s": time.perf_counter() - start,
                "cpu_s": time.process_time() - cpu,
                "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
            }  # fmt: skip
            print(json.dumps(line), flush=True)
            out.write(json.dumps(_rounded(line)) + "\n")


def _counted(address: str) -> dict[str, object]:
    """What the server declares of the tables that are there."""
    with open_session(parse_url(address)) as session:
        sql, _ = session.reflect()
    return {
        "machine": platform.machine(),
        "tables": len(sql.tables),
        "keys": sum(bool(table.primary_key) + len(table.unique) for table in sql.tables),
        "references": sum(len(table.foreign_keys) for table in sql.tables),
        "not_null": sum(not column.nullable for table in sql.tables for column in table.columns),
    }


def _rounded(line: dict[str, object]) -> dict[str, object]:
    return {k: round(v, 2) if isinstance(v, float) else v for k, v in line.items()}


if __name__ == "__main__":
    main()

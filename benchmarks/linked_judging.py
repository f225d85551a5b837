"""What it costs to judge real databases, and what a second sample scores; one JSON line a case.

    python benchmarks/linked_judging.py --data DIR [--names berka rossmann lahman_baseball]
    python benchmarks/render.py            # the documentation's tables from those lines

``DIR/NAME`` holds a database's tables in Parquet. Its families are cut into halves: one is the real
database, and the other plays the synthetic one (*second sample*), or the other with the references
of its largest child table shuffled (*shuffled*), which keeps every table as it is. ``likewise
evaluate`` judges them in a process of its own.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.families import find_families, split_families
from likewise.data.linked import link
from likewise.io.folder import read_folder, write_folder
from run import RUNS, timed

NAMES = ("berka", "rossmann", "lahman_baseball")
CASES = ("second sample", "shuffled")


def main() -> None:
    """Judge what the command line asks for, and append to ``runs/linked_judging.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--names", nargs="+", default=list(NAMES))
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--whole", action="store_true", help="also all rows against all rows")
    parser.add_argument("--out", type=Path, default=RUNS / "linked_judging.jsonl")
    args = parser.parse_args()
    for name in args.names:
        read = read_folder(args.data / name)
        parts = split_families(read.database, 0.5, Seed(0))
        made = {"second sample": parts, "shuffled": (parts[0], shuffled(parts[1]))}
        cases = {case: made[case] for case in args.cases}
        cases |= {"whole": (read.database, read.database)} if args.whole else {}
        for case, databases in cases.items():
            line = {"database": name, "case": case, **judged(databases, read.dialects)}
            with args.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def shuffled(database: Database) -> Database:
    """The references that tie most rows to their parents, each to another's parent."""
    ties = find_families(link(database)).ties
    relation = max(ties, key=lambda r: (len(r.columns) == 1, database[r.child].rows))
    table = database[relation.child].arrow
    [name] = relation.columns
    place = table.column_names.index(name)
    order = pa.array(np.random.default_rng(0).permutation(len(table)))
    mixed = table.set_column(place, name, table.column(place).take(order))
    arrows = {n: t.arrow for n, t in zip(database.names, database.tables, strict=True)}
    arrows[relation.child] = mixed
    tables = {n: type(database[n])(arrow, database[n].schema) for n, arrow in arrows.items()}
    return Database.of(tables, database.schema)


def judged(databases: tuple[Database, Database], dialects: dict) -> dict:
    """Costs of one evaluation in a process of its own, and what it found."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for who, database in zip(("real", "synth"), databases, strict=True):
            write_folder(database, folder / who, dialects, declaration=True)
        page = folder / "report.html"
        words = ["likewise", "evaluate", str(folder / "real"), str(folder / "synth")]
        cost = timed([sys.executable, "-m", *words, "-o", str(page)], threads={})
        report = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
        scores = {n: [s["value"], s["floor"]] for n, s in report["scores"].items()}
        sizes = {
            "tables": len(report["tables"]),
            "relations": len(report["relations"]),
            "rows": report["provenance"]["rows"]["real"],
            "families": report["families"],
            "page_kb": page.stat().st_size // 1024,
        }
        return {**sizes, **cost, "verdict": report["verdict"], "scores": scores}


if __name__ == "__main__":
    main()

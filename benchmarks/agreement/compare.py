"""Do our three risks agree with anonymeter's on the same tables?

    python benchmarks/agreement/compare.py --data DIR [--envs DIR] [--seeds 3]

DIR has adult/ in Parquet. Three synthetic tables are attacked by both: clean (fresh real rows),
leaky (one fifth of them replaced by members), memorising (the members). Both see the same 2,500
members and 2,500 controls, the same halves of columns and the same secrets; anonymeter runs in an
environment of its own, which is built when it is missing. One JSON line for each comparison goes
to runs/agreement.jsonl.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))
from environment import ENVIRONMENTS, answer, built

from datasets import DATASETS, load
from likewise.attacks.case import Case
from likewise.attacks.inference import inference
from likewise.attacks.linkability import dealt, linkability
from likewise.attacks.risk import Risk
from likewise.attacks.singling_out import singling_out_multivariate, singling_out_univariate
from likewise.core.seeds import Seed
from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.data.table import Table, concat
from likewise.metrics.learners import single_threaded

HERE = Path(__file__).parent
SIDE = 2_500
SECRETS = ("education", "occupation", "income", "age")


def main() -> None:
    """Attack by both, write what each found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--envs", type=Path, default=ENVIRONMENTS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE.parent / "runs" / "agreement.jsonl")
    args = parser.parse_args()
    python = built(args.envs, "anonymeter")
    frame = pd.concat(load(DATASETS["adult"], args.data), ignore_index=True)
    raw = pa.Table.from_pandas(frame, preserve_index=False)
    adult = to_table(raw, infer(raw))
    with args.out.open("w", encoding="utf-8") as out:
        for seed in range(args.seeds):
            for kind, case in cases(adult, seed):
                for line in compared(case, python):
                    out.write(json.dumps({"synthetic": kind, "seed": seed, **line}) + "\n")
                out.flush()
                print(f"seed {seed}: {kind}", flush=True)


def cases(adult: Table, seed: int) -> Iterator[tuple[str, Case]]:
    """The three synthetic tables with their members and controls."""
    order = np.random.default_rng(seed).permutation(adult.rows)
    members, controls, fresh = (
        adult.take(order[low * SIDE : high * SIDE]) for low, high in ((0, 1), (1, 3), (3, 5))
    )
    leaked = members.slice(0, fresh.rows // 5)
    tables = {
        "clean": fresh,
        "leaky": concat([leaked, fresh.slice(leaked.rows)]),
        "memorising": members,
    }
    for kind, synth in tables.items():
        yield kind, Case.of(synth, members, controls, seed=Seed(seed))


def compared(case: Case, python: Path) -> Iterator[dict]:
    """Every risk by both, and by how much the excess differs."""
    halves = dealt(case)
    ours = {
        "singling_out_univariate": singling_out_univariate,
        "singling_out_multivariate": singling_out_multivariate,
        "linkability": partial(linkability, halves=halves),
        **{f"inference of {name}": partial(inference, secrets=[name]) for name in SECRETS},
    }
    theirs = anonymeter(case, halves, python)
    for name, attack in ours.items():
        [risk] = single_threaded([partial(attack, case)])
        one, other = mine(risk), theirs[name]
        yield {
            "risk": name,
            "likewise": one,
            "anonymeter": other,
            "difference": round(one["excess"] - other["excess"], 4),
            "agrees": one["low"] <= other["high"] and other["low"] <= one["high"],
        }


def mine(risk: Risk) -> dict[str, float]:
    """The numbers that are compared, as anonymeter bounds them: no excess below 0."""
    low, high = (max(end, 0.0) for end in risk.excess_interval)
    numbers = {"success": risk.success, "control": risk.control, "baseline": risk.baseline}
    numbers |= {"excess": max(risk.excess, 0.0), "low": low, "high": high}
    return {name: round(value, 4) for name, value in numbers.items()}


def anonymeter(case: Case, halves: tuple[list[str], list[str]], python: Path) -> dict[str, dict]:
    """What anonymeter finds on the very rows that we attack."""
    half = len(case.pool) // 2
    tables = {
        "members": case.everyone.take(case.pool[:half]),
        "controls": case.everyone.take(case.pool[half:]),
        "synth": case.synth,
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, table in tables.items():
            pq.write_table(table.arrow, Path(folder, f"{name}.parquet"))
        job = {"halves": halves, "secrets": SECRETS, "seed": case.seed.value}
        Path(folder, "job.json").write_text(json.dumps(job))
        return answer(python, HERE / "worker.py", folder)


if __name__ == "__main__":
    main()

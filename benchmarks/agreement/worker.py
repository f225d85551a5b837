"""The three risks by anonymeter, in its own environment; started by ``compare.py``.

    PYTHON worker.py FOLDER

The folder has members, controls and synth in Parquet, and job.json. Prints one JSON object.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator

ATTEMPTS = 2_000


def main() -> None:
    """Attack and print."""
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    job = json.loads((folder / "job.json").read_text())
    np.random.seed(job["seed"])  # noqa: NPY002  pandas draws its samples from it
    members, controls, synth = (
        frame(folder / f"{name}.parquet") for name in ("members", "controls", "synth")
    )
    side = min(len(members), len(controls))
    found = {}
    for mode in ("univariate", "multivariate"):
        attack = SinglingOutEvaluator(
            ori=members, syn=synth, control=controls, n_attacks=ATTEMPTS, seed=job["seed"]
        )
        found[f"singling_out_{mode}"] = told(attack.evaluate(mode=mode))
    link = LinkabilityEvaluator(
        ori=members, syn=synth, control=controls, aux_cols=tuple(job["halves"]), n_attacks=side
    )
    found["linkability"] = told(link.evaluate(n_jobs=1))
    for secret in job["secrets"]:
        attack = InferenceEvaluator(
            ori=members,
            syn=synth,
            control=controls,
            aux_cols=[name for name in members if name != secret],
            secret=secret,
            regression=pd.api.types.is_numeric_dtype(members[secret]),
            n_attacks=side,
        )
        found[f"inference of {secret}"] = told(attack.evaluate(n_jobs=1))
    print(json.dumps(found))


def frame(path: Path) -> pd.DataFrame:
    """A table as anonymeter takes it: a missing label is a label of its own."""
    table = pd.read_parquet(path)
    return table.apply(
        lambda c: c if pd.api.types.is_numeric_dtype(c) else c.astype(object).fillna("missing")
    )


def told(evaluator: Any) -> dict[str, float]:
    """Rates and the risk with its interval."""
    results, risk = evaluator.results(), evaluator.risk()
    numbers = {
        "success": results.attack_rate.value,
        "control": results.control_rate.value,
        "baseline": results.baseline_rate.value,
        "excess": risk.value,
        "low": risk.ci[0],
        "high": risk.ci[1],
    }
    return {name: round(float(value), 4) for name, value in numbers.items()}


if __name__ == "__main__":
    main()

"""Do our shape and pair errors agree with SDMetrics' on the same tables?

    python benchmarks/agreement/fidelity.py --data DIR [--envs DIR]
    python benchmarks/render.py            # the documentation's table from those lines

Three synthetic tables of each set are compared by both with the training rows: a second real
sample, the training columns each shuffled on its own, and the rows of ``trees``. SDMetrics runs in
an environment of its own, which is built when it is missing. One JSON line for each table.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))
from environment import ENVIRONMENTS, answer, built

import likewise
from datasets import DATASETS, Dataset, load
from likewise.data.convert import to_table
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.metrics.marginal import column_errors
from likewise.metrics.pairs import pair_error
from likewise.metrics.views import is_number

HERE = Path(__file__).parent


def main() -> None:
    """Compare by both, write what each found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["adult", "magic", "default"])
    parser.add_argument("--envs", type=Path, default=ENVIRONMENTS)
    parser.add_argument("--out", type=Path, default=HERE.parent / "runs" / "fidelity.jsonl")
    args = parser.parse_args()
    python = built(args.envs, "sdmetrics")
    with args.out.open("w", encoding="utf-8") as out:
        for name in args.sets:
            for kind, train, synth in cases(DATASETS[name], args.data):
                line = {"set": name, "synthetic": kind, **compared(train, synth, python)}
                out.write(json.dumps(line) + "\n")
                out.flush()
                print(f"{name}: {kind}", flush=True)


def cases(data: Dataset, folder: Path) -> Iterator[tuple[str, Table, Table]]:
    """Training rows beside each synthetic table."""
    frame = load(data, folder)[0].sample(frac=1, random_state=0).reset_index(drop=True)
    declared = Schema(columns=tuple(Column(name=n, kind=Kind.CATEGORY) for n in data.categories))
    schema = likewise.infer(frame, schema=declared)
    half = len(frame) // 2
    train, second = frame.iloc[:half], frame.iloc[half:]
    rng = np.random.default_rng(0)
    order = {name: rng.permutation(half) for name in train}
    shuffled = train.apply(lambda column: column.to_numpy()[order[column.name]])
    drawn = likewise.fit(train, generator="trees", schema=schema, seed=0).sample(half, seed=0)
    for kind, synth in (("second sample", second), ("shuffled", shuffled), ("trees", drawn)):
        yield kind, *(_table(part, schema) for part in (train, synth))


def _table(frame: pd.DataFrame, schema: Schema) -> Table:
    return to_table(pa.Table.from_pandas(frame, preserve_index=False), schema)


def compared(train: Table, synth: Table, python: Path) -> dict:
    """Both errors by both, in percent, and the largest difference of a single column's."""
    kinds = {
        column.name: "numerical" if is_number(column.kind) else "categorical"
        for column in train.schema.columns
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, table in (("train", train), ("synth", synth)):
            pq.write_table(table.arrow, Path(folder, f"{name}.parquet"))
        Path(folder, "job.json").write_text(json.dumps(kinds))
        theirs = answer(python, HERE / "sdmetrics_worker.py", folder)
    ours = column_errors(train, synth)
    gaps = [
        abs(error - (1 - theirs["by"][name]))
        for name, error in zip(ours.names, ours.error, strict=True)
    ]
    pair = pair_error(train, synth).value
    return {
        "shape": 100 * float(ours.error.mean()),
        "shape_sdmetrics": 100 * (1 - theirs["shape"]),
        "largest_column_gap": 100 * max(gaps),
        "pair": 100 * pair,
        "pair_sdmetrics_alike": 100 * (1 - theirs["aligned"]),
        "pair_sdmetrics": 100 * (1 - theirs["pair"]),
    }


if __name__ == "__main__":
    main()

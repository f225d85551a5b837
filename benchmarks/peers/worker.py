"""One fit and one sample of one method, in a process of its own; started by ``compare.py``.

    PYTHON worker.py JOB.json

Runs in the method's own environment, ours included, so that all are timed in one way: what import,
fit and sample cost is written beside the sample. Nothing here imports what a peer may lack.
"""

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from catalogue import OURS, PEERS

Draw = Callable[[int], pd.DataFrame]
GAN_EPOCHS = 28
NO_CLOCK = 3_000.0  # seconds


@dataclass(frozen=True)
class Job:
    """What a worker is told.

    Attributes:
        method: a peer's name, or one of our generators.
        train: Parquet file to learn.
        synth: Parquet file to write.
        cost: JSON file to write.
        log: text file for what the method prints.
        target: the column whose prediction will be judged, or None.
        categories: columns that hold labels, whatever their type.
        seed: of the fit, and of the sample where a method takes one.
        epochs: instead of a neural peer's default; None keeps the default.
    """

    method: str
    train: str
    synth: str
    cost: str
    log: str
    target: str | None
    categories: list[str]
    seed: int
    epochs: int | None = None


def main() -> None:
    """Import, fit, sample; write the rows and what each step cost."""
    job = Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    with Path(job.log).open("w") as log:  # C code prints too, so the descriptors are moved
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    train = pd.read_parquet(job.train)
    peer = PEERS.get(job.method, OURS)
    marks = [spent()]
    importlib.import_module(peer.module)
    marks.append(spent())
    np.random.seed(job.seed)  # noqa: NPY002 -- several peers know no other way
    draw = (ADAPTERS[job.method] if job.method in PEERS else ours)(job, train)
    marks.append(spent())
    synth = draw(len(train))
    marks.append(spent())
    restored(synth, train, job.categories).to_parquet(job.synth)
    steps = zip(("import", "fit", "sample"), marks, marks[1:], strict=False)
    cost: dict = {
        f"{step}_{kind}": round(after[kind] - before[kind], 3)
        for step, before, after in steps
        for kind in ("cpu_s", "wall_s")
    }
    wanted = [peer.package, "numpy", "pandas", *(["torch"] if "torch" in sys.modules else [])]
    cost["peer_versions"] = {name: version(name) for name in wanted}
    Path(job.cost).write_text(json.dumps(cost), encoding="utf-8")


def ours(job: Job, train: pd.DataFrame) -> Draw:
    """One of likewise's own generators, on one thread.

    The work is that of the defaults on a free machine: steps are planned for the method's own
    budget, but the clock of a busy machine does not end learning. ``gan`` knows no plan but epochs.
    """
    import likewise
    from likewise.generators import GENERATORS

    columns = tuple(
        column.model_copy(update={"kind": likewise.Kind.CATEGORY})
        if column.name in job.categories and pd.api.types.is_numeric_dtype(train[column.name])
        else column
        for column in likewise.infer(train, target=job.target).columns
    )
    schema = likewise.Schema(columns=columns, target=job.target)
    options = {"target": job.target, "schema": schema, "seed": job.seed, "workers": 1}
    recipe = GENERATORS.load(job.method)(**({"epochs": GAN_EPOCHS} if job.method == "gan" else {}))
    model = likewise.fit(train, generator=recipe, budget=NO_CLOCK, **options)
    return lambda rows: model.sample(rows, seed=job.seed, workers=1)


def sdv(job: Job, train: pd.DataFrame) -> Draw:
    """SDV's single-table synthesizers; kinds are declared, since it guesses them from names."""
    from sdv import single_table
    from sdv.metadata import Metadata

    kinds = {
        name: {"sdtype": "categorical" if name in job.categories else "numerical"}
        for name in train.columns
    }
    metadata = Metadata.load_from_dict({"tables": {"table": {"columns": kinds}}})
    name = {
        "sdv-gaussian-copula": "GaussianCopulaSynthesizer",
        "sdv-tvae": "TVAESynthesizer",
        "sdv-ctgan": "CTGANSynthesizer",
    }[job.method]
    options = {} if job.epochs is None or "copula" in job.method else {"epochs": job.epochs}
    if "copula" not in job.method:
        import torch

        torch.manual_seed(job.seed)
    model = getattr(single_table, name)(metadata, **options)
    model.fit({"table": labelled(train, job.categories)})

    def draw(rows: int) -> pd.DataFrame:
        drawn = model.sample(rows)
        return drawn["table"] if isinstance(drawn, dict) else drawn

    return draw


def mostlyai(job: Job, train: pd.DataFrame) -> Draw:
    """TabularARGN; which columns hold labels is declared, the rest is left to it."""
    from mostlyai.engine import TabularARGN

    kinds = dict.fromkeys(job.categories, "TABULAR_CATEGORICAL")
    options = {} if job.epochs is None else {"max_epochs": job.epochs}
    model = TabularARGN(tgt_encoding_types=kinds, random_state=job.seed, **options)
    model.fit(labelled(train, job.categories))
    return lambda rows: model.sample(n_samples=rows)


def arfpy(job: Job, train: pd.DataFrame) -> Draw:
    """Adversarial random forests; a missing label is a label of its own."""
    from arfpy import arf

    known = labelled(train, job.categories)
    known = known.fillna(dict.fromkeys(job.categories, MISSING))
    model = arf.arf(x=known, random_state=job.seed)
    model.forde()
    return lambda rows: model.forge(n=rows).replace(MISSING, None)


def seqtrees(job: Job, train: pd.DataFrame) -> Draw:
    """Sequential trees; labels are codes, one of them for what is missing, numbers are floats."""
    from seqtrees import SequentialTreeSynthesizer

    known = labelled(train, job.categories).fillna(dict.fromkeys(job.categories, MISSING))
    codes, levels = {}, {}
    for name in job.categories:
        codes[name], levels[name] = pd.factorize(known[name], sort=True)
    numbers = [name for name in train.columns if name not in job.categories]
    model = SequentialTreeSynthesizer(
        continuous_columns=numbers, discrete_columns=job.categories, random_state=job.seed
    )
    model.fit(known.assign(**codes).astype(dict.fromkeys(numbers, float)))

    def draw(rows: int) -> pd.DataFrame:
        drawn = model.sample(rows)
        labels = {name: levels[name].take(drawn[name].astype(int)) for name in job.categories}
        return drawn.assign(**labels).replace(MISSING, None)

    return draw


MISSING = "(missing)"
ADAPTERS: dict[str, Callable[[Job, pd.DataFrame], Draw]] = {
    "sdv-gaussian-copula": sdv,
    "sdv-tvae": sdv,
    "sdv-ctgan": sdv,
    "mostlyai-argn": mostlyai,
    "arfpy": arfpy,
    "seqtrees": seqtrees,
}


def labelled(train: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    """``train`` with its labels as text, also those that are written as numbers."""
    texts = {
        name: train[name].astype(str).astype(object).where(train[name].notna(), None)
        for name in categories
    }
    return train.assign(**texts)


def restored(synth: pd.DataFrame, train: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    """``synth`` in the columns and types of ``train``: whole numbers are rounded, labels text."""
    columns = {}
    for name in train.columns:
        if name in categories:
            values = synth[name].astype(object)
            columns[name] = values.where(values.isna(), values.astype(str))
            continue
        values = pd.to_numeric(synth[name], errors="coerce").astype(float)
        whole = pd.api.types.is_integer_dtype(train[name])
        columns[name] = values.round().astype("Int64") if whole else values
    return pd.DataFrame(columns).reset_index(drop=True)


def spent() -> dict[str, float]:
    """CPU seconds of this process and its children so far, and the clock."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return {"cpu_s": cpu, "wall_s": time.perf_counter()}


if __name__ == "__main__":
    main()

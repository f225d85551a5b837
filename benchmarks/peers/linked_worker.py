"""One fit and one sample of linked tables, in a process of its own; started by ``relational.py``.

    PYTHON linked_worker.py JOB.json

Runs in the method's own environment, ours included, so that all are timed in one way: what import,
fit and sample cost is written beside the tables. Nothing here imports what a peer may lack.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from catalogue import LINKED, OURS
from worker import labelled, restored, spent

Frames = dict[str, pd.DataFrame]
Draw = Callable[[], Frames]


@dataclass(frozen=True)
class LinkedJob:
    """What a worker is told.

    Attributes:
        method: a peer's name, or one of our generators.
        train: folder of Parquet files to learn, with ``database.yaml`` for our own.
        synth: folder to write Parquet files to.
        cost: JSON file to write.
        log: text file for what the method prints.
        parent: the table that the others refer to.
        key: its key, under the same name in its children.
        labels: by table, columns that hold labels, whatever their type.
        dates: by table, columns that hold days or moments.
        ids: by table, the key of one column that tells its rows apart; "" for none.
        seed: of the fit, and of the sample where a method takes one.
        epochs: instead of a neural peer's default; None keeps the default.
        minutes: a neural peer may learn a table, by the wall clock; None keeps the default.
    """

    method: str
    train: str
    synth: str
    cost: str
    log: str
    parent: str
    key: str
    labels: dict[str, list[str]]
    dates: dict[str, list[str]]
    ids: dict[str, str]
    seed: int
    epochs: int | None = None
    minutes: int | None = None

    @property
    def children(self) -> list[str]:
        """The tables that refer to the parent."""
        return [name for name in self.ids if name != self.parent]

    def read(self) -> Frames:
        """The tables to learn; days as moments, labels as text."""
        frames = {}
        for name in self.ids:
            frame = pd.read_parquet(Path(self.train, f"{name}.parquet"))
            times = {c: pd.to_datetime(frame[c]) for c in self.dates[name]}
            frames[name] = labelled(frame.assign(**times), self.labels[name])
        return frames


def main() -> None:
    """Import, fit, sample; write the tables and what each step cost."""
    job = LinkedJob(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    with Path(job.log).open("w") as log:  # C code prints too, so the descriptors are moved
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    peer = LINKED.get(job.method, OURS)
    marks = [spent()]
    importlib.import_module(peer.module)
    marks.append(spent())
    np.random.seed(job.seed)  # noqa: NPY002 -- peers know no other way
    draw = ADAPTERS.get(job.method, ours)(job)
    marks.append(spent())
    made = draw()
    marks.append(spent())
    for name, frame in made.items():
        frame.to_parquet(Path(job.synth, f"{name}.parquet"))
    steps = zip(("import", "fit", "sample"), marks, marks[1:], strict=False)
    cost: dict = {
        f"{step}_{kind}": round(after[kind] - before[kind], 3)
        for step, before, after in steps
        for kind in ("cpu_s", "wall_s")
    }
    wanted = [peer.package, "numpy", "pandas", *(["torch"] if "torch" in sys.modules else [])]
    cost["peer_versions"] = {name: version(name) for name in wanted}
    Path(job.cost).write_text(json.dumps(cost), encoding="utf-8")


def ours(job: LinkedJob) -> Draw:
    """Our own at its defaults, reading and typing included; the clock ends no learning."""
    from likewise.compose.relational import Relational
    from likewise.core.run import Run
    from likewise.core.seeds import Seed
    from likewise.data.convert import to_source
    from likewise.io.folder import read_folder

    database = read_folder(job.train).database
    recipe = Relational(generator=job.method)
    model = recipe.fit(database, seed=Seed(job.seed).child("model"), run=Run(workers=1))

    def draw() -> Frames:
        made = model.sample(seed=Seed(job.seed).child("sample"))
        return {n: to_source(made[n], typed=True).to_pandas() for n in made.names}

    return draw


def hma(job: LinkedJob) -> Draw:
    """SDV's HMASynthesizer; kinds and keys are declared, since it guesses them from names."""
    import torch
    from sdv.metadata import Metadata
    from sdv.multi_table import HMASynthesizer

    train = job.read()
    tables = {}
    for name, frame in train.items():
        kinds = dict.fromkeys(frame.columns, "numerical")
        kinds |= dict.fromkeys(job.labels[name], "categorical")
        kinds |= dict.fromkeys(job.dates[name], "datetime")
        kinds |= dict.fromkeys({job.key, job.ids[name]} - {""}, "id")
        tables[name] = {"columns": {c: {"sdtype": kind} for c, kind in kinds.items()}}
        tables[name] |= {"primary_key": job.ids[name]} if job.ids[name] else {}
    relations = [
        {"parent_table_name": job.parent, "parent_primary_key": job.key,
         "child_table_name": name, "child_foreign_key": job.key}
        for name in job.children
    ]  # fmt: skip
    metadata = Metadata.load_from_dict({"tables": tables, "relationships": relations})
    torch.manual_seed(job.seed)
    model = HMASynthesizer(metadata, verbose=False)
    model.fit(train)
    rows = len(train[job.parent])
    return lambda: tidied(job, train, model.sample(rows, main_table_name=job.parent))


def argn(job: LinkedJob) -> Draw:
    """TabularARGN: the parent flat, then each child as a sequence given its parent."""
    from mostlyai.engine import TabularARGN

    train = job.read()
    limits = {"max_epochs": job.epochs, "max_training_time": job.minutes}
    options = {name: value for name, value in limits.items() if value is not None}
    kinds = {name: dict.fromkeys(job.labels[name], "TABULAR_CATEGORICAL") for name in train}
    whole = {}
    for name, frame in train.items():  # it cannot write whole numbers of 8 bits
        numbers = frame.convert_dtypes(convert_string=False).select_dtypes("integer")
        whole[name] = frame.assign(**{c: numbers[c].astype("Int64") for c in numbers})
    parents = whole[job.parent]
    flat = TabularARGN(tgt_encoding_types=kinds[job.parent], random_state=job.seed, **options)
    flat.fit(parents.drop(columns=job.key))
    models = {}
    for name in job.children:
        models[name] = TabularARGN(
            tgt_context_key=job.key, tgt_encoding_types=kinds[name], ctx_data=parents,
            ctx_primary_key=job.key, ctx_encoding_types=kinds[job.parent],
            random_state=job.seed, **options,
        )  # fmt: skip
        models[name].fit(whole[name].drop(columns=[job.ids[name]] if job.ids[name] else []))

    def draw() -> Frames:
        made = {job.parent: flat.sample(n_samples=len(parents))}
        made[job.parent][job.key] = parents[job.key].to_numpy()  # ids, to be numbered anew
        for name, model in models.items():
            drawn = model.sample(ctx_data=made[job.parent])
            if job.ids[name]:
                drawn[job.ids[name]] = np.arange(len(drawn))
            made[name] = drawn
        return tidied(job, train, made)

    return draw


ADAPTERS: dict[str, Callable[[LinkedJob], Draw]] = {"sdv-hma": hma, "mostlyai-sequential": argn}


def tidied(job: LinkedJob, train: Frames, made: Frames) -> Frames:
    """Drawn tables in the columns and types of the real ones; keys are numbered anew."""
    places = {key: place for place, key in enumerate(made[job.parent][job.key])}
    tidy = {}
    for name, real in train.items():
        drawn, ids = made[name].reset_index(drop=True), {}
        if job.ids[name] and name != job.parent:
            ids[job.ids[name]] = np.arange(len(drawn))
        ids[job.key] = drawn[job.key].map(places).astype("Int64")
        if not pd.api.types.is_numeric_dtype(real[job.key]):
            ids[job.key] = ids[job.key].astype("string").astype(object)
        times = {c: pd.to_datetime(drawn[c]) for c in job.dates[name]}
        besides = {*ids, *times}
        plain = real.drop(columns=list(besides)).convert_dtypes(convert_string=False)
        labels = [c for c in job.labels[name] if c not in besides]
        cells = restored(drawn.drop(columns=list(besides)), plain, labels)
        tidy[name] = cells.assign(**ids, **times)[list(real.columns)]
    return tidy


if __name__ == "__main__":
    main()

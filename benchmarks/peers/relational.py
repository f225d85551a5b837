"""Linked tables: SDV's HMA, mostlyai-engine's sequential model and our own, on the same families.

    python benchmarks/peers/environments.py --only sdv mostlyai  # once
    python benchmarks/peers/relational.py --data DIR [--sets NAMES] [--methods NAMES] [--minutes 40]
    python benchmarks/render.py                                  # docs/methods/relational.md

A fifth of the families is kept back; the rest is learned by all. Every run is a process of its own
on one thread, in its method's own environment, and methods take turns. What they make is judged by
``evaluate_linked`` beside the families that were kept back, as ``likewise synth`` judges ours.
Runs that ``runs/relational_peers.jsonl`` already has are skipped: delete a line to repeat it.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.metadata import version
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from catalogue import LINKED, LINKED_LINES, PLACE, python, recorded
from compare import ONE_THREAD, SMOKE_EPOCHS, reason
from linked_sets import SETS, LinkedSet
from linked_worker import LinkedJob

from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import DECLARATION, tables_to_yaml
from likewise.data.families import split_families
from likewise.data.integrity import check_integrity
from likewise.data.schema import TEMPORAL, Kind
from likewise.io.dialect import Dialect
from likewise.io.folder import read_folder, read_raws, write_folder
from likewise.jobs.understand import in_kinds_of
from likewise.metrics.linked_battery import evaluate_linked
from run import timed

OURS = "trees"
NEURAL = frozenset({"mostlyai-sequential"})
SHARE, WARM = 0.2, 0.02  # of the families: kept back, and learned once before the clock starts
LABELS = frozenset({Kind.CATEGORY, Kind.ORDINAL, Kind.BOOLEAN, Kind.TEXT, Kind.CONSTANT, Kind.KEY})


def main() -> None:
    """Run what is asked for and not yet there."""
    args = arguments()
    done = {(line["set"], line["method"], line["seed"]) for line in recorded(args.out)}
    for name in args.sets.split(";"):
        with tempfile.TemporaryDirectory() as place:
            whole = written(SETS[name], args.data, Path(place, "whole"))
            train, holdout = split_families(whole, SHARE, Seed(0))
            if args.smoke:
                _, train = split_families(train, WARM, Seed(0))
            for seed, method in product(range(args.seeds), args.methods.split(",")):
                if args.smoke or (name, method, seed) not in done:
                    line = header(name, method, seed, train)
                    line |= limits(args) if method in NEURAL else {}
                    line |= run(args, SETS[name], method, seed, train, holdout)
                    print(json.dumps(line)[:700], flush=True)
                    if not args.smoke:
                        with args.out.open("a", encoding="utf-8") as out:
                            out.write(json.dumps(line) + "\n")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=";".join(SETS))
    parser.add_argument("--methods", default=",".join((OURS, *LINKED)))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--time-limit", type=int, default=1_800, help="CPU seconds a run; 0: none")
    parser.add_argument("--epochs", type=int, help="of a neural peer, instead of its default")
    parser.add_argument("--minutes", type=int, help="a neural peer may learn a table")
    parser.add_argument("--envs", type=Path, default=PLACE, help="where the environments are")
    parser.add_argument("--smoke", action="store_true", help="few families; nothing is kept")
    parser.add_argument("--out", type=Path, default=LINKED_LINES)
    args = parser.parse_args()
    unknown = {*args.methods.split(",")} - {OURS, *LINKED}
    if unknown or {*args.sets.split(";")} - {*SETS}:
        parser.error(f"methods: {OURS}, {', '.join(LINKED)}; sets: {', '.join(SETS)}")
    return args


def written(one: LinkedSet, data: Path, folder: Path) -> Database:
    """A set as a folder of files that declare its keys, read as a database."""
    folder.mkdir()
    frames = one.frames(data)
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet")
    text = tables_to_yaml(one.declared(frames))
    (folder / DECLARATION).write_text(text, encoding="utf-8")
    return read_folder(folder).database


def header(name: str, method: str, seed: int, train: Database) -> dict:
    """What identifies a run."""
    return {
        "set": name,
        "method": method,
        "seed": seed,
        "tables": len(train.names),
        "rows": sum(table.rows for table in train.tables),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {package: version(package) for package in ("likewise", "numpy", "lightgbm")},
        "load": round(os.getloadavg()[0], 1),
    }


def limits(args: argparse.Namespace) -> dict:
    """What a neural peer was told instead of its defaults."""
    return {name: value for name in ("epochs", "minutes") if (value := getattr(args, name))}


def run(
    args: argparse.Namespace, one: LinkedSet, method: str, seed: int, train: Database,
    holdout: Database,
) -> dict:  # fmt: skip
    """Fit and sample in a process of its own, then judge; a failure is a result too."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        try:
            if (
                method not in LINKED and not args.smoke
            ):  # kernels are compiled once for each machine
                _, few = split_families(train, WARM, Seed(1))
                work(args, one, method, seed, few, folder / "warm")
            cost = work(args, one, method, seed, train, folder / "run")
        except subprocess.CalledProcessError as error:
            return {"failed": reason(error, args.time_limit, folder / "run" / "log")}
        made = read_like(folder / "run" / "synth", train)
    return cost | judged(train, made, holdout)


def work(
    args: argparse.Namespace, one: LinkedSet, method: str, seed: int, train: Database, folder: Path
) -> dict:
    """One worker on ``train``; its tables go to ``folder``, what it cost is given back."""
    folder.mkdir()
    dialects = dict.fromkeys(train.names, Dialect(format="parquet", suffix=".parquet"))
    write_folder(train, folder / "train", dialects, declaration=True)
    (folder / "synth").mkdir()
    keys = {n: train.schema[n].primary_key for n in train.names}
    job = LinkedJob(
        method=method,
        parent=one.parent,
        key=one.key,
        labels={n: _of(train, n, LABELS, {one.key, *_id(keys[n])}) for n in train.names},
        dates={n: _of(train, n, TEMPORAL, set()) for n in train.names},
        ids={n: "".join(_id(key)) for n, key in keys.items()},
        seed=seed,
        epochs=SMOKE_EPOCHS if args.smoke else args.epochs,
        minutes=args.minutes,
        **{name: str(folder / name) for name in ("train", "synth", "cost", "log")},
    )  # fmt: skip
    (folder / "job").write_text(json.dumps(asdict(job)), encoding="utf-8")
    peer = LINKED.get(method)
    interpreter = python(peer.environment, args.envs) if peer else Path(sys.executable)
    script = Path(__file__).with_name("linked_worker.py")
    command = [str(interpreter), str(script), str(folder / "job")]
    cost = timed(command, ONE_THREAD | {"TMPDIR": str(folder)}, limit=args.time_limit)
    return cost | json.loads(Path(job.cost).read_text(encoding="utf-8"))


def _of(database: Database, name: str, kinds: frozenset[Kind], besides: set[str]) -> list[str]:
    """The columns of some kinds."""
    columns = database[name].schema.columns
    return [c.name for c in columns if c.kind in kinds and c.name not in besides]


def _id(key: tuple[str, ...]) -> tuple[str, ...]:
    """A key of one column; peers know no others."""
    return key if len(key) == 1 else ()


def read_like(folder: Path, train: Database) -> Database:
    """What a worker wrote, in the kinds of the real tables."""
    raws = read_raws(folder).raws
    tables = {name: in_kinds_of(raws[name], train[name].schema, name) for name in train.names}
    return Database.of(tables, train.schema)


def judged(train: Database, made: Database, holdout: Database) -> dict:
    """Scores beside fresh families, and the tables' own."""
    found = evaluate_linked(train, made, holdout, seed=Seed(0), workers=1)
    tables = [one.battery.scores for one in found.tables if one.battery is not None]
    means = {}
    for name in ("shape_error", "pair_error"):
        of = [scores[name] for scores in tables if name in scores]
        means[name] = [sum(s.value for s in of) / len(of), sum(s.floor for s in of) / len(of)]
    counted = check_integrity(made)
    return {
        "synthetic": {name: made[name].rows for name in made.names},
        "repeated_keys": sum(check.broken for check in counted.keys),
        "orphans": sum(check.orphans for check in counted.relations),
        "scores": {n: [s.value, s.floor] for n, s in found.scores.items()} | means,
    }


if __name__ == "__main__":
    main()

"""Events of entities by the command's defaults: time, memory, and scores beside entities kept back.

    python benchmarks/events.py --data DIR [--names bpic2012 …] [--ways events linked]
    python benchmarks/render.py            # the documentation's tables from those lines

Each run is one process: a fifth of the entities kept back, learned, drawn, judged, as ``likewise
synth FILE --entity COL`` does. ``linked`` learns the same rows as two linked tables instead: how
many events an entity has, when they begin and end, and each event given the one before. Then the
entities that were kept back are cut after a few events, and what follows is drawn and compared
with what did; beside it stands how far two draws are apart. One JSON line a run.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
from run import RUNS

SETS = {
    "bpic2012": ("bpic2012_events/events.parquet", "case:concept:name", "time:timestamp",
                 "concept:name"),
}  # fmt: skip

CUTS = (3, 10, 30)  # events after which entities are gone on with


def main() -> None:
    """Make and judge every set in every way, and write ``runs/events.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--names", nargs="+", default=list(SETS))
    parser.add_argument("--ways", nargs="+", default=["linked", "events"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RUNS / "events.jsonl")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(made(args.data, *args.one, args.seeds[0])))
        return
    with args.out.open("a", encoding="utf-8") as out:
        for name in args.names:
            for seed in args.seeds:
                for way in args.ways:
                    words = [sys.executable, __file__, "--data", str(args.data), "--seeds",
                             str(seed), "--one", name, way]  # fmt: skip
                    ran = subprocess.run(words, capture_output=True, text=True, check=True)
                    line = ran.stdout.strip().splitlines()[-1]
                    out.write(line + "\n")
                    out.flush()
                    print(line[:400], flush=True)


def made(data: Path, name: str, way: str, seed: int) -> dict:
    """One set: what was made and scored."""
    from likewise.core.progress import Deadline
    from likewise.core.run import Run
    from likewise.io.read import read_raw
    from likewise.jobs.events_fit import events_recipe, events_table, split_events
    from likewise.jobs.plan import make_plan
    from likewise.metrics.sequence_battery import evaluate_sequences

    file, entity, moment, label = SETS[name]
    plan = make_plan(entity=entity, time=moment, seed=seed)
    table, plan = events_table(read_raw(str(data / file)), plan)
    train, holdout, _ = split_events(table, plan)
    recipe = events_recipe(plan)
    run = Run(deadline=Deadline(plan.budget))
    start, at = time.process_time(), time.perf_counter()
    model = recipe.fit(train, seed=seed, run=run) if way == "events" else linked(train, recipe)
    learned = time.process_time() - start, time.perf_counter() - at
    start = time.process_time()
    synth = model.sample(seed=seed + 1)
    drawn = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    scores, _ = evaluate_sequences(train, synth, holdout, entity=entity, time=moment)
    judged = time.process_time() - start
    return {
        "set": name,
        "way": way,
        "seed": seed,
        "rows": train.rows,
        "entities": len(train.labels(entity)[1]),
        "synthetic": synth.rows,
        "learn_cpu_s": round(learned[0], 1),
        "learn_s": round(learned[1], 1),
        "draw_cpu_s": round(drawn, 1),
        "judge_cpu_s": round(judged, 1),
        "peak_mb": round(peak),
        "scores": {k: {"value": s.value, "floor": s.floor} for k, s in scores.items()},
        **rules_of(train, synth, holdout, entity, moment, label),
        "follow": {
            str(cut): followed(model, holdout, cut, entity, moment, label)
            for cut in (CUTS if way == "events" else ())
        },
    }


class linked:  # noqa: N801
    """Entities and events learned as two linked tables, as one table again."""

    def __init__(self, train: Any, recipe: Any) -> None:
        from likewise.compose.relational import Relational, TableChoice
        from likewise.data.database import Database
        from likewise.data.database_schema import DatabaseSchema, ForeignKey, TableSchema
        from likewise.data.schema import Kind, Schema
        from likewise.data.table import Table

        self.entity, self.schema = recipe.entity, train.schema
        column = train.schema[recipe.entity].model_copy(update={"kind": Kind.KEY, "levels": None})
        at = train.names.index(recipe.entity)
        keys = train.arrow.column(at).cast(pa.string())
        keyed = Table(
            train.arrow.set_column(at, recipe.entity, keys),
            Schema(columns=tuple(column if c.name == recipe.entity else c
                                 for c in train.schema.columns)),
        )  # fmt: skip
        codes, labels = train.labels(recipe.entity)
        others = [n for n in train.names if n not in (recipe.entity, recipe.time)]
        static = [
            n
            for n in others
            if len(set(zip(codes.tolist(), train.labels(n)[0].tolist(), strict=True)))
            == len(labels)
        ]
        above = keyed.select([recipe.entity, *static]).take(np.unique(codes, return_index=True)[1])
        below = keyed.select([n for n in train.names if n not in static])
        refers = ForeignKey(columns=(recipe.entity,), table="entities")
        schema = DatabaseSchema(
            tables=(
                TableSchema(name="entities", primary_key=(recipe.entity,), schema=above.schema),
                TableSchema(name="events", foreign_keys=(refers,), schema=below.schema),
            )
        )
        choice = TableChoice(parent="entities", order=recipe.time)
        database = Database.of({"entities": above, "events": below}, schema)
        self.model = Relational(tables={"events": choice}).fit(database, seed=1)

    def sample(self, *, seed: int) -> Any:
        """The events of as many entities as were learned."""
        from likewise.data.table import CANONICAL, Table

        made = self.model.sample(seed=seed)
        above, below = made["entities"].arrow, made["events"].arrow
        joined = below.join(above, keys=[self.entity], join_type="inner")
        arrays = [
            joined.column(c.name).combine_chunks().cast(CANONICAL[c.kind])
            for c in self.schema.columns
        ]
        return Table(pa.table(arrays, names=list(self.schema.names)), self.schema)


def ordered(table: Any, entity: str, moment: str, label: str) -> tuple[np.ndarray, np.ndarray]:
    """The entity and the label of each event, entity by entity in the order of time."""
    owner, when = table.labels(entity)[0], table.numbers(moment)
    order = np.lexsort((np.arange(table.rows), when, owner))
    texts = np.array(table.arrow.column(label).to_pylist(), dtype=object)
    return owner[order], texts[order]


def rules_of(train: Any, synth: Any, holdout: Any, entity: str, moment: str, label: str) -> dict:
    """Steps from label to label that no training entity makes, as a share of all, on each side."""
    known, found = set(), {}
    for side, table in (("train", train), ("synthetic", synth), ("holdout", holdout)):
        owner, text = ordered(table, entity, moment, label)
        same = np.flatnonzero(owner[1:] == owner[:-1])
        pairs = list(zip(text[same], text[same + 1], strict=True))
        if side == "train":
            known = set(pairs)
        else:
            found[f"strange_steps_{side}"] = sum(p not in known for p in pairs) / len(pairs)
        found[f"mean_events_{side}"] = len(owner) / len(np.unique(owner))
    return found


def followed(model: Any, holdout: Any, cut: int, entity: str, moment: str, label: str) -> dict:
    """Entities kept back, cut after so many events: what was drawn to follow beside what did."""
    from likewise.metrics.dynamics import largest_gap

    owner, when = holdout.labels(entity)[0], holdout.numbers(moment)
    order = np.lexsort((np.arange(holdout.rows), when, owner))
    owner = owner[order]
    size = np.bincount(owner)
    position = np.arange(len(owner)) - (np.cumsum(size) - size)[owner]
    there = size[owner] >= cut  # known at the cut: it says nothing of what comes
    early, late = (np.flatnonzero(there & part) for part in (position < cut, position >= cut))
    past, truth = holdout.take(order[early]), holdout.take(order[late])
    start = time.process_time()
    draws = [model.follow(past, seed=seed) for seed in (1, 2)]
    spent = (time.process_time() - start) / 2
    names = sorted({str(n) for n in past.arrow.column(entity).to_pylist()})
    sides = [_facts(table, past, names, entity, moment, label) for table in (truth, *draws)]
    told = {"cpu_s": round(spent, 1), "entities": len(names)}
    for i, what in enumerate(("events left", "time left")):
        told[what] = largest_gap(sides[0][i], sides[1][i]), largest_gap(sides[1][i], sides[2][i])
    for i, what in ((2, "next label"), (3, "last label")):
        told[what] = tuple(_apart(a[i], b[i]) for a, b in ((sides[0], sides[1]), sides[1:]))
    return told


def _facts(table: Any, past: Any, names: list[str], entity: str, moment: str, label: str) -> tuple:
    """Events left, time left, next and last label by entity; "" where there is none."""
    at = {name: i for i, name in enumerate(names)}
    left, span = np.zeros(len(names)), np.zeros(len(names))
    first, last = (np.full(len(names), "", dtype=object) for _ in range(2))
    latest = np.zeros(len(names))
    for name, when in zip(past.arrow.column(entity).to_pylist(), past.numbers(moment), strict=True):
        latest[at[str(name)]] = max(latest[at[str(name)]], when)
    owner, text = ordered(table, entity, moment, label)
    whole = [str(name) for name in table.labels(entity)[1]]
    starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    for start, end in zip(starts, np.append(starts[1:], len(owner)), strict=True):
        i = at[whole[owner[start]]]
        left[i], first[i], last[i] = end - start, text[start], text[end - 1]
    codes, times = table.labels(entity)[0], table.numbers(moment)
    ends = np.full(len(whole), -np.inf)
    np.maximum.at(ends, codes, times)
    for name, end in zip(whole, ends, strict=True):
        if np.isfinite(end):
            span[at[name]] = end - latest[at[name]]
    return left, span, first, last


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    """Total variation between the shares of labels."""
    names = sorted({*a.tolist(), *b.tolist()})
    shares = [np.array([(side == name).mean() for name in names]) for side in (a, b)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


if __name__ == "__main__":
    main()

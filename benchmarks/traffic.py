"""Traffic: facts of the three simulators, the cost of 100,000 vehicles, and METR-LA held out.

    python benchmarks/traffic.py [--data DIR] [--only facts cost detectors] [--seeds 5]
    python benchmarks/render.py            # the documentation's tables from those lines

*facts*: at default settings, on the ring of Sugiyama et al. (2008), and half a day of 60,000
commuters in a city of 64 crossings, with seeds 1, 2, ...; five rushes a run of the motorway.
*cost*: a day of 100,000 vehicles on a grid of 20 by 20 crossings, one core, compiling not counted;
in memory, and by ``likewise simulate`` into files, start and page included.
*detectors*: a week of 207 detectors (DIR/metr_la_week). Thursday to Monday are fitted, Tuesday and
Wednesday judged: a detector's error is the mean absolute difference of speeds over its mean speed,
of intervals of five minutes or of an hour, and the share of detectors at 15 % or less is shown;
``each`` averages the relative differences of single intervals instead. Beside it stand the mean
and the median of the fitted weekdays by time of day, the last fitted day, and what nothing can
know before: each judged day by the other.
Writes ``runs/traffic.jsonl``; lines of the parts that are run again replace older ones.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from likewise.simulate.corridor import Corridor
from likewise.simulate.facts import measured
from likewise.simulate.freeway import DAY, Freeway
from likewise.simulate.simulator import Simulator
from likewise.simulate.traffic import Traffic

RUNS = Path(__file__).parent / "runs"
RING = Corridor(
    ring=True, length=230, lanes=1, vehicles=22, trucks=0, spread=0.1, wanted=40, gap=1.9,
    tiring=0, tracked=1, sampled=1,
)  # fmt: skip
RUSH, RUSHES = 11_700, 5  # seconds of a rush and until the road is free again; of them in a run
CASES: dict[str, tuple[Simulator, int]] = {
    "corridor": (Corridor(tracked=0.0), RUSHES * RUSH),
    "corridor, ring": (RING, 900),
    "traffic": (Traffic(), 17_280),
    "traffic, overfull": (
        Traffic(vehicles=60_000, rows=8, columns=8, commuters=1.0, block=150),
        8640,
    ),
    "freeway": (Freeway(), 288),
}
FITTED, JUDGED, WEEKDAYS, FIRST = 5, 7, (0, 1, 4), 3  # days of the week's data; the first: Thursday
ALLOWED = 0.15
MILE = 1.609344


def main() -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", nargs="+", default=["facts", "cost", "detectors"])
    parser.add_argument("--cases", nargs="+", default=list(CASES), help="of the facts")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RUNS / "traffic.jsonl")
    args = parser.parse_args()
    parts = {
        "facts": lambda: facts(args.cases, args.seeds), "cost": cost,
        "detectors": lambda: detectors(args.data, args.seeds),
    }  # fmt: skip
    for name in args.only:
        if name == "detectors" and args.data is None:
            print("detectors need --data")
            continue
        measured_cases: dict[str, list[dict]] = {}
        for line in parts[name]():
            whole = {"part": name, **line, "machine": platform.machine(), "cores": os.cpu_count()}
            print(json.dumps(whole), flush=True)
            measured_cases.setdefault(line["case"], []).append(whole)
            _replace(args.out, name, measured_cases)


def _replace(path: Path, part: str, cases: dict[str, list[dict]]) -> None:
    """Lines of these cases instead of older ones, after each line: a long run may be cut short."""
    old = [json.loads(text) for text in path.read_text().splitlines()] if path.exists() else []
    kept, places = [], {}
    for line in old:
        key = line["part"], line["case"]
        if key[0] == part and key[1] in cases:
            if key not in places:
                places[key] = True
                kept.extend(cases[key[1]])
        else:
            kept.append(line)
    for case, lines in cases.items():
        if (part, case) not in places:
            kept.extend(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in kept))


def facts(cases: list[str], seeds: int) -> Iterator[dict]:
    """All facts of each case and seed, with their bands."""
    for case in cases:
        simulator, steps = CASES[case]
        for seed in range(1, seeds + 1):
            made = simulator.run(steps, seed=seed)
            for fact in measured(simulator, made.tables()):
                band = fact.band
                yield {
                    "case": case, "seed": seed, "fact": fact.name, "value": fact.value,
                    "meaning": band.meaning, "low": band.low, "high": band.high,
                    "inside": fact.inside,
                }  # fmt: skip


def cost() -> Iterator[dict]:
    """A day of 100,000 vehicles."""
    Traffic(vehicles=100, rows=3, columns=3).run(6000, seed=1)  # compiled code is loaded
    city = Traffic(vehicles=100_000, rows=20, columns=20)
    wall, cpu = time.perf_counter(), time.process_time()
    made = city.run(seed=1)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    counted = int(made.table("counts")["count"].to_numpy().sum())
    rows = {
        "trips": made.rows("trips"), "links": made.rows("links"), "moves": counted,
        "steps": made.steps,
    }  # fmt: skip
    case = "100,000 vehicles, 20 × 20 crossings, a day"
    yield {"case": case, "cpu_s": cpu, "wall_s": wall, **rows}
    settings = [f"--set={name}" for name in ("vehicles=100000", "rows=20", "columns=20")]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "likewise", "simulate", "traffic", *settings,
                   "--seed", "1", "-o", f"{folder}/city"]  # fmt: skip
        wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    yield {"case": f"{case}, into files", "cpu_s": cpu, "wall_s": wall, **rows}


def detectors(data: Path, seeds: int) -> Iterator[dict]:
    """Shares of detectors within 15 %, by the simulation and by what is usual."""
    frame = pd.read_parquet(data / "metr_la_week" / "los_speed.parquet")
    frame = frame[sorted(frame, key=int)]  # as the sections of the model are
    speed = frame.to_numpy() * MILE  # (T, detectors) km/h
    begun = time.process_time()
    model = Freeway(first_day=FIRST).fit(_counts(speed[: FITTED * DAY], list(map(int, frame))))
    fitting = time.process_time() - begun
    judged = speed[FITTED * DAY : JUDGED * DAY]
    weekdays = speed.reshape(-1, DAY, speed.shape[1])[list(WEEKDAYS)]
    naive = {
        "mean of fitted weekdays": weekdays.mean(axis=0),
        "median of fitted weekdays": np.median(weekdays, axis=0),
        "last fitted day": weekdays[-1],
    }
    for case, day in naive.items():
        yield {"case": case, **within(np.tile(day, (JUDGED - FITTED, 1)), judged)}
    other = np.concatenate([judged[DAY:], judged[:DAY]])
    yield {"case": "each judged day by the other", **within(other, judged)}
    for seed in range(1, seeds + 1):
        begun = time.process_time()
        made = model.run(JUDGED * DAY, seed=seed)
        spent = time.process_time() - begun
        found = made.table("counts")["speed"].to_numpy().reshape(speed.shape)
        yield {
            "case": "freeway, fitted", "seed": seed, "fit_cpu_s": fitting, "cpu_s": spent,
            **within(found[FITTED * DAY :], judged),
        }  # fmt: skip


def within(made: np.ndarray, real: np.ndarray) -> dict[str, float]:
    """Shares of detectors whose error is at most 15 %; (T, detectors) both."""

    def hourly(speed: np.ndarray) -> np.ndarray:
        return speed.reshape(-1, 12, speed.shape[1]).mean(axis=1)

    shares = {"detectors": float(real.shape[1])}
    for name, a, b in (("five", made, real), ("hour", hourly(made), hourly(real))):
        gap = np.abs(a - b)
        errors = gap.sum(axis=0) / b.sum(axis=0)
        shares[name] = float((errors <= ALLOWED).mean())
        shares[f"{name}_each"] = float(((gap / b).mean(axis=0) <= ALLOWED).mean())
        shares[f"{name}_median"] = float(np.median(errors))
    return shares


def _counts(speed: np.ndarray, names: list[int]) -> dict[str, pa.Table]:
    times = 5 * np.arange(len(speed))
    return {
        "counts": pa.table({
            "minute": np.repeat(times, len(names)), "detector_id": np.tile(names, len(times)),
            "speed": speed.ravel(),
        })
    }  # fmt: skip


if __name__ == "__main__":
    main()

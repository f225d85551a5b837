"""The agent engine beside Mesa 3.3, at a million agents, and writing 10^8 events.

    python benchmarks/agents.py [--envs DIR] [--replicates 30] [--only mesa rate events]
    python benchmarks/render.py            # the documentation's tables from those lines

*mesa*: the same four models by Mesa (in an environment of its own, built when it is missing) and
by ours, in turns on the same machine, at the "large" sizes of the comparison of frameworks by the
authors of Agents.jl; CPU seconds of setup and steps together, ours without compiling (its cost is
a column of its own), and whether outcomes are of one distribution. *rate*: seconds a step at
10^6 agents. *events*: memory and speed of event logs that are streamed to Parquet.
Writes ``runs/agents.jsonl``; lines of the parts that are run again replace older ones.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent))
from agreement.environment import ENVIRONMENTS
from likewise.simulate import SIMULATORS, Population, Simulator, Trajectory, World, rule
from likewise.simulate.draws import Draws
from run import RUNS, timed

HERE = Path(__file__).parent
WORKER = HERE / "mesa" / "worker.py"
TURN = 5  # seeds before the other side has its turn
CASES: dict[str, tuple[str, dict, int, int]] = {
    # name: model, settings, steps, replicates at most
    "schelling, 8,000 agents": (
        "schelling",
        {"height": 100, "width": 100, "density": 0.8, "wanted": 8, "radius": 2},
        20, 99,
    ),
    "flocking, 400 birds": (
        "flocking", {"birds": 400, "width": 150, "height": 150, "vision": 15}, 100, 99,
    ),
    "wolf-sheep, about 4,000 animals": (
        "wolf-sheep",
        {
            "height": 100, "width": 100, "sheep": 1000, "wolves": 500, "sheep_breed": 0.4,
            "wolf_breed": 0.2, "regrowth": 10,
        },
        100, 99,
    ),
    "forest-fire, 100 × 100": (
        "forest-fire", {"height": 100, "width": 100, "density": 0.7}, 100, 99,
    ),
    "forest-fire, 1,000 × 1,000": (
        "forest-fire", {"height": 1000, "width": 1000, "density": 0.9}, 100, 2,
    ),
}  # fmt: skip
MILLION: dict[str, tuple[str, dict, int]] = {
    "schelling, radius 1": ("schelling", {"height": 1000, "width": 1250}, 10),
    "flocking, 7 birds in sight": (
        "flocking",
        {"birds": 1_000_000, "width": 3400, "height": 3400},
        5,
    ),
    "wolf-sheep, births and deaths": (
        "wolf-sheep",
        {"height": 1500, "width": 1500, "sheep": 700_000, "wolves": 300_000, "regrowth": 30},
        10,
    ),
}


class Walk(Simulator):
    """Walkers on a line: one rule of whole arrays, two draws an agent."""

    walkers: int = 1_000_000

    def setup(self, world: World, draws: Draws) -> None:  # noqa: ARG002
        """All at 0."""
        world.people = Population(self.walkers, x=0.0)

    @rule()
    def move(self, world: World, draws: Draws) -> None:
        """A step of normal length, left out by one in ten."""
        people = world.people
        people.x += draws.normal(people.id) * draws.chance(people.id, 0.9)


def main() -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--envs", type=Path, default=ENVIRONMENTS)
    parser.add_argument("--replicates", type=int, default=30)
    parser.add_argument("--only", nargs="+", default=["mesa", "rate", "events"])
    parser.add_argument("--cases", nargs="+", default=list(CASES), help="of those beside Mesa")
    parser.add_argument("--out", type=Path, default=RUNS / "agents.jsonl")
    args = parser.parse_args()
    parts = {
        "mesa": lambda: beside_mesa(args.envs, args.replicates, args.cases),
        "rate": million,
        "events": events,
    }
    for name in args.only:
        for line in parts[name]():
            about = {"part": name, "machine": machine(), **line}
            keep = [one for one in lines(args.out) if key(one) != key(about)]
            ordered = sorted([*keep, about], key=place)
            args.out.write_text("".join(json.dumps(one) + "\n" for one in ordered))
            print(json.dumps(about), flush=True)


def lines(path: Path) -> list[dict]:
    """What was measured before."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def key(line: dict) -> tuple:
    """What a line is about."""
    return line["part"], line.get("case"), line.get("rows")


def place(line: dict) -> tuple[int, int]:
    """Where a line stands in the file: by part, then as cases are listed above."""
    cases = [*CASES, *MILLION]
    at = cases.index(line["case"]) if line.get("case") in cases else len(cases)
    return ("mesa", "rate", "events").index(line["part"]), at


def machine() -> str:
    """The processor and the interpreter."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def beside_mesa(envs: Path, replicates: int, cases: list[str]) -> Iterator[dict]:
    """The models by both sides, in turns."""
    python = built(envs)
    version = subprocess.run(
        [str(python), "-c", "import importlib.metadata as m; print(m.version('mesa'))"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    for case in cases:
        model, settings, steps, most = CASES[case]
        ours(model, settings, steps, [0])  # compiled code is loaded
        sides: dict[str, list[dict]] = {"mesa": [], "ours": []}
        count = min(replicates, most)
        for first in range(1, count + 1, TURN):
            seeds = list(range(first, min(first + TURN, count + 1)))
            sides["mesa"] += by_mesa(python, model, settings, steps, seeds)
            sides["ours"] += ours(model, settings, steps, seeds)
        seconds = {
            name: statistics.median(r["cpu_s"] for r in runs) for name, runs in sides.items()
        }
        yield {
            "case": case,
            "mesa": version,
            "steps": steps,
            "replicates": count,
            "mesa_cpu_s": seconds["mesa"],
            "ours_cpu_s": seconds["ours"],
            "ratio": seconds["mesa"] / seconds["ours"],
            "compile_cpu_s": compiling(model, settings),
            "outcomes": compared(sides["mesa"], sides["ours"]),
        }


def compared(theirs: list[dict], mine: list[dict]) -> dict[str, dict]:
    """Mean and standard error of each outcome on both sides, and how likely so large a gap is."""
    found = {}
    for name in (name for name in theirs[0] if name not in ("seed", "cpu_s")):
        sides = [np.array([run[name] for run in runs], float) for runs in (theirs, mine)]
        means = [float(side.mean()) for side in sides]
        if len(sides[0]) < 5:
            found[name] = {"mesa": means[0], "ours": means[1]}
            continue
        errors = [float(side.std(ddof=1) / np.sqrt(len(side))) for side in sides]
        found[name] = {
            "mesa": means[0], "ours": means[1], "mesa_se": errors[0], "ours_se": errors[1],
            "ks_p": float(stats.ks_2samp(*sides).pvalue),
        }  # fmt: skip
    return found


def by_mesa(python: Path, model: str, settings: dict, steps: int, seeds: list[int]) -> list[dict]:
    """Runs of the worker, in Mesa's own environment."""
    job = json.dumps({"model": model, "settings": settings, "steps": steps, "seeds": seeds})
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    ran = subprocess.run(
        [str(python), str(WORKER), job], check=True, stdout=subprocess.PIPE, text=True,
        env=environment,
    )  # fmt: skip
    runs: list[dict] = json.loads(ran.stdout.splitlines()[-1])["runs"]
    return runs


def ours(model: str, settings: dict, steps: int, seeds: list[int]) -> list[dict]:
    """The same runs here, with invariants and collected series, as users have them."""
    simulator = SIMULATORS.load(model)(**settings)
    runs = []
    for seed in seeds:
        begun = time.process_time()
        made = simulator.run(steps, seed=seed)
        spent = time.process_time() - begun
        runs.append({"seed": seed, "cpu_s": spent, **outcome(model, settings, made)})
    return runs


def compiling(model: str, settings: dict) -> float:
    """CPU seconds that the very first run needs more than the second, on a machine of its own."""
    code = (
        "import json, sys, time; from likewise.simulate import SIMULATORS\n"
        "simulator = SIMULATORS.load(sys.argv[1])(**json.loads(sys.argv[2]))\n"
        "spent = []\n"
        "for _ in range(2):\n"
        "    begun = time.process_time(); simulator.run(2, seed=1)\n"
        "    spent.append(time.process_time() - begun)\n"
        "print(spent[0] - spent[1])"
    )
    with tempfile.TemporaryDirectory() as empty:
        environment = {**os.environ, "NUMBA_CACHE_DIR": empty}
        words = [sys.executable, "-c", code, model, json.dumps(settings)]
        ran = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return float(ran.stdout)


def outcome(model: str, settings: dict, made: Trajectory) -> dict[str, float]:
    """What the worker's ``outcome`` gives of its models."""
    last = {name: made.series[name][-1].as_py() for name in made.series.column_names}
    if model == "flocking":
        near = made.world.space.near(made.world.birds.place, settings["vision"])
        return {"order": last["order"], "seen": float(near.degrees.mean())}
    names = {"schelling": ("happy", "alike"), "wolf-sheep": ("sheep", "wolves")}
    return {name: float(last[name]) for name in names.get(model, ("lost",))}


def million() -> Iterator[dict]:
    """CPU seconds a step with 10^6 agents: a run less one of no step."""
    models = {case: (SIMULATORS.load(m)(**s), n) for case, (m, s, n) in MILLION.items()}
    models["random walk, a rule of arrays"] = (Walk(), 20)
    for case, (simulator, steps) in models.items():
        simulator.run(1, seed=0)
        spent = []
        for seed in range(3):
            begun = time.process_time()
            simulator.run(0, seed=seed)
            setup = time.process_time() - begun
            made = simulator.run(steps, seed=seed)
            spent.append((time.process_time() - begun - 2 * setup) / steps)
        agents = sum(map(len, made.world.populations.values()))
        yield {"case": case, "agents": agents, "steps": steps, "step_s": statistics.median(spent)}


EMITTER = '''
import numpy as np
from likewise.simulate import Form, Log, Population, Simulator, rule


class Payments(Simulator):
    """Every one of 10^6 clients pays somebody at each step."""

    clients: int = 1_000_000

    def setup(self, world, draws):
        world.clients = Population(self.clients, form=Form(key="client_id"), paid=0.0)
        form = Form(key="payment_id", refers={"from_id": "clients", "to_id": "clients"})
        world.payments = Log(form=form, step=np.int32, from_id=int, to_id=int, amount=float)

    @rule()
    def pay(self, world, draws):
        clients = world.clients
        amount = np.round(np.exp(3 + draws.normal(clients.id)), 2)
        to = draws.below(clients.id, self.clients)
        clients.paid += amount
        world.payments.emit(step=world.step, from_id=clients.id, to_id=to, amount=amount)
'''


def events() -> Iterator[dict]:
    """Peak memory and speed of 10^7 and of 10^8 logged rows, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file, place = Path(folder) / "payments.py", Path(folder) / "out"
        file.write_text(EMITTER)
        command = ["likewise", "simulate", str(file), "--seed", "1", "--quiet", "--no-page"]
        timed([*command, "--steps", "1", "-o", str(place)])
        for rows in (10_000_000, 100_000_000):
            cost = timed([*command, "--steps", str(rows // 1_000_000), "-o", str(place)])
            size = (place / "payments.parquet").stat().st_size / 2**20
            yield {"rows": rows, "file_mb": size, **cost, "rows_per_cpu_s": rows / cost["cpu_s"]}


def built(envs: Path) -> Path:
    """The interpreter of Mesa's environment, made anew when its requirements have changed."""
    wanted = HERE / "mesa" / "requirements-mesa.txt"
    place = envs / "mesa"
    python, stamp = place / "bin" / "python", place / wanted.name
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        print(f"building {place}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "-r", str(wanted)], check=True)
        stamp.write_text(wanted.read_text())
    return python


if __name__ == "__main__":
    main()

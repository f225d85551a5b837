"""Write the measured tables into the documentation; they are never typed.

    python benchmarks/render.py

Reads ``runs/*.jsonl`` beside this file and replaces what stands between the marks
``<!-- table: NAME -->`` and ``<!-- end -->`` in README.md and docs/. Several runs of one kind are
shown as their median.
"""

import functools
import json
import re
import statistics
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "peers"))
from catalogue import LINKED, PEERS

HERE = Path(__file__).parent
MARK = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Render every table that is asked for in the documentation."""
    for page in [HERE.parent / "README.md", *sorted((HERE.parent / "docs").rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        new = MARK.sub(lambda m: f"{m[1]}\n{TABLES[m[2]]()}\n\n{m[3]}", text)
        if new != text:
            page.write_text(new, encoding="utf-8")
            print(f"rendered {page.relative_to(HERE.parent)}")


SCORES = ("detector", "shape %", "pair %", "pair %, aligned", "utility (real)", "near copies %")
SCORES += ("nearer %", "exact copies % (real)")


def scores(m: dict[str, float]) -> list[str]:
    """The judge's numbers as cells under the heads ``SCORES``."""
    return [
        f"{m['detector_auc']:.3f}",
        f"{m['shape_error']:.2f}",
        f"{m['pair_error']:.2f}",
        f"{m['pair_error_aligned']:.2f}" if "pair_error_aligned" in m else "–",
        f"{m['utility']:.3f} ({m['utility_real']:.3f})" if "utility" in m else "–",
        f"{m['near_copies']:.2f}",
        f"{m['nearer']:.1f}" if "nearer" in m else "–",
        f"{m['exact_copies']:.2f} ({m['exact_copies_real']:.2f})",
    ]


def quality() -> str:
    """The protocol's numbers of each method on each set, beside the two floors."""
    rows = []
    for (name, method), lines in grouped("single_table.jsonl", "set", "generator").items():
        m = medians(lines)
        fit = f"{m['fit_cpu_s']:.1f}" if "fit_cpu_s" in m else "–"
        peak = f"{m['fit_peak_mb']:.0f}" if "fit_peak_mb" in m else "–"
        rows.append([name, method, *scores(m), fit, peak])
    return table(("set", "method", *SCORES, "fit CPU s", "peak MB"), rows)


def end_to_end() -> str:
    """``likewise synth`` with defaults: cost, verdict, and the report's own scores (floors)."""
    head = ("set", "rows × columns", "wall s", "peak MB", "verdict", "shape %", "pair %")
    head += ("detector", "utility", "near copies %", "report KB")
    rows = []
    for (name,), lines in grouped("end_to_end.jsonl", "set").items():
        m = medians(lines)

        def score(key: str, scale: float, digits: int, lines: list[dict] = lines) -> str:
            found = [line["scores"][key] for line in lines if key in line["scores"]]
            if not found or found[0][0] is None:
                return "–"
            value, floor = (
                statistics.median(f[i] for f in found if f[i] is not None) for i in (0, 1)
            )
            return f"{scale * value:.{digits}f} ({scale * floor:.{digits}f})"

        cells = [name, f"{m['rows']:,.0f} × {m['columns']:.0f}", f"{m['wall_s']:.1f}"]
        cells += [f"{m['peak_mb']:,.0f}", lines[0]["verdict"], score("shape_error", 100, 2)]
        cells += [score("pair_error", 100, 2), score("detector_auc", 1, 3), score("utility", 1, 3)]
        rows.append([*cells, score("near_copies", 100, 2), f"{m['report_kb']:.0f}"])
    return table(head, rows)


def sampling() -> str:
    """Rows per second and memory of sampling to Parquet."""
    rows = []
    for (method, count), lines in grouped("sampling.jsonl", "generator", "sampled").items():
        m = medians(lines)
        rows.append([method, f"{count:,}", f"{m['rows_per_s']:,.0f}", f"{m['peak_mb']:,.0f}"])
    return table(("method", "rows", "rows/s", "peak MB"), rows)


def peers(only: str | None = None) -> str:
    """Other packages and our own methods on the same splits, the least detectable first."""
    rows: dict[str, list[tuple[float, list[str]]]] = {}
    for (name, method), lines in grouped("peers.jsonl", "set", "generator").items():
        if only not in (None, method):
            continue
        good = [line for line in lines if "failed" not in line]
        m = medians(good) if good else {}
        cells = scores(m) if good else [lines[-1]["failed"], *["–"] * (len(SCORES) - 1)]
        cost = ["–"] * 3
        if "fit_cpu_s" in m:
            pace = m["rows"] / m["sample_cpu_s"]
            cost = [f"{m['fit_cpu_s']:,.1f}", f"{pace:,.0f}", f"{m['peak_mb']:,.0f}"]
        place = 0.0 if method.startswith("floor") else m.get("detector_auc", 2.0)
        count = str(len(good) or len(lines))
        named = [name] if only else [name, method]
        rows.setdefault(name, []).append((place, [*named, *cells, *cost, count]))
    ordered = [cells for part in rows.values() for _, cells in sorted(part, key=lambda row: row[0])]
    head = ("set",) if only else ("set", "method")
    return table((*head, *SCORES, "fit CPU s", "rows / CPU s", "peak MB", "runs"), ordered)


def peers_used() -> str:
    """The releases that were measured, with their licences."""
    rows: dict[str, list[str]] = {}
    for (_, method), lines in grouped("peers.jsonl", "set", "generator").items():
        for line in lines:
            if method in PEERS and "peer_versions" in line:
                peer, used = PEERS[method], dict(line["peer_versions"])
                package = f"{peer.package} {used.pop(peer.package)}"
                beside = ", ".join(f"{name} {found}" for name, found in used.items())
                rows[method] = [method, package, peer.licence, beside]
    return table(("method", "package", "licence", "beside"), list(rows.values()))


def imputing() -> str:
    """Filled cells: what a model learns from them, and how they compare with the hidden ones."""
    rows = []
    for (name, method), lines in grouped("imputing.jsonl", "set", "generator").items():
        m = medians(lines)
        cells = [f"{m[key]:.1f}" if key in m else "–" for key in ("labels_right", "numbers_ks")]
        utility = f"{m['utility']:.4f} ({m['utility_real']:.4f})"
        rows.append([name, method, utility, *cells, f"{m['cpu_s']:.1f}", str(len(lines))])
    head = ("set", "method", "utility (nothing hidden)", "labels right %", "numbers KS %")
    return table((*head, "CPU s", "runs"), rows)


def control() -> str:
    """What the nearest-row attack finds among real rows: mean, and the interval of one split."""
    rows = []
    for (name,), lines in grouped("control.jsonl", "set").items():
        m = medians(lines)
        low, high = (m["nearer"] + sign * 2 * m["deviation"] for sign in (-1, 1))
        side, splits = f"{m['rows a side']:,.0f}", f"{m['splits']:.0f}"
        rows.append([name, side, splits, f"{m['nearer']:.1f}", f"{low:.1f}–{high:.1f}"])
    return table(("set", "rows a side", "splits", "nearer %", "interval"), rows)


def by_settings(runs: str) -> str:
    """The protocol's numbers of one method by its settings; the defaults where none are named."""
    rows = []
    for (name, settings), lines in grouped(runs, "set", "settings").items():
        m = medians(lines)
        cost = [f"{m[key]:.0f}" for key in ("fit_cpu_s", "sample_cpu_s", "fit_peak_mb")]
        rows.append([name, settings or "defaults", *scores(m), *cost])
    return table(("set", "settings", *SCORES, "fit CPU s", "sample CPU s", "peak MB"), rows)


def grouped(name: str, *keys: str) -> dict[tuple, list[dict]]:
    """The lines of one file by the values of ``keys``, in order of appearance."""
    groups: dict[tuple, list[dict]] = {}
    for text in (HERE / "runs" / name).read_text().splitlines():
        line = json.loads(text)
        groups.setdefault(tuple(line.get(key) for key in keys), []).append(line)
    return groups


def medians(lines: list[dict]) -> dict[str, float]:
    """The median of every number that all lines have."""
    numbers = [{k for k, v in line.items() if isinstance(v, int | float)} for line in lines]
    names = [k for k in lines[0] if all(k in found for found in numbers)]
    return {k: statistics.median(line[k] for line in lines) for k in names}


PUBLISHED = {  # discriminative and predictive scores, as the papers state them
    "stock": (("TimeGAN", ".102 ± .021", ".038"), ("TimeVAE", ".145 ± .120", ".039"),
              ("Diffusion-TS", ".067 ± .015", ".036"), ("ST-Diff", ".015 ± .021", ".033")),
    "energy": (("TimeGAN", ".236 ± .012", ".273"), ("TimeVAE", ".499 ± .000", ".292"),
               ("Diffusion-TS", ".122 ± .003", ".250"), ("ST-Diff", ".009 ± .013", ".211")),
}  # fmt: skip


def series_windows() -> str:
    """Windows of 24 rows by each method, beside what the papers state."""
    head = ("set", "method", "discriminative", "predictive (real)", "boosted", "fit CPU s")
    rows, before = [], None
    for (name, kind, method), lines in grouped("series.jsonl", "set", "kind", "method").items():
        if kind != "windows":
            continue
        m = lines[-1]
        if name != before:
            rows += [
                [name, f"{who}, published", *scored, "–", "–"] for who, *scored in PUBLISHED[name]
            ]
            before = name
        mean, spread = statistics.mean(m["discriminative"]), statistics.stdev(m["discriminative"])
        real = m.get("predictive_real")
        told = f"{m['predictive']:.3f}" + (f" ({real:.3f})" if real else "")
        rows.append([name, f"`{method}`", f"{mean:.3f} ± {spread:.3f}", told,
                     f"{m['boosted']:.3f}", f"{m['fit_cpu_s']:.0f}"])  # fmt: skip
    return table(head, rows)


def series_later() -> str:
    """One path by each method, beside the rows that came later."""
    names = ("window_detection", "autocorrelation_error", "cross_correlation_error")
    names += ("spectral_distance", "increment_error", "window_copies")
    rows = []
    for (name, kind, method), lines in grouped("series.jsonl", "set", "kind", "method").items():
        if kind != "later":
            continue
        m = lines[-1]
        cells = [
            "{:.3f} ({:.3f})".format(*m["scores"][n]) if n in m["scores"] else "–" for n in names
        ]
        rows.append([name.removesuffix(" later"), f"{m['rows']:,} × {m['columns']}", f"`{method}`",
                     *cells, f"{m['fit_cpu_s']:.0f}", f"{m['sample_cpu_s']:.0f}"])  # fmt: skip
    head = ("set", "rows × columns", "method", *(n.replace("_", " ") for n in names))
    return table((*head, "fit CPU s", "draw CPU s"), rows)


def table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def small_tables() -> str:
    """Each method on few rows: means over splits, and the interval of the control's 1 %."""
    head = ("set", "rows", "method", "detector", "utility (real)", "near copies % (control)")
    head += ("nearer %", "fit CPU s")
    rows = []
    for (name, count, method), lines in sorted(
        grouped("small_tables.jsonl", "set", "rows", "generator").items()
    ):
        names = ("detector_auc", "utility", "utility_real", "near_copies", "nearer", "fit_cpu_s")
        m = {key: statistics.mean(line[key] for line in lines) for key in names}
        fresh = min(lines[0]["holdout"], 5_000)
        cells = [name, f"{count:,}", method, f"{m['detector_auc']:.3f}"]
        cells += [f"{m['utility']:.3f} ({m['utility_real']:.3f})"]
        low, high = (100 * end for end in wilson(0.01, fresh))
        cells += [f"{m['near_copies']:.2f} ({low:.2f}–{high:.2f})", f"{m['nearer']:.1f}"]
        rows.append([*cells, f"{m['fit_cpu_s']:.1f}"])
    return table(head, rows)


def small_tables_counts() -> str:
    """In how many cases forest is ahead, level or behind: differences paired by split.

    Level: the mean difference is within one standard error over the splits.
    """
    head = ("forest against", "measure", "ahead", "level", "behind", "level or behind in")
    runs = grouped("small_tables.jsonl", "set", "rows", "generator")
    cases = sorted({case[:2] for case in runs if case[2] == "forest"})
    rows = []
    for other in ("trees", "copula"):
        for measure, sign in (("detector_auc", -1), ("utility", 1)):
            counts, named = {"ahead": 0, "level": 0, "behind": 0}, []
            for case in cases:
                mine, theirs = (
                    {line["seed"]: line[measure] for line in runs[*case, method]}
                    for method in ("forest", other)
                )
                apart = [sign * (mine[seed] - theirs[seed]) for seed in mine]
                mean, error = statistics.mean(apart), statistics.stdev(apart) / len(apart) ** 0.5
                found = "level" if abs(mean) <= error else "ahead" if mean > 0 else "behind"
                counts[found] += 1
                if found != "ahead":
                    named.append(f"{case[0]} {case[1]:,} ({mean:+.3f} ± {error:.3f})")
            numbers = [str(count) for count in counts.values()]
            rows.append([other, measure.removesuffix("_auc"), *numbers, ", ".join(named)])
    return table(head, rows)


def agreement() -> str:
    """The three risks by us and by anonymeter: mean excess, and how often they agree."""
    head = ("synthetic rows", "risk", "excess", "anonymeter", "difference", "intervals overlap")
    rows = []
    for (kind, risk), lines in grouped("agreement.jsonl", "synthetic", "risk").items():
        means = [
            statistics.mean(line[who]["excess"] for line in lines)
            for who in ("likewise", "anonymeter")
        ]
        overlap = f"{sum(line['agrees'] for line in lines)} of {len(lines)}"
        cells = [f"{mean:.3f}" for mean in means] + [f"{means[0] - means[1]:+.3f}", overlap]
        rows.append([kind, risk.replace("_", " "), *cells])
    return table(head, rows)


def fidelity() -> str:
    """Shape and pair errors by us and by SDMetrics, with the largest difference of a column."""
    head = ("set", "synthetic rows", "shape %", "SDMetrics", "largest difference of a column")
    head += ("pair %", "SDMetrics, cut alike", "SDMetrics")
    rows = []
    for (name, kind), [line] in grouped("fidelity.jsonl", "set", "synthetic").items():
        shapes = [f"{line[key]:.3f}" for key in ("shape", "shape_sdmetrics")]
        pairs = [f"{line[f'pair{who}']:.3f}" for who in ("", "_sdmetrics_alike", "_sdmetrics")]
        rows.append([name, kind, *shapes, f"{line['largest_column_gap']:.0e}", *pairs])
    return table(head, rows)


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share of ``count`` rows."""
    z2 = 1.96**2 / count
    middle = (share + z2 / 2) / (1 + z2)
    half = 1.96 / (1 + z2) * (share * (1 - share) / count + z2 / (4 * count)) ** 0.5
    return middle - half, middle + half


def planted() -> str:
    """How many planted failures were called by their name, and clean samples passed."""
    rows = []
    for (name,), lines in grouped("planted.jsonl", "case").items():
        right = sum(line["right"] for line in lines)
        rows.append([name, f"{right} of {len(lines)}", _spent_flat(lines)])
    return table(("case", "judged rightly", "CPU s"), rows)


def _spent_flat(lines: list[dict]) -> str:
    return f"{statistics.median(line['cpu_s'] for line in lines):.0f}"


def judging() -> str:
    """What a judgement costs, in all and beyond the fits of the detector; the page of it."""
    head = ("case", "rows", "wall s", "without the detector", "CPU s", "peak MB", "page KB")
    head += ("opens in ms", "slowest tab ms")
    rows = []
    for (name, count), lines in grouped("judging.jsonl", "case", "rows").items():
        m = medians(lines)
        rest = statistics.median(
            line["judge_s"] - line["stages"]["evaluating detector"] for line in lines
        )
        whole = ("cpu_s", "peak_mb", "page_kb", "load_ms", "slowest_tab_ms")
        cells = [f"{m['judge_s']:.1f}", f"{rest:.1f}"]
        cells += [f"{m[key]:,.0f}" if key in m else "–" for key in whole]
        rows.append([name, f"{count:,}", *cells])
    return table(head, rows)


def linked() -> str:
    """Keys and relations found of those that are published with a database."""
    head = ("database", "tables, rows", "keys found of published", "keys besides")
    head += ("relations found of published", "relations besides", "CPU s")
    rows = []
    for (name,), [line] in grouped("linked.jsonl", "database").items():
        cells = [f"{line['tables']}, {line['rows']:,}"]
        for what in ("keys", "relations"):
            parts = line[f"{what}_minimal"]
            told = f"{line[f'{what}_found'] + parts} of {line[what]}"
            cells += [told + (f", {parts} minimal" if parts else ""), str(line[f"{what}_besides"])]
        rows.append([name.replace("_", " "), *cells, f"{line['cpu_s']:.1f}"])
    return table(head, rows)


def relational() -> str:
    """Whole databases by defaults: size, cost, and scores beside those of fresh families."""
    scores = {
        "cardinality_error": "numbers of children", "hop1_error": "1 hop", "hop2_error": "2 hops",
        "sibling_error": "siblings", "aggregate_auc": "parent AUC", "child_auc": "child AUC",
    }  # fmt: skip
    head = ("database", "tables, rows", "made", "broken", "learn s", "draw s", "CPU s", "peak MB")
    rows = []
    for (name,), lines in grouped("relational.jsonl", "database").items():
        line = lines[-1]
        cells = [f"{line['tables']}, {line['rows']:,}", f"{line['synthetic']:,}"]
        cells += [str(line["violations"])]
        cells += [f"{line['seconds'][what]:.1f}" for what in ("learn", "sample")]
        cells += [f"{line['cpu_s']:.0f}", f"{line['peak_mb']:,}"]
        for key in scores:
            one = line["scores"].get(key)
            floor = "" if one is None or one["floor"] is None else f" ({one['floor']:.3f})"
            cells.append("–" if one is None else f"{one['value']:.3f}{floor}")
        rows.append([name.replace("_", " "), *cells])
    return table((*head, *scores.values()), rows)


def events() -> str:
    """Events of entities: cost, and scores beside those of entities that were kept back."""
    scores = {
        "length_error": "lengths", "spacing_error": "times", "transition_error": "steps",
        "second_transition_error": "two steps", "boundary_error": "first, last",
        "autocorrelation_error": "autocorrelation", "window_detection": "windows AUC",
        "entity_detection": "entities AUC", "window_copies": "copied windows",
    }  # fmt: skip
    rows = []
    for (name, way), lines in grouped("events.jsonl", "set", "way").items():
        line = lines[-1]
        cells = [f"{line['mean_events_synthetic']:.1f} ({line['mean_events_holdout']:.1f})"]
        cells.append(f"{100 * line['strange_steps_synthetic']:.2f}")
        for key in scores:
            one = line["scores"][key]
            cells.append(f"{one['value']:.3f} ({one['floor']:.3f})")
        cells += [f"{line[what]:.1f}" for what in ("learn_cpu_s", "draw_cpu_s")]
        rows.append([name, way, *cells, f"{line['peak_mb']:,}"])
    head = ("set", "way", "events each", "strange steps %", *scores.values())
    return table((*head, "learn CPU s", "draw CPU s", "peak MB"), rows)


def events_follow() -> str:
    """What was drawn to follow a past, beside what did and beside another draw."""
    rows, parts = [], ("events left", "time left", "next label", "last label")
    for (name, way), lines in grouped("events.jsonl", "set", "way").items():
        for cut, found in lines[-1]["follow"].items() if way == "events" else ():
            cells = [f"{found[part][0]:.3f} ({found[part][1]:.3f})" for part in parts]
            rows.append([name, cut, f"{found['entities']:,}", *cells])
    return table(("set", "cut after", "entities", *parts), rows)


def relational_peers() -> str:
    """Scores of linked tables by method, the best in bold, beside those of fresh families."""
    runs = of_sets("relational_peers.jsonl")
    methods = list(dict.fromkeys(method for of in runs.values() for method in of))
    rows = []
    for name, of in runs.items():
        scores = dict.fromkeys(k for lines in of.values() for m in lines for k in m["scores"])
        for score in scores:
            parts = {method: [m["scores"][score] for m in of.get(method, ())] for method in methods}
            found = {k: statistics.median(v for v, _ in many) for k, many in parts.items() if many}
            floors = [floor for many in parts.values() for _, floor in many if floor is not None]
            apart = {k: abs(v - 0.5) if score.endswith("_auc") else v for k, v in found.items()}
            best = round(min(apart.values()), 3)
            cells = [name, f"`{score}`", f"{statistics.median(floors):.3f}" if floors else "0"]
            for method in methods:
                told = f"{found[method]:.3f}" if method in found else "–"
                bold = len(found) > 1 and round(apart.get(method, 9), 3) == best
                cells.append(f"**{told}**" if bold else told)
            rows.append(cells)
    return table(("set", "score", "fresh families", *methods), rows)


def relational_peers_cost() -> str:
    """What each method needs for linked tables, and how many times what ours needs."""
    head = ("set", "method", "fit CPU s", "draw CPU s", "both", "times ours", "both, wall s")
    head += ("peak MB", "rows made", "rows that repeat a key", "runs")
    rows = []
    for (name, method), lines in grouped("relational_peers.jsonl", "set", "method").items():
        good = [line for line in lines if "failed" not in line]
        if not good:
            rows.append([name, method, lines[-1]["failed"], *["–"] * 7, str(len(lines))])
            continue
        m, ours = (
            medians([one | {"both": one["fit_cpu_s"] + one["sample_cpu_s"]} for one in of])
            for of in (good, of_sets("relational_peers.jsonl")[name]["trees"])
        )
        wall = m["fit_wall_s"] + m["sample_wall_s"]
        made = statistics.median(sum(line["synthetic"].values()) for line in good)
        cells = [f"{m[key]:,.0f}" for key in ("fit_cpu_s", "sample_cpu_s", "both")]
        cells += [f"{m['both'] / ours['both']:.1f}", f"{wall:,.0f}", f"{m['peak_mb']:,.0f}"]
        cells += [f"{made:,.0f}", f"{m['repeated_keys']:,.0f}"]
        least = f", at most {good[-1]['epochs']} epochs" if "epochs" in good[-1] else ""
        rows.append([name, method + least, *cells, str(len(good))])
    return table(head, rows)


def relational_peers_used() -> str:
    """The releases that were measured of linked tables, with their licences."""
    rows: dict[str, list[str]] = {}
    for (method,), lines in grouped("relational_peers.jsonl", "method").items():
        for line in lines:
            if method in LINKED and "peer_versions" in line:
                peer, used = LINKED[method], dict(line["peer_versions"])
                package = f"{peer.package} {used.pop(peer.package)}"
                beside = ", ".join(f"{name} {found}" for name, found in used.items())
                rows[method] = [method, package, peer.licence, beside]
    return table(("method", "package", "licence", "beside"), list(rows.values()))


def of_sets(name: str) -> dict[str, dict[str, list[dict]]]:
    """The lines of runs that ended well, by set and method."""
    found: dict[str, dict[str, list[dict]]] = {}
    for (of, method), lines in grouped(name, "set", "method").items():
        if good := [line for line in lines if "failed" not in line]:
            found.setdefault(of, {})[method] = good
    return found


def databases() -> str:
    """Rows a second into and out of each engine."""
    names = {"postgresql": "PostgreSQL", "mysql": "MariaDB", "sqlite": "SQLite", "duckdb": "DuckDB"}
    rows = [
        [
            names[engine],
            *(f"{lines[0][k]:,}" for k in ("rows", "load_rows_per_s", "read_rows_per_s")),
        ]
        for (engine,), lines in grouped("databases.jsonl", "engine").items()
    ]
    return table(("engine", "rows", "loaded a second", "read a second"), rows)


def cloning() -> str:
    """A real database pushed into a server and cloned into each engine, and what they declare."""
    names = {"postgresql": "PostgreSQL", "mysql": "MariaDB", "sqlite": "SQLite", "duckdb": "DuckDB"}
    rows = []
    for (what, target), lines in grouped("cloning.jsonl", "what", "target").items():
        one = lines[0]
        counts = [f"{one[k]:,}" for k in ("tables", "rows", "keys", "references", "not_null")]
        spent = [f"{one['s']:.0f}", f"{one['cpu_s']:.0f}" if "cpu_s" in one else ""]
        memory = f"{one['gb']:.1f}" if "gb" in one else ""
        rows.append([f"{what} into {names[target]}", *counts, *spent, memory])
    head = ("Lahman baseball", "tables", "rows", "keys", "references", "NOT NULL", "s", "CPU s")
    return table((*head, "peak GB"), rows)


def linked_judging() -> str:
    """What judging a database costs, and the verdict."""
    head = ("database", "rows a side", "tables, relations", "judged", "verdict", "CPU s")
    rows = []
    for (name, case), lines in grouped("linked_judging.jsonl", "database", "case").items():
        m = medians(lines)
        sizes = [f"{m['rows']:,.0f}", f"{m['tables']:.0f}, {m['relations']:.0f}"]
        spent = [f"{m['cpu_s']:.0f}", f"{m['peak_mb']:,.0f}"]
        verdict = statistics.mode(line["verdict"] for line in lines)
        told = {"whole": "all rows against themselves"}.get(case, case)
        cells = [name.replace("_", " "), *sizes, told, verdict, *spent]
        rows.append([*cells, f"{m['page_kb']:.0f}"])
    return table((*head, "peak MB", "page KB"), rows)


def linked_scores() -> str:
    """Scores of databases beside their floors: a second sample, and one of shuffled references."""
    runs = {
        key: lines
        for key, lines in grouped("linked_judging.jsonl", "database", "case").items()
        if key[1] != "whole"
    }
    names = dict.fromkeys(n for lines in runs.values() for line in lines for n in line["scores"])
    rows = []
    for name in names:
        cells = []
        for lines in runs.values():
            found = [line["scores"][name] for line in lines if name in line["scores"]]
            value = statistics.median(one[0] for one in found) if found else None
            floors = [one[1] for one in found if one[1] is not None]
            beside = f" ({statistics.median(floors):.3f})" if floors else ""
            cells.append("–" if value is None else f"{value:.3f}{beside}")
        rows.append([f"`{name}`", *cells])
    heads = (f"{name.partition('_')[0]}, {case}" for name, case in runs)
    return table(("score", *heads), rows)


def agents_mesa() -> str:
    """Our engine and Mesa on the same models: cost, ratio, and whether outcomes agree."""
    rows = []
    for (_, case), [line] in of_part("mesa").items():
        for place, (name, found) in enumerate(line["outcomes"].items()):
            sides = []
            for side in ("mesa", "ours"):
                error = found.get(f"{side}_se")
                sides.append(f"{found[side]:.4g}" + ("" if error is None else f" ± {error:.2g}"))
            p = f"{found['ks_p']:.2f}" if "ks_p" in found else "–"
            about = [case, f"{line['mesa_cpu_s']:.2f}", f"{1e3 * line['ours_cpu_s']:.1f}"]
            about += [f"{line['ratio']:,.0f}×", f"{line['compile_cpu_s']:.1f}"]
            first = about if not place else [""] * len(about)
            rows.append([*first, name, *sides, p, "" if place else str(line["replicates"])])
    head = ("model", "Mesa CPU s", "ours, ms", "ratio", "compiling, once, s")
    return table((*head, "outcome", "Mesa", "ours", "p", "replicates"), rows)


def agents_rate() -> str:
    """Seconds a step at a million agents."""
    rows = []
    for (_, case), [line] in of_part("rate").items():
        rate = line["agents"] / line["step_s"] / 1e6
        cells = [f"{line['agents']:,}", f"{line['step_s']:.2f}", f"{rate:.1f}"]
        rows.append([case, *cells])
    return table(("model", "agents", "CPU s a step", "million agents / CPU s"), rows)


def agents_events() -> str:
    """Memory and speed of logs that stream to Parquet."""
    rows = []
    for (_, count), [line] in of_part("events", "rows").items():
        cells = [f"{line['peak_mb']:,.0f}", f"{line['cpu_s']:.0f}", f"{line['wall_s']:.0f}"]
        rate = f"{line['rows_per_cpu_s'] / 1e6:.1f}"
        rows.append([f"{count:,}", *cells, rate, f"{line['file_mb']:,.0f}"])
    head = ("rows", "peak MB", "CPU s", "wall s", "million rows / CPU s", "file MB")
    return table(head, rows)


def traffic_facts() -> str:
    """Facts of the traffic simulators over seeds, beside their bands."""
    rows = []
    for (part, case, fact), lines in grouped("traffic.jsonl", "part", "case", "fact").items():
        if part != "facts":
            continue
        values, first = [line["value"] for line in lines], lines[0]
        low, high = ("" if first[end] is None else f"{first[end]:,.4g}" for end in ("low", "high"))
        band = f"{low} … {high}" if low or high else "–"
        inside = f"{sum(bool(line['inside']) for line in lines)} of {len(lines)}"
        middle = f"{statistics.median(values):,.4g}"
        spread = f"{min(values):,.4g} … {max(values):,.4g}"
        rows.append([case, f"`{fact}`", first["meaning"], middle, spread, band,
                     "–" if band == "–" else inside])  # fmt: skip
    head = ("simulator", "fact", "meaning", "median", "range", "band", "seeds inside")
    return table(head, rows)


def traffic_detectors() -> str:
    """Shares of METR-LA's detectors whose speeds are met within 15 % on days held out."""
    rows = []
    for (part, case), lines in grouped("traffic.jsonl", "part", "case").items():
        if part != "detectors":
            continue
        shares = medians(lines)
        names = ("five", "hour", "five_each", "hour_each")
        cells = [f"{100 * shares[name]:.1f} %" for name in names]
        cpu = f"{shares['fit_cpu_s']:.1f}, {shares['cpu_s']:.1f}" if "cpu_s" in shares else "–"
        rows.append([case, *cells, f"{100 * shares['five_median']:.1f} %", cpu])
    head = ("speeds by", "5 minutes", "an hour", "5 minutes, each", "an hour, each")
    return table((*head, "median error, 5 minutes", "CPU s: fit, week"), rows)


def traffic_cost() -> str:
    """A day of 100,000 vehicles."""
    rows = []
    for (part, case), lines in grouped("traffic.jsonl", "part", "case").items():
        if part == "cost":
            line = lines[0]
            rows.append([case, f"{line['links']:,}", f"{line['trips']:,}", f"{line['moves']:,}",
                         f"{line['cpu_s']:.1f}", f"{line['wall_s']:.1f}"])  # fmt: skip
    head = ("case", "links", "trips", "moves from link to link", "CPU s", "wall s")
    return table(head, rows)


def of_part(name: str, by: str = "case") -> dict[tuple, list[dict]]:
    """The lines of one part of the benchmark of agents."""
    found = grouped("agents.jsonl", "part", by)
    return {key: lines for key, lines in found.items() if key[0] == name}


def retail_cdnow() -> str:
    """The maximum of the likelihood on CDNOW beside the published one."""
    [line] = of_retail("cdnow")
    digits = {"r": 3, "alpha": 3, "a": 3, "b": 3, "log_likelihood": 1}
    rows = [
        [name.replace("_", "-"), f"{line['published'][name]:.{n}f}", f"{line['found'][name]:.{n}f}"]
        for name, n in digits.items()
    ]
    return table(("", "published", "found"), rows)


def retail_recovery() -> str:
    """How far parameters are from the true ones."""
    rows = []
    for line in of_retail("recovery"):
        for name, errors in line["errors"].items():
            off = [100 * error for error in errors]
            within = sum(abs(error) <= 10 for error in off)
            cells = [f"{statistics.fmean(off):+.1f}", f"{statistics.stdev(off):.1f}"]
            cells += [f"{max(off, key=abs):+.1f}", f"{within} of {len(off)}"]
            rows.append([f"{line['days']}", name, *cells])
    return table(("days", "parameter", "mean error %", "sd", "largest", "within 10 %"), rows)


def retail_facts() -> str:
    """Facts of the default shop with their bands, beside those of Online Retail and the fit."""
    known = {line["fact"]: line for line in of_retail("online") if line["case"] == "fact"}
    rows = []
    for line in of_retail("facts"):
        low, high = line["low"], line["high"]
        judged = low is not None or high is not None
        band = f"{low:g} … {high:g}" if judged else "–"
        values = line["values"]
        cells = [f"{min(values):.3g} … {max(values):.3g}"]
        cells.append(f"{line['inside']} of {len(values)}" if judged else "–")
        fit = known.get(line["fact"])
        if fit:
            far = (fit["mean"] - fit["real"]) / fit["error"]
            met = f"{far:+.1f}" if abs(far) <= 2 else f"**{far:+.1f}**"
            cells += [f"{fit['real']:.3g} ± {fit['error']:.2g}"]
            cells += [f"{fit['mean']:.3g} ± {fit['sd']:.2g}", met]
        else:
            cells += ["–", "–", "–"]
        rows.append([line["fact"], band, *cells])
    head = ("fact", "band", "default shop", "inside", "Online Retail ± error")
    return table((*head, "fitted, new seeds ± sd", "apart, in errors"), rows)


def retail_within(case: str) -> str:
    """Shares of the fitted shop within simultaneous bootstrap bands of the real ones."""
    [line] = [one for one in of_retail("online") if one["case"] == case]
    last = len(line["real"]) - 1
    rows = []
    for i, (real, low, high, mean) in enumerate(
        zip(line["real"], line["low"], line["high"], line["mean"], strict=True)
    ):
        name = f"{i} or more" if case == "histogram" and i == last else f"{i + (case == 'week')}"
        inside = "yes" if low <= mean <= high else "**no**"
        band = f"{100 * max(low, 0):.1f} … {100 * high:.1f}"
        rows.append([name, f"{100 * real:.1f}", band, f"{100 * mean:.1f}", inside])
    far = [f"{100 * line[name]:.1f}" for name in ("distance", "limit")]
    nearer = "yes" if line["distance"] <= line["limit"] else "**no**"
    rows.append(["total variation", "–", f"0 … {far[1]}", far[0], nearer])
    for limit, within in (("limit", "runs_within"), ("single", "runs_within_single")):
        name = "total variation of single seeds" + ", for two samples" * (limit == "single")
        alone = f"{line[within]} of {line['runs']}"
        rows.append([name, "–", f"0 … {100 * line[limit]:.1f}", "–", alone])
    head = "repeats" if case == "histogram" else "day of the week"
    return table((head, "Online Retail %", "bootstrap band", "fitted %", "inside"), rows)


def retail_fit() -> str:
    """What the fit to Online Retail found."""
    [line] = [one for one in of_retail("online") if one["case"] == "fit"]
    names = (
        *(
            "r",
            "alpha",
            "a",
            "b",
            "regularity",
            "devoted",
            "devotion",
            "basket",
            "basket_spread",
            "quantity",
            "price",
        ),
        *("price_spread", "popularity", "habit", "favourites", "spending", "elasticity"),
    )
    return table(names, [[f"{line['settings'][name]:.3g}" for name in names]])


def retail_speed() -> str:
    """Order lines a second."""
    rows = []
    for line in of_retail("speed"):
        where = "memory" if line["case"] == "memory" else "Parquet, whole command"
        if line.get("clicks"):
            where += ", with clicks"
        cells = [where, f"{line['customers']:,}", f"{line['basket']:g}", f"{line['lines']:,}"]
        total = f"{line['rows']:,}" if "rows" in line else "–"
        peak = f"{line['peak_mb']:,.0f}" if "peak_mb" in line else "–"
        rate = f"{line['lines'] / line['cpu_s'] / 1e6:.2f}"
        rows.append([*cells, total, f"{line['cpu_s']:.1f}", rate, peak])
    head = ("into", "customers", "lines an order", "lines", "all rows", "CPU s")
    return table((*head, "million lines / CPU s", "peak MB"), rows)


def of_retail(part: str) -> list[dict]:
    """The lines of one part of the benchmark of the shop."""
    return grouped("retail.jsonl", "part")[(part,)]


def market_fit() -> str:
    """The daily market's fit to prices, in one row."""
    line = market_lines("daily")[0]
    cells = [f"{line['rows']:,}", str(line["moments"]), f"{line['evaluations']:,}"]
    cells += [f"{line['cpu_s']:.0f}", f"{line['misfit']:.1f}", f"{line['misfit_unshrunk']:.1f}"]
    cells += [str(line["on_average"]), f"{line['near']:.1f}", f"{100 * line['nine']:.0f} %"]
    head = ("returns", "facts", "evaluations", "CPU s", "J", "J, unshrunk weights")
    head += ("facts met on average", "facts met by a run", "runs that meet 9 or more")
    return table(head, [cells])


def market_facts() -> str:
    """Facts of prices and of the daily market that was fitted to them."""
    rows = []
    for line in market_lines("daily")[1:]:
        cells = [f"{line['real']:.3f} ± {line['error']:.3f}", f"{line['mean']:.3f}"]
        cells += [f"{line['sd']:.3f}", f"{100 * line['near']:.0f} %", band(line)]
        rows.append([f"`{line['fact']}`", line["meaning"], *cells])
    head = ("fact", "meaning", "S&P 500 ± s. e.", "simulated", "s. d. of runs", "runs that meet it")
    return table((*head, "band"), rows)


def market_search() -> str:
    """The order book's calibration, a fact a row."""
    line = market_lines("calibrate")[0]
    rows = [
        [f"`{name}`", f"{wanted:g}", f"{line['facts'][name]:.3f}"]
        for name, wanted in line["wanted"].items()
    ]
    about = f"*J* = {line['misfit']:.1f} after {line['evaluations']} evaluations of "
    about += f"{line['runs']} runs of {line['days']} days, {line['cpu_s']:.0f} CPU seconds: "
    about += ", ".join(f"`{name}` {value:.3g}" for name, value in line["parameters"].items())
    return f"{about}.\n\n" + table(("fact", "wanted", "found"), rows)


def market_book() -> str:
    """Facts of the order book on new seeds."""
    rows = []
    for line in market_lines("book"):
        inside = "–" if line["inside"] is None else f"{100 * line['inside']:.0f} %"
        cells = [f"{line['mean']:.3f}", f"{line['sd']:.3f}", band(line), inside]
        rows.append([f"`{line['fact']}`", line["meaning"], *cells])
    return table(("fact", "meaning", "mean", "s. d. of runs", "band", "runs inside"), rows)


def market_speed() -> str:
    """Events of the order book a CPU second."""
    rows = []
    for line in market_lines("speed"):
        count = line["messages"] + line["trades"]
        cells = [f"{line[key]:,}" for key in ("messages", "trades")]
        rates = [f"{n / line['cpu_s'] / 1e6:.1f}" for n in (line["messages"], count)]
        rows.append([line["kept"], *cells, f"{line['cpu_s']:.1f}", *rates])
    head = ("tables go to", "messages", "trades", "CPU s", "million messages / CPU s")
    return table((*head, "million messages and trades / CPU s"), rows)


def market_lines(part: str) -> list[dict]:
    """The lines of one part of the benchmark of markets."""
    return grouped("market.jsonl", "part")[(part,)]


def band(line: dict) -> str:
    """Bounds of a fact in words."""
    low, high = line["low"], line["high"]
    if low is None and high is None:
        return "–"
    return (
        f"{low:g} … {high:g}"
        if None not in (low, high)
        else (f"≤ {high:g}" if low is None else f"≥ {low:g}")
    )


def payments_lines(part: str) -> list[dict]:
    """The lines of one part of the benchmark of payments."""
    return grouped("payments.jsonl", "part")[(part,)]


def payments_scale() -> str:
    """Ten million transactions: what they cost, and how many rows break a law."""
    (line,) = payments_lines("scale")
    wrong = ("identities_broken", "chains_broken", "labels_unexplained", "cents_lost")
    cells = [f"{line['rows']:,}", f"{line['cpu_s']:.0f}", f"{line['wall_s']:.0f}"]
    cells += [f"{line['peak_mb']:,.0f}", f"{line['file_mb']:,.0f}", f"{line['labelled']:,}"]
    head = ("transactions", "CPU s", "wall s", "peak MB", "file MB", "labelled rows")
    head += ("identities broken", "chains broken", "labels unexplained", "cents lost")
    return table(head, [[*cells, *(str(line[name]) for name in wrong)]])


def payments_facts() -> str:
    """Facts of simulations beside their bands and beside real tables."""
    rows = []
    for line in payments_lines("facts"):
        if not line["fact"]:
            continue
        band = "–" if line["low"] is None else f"{line['low']} … {line['high']}"
        real = [
            f"{line[name]:.3g}" if line[name] is not None else "–" for name in ("berka", "cards")
        ]
        inside = f"{line['inside']} of {line['seeds']}" if line["low"] is not None else "–"
        spread = f"{line['least']:.3g} … {line['most']:.3g}"
        source = line["source"].split(":")[0] or "–"
        about = [f"`{line['fact']}`", line["meaning"], band, source]
        rows.append([*about, spread, inside, *real])
    head = ("fact", "meaning", "band", "whose", "simulated", "inside", "Berka", "cards")
    return table(head, rows)


def payments_columns() -> str:
    """How well single columns tell labelled transactions."""
    rows = [
        [f"`{line['column']}`", f"{line['auc']:.2f}", f"{line['most']:.2f}"]
        for line in payments_lines("columns")
    ]
    return table(("column", "AUC, mean", "largest of the seeds"), rows)


def payments_detector() -> str:
    """Average precision on seeds that a detector has not seen."""
    rows = []
    for line in payments_lines("detector"):
        if "sees" in line:
            about = f"all patterns; it sees {line['sees']}"
        elif "typology" in line:
            about = f"{line['typology']} alone"
        else:
            about = f"all patterns; {line['lookalikes']:.0f} innocent ones for each"
        spread = f"{line['least']:.2f} … {line['most']:.2f}" if "least" in line else "–"
        rows.append([about, f"{line['mean']:.2f}", spread, f"{line['chance']:.4f}"])
    return table(("what", "average precision", "least and most", "by chance"), rows)


def payments_fit() -> str:
    """Real transactions beside those of simulations with estimated settings."""
    rows = []
    for line in payments_lines("fit"):
        apart = 100 * (line["simulated"] / line["real"] - 1)
        cells = [f"{line['real']:,.4g}", f"{line['simulated']:,.4g}", f"{apart:+.0f} %"]
        rows.append([line["kind"], line["what"], *cells])
    return table(("kind", "what", "real", "simulated", "apart"), rows)


def gpu() -> str:
    """Networks on two cores and on a GPU: seconds when programs are compiled, and how good."""
    keys = ("fit_s", "sample_s", "detector_auc", "shape_error", "pair_error_aligned")
    digits = dict(zip(keys, (1, 1, 3, 2, 2), strict=True))
    names = ("fit s", "draw s", "detector", "shape %", "pair %, aligned")
    head = [f"{name}, {device}" for name in names for device in ("cores", "GPU")]
    rows = []
    for (name, method), lines in sorted(grouped("gpu.jsonl", "set", "generator").items()):
        cells = [name, method]
        for key, platform in product(keys, ("cpu", "cuda")):
            known = [one for one in lines if one["platform"] == platform and key in one]
            later = [one[key] for one in known if not one.get("compiled")]
            found = later or [one[key] for one in known]
            cells.append(f"{statistics.median(found):.{digits[key]}f}" if found else "–")
        rows.append(cells)
    return table(("set", "method", *head), rows)


def gpu_first() -> str:
    """What compiling for a GPU costs, with and without trying many ways of each product."""
    rows = []
    for (method,), lines in sorted(grouped("gpu.jsonl", "generator").items()):
        on = [one for one in lines if one["set"] == "magic" and one["platform"] == "cuda"]
        cells = [
            [one["fit_s"] for one in on if (one["compiled"], one.get("autotuned")) == kind]
            for kind in ((True, True), (True, False), (False, None))
        ]
        rows.append([method, *(f"{statistics.median(cell):.1f}" for cell in cells)])
    return table(("method", "first, all ways tried", "first, as it is now", "later"), rows)


def reports(name: str) -> str:
    """The package's own report on one set: scores beside their floor, then attacks; by method.

    Scores are medians over seeds; of attacks what was found, and the leak.
    """
    runs = {method: m for (of, method), m in grouped("reports.jsonl", "set", "generator").items()
            if of == name}  # fmt: skip
    named = {kind: dict.fromkeys(k for m in runs.values() for line in m for k in line[kind])
             for kind in ("scores", "risks")}  # fmt: skip
    rows = []
    for score in named["scores"]:
        found = [[line["scores"].get(score) for line in lines] for lines in runs.values()]
        floors = [one["floor"] for lines in found for one in lines if one and one["floor"]]
        floor = f"{statistics.median(floors):.3f}" if floors else "–"
        rows.append([f"`{score}`", floor, *map(_judged, found)])
    for risk in named["risks"]:
        cells = [_attacked([line["risks"].get(risk) for line in m]) for m in runs.values()]
        rows.append([f"attack: `{risk}`", "0", *cells])
    rows.append(["CPU s of the judging", "", *(_spent(m, "evaluate") for m in runs.values())])
    return table(("score", "floor", *runs), rows)


def _judged(found: list[dict | None]) -> str:
    """The median value, in bold where it is past a limit in most runs."""
    known = [one for one in found if one and one["value"] is not None]
    if not known:
        return "–"
    value = f"{statistics.median(one['value'] for one in known):.3f}"
    past = sum(one["verdict"] != "pass" for one in known) > len(known) / 2
    return f"**{value}**" if past else value


def _attacked(found: list[dict | None]) -> str:
    """The median leak; bold where it was detected in most runs, "?" where it could not be seen."""
    known = [one for one in found if one and one["excess"] is not None]
    if not known:
        return "–"
    leak = f"{statistics.median(one['excess'] for one in known):.3f}"
    most = statistics.mode(one["found"] for one in known)
    return {"detected": f"**{leak}**", "inconclusive": f"{leak} ?"}.get(most, leak)


def _spent(lines: list[dict], what: str) -> str:
    return f"{statistics.median(line[what]['cpu_s'] for line in lines):.0f}"


TABLES: dict[str, Callable[[], str]] = {
    "quality": quality,
    "end_to_end": end_to_end,
    "sampling": sampling,
    "peers": peers,
    "peers_used": peers_used,
    "control": control,
    "small_tables": small_tables,
    "imputing": imputing,
    "planted": planted,
    "agreement": agreement,
    "fidelity": fidelity,
    "judging": judging,
    "cloning": cloning,
    "databases": databases,
    "relational": relational,
    "events": events,
    "events_follow": events_follow,
    "relational_peers": relational_peers,
    "relational_peers_cost": relational_peers_cost,
    "relational_peers_used": relational_peers_used,
    "linked": linked,
    "linked_judging": linked_judging,
    "linked_scores": linked_scores,
    "agents_mesa": agents_mesa,
    "agents_rate": agents_rate,
    "agents_events": agents_events,
    "retail_cdnow": retail_cdnow,
    "retail_recovery": retail_recovery,
    "retail_facts": retail_facts,
    "retail_fit": retail_fit,
    "retail_speed": retail_speed,
    **{f"retail_{case}": functools.partial(retail_within, case) for case in ("histogram", "week")},
    "market_fit": market_fit,
    "market_facts": market_facts,
    "market_search": market_search,
    "market_book": market_book,
    "market_speed": market_speed,
    "traffic_facts": traffic_facts,
    "traffic_detectors": traffic_detectors,
    "traffic_cost": traffic_cost,
    "payments_scale": payments_scale,
    "payments_facts": payments_facts,
    "payments_columns": payments_columns,
    "payments_detector": payments_detector,
    "payments_fit": payments_fit,
    "gpu": gpu,
    "gpu_first": gpu_first,
    "series_windows": series_windows,
    "series_later": series_later,
    "small_tables_counts": small_tables_counts,
    **{
        f"reports_{name}": functools.partial(reports, name)
        for name in ("adult", "default", "magic")
    },
    "gan": functools.partial(by_settings, "gan.jsonl"),
    **{
        method: functools.partial(peers, method)
        for method in ("autoregressive", "diffusion", "vae")
    },
}

if __name__ == "__main__":
    main()

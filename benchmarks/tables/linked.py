"""Tables of linked tables and of databases."""

import statistics
from collections.abc import Callable

from catalogue import LINKED

from tables.lines import grouped, medians, releases, table


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
        bounds = [f", at most {good[-1][k]} {k}" for k in ("epochs", "minutes") if k in good[-1]]
        rows.append([name, method + "".join(bounds), *cells, str(len(good))])
    return table(head, rows)


def relational_peers_used() -> str:
    """The releases that were measured of linked tables, with their licences."""
    return releases(grouped("relational_peers.jsonl", "method"), LINKED)


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
            *(f"{medians(lines)[k]:,.0f}" for k in ("rows", "load_rows_per_s", "read_rows_per_s")),
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


TABLES: dict[str, Callable[[], str]] = {
    "cloning": cloning,
    "databases": databases,
    "relational": relational,
    "relational_peers": relational_peers,
    "relational_peers_cost": relational_peers_cost,
    "relational_peers_used": relational_peers_used,
    "linked": linked,
    "linked_judging": linked_judging,
    "linked_scores": linked_scores,
}

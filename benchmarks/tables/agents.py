"""Tables of the agent engine and of traffic."""

import statistics
from collections.abc import Callable

from tables.lines import grouped, medians, of_part, table


def agents_mesa() -> str:
    """Our engine and Mesa on the same models: cost, ratio, and whether outcomes agree."""
    rows = []
    for line in of_part("agents.jsonl", "mesa"):
        case = line["case"]
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
    for line in of_part("agents.jsonl", "rate"):
        rate = line["agents"] / line["step_s"] / 1e6
        cells = [f"{line['agents']:,}", f"{line['step_s']:.2f}", f"{rate:.1f}"]
        rows.append([line["case"], *cells])
    return table(("model", "agents", "CPU s a step", "million agents / CPU s"), rows)


def agents_events() -> str:
    """Memory and speed of logs that stream to Parquet."""
    rows = []
    for line in of_part("agents.jsonl", "events"):
        cells = [f"{line['peak_mb']:,.0f}", f"{line['cpu_s']:.0f}", f"{line['wall_s']:.0f}"]
        rate = f"{line['rows_per_cpu_s'] / 1e6:.1f}"
        rows.append([f"{line['rows']:,}", *cells, rate, f"{line['file_mb']:,.0f}"])
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


TABLES: dict[str, Callable[[], str]] = {
    "agents_mesa": agents_mesa,
    "agents_rate": agents_rate,
    "agents_events": agents_events,
    "traffic_facts": traffic_facts,
    "traffic_detectors": traffic_detectors,
    "traffic_cost": traffic_cost,
}

"""Tables of the judge itself, and of what it says of every method."""

import functools
import statistics
from collections.abc import Callable

from tables.lines import grouped, medians, table


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
    "planted": planted,
    "agreement": agreement,
    "fidelity": fidelity,
    "judging": judging,
    **{
        f"reports_{name}": functools.partial(reports, name)
        for name in ("adult", "default", "magic")
    },
}

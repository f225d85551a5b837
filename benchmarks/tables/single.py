"""Tables of methods for single tables, and of other packages beside them."""

import functools
import statistics
from collections.abc import Callable
from itertools import product

from catalogue import PEERS

from tables.lines import grouped, medians, releases, table, wilson

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
    return releases(grouped("peers.jsonl", "set", "generator"), PEERS)


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


def control(runs: str = "control.jsonl") -> str:
    """What the nearest-row attack finds, among real rows first: mean, and where one split lies."""
    rows = []
    for (name, side, drawn), lines in grouped(runs, "set", "rows a side", "method").items():
        m = medians(lines)
        low, high = (m["nearer"] + sign * 2 * m["deviation"] for sign in (-1, 1))
        splits = f"{m['splits']:.0f}"
        interval = f"{m['nearer']:.1f}", f"{low:.1f}–{high:.1f}"
        rows.append([name, drawn, f"{side:,}", splits, *interval])
    return table(("set", "drawn by", "rows a side", "splits", "nearer %", "interval"), rows)


def by_settings(runs: str) -> str:
    """The protocol's numbers of one method by its settings; the defaults where none are named."""
    rows = []
    for (name, settings), lines in grouped(runs, "set", "settings").items():
        m = medians(lines)
        cost = [f"{m[key]:.0f}" for key in ("fit_cpu_s", "sample_cpu_s", "fit_peak_mb")]
        rows.append([name, settings or "defaults", *scores(m), *cost])
    return table(("set", "settings", *SCORES, "fit CPU s", "sample CPU s", "peak MB"), rows)


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
        for measure, sign, digits in (
            ("detector_auc", -1, 3),
            ("utility", 1, 3),
            ("nearer", -1, 1),
        ):
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
                    told = f"{mean:+.{digits}f} ± {error:.{digits}f}"
                    named.append(f"{case[0]} {case[1]:,} ({told})")
            numbers = [str(count) for count in counts.values()]
            rows.append([other, measure.removesuffix("_auc"), *numbers, ", ".join(named)])
    return table(head, rows)


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


TABLES: dict[str, Callable[[], str]] = {
    "quality": quality,
    "end_to_end": end_to_end,
    "sampling": sampling,
    "peers": peers,
    "peers_used": peers_used,
    "control": control,
    "control_small": lambda: control("control_small.jsonl"),
    "small_tables": small_tables,
    "imputing": imputing,
    "gpu": gpu,
    "gpu_first": gpu_first,
    "small_tables_counts": small_tables_counts,
    "gan": functools.partial(by_settings, "gan.jsonl"),
    **{
        method: functools.partial(peers, method)
        for method in ("autoregressive", "diffusion", "vae")
    },
}

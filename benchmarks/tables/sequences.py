"""Tables of series and of events of entities."""

import statistics
from collections.abc import Callable

from tables.lines import grouped, table

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


TABLES: dict[str, Callable[[], str]] = {
    "events": events,
    "events_follow": events_follow,
    "series_windows": series_windows,
    "series_later": series_later,
}

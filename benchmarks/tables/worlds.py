"""Tables of the shop, of markets and of payments."""

import functools
import statistics
from collections.abc import Callable

from tables.lines import band, of_part, table


def retail_cdnow() -> str:
    """The maximum of the likelihood on CDNOW beside the published one."""
    [line] = of_part("retail.jsonl", "cdnow")
    digits = {"r": 3, "alpha": 3, "a": 3, "b": 3, "log_likelihood": 1}
    rows = [
        [name.replace("_", "-"), f"{line['published'][name]:.{n}f}", f"{line['found'][name]:.{n}f}"]
        for name, n in digits.items()
    ]
    return table(("", "published", "found"), rows)


def retail_recovery() -> str:
    """How far parameters are from the true ones."""
    rows = []
    for line in of_part("retail.jsonl", "recovery"):
        for name, errors in line["errors"].items():
            off = [100 * error for error in errors]
            within = sum(abs(error) <= 10 for error in off)
            cells = [f"{statistics.fmean(off):+.1f}", f"{statistics.stdev(off):.1f}"]
            cells += [f"{max(off, key=abs):+.1f}", f"{within} of {len(off)}"]
            rows.append([f"{line['days']}", name, *cells])
    return table(("days", "parameter", "mean error %", "sd", "largest", "within 10 %"), rows)


def retail_facts() -> str:
    """Facts of the default shop with their bands, beside those of Online Retail and the fit."""
    known = {
        line["fact"]: line for line in of_part("retail.jsonl", "online") if line["case"] == "fact"
    }
    rows = []
    for line in of_part("retail.jsonl", "facts"):
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
    [line] = [one for one in of_part("retail.jsonl", "online") if one["case"] == case]
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
    [line] = [one for one in of_part("retail.jsonl", "online") if one["case"] == "fit"]
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
    for line in of_part("retail.jsonl", "speed"):
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


def market_fit() -> str:
    """The daily market's fit to prices, in one row."""
    line = of_part("market.jsonl", "daily")[0]
    cells = [f"{line['rows']:,}", str(line["moments"]), f"{line['evaluations']:,}"]
    cells += [f"{line['cpu_s']:.0f}", f"{line['misfit']:.1f}", f"{line['misfit_unshrunk']:.1f}"]
    cells += [str(line["on_average"]), f"{line['near']:.1f}", f"{100 * line['nine']:.0f} %"]
    head = ("returns", "facts", "evaluations", "CPU s", "J", "J, unshrunk weights")
    head += ("facts met on average", "facts met by a run", "runs that meet 9 or more")
    return table(head, [cells])


def market_facts() -> str:
    """Facts of prices and of the daily market that was fitted to them."""
    rows = []
    for line in of_part("market.jsonl", "daily")[1:]:
        cells = [f"{line['real']:.3f} ± {line['error']:.3f}", f"{line['mean']:.3f}"]
        cells += [f"{line['sd']:.3f}", f"{100 * line['near']:.0f} %", band(line)]
        rows.append([f"`{line['fact']}`", line["meaning"], *cells])
    head = ("fact", "meaning", "S&P 500 ± s. e.", "simulated", "s. d. of runs", "runs that meet it")
    return table((*head, "band"), rows)


def market_search() -> str:
    """The order book's calibration, a fact a row."""
    line = of_part("market.jsonl", "calibrate")[0]
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
    for line in of_part("market.jsonl", "book"):
        inside = "–" if line["inside"] is None else f"{100 * line['inside']:.0f} %"
        cells = [f"{line['mean']:.3f}", f"{line['sd']:.3f}", band(line), inside]
        rows.append([f"`{line['fact']}`", line["meaning"], *cells])
    return table(("fact", "meaning", "mean", "s. d. of runs", "band", "runs inside"), rows)


def market_speed() -> str:
    """Events of the order book a CPU second."""
    rows = []
    for line in of_part("market.jsonl", "speed"):
        count = line["messages"] + line["trades"]
        cells = [f"{line[key]:,}" for key in ("messages", "trades")]
        rates = [f"{n / line['cpu_s'] / 1e6:.1f}" for n in (line["messages"], count)]
        rows.append([line["kept"], *cells, f"{line['cpu_s']:.1f}", *rates])
    head = ("tables go to", "messages", "trades", "CPU s", "million messages / CPU s")
    return table((*head, "million messages and trades / CPU s"), rows)


def payments_scale() -> str:
    """Ten million transactions: what they cost, and how many rows break a law."""
    (line,) = of_part("payments.jsonl", "scale")
    wrong = ("identities_broken", "chains_broken", "labels_unexplained", "cents_lost")
    cells = [f"{line['rows']:,}", f"{line['cpu_s']:.0f}", f"{line['wall_s']:.0f}"]
    cells += [f"{line['peak_mb']:,.0f}", f"{line['file_mb']:,.0f}", f"{line['labelled']:,}"]
    head = ("transactions", "CPU s", "wall s", "peak MB", "file MB", "labelled rows")
    head += ("identities broken", "chains broken", "labels unexplained", "cents lost")
    return table(head, [[*cells, *(str(line[name]) for name in wrong)]])


def payments_facts() -> str:
    """Facts of simulations beside their bands and beside real tables."""
    rows = []
    for line in of_part("payments.jsonl", "facts"):
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
        for line in of_part("payments.jsonl", "columns")
    ]
    return table(("column", "AUC, mean", "largest of the seeds"), rows)


def payments_detector() -> str:
    """Average precision on seeds that a detector has not seen."""
    rows = []
    for line in of_part("payments.jsonl", "detector"):
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
    for line in of_part("payments.jsonl", "fit"):
        apart = 100 * (line["simulated"] / line["real"] - 1)
        cells = [f"{line['real']:,.4g}", f"{line['simulated']:,.4g}", f"{apart:+.0f} %"]
        rows.append([line["kind"], line["what"], *cells])
    return table(("kind", "what", "real", "simulated", "apart"), rows)


TABLES: dict[str, Callable[[], str]] = {
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
    "payments_scale": payments_scale,
    "payments_facts": payments_facts,
    "payments_columns": payments_columns,
    "payments_detector": payments_detector,
    "payments_fit": payments_fit,
}

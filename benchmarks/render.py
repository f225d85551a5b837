"""Write the measured tables into the documentation; they are never typed.

    python benchmarks/render.py

Reads ``runs/*.jsonl`` beside this file and replaces what stands between the marks
``<!-- table: NAME -->`` and ``<!-- end -->`` in README.md and docs/. Several runs of one kind are
shown as their median.
"""

import json
import re
import statistics
from collections.abc import Callable
from pathlib import Path

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


def quality() -> str:
    """The protocol's numbers of each method on each set, beside the two floors."""
    head = ("set", "method", "detector", "shape %", "pair %", "utility (real)", "near copies %")
    head += ("exact copies % (real)", "fit CPU s", "peak MB")
    rows = []
    for (name, method), lines in grouped("single_table.jsonl", "set", "generator").items():
        m = medians(lines)
        utility = f"{m['utility']:.3f} ({m['utility_real']:.3f})" if "utility" in m else "–"
        exact = f"{m['exact_copies']:.2f} ({m['exact_copies_real']:.2f})"
        fit = f"{m['fit_cpu_s']:.1f}" if "fit_cpu_s" in m else "–"
        peak = f"{m['fit_peak_mb']:.0f}" if "fit_peak_mb" in m else "–"
        cells = [name, method, f"{m['detector_auc']:.3f}", f"{m['shape_error']:.2f}"]
        rows.append([*cells, f"{m['pair_error']:.2f}", utility, f"{m['near_copies']:.2f}", exact])
        rows[-1] += [fit, peak]
    return table(head, rows)


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


def diffusion() -> str:
    """What diffusion makes of longer budgets, beside the default."""
    head = ("set", "settings", "detector", "shape %", "pair %", "utility (real)", "near copies %")
    head += ("fit CPU s", "sample CPU s")
    rows = []
    for (name, settings), lines in grouped("diffusion.jsonl", "set", "settings").items():
        m = medians(lines)
        cells = [name, settings, f"{m['detector_auc']:.3f}"]
        cells += [f"{m['shape_error']:.2f}", f"{m['pair_error']:.2f}"]
        cells += [f"{m['utility']:.3f} ({m['utility_real']:.3f})", f"{m['near_copies']:.2f}"]
        rows.append([*cells, f"{m['fit_cpu_s']:.0f}", f"{m['sample_cpu_s']:.0f}"])
    return table(head, rows)


def grouped(name: str, *keys: str) -> dict[tuple, list[dict]]:
    """The lines of one file by the values of ``keys``, in order of appearance."""
    groups: dict[tuple, list[dict]] = {}
    for text in (HERE / "runs" / name).read_text().splitlines():
        line = json.loads(text)
        groups.setdefault(tuple(line[key] for key in keys), []).append(line)
    return groups


def medians(lines: list[dict]) -> dict[str, float]:
    """The median of every number that all lines have."""
    names = [k for k, v in lines[0].items() if isinstance(v, int | float)]
    return {k: statistics.median(line[k] for line in lines) for k in names}


def table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


TABLES: dict[str, Callable[[], str]] = {
    "quality": quality,
    "end_to_end": end_to_end,
    "sampling": sampling,
    "diffusion": diffusion,
}

if __name__ == "__main__":
    main()

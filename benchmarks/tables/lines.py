"""What tables are made of: lines of runs, medians, cells."""

import json
import statistics
from pathlib import Path

HERE = Path(__file__).parents[1]


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


def table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share of ``count`` rows."""
    z2 = 1.96**2 / count
    middle = (share + z2 / 2) / (1 + z2)
    half = 1.96 / (1 + z2) * (share * (1 - share) / count + z2 / (4 * count)) ** 0.5
    return middle - half, middle + half


def of_part(name: str, by: str = "case") -> dict[tuple, list[dict]]:
    """The lines of one part of the benchmark of agents."""
    found = grouped("agents.jsonl", "part", by)
    return {key: lines for key, lines in found.items() if key[0] == name}


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

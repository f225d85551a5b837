"""What tables are made of: lines of runs, medians, cells."""

import json
import statistics
from pathlib import Path

from catalogue import Peer

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


def of_part(name: str, part: str) -> list[dict]:
    """The lines of one part of a benchmark."""
    return grouped(name, "part")[(part,)]


def releases(groups: dict[tuple, list[dict]], known: dict[str, Peer]) -> str:
    """The releases of other packages that were measured, with their licences.

    Args:
        groups: lines by keys, of which the last is the method.
        known: methods of other packages.
    """
    rows: dict[str, list[str]] = {}
    for (*_, method), lines in groups.items():
        for line in lines:
            if method in known and "peer_versions" in line:
                peer, used = known[method], dict(line["peer_versions"])
                package = f"{peer.package} {used.pop(peer.package)}"
                beside = ", ".join(f"{name} {found}" for name, found in used.items())
                rows[method] = [method, package, peer.licence, beside]
    return table(("method", "package", "licence", "beside"), list(rows.values()))


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

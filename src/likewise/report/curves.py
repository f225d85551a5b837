"""Numbers by step as small line charts: inline SVG without a style of its own."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from likewise.report.wording import brief

WIDTH, HEIGHT = 300, 120
LEFT, TOP, BOTTOM = 4, 8, 22
POINTS = 600  # more than pixels; of a longer series the ends of each stretch are drawn


def curve(name: str, steps: Sequence[float], values: Sequence[float | None]) -> Markup:
    """One series; gaps where it is no number. The least, the largest and the last are written."""
    known = [v for v in values if v is not None and math.isfinite(v)]
    if not known:
        return Markup("")
    low, high = min(known), max(known)
    room = (high - low) or 1.0
    first, last = steps[0], steps[-1]
    span = (last - first) or 1.0
    base = HEIGHT - BOTTOM

    def at(step: float, value: float) -> str:
        x = LEFT + (WIDTH - 2 * LEFT) * (step - first) / span
        return f"{x:.1f} {base - (base - TOP) * (value - low) / room:.1f}"

    path, pen = [], "M"
    for step, value in _thinned(steps, values):
        if value is None or not math.isfinite(value):
            pen = "M"
            continue
        path.append(pen + at(step, value))
        pen = "L"
    said = f"{name} by step: from {brief(low)} to {brief(high)}, at the end {brief(known[-1])}"
    return Markup(
        '<figure><figcaption>{}</figcaption><svg class="curve" viewBox="0 0 {} {}" role="img" '
        'aria-label="{}"><path class="axis" d="M{} {}H{}"/><path class="line" d="{}"/>'
        '<text x="{}" y="{}">{}</text><text class="end" x="{}" y="{}">{}</text></svg>'
        '<p class="small soft">{} to {}, at the end {}</p></figure>'
    ).format(
        name, WIDTH, HEIGHT, said, LEFT, base, WIDTH - LEFT, "".join(path), LEFT, HEIGHT - 6,
        f"step {first:g}", WIDTH - LEFT, HEIGHT - 6, f"{last:g}", brief(low), brief(high),
        brief(known[-1]),
    )  # fmt: skip


def _thinned(
    steps: Sequence[float], values: Sequence[float | None]
) -> list[tuple[float, float | None]]:
    """All points of a short series; of a long one the least and largest of each stretch."""
    points = list(zip(steps, values, strict=True))
    if len(points) <= POINTS:
        return points
    size = math.ceil(len(points) / (POINTS // 2))
    kept: list[tuple[float, float | None]] = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        known = [p for p in stretch if p[1] is not None and math.isfinite(p[1])]
        ends = {min(known, key=_value), max(known, key=_value)} if known else {stretch[0]}
        kept += sorted(ends, key=lambda p: p[0])
    return kept


def _value(point: tuple[float, float | None]) -> float:
    return point[1] or 0.0

"""Charts as inline SVG, drawn without a browser, so the page reads with JavaScript off and prints.

Colours are classes of the page's style sheet; no element carries a style of its own. Every text
that comes from data passes through ``Markup.format``, which escapes it.
"""

from markupsafe import Markup

from likewise.report.database_document import DatabaseGauge
from likewise.report.document import Chart, Gauge, PairsReport
from likewise.report.wording import percent

STEPS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)  # upper ends of the heat map's colours
HEAT_COLUMNS = 32  # beyond this the cells are too small to read on paper
BARS = 8  # this many labels fit as bars with words
WIDTH, HEIGHT = 300, 110
MISSING = "missing"  # the label of the bin of rows without a value


def gauge(dial: Gauge | DatabaseGauge) -> Markup:
    """A bar from 0 to 100 with the limits at 50 and 80, the interval, the value and the floor."""
    parts = [
        Markup('<rect class="track" x="0" y="9" width="300" height="6" rx="3"/>'),
        Markup('<path class="limit" d="M150 6v12M240 6v12"/>'),
    ]
    if dial.value is not None:
        filled = Markup('<rect class="fill {}" x="0" y="9" width="{}" height="6" rx="3"/>')
        parts.append(filled.format(dial.verdict, _at(dial.value)))
    if dial.interval is not None:
        low, high = (_at(end) for end in dial.interval)
        whisker = Markup('<path class="whisker" d="M{} 12H{}M{} 8v8M{} 8v8"/>')
        parts.append(whisker.format(low, high, low, high))
    if dial.floor is not None:
        # The band that second real samples reach, from its lowest mark up to 100.
        band = Markup('<path class="floor" d="M{} 3V1H299V3"/>')
        parts.append(band.format(min(_at(dial.floor), 295)))
    if dial.value is not None:
        dot = Markup('<circle class="dot {}" cx="{}" cy="12" r="5.5"/>')
        parts.append(dot.format(dial.verdict, min(max(_at(dial.value), 6), 294)))
    label = "not measured" if dial.value is None else f"{dial.value:.0f} of 100"
    return Markup(
        '<svg class="gauge" viewBox="0 0 300 22" role="img" aria-label="{}: {}">{}</svg>'
    ).format(dial.name, label, Markup("").join(parts))


def overlay(chart: Chart, *, ordered: bool, label: str) -> Markup:
    """Real and synthetic shares: paired bars for few labels, else areas under lines.

    The bins of an ordered column touch; those of labels stand apart.
    """
    bars = not ordered and len(chart.labels) <= BARS
    body, height = _bars(chart) if bars else _profile(chart, joined=ordered)
    return Markup(
        '<svg class="overlay" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, height, label, body)


def heat_map(pairs: PairsReport) -> Markup:
    """The lower triangle of pair errors for the first columns, each cell with its numbers."""
    names = pairs.columns[:HEAT_COLUMNS]
    cell, left = 22, 150
    size = cell * (len(names) - 1)
    parts = []
    for row, name in enumerate(names[1:], start=1):
        y = cell * (row - 1)
        text = Markup('<text class="end" x="{}" y="{}">{}</text>')
        parts.append(text.format(left - 8, y + 15, _short(name, 22)))
        for col in range(row):
            error = pairs.error[row][col]
            if error is not None:
                said = f"{_short(names[col], 40)} × {_short(name, 40)}: {percent(error)}"
                if pairs.floor is not None:
                    said += f", floor {percent(pairs.floor[row][col])}"
                parts.append(_cell(left + cell * col, y, cell, said, error))
    for col, name in enumerate(names[:-1]):
        x, y = left + cell * col + 14, size + 10
        turned = Markup('<text class="end" transform="translate({} {}) rotate(-60)">{}</text>')
        parts.append(turned.format(x, y, _short(name, 18)))
    box = Markup(
        '<svg class="heat" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" '
        'aria-label="Errors of column pairs; the worst are in the table below">{2}</svg>'
    )
    return box.format(left + size + 20, size + 120, Markup("").join(parts))


def heat_step(error: float) -> int:
    """The colour of a cell, 0 (small) to 6."""
    return sum(error > end for end in STEPS)


def _cell(x: int, y: int, size: int, said: str, error: float) -> Markup:
    rect = Markup('<rect class="h{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>')
    return rect.format(heat_step(error), x, y, size - 1, size - 1, said)


def _bars(chart: Chart) -> tuple[Markup, int]:
    """Two bars a label, real above synthetic, with the label on the left."""
    top = max(*chart.real, *chart.synthetic, 1e-9)
    left, pitch = 104, 24
    parts = []
    for i, label in enumerate(chart.labels):
        y = i * pitch + 3
        real, synthetic = ((WIDTH - left) * s[i] / top for s in (chart.real, chart.synthetic))
        row = Markup(
            '<text class="end" x="{}" y="{}">{}<title>{}</title></text>'
            '<rect class="real" x="{}" y="{}" width="{:.1f}" height="8"/>'
            '<rect class="synth" x="{}" y="{}" width="{:.1f}" height="8"/>'
        )
        short = _short(label, 14)
        parts.append(
            row.format(left - 7, y + 12, short, label, left, y, real, left, y + 9, synthetic)
        )
    return Markup("").join(parts), pitch * len(chart.labels) + 4


def _profile(chart: Chart, *, joined: bool) -> tuple[Markup, int]:
    """Real as filled steps, synthetic as a line over them; a last bin "missing" stands apart."""
    apart = len(chart.labels) > 2 and chart.labels[-1] == MISSING
    bins = len(chart.labels) - apart
    top = max(*chart.real, *chart.synthetic, 1e-9)
    base, wide = HEIGHT - 18, WIDTH - 58 * apart
    real, synthetic = (
        [round(base - (base - 6) * share / top, 1) for share in side]
        for side in (chart.real, chart.synthetic)
    )
    pitch = wide / bins
    if joined:
        area = f"M0 {base}L{_steps(real[:bins], pitch)}L{wide} {base}Z"
        line = f"M{_steps(synthetic[:bins], pitch)}"
    else:
        ends = [(f"{(i + 0.1) * pitch:.1f}", f"{(i + 0.9) * pitch:.1f}") for i in range(bins)]
        area = "".join(
            f"M{a} {base}V{y}H{b}V{base}Z" for (a, b), y in zip(ends, real, strict=False)
        )
        line = "".join(f"M{a} {y}H{b}" for (a, b), y in zip(ends, synthetic, strict=False))
    first, last = (_short(chart.labels[at], 20) for at in (0, bins - 1))
    body = Markup(
        '<path class="real" d="{area}"/>'
        '<path class="synth" d="{line}"/>'
        '<path class="axis" d="M0 {base}H{wide}"/>'
        '<text x="0" y="{text}">{first}</text>'
        '<text class="end" x="{wide}" y="{text}">{last}</text>'
    ).format(base=base, area=area, line=line, wide=wide, text=HEIGHT - 4, first=first, last=last)
    if apart:
        body += Markup(
            '<rect class="real" x="263" y="{}" width="14" height="{:.1f}"/>'
            '<rect class="synth" x="279" y="{}" width="14" height="{:.1f}"/>'
            '<path class="axis" d="M256 {}H300"/><text class="end" x="300" y="{}">missing</text>'
        ).format(real[-1], base - real[-1], synthetic[-1], base - synthetic[-1], base, HEIGHT - 4)
    return body, HEIGHT


def _steps(heights: list[float], width: float) -> str:
    points = (
        f"{i * width:.1f} {y:.1f}L{(i + 1) * width:.1f} {y:.1f}" for i, y in enumerate(heights)
    )
    return "L".join(points)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _at(points: float) -> float:
    """Place on a dial 300 wide of a mark from 0 to 100."""
    return round(3 * points, 1)

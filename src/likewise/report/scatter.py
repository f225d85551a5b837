"""Trials of a sweep as points: fidelity to the right, utility up, attacks in size and colour.

Inline SVG without a style of its own, as in ``drawing``; every text is escaped.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from likewise.report.frontier import Frontier, Measure, Trial
from likewise.report.wording import number

WIDTH, HEIGHT = 680, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 22, 54
SMALL, LARGE = 5.0, 13.0  # radius without a leak, and of one that is as large as can be
TICKS = 5
APART = (30.0, 18.0)  # points nearer than this to each other share a label
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Axis:
    """One measure along one direction of the drawing.

    Attributes:
        low, high: values at the ends; the worse one first, so that better is right and up.
        start, stop: places of these.
    """

    low: float
    high: float
    start: float
    stop: float

    def at(self, value: float) -> float:
        """The place of a value; what lies beyond an end is put on it."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + (self.stop - self.start) * min(max(share, 0.0), 1.0), 1)

    @property
    def ticks(self) -> tuple[float, ...]:
        """Round values between the ends."""
        low, high = sorted((self.low, self.high))
        step = next((s for s in STEPS if (high - low) / s <= TICKS), STEPS[-1])
        first = int(low / step) + (low > 0)
        return tuple(
            round(k * step, 6)
            for k in range(first, int(high / step) + 1)
            if low <= round(k * step, 6) <= high
        )


def scatter(found: Frontier) -> Markup | None:
    """The drawing; None if no trial has both numbers."""
    shown = [trial for trial in found.trials if trial.fidelity and trial.utility]
    if not shown:
        return None
    x = _axis([t.measures["fidelity"] for t in shown], LEFT, WIDTH - RIGHT)
    y = _axis([t.measures["utility"] for t in shown], HEIGHT - BOTTOM, TOP)
    on_front = [trial for trial in shown if trial.number in found.pareto]
    parts = [_frame(x, y), _floors(shown[0], x, y), _link(on_front, x, y)]
    parts += [_whiskers(trial, x, y) for trial in shown]
    below_first = sorted(shown, key=lambda t: (-_rank(t, found), -radius(t)))
    parts += [_point(trial, found, x, y) for trial in below_first]
    parts += _labels(shown, found, x, y)
    return Markup(
        '<svg class="scatter" viewBox="0 0 {} {}" role="img" '
        'aria-label="Utility by fidelity of {} trials; the numbers are in the table">{}</svg>'
    ).format(WIDTH, HEIGHT, len(shown), Markup("").join(parts))


def radius(trial: Trial) -> float:
    """Larger where people are told apart by more: from chance to all of them."""
    gains = [
        max(attack.success.value - (attack.success.floor or 0.0), 0.0)
        * (2 if name == "membership" else 1)  # an AUC goes from chance, 0.5, to 1
        for name, attack in trial.attacks.items()
        if attack.success is not None
    ]
    return round(SMALL + (LARGE - SMALL) * math.sqrt(min(max(gains, default=0.0), 1.0)), 1)


def kind(trial: Trial) -> str:
    """The class of a point: what the attacks have found."""
    if trial.leaks:
        return "leak"
    return "open" if trial.unjudged else "quiet"


def _axis(measures: Sequence[Measure], start: float, stop: float) -> Axis:
    """Room for all values, their floors and a margin; not for every interval."""
    values = [m.value for m in measures] + [m.floor for m in measures if m.floor is not None]
    low, high = min(values), max(values)
    margin = max((high - low) * 0.08, 0.004)
    low, high = low - margin, high + margin
    falls = measures[0].better == "lower"
    return Axis(high, low, start, stop) if falls else Axis(low, high, start, stop)


def _frame(x: Axis, y: Axis) -> Markup:
    base, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [Markup('<path class="axis" d="M{} {}V{}H{}"/>').format(LEFT, TOP, base, right)]
    for value in x.ticks:
        tick = Markup('<path class="grid" d="M{0} {1}V{2}"/><text class="mid" x="{0}" y="{3}">{4}')
        parts.append(tick.format(x.at(value), TOP, base, base + 18, f"{value:g}"))
        parts.append(Markup("</text>"))
    for value in y.ticks:
        tick = Markup('<path class="grid" d="M{} {}H{}"/><text class="end" x="{}" y="{}">{}</text>')
        at = y.at(value)
        parts.append(tick.format(LEFT, at, right, LEFT - 8, at + 4, f"{value:g}"))
    names = Markup(
        '<text class="end title" x="{}" y="{}">fidelity: detector AUC, closer to real →</text>'
        '<text class="title" x="{}" y="{}">↑ utility, more useful</text>'
    )
    parts.append(names.format(right, HEIGHT - 10, 4, 12))
    return Markup("").join(parts)


def _floors(trial: Trial, x: Axis, y: Axis) -> Markup:
    """Lines where real rows lie that no method has made."""
    parts = []
    fidelity, utility = trial.measures["fidelity"].floor, trial.measures["utility"].floor
    if fidelity is not None:
        line = Markup('<path class="floor" d="M{0} {1}V{2}"/>')
        parts.append(line.format(x.at(fidelity), TOP, HEIGHT - BOTTOM))
    if utility is not None:
        line = Markup('<path class="floor" d="M{} {}H{}"/>')
        parts.append(line.format(LEFT, y.at(utility), WIDTH - RIGHT))
    return Markup("").join(parts)


def _link(trials: Sequence[Trial], x: Axis, y: Axis) -> Markup:
    """A line through the Pareto set, from the least faithful to the most."""
    if len(trials) < 2:
        return Markup("")
    places = sorted(_place(trial, x, y) for trial in trials)
    return Markup('<path class="front" d="M{}"/>').format("L".join(f"{a} {b}" for a, b in places))


def _whiskers(trial: Trial, x: Axis, y: Axis) -> Markup:
    at, up = _place(trial, x, y)
    low, high = (x.at(end) for end in trial.measures["fidelity"].ends)
    down, top = (y.at(end) for end in trial.measures["utility"].ends)
    return Markup('<path class="whisker" d="M{} {}H{}M{} {}V{}"/>').format(
        low, up, high, at, down, top
    )


def _point(trial: Trial, found: Frontier, x: Axis, y: Axis) -> Markup:
    at, up = _place(trial, x, y)
    size = radius(trial)
    parts = []
    if trial.number == found.recommended:
        parts.append(
            Markup('<circle class="ring" cx="{}" cy="{}" r="{}"/>').format(at, up, size + 5)
        )
    front = " front" if trial.number in found.pareto else ""
    said = (
        f"{trial.number}: {trial.name}; detector AUC {number(trial.measures['fidelity'].value)}, "
        f"utility {number(trial.measures['utility'].value)}"
    )
    dot = Markup('<circle class="{}{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>')
    parts.append(dot.format(kind(trial), front, at, up, size, said))
    return Markup("").join(parts)


def _labels(trials: Sequence[Trial], found: Frontier, x: Axis, y: Axis) -> list[Markup]:
    """Numbers of the trials beside their points, left out where one stands already."""
    taken: list[tuple[float, float]] = []
    parts = []
    first = sorted(trials, key=lambda trial: (_rank(trial, found), trial.number))
    for trial in first:
        at, up = _place(trial, x, y)
        if any(abs(at - a) < APART[0] and abs(up - b) < APART[1] for a, b in taken):
            continue
        taken.append((at, up))
        apart = radius(trial) + (8 if trial.number == found.recommended else 4)
        words = "number" if trial.number in found.pareto else "number soft"
        if at > WIDTH - 60:
            apart, words = -apart, f"{words} end"
        text = Markup('<text class="{}" x="{}" y="{}">{}</text>')
        parts.append(text.format(words, round(at + apart, 1), round(up - 7, 1), trial.number))
    return parts


def _rank(trial: Trial, found: Frontier) -> int:
    """0 for the recommended trial, 1 for the others of the Pareto set, 2 for the rest."""
    return 2 - (trial.number in found.pareto) - (trial.number == found.recommended)


def _place(trial: Trial, x: Axis, y: Axis) -> tuple[float, float]:
    return x.at(trial.measures["fidelity"].value), y.at(trial.measures["utility"].value)

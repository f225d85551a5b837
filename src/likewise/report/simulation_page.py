"""A simulation as one HTML file: its animation, the numbers of each step, and what it was.

It needs nothing else: no network, no server. Curves and a still are there without JavaScript; the
page's own script plays the frames, and the content security policy allows nothing but that.
"""

import base64
import gzip
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from jinja2 import Environment

from likewise.core.atomic import Put, replacing
from likewise.report.curves import curve
from likewise.report.offline import asset, environment, policy
from likewise.report.wording import brief
from likewise.simulate.facts import Fact
from likewise.simulate.film import Frame

Array = np.ndarray
CURVES = 24  # columns that are drawn
STILL = 480  # pixels of the longer side of a still of points
FINEST = 65_535  # places are kept in 16 bits
COLOURS = (
    (31, 119, 146), (214, 104, 32), (120, 120, 120), (84, 149, 66), (158, 84, 152), (196, 160, 24),
    (178, 50, 58), (70, 84, 176),
)  # fmt: skip
NOTHING = (228, 231, 233)  # of a first kind that is called empty


@dataclass(frozen=True)
class Shown:
    """What the page tells.

    Attributes:
        title: of the page.
        frames: of the animation; none leaves it out.
        series: columns by name, ``step`` among them.
        judged: facts of the output, with their bands.
        facts: terms and texts of what was run.
        version: of this package.
    """

    title: str
    frames: tuple[Frame, ...]
    series: Mapping[str, Sequence[float | None]]
    judged: tuple[Fact, ...]
    facts: tuple[tuple[str, str], ...]
    version: str


def write_simulation(shown: Shown, path: Path, *, put: Put = replacing) -> None:
    """Write the page, whole or not at all."""
    with put(path) as part:
        part.write_text(render_simulation(shown), encoding="utf-8", newline="\n")


def render_simulation(shown: Shown) -> str:
    """The page; about 25 KB and, for each frame, 5 bytes a point or 1 a cell before packing."""
    style = asset("report.css") + asset("simulation.css")
    script = asset("simulation.js")
    steps = list(shown.series.get("step", ()))
    names = [name for name in shown.series if name != "step"][:CURVES]
    return (
        _environment()
        .get_template("simulation.html.j2")
        .render(
            shown=shown,
            curves=[curve(name, [s or 0 for s in steps], shown.series[name]) for name in names],
            film=_film(shown.frames) if shown.frames else None,
            kinds=list(zip(shown.frames[0].kinds, _colours(shown.frames[0]), strict=False))
            if shown.frames
            else [],
            still=_still(shown.frames[-1]) if shown.frames else None,
            last=shown.frames[-1] if shown.frames else None,
            judged=[_judged(fact) for fact in shown.judged],
            has_real=any(fact.real is not None for fact in shown.judged),
            style=style,
            script=script,
            policy=policy(style, script),
        )
    )


def _judged(fact: Fact) -> dict[str, str]:
    """A row of the table of facts."""
    band = fact.band
    low, high = ("" if x is None else brief(x) for x in (band.low, band.high))
    one_side = f"at least {low}" if low else f"at most {high}"
    between = f"{low} to {high}" if low and high else one_side
    return {
        "name": fact.name.replace("_", " "), "meaning": band.meaning, "value": brief(fact.value),
        "real": "" if fact.real is None else brief(fact.real),
        "band": between if band.bounded else "", "source": band.source,
        "verdict": "" if fact.inside is None else "inside" if fact.inside else "missed",
    }  # fmt: skip


@cache
def _environment() -> Environment:
    return environment()


def _colours(frame: Frame) -> list[str]:
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in _palette(frame)]


def _palette(frame: Frame) -> list[tuple[int, int, int]]:
    """A colour for each kind; the first one is pale if it stands for nothing."""
    nothing = frame.kinds[0] == "empty"
    rest = list(COLOURS)[: len(frame.kinds) - nothing]
    return [NOTHING, *rest] if nothing else rest


def _film(frames: Sequence[Frame]) -> dict[str, str]:
    """All frames as text: what they are as JSON, and their bytes, packed, in base 64."""
    first = frames[0]
    about = {
        "width": first.width,
        "height": first.height,
        "board": first.is_board,
        "colours": _colours(first),
        "steps": [frame.step for frame in frames],
        "sizes": [len(frame.kind) for frame in frames],
    }
    parts = []
    for frame in frames:
        if not frame.is_board:
            for places, side in ((frame.x, frame.width), (frame.y, frame.height)):
                scaled = np.clip(np.round(places / side * FINEST), 0, FINEST)
                parts.append(scaled.astype("<u2").tobytes())
        parts.append(frame.kind.tobytes())
    packed = gzip.compress(b"".join(parts), mtime=0)
    return {"about": _safe(about), "bytes": base64.b64encode(packed).decode()}


def _safe(value: object) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(value).replace("<", "\\u003c")


def _still(frame: Frame) -> str:
    """A frame as a picture, for pages without a script and for paper: a PNG in base 64."""
    palette = [*_palette(frame), (255, 255, 255)]
    if frame.is_board:
        pixels = frame.kind.reshape(int(frame.height), int(frame.width))
    else:
        scale = STILL / max(frame.width, frame.height)
        shape = max(round(frame.height * scale), 1), max(round(frame.width * scale), 1)
        pixels = np.full(shape, len(palette) - 1, np.uint8)
        for dy in (0, 1):  # a point is two pixels wide
            for dx in (0, 1):
                rows = np.minimum((frame.y * scale).astype(int) + dy, shape[0] - 1)
                columns = np.minimum((frame.x * scale).astype(int) + dx, shape[1] - 1)
                pixels[rows, columns] = frame.kind
    return base64.b64encode(_png(pixels, palette)).decode()


def _png(pixels: Array, palette: Sequence[tuple[int, int, int]]) -> bytes:
    """Codes (H, W) uint8 as a picture of a palette (PNG, second edition, 2003, chapter 11)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    height, width = pixels.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(value for colour in palette for value in colour)),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)

"""The page of a simulation: offline, escaped, with curves and a still where no script runs."""

import base64
import gzip
import json
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from likewise.core.errors import ConfigError
from likewise.report.curves import curve
from likewise.report.simulation_page import Shown, render_simulation
from likewise.simulate.facts import Band, Fact
from likewise.simulate.film import board, points

EVIL = "</script><script>alert(1)</script>"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def page(frames: tuple, title: str = "A walk") -> str:
    series = {"step": [0, 1, 2], EVIL: [1.0, None, float("nan")], "flat": [2.0, 2.0, 2.0]}
    return render_simulation(Shown(title, frames, series, (FACT,), (("Seed", EVIL),), "1"))


FACT = Fact(EVIL, 2.0, None, Band(EVIL, 3, 4, EVIL))
CELLS = board(np.array([0, 1, 2, 1, 0, 2]), width=3, height=2, kinds=("empty", EVIL, "b"))
DOTS = points([0.0, 5.0], [0.0, 10.0], [0, 1], width=10, height=10, kinds=("a", "b"))


@pytest.mark.parametrize("frame", [CELLS, DOTS], ids=["board", "points"])
def test_the_page_holds_every_frame_and_needs_nothing_else(frame) -> None:
    text = page((frame, frame))
    assert text == page((frame, frame))
    assert "alert(1)</script>" not in text
    assert not re.search(r"(?:src|href)=\"?https?:", text)
    about = json.loads(re.search(r'id="about-film">(.*?)</script>', text)[1])
    packed = base64.b64decode(re.search(r'id="bytes">(.*?)</script>', text)[1])
    raw = gzip.decompress(packed)
    size = len(frame.kind)
    assert about["sizes"] == [size, size]
    length = size if about["board"] else 5 * size
    assert len(raw) == 2 * length
    assert raw[length - size : length] == frame.kind.tobytes()
    if not about["board"]:
        assert np.frombuffer(raw[: 2 * size], "<u2").tolist() == [0, 32768]
        assert np.frombuffer(raw[2 * size : 4 * size], "<u2").tolist() == [0, 65535]


def test_the_still_of_a_board_is_a_picture_of_its_cells() -> None:
    png = base64.b64decode(re.search(r"data:image/png;base64,([^\"]+)", page((CELLS,)))[1])
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    start = png.index(b"IDAT") + 4
    lines = zlib.decompress(png[start : png.index(b"IEND") - 8])
    assert np.frombuffer(lines, np.uint8).reshape(2, 4)[:, 1:].ravel().tolist() == [
        0,
        1,
        2,
        1,
        0,
        2,
    ]


def test_a_page_without_frames_has_curves_and_no_script() -> None:
    text = page(())
    assert "<script" not in text
    assert text.count('class="curve"') == 2


def test_a_curve_has_gaps_where_there_is_no_number() -> None:
    drawn = str(curve("x", [0, 1, 2, 3], [0.0, float("nan"), 1.0, 3.0]))
    path = re.search(r'class="line" d="([^"]+)"', drawn)[1]
    assert path == "M4.0 98.0M198.7 68.0L296.0 8.0"
    assert curve("x", [0, 1], [None, None]) == ""


def test_long_curves_keep_their_extremes() -> None:
    values = np.sin(np.arange(100_000) / 50).tolist()
    values[70_001] = 9.0
    drawn = str(curve("x", list(range(100_000)), values))
    assert len(drawn) < 20_000
    assert re.search(r" 8\.0[L\"]", drawn)


def test_frames_with_codes_beyond_their_words_are_refused() -> None:
    with pytest.raises(ConfigError, match="codes up to 3 for 1 kinds"):
        points([0.0], [0.0], 3, width=1, height=1, kinds=("a",))


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.slow
@pytest.mark.parametrize("frame", [CELLS, DOTS], ids=["board", "points"])
def test_a_browser_plays_the_frames_under_the_pages_own_policy(frame, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page((frame, frame)), encoding="utf-8")
    words = [
        str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom",
        f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=4000", path.as_uri(),
    ]  # fmt: skip
    dom = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False).stdout
    assert re.search(r'<output id="step"[^>]*>step 0</output>', dom)
    assert re.search(r'<img id="still"[^>]* hidden', dom)
    assert not re.search(r"<canvas[^>]* hidden", dom)

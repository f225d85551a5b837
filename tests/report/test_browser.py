"""The page in a real browser: what people see at desk and phone width, by day and by night."""

import html
import json
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from likewise.report.html import render

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

# Runs after the page's own script: every tab is opened, measured and searched for barriers.
PROBE = """
<script>%s</script>
<script>
const said = { errors: window.gone, tabs: {} };
const told = () => parent.postMessage(JSON.stringify(said), "*");
(async () => {
  document.documentElement.dataset.theme = "%s";
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  for (const tab of document.querySelectorAll('[role="tab"]')) {
    tab.click();
    await new Promise((done) => setTimeout(done, 400));
    const wide = [...document.querySelectorAll("main *")].filter((part) =>
      part.getBoundingClientRect().right > innerWidth + 1 && !part.closest(".wide, .canvas"));
    const found = await axe.run(document);
    said.tabs[tab.textContent] = {
      over: document.documentElement.scrollWidth - innerWidth,
      wide: wide.map((part) => part.outerHTML.slice(0, 80)),
      shown: [...document.querySelectorAll(".panel")].filter((part) => part.offsetParent).length,
      axe: found.violations.map((one) => one.id + ": " + one.nodes[0].html.slice(0, 200)),
    };
  }
  told();
})().catch((error) => { said.errors.push(String(error)); told(); });
</script>
"""
# Windows have a least width, frames have none.
FRAME = """<!doctype html><iframe src="probed.html" style="border:0;width:%dpx;height:900px">
</iframe><script>addEventListener("message", (event) => {
  const out = document.createElement("pre");
  out.id = "told";
  out.textContent = event.data;
  document.body.append(out);
});</script>"""
CATCH = """<script>window.gone = [];
addEventListener("error", (event) => gone.push(event.message));</script>"""


def browse(page: Path) -> subprocess.CompletedProcess[str]:
    words = [
        str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--user-data-dir={page.parent / 'profile'}", "--window-size=1400,1000",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr",
        "--virtual-time-budget=60000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)


def probed(text: str, folder: Path, width: int, theme: str) -> dict[str, Any]:
    """What the probe says of the page, which it may enter as its policy is taken away."""
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    text = text.replace("<head>", "<head>" + CATCH)
    text = text.replace("</body>", PROBE % (axe, theme) + "</body>")
    (folder / "probed.html").write_text(text, encoding="utf-8")
    page = folder / "frame.html"
    page.write_text(FRAME % width, encoding="utf-8")
    seen = browse(page).stdout
    found = re.search(r'<pre id="told">(.*?)</pre>', seen, re.S)
    assert found, seen[-2_000:]
    return dict(json.loads(html.unescape(found[1])))


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_tab_fits_and_has_no_barrier(report, width: int, theme: str, tmp_path: Path) -> None:
    found = probed(render(report), tmp_path, width, theme)
    assert found["errors"] == []
    assert {"Overview", "Columns", "Slices", "Privacy", "Cards", "About"} <= set(found["tabs"])
    for name, tab in found["tabs"].items():
        assert tab["over"] <= 0, name
        assert tab["wide"] == [], name
        assert tab["shown"] == 1, name
        assert tab["axe"] == [], name


def test_the_page_runs_under_its_own_policy_without_an_error(report, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(render(report), encoding="utf-8")
    seen = browse(page)
    assert 'aria-selected="true"' in seen.stdout  # its script ran
    assert [line for line in seen.stderr.splitlines() if "CONSOLE" in line] == []

"""Ctrl-C at any moment: one line and exit code 6, from the first line of ours that Python runs."""

import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from likewise.cli.main import _once

ROOT = Path(__file__).parents[2]
DELAYS = (0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.28, 0.35, 0.45, 0.6)  # seconds
CANCELLED = "likewise: cancelled; nothing was left half-written."


def _script(folder: Path) -> list[str]:
    """The console script, as installers write it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, name = project["scripts"]["likewise"].split(":")
    path = folder / "likewise_script.py"
    path.write_text(
        f"import re\nimport sys\nfrom {module} import {name}\n"
        f"if __name__ == '__main__':\n    sys.exit({name}())\n",
        encoding="utf-8",
    )
    return [sys.executable, str(path)]


@pytest.mark.parametrize("entry", ["console script", "python -m likewise"])
def test_an_interrupt_at_any_moment_of_the_start_shows_no_traceback_of_ours(
    entry: str, people_csv: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A traceback may only come from Python's own start, before any of our files has run."""
    module = [sys.executable, "-m", "likewise"]
    start = module if entry == "python -m likewise" else _script(tmp_path_factory.mktemp("bin"))
    codes = []
    for delay in DELAYS:
        words = [*start, "synth", str(people_csv), "-n", "50000000", "--no-report", "--seed", "1"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        out, err = (part.decode() for part in process.communicate(timeout=60))
        assert out == ""
        if process.returncode == 6:
            assert err.strip().splitlines()[-1] == CANCELLED  # a quick machine shows progress first
            assert "Traceback" not in err
        else:
            assert process.returncode in (1, -signal.SIGINT), err
            assert str(Path("src") / "likewise") not in err
            assert "likewise: " not in err
        codes.append(process.returncode)
        assert {path.name for path in people_csv.parent.iterdir()} == {"people.csv"}
    assert codes[-1] == 6
    first = codes.index(6)
    assert set(codes[first:]) == {6} or codes.count(6) > len(codes) // 2  # starts vary in length


@pytest.mark.parametrize("moment", [1, 2, 3, 4])
def test_an_interrupt_while_handlers_are_set_shows_no_traceback(moment: int) -> None:
    """SIGINT and SIGTERM get a handler at the start (1, 2) and another one at the end (3, 4)."""
    script = (
        "import os, signal\n"
        "from likewise.cli.main import main\n"
        "real, calls = signal.signal, 0\n"
        "def eager(number, handler):\n"
        "    global calls\n"
        "    real(number, handler)\n"
        "    calls += 1\n"
        f"    if calls == {moment}:\n"
        "        os.kill(os.getpid(), signal.SIGTERM if calls == 3 else signal.SIGINT)\n"
        "signal.signal = eager\n"
        "main(['--version'])\n"
    )
    words = [sys.executable, "-c", script]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.stderr.strip() == ("" if moment == 4 else CANCELLED)  # by then all is done and said
    assert ran.returncode == (0 if moment == 4 else 6)


def test_nothing_is_imported_before_an_interrupt_is_answered() -> None:
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import likewise.__main__\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    words = [sys.executable, "-c", script]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) <= {"likewise", "likewise.__main__", "os"}


def test_a_second_signal_at_once_does_not_interrupt_the_tidying() -> None:
    heard: list[int] = []
    answer = _once(lambda signum, _: heard.append(signum))
    answer(2, None)
    answer(2, None)
    answer(15, None)
    assert heard == [2]

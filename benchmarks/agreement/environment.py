"""Other implementations, each in an environment of its own, made when it is missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = Path(os.environ.get("LIKEWISE_PEERS", HERE.parent / "peers" / ".venvs"))


def built(envs: Path, name: str) -> Path:
    """The interpreter of an environment, made anew when its requirements have changed."""
    place, wanted = envs / name, HERE / f"requirements-{name}.txt"
    python, stamp = place / "bin" / "python", place / wanted.name
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        print(f"building {place}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "-r", str(wanted)], check=True)
        stamp.write_text(wanted.read_text())
    return python


def answer(python: Path, worker: Path, folder: str) -> dict:
    """What a worker prints last, of the tables in a folder."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [str(python), str(worker), folder]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    found: dict = json.loads(ran.stdout.splitlines()[-1])
    return found

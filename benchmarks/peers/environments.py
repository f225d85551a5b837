"""Build one virtual environment per peer from ``requirements-NAME.txt``; none touches the package.

    python benchmarks/peers/environments.py [--place DIR] [--only arfpy sdv]

The folder is ``--place``, else the variable LIKEWISE_PEERS, else ``.venvs`` beside this file, which
git ignores. An environment whose requirements have not changed is left as it is. About 2 GB.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from catalogue import HERE, PLACE, environments, python

# mostlyai-engine pulls both, built for another torch, and does not import beside them
UNWANTED = ("torchvision", "torchaudio")


def main() -> None:
    """Build what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--place", type=Path, default=PLACE)
    parser.add_argument("--only", nargs="+", choices=environments(), default=environments())
    args = parser.parse_args()
    for name in args.only:
        build(name, args.place)


def build(name: str, place: Path) -> None:
    """Make the environment ``name`` under ``place``, torch first where it is wanted."""
    wanted = HERE / f"requirements-{name}.txt"
    stamp = place / name / wanted.name
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return
    print(f"building {place / name}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(place / name)], check=True)
    pip = [str(python(name, place)), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    torch = [line for line in wanted.read_text().splitlines() if line.startswith("torch=")]
    if torch:
        subprocess.run([*pip, "install", *torch], check=True)
    subprocess.run([*pip, "install", "-r", str(wanted)], check=True)
    if torch:
        subprocess.run([*pip, "uninstall", "--yes", *UNWANTED], check=True)
    stamp.write_text(wanted.read_text())


if __name__ == "__main__":
    main()

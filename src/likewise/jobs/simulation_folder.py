"""The folder of a simulation: its files appear together, in the place of an earlier run's."""

import contextlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from likewise.core.errors import ConfigError, DataError
from likewise.data.database_schema import DECLARATION

MANIFEST, RUNS = "manifest.json", "runs.csv"
_ALWAYS = (
    MANIFEST, RUNS, DECLARATION, "facts.json", "simulation.html", "fit.json", "fit.model",
)  # fmt: skip
_REPLICATE = re.compile(r"replicate-\d+")


def refuse_folder(folder: Path, simulator: str) -> None:
    """Nothing, if a run may be written there: a new or an empty folder, or one with such a run.

    Hidden files do not count. An earlier run of the same simulator will be replaced.

    Raises:
        DataError: it is a file.
        ConfigError: the folder holds something else, or a run of another simulator.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(str(folder), "is a file", "Give a folder with -o")
    if not folder.exists() or all(one.name.startswith(".") for one in folder.iterdir()):
        return
    there = _manifest(folder).get("simulator")
    if there != simulator:
        found = "holds files that are not of a simulation"
        if isinstance(there, str):
            found = f"holds a simulation by {there}"
        raise ConfigError(str(folder), found, "Give a new or an empty folder with -o")


@contextlib.contextmanager
def run_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder; its files are those of ``folder`` if the block ends well.

    Then the files of an earlier run go; others stay. On any failure, Ctrl-C included, ``folder``
    is as it was, or not there. The temporary folder lies inside, as ``folder`` may be a disk of
    its own.
    """
    made = _made(folder)
    try:
        new = Path(tempfile.mkdtemp(prefix=".new.", suffix=".part", dir=folder))
        old = Path(tempfile.mkdtemp(prefix=".old.", suffix=".part", dir=folder))
        try:
            yield new
            _swap(folder, new, old)
        finally:
            shutil.rmtree(new, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
    except BaseException as error:
        for place in made:
            with contextlib.suppress(OSError):  # somebody has put something there
                place.rmdir()
        if isinstance(error, OSError):
            found = f"cannot be written ({error.strerror or error})"
            hint = "Free some space or choose another place"
            raise DataError(str(folder), found, hint) from error
        raise


def _made(folder: Path) -> list[Path]:
    """The folders that had to be made, the innermost first."""
    lacking = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        found = f"cannot be made ({error.strerror})"
        raise DataError(str(folder), found, "Name a folder that can be written to") from None
    return lacking


def _swap(folder: Path, new: Path, old: Path) -> None:
    """Move the files of an earlier run aside and the new ones in; all or none."""
    fresh = [path.relative_to(new) for path in sorted(new.rglob("*")) if path.is_file()]
    gone = [*_files_of(folder), *(path for path in fresh if (folder / path).is_file())]
    moves = [(folder / path, old / path) for path in dict.fromkeys(gone)]
    moves += [(new / path, folder / path) for path in fresh]
    try:
        for source, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
    except BaseException:
        for source, target in reversed(moves):
            if target.exists() and not source.exists():
                target.replace(source)
        raise
    for place in {(folder / path).parent for path in gone} - {folder}:
        with contextlib.suppress(OSError):  # files of this run or of somebody else are there
            place.rmdir()


def _files_of(folder: Path) -> list[Path]:
    """The files of the run in a folder, and of its replicates, as its manifests name them."""
    said = _manifest(folder)
    if "simulator" not in said:
        return []
    tables = said.get("tables", {})
    named = [str(entry[0]) for entry in tables.values()] if isinstance(tables, dict) else []
    names = [*_ALWAYS, *(name for name in named if Path(name).name == name)]
    files = [Path(name) for name in names if (folder / name).is_file()]
    if "replicates" in said:
        parts = [one for one in folder.iterdir() if _REPLICATE.fullmatch(one.name) and one.is_dir()]
        files += [Path(one.name) / path for one in sorted(parts) for path in _files_of(one)]
    return files


def _manifest(folder: Path) -> Mapping[str, Any]:
    """The record of a run; empty where there is none that can be read."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}

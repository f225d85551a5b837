"""The trials of a sweep on disk: JSON lines, each complete in itself.

A line holds what the sweep was, so that lines of several sweeps can be put together, and one trial.
The file is replaced as a whole after each trial: a reader, or a crash, never meets half a line.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from likewise.core.atomic import replacing
from likewise.core.errors import ConfigError, FormatError
from likewise.report.frontier import Origin, Trial

VERSION = 1


def write_trials(path: Path, origin: Origin, trials: Sequence[Trial]) -> None:
    """Replace the file by one with these trials."""
    with replacing(path) as part:
        part.write_text("".join(_line(origin, trial) for trial in trials), encoding="utf-8")


def read_trials(path: Path) -> tuple[Origin, list[Trial]]:
    """The sweep and its trials.

    Raises:
        ConfigError: there is no such file, or nothing in it.
        FormatError: a line that is none of ours; says which.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        found = f"no sweep has left its trials in {path}"
        raise ConfigError("--resume", found, "Run without --resume") from None
    except (OSError, UnicodeDecodeError):
        raise FormatError(str(path), "is no file of trials", _OTHER) from None
    if not text:
        raise FormatError(str(path), "holds no trial", _OTHER)
    origins: list[Origin] = []
    trials: list[Trial] = []
    for number, line in enumerate(text.rstrip("\n").split("\n"), start=1):
        origin, trial = _parsed(line, f"{path}, line {number}")
        origins.append(origin)
        trials.append(trial)
    if [trial.number for trial in trials] != list(range(1, len(trials) + 1)):
        raise FormatError(str(path), "its trials are not those of one sweep in order", _OTHER)
    if any(one != origins[0] for one in origins):
        raise FormatError(str(path), "its lines come from different sweeps", _OTHER)
    return origins[0], trials


_OTHER = "Give another file with -o, or run without --resume"


def refuse_other_sweep(past: Origin, now: Origin) -> None:
    """Raise ConfigError unless both are the same sweep of the same data.

    Versions may differ: those of the first run stay in the file.
    """
    for field, (option, what) in _SAME.items():
        before, here = getattr(past, field), getattr(now, field)
        if before != here:
            known = field.endswith("sha256") or field == "rows"
            found = f"{what} is not that of the trials in the file"
            found += "" if known else f": {_shown(before)} there, {_shown(here)} here"
            raise ConfigError(f"--resume and {option}", found, _OTHER)


_SAME = {
    "data_sha256": ("INPUT", "the content of the file"),
    "seed": ("--seed", "the seed"),
    "target": ("--target", "the target"),
    "generators": ("--generators", "the list of methods"),
    "schema_sha256": ("--schema", "the schema"),
    "rows": ("INPUT", "the split"),
}


def _shown(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _line(origin: Origin, trial: Trial) -> str:
    content = {
        "version": VERSION,
        "sweep": origin.model_dump(mode="json"),
        "trial": trial.model_dump(mode="json"),
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def _parsed(line: str, where: str) -> tuple[Origin, Trial]:
    try:
        content = json.loads(line)
        if content["version"] > VERSION:
            raise FormatError(where, "comes from a newer version", "Update likewise")
        return Origin(**content["sweep"]), Trial(**content["trial"])
    except (ValueError, TypeError, KeyError):
        raise FormatError(where, "is no trial of a sweep", _OTHER) from None

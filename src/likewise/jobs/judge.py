"""From three tables to a report: the part that ``synth`` and ``evaluate`` share."""

import importlib.metadata
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import likewise
from likewise.core.progress import Progress
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.io.read import hash_file
from likewise.metrics.battery import evaluate
from likewise.report.build import build
from likewise.report.document import Candidate, Provenance, Report, RuleReport

PACKAGES = ("numpy", "pyarrow", "pandas", "scikit-learn", "scipy", "numba")


def judge(
    real: Table,
    synth: Table,
    holdout: Table | None,
    *,
    title: str,
    provenance: Provenance,
    seed: Seed,
    progress: Progress,
    workers: int | None,
    rules: Sequence[RuleReport] = (),
    candidates: Sequence[Candidate] = (),
    notes: Sequence[str] = (),
) -> Report:
    """Measure ``synth`` against ``real`` beside ``holdout``, and put it in words."""
    battery = evaluate(
        real,
        synth,
        holdout,
        target=real.schema.target,
        seed=seed.child("judge"),
        progress=progress,
        workers=workers,
    )
    return build(
        battery,
        title=title,
        rules=rules,
        candidates=candidates,
        notes=notes,
        provenance=provenance,
        schema=real.schema,
    )


def provenance(
    *,
    seed: Seed,
    rows: Mapping[str, int],
    hashes: Mapping[str, str],
    command: str | None,
    generator: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Provenance:
    """What it takes to do it again; carries no time, so that equal runs give equal files."""
    return Provenance(
        likewise=likewise.__version__,
        python=platform.python_version(),
        packages={name: importlib.metadata.version(name) for name in PACKAGES},
        seed=seed.value,
        generator=generator,
        settings=dict(settings or {}),
        data_sha256=dict(hashes),
        rows=dict(rows),
        command=command,
        machine=f"{platform.system()} {platform.machine()}",
    )


def hash_of(*paths: str | None) -> dict[str, str]:
    """SHA-256 sums of files by name; nothing for standard input and data frames."""
    places = [Path(path) for path in paths if path]
    return {place.name: hash_file(place) for place in places if place.is_file()}


def for_file(report: Report) -> Report:
    """The report as it is written to disk: without times and places, the same for equal runs."""
    candidates = tuple(c.model_copy(update={"seconds": None}) for c in report.candidates)
    return report.model_copy(update={"candidates": candidates, "files": {}, "seconds": {}})

"""From three tables to a report: the part that ``synth`` and ``evaluate`` share."""

import importlib.metadata
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import likewise
from likewise.attacks.battery import attack
from likewise.attacks.risk import Risk
from likewise.compose.ruled import RuledModel, reduced
from likewise.core.errors import ConfigError
from likewise.core.progress import Progress
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.generators.levels import Dense
from likewise.io.read import hash_file
from likewise.jobs.fit import chosen
from likewise.metrics.battery import evaluate
from likewise.metrics.cards import deal
from likewise.report.build import build
from likewise.report.document import Candidate, Provenance, Report, RuleReport

PACKAGES = ("numpy", "pyarrow", "pandas", "scikit-learn", "scipy", "numba")


@dataclass(frozen=True)
class Scope:
    """How far a table is looked into.

    Attributes:
        full: try attacks, and take the scores that need minutes.
        real_cards: show held-out real rows, in coarse form, among the cards.
        log_prob: log density of rows under the model that made the table, for the attacker.
    """

    full: bool = False
    real_cards: bool = False
    log_prob: Callable[[Table], np.ndarray] | None = None


def density_of(model: RuledModel) -> Callable[[Table], np.ndarray] | None:
    """Log density of whole rows under the model of the learned columns; None if it has none.

    Rows of columns or kinds other than those learned raise ConfigError.
    """
    inner = chosen(model)
    if not isinstance(inner.levels, Dense):
        return None

    def log_prob(table: Table) -> np.ndarray:
        kinds = {column.name: column.kind for column in table.schema.columns}
        for column in model.schema.columns:
            if kinds.get(column.name) is not column.kind:
                found = f"learned column {column.name!r} as {column.kind}, which it is not here"
                raise ConfigError("--model", found, "Give the model that made the table")
        return np.asarray(inner.log_prob(reduced(table, model.steps, model.rules)))

    return log_prob


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
    scope: Scope = Scope(),
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
        full=scope.full,
    )
    risks, more = _attacked(real, synth, holdout, scope, seed, progress)
    telling = battery.scores["detector_auc"].by if "detector_auc" in battery.scores else {}
    cards = deal(
        real,
        synth,
        holdout if scope.real_cards else None,
        first=[name for name in (real.schema.target, *telling) if name],
        seed=seed.child("judge"),
    )
    return build(
        battery,
        title=title,
        risks=risks,
        cards=cards,
        rules=rules,
        candidates=candidates,
        notes=(*notes, *more),
        provenance=provenance,
        schema=real.schema,
    )


def _attacked(
    real: Table, synth: Table, holdout: Table | None, scope: Scope, seed: Seed, progress: Progress
) -> tuple[dict[str, Risk], tuple[str, ...]]:
    """What attacks found, if they are wanted and there is anybody to compare with; and notes."""
    if not scope.full:
        return {}, ()
    if holdout is None:
        return {}, ("No attack was tried: there are no held-out real rows to compare with.",)
    found = attack(
        synth,
        real,
        holdout,
        target=real.schema.target,
        log_prob=scope.log_prob,
        seed=seed.child("attack"),
        progress=progress,
    )
    return found.risks, found.notes


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

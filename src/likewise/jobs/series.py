"""Rows that follow each other in: a series, or events of entities; synthetic ones out."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from likewise.core.atomic import Put, together
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.convert import to_source
from likewise.data.discover import Found
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.io.dialect import dialect_for, format_notes
from likewise.io.read import read_raw
from likewise.io.write import write_blocks
from likewise.jobs.clock import Clock
from likewise.jobs.events_fit import EVENTS
from likewise.jobs.judge import for_file, hash_of, provenance
from likewise.jobs.plan import STREAM, Plan, twin
from likewise.jobs.resume import kept_until_done
from likewise.jobs.saved import SavedEvents, SavedSeries, save
from likewise.jobs.series_fit import REGULAR
from likewise.jobs.way import Way
from likewise.metrics.battery import evaluate
from likewise.metrics.sequence_battery import evaluate_sequences
from likewise.report.build import build
from likewise.report.document import Provenance, Report
from likewise.report.gate_file import refuse_unknown_columns
from likewise.report.gates import failures
from likewise.report.write import write as write_report

ROWS_ALONE = ("detector_auc", "near_copies", "exact_copies", "dcr_share", "utility")  # not series


@dataclass(frozen=True)
class SeriesOutcome:
    """What a run found, made and wrote.

    Attributes:
        plan: what was asked for, the time column found where it was not named.
        schema: of the input.
        report: the judgement; None when the plan wanted none.
        saved: the model behind the output.
        rows: rows by role: input, train, holdout, synthetic.
        notes: what was met on the way, in sentences.
        changed: those of them on what was mended on reading or altered on writing.
        rules: none that were looked for in the whole table.
        files: paths by role.
        seconds: wall time by stage, and in all.
    """

    plan: Plan
    schema: Schema
    report: Report | None
    saved: SavedSeries | SavedEvents
    rows: dict[str, int]
    notes: tuple[str, ...]
    changed: tuple[str, ...]
    files: dict[str, str]
    seconds: dict[str, float]
    rules: tuple[Found, ...] = ()

    @property
    def gates_failed(self) -> list[str]:
        """The gates of the plan that the report does not pass, a sentence each."""
        return [] if self.report is None else failures(self.report, *self.plan.gates)

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``: the report, with files and times."""
        told = {"seed": self.plan.seed, "files": self.files, "seconds": self.seconds}
        if self.report is not None:
            failed = {"gates_failed": self.gates_failed} if self.plan.gates else {}
            return {**self.report.model_dump(mode="json"), **told, **failed}
        return {"version": 1, "rows": self.rows, "notes": list(self.notes), **told}


def run(plan: Plan, progress: Progress = silent) -> SeriesOutcome:
    """Do what the plan says; all files appear together at the end, or none does."""
    way = REGULAR if plan.series else EVENTS
    way.check(plan).check_outputs()
    with kept_until_done(plan) as folder, together() as put:
        return _run(way, plan, put, progress, folder)


def _run(way: Way, plan: Plan, put: Put, progress: Progress, folder: Path | None) -> SeriesOutcome:
    clock = Clock()
    recipe = way.recipe(plan)
    with clock.stage("read", progress):
        raw = read_raw(plan.input)
    with clock.stage("understand", progress):
        table, plan = way.table(raw, plan)
        for asked in plan.gates:
            refuse_unknown_columns(asked, table.schema.names)
        train, holdout, note = way.split(table, plan)
    rows = {"input": table.rows, "train": train.rows}
    rows |= {} if holdout is None else {"holdout": holdout.rows}
    with clock.stage("learn", progress):
        model = way.learn(train, recipe, plan, progress, folder)
    count = way.count(table, plan) if plan.rows is None else plan.rows
    with clock.stage("sample", progress):
        made = model.sample(count, seed=Seed(plan.seed).child("sample"))
        written = _write(made, plan, raw.dialect, put)
    rows["synthetic"] = made.rows
    saved = way.keep(model, raw, plan)
    notes = (*raw.notes, note, *model.notes, *written)
    report = None
    if plan.judge:
        with clock.stage("judge", progress):
            shown = made
            if count < way.learned(model):
                shown = model.sample(seed=Seed(plan.seed).child("sample"))
            whose = provenance(
                seed=Seed(plan.seed), rows=rows, hashes=hash_of(plan.input), command=plan.command,
                generator=saved.generator, settings=way.settings(model),
            )  # fmt: skip
            report = judge_series(
                train, shown, holdout, title=raw.name, time=plan.time, entity=plan.entity,
                provenance=whose, seed=Seed(plan.seed), notes=notes, progress=progress,
                ordered=plan.series,
            )  # fmt: skip
        if plan.report is not None:
            write_report(for_file(report), plan.report, twin(Path(plan.report)), put=put)
    if plan.model is not None:
        save(saved, plan.model, put=put)
    return SeriesOutcome(
        plan=plan, schema=table.schema, report=report, saved=saved, rows=rows, notes=notes,
        changed=(*raw.notes, *written), seconds=clock.total(),
        files={what: str(path) for what, path in plan.outputs.items()},
    )  # fmt: skip


def judge_series(
    real: Table,
    synth: Table,
    holdout: Table | None,
    *,
    title: str,
    time: str | None,
    entity: str | None,
    provenance: Provenance,
    seed: Seed,
    notes: tuple[str, ...] = (),
    progress: Progress = silent,
    ordered: bool = True,
) -> Report:
    """Judge rows one by one, without their order, and then how they follow each other.

    ``ordered`` says that rows stand in equal steps already, so that time tells nothing more.
    """
    found, more = evaluate_sequences(
        real, synth, holdout, entity=entity, time=None if ordered else time,
        seed=seed.child("judge"), progress=progress,
    )  # fmt: skip
    names = [name for name in real.names if name not in (time, None if ordered else entity)]
    names = names or [name for name in real.names if name == time]
    battery = evaluate(
        real.select(names),
        synth.select(names),
        None if holdout is None else holdout.select(names),
        seed=seed.child("judge"),
        progress=progress,
        quick=True,
    )
    scores = {k: v for k, v in battery.scores.items() if k not in ROWS_ALONE}
    battery = replace(battery, scores={**found, **scores}, notes=(*battery.notes, *more))
    return build(
        battery, title=title, notes=notes, provenance=provenance, schema=real.schema.select(names)
    )


def _write(made: Table, plan: Plan, dialect: Any, put: Put) -> tuple[str, ...]:
    """Write the rows where the plan wants them; notes on what was altered."""
    if plan.output is None:
        return ()
    target = dialect_for(plan.output or STREAM, dialect)
    notes = list(format_notes(plan.output, dialect, target))
    source = to_source(made, typed=dialect.textual and not target.textual)
    write_blocks(iter([source]), plan.output, target, notes=notes, put=put)
    return tuple(notes)

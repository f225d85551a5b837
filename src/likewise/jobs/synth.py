"""The main job: a real table in; a synthetic one, a report and a model out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from likewise.compose.certificate import Certifier
from likewise.compose.ruled import RuledModel
from likewise.core.atomic import Put, together
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.convert import to_source
from likewise.data.discover import Found
from likewise.data.rules import describe
from likewise.data.schema import Schema
from likewise.data.table import Table, concat
from likewise.io.dialect import dialect_for, format_notes
from likewise.io.read import Raw, read_raw
from likewise.io.write import write_blocks
from likewise.jobs.clock import Clock
from likewise.jobs.fit import candidates_of, chosen, keep, learn
from likewise.jobs.judge import Scope, density_of, for_file, hash_of, judge, provenance
from likewise.jobs.methods import changed, name_of, recipe_of
from likewise.jobs.plan import STREAM, Plan, twin
from likewise.jobs.resume import kept_until_done
from likewise.jobs.saved import Saved, save
from likewise.jobs.understand import refuse_formulas, rules_of, split, taken_as_missing, understand
from likewise.report.document import Provenance, Report, RuleReport
from likewise.report.gate_file import refuse_unknown_columns
from likewise.report.gates import failures
from likewise.report.write import write as write_report


@dataclass(frozen=True)
class Outcome:
    """What a run found, made and wrote.

    Attributes:
        plan: what was asked for.
        schema: of the input.
        rules: declared and found.
        report: the judgement; None when the plan wanted none.
        saved: the model behind the output.
        rows: rows by role: input, train, holdout, synthetic.
        notes: what was met on the way, in sentences.
        changed: those of them on what was mended on reading or altered on writing.
        files: paths by role.
        seconds: wall time by stage, and in all.
    """

    plan: Plan
    schema: Schema
    rules: tuple[Found, ...]
    report: Report | None
    saved: Saved
    rows: dict[str, int]
    notes: tuple[str, ...]
    changed: tuple[str, ...]
    files: dict[str, str]
    seconds: dict[str, float]

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


def run(plan: Plan, progress: Progress = silent) -> Outcome:
    """Do what the plan says; all files appear together at the end, or none does."""
    plan.check_outputs()
    with kept_until_done(plan) as folder, together() as put:
        return _run(plan, put, progress, folder)


def _run(plan: Plan, put: Put, progress: Progress, folder: Path | None) -> Outcome:
    clock = Clock()
    method = recipe_of(plan.generator, plan.settings, plan.budget)
    with clock.stage("read", progress):
        raw = read_raw(plan.input)
    with clock.stage("understand", progress):
        refuse_formulas(raw, plan.declared)
        table = understand(raw, plan)
        for asked in plan.gates:
            refuse_unknown_columns(asked, table.schema.names)
        train, holdout, note = split(table, plan)
        rules = rules_of(train)
    raw = _emptied(raw, taken_as_missing(raw, table.schema))
    rows = {"input": table.rows, "train": train.rows}
    rows |= {} if holdout is None else {"holdout": holdout.rows}
    with clock.stage("learn", progress):
        judged = model = learn(train, rules, method, plan, progress, folder)
        if plan.refit and holdout is not None:
            rules = rules_of(table)
            model = learn(table, rules, method, plan, progress, folder and folder / "refit")
    count = table.rows if plan.rows is None else plan.rows
    rows["synthetic"] = count
    with clock.stage("sample", progress):
        made = _make(
            model=model,
            rules=rules,
            count=count,
            wanted=train.rows,
            plan=plan,
            raw=raw,
            put=put,
            progress=progress,
        )
    notes = (*raw.notes, note, *model.notes, *made.notes)
    report = None
    if plan.judge:
        with clock.stage("judge", progress):
            rows_judged = made.head if model is judged else None
            report = judge(
                train,
                _judged(rows_judged, judged, train.rows, plan),
                holdout,
                title=raw.name,
                provenance=_provenance(plan, model, rows),
                seed=Seed(plan.seed),
                progress=progress,
                workers=plan.workers,
                scope=Scope(plan.full, plan.real_cards, density_of(judged) if plan.full else None),
                rules=made.certificates,
                candidates=candidates_of(judged),
                notes=notes,
            )
        if plan.report is not None:
            write_report(for_file(report), plan.report, twin(Path(plan.report)), put=put)
    saved = keep(model, raw, plan)
    if plan.model is not None:
        save(saved, plan.model, put=put)
    files = {what: str(path) for what, path in plan.outputs.items()}
    return Outcome(
        plan=plan,
        schema=table.schema,
        rules=rules,
        report=report,
        saved=saved,
        rows=rows,
        notes=notes,
        changed=(*raw.notes, *made.notes),
        files=files,
        seconds=clock.total(),
    )


@dataclass(frozen=True)
class _Made:
    head: Table | None  # the first rows written, as many as were learned, or None
    certificates: tuple[RuleReport, ...]
    notes: tuple[str, ...]


def _make(
    *,
    model: RuledModel,
    rules: Sequence[Found],
    count: int,
    wanted: int,
    plan: Plan,
    raw: Raw,
    put: Put,
    progress: Progress,
) -> _Made:
    """Draw, certify and write the rows block by block; memory does not grow with ``count``."""
    certifier = Certifier(model.rules, model.references)
    head: list[Table] = []
    output = plan.output
    dialect = dialect_for(output or STREAM, raw.dialect)

    def flow() -> Iterator[pa.Table]:
        done = 0
        seed = Seed(plan.seed).child("sample")
        for block in model.blocks(count, seed=seed, workers=plan.workers):
            certifier.add(block)
            if done < wanted:
                head.append(block.slice(0, wanted - done))
            done += block.rows
            yield to_source(block, typed=raw.dialect.textual and not dialect.textual)
            progress("sample", done, max(count, 1))

    notes: list[str] = []
    if output is None:
        for _ in flow():
            pass
    else:
        notes += format_notes(output, raw.dialect, dialect)
        write_blocks(flow(), output, dialect, notes=notes, put=put)
    certificates = _certificates(certifier, rules)
    return _Made(concat(head) if count >= wanted else None, certificates, tuple(notes))


def _certificates(certifier: Certifier, rules: Sequence[Found]) -> tuple[RuleReport, ...]:
    """What the report says about each rule that the output has to keep."""
    known = {found.rule: found for found in rules}
    return tuple(
        RuleReport(
            rule=describe(checked.rule),
            source="declared" if known[checked.rule].declared else "found",
            real_rows=known[checked.rule].real_rows,
            real_violations=known[checked.rule].real_violations,
            rows=checked.rows,
            violations=checked.violations,
        )
        for checked in certifier.result()
    )


def _judged(head: Table | None, model: RuledModel, wanted: int, plan: Plan) -> Table:
    """The rows to judge: those written, or as many as were learned when these are too few."""
    if head is not None:
        return head
    seed = Seed(plan.seed).child("sample")
    return concat(list(model.blocks(wanted, seed=seed, workers=plan.workers)))


def _provenance(plan: Plan, model: RuledModel, rows: dict[str, int]) -> Provenance:
    return provenance(
        seed=Seed(plan.seed),
        rows=rows,
        hashes=hash_of(plan.input),
        command=plan.command,
        generator=name_of(chosen(model).recipe),
        settings=changed(chosen(model).recipe),
    )


def _emptied(raw: Raw, notes: tuple[str, ...]) -> Raw:
    """The raw table without its rows, whose memory is free while a model is learned."""
    return Raw(raw.table.slice(0, 0), raw.dialect, raw.name, (*raw.notes, *notes))

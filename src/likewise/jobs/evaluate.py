"""A synthetic table judged against the real one, wherever it came from."""

from dataclasses import dataclass
from pathlib import Path

from likewise.core.errors import ConfigError
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.check import check
from likewise.data.discover import Found
from likewise.data.reference import learn_reference
from likewise.data.rules import describe
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.io.read import Raw, read_raw
from likewise.jobs.clock import Clock
from likewise.jobs.judge import Scope, density_of, for_file, hash_of, judge, provenance
from likewise.jobs.plan import check_writable, make_plan, refuse_overwriting, twin
from likewise.jobs.saved import load
from likewise.jobs.understand import (
    in_kinds_of,
    refuse_formulas,
    rules_of,
    taken_as_missing,
    understand,
    unordered,
)
from likewise.report.document import Report, RuleReport
from likewise.report.gate_file import Gates, refuse_unknown_columns
from likewise.report.write import write as write_report

SEED = 0  # judging is the same every time unless another seed is asked for


@dataclass(frozen=True)
class Evaluation:
    """What is to be judged.

    Attributes:
        real: path of the real table that was learned.
        synth: path of the table to judge.
        holdout: path of real rows that were not learned, or None.
        target: the column that models are trained to predict.
        declared: column kinds and rules that stand above what is found in ``real``.
        report: path of the HTML report, or None.
        model: path of the model that made the table, for attacks that look into it, or None.
        full: try attacks, and take the scores that need minutes.
        real_cards: show held-out real rows, in coarse form, among the cards of the report.
        gates: what the report will have to pass; only their columns are looked up here.
        seed: of the random parts of judging.
        workers: threads, None for all cores.
    """

    real: str
    synth: str
    holdout: str | None = None
    target: str | None = None
    declared: Schema | None = None
    report: str | None = None
    model: str | None = None
    full: bool = False
    real_cards: bool = False
    gates: tuple[Gates, ...] = ()
    seed: int = SEED
    workers: int | None = None


def run(wanted: Evaluation, progress: Progress = silent) -> Report:
    """Read, judge, and write the report if one is wanted."""
    clock = Clock()
    if wanted.real_cards and wanted.holdout is None:
        raise ConfigError("--real-cards", "there are no held-out rows to deal", "Give --holdout")
    if wanted.model is not None and not wanted.full:
        raise ConfigError("--model", "only attacks look into it", "Give --full as well")
    real, synth, holdout = raws_of(wanted, clock, progress)
    log_prob = None if wanted.model is None else density_of(load(wanted.model).model)
    scope = Scope(wanted.full, wanted.real_cards, log_prob)
    report = evaluate_raw(
        real,
        synth,
        holdout,
        target=wanted.target,
        declared=wanted.declared,
        scope=scope,
        gates=wanted.gates,
        seed=wanted.seed,
        workers=wanted.workers,
        hashes=hash_of(wanted.real, wanted.synth, wanted.holdout),
        clock=clock,
        progress=progress,
    )
    return ended(report, wanted.report, clock)


def raws_of(wanted: Evaluation, clock: Clock, progress: Progress) -> tuple[Raw, Raw, Raw | None]:
    """The real, the synthetic and the held-out table, once the report is known to be writable."""
    if wanted.report is not None:
        written = Path(wanted.report), twin(Path(wanted.report))
        for path in written:
            check_writable(path)
        refuse_overwriting(written, (wanted.real, wanted.synth, wanted.holdout))
    with clock.stage("read", progress):
        real, synth = read_raw(wanted.real), read_raw(wanted.synth)
        holdout = None if wanted.holdout is None else read_raw(wanted.holdout)
    return real, synth, holdout


def ended(report: Report, path: str | None, clock: Clock) -> Report:
    """The report with its files, which are written if a path says where, and its times."""
    files: dict[str, str] = {}
    if path is not None:
        data = str(twin(Path(path)))
        write_report(for_file(report), path, data)
        files = {"report": path, "report_json": data}
    return report.model_copy(update={"files": files, "seconds": clock.total()})


def evaluate_raw(
    real: Raw,
    synth: Raw,
    holdout: Raw | None,
    *,
    target: str | None = None,
    declared: Schema | None = None,
    scope: Scope = Scope(),  # noqa: B008
    gates: tuple[Gates, ...] = (),
    seed: int | Seed | None = SEED,
    workers: int | None = None,
    hashes: dict[str, str] | None = None,
    clock: Clock | None = None,
    progress: Progress = silent,
) -> Report:
    """Judge one raw table against another; the real one's schema holds for all."""
    clock = clock or Clock()
    if holdout is not None and holdout.table.equals(real.table):
        hint = "Give rows that were not learned"
        raise ConfigError("--holdout", "holds the very rows of the real table", hint)
    with clock.stage("understand", progress):
        plan = make_plan(declared=declared, target=target, seed=seed, workers=workers)
        others = [synth] if holdout is None else [synth, holdout]
        for raw in (real, *others):
            refuse_formulas(raw, declared)
        table = unordered(understand(real, plan), others, declared)
        for asked in gates:
            refuse_unknown_columns(asked, table.schema.names)
        made = in_kinds_of(synth, table.schema, "the synthetic table")
        kept = None if holdout is None else in_kinds_of(holdout, table.schema, "the holdout")
        notes = tuple(
            note
            for raw in (real, synth)
            for note in (*raw.notes, *taken_as_missing(raw, table.schema))
        )
        rules = tuple(_checked(found, table, made) for found in rules_of(table))
    rows = {"real": table.rows, "synthetic": made.rows}
    with clock.stage("judge", progress):
        return judge(
            table,
            made,
            kept,
            title=f"{synth.name} against {real.name}",
            provenance=provenance(
                seed=Seed(plan.seed),
                rows=rows if kept is None else {**rows, "holdout": kept.rows},
                hashes=hashes or {},
                command=None,
            ),
            seed=Seed(plan.seed),
            progress=progress,
            workers=plan.workers,
            scope=scope,
            rules=rules,
            notes=notes,
        )


def _checked(found: Found, real: Table, synth: Table) -> RuleReport:
    result = check(found.rule, synth, learn_reference(found.rule, real))
    return RuleReport(
        rule=describe(found.rule),
        source="declared" if found.declared else "found",
        real_rows=found.real_rows,
        real_violations=found.real_violations,
        rows=result.rows,
        violations=result.violations,
    )

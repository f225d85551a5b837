"""A run on a whole database: real tables in; synthetic ones, a report and a model out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from likewise.compose.invented import invented
from likewise.compose.relational import RelationalModel
from likewise.core.atomic import together
from likewise.core.errors import ConfigError
from likewise.core.progress import Deadline, Progress, silent
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.families import split_families
from likewise.data.integrity import check_integrity
from likewise.data.schema import Schema
from likewise.io.sql_url import is_url, parse_url
from likewise.jobs.clock import Clock
from likewise.jobs.evaluate_database import hashes_of, judge_databases
from likewise.jobs.linked_plan import LinkedPlan
from likewise.jobs.linked_source import Source, check_target, read_source, write_target
from likewise.jobs.plan import check_writable, refuse_overwriting, twin
from likewise.jobs.saved_linked import SavedLinked, save_linked
from likewise.report.database_document import DatabaseReport
from likewise.report.database_write import write_database_report
from likewise.report.gate_file import Gates, read_gates
from likewise.report.gates import database_failures, refuse_for_databases

LIST_ROWS, LIST_COLUMNS, LIST_CHILDREN = 200, 4, 10  # what lists of things have
FEWEST_ROWS = 50  # rows of the largest table below which no family can be spared to judge by


@dataclass(frozen=True)
class LinkedOutcome:
    """What a run on a database found, made and wrote.

    Attributes:
        plan: what was asked for.
        source: where the real tables come from, without a password.
        database: the real tables, with keys and relations.
        report: the judgement; None when the plan wanted none.
        gates: what it had to pass.
        rows: by table, real and synthetic rows.
        violations: synthetic rows that break a key, and references that lead nowhere beyond the
            gaps of the real tables.
        lists: tables that look like lists of things, and whose rows were made anew.
        notes: what was met on the way, in sentences.
        files: paths and addresses by role.
        seconds: wall time by stage, and in all.
    """

    plan: LinkedPlan
    source: str
    database: Database
    report: DatabaseReport | None
    gates: tuple[Gates, ...]
    rows: dict[str, tuple[int, int]]
    violations: int
    lists: tuple[str, ...]
    notes: tuple[str, ...]
    files: dict[str, str]
    seconds: dict[str, float]

    @property
    def gates_failed(self) -> list[str]:
        """The gates that the report does not pass, a sentence each."""
        return [] if self.report is None else database_failures(self.report, *self.gates)

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``: the report, with rows, files and times."""
        told: dict[str, Any] = {
            "seed": self.plan.seed,
            "tables_rows": {n: {"real": a, "synthetic": b} for n, (a, b) in self.rows.items()},
            "violations": self.violations,
            "files": self.files,
            "seconds": self.seconds,
        }
        if self.gates:
            told["gates_failed"] = self.gates_failed
        if self.report is not None:
            return {**self.report.model_dump(mode="json"), **told}
        return {"version": 1, "notes": list(self.notes), **told}


def run(plan: LinkedPlan, progress: Progress = silent, workers: int | None = None) -> LinkedOutcome:
    """Do what the plan says; files appear together at the end, or none does.

    Raises:
        LikewiseError: what reading, learning or writing raises.

    Cost: the tables in memory; that of ``Relational``, and of judging, on four in five families.
    """
    clock, gates = Clock(), _gates(plan)
    _check_outputs(plan)
    with clock.stage("read", progress):
        source = read_source(plan, progress)
        check_target(plan, source)
    real = _with_invented(plan, source)
    train, holdout, note = _split(plan, real)
    with clock.stage("learn", progress):
        model = plan.recipe.fit(
            train,
            seed=Seed(plan.seed).child("model"),
            run=Run(progress, Deadline(plan.budget), workers),
        )
    with clock.stage("sample", progress):
        counts = {name: real[name].rows for name in real.names}
        seed = Seed(plan.seed).child("sample")
        made = model.sample(plan.scale, rows=counts, seed=seed)
    made_up = tuple(
        f"{name}: its columns are made up from what is declared of them; only keys, references "
        "and how many rows there are were learned, and the report compares with what was made up"
        for name in plan.invented
    )
    notes = (*source.notes, note, *made_up, *model.notes)
    report = None
    with together() as put:
        if plan.report is not None:
            with clock.stage("judge", progress):
                judged = made if holdout is None and plan.scale == 1 else model.sample(seed=seed)
                report = judge_databases(
                    train, judged, holdout,
                    title=f"a synthetic copy of {source.name}", notes=notes,
                    seed=plan.seed, workers=workers, hashes=hashes_of(source.folders), clock=clock,
                    progress=progress, command=_command(plan), settings=plan.settings,
                    generator=plan.generator,
                )  # fmt: skip
            write_database_report(report, Path(plan.report), twin(Path(plan.report)), put=put)
        if plan.model is not None:
            saved = SavedLinked(model, dict(source.dialects), source.name, plan.seed)
            save_linked(saved, Path(plan.model), put=put)
        if plan.target is not None:
            with clock.stage("write", progress):
                notes = (*notes, *write_target(plan, source, made, progress))
    return LinkedOutcome(
        plan=plan,
        source=source.name,
        database=real,
        report=report,
        gates=gates,
        rows={name: (real[name].rows, made[name].rows) for name in real.names},
        violations=_violations(model, made),
        lists=_lists(plan, real),
        notes=notes,
        files=_files(plan),
        seconds=clock.total(),
    )


def _with_invented(plan: LinkedPlan, source: Source) -> Database:
    """The real tables, and in place of those to be invented what is made up for them."""
    if not plan.invented:
        return source.database
    nothing = Schema(columns=())
    said = {name: source.said.get(name, nothing) for name in plan.invented}
    return invented(source.database, said, Seed(plan.seed).child("invent"))


def _gates(plan: LinkedPlan) -> tuple[Gates, ...]:
    if plan.gates is None:
        return ()
    if plan.report is None:
        raise ConfigError("gates", "given without a report", "Name a report, or leave out gates")
    gates = read_gates(plan.gates)
    refuse_for_databases(gates)
    return (gates,)


def _check_outputs(plan: LinkedPlan) -> None:
    """Raise now if a file could not be written at the end."""
    files = [Path(f) for f in (plan.report, plan.model) if f]
    files += [twin(Path(plan.report))] if plan.report else []
    refuse_overwriting(files, [plan.source if Path(plan.source).is_file() else None, plan.gates])
    folders = [Path(f) for f in (plan.source, plan.target) if f and not is_url(f)]
    for path in files:
        check_writable(path)
        if any(path.absolute().parent == folder.absolute() for folder in folders):
            hint = "Write it elsewhere, so that it is not read as a table the next time"
            raise ConfigError(str(path), "lies in a folder of tables", hint)
    target = Path(plan.target) if plan.target and not is_url(plan.target) else None
    if target is not None and target.exists() and not plan.into_existing:
        if not target.is_dir() or any(target.iterdir()):
            hint = "Name a new folder, or say that it may hold files (into_existing)"
            raise ConfigError(str(target), "is there already", hint)
        if Path(plan.source).is_dir() and target.samefile(plan.source):
            raise ConfigError(str(target), "is the source itself", "Name another folder")


def _split(plan: LinkedPlan, real: Database) -> tuple[Database, Database | None, str]:
    """Tables to learn, tables of other families to judge by, and how it was done."""
    most = max(table.rows for table in real.tables)
    if plan.report is None or plan.holdout == 0 or most < FEWEST_ROWS:
        why = "too few rows to spare any" if most < FEWEST_ROWS else "as asked"
        return real, None, f"No families were kept back to judge by: {why}."
    train, holdout = split_families(real, plan.holdout, Seed(plan.seed).child("holdout"))
    if not all(table.rows for table in train.tables):
        return real, None, "No families were kept back to judge by: a table would become empty."
    kept = sum(table.rows for table in holdout.tables)
    whole = sum(table.rows for table in real.tables)
    return (
        train,
        holdout,
        f"{kept:,} of {whole:,} rows, whole families, were kept back to judge by.",
    )


def _violations(model: RelationalModel, made: Database) -> int:
    """What breaks a key, and references that lead nowhere where no real one does."""
    found = check_integrity(made)
    gaps = {
        model.schema.relations[i]
        for part in model.parts
        for i, lost in [
            (part.roles.owner, part.lost), *((ref.relation, ref.lost) for ref in part.chosen)
        ]
        if i >= 0 and lost > 0
    }  # fmt: skip
    broken = sum(check.broken for check in found.keys)
    return broken + sum(c.orphans for c in found.relations if c.relation not in gaps)


def _lists(plan: LinkedPlan, real: Database) -> tuple[str, ...]:
    """Short tables of few columns that refer to nothing and whose rows many others refer to."""
    kept = {table.name for table in plan.tables if table.mode == "real"}
    checks = check_integrity(real).relations
    found = []
    for entry in real.schema.tables:
        counts = [c.found / max(c.parents, 1) for c in checks if c.relation.parent == entry.name]
        alone = not entry.foreign_keys and entry.name not in kept
        short = real[entry.name].rows <= LIST_ROWS and len(entry.content.columns) <= LIST_COLUMNS
        if alone and short and max(counts, default=0) >= LIST_CHILDREN:
            found.append(entry.name)
    return tuple(found)


def _command(plan: LinkedPlan) -> str | None:
    """The command line that repeats the run, as far as one can."""
    if not plan.source or plan.tables or is_url(plan.source):
        return None
    words = ["likewise synth", Path(plan.source).name]
    words += [] if plan.scale == 1 else [f"--scale {plan.scale:g}x"]
    words += [] if plan.generator == "trees" else [f"--generator {plan.generator}"]
    words += [f"--set {name}={value}" for name, value in plan.settings.items()]
    return " ".join([*words, f"--seed {plan.seed}"])


def _files(plan: LinkedPlan) -> dict[str, str]:
    files = {"synthetic": plan.target, "model": plan.model, "report": plan.report}
    if plan.report:
        files["report_json"] = str(twin(Path(plan.report)))
    shown = {what: path for what, path in files.items() if path}
    return {what: _shown(path) for what, path in shown.items()}


def _shown(path: str) -> str:
    return str(parse_url(path)) if is_url(path) else path

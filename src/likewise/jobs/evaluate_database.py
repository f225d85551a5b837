"""A synthetic database judged against the real one: folders, frames by name, or databases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from likewise.core.errors import ConfigError, DataError
from likewise.core.progress import Progress, silent
from likewise.core.registry import suggest
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, TableSchema
from likewise.data.declared import to_declared
from likewise.data.infer_database import infer_database
from likewise.io.folder import RawFolder, read_raws
from likewise.io.read import Raw, hash_file
from likewise.jobs.clock import Clock
from likewise.jobs.evaluate import SEED
from likewise.jobs.judge import provenance
from likewise.jobs.plan import check_writable, make_plan, twin
from likewise.jobs.understand import in_kinds_of, refuse_formulas, unordered
from likewise.metrics.linked_battery import evaluate_linked
from likewise.report.database_build import build_database
from likewise.report.database_document import DatabaseReport
from likewise.report.database_write import write_database_report
from likewise.report.gate_file import Gates
from likewise.report.gates import refuse_for_databases


@dataclass(frozen=True)
class DatabaseEvaluation:
    """What is to be judged.

    Attributes:
        real: folder of the real tables that were learned.
        synth: folder of the tables to judge.
        holdout: folder of real tables whose families were not learned, or None.
        declared: what is known of the tables, above what is found.
        report: path of the HTML report, or None.
        gates: what the report will have to pass; only looked at for what databases do not have.
        seed: of the random parts of judging.
        workers: threads, None for all cores.
    """

    real: str
    synth: str
    holdout: str | None = None
    declared: tuple[TableSchema, ...] = ()
    report: str | None = None
    gates: tuple[Gates, ...] = ()
    seed: int = SEED
    workers: int | None = None


def run(wanted: DatabaseEvaluation, progress: Progress = silent) -> DatabaseReport:
    """Read, judge, and write the report if one is wanted."""
    clock = Clock()
    for gates in wanted.gates:
        refuse_for_databases(gates)
    folders = [f for f in (wanted.real, wanted.synth, wanted.holdout) if f is not None]
    if wanted.report is not None:
        page = Path(wanted.report)
        for path in (page, twin(page)):
            check_writable(path)
            if any(path.absolute().parent == Path(f).absolute() for f in folders):
                hint = "Write it elsewhere, so that it is not read as a table the next time"
                raise ConfigError(str(path), "lies in a folder of tables", hint)
    with clock.stage("read", progress):
        read = [read_raws(folder) for folder in folders]
    report = evaluate_raws(
        read[0].raws,
        read[1].raws,
        read[2].raws if wanted.holdout is not None else None,
        title=f"{Path(wanted.synth).name or wanted.synth} against {Path(wanted.real).name}",
        declared=_declared(read[0], wanted.declared),
        notes=_notes(read),
        seed=wanted.seed,
        workers=wanted.workers,
        hashes=hashes_of(folders),
        clock=clock,
        progress=progress,
    )
    files: dict[str, str] = {}
    if wanted.report is not None:
        page, data = Path(wanted.report), twin(Path(wanted.report))
        write_database_report(report, page, data)
        files = {"report": str(page), "report_json": str(data)}
    return report.model_copy(update={"files": files, "seconds": clock.total()})


def evaluate_raws(
    real: Mapping[str, Raw],
    synth: Mapping[str, Raw],
    holdout: Mapping[str, Raw] | None,
    *,
    title: str = "synthetic against real",
    declared: Sequence[TableSchema] = (),
    notes: Sequence[str] = (),
    seed: int | Seed | None = SEED,
    workers: int | None = None,
    hashes: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    progress: Progress = silent,
) -> DatabaseReport:
    """Judge raw tables against others; kinds, keys and relations of the real ones hold for all."""
    clock = clock or Clock()
    with clock.stage("understand", progress):
        database, made, kept = _understood(real, synth, holdout, declared)
    besides = [name for name in synth if name not in real]
    if besides:
        notes = (*notes, f"Tables that the real database lacks were left out: {_named(besides)}.")
    return judge_databases(
        database, made, kept, title=title, notes=notes, seed=seed, workers=workers,
        hashes=hashes, clock=clock, progress=progress,
    )  # fmt: skip


def judge_databases(
    real: Database,
    synth: Database,
    holdout: Database | None,
    *,
    title: str = "synthetic against real",
    notes: Sequence[str] = (),
    seed: int | Seed | None = SEED,
    workers: int | None = None,
    hashes: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    progress: Progress = silent,
    command: str | None = None,
    generator: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> DatabaseReport:
    """Measure a database against another beside a third, and put it in words."""
    clock = clock or Clock()
    plan = make_plan(seed=seed, workers=workers)
    rows = {"real": _rows(real), "synthetic": _rows(synth)}
    if holdout is not None:
        rows["holdout"] = _rows(holdout)
    with clock.stage("judge", progress):
        battery = evaluate_linked(
            real,
            synth,
            holdout,
            seed=Seed(plan.seed).child("judge"),
            progress=progress,
            workers=plan.workers,
        )
    origin = provenance(
        seed=Seed(plan.seed), rows=rows, hashes=hashes or {}, command=command,
        generator=generator, settings=settings,
    )  # fmt: skip
    return build_database(battery, title=title, schema=real.schema, provenance=origin, notes=notes)


def _understood(
    real: Mapping[str, Raw],
    synth: Mapping[str, Raw],
    holdout: Mapping[str, Raw] | None,
    declared: Sequence[TableSchema],
) -> tuple[Database, Database, Database | None]:
    """The databases, all under the schema of the real one."""
    known = {entry.name: entry for entry in declared}
    others = [("synthetic database", synth)]
    others += [("holdout", holdout)] if holdout is not None else []
    for who, raws in others:
        lacking = [name for name in real if name not in raws]
        if lacking:
            hint = suggest(lacking[0], list(raws))
            raise DataError(who, f"lacks the table{_s(lacking)} {_named(lacking)}", hint)
    tables = {}
    for name, raw in real.items():
        content = known[name].content if name in known else None
        given = content if content is not None and (content.columns or content.rules) else None
        rest = [raws[name] for _, raws in others]
        for one in (raw, *rest):
            refuse_formulas(one, given)
        table = to_declared(raw.table, given, where=f"table {name!r}")
        tables[name] = unordered(table, rest, given)
    schema = infer_database(tables, declared=tuple(known.values()))
    made = [_of_kinds(raws, schema, who) for who, raws in others]
    return Database.of(tables, schema), made[0], made[1] if holdout is not None else None


def _of_kinds(raws: Mapping[str, Raw], schema: DatabaseSchema, who: str) -> Database:
    read = {
        entry.name: in_kinds_of(raws[entry.name], entry.content, f"{who}, table {entry.name!r}")
        for entry in schema.tables
    }
    return Database.of(read, schema)


def _declared(folder: RawFolder, given: Sequence[TableSchema]) -> tuple[TableSchema, ...]:
    known = {entry.name: entry for entry in (*folder.declared, *given)}
    return tuple(known.values())


def _notes(read: Sequence[RawFolder]) -> list[str]:
    roles = ("real", "synthetic", "holdout")
    return [f"{role}: {note}" for role, one in zip(roles, read, strict=False) for note in one.notes]


def hashes_of(folders: Sequence[str]) -> dict[str, str]:
    """SHA-256 of every file, by folder and name."""
    return {
        f"{Path(folder).name}/{file.name}": hash_file(file)
        for folder in folders
        for file in sorted(Path(folder).iterdir())
        if file.is_file() and not file.name.startswith(".")
    }


def _rows(database: Database) -> int:
    return sum(table.rows for table in database.tables)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return ", ".join(map(repr, names[:5])) + more


def _s(names: Sequence[str]) -> str:
    return "" if len(names) == 1 else "s"

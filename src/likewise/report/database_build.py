"""From the numbers of a linked battery to the report on a database."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from likewise.data.database_schema import DatabaseSchema
from likewise.data.diagram import er_diagram
from likewise.report.build import column_reports, number_of
from likewise.report.database_document import (
    DatabaseReport,
    KeyReport,
    RelationReport,
    TableReport,
)
from likewise.report.database_findings import database_findings
from likewise.report.database_verdict import (
    COPIES,
    certain,
    certain_column,
    certain_of_table,
    database_gauges,
    database_sentence,
    database_verdict,
    judge_key,
    judge_relation,
    judge_table,
)
from likewise.report.document import Chart, Provenance
from likewise.report.limits_linked import LINKED

if TYPE_CHECKING:
    from likewise.data.integrity import KeyCheck
    from likewise.metrics.linked_results import LinkedBattery, RelationResult, TableResult

KEPT = 0.95  # share of real rows from which a shared table counts as kept
COLUMNS = 6  # the worst of each table
TOLD = (
    *("shape_error", "pair_error", "association_error", "missingness"),
    *("near_copies", "exact_copies", "aggregate_auc"),
)


def build_database(
    battery: "LinkedBattery",
    *,
    title: str,
    schema: DatabaseSchema,
    provenance: Provenance,
    notes: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> DatabaseReport:
    """Judge what was measured and put it in words.

    Args:
        battery: what ``metrics.linked_battery.evaluate_linked`` returned.
        title: what the report is about.
        schema: of the real database.
        provenance: what it takes to do it again.
        notes: what was met on the way, in sentences.
        files: what was written, by role.
        seconds: wall time by stage.
    """
    scores = {
        name: certain(name, number_of(name, battery.scores[name]))
        for name in LINKED
        if name in battery.scores
    }
    pairs = zip(*(counted.keys for counted in battery.keys), strict=True)
    keys = tuple(_key(*pair) for pair in pairs)
    relations = tuple(_relation(one) for one in battery.relations)
    tables = tuple(_table(one, schema) for one in battery.tables)
    verdict = database_verdict(scores, keys, relations, tables)
    told = [note for table in battery.tables for note in table.notes]
    return DatabaseReport(
        title=title,
        verdict=verdict,
        sentence=database_sentence(verdict, scores, keys, relations, tables),
        gauges=database_gauges(scores, keys, relations, tables),
        findings=database_findings(scores, keys, relations, tables),
        scores=scores,
        keys=keys,
        relations=relations,
        tables=tables,
        diagram=er_diagram(schema),
        families=battery.families,
        notes=tuple(dict.fromkeys([*notes, *battery.notes, *told])),
        provenance=provenance,
        seed=provenance.seed,
        files=dict(files or {}),
        seconds=dict(seconds or {}),
    )


def _key(real: "KeyCheck", synth: "KeyCheck") -> KeyReport:
    bare = KeyReport(
        table=real.table,
        columns=real.columns,
        primary=real.primary,
        real_rows=real.rows,
        real_broken=real.broken,
        rows=synth.rows,
        broken=synth.broken,
        verdict="pass",
    )
    return bare.model_copy(update={"verdict": judge_key(bare)})


def _relation(result: "RelationResult") -> RelationReport:
    real, synth, relation = result.real, result.synth, result.real.relation
    scores = {
        name: certain(name, number_of(name, result.scores[name]))
        for name in LINKED
        if name in result.scores
    }
    shares = (result.real_share, result.synth_share)
    of_real, of_synth = (tuple(round(100 * s, 3) for s in side) for side in shares)
    chart = Chart(labels=result.labels, real=of_real, synthetic=of_synth)
    bare = RelationReport(
        relation=str(relation),
        child=relation.child,
        columns=relation.columns,
        parent=relation.parent,
        to=relation.to,
        ties=result.ties,
        real_rows=real.rows,
        rows=synth.rows,
        real_missing=real.missing,
        missing=synth.missing,
        real_orphans=real.orphans,
        orphans=synth.orphans,
        real_parents=real.parents,
        parents=synth.parents,
        real_childless=real.childless,
        childless=synth.childless,
        scores=scores,
        chart=chart if chart.labels else None,
        verdict="pass",
    )
    return bare.model_copy(update={"verdict": judge_relation(bare)})


def _table(result: "TableResult", schema: DatabaseSchema) -> TableReport:
    battery = result.battery
    measured = {} if battery is None else dict(battery.scores)
    if result.aggregate is not None:
        measured["aggregate_auc"] = result.aggregate
    kept = result.kept >= KEPT
    told = [name for name in TOLD if name in measured and not (kept and name in COPIES)]
    scores = {
        name: certain_of_table(name, number_of(name, measured[name]), result.independent)
        for name in told
    }
    content = schema[result.name].content
    columns = column_reports(battery.columns, content) if battery is not None else ()
    columns = tuple(certain_column(column, result.independent) for column in columns)
    bare = TableReport(
        name=result.name,
        rows=dict(result.rows),
        shared=result.shared,
        kept=kept,
        scores=scores,
        columns=columns[:COLUMNS],
        compared=len(columns),
        verdict="pass",
    )
    return bare.model_copy(update={"verdict": judge_table(bare)})

"""What is worth knowing of a database, worst first: what, where, how much, why, what helps."""

from collections.abc import Iterator, Mapping, Sequence

from likewise.report.database_document import KeyReport, RelationReport, TableReport
from likewise.report.database_verdict import COPIES, KEYS
from likewise.report.document import Finding, Number
from likewise.report.verdict import KNOWN, ORDER, mark
from likewise.report.wording import count, percent, shown, titled

SHOWN = 5  # findings on the first screen
PARTS = 2  # pairs or features named as a cause
Ranked = tuple[float, Finding]


def database_findings(
    scores: Mapping[str, Number],
    keys: Sequence[KeyReport],
    relations: Sequence[RelationReport],
    tables: Sequence[TableReport],
) -> tuple[Finding, ...]:
    """All findings, worst first; filled up to five with the largest differences within limits."""
    ranked = [*_of_keys(keys), *_of_relations(relations), *_of_tables(tables)]
    ranked += _of_scores(scores, relations, tables)
    ranked.sort(key=lambda item: (-ORDER[item[1].severity], -item[0]))
    serious = [finding for _, finding in ranked if finding.severity != "pass"]
    mild = [finding for _, finding in ranked if finding.severity == "pass"]
    return tuple(serious + mild[: max(SHOWN - len(serious), 0)])


def _of_keys(keys: Sequence[KeyReport]) -> Iterator[Ranked]:
    for key in keys:
        if key.verdict == "pass":
            continue
        yield (
            100.0,
            Finding(
                severity=key.verdict,
                area="rules",
                what=f"{key.broken:,} of {count(key.rows, 'row')} repeat the key, or lack it",
                where=(f"{key.table} ({', '.join(key.columns)})",),
                value=key.broken / max(key.rows, 1),
                floor=key.real_broken / max(key.real_rows, 1),
                cause=KNOWN["broken_keys"].cause,
                help=KNOWN["broken_keys"].help,
            ),
        )


def _of_relations(relations: Sequence[RelationReport]) -> Iterator[Ranked]:
    for one in relations:
        refer = one.rows - one.missing
        if one.orphans and not one.real_orphans:
            yield (
                99.0,
                Finding(
                    severity=one.verdict,
                    area="rules",
                    what=f"{one.orphans:,} of {count(refer, 'reference')} lead to no row",
                    where=(one.relation,),
                    value=one.orphans / max(refer, 1),
                    floor=0.0,
                    cause=KNOWN["broken_references"].cause,
                    help=KNOWN["broken_references"].help,
                ),
            )
        for name, score in one.scores.items():
            yield _of_score(name, score, one.relation, _cause(name, score, one))


def _of_tables(tables: Sequence[TableReport]) -> Iterator[Ranked]:
    for table in tables:
        if table.kept:
            yield _of_kept(table)
        for name, score in table.scores.items():
            rank, finding = _of_score(name, score, table.name, _cause(name, score, None))
            if table.shared and name in COPIES and finding.severity == "fail":
                finding = finding.model_copy(update={"severity": "warn"})
            yield rank, finding
        for column in table.columns:
            if column.verdict != "pass" and column.error is not None:
                what = f"Its distribution is off by {percent(column.error)}"
                if column.floor is not None:
                    what += f", {percent(column.floor)} in a second real sample"
                over = column.error - (column.floor or 0.0)
                where = (f"{table.name}.{column.name}",)
                yield (
                    over / 0.05,
                    Finding(
                        severity="warn", area="fidelity", what=what, where=where,
                        value=column.error, floor=column.floor,
                    ),
                )  # fmt: skip


def _of_kept(table: TableReport) -> Ranked:
    return (
        1.0,
        Finding(
            severity="pass",
            area="privacy",
            what="Its rows are the real ones",
            where=(table.name,),
            cause="It is shared by rows of many families, and was kept as it is.",
            help="Right for countries or products; learn it anew if its rows are people.",
        ),
    )


def _of_scores(
    scores: Mapping[str, Number],
    relations: Sequence[RelationReport],
    tables: Sequence[TableReport],
) -> Iterator[Ranked]:
    """Scores of the whole, unless a relation or table tells the same as loudly."""
    parts = [*(r.scores for r in relations), *(t.scores for t in tables)]
    for name, score in scores.items():
        told = [ORDER[part[name].verdict] for part in parts if name in part]
        if name not in KEYS and ORDER[score.verdict] > max(told, default=-1):
            yield _of_score(name, score, "", KNOWN[name].cause)


def _of_score(name: str, score: Number, where: str, cause: str) -> Ranked:
    limit = KNOWN[name]
    what = f"{titled(limit.label)}: {shown(score.value, limit.unit)}"
    if score.floor is not None:
        what += f", where real data show {shown(score.floor, limit.unit)}"
    bad = score.verdict != "pass"
    rank = (100 - (mark(name, score) or 0)) / 20 + (0.5 if not where else 0.0)
    return (
        rank,
        Finding(
            severity=score.verdict,
            area=limit.area,
            what=what,
            where=(where,) if where else (),
            value=score.value,
            floor=score.floor,
            cause=cause if bad else "",
            help=limit.help if bad else "",
        ),
    )


def _cause(name: str, score: Number, relation: RelationReport | None) -> str:
    """The likely reason, with the parts that say most."""
    if name == "cardinality_error" and relation is not None:
        none = relation.childless / max(relation.parents, 1)
        real = relation.real_childless / max(relation.real_parents, 1)
        return f"{percent(none)} of parents have no child, {percent(real)} of real ones."
    cause = KNOWN[name].cause
    parts = [part.partition(", ")[0] for part in list(score.parts)[:PARTS]]
    return f"{cause} Most of all: {'; '.join(parts)}." if len(score.parts) > 1 else cause

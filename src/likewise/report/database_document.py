"""The report on a database as data: one versioned JSON object, from which its page is drawn.

Nothing here is a row of anybody's data: numbers of children are told in bins that hold at least ten
parents, columns in bins of at least ten records.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from likewise.report.document import Chart, ColumnReport, Finding, Number, Provenance, Verdict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseGauge(_Part):
    """One of the four dials, as ``document.Gauge``.

    Attributes:
        name: keys (and references), relations, tables (each by itself), or copies.
        value: the mark of the worst test, 0 to 100; None when no test of this kind could be run.
        interval: the mark at the ends of the test's 95 % interval.
        floor: the lowest mark a second real sample would get, by the floor's own interval.
        text: the test that decided, in a sentence.
    """

    name: Literal["keys", "relations", "tables", "copies"]
    value: float | None
    interval: tuple[float, float] | None = None
    floor: float | None = None
    verdict: Verdict
    text: str


class KeyReport(_Part):
    """A key, counted.

    Attributes:
        table: whose rows it tells apart.
        columns: of the key.
        primary: whether missing values break it.
        real_rows: real rows, of which ``real_broken`` are not told apart.
        rows: synthetic rows, of which ``broken`` are not told apart.
    """

    table: str
    columns: tuple[str, ...]
    primary: bool
    real_rows: int
    real_broken: int
    rows: int
    broken: int
    verdict: Verdict


class RelationReport(_Part):
    """A relation: counts, and its part in each score.

    Attributes:
        relation: in words, such as ``orders (customer_id) → customers (id)``.
        child: the table that refers.
        columns: of the reference.
        parent: the table that is referred to.
        to: the columns of its key.
        ties: whether child and parent stay together in a cut; else the parent table is shared.
        real_rows: real child rows, as ``rows`` synthetic ones.
        real_missing: real references of which a part is missing, as ``missing``.
        real_orphans: real references that lead nowhere, as ``orphans``.
        real_parents: real parent rows, as ``parents``.
        real_childless: real parents without a child, as ``childless``.
        scores: by name, beside their floors.
        chart: numbers of children in bins of ten real parents or more.
    """

    relation: str
    child: str
    columns: tuple[str, ...]
    parent: str
    to: tuple[str, ...]
    ties: bool
    real_rows: int
    rows: int
    real_missing: int
    missing: int
    real_orphans: int
    orphans: int
    real_parents: int
    parents: int
    real_childless: int
    childless: int
    scores: dict[str, Number] = {}
    chart: Chart | None = None
    verdict: Verdict


class TableReport(_Part):
    """A table by itself, keys and references left out.

    Attributes:
        rows: by role: real, synth, and holdout if there is one.
        shared: whether it is whole on both sides of a cut, as reference tables are.
        kept: whether it is shared and holds nothing but real rows, as reference tables may.
        scores: of the battery for single tables, and ``aggregate_auc``; those of copies are left
            out of a table that was kept.
        columns: the worst six.
        compared: how many columns were compared.
        verdict: the worst of its tests.
    """

    name: str
    rows: dict[str, int]
    shared: bool
    kept: bool = False
    scores: dict[str, Number] = {}
    columns: tuple[ColumnReport, ...] = ()
    compared: int = 0
    verdict: Verdict


class DatabaseReport(_Part):
    """Everything the page shows; this is also what ``--json`` prints.

    Attributes:
        diagram: the tables and relations as text for Mermaid.
        families: real families on the training side.
    """

    version: Literal[1] = 1
    kind: Literal["database"] = "database"
    title: str
    verdict: Verdict
    sentence: str
    gauges: tuple[DatabaseGauge, ...]
    findings: tuple[Finding, ...]
    scores: dict[str, Number]
    keys: tuple[KeyReport, ...]
    relations: tuple[RelationReport, ...]
    tables: tuple[TableReport, ...]
    diagram: str
    families: int
    notes: tuple[str, ...] = ()
    provenance: Provenance
    seed: int | None = None
    files: dict[str, str] = {}
    seconds: dict[str, float] = {}

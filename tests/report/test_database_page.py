"""The report on a database as data and as a page."""

import html
import json
import re
from pathlib import Path

import pytest
from tests.metrics.shops import SCHEMA, database, frames, replaced, shuffled
from tests.report.test_browser import CHROMIUM, browse

from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed
from likewise.metrics.linked_battery import evaluate_linked
from likewise.report.database_build import build_database
from likewise.report.database_document import DatabaseReport
from likewise.report.database_html import render_database
from likewise.report.database_write import database_schema_text, to_json, write_database_report
from likewise.report.document import Provenance
from likewise.report.gate_file import parse_gates
from likewise.report.gates import database_failures
from likewise.report.limits_linked import LINKED

DOCS = Path(__file__).parents[2] / "docs"
REAL = frames(0)


@pytest.fixture(scope="module")
def found() -> DatabaseReport:
    made = shuffled(frames(1), "orders", "customer_id")
    battery = evaluate_linked(database(REAL), database(made), seed=Seed(0))
    origin = Provenance(likewise="0", python="3", packages={})
    return build_database(battery, title="<b>shop</b>", schema=SCHEMA, provenance=origin)


def test_the_json_twin_reads_back_as_the_same_report(found):
    assert DatabaseReport.model_validate_json(to_json(found)) == found
    assert "NaN" not in to_json(found)


def test_the_published_schema_is_that_of_the_report():
    published = (DOCS / "reference" / "database-report.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == json.loads(database_schema_text())


def test_the_page_holds_verdict_tables_relations_and_the_diagram(found):
    page = render_database(found)
    for one in found.tables:
        assert f"<b>{one.name}</b>" in page
    for one in found.relations:
        assert one.relation in page
    assert page.count("<rect") >= len(found.tables)
    assert "erDiagram" in page
    assert "✕ fail" in page


def test_a_title_that_looks_like_markup_is_text(found):
    page = render_database(found)
    assert "<b>shop</b>" not in page
    assert "&lt;b&gt;shop&lt;/b&gt;" in page


def test_the_page_needs_no_network_and_runs_nothing(found):
    page = render_database(found)
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["']?https?:""", page)
    assert "default-src 'none'" in html.unescape(page)


def test_equal_reports_give_equal_pages(found):
    assert render_database(found) == render_database(found)


def test_the_worst_comes_first(found):
    order = {"fail": 0, "warn": 1, "pass": 2}
    severities = [order[finding.severity] for finding in found.findings]
    assert severities == sorted(severities)
    assert found.findings[0].severity == "fail"


def test_no_value_of_few_rows_appears_in_the_report():
    secret = "Zebedee Quaximodo"
    region = REAL["customers"].column("region").to_pylist()
    region[3] = secret
    real = replaced(REAL, "customers", "region", region)
    battery = evaluate_linked(database(real), database(real), seed=Seed(0))
    origin = Provenance(likewise="0", python="3", packages={})
    report = build_database(battery, title="", schema=database(real).schema, provenance=origin)
    assert secret not in to_json(report)
    assert secret not in render_database(report)


def test_gates_are_on_scores_and_the_verdict_alone(found):
    strict = parse_gates({"scores": {"association_lost": {"at_most": 0.3}}, "verdict": "warn"})
    said = database_failures(found, strict)
    assert [text.partition(":")[0] for text in said] == ["verdict", "association_lost"]
    assert database_failures(found, parse_gates({"scores": {"gap_error": {"excess": 0.1}}})) == []
    with pytest.raises(ConfigError, match="databases have none"):
        database_failures(found, parse_gates({"rules": {"violations": 0}}))
    with pytest.raises(ConfigError, match="no score of databases"):
        database_failures(found, parse_gates({"scores": {"utility": {"at_least": 0.5}}}))


def test_what_was_not_measured_passes_no_gate(found):
    asked = parse_gates({"scores": {"hop3_error": {"at_most": 0.9}}})
    assert database_failures(found, asked) == ["hop3_error: not measured"]


def test_both_files_are_written(found, tmp_path):
    write_database_report(found, tmp_path / "r.html", tmp_path / "r.json")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == render_database(found)
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["kind"] == "database"


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_page_opens_under_its_own_policy_without_an_error(found, tmp_path):
    page = tmp_path / "report.html"
    page.write_text(render_database(found), encoding="utf-8")
    ran = browse(page)
    assert "Refused to" not in ran.stderr
    assert "Scores of the whole" in ran.stdout


def test_names_of_any_letters_fit_the_diagram():
    odd = 'Bestellungen – ä "x" <y> and a very long tail of a name'
    tables = tuple(
        t.model_copy(update={"name": odd if t.name == "orders" else t.name,
                             "foreign_keys": tuple(
                                 k.model_copy(update={"table": odd}) if k.table == "orders" else k
                                 for k in t.foreign_keys)})
        for t in SCHEMA.tables
    )  # fmt: skip
    from likewise.data.database import Database
    from likewise.data.database_schema import DatabaseSchema

    whole = database(REAL)
    renamed = {odd if n == "orders" else n: whole[n] for n in whole.names}
    real = Database.of(renamed, DatabaseSchema(tables=tables))
    battery = evaluate_linked(real, real, seed=Seed(0))
    origin = Provenance(likewise="0", python="3", packages={})
    page = render_database(build_database(battery, title="", schema=real.schema, provenance=origin))
    assert "<y>" not in page


def test_the_pages_of_the_documentation_have_every_score_limit_and_field():
    page = (DOCS / "reference" / "report.md").read_text(encoding="utf-8")
    concept = (DOCS / "concepts" / "linked-scores.md").read_text(encoding="utf-8")
    for name, limit in LINKED.items():
        fail = "–" if limit.fail is None else f"{limit.fail:g}"
        assert f"| `{name}` | {limit.warn:g} | {fail} | {limit.why} |" in page
        assert f"`{name}`" in concept
    for name in DatabaseReport.model_fields:
        assert f"`{name}`" in page

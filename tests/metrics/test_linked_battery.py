"""All scores of a database beside their floors: what is wrong is found, what is right is not."""

from dataclasses import replace

import numpy as np
import pytest
from tests.data.linked_tables import entry, table
from tests.metrics.shops import SCHEMA, database, frames, replaced, shop, shuffled

from likewise.core.errors import DataError, SchemaError
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema
from likewise.data.families import split_families
from likewise.metrics import LINKED_METRICS
from likewise.metrics.linked_battery import evaluate_linked
from likewise.report.database_build import build_database
from likewise.report.document import Provenance
from likewise.report.limits_linked import LINKED

REAL = frames(0)
NOWHERE = Provenance(likewise="", python="", packages={})
ORDERS = "orders (customer_id) → customers (id)"


def report(real, synth, holdout=None, seed=0):
    battery = evaluate_linked(real, synth, holdout, seed=Seed(seed))
    return build_database(battery, title="", schema=real.schema, provenance=NOWHERE)


def verdicts(found):
    """Verdicts by score of the whole, and by (relation, score)."""
    whole = {name: score.verdict for name, score in found.scores.items()}
    parts = {(r.relation, n): s.verdict for r in found.relations for n, s in r.scores.items()}
    return whole, parts


@pytest.fixture(scope="module")
def second():
    return report(database(REAL), shop(1))


@pytest.fixture(scope="module")
def mixed():
    return report(database(REAL), database(shuffled(frames(1), "orders", "customer_id")))


def test_a_second_sample_of_the_same_law_passes(second):
    assert second.verdict == "pass"
    assert all(score.floor is not None for name, score in second.scores.items()
               if not name.startswith("broken"))  # fmt: skip


def test_every_score_has_a_metric_and_a_limit(second):
    assert set(LINKED_METRICS) == set(LINKED)
    assert set(second.scores) == set(LINKED) - {"hop3_error"}  # no chain is as long


def test_shuffled_references_keep_every_table_and_fail_relations(mixed):
    whole, parts = verdicts(mixed)
    assert mixed.verdict == "fail"
    assert whole["association_lost"] == "fail"
    assert parts[ORDERS, "association_lost"] == "fail"
    assert parts[ORDERS, "child_auc"] == "fail"
    tables = {one.name: one for one in mixed.tables}
    assert tables["customers"].scores["aggregate_auc"].verdict == "fail"
    for one in mixed.tables:
        alone = [s.verdict for n, s in one.scores.items() if n != "aggregate_auc"]
        assert set(alone) <= {"pass"}, one.name
    assert whole["broken_references"] == whole["cardinality_error"] == "pass"


def test_counts_made_constant_fail_cardinality():
    tables = frames(1)
    constant = np.arange(len(tables["orders"])) % 400
    made = database(replaced(tables, "orders", "customer_id", constant))
    found = report(database(REAL), made)
    assert verdicts(found)[1][ORDERS, "cardinality_error"] == "fail"
    assert found.verdict == "fail"
    for one in found.tables:
        alone = [s.verdict for n, s in one.scores.items() if n != "aggregate_auc"]
        assert set(alone) <= {"pass"}, one.name


def test_broken_keys_and_references_are_told_with_their_numbers():
    tables = frames(1)
    ids = tables["customers"].column("id").to_numpy().copy()
    ids[:5] = 399
    found = report(database(REAL), database(replaced(tables, "customers", "id", ids)))
    [key] = [one for one in found.keys if one.table == "customers"]
    assert (key.broken, key.real_broken, key.verdict) == (5, 0, "fail")
    owner = tables["orders"].column("customer_id").to_numpy()
    [relation] = [one for one in found.relations if one.relation == ORDERS]
    assert relation.orphans == (owner < 5).sum()
    assert found.verdict == "fail"
    assert "5 rows break a key" in found.sentence


@pytest.mark.long
def test_a_holdout_gives_the_floor_and_is_not_mistaken_for_the_synthetic():
    whole = shop(0, customers=800)
    train, held = split_families(whole, 0.25, Seed(0))
    battery = evaluate_linked(train, shop(1, customers=600), held, seed=Seed(0))
    found = build_database(battery, title="", schema=train.schema, provenance=NOWHERE)
    assert found.verdict == "pass"
    assert not any("No holdout" in note for note in found.notes)
    rows = {one.name: one.rows for one in found.tables}
    assert rows["customers"] == {"real": 600, "synth": 600, "holdout": 200}


@pytest.mark.long
def test_a_copy_of_all_rows_is_called_a_copy():
    whole = shop(0, customers=800)
    train, held = split_families(whole, 0.5, Seed(0))
    found = report(train, train, held)
    assert found.verdict == "fail"
    assert found.sentence.startswith("Do not share yet")
    customers = next(one for one in found.tables if one.name == "customers")
    assert customers.scores["exact_copies"].value == 1
    products = next(one for one in found.tables if one.name == "products")
    assert products.kept
    assert "exact_copies" not in products.scores


@pytest.mark.long
@pytest.mark.parametrize("customers", [150, 1200])
def test_more_or_fewer_families_of_the_same_shared_rows_are_no_fault(customers):
    assert report(database(REAL), shop(1, customers=customers)).verdict == "pass"


@pytest.mark.long
def test_the_same_seed_gives_the_same_scores(second):
    again = report(database(REAL), shop(1))
    assert again == second
    battery = evaluate_linked(database(REAL), shop(1), seed=Seed(0), workers=1)
    assert {n: s.value for n, s in battery.scores.items()} == {
        n: s.value for n, s in second.scores.items()
    }


def test_tables_without_relations_are_judged_one_by_one():
    tables = {"customers": REAL["customers"], "products": REAL["products"]}
    entries = tuple(t for t in SCHEMA.tables if t.name in tables)
    whole = database(REAL)
    alone = Database.of({n: whole[n] for n in tables}, DatabaseSchema(tables=entries))
    found = report(alone, alone)
    assert not found.relations
    assert any("No table refers to another" in note for note in found.notes)
    assert {one.name for one in found.tables if one.scores} == set(tables)


def test_empty_tables_and_tables_of_keys_alone_are_told():
    whole = Database.of(
        {
            "a": table(id=list(range(60)), x=[i % 7 for i in range(60)]),
            "b": table(a_id=list(range(60))).take(np.zeros(0, dtype=int)),
        },
        DatabaseSchema(
            tables=(
                entry("a", {"id": list(range(60)), "x": [i % 7 for i in range(60)]}, ("id",)),
                entry("b", {"a_id": list(range(60))}, refers=((("a_id",), "a", ("id",)),)),
            )
        ),
    )
    found = report(whole, whole)
    assert any("'b' has no column but keys" in note for note in found.notes)


def test_a_database_that_lacks_a_table_or_rows_is_refused():
    whole = database(REAL)
    part = SCHEMA.tables[0]
    other = Database.of({part.name: whole[part.name]}, DatabaseSchema(tables=(part,)))
    with pytest.raises(SchemaError, match="not in the database"):
        evaluate_linked(whole, other)
    nobody = replace(whole, tables=tuple(t.slice(0, 0) for t in whole.tables))
    with pytest.raises(DataError, match="has no rows"):
        evaluate_linked(nobody, whole)


@pytest.mark.long
def test_second_samples_pass_in_nineteen_of_twenty_seeds():
    passed = 0
    for seed in range(40):
        found = report(shop(2 * seed), shop(2 * seed + 1), seed=seed)
        passed += found.verdict == "pass"
    assert passed >= 38


@pytest.mark.long
def test_halves_of_families_pass_in_nineteen_of_twenty_seeds():
    whole = shop(0, customers=1500)
    passed = 0
    for seed in range(40):
        parts = split_families(whole, 0.5, Seed(seed))
        passed += report(*parts, seed=seed).verdict == "pass"
    assert passed >= 38

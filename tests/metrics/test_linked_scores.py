"""Scores of linked tables: answers that are known, and laws."""

import numpy as np
import pyarrow as pa
import pytest
from tests.metrics.shops import SCHEMA, database, frames, replaced, shop, shuffled

from likewise.core.seeds import Seed
from likewise.metrics import LINKED_METRICS
from likewise.metrics.aggregates import Feature, matrix
from likewise.metrics.association import association_lost
from likewise.metrics.cardinality import cardinality_error, cardinality_given_parent
from likewise.metrics.coded_sides import CodedSides
from likewise.metrics.degree_chart import degree_chart
from likewise.metrics.hops import hop1_error, hop2_error, hop3_error, paths, sibling_error
from likewise.metrics.linked_case import linked_case, whole_case
from likewise.metrics.linked_detection import aggregate_auc, child_auc
from likewise.metrics.marginal import shape_error
from likewise.metrics.references import broken_keys, broken_references, gap_error
from likewise.metrics.succession import interval_error, order_error

REAL = frames(0)


@pytest.mark.parametrize("name", [n for n in LINKED_METRICS if not n.endswith("_auc")])
def test_a_database_is_perfectly_faithful_to_itself(name):
    whole = database(REAL)
    assert LINKED_METRICS.load(name)(whole, whole).value <= 1e-12


def test_broken_references_are_counted_exactly():
    owner = REAL["orders"].column("customer_id").to_numpy().copy()
    owner[:37] = 10_000 + np.arange(37)
    score = broken_references(
        database(REAL), database(replaced(REAL, "orders", "customer_id", owner))
    )
    assert score.value == pytest.approx(37 / len(owner))
    assert list(score.by) == ["orders (customer_id) → customers (id)"]
    assert score.note == "37 in all, over 3 relations"


def test_repeated_and_missing_keys_are_counted_exactly():
    ids = REAL["customers"].column("id").to_pylist()
    ids[:5], ids[5:8] = [9] * 5, [None] * 3
    score = broken_keys(database(REAL), database(replaced(REAL, "customers", "id", ids)))
    assert score.value == pytest.approx(8 / len(ids))


def test_gaps_that_the_real_database_has_are_no_breach():
    owner = REAL["orders"].column("customer_id").to_numpy().copy()
    owner[::7] = 10_000
    gappy = database(replaced(REAL, "orders", "customer_id", owner))
    assert broken_references(gappy, gappy).value == 0
    assert gap_error(gappy, gappy).value == 0
    share = 1 / 3 * (owner == 10_000).mean()  # one of three relations
    assert gap_error(gappy, database(REAL)).value == pytest.approx(share)


def test_the_cardinality_error_is_one_minus_the_shape_similarity_of_counts():
    other = frames(1)
    found = cardinality_error(database(REAL), database(other)).by
    x, y = (
        np.bincount(t["orders"].column("customer_id").to_numpy(), minlength=400)
        for t in (REAL, other)
    )
    values = np.unique(np.concatenate([x, y]))
    gap = max(abs((x <= v).mean() - (y <= v).mean()) for v in values)
    assert found["orders (customer_id) → customers (id)"] == pytest.approx(gap)


def test_counts_made_constant_fail_cardinality_and_keep_every_table():
    count = len(REAL["orders"])
    made = database(replaced(REAL, "orders", "customer_id", np.arange(count) % 400))
    assert cardinality_error(database(REAL), made).by["orders (customer_id) → customers (id)"] > 0.3
    assert shape_error(database(REAL)["orders"], made["orders"]).value == 0


def test_counts_at_the_wrong_parents_keep_cardinality_and_fail_given_the_parent():
    order = np.random.default_rng(0).permutation(400)
    owner = order[REAL["orders"].column("customer_id").to_numpy()]
    real, made = database(REAL), database(replaced(REAL, "orders", "customer_id", owner))
    assert cardinality_error(real, made).value < 1e-12
    second = cardinality_given_parent(real, shop(5)).by
    name = "orders (customer_id) → customers (id) × wealth"
    assert cardinality_given_parent(real, made).by[name] > 1.5 * second[name]


def test_shuffled_references_fail_what_relations_tell_and_nothing_else():
    real, made = database(REAL), database(shuffled(REAL, "orders", "customer_id"))
    again = shop(5)
    assert cardinality_error(real, made).value < 1e-12
    for name in real.names:
        assert shape_error(real[name], made[name]).value == 0
    assert association_lost(real, made).value > 0.9
    assert association_lost(real, again).value < 0.25
    names = ("amount × wealth, orders (customer_id) → customers",
             "quantity × wealth, lines (order_id) → orders (customer_id) → customers")  # fmt: skip
    for metric, name in zip((hop1_error, hop2_error), names, strict=True):
        assert metric(real, made).by[name] > 10 * metric(real, again).by[name]
    assert sibling_error(real, made).value > 2 * sibling_error(real, again).value
    assert child_auc(again, made).by["orders (customer_id) → customers (id)"] > 0.75
    assert aggregate_auc(again, made).by["customers"] > 0.85


def test_a_pair_of_numbers_is_half_the_difference_of_correlations_after_the_join():
    other = frames(1)
    found = hop1_error(database(REAL), database(other)).by
    rs = []
    for tables in (REAL, other):
        owner = tables["orders"].column("customer_id").to_numpy()
        wealth = tables["customers"].column("wealth").to_numpy()[owner]
        rs.append(np.corrcoef(wealth, tables["orders"].column("amount").to_numpy())[0, 1])
    name = "amount × wealth, orders (customer_id) → customers"
    assert found[name] == pytest.approx(abs(rs[0] - rs[1]) / 2)


def test_paths_are_as_long_as_asked_for():
    assert [len(paths(SCHEMA, k, Seed(0))) for k in (1, 2, 3)] == [3, 1, 0]
    assert hop3_error(database(REAL), database(REAL)).note == "no paths"


def test_siblings_show_a_habit_that_no_pair_of_child_and_parent_does():
    rng = np.random.default_rng(0)
    channel = rng.permutation(REAL["orders"].column("channel").to_numpy(zero_copy_only=False))
    made = database(replaced(REAL, "orders", "channel", channel))
    real, again = database(REAL), shop(5)
    name = "channel × channel, siblings by orders (customer_id) → customers (id)"
    assert sibling_error(real, made).by[name] > 3 * sibling_error(real, again).by[name]


def test_times_between_siblings_and_their_order_are_seen():
    first = np.datetime64("2020-01-01")
    rng = np.random.default_rng(0)
    days = first + rng.integers(0, 1000, len(REAL["orders"]))
    made = database(replaced(REAL, "orders", "day", days))
    real, again = database(REAL), shop(5)
    assert order_error(real, again).value == 0
    assert order_error(real, made).value > 0.2
    assert interval_error(real, made).value > 3 * interval_error(real, again).value


def test_aggregates_are_what_a_group_by_gives():
    whole = database(REAL)
    sides = CodedSides(*whole_case(whole, whole))
    [relation] = [r for r in SCHEMA.relations if r.parent == "customers"]
    asked = [Feature("number", relation)]
    asked += [Feature(w, relation, "amount") for w in ("mean", "std", "min", "max")]
    asked += [Feature("different", relation, "channel"), Feature("share", relation, "channel", 0)]
    owner = REAL["orders"].column("customer_id").to_numpy()
    rows = np.flatnonzero(np.bincount(owner, minlength=400) > 1)[[9, 4, 100]]
    x, _ = matrix(sides, "customers", asked, rows, 1)
    amount = REAL["orders"].column("amount").to_numpy()
    channel = REAL["orders"].column("channel").to_numpy(zero_copy_only=False)
    names, counts = np.unique(channel, return_counts=True)
    common = names[counts.argmax()]
    for row, values in zip(rows, x, strict=True):
        mine = amount[owner == row]
        theirs = channel[owner == row]
        wanted = [len(mine), mine.mean(), mine.std(), mine.min(), mine.max()]
        wanted += [len(set(theirs)), (theirs == common).mean()]
        assert values == pytest.approx(wanted)


def test_a_parent_without_children_has_a_number_and_nothing_else():
    owner = np.ones(len(REAL["orders"]), dtype=int)
    whole = database(replaced(REAL, "orders", "customer_id", owner))
    sides = CodedSides(*whole_case(whole, whole))
    [relation] = [r for r in SCHEMA.relations if r.parent == "customers"]
    asked = [Feature("number", relation), Feature("mean", relation, "amount")]
    x, _ = matrix(sides, "customers", asked, np.array([0]), 0)
    assert x[0, 0] == 0
    assert np.isnan(x[0, 1])


def test_bins_of_a_degree_chart_hold_ten_real_parents_and_tell_no_extreme():
    rng = np.random.default_rng(0)
    real = np.concatenate([rng.poisson(2, 300), rng.geometric(0.02, 300), [100_000]])
    chart = degree_chart(real, rng.poisson(2, 50))
    assert all(round(share * len(real)) >= 10 for share in chart.real)
    assert sum(chart.real) == pytest.approx(1)
    assert sum(chart.synth) == pytest.approx(1)
    assert "100,000" not in " ".join(chart.labels)
    assert degree_chart(np.ones(9), np.ones(9)).labels == ()


def test_halves_share_no_family_and_all_tables_but_shared_ones_part():
    case = linked_case(database(REAL), shop(1), None, Seed(0))
    assert case.families.shared == {"products"}
    train, fresh = case.whole.train.linked, case.whole.fresh.linked
    assert train.rows("customers") == fresh.rows("customers") == 200
    assert train.rows("products") == fresh.rows("products") == 40


@pytest.mark.parametrize("customers", [100, 400, 1600])
def test_relations_to_shared_tables_are_compared_with_as_few_children(customers):
    """Whatever the number of customers, each product has as many lines on all sides."""
    case = linked_case(database(REAL), shop(1, customers=customers), None, Seed(0))
    [relation] = [r for r in SCHEMA.relations if r.parent == "products"]
    lines = [side.linked.degrees(relation).sum() for side in case.sides(relation)]
    assert min(lines) > 0.75 * max(lines)


def test_results_do_not_depend_on_the_order_of_rows():
    order = np.random.default_rng(0).permutation(len(REAL["orders"]))
    mixed = REAL | {"orders": REAL["orders"].take(pa.array(order))}
    real, again = shop(5), database(REAL)
    for metric in (cardinality_error, cardinality_given_parent, gap_error, order_error):
        assert metric(real, database(mixed)).value == pytest.approx(metric(real, again).value)

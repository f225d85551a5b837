"""Rows that references hold together stay together, and shared tables stay whole."""

import numpy as np
import pytest
from tests.data.linked_tables import entry, flights, table
from tests.metrics.shops import shop

from likewise.core.errors import SchemaError
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema
from likewise.data.families import find_families, split_families
from likewise.data.integrity import check_integrity
from likewise.data.linked import link


def _database(**tables):
    """Tables as (columns, primary key, references)."""
    read = {name: table(**columns) for name, (columns, *_) in tables.items()}
    entries = [entry(n, c, primary, refers=refers) for n, (c, primary, refers) in tables.items()]
    return Database.of(read, DatabaseSchema(tables=tuple(entries)))


def _ids(database, name, column="id"):
    return {int(i) for i in database[name].arrow.column(column).to_pylist()}


def test_a_customer_goes_with_all_orders_and_lines_and_products_stay_on_both_sides():
    whole = shop(0)
    rest, drawn = split_families(whole, 0.25, Seed(1))
    assert find_families(link(whole)).shared == {"products"}
    for name in ("customers", "orders", "lines"):
        assert not _ids(rest, name) & _ids(drawn, name)
        assert _ids(rest, name) | _ids(drawn, name) == _ids(whole, name)
    assert drawn["customers"].rows == 100
    assert rest["products"].arrow.equals(whole["products"].arrow)
    assert drawn["products"].arrow.equals(whole["products"].arrow)
    assert check_integrity(rest).violations == check_integrity(drawn).violations == 0


def test_the_same_seed_cuts_alike_and_another_does_not():
    whole = shop(0)
    once, twice, other = (split_families(whole, 0.5, Seed(s))[1] for s in (1, 1, 2))
    assert _ids(once, "customers") == _ids(twice, "customers") != _ids(other, "customers")


def test_a_root_that_must_part_does_and_another_that_ties_it_to_everybody_is_shared():
    whole = shop(0, customers=60)
    found = find_families(link(whole), roots=("products",))
    assert "products" not in found.shared
    assert {"orders", "customers"} <= found.shared
    with pytest.raises(SchemaError, match="not in the database"):
        find_families(link(whole), roots=("product",))


def test_two_roots_that_share_children_make_one_family():
    """Every account has two owners, every client one account: families are accounts."""
    n = 200
    whole = _database(
        account=({"id": list(range(n)), "limit": [i % 9 for i in range(n)]}, ("id",), ()),
        client=({"id": list(range(2 * n)), "age": [i % 70 for i in range(2 * n)]}, ("id",), ()),
        owns=(
            {"account_id": [i // 2 for i in range(2 * n)], "client_id": list(range(2 * n))},
            ("account_id", "client_id"),
            ((("account_id",), "account", ("id",)), (("client_id",), "client", ("id",))),
        ),
    )
    linked = link(whole)
    found = find_families(linked)
    assert not found.shared
    assert found.number(linked).families == n
    rest, drawn = split_families(whole, 0.5, Seed(0))
    assert (rest["client"].rows, drawn["client"].rows) == (n, n)
    assert check_integrity(rest).violations == check_integrity(drawn).violations == 0


def test_orphans_and_rows_without_a_reference_are_families_of_one():
    n = 100
    whole = _database(
        parent=({"id": list(range(n))}, ("id",), ()),
        child=(
            {"id": list(range(n)), "parent_id": [None] * 10 + [999] * 10 + list(range(80))},
            ("id",),
            ((("parent_id",), "parent", ("id",)),),
        ),
    )
    linked = link(whole)
    assert find_families(linked).number(linked).families == n + 20
    parts = split_families(whole, 0.5, Seed(0))
    orphans = [check_integrity(part).relations[0].orphans for part in parts]
    assert sum(orphans) == 10


def test_one_tree_of_everybody_is_cut_and_its_torn_references_are_emptied():
    n = 300
    whole = _database(
        employee=(
            {"id": list(range(n)), "boss_id": [None, *(i // 3 for i in range(1, n))]},
            ("id",),
            ((("boss_id",), "employee", ("id",)),),
        ),
        sale=(
            {"id": list(range(2 * n)), "employee_id": [i // 2 for i in range(2 * n)]},
            ("id",),
            ((("employee_id",), "employee", ("id",)),),
        ),
    )
    found = find_families(link(whole))
    assert not found.shared
    assert [r.child for r in found.ties] == ["sale"]
    rest, drawn = split_families(whole, 0.5, Seed(0))
    assert rest["employee"].rows == drawn["employee"].rows == n // 2
    assert check_integrity(rest).violations == check_integrity(drawn).violations == 0
    assert rest["employee"].missing("boss_id").sum() > 1


def test_small_trees_stay_whole():
    n = 300
    whole = _database(
        post=(
            {
                "id": list(range(n)),
                "reply_to_id": [None if i % 3 == 0 else i - 1 for i in range(n)],
            },
            ("id",),
            ((("reply_to_id",), "post", ("id",)),),
        ),
    )
    rest, drawn = split_families(whole, 0.5, Seed(0))
    assert rest["post"].rows == drawn["post"].rows == n // 2
    assert {i // 3 for i in _ids(rest, "post")}.isdisjoint({i // 3 for i in _ids(drawn, "post")})


def test_a_circle_of_two_tables_is_cut_at_the_small_one():
    n = 300
    whole = _database(
        department=(
            {"id": list(range(5)), "head_id": [0, 1, 2, 3, None]},
            ("id",),
            ((("head_id",), "employee", ("id",)),),
        ),
        employee=(
            {"id": list(range(n)), "department_id": [i % 5 for i in range(n)]},
            ("id",),
            ((("department_id",), "department", ("id",)),),
        ),
    )
    assert find_families(link(whole)).shared == {"department"}
    rest, drawn = split_families(whole, 0.5, Seed(0))
    assert rest["department"].rows == drawn["department"].rows == 5
    assert check_integrity(rest).violations == check_integrity(drawn).violations == 0


def test_what_a_shared_table_refers_to_is_shared_as_well():
    whole = shop(0)
    n = whole["products"].rows
    maker = table(id=list(range(4)), land=["a", "b", "a", "b"])
    tables = dict(zip(whole.names, whole.tables, strict=True))
    products = table(
        id=list(range(n)), maker_id=[i % 4 for i in range(n)], weight=[i / 7 for i in range(n)]
    )
    refers = ((("maker_id",), "makers", ("id",)),)
    entries = [
        *(t for t in whole.schema.tables if t.name != "products"),
        entry("makers", {"id": list(range(4)), "land": ["a", "b", "a", "b"]}, ("id",)),
        entry(
            "products",
            {
                "id": list(range(n)),
                "maker_id": [i % 4 for i in range(n)],
                "weight": [i / 7 for i in range(n)],
            },
            ("id",),
            refers=refers,
        ),
    ]
    linked = link(
        Database.of(
            tables | {"products": products, "makers": maker}, DatabaseSchema(tables=tuple(entries))
        )
    )
    assert find_families(linked).shared == {"products", "makers"}


def test_where_references_lead_is_the_same_after_a_cut_as_followed_anew(tmp_path):
    from likewise.data.infer_database import infer_database

    tables = flights(tmp_path)
    whole = Database.of(tables, infer_database(tables))
    linked = link(whole)
    families = find_families(linked)
    parts = families.number(linked).draw(0.5, Seed(0))
    part = linked.take({name: drawn for name, (_, drawn) in parts.items()})
    again = link(part.database)
    assert all(np.array_equal(part.parents[r], again.parents[r]) for r in linked.relations)
    assert "airlines" in families.shared

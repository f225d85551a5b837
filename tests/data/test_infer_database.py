"""Keys and relations that are found in tables, those that must not be, and how to overrule."""

import time
from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.linked_tables import flights, shop, table

from likewise.core.errors import SchemaError
from likewise.data.database import Database
from likewise.data.database_schema import ForeignKey, TableSchema, parse_database_schema
from likewise.data.dependency_order import generation_order
from likewise.data.infer_database import infer_database
from likewise.data.integrity import check_integrity


def relations(tables, **more):
    return {str(relation) for relation in infer_database(tables, **more).relations}


def keys(tables):
    return {entry.name: entry.primary_key for entry in infer_database(tables).tables}


def evidence(schema, relation):
    return next(" | ".join(r.evidence) for r in schema.relations if str(r) == relation)


@pytest.fixture(scope="module")
def air(tmp_path_factory):
    return infer_database(flights(tmp_path_factory.mktemp("air")))


def test_flights_have_their_published_keys(air):
    assert {entry.name: entry.primary_key for entry in air.tables} == {
        "airlines": ("carrier",),
        "airports": ("faa",),
        "planes": ("tailnum",),
        "weather": ("origin", "time_hour"),
        "flights": ("carrier", "flight", "time_hour"),
    }


def test_flights_have_their_published_relations_and_no_other(air):
    assert {str(relation) for relation in air.relations} == {
        "flights (carrier) → airlines (carrier)",
        "flights (tailnum) → planes (tailnum)",
        "flights (origin) → airports (faa)",
        "flights (dest) → airports (faa)",
        "flights (origin, time_hour) → weather (origin, time_hour)",
        "weather (origin) → airports (faa)",
    }


def test_the_planes_that_are_missing_are_counted(air):
    said = evidence(air, "flights (tailnum) → planes (tailnum)")
    assert "both are named tailnum" in said
    assert "334,264 of 336,776 rows refer to a parent, 50,094 (14.99 %) of them to one" in said


def test_a_shop_is_found_whole_and_small_numbers_refer_to_nothing():
    schema = infer_database(shop())
    assert {entry.name: entry.primary_key for entry in schema.tables} == {
        "customers": ("id",),
        "orders": ("order_id",),
        "products": ("product_id",),
        "order_lines": ("order_id", "product_id"),
    }
    assert {str(relation) for relation in schema.relations} == {
        "orders (customer_id) → customers (id)",
        "order_lines (order_id) → orders (order_id)",
        "order_lines (product_id) → products (product_id)",
    }
    assert list(schema.link_tables) == ["order_lines"]


def test_orphans_are_borne_with_as_far_as_the_name_speaks_for_the_relation():
    tables = shop()
    few = tables["orders"].slice(0, 240)  # a fifth of the order lines lose their order
    assert "order_lines (order_id) → orders (order_id)" in relations({**tables, "orders": few})
    half = tables["orders"].slice(0, 150)
    assert "order_lines (order_id) → orders (order_id)" not in relations({**tables, "orders": half})


def test_a_table_may_refer_to_itself_where_a_role_is_named_and_no_circle_arises():
    n = 60
    staff = {"id": list(range(1, n + 1)), "manager_id": [None, *(1 + i // 3 for i in range(n - 1))]}
    assert relations({"staff": table(**staff)}) == {"staff (manager_id) → staff (id)"}
    heads = {"id": staff["id"], "head_count": [1 + (i * 7) % 12 for i in range(n)]}
    assert not relations({"staff": table(**heads)})


def test_tables_may_refer_to_each_other_in_a_circle():
    departments = table(
        department_id=list(range(1, 13)), head_employee_id=[5 * i + 2 for i in range(12)]
    )
    employees = table(
        employee_id=list(range(1, 61)),
        department_id=[None if i % 9 == 0 else 1 + i // 5 for i in range(60)],
    )
    schema = infer_database({"departments": departments, "employees": employees})
    assert {str(relation) for relation in schema.relations} == {
        "departments (head_employee_id) → employees (employee_id)",
        "employees (department_id) → departments (department_id)",
    }
    (circle,) = generation_order(schema)
    assert circle.tables == ("departments", "employees")
    assert circle.describe(schema).endswith(
        "may be filled afterwards: employees (department_id) → departments (department_id)"
    )


def test_a_reference_of_several_columns_may_be_missing_in_part():
    rooms = table(floor=[i // 20 for i in range(200)], door=[i % 20 for i in range(200)])
    desks = table(
        desk_id=list(range(600)),
        floor=[None if i % 10 == 0 else i // 3 // 20 for i in range(600)],
        door=[i // 3 % 20 for i in range(600)],
    )
    schema = infer_database({"rooms": rooms, "desks": desks})
    assert schema["rooms"].primary_key == ("floor", "door")
    said = evidence(schema, "desks (floor, door) → rooms (floor, door)")
    assert "540 of 600 rows refer to a parent" in said
    assert "rows with a part of the reference only: 60" in said


def test_two_references_to_one_table_are_told_apart_by_their_roles():
    teams = table(team_id=list(range(1, 31)), city=[f"c{i % 9}" for i in range(30)])
    games = table(
        game_id=list(range(500, 740)),
        home_team_id=[1 + i % 30 for i in range(240)],
        away_team_id=[1 + (i * 7 + 3) % 30 for i in range(240)],
    )
    assert relations({"games": games, "teams": teams}) == {
        "games (home_team_id) → teams (team_id)",
        "games (away_team_id) → teams (team_id)",
    }


def test_a_key_may_be_a_reference_too_and_leads_to_the_table_it_is_named_after():
    rng = np.random.default_rng(0)
    ids = np.sort(rng.choice(10_000, 200, replace=False))
    vehicles = table(vehicle_id=ids, wheels=rng.integers(2, 5, 200))
    cars = table(vehicle_id=ids[::2], doors=rng.integers(2, 6, 100))
    trucks = table(vehicle_id=ids, load=rng.integers(1, 9, 200))  # the same keys, one to one
    rides = table(ride_id=np.arange(500), vehicle_id=rng.choice(ids, 500))
    tables = {"cars": cars, "rides": rides, "trucks": trucks, "vehicles": vehicles}
    schema = infer_database(tables)
    assert {str(relation) for relation in schema.relations} == {
        "cars (vehicle_id) → vehicles (vehicle_id)",
        "rides (vehicle_id) → vehicles (vehicle_id)",
        "trucks (vehicle_id) → vehicles (vehicle_id)",
    }
    said = evidence(schema, "rides (vehicle_id) → vehicles (vehicle_id)")
    assert said.startswith("both are named vehicle_id; trucks (vehicle_id) would fit as well | ")


def test_a_reference_may_go_to_a_key_that_is_not_the_primary_one():
    users = table(id=list(range(1, 101)), account_no=[f"A{i * 37 % 1000:04d}" for i in range(100)])
    payments = table(
        payment_id=list(range(400)), account_no=[f"A{i % 90 * 37 % 1000:04d}" for i in range(400)]
    )
    schema = infer_database({"users": users, "payments": payments})
    assert schema["users"].unique == (("account_no",),)
    assert [str(r) for r in schema.relations] == ["payments (account_no) → users (account_no)"]


def test_codes_without_a_name_count_where_chance_is_ruled_out_and_small_numbers_do_not():
    rng = np.random.default_rng(1)
    codes = sorted({"".join(rng.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), 3)) for _ in range(200)})
    ports = table(iata=codes, height=rng.gamma(2, 100, len(codes)))
    trips = table(
        trip_id=np.arange(900), start=rng.choice(codes[:50], 900), legs=rng.integers(1, 5, 900)
    )
    goods = table(sku=[f"P{i:04d}" for i in range(500)], weight=rng.gamma(2, 1, 500))
    visits = table(guest=[f"P{i % 90:04d}" for i in range(600)], nights=rng.integers(1, 5, 600))
    assert not relations({"goods": goods, "visits": visits})  # numbered, after any one letter
    levels = table(level_id=np.arange(1, 31), pay=rng.gamma(2, 10, 30))
    schema = infer_database({"trips": trips, "ports": ports, "levels": levels})
    assert [str(r) for r in schema.relations] == ["trips (start) → ports (iata)"]
    said = schema.relations[0].evidence[0]
    assert "odds of 1 to 1,000,000 or longer that all values fit by chance" in said
    marks = table(mark_no=[3 * i * i for i in range(40)], height=rng.gamma(2, 100, 40))
    walks = table(walk_id=np.arange(90), start_no=[3 * (i % 4) ** 2 for i in range(90)])
    (relation,) = infer_database({"marks": marks, "walks": walks}).relations
    assert "odds of 1 to 1,000 or longer" in relation.evidence[0]  # (4 / 28) ** 4, coarsened


def test_a_word_that_is_short_for_the_parent_will_do_where_most_parents_are_referred_to():
    shippers = table(ShipperID=[1, 2, 3], Fax=["a", "b", "a"])
    orders = table(OrderID=list(range(500, 590)), ShipVia=[1 + i % 3 for i in range(90)])
    schema = infer_database({"Shippers": shippers, "Orders": orders})
    assert evidence(schema, "Orders (ShipVia) → Shippers (ShipperID)").startswith(
        "ShipVia has a word that is short for Shippers; most of the key's values are referred to |"
    )
    many = table(ShipperID=list(range(1, 41)), Fax=["a", "b"] * 20)
    assert not relations({"Shippers": many, "Orders": orders})


def test_several_columns_are_a_key_only_if_chance_would_have_repeated_them():
    rng = np.random.default_rng(2)
    shops, days = np.divmod(rng.permutation(4_000), 100)
    sold = table(shop=shops, day=days, sales=rng.integers(0, 10_000, 4_000))
    assert keys({"sold": sold}) == {"sold": ("shop", "day")}
    noise = table(**{name: rng.integers(0, 900, 1_000) for name in "abcd"})
    assert keys({"noise": noise}) == {"noise": ()}


def test_measurements_and_prose_are_never_a_key():
    n = 100
    prose = [
        f"a long remark about the weather of day {i} and nothing else at all" for i in range(n)
    ]
    noted = table(size=[i + 0.5 for i in range(n)], remark=prose, grade=["a", "b"] * (n // 2))
    assert keys({"noted": noted}) == {"noted": ()}


def test_a_table_of_references_alone_is_a_link_even_if_one_of_them_never_repeats():
    staff = table(staff_id=list(range(1, 10)), age=[30, 31, 32, 33, 30, 31, 32, 33, 30])
    areas = table(
        area_id=[f"{i * 7:05d}" for i in range(53)], region=["n", "s", "w"] * 17 + ["n", "s"]
    )
    link = table(
        staff_id=[1 + i % 9 for i in range(49)], area_id=[f"{i * 7:05d}" for i in range(49)]
    )
    schema = infer_database({"staff": staff, "areas": areas, "staff_areas": link})
    assert schema["staff_areas"].primary_key == ("staff_id", "area_id")
    assert list(schema.link_tables) == ["staff_areas"]
    some = [None if i % 5 == 0 else 1 + i % 9 for i in range(49)]
    gaps = table(area_id=[f"{i * 7:05d}" for i in range(49)], staff_id=some)
    schema = infer_database({"staff": staff, "areas": areas, "staff_areas": gaps})
    assert len(schema["staff_areas"].foreign_keys) == 2
    assert schema["staff_areas"].primary_key == ("area_id",)  # a primary key is never missing


def test_empty_tables_and_empty_columns_refer_to_nothing():
    tables = shop()
    tables["orders"] = tables["orders"].slice(0, 0)
    tables["blank"] = table(product_id=[None] * 30, order_id=[None] * 30)
    schema = infer_database(tables)
    assert schema["orders"].primary_key == ()
    assert {str(r) for r in schema.relations} == {
        "order_lines (product_id) → products (product_id)"
    }


def test_the_same_tables_in_another_order_give_the_same_relations_and_evidence():
    ids = [i * i for i in range(200)]
    twins = {name: table(vehicle_id=ids, doors=[i % 4 for i in ids]) for name in ("b", "c", "a")}
    twins["rides"] = table(ride_id=list(range(500)), vehicle_id=[ids[i % 190] for i in range(500)])
    for tables in (shop(), twins):
        found = [infer_database({name: tables[name] for name in order}).relations
                 for order in permutations(tables)]  # fmt: skip
        assert found[0]
        assert all(set(found[0]) == set(other) for other in found)


def test_what_is_declared_stands_and_the_rest_is_found():
    key = ForeignKey(columns=("referrer_id",), table="customers")
    declared = [
        TableSchema(name="customers", foreign_keys=(key,)),
        TableSchema(name="order_lines", primary_key=(), foreign_keys=()),
    ]
    schema = infer_database(shop(), declared=declared)
    assert schema["order_lines"].primary_key == ()
    assert schema["order_lines"].evidence == ("declared",)
    assert {str(relation) for relation in schema.relations} == {
        "customers (referrer_id) → customers (id)",
        "orders (customer_id) → customers (id)",
    }
    said = evidence(schema, "customers (referrer_id) → customers (id)")
    assert said.startswith("declared | 29 of 30 rows refer to a parent, 0 of them")


def test_a_declared_reference_makes_what_it_refers_to_a_key_if_nothing_repeats_there():
    tables = shop()
    key = ForeignKey(columns=("quantity",), table="products", to=("weight",))
    with pytest.raises(SchemaError, match="what it refers to is no key"):
        infer_database(tables, declared=[TableSchema(name="orders", foreign_keys=(key,))])
    key = ForeignKey(columns=("quantity",), table="customers", to=("referrer_id",))
    schema = infer_database(tables, declared=[TableSchema(name="orders", foreign_keys=(key,))])
    assert schema["customers"].unique == (("referrer_id",),)


def test_a_declared_further_key_that_is_the_primary_one_is_listed_once():
    declared = [TableSchema(name="customers", unique=(("id",), ("referrer_id",)))]
    found = infer_database(shop(), declared=declared)["customers"]
    assert (found.primary_key, found.unique) == (("id",), (("referrer_id",),))


def test_what_was_found_stands_when_it_is_declared(air, tmp_path):
    schema = infer_database(shop())
    again = infer_database(shop(), declared=schema.tables)
    assert [str(r) for r in again.relations] == [str(r) for r in schema.relations]
    assert [t.keys for t in again.tables] == [t.keys for t in schema.tables]
    for found in (schema, air):
        found.save(tmp_path / "schema.json")
        text = (tmp_path / "schema.json").read_text(encoding="utf-8")
        assert "evidence" in text


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"name": "order"}, "table 'order': declared, but not there. Did you mean 'orders'?"),
        ({"name": "orders", "primary_key": ["ordr_id"]}, "Did you mean 'order_id'?"),
        (
            {"name": "orders", "schema": {"columns": [{"name": "quantity", "kind": "category"}]}},
            "declared category, but was read as integer",
        ),
    ],
)
def test_a_declaration_that_contradicts_the_tables_is_refused(declared, said):
    with pytest.raises(SchemaError) as refused:
        infer_database(shop(), declared=[TableSchema.model_validate(declared)])
    assert said in str(refused.value)


def test_evidence_holds_no_cell():
    names = ["Aino", "Bruno", "Chiara", "Dmitri", "Eeva"]
    people = table(
        person=[f"{names[i % 5]}{i}" for i in range(60)], city=["Turku"] * 30 + ["Oulu"] * 30
    )
    visits = table(
        visit_no=list(range(200)), person=[f"{names[i % 5]}{i % 50}" for i in range(200)]
    )
    schema = infer_database({"people": people, "visits": visits})
    assert [str(r) for r in schema.relations] == ["visits (person) → people (person)"]
    said = [s for t in schema.tables for s in t.evidence]
    said += [s for r in schema.relations for s in r.evidence]
    assert not [s for s in said if any(name in s for name in [*names, "Turku", "Oulu"])]


def test_a_whole_schema_survives_a_file(air):
    plain = air.model_dump(mode="json", by_alias=True)
    assert parse_database_schema(plain) == air


COLUMN = st.sampled_from(["id", "a_id", "b_id", "parent", "name", "day", "no"])
CELL = st.one_of(st.none(), st.integers(0, 6).map(str), st.sampled_from(["x", "yy", "2020-01-02"]))


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_whatever_is_found_holds_in_the_tables(data):
    tables = {}
    for name in ("a", "bs", "a_b"):
        rows = data.draw(st.integers(0, 8))
        names = data.draw(st.lists(COLUMN, min_size=1, max_size=4, unique=True))
        cells = st.lists(CELL, min_size=rows, max_size=rows)
        columns = {column: pa.array(data.draw(cells), pa.string()) for column in names}
        tables[name] = table(**columns)
    schema = infer_database(tables)
    found = check_integrity(Database.of(tables, schema))
    assert not any(check.broken for check in found.keys)
    assert all(check.found >= 0.7 * (check.rows - check.missing) for check in found.relations)
    assert all(check.found for check in found.relations)
    order = [name for group in generation_order(schema) for name in group.tables]
    assert sorted(order) == sorted(tables)
    assert parse_database_schema(yaml.safe_load(schema.to_yaml())) == schema


@pytest.mark.slow
def test_a_million_children_take_seconds():
    rng = np.random.default_rng(3)
    n, m = 1_000_000, 100_000
    parents = table(code=[f"P{i:06d}" for i in range(m)], size=rng.gamma(2, 3, m))
    picked = rng.integers(0, m, n)
    children = table(
        line=np.arange(n), parent_code=np.char.mod("P%06d", picked), amount=rng.integers(0, 500, n)
    )
    start = time.perf_counter()
    found = relations({"parents": parents, "children": children})
    assert found == {"children (parent_code) → parents (code)"}
    assert time.perf_counter() - start < 20  # some 2 s on an idle core

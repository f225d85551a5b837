"""Parents come first; tables that refer to each other come together and are told."""

import random
from itertools import pairwise

import pytest
from tests.data.linked_tables import entry

from likewise.data.database_schema import DatabaseSchema
from likewise.data.dependency_order import generation_order
from likewise.data.diagram import er_diagram


def schema(edges, names="abcdef"):
    """Tables with a key ``id`` and a column for each (child, parent)."""
    tables = []
    for name in names:
        mine = [parent for child, parent in edges if child == name]
        columns = {"id": [1, 2, 3], **{f"to_{parent}": [1, 2, None] for parent in mine}}
        refers = [((f"to_{parent}",), parent, ("id",)) for parent in mine]
        tables.append(entry(name, columns, ("id",), refers=refers))
    return DatabaseSchema(tables=tuple(tables))


def groups(edges, names="abcdef"):
    return ["".join(group.tables) for group in generation_order(schema(edges, names))]


def test_parents_come_before_their_children():
    assert groups(["ab", "bc", "ad", "dc"], "abcd") == ["c", "b", "d", "a"]


def test_without_relations_the_order_is_that_of_the_schema():
    assert groups([]) == list("abcdef")


def test_a_circle_is_one_group_and_what_hangs_on_it_others():
    found = generation_order(schema(["ab", "bc", "ca", "da", "ce"], "abcde"))
    assert [group.tables for group in found] == [("e",), ("a", "b", "c"), ("d",)]
    assert [group.cyclic for group in found] == [False, True, False]
    said = found[1].describe(schema(["ab", "bc", "ca", "da", "ce"], "abcde"))
    assert found[2].describe(schema([], "abcde")) == "d is in no circle"
    assert said.startswith("a, b, c refer to each other in a circle; may be filled afterwards: a (")


def test_a_table_that_refers_to_itself_is_a_circle_of_one():
    whole = schema(["aa"], "a")
    (group,) = generation_order(whole)
    assert group.cyclic
    assert group.describe(whole) == "a refers to itself (to_a)"


@pytest.mark.parametrize("seed", range(20))
def test_groups_are_the_classes_of_mutual_reach_in_an_order_that_holds(seed):
    rng = random.Random(seed)
    names = "abcdefgh"
    edges = {(rng.choice(names), rng.choice(names)) for _ in range(rng.randint(0, 14))}
    reach = {name: {name} for name in names}
    for _ in names:
        for child, parent in edges:
            for start in names:
                if child in reach[start]:
                    reach[start].add(parent)
    found = [set(group) for group in groups(edges, names)]
    for name in names:
        mutual = {other for other in reach[name] if name in reach[other]}
        assert mutual in found
    place = {name: i for i, group in enumerate(found) for name in group}
    assert all(place[parent] <= place[child] for child, parent in edges)


def test_a_chain_of_a_thousand_tables_needs_no_deep_stack():
    names = [f"t{i:04d}" for i in range(1_000)]
    edges = list(pairwise(names))
    assert [group.tables[0] for group in generation_order(schema(edges, names))] == names[::-1]


def test_columns_that_hold_a_key_of_the_child_are_drawn_as_one_child_at_most():
    parent = entry("rooms", {"floor": [1, 1], "door": [1, 2]}, ("floor", "door"))
    columns = {"door": [1, 2], "floor": [1, 1]}
    child = entry("keys", columns, ("door",), refers=[(("floor", "door"), "rooms", ())])
    assert "rooms ||--o| keys" in er_diagram(DatabaseSchema(tables=(parent, child)))


def test_the_diagram_names_tables_keys_and_how_many_there_are():
    person = entry("people", {"id": [1, 2, 3], "boss": [None, 1, 1]}, ("id",),
                   refers=[(("boss",), "people", ())])  # fmt: skip
    badge = entry("the badge", {"person": [1, 2], "first name": ["a", "b"]}, ("person",),
                  refers=[(("person",), "people", ())])  # fmt: skip
    assert er_diagram(DatabaseSchema(tables=(person, badge)), all_columns=True) == (
        "erDiagram\n"
        "    people {\n"
        "        integer id PK\n"
        "        integer boss FK\n"
        "    }\n"
        '    "the badge" {\n'
        "        integer person PK, FK\n"
        "        text first_name\n"
        "    }\n"
        '    people |o--o{ people : "boss"\n'
        '    people ||--o| "the badge" : "person"\n'
    )

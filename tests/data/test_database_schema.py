"""The schema of a database: it reads what it wrote, and says in clear words what is wrong."""

import json
import re
from pathlib import Path

import pytest
import yaml
from tests.data.linked_tables import entry, table

from likewise.core.errors import SchemaError
from likewise.data.database import Database
from likewise.data.database_schema import (
    DatabaseSchema,
    parse_database_schema,
    parse_tables,
    read_database_schema,
    read_tables,
)

PEOPLE = {"id": [1, 2, 3], "name": ["a", "b", "c"], "born": [2001, 2002, 2003]}
VISITS = {"person": [1, 1, 3], "day": [1, 2, 2], "cost": [0.5, 1.5, 2.5]}


def people(**fields):
    return entry("people", PEOPLE, **{"primary": ("id",), **fields})


def visits(**fields):
    refers = [(("person",), "people", ("id",))]
    return entry("visits", VISITS, **{"primary": ("person", "day"), "refers": refers, **fields})


def database(*tables):
    return DatabaseSchema(tables=tables)


@pytest.mark.parametrize("name", ["schema.yaml", "schema.json"])
def test_what_is_written_is_read_again(tmp_path, name):
    odd = entry("Größe: 1", {"№ 1": [1, 2], "no": ["yes", "null"]}, ("№ 1",))
    whole = database(people(unique=(("name",), ("born", "name"))), visits(), odd)
    whole.save(tmp_path / name)
    assert read_database_schema(tmp_path / name) == whole


def test_in_a_file_every_key_is_spelled_out_so_that_it_stands_when_read_as_a_declaration(tmp_path):
    database(people(), visits(primary=())).save(tmp_path / "schema.yaml")
    for declared in read_tables(tmp_path / "schema.yaml"):
        assert {"primary_key", "unique", "foreign_keys"} <= declared.model_fields_set


def test_a_reference_without_a_key_goes_to_the_primary_one():
    refers = [(("person",), "people", ())]
    (relation,) = database(people(), visits(refers=refers)).relations
    assert relation.to == ("id",)
    assert str(relation) == "visits (person) → people (id)"


def test_references_may_be_to_one_table_twice_to_itself_in_circles_and_to_a_further_key():
    refers = [(("id",), "people", ("born",)), (("born",), "people", ("id",))]
    refers += [(("born",), "visits", ("day",))]
    backward = people(unique=(("born",),), refers=refers)
    whole = database(backward, visits(primary=("person",), unique=(("day",),)))
    assert len(whole.relations) == 4


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([people(), people()], "two tables have the same name"),
        ([visits()], "unknown table 'people'"),
        ([people(primary=("idd",))], "unknown column 'idd'. Did you mean 'id'?"),
        ([people(), visits(refers=[(("persn",), "people", ())])], "Did you mean 'person'?"),
        ([people(), visits(refers=[(("person",), "people", ("nam",))])], "Did you mean 'name'?"),
        ([people(), visits(refers=[(("person", "day"), "people", ())])], "2 columns to a key of 1"),
        ([people(), visits(refers=[(("cost",), "people", ())])], "'cost' is numeric, but 'id'"),
        ([people(), visits(refers=[(("day",), "people", ("born",))])], "no key"),
        ([people(primary=()), visits(refers=[(("day",), "people", ())])], "has no primary key"),
        ([people(refers=[(("id",), "people", ())])], "every row refers to itself"),
        ([people(), visits(refers=[(("person",), "people", t) for t in ((), ("id",))])], "twice"),
    ],
)
def test_what_does_not_fit_is_refused_in_clear_words(tables, said):
    with pytest.raises(SchemaError) as refused:
        database(*tables)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"primary": ("id", "id")}, "names a column twice"),
        ({"unique": ((),)}, "a key without columns"),
        ({"unique": (("id",),)}, "a key is listed twice"),
        ({"refers": [(("id", "born"), "people", ("id", "id"))]}, "names a column twice"),
    ],
)
def test_a_key_that_says_nothing_is_refused(fields, said):
    with pytest.raises(SchemaError) as refused:
        people(**fields)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ([], "no list of tables"),
        ({"tables": {}}, "no list of tables"),
        ({"tables": [{"name": "t", "primry_key": ["a"]}]}, "file, table t: primry_key"),
        ({"tables": [{"name": "t", "foreign_keys": [{"columns": [], "table": "t"}]}]}, "table t"),
        ({"tables": [3]}, "file, table 1"),
        ({"tables": [{"name": "t", "primary_key": ["a"]}]}, "unknown column 'a'"),
        ({"tables": [], "tabels": []}, "tabels"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(plain, said):
    with pytest.raises(SchemaError) as refused:
        parse_database_schema(plain, "file")
    assert said in str(refused.value)
    assert "likewise inspect" not in str(refused.value)  # which writes no such file


def test_a_misspelled_field_of_a_declaration_is_refused():
    with pytest.raises(SchemaError, match="unknown field 'foreign_keys' at the top"):
        parse_tables({"tables": [], "foreign_keys": []})


def test_link_tables_are_those_whose_key_is_made_of_several_references():
    link = {"person": [1, 1, 2], "friend": [2, 3, 3], "since": [1990, 2001, 2005]}
    refers = [(("person",), "people", ()), (("friend",), "people", ())]
    whole = database(
        people(), visits(), entry("friends", link, ("person", "friend"), refers=refers)
    )
    assert list(whole.link_tables) == ["friends"]
    assert [r.columns for r in whole.link_tables["friends"]] == [("person",), ("friend",)]
    one_to_one = entry("friends", link, ("person",), refers=refers)
    assert not database(people(), one_to_one).link_tables


def test_a_database_puts_its_tables_in_order_and_refuses_others():
    whole = database(people(), visits())
    tables = {"visits": table(**VISITS), "people": table(**PEOPLE)}
    made = Database.of(tables, whole)
    assert made.names == ("people", "visits")
    assert made["visits"].rows == 3
    assert repr(made) == "<Database: people (3), visits (3); 1 relations>"
    for wrong in ({**tables, "more": tables["people"]}, {"people": tables["people"]},
                  {**tables, "visits": tables["people"]}):  # fmt: skip
        with pytest.raises(SchemaError):
            Database.of(wrong, whole)


def test_the_json_twin_holds_the_schema_under_its_name_in_files(tmp_path):
    database(people()).save(tmp_path / "schema.json")
    plain = json.loads((tmp_path / "schema.json").read_text(encoding="utf-8"))
    assert [c["name"] for c in plain["tables"][0]["schema"]["columns"]] == list(PEOPLE)


def test_the_declaration_on_the_page_is_one():
    page = Path(__file__).parents[2] / "docs" / "concepts" / "linked.md"
    (shown,) = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    tables = {declared.name: declared for declared in parse_tables(yaml.safe_load(shown))}
    assert "primary_key" not in tables["orders"].model_fields_set
    assert [key.to for key in tables["orders"].foreign_keys] == [(), ("email",)]
    assert "primary_key" in tables["readings"].model_fields_set

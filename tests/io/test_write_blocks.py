import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likewise.core.errors import DataError
from likewise.io.dialect import Dialect, dialect_for, dialect_of
from likewise.io.read import read_raw
from likewise.io.write import write_blocks

CELLS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
ODD = st.one_of(CELLS, st.sampled_from(['"', 'a"b', "x,y", "l\nm", "c\r\nd", "'", ";", "\t"]))


@pytest.mark.parametrize(
    "dialect",
    [
        Dialect(),
        Dialect(delimiter=";", newline="\r\n"),
        Dialect(delimiter="\t", bom=True),
        Dialect(encoding="utf-16-le", bom=True),
    ],
)
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(ODD, ODD, ODD), min_size=1, max_size=8))
def test_texts_written_as_csv_are_read_back(tmp_path_factory, dialect, rows):
    safe = [[c if c is None or c[0] not in "=+-@" else "x" for c in row] for row in rows]
    columns = {f"c{i}": pa.array([row[i] for row in safe], pa.string()) for i in range(3)}
    # a last column without blanks keeps sniffing certain
    table = pa.table({**columns, "n": [str(i) for i in range(len(rows))]})
    path = tmp_path_factory.mktemp("w") / "t.csv"
    write_blocks([table], path, dialect)
    from likewise.io.read_csv import _table

    start = 3 if dialect.encoding == "utf-8" and dialect.bom else 2 * dialect.bom
    back = _table(lambda: path.open("rb"), table.column_names, dialect, start, "t")
    assert back.to_pylist() == table.to_pylist()


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n,y\n",
        b'a;b\r\n1,5;x\r\n;"y;z"\r\n',
        b"\xef\xbb\xbfa\tb\n1\tx\n",
        "größe,a,a,\nä,1,2,3\n".encode("cp1252"),
        b"a, b\n1, x\n2, y\n",
        b"a\n1\n\n3\n",
    ],
)
def test_a_file_is_written_as_it_was_read(tmp_path, content):
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    raw = read_raw(path)
    out = tmp_path / "out.csv"
    assert write_blocks([raw.table], out, dialect_for(out, raw.dialect)) == raw.table.num_rows
    assert out.read_bytes() == content


TYPED = pa.table(
    {
        "i": pa.array([1, None, 3], pa.int32()),
        "f": [1.5, None, float("inf")],
        "b": [True, False, None],
        "s": ["x", 'y"', None],
        "d": pa.array([1, 2, None], pa.int32()).cast(pa.date32()),
        "c": pa.array(["u", "v", None]).dictionary_encode(),
    }
)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".csv.zst", ".jsonl", ".json", ".xlsx"])
def test_typed_cells_are_spelled_plainly(tmp_path, suffix):
    out = tmp_path / f"out{suffix}"
    assert write_blocks([TYPED.slice(0, 1), TYPED.slice(1)], out, dialect_for(out)) == 3
    back = read_raw(out).table.to_pylist()
    as_text = [[None if v is None else str(v).lower() for v in row.values()] for row in back]
    assert as_text[0][:4] == ["1", "1.5", "true", "x"]
    assert as_text[1][3] == 'y"'
    assert as_text[0][4].startswith("1970-01-02")
    assert as_text[2][2:] == [None] * 4


@pytest.mark.parametrize("suffix", [".parquet", ".feather"])
def test_typed_files_keep_types_and_values(tmp_path, suffix):
    out = tmp_path / f"out{suffix}"
    write_blocks([TYPED, TYPED], out, dialect_for(out))
    back = read_raw(out).table
    assert back.schema.types[:5] == TYPED.schema.types[:5]
    assert back.to_pylist() == TYPED.to_pylist() * 2


def test_parquet_has_a_row_group_per_block_and_keeps_dictionaries(tmp_path):
    out = tmp_path / "t.parquet"
    other = TYPED.set_column(5, "c", pa.array(["w", "u", "u"]).dictionary_encode())
    write_blocks([TYPED, other], out, dialect_for(out))
    assert pq.ParquetFile(out).num_row_groups == 2
    assert pq.read_table(out).column("c").to_pylist() == ["u", "v", None, "w", "u", "u"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl", ".feather", ".xlsx"])
def test_no_rows_still_make_a_file(tmp_path, suffix):
    out = tmp_path / f"out{suffix}"
    assert write_blocks([TYPED.slice(0, 0)], out, dialect_for(out)) == 0
    assert out.exists()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_formulas_are_guarded_and_counted_but_numbers_are_not(tmp_path, suffix):
    cells = ["=cmd()", "+1", "-2.5", "@x", "-", "-x", "+49 30 1234", "plain"]
    notes: list[str] = []
    out = tmp_path / f"t{suffix}"
    write_blocks([pa.table({"a": cells, "b": cells})], out, dialect_for(out), notes=notes)
    found = [str(cell) for cell in read_raw(out).table.column("a").to_pylist()]
    assert found == ["'=cmd()", "+1", "-2.5", "'@x", "-", "'-x", "+49 30 1234", "plain"]
    assert notes == [
        "columns 'a', 'b': 6 cells that a spreadsheet would run as formulas got a leading "
        "apostrophe; write Parquet or JSON lines to keep them as they are"
    ]


def test_equal_rows_give_equal_bytes(tmp_path):
    first, second = tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"
    for path in (first, second):
        write_blocks([TYPED], path, dialect_for(path))
    assert first.read_bytes() == second.read_bytes()


def test_a_failure_leaves_nothing_behind(tmp_path):
    def blocks():
        yield TYPED
        raise DataError("here", "stopped", "Go on")

    with pytest.raises(DataError, match="stopped"):
        write_blocks(blocks(), tmp_path / "t.csv", Dialect())
    assert not list(tmp_path.iterdir())


def test_an_absent_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="cannot be written"):
        write_blocks([TYPED], tmp_path / "no" / "t.csv", Dialect())


def test_standard_output_takes_csv(capsysbinary):
    assert write_blocks([pa.table({"a": ["1"]})], "-", dialect_for("-")) == 1
    assert capsysbinary.readouterr().out == b"a\n1\n"


def test_the_output_suffix_decides_the_format_and_the_source_the_rest():
    source = dialect_of("x.csv.gz").model_copy(update={"delimiter": ";", "encoding": "cp1252"})
    assert dialect_for("y.csv", source).model_dump(include={"delimiter", "compression"}) == {
        "delimiter": ";",
        "compression": "none",
    }
    assert dialect_for("y.tsv", source).delimiter == "\t"
    assert dialect_for("y.parquet", source) == Dialect(format="parquet", suffix=".parquet")
    tabbed = Dialect(delimiter="\t")
    assert dialect_for("y.csv", tabbed).delimiter == "\t"
    assert dialect_for("y.csv", dialect_of("x.tsv")).delimiter == ","
    assert dialect_for("-", dialect_of("x.parquet")).format == "csv"

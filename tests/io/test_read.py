import gzip
import io
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from likewise.core.errors import DataError, FormatError, LikewiseError
from likewise.io.read import hash_file, read_raw


def write(tmp_path, content, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(raw):
    return [tuple(row.values()) for row in raw.table.to_pylist()]


def test_all_cells_of_a_csv_are_texts_and_only_empty_ones_are_null(tmp_path):
    raw = read_raw(write(tmp_path, 'a,b\n01,NA\n,"x, ""y"""\n'))
    assert rows(raw) == [("01", "NA"), (None, 'x, "y"')]
    assert set(raw.table.schema.types) == {pa.string()}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    text = "\n".join(delimiter.join(row) for row in [("a", "b", "c"), ("1,5", "2", "x;y")])
    if delimiter in ",;":
        text = text.replace("1,5", '"1,5"').replace("x;y", '"x;y"')
    raw = read_raw(write(tmp_path, text))
    assert raw.dialect.delimiter == delimiter
    assert rows(raw) == [("1,5", "2", "x;y")]


def test_quoted_line_breaks_stay_in_their_cell_also_in_the_header(tmp_path):
    raw = read_raw(write(tmp_path, '"a\nb",c\r\n"1\n2",3\r\n'))
    assert raw.table.column_names == ["a\nb", "c"]
    assert rows(raw) == [("1\n2", "3")]


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-8", ""),
        ("utf-8", "\ufeff"),
        ("utf-16-le", "\ufeff"),
        ("utf-16-be", "\ufeff"),
        ("utf-16-le", ""),
    ],
)
def test_unicode_encodings_are_found(tmp_path, encoding, bom):
    raw = read_raw(write(tmp_path, (bom + "naïve,größe\nä€,ß\n").encode(encoding)))
    assert raw.table.column_names == ["naïve", "größe"]
    assert rows(raw) == [("ä€", "ß")]
    assert (raw.dialect.encoding, raw.dialect.bom) == (encoding, bool(bom))


def test_a_file_that_is_not_utf8_is_read_as_windows_1252_with_a_note(tmp_path):
    late = "a\n" + "x\n" * 900_000 + "caf\xe9\n"
    raw = read_raw(write(tmp_path, late.encode("cp1252")))
    assert raw.table.column(0)[-1].as_py() == "café"
    assert "not valid UTF-8: read as cp1252" in raw.notes


def test_a_wrong_encoding_given_is_refused(tmp_path):
    path = write(tmp_path, "a\ncaf\xe9\n".encode("cp1252"))
    with pytest.raises(DataError, match="not valid utf-8"):
        read_raw(path, encoding="utf-8")
    assert rows(read_raw(path, encoding="latin-1")) == [("café",)]


def test_names_become_distinct_and_present_with_notes(tmp_path):
    raw = read_raw(write(tmp_path, "a,a,,größe,a_2\n1,2,3,4,5\n"))
    assert raw.table.column_names == ["a", "a_3", "column_3", "größe", "a_2"]
    assert raw.dialect.header == ("a", "a", "", "größe", "a_2")
    assert len(raw.notes) == 2


def test_doubles_are_numbered_from_two(tmp_path):
    assert read_raw(write(tmp_path, "a,a\n1,2\n")).table.column_names == ["a", "a_2"]


def test_a_space_after_each_comma_is_no_part_of_the_cells(tmp_path):
    raw = read_raw(write(tmp_path, "a, b, c\n1, x, 3\n2, , 4\n"))
    assert raw.table.column_names == ["a", "b", "c"]
    assert rows(raw) == [("1", "x", "3"), ("2", None, "4")]
    assert raw.dialect.spaced


def test_one_column_may_have_empty_lines_that_are_missing(tmp_path):
    assert rows(read_raw(write(tmp_path, "a\n1\n\n3\n"))) == [("1",), (None,), ("3",)]


def test_two_thousand_columns_and_long_rows(tmp_path):
    cells = [f"{'x' * 20_000}{i}" if i < 1000 else str(i) for i in range(2000)]
    header = ",".join(f"c{i}" for i in range(2000))
    raw = read_raw(write(tmp_path, f"{header}\n{','.join(cells)}\n"))
    assert raw.table.shape == (1, 2000)


def test_compressed_text_is_unpacked(tmp_path):
    plain = b"a,b\n1,2\n"
    assert rows(read_raw(write(tmp_path, gzip.compress(plain), "t.csv.gz"))) == [("1", "2")]
    packed = pa.compress(plain, codec="zstd", asbytes=True)
    raw = read_raw(write(tmp_path, packed, "t.tsv.zst"))
    assert rows(raw) == [("1", "2")]
    assert (raw.dialect.compression, raw.name) == ("zst", "t")


BAD = {
    "empty": (b"", "t.csv", "is empty"),
    "blank": (b" \n\n", "t.csv", "is empty"),
    "header only": (b"a,b\n", "t.csv", "header but no rows"),
    "ragged": (b"a,b\n1,2\n3\n", "t.csv", "row 3: 1 cells where the header has 2"),
    "open quote": (b'a,b\n1,2\n"3,4\n5,6\n', "t.csv", "quote is never closed"),
    "binary": (bytes(range(256)) * 4, "t.csv", "binary data"),
    "parquet by another name": (b"PAR1 and more", "t.csv", "holds Parquet data"),
    "damaged gzip": (gzip.compress(b"a,b\n" + b"1,2\n" * 50_000)[:-40], "t.csv.gz", "damaged"),
    "no gzip": (b"a,b\n1,2\n", "t.csv.gz", "is not gzip data"),
    "no zstd": (b"a,b\n1,2\n", "t.csv.zst", "Zstandard"),
    "no parquet": (b"PAR1", "t.parquet", "damaged or cut short"),
    "no feather": (b"ARROW1", "t.feather", "damaged or cut short"),
    "no workbook": (b"PK\x03\x04", "t.xlsx", "no workbook"),
    "unknown suffix": (b"a", "t.doc", "names no known format"),
    "no suffix": (b"a", "t", "no suffix"),
    "no JSON": (b'{"a": 1}\n{"a": \n', "t.jsonl", "t.jsonl:2: not a JSON record"),
    "mixed JSON": (b'{"a": 1}\n{"a": "x"}\n', "t.jsonl", "column 'a'"),
    "no records": (b"[1, 2]", "t.json", "other things than records"),
    "no JSON array": (b"[{]", "t.json", "not valid JSON"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_what_was_found(tmp_path, case):
    content, name, message = BAD[case]
    with pytest.raises(LikewiseError, match="(?s).*" + message.replace("(", r"\(")) as caught:
        read_raw(write(tmp_path, content, name))
    assert caught.value.exit_code == 3
    assert caught.value.hint


def test_a_ragged_row_is_not_shown(tmp_path):
    with pytest.raises(DataError) as caught:
        read_raw(write(tmp_path, "a,b\nsecret\n"))
    assert "secret" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        read_raw(tmp_path / "no.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_raw(tmp_path)


def test_a_truncated_parquet_is_refused(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": range(1000)}), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError, match="damaged or cut short"):
        read_raw(path)


def test_json_records_keep_types_and_dates_stay_texts(tmp_path):
    lines = '{"a": 1, "d": "2024-01-31", "s": "01"}\n{"a": null, "d": "2024-02-01", "s": "x"}\n'
    raw = read_raw(write(tmp_path, lines, "t.jsonl"))
    assert raw.table.schema.types == [pa.int64(), pa.string(), pa.string()]
    array = read_raw(write(tmp_path, '[{"a": 1}, {"a": 2}]', "t.json"))
    assert (rows(array), array.dialect.array) == ([(1,), (2,)], True)


@pytest.mark.parametrize("name", ["t.jsonl", "t.json"])
def test_texts_of_json_may_hold_nulls_and_any_brackets(tmp_path, name):
    texts = ["if (x) { y } null", '{"a": 1} null', "[" * 200, "{" * 200 + '\\"', "]}" * 99]
    records = [json.dumps({"a": text, "b": [[1], [2]]}) for text in texts]
    content = "\n".join(records) if name == "t.jsonl" else "[" + ",\n".join(records) + "]"
    raw = read_raw(write(tmp_path, content, name))
    assert raw.table.column("a").to_pylist() == texts


@pytest.mark.parametrize("text", ["a,b\n1,2\n", '{"a": "1", "b": "2"}\n'])
def test_standard_input_is_csv_or_json_lines(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    raw = read_raw("-")
    assert (rows(raw), raw.name) == ([("1", "2")], "stdin")


def test_the_hash_is_sha256_of_the_bytes(tmp_path):
    path = write(tmp_path, b"abc")
    assert hash_file(path).startswith("ba7816bf8f01cfea")

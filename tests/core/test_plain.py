from pathlib import Path

import pytest

from likewise.core.errors import ConfigError, SchemaError
from likewise.core.plain import read_plain


def _file(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_yaml_and_json_are_read_as_the_same_values(tmp_path: Path) -> None:
    wanted = {"a": [1, 2.5, None], "b": {"c": "x"}}
    assert read_plain(_file(tmp_path, "a: [1, 2.5, null]\nb: {c: x}\n"), SchemaError) == wanted
    json = '{"a": [1, 2.5, null], "b": {"c": "x"}}'
    assert read_plain(_file(tmp_path, json), SchemaError) == wanted


WRONG = {
    "open bracket": "a: [1,\nb: 2\n",
    "a tag that builds objects": "!!python/object/apply:os.system [ls]\n",
    "a day that is none": "a: 2020-13-45\n",
    "no text": b"\xff\xfe\x00",
    "nested without end": "[" * 5_000,
    "a key twice": "a: 1\nb: 2\na: 3\n",
    "a key twice, deep inside": "a: [{b: {c: 1, c: 2}}]\n",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_read_raises_the_error_that_was_asked_for(what: str, tmp_path: Path) -> None:
    path = _file(tmp_path, WRONG[what])
    with pytest.raises(ConfigError, match=r"file\.yaml") as caught:
        read_plain(path, ConfigError)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_key_that_stands_twice_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"file\.yaml:3: a key that stands there before"):
        read_plain(_file(tmp_path, "a: 1\nb: 2\na: 3\n"), ConfigError)


def test_a_merged_mapping_may_be_overridden(tmp_path: Path) -> None:
    text = "one: &one {a: 1, b: 2}\ntwo: {<<: *one, b: 3}\n"
    assert read_plain(_file(tmp_path, text), ConfigError)["two"] == {"a": 1, "b": 3}


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_plain(tmp_path / "no.yaml", ConfigError)

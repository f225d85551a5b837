import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from likewise.core import artifact
from likewise.core.errors import FormatError
from likewise.data.schema import Column, Kind, Schema
from likewise.encode.layout import Block, Layout


def _layout(fill: float = 0.5) -> Layout:
    def block(name: str, size: int) -> Block:
        counts = np.arange(float(size))
        atoms = np.zeros(size, dtype=bool)
        return Block(name, name, True, False, atoms, np.full(size, fill), counts)

    return Layout((block("a", 3), block("Zoë ∑", 0)))


def _forge(path: Path, change) -> None:
    """Change the stored model and make its checksum fit."""

    def changed(manifest: dict) -> None:
        change(manifest["body"])
        text = json.dumps(manifest["body"], ensure_ascii=False, separators=(",", ":")).encode()
        manifest["sha256"]["body"] = artifact._digest(text)

    _rewrite(path, changed)


def _rewrite(path: Path, change) -> None:
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)


def test_what_is_loaded_equals_what_was_saved(tmp_path: Path) -> None:
    artifact.save(_layout(), tmp_path / "m")
    loaded = artifact.load(tmp_path / "m")
    assert isinstance(loaded, Layout)
    for before, after in zip(_layout().blocks, loaded.blocks, strict=True):
        assert before.name == after.name
        assert before.ordered is after.ordered
        assert np.array_equal(before.counts, after.counts)
        assert before.atoms.dtype == after.atoms.dtype


def test_floats_that_json_has_no_word_for_survive(tmp_path: Path) -> None:
    artifact.save({"a": float("nan"), "b": (float("inf"), -0.1), "c": {"d": None}}, tmp_path / "m")
    loaded = artifact.load(tmp_path / "m")
    assert np.isnan(loaded["a"])
    assert loaded["b"] == (float("inf"), -0.1)
    assert loaded["c"] == {"d": None}


def test_schemas_are_stored_as_plain_values(tmp_path: Path) -> None:
    schema = Schema(columns=(Column(name="x", kind=Kind.NUMERIC, decimals=2),))
    artifact.save(schema, tmp_path / "m")
    assert artifact.load(tmp_path / "m") == schema


def test_equal_models_give_equal_bytes(tmp_path: Path) -> None:
    artifact.save(_layout(), tmp_path / "one")
    artifact.save(_layout(), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_class_without_the_mark_is_not_stored(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Stranger:
        x: int = 1

    with pytest.raises(TypeError, match="not marked"):
        artifact.save(Stranger(), tmp_path / "m")
    assert not list(tmp_path.iterdir())


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    artifact.save(_layout(), tmp_path / "m")
    data = bytearray((tmp_path / "m").read_bytes())
    at = data.find(np.float64(0.5).tobytes())
    data[at] ^= 1
    (tmp_path / "m").write_bytes(data)
    with pytest.raises(FormatError):
        artifact.load(tmp_path / "m")


def test_a_changed_manifest_is_noticed(tmp_path: Path) -> None:
    artifact.save(_layout(), tmp_path / "m")
    _rewrite(tmp_path / "m", lambda manifest: manifest["body"].update(likewise="9.9.9"))
    with pytest.raises(FormatError, match="checksum"):
        artifact.load(tmp_path / "m")


def test_a_model_from_the_future_says_to_upgrade(tmp_path: Path) -> None:
    artifact.save(_layout(), tmp_path / "m")
    _rewrite(tmp_path / "m", lambda manifest: manifest.update(format=99))
    with pytest.raises(FormatError, match="upgrade"):
        artifact.load(tmp_path / "m")


@pytest.mark.parametrize(
    "kind",
    ["os:system", "core.artifact:save", "core.artifact:Path", "..os:system", "data.table:Table", 3],
)
def test_only_marked_classes_of_the_package_are_built(tmp_path: Path, kind: object) -> None:
    artifact.save(_layout(), tmp_path / "m")

    _forge(tmp_path / "m", lambda body: body.update(model={"$kind": kind, "fields": {}}))
    with pytest.raises(FormatError, match="does not describe"):
        artifact.load(tmp_path / "m")


WRONG = [None, 2**70, 1.5, [], [[1]], {"$map": []}, {"$array": "nowhere"}, {"$map": [[[], 1]]}]


@pytest.mark.parametrize("value", WRONG, ids=str)
@pytest.mark.parametrize("name", ["name", "ordered", "centers"])
def test_a_forged_field_that_is_not_of_its_type_is_refused(
    name: str, value: object, tmp_path: Path
) -> None:
    artifact.save(_layout(), tmp_path / "m")
    _forge(tmp_path / "m", lambda body: _first_block(body).update({name: value}))
    with pytest.raises(FormatError, match="does not describe"):
        artifact.load(tmp_path / "m")


def test_a_forged_tuple_holds_what_it_should(tmp_path: Path) -> None:
    artifact.save(_layout(), tmp_path / "m")
    _forge(tmp_path / "m", lambda body: body["model"]["fields"].update(blocks=[1, 2]))
    with pytest.raises(FormatError, match="does not describe"):
        artifact.load(tmp_path / "m")


def _first_block(body: dict) -> dict:
    return body["model"]["fields"]["blocks"][0]["fields"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"\x80\x05pickle", b"{}" * 50])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m").write_bytes(content)
    with pytest.raises(FormatError):
        artifact.load(tmp_path / "m")


def test_a_compressed_bomb_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.json", b"0" * 10_000_000)
        file.writestr("arrays.safetensors", b"")
    with pytest.raises(FormatError, match="larger inside"):
        artifact.load(tmp_path / "m")


def test_a_missing_file_is_an_error_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="nowhere"):
        artifact.load(tmp_path / "nowhere")

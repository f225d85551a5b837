"""Codes come from templates and prose from filler; no real text that is rare comes out."""

import re

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.seeds import Seed
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.encode.codec import TableCodec
from likewise.encode.text import Filler, is_code, learn_texts, shape, strings


def sample(values: list[str | None], rows: int = 0) -> tuple[TableCodec, list[str | None]]:
    column = Column(name="x", kind=Kind.TEXT)
    table = Table(pa.table({"x": pa.array(values, pa.string())}), Schema(columns=(column,)))
    codec = TableCodec.fit(table, seed=Seed(0))
    encoded = codec.encode(table, seed=Seed(1))
    drawn = codec.decode(encoded, np.random.default_rng(rows), seed=Seed(2))
    return codec, drawn.arrow["x"].to_pylist()


def test_a_shape_names_the_class_of_each_character() -> None:
    assert shape("AB-12 é") == "AA-99 a"
    assert is_code("AA-9999")
    assert not is_code("aaaaaaa aaaa")
    assert is_code(shape("+41 73 587 34 74"))
    assert not is_code(shape("7 men in 1 boat at 3"))


def test_codes_keep_their_template_and_are_drawn_anew() -> None:
    rng = np.random.default_rng(0)
    values = [f"{'KLM'[i % 3]}{n:05d}/B" for i, n in enumerate(rng.permutation(10**5)[:2_000])]
    codec, drawn = sample(list(values))
    assert all(re.fullmatch(r"[A-Z]\d{5}/B", text or "") for text in drawn)
    assert np.mean([str(text)[0] in "KLM" for text in drawn]) > 0.95
    assert len(set(drawn) & set(values)) < 100  # chance alone gives about 2000 * 2000 / 300000
    assert "drawn anew" in codec.notes[0]


def test_shared_texts_stay_and_prose_becomes_filler_of_like_length() -> None:
    prose = [f"my neighbour called about {'very ' * (i % 5)}private matter {i}" for i in range(400)]
    values = ["no comment"] * 600 + prose
    codec, drawn = sample(list(values))
    assert drawn[:600] == values[:600]
    assert not set(drawn[600:]) & set(values)
    assert not any("neighbour" in str(text) or "private" in str(text) for text in drawn)
    words = [len(str(text).split()) for text in drawn[600:]]
    assert abs(np.mean(words) - np.mean([len(text.split()) for text in prose])) < 1
    assert "free text was replaced by filler" in " ".join(codec.notes)


def test_addresses_of_people_become_addresses_of_nobody() -> None:
    _, drawn = sample([f"anna.{'xyz'[i % 3] * (i % 7)}@firm{i}.com" for i in range(300)])
    assert all(re.fullmatch(r"[a-z]+\d+@example\.org", str(text)) for text in drawn)


@pytest.mark.parametrize("points", [[[65, 66]], [[233, 0x1F600]], [[]]])
def test_strings_are_built_from_code_points(points: list[list[int]]) -> None:
    found = strings(np.array(points, dtype=np.int32).reshape(1, -1))
    assert found.to_pylist() == ["".join(map(chr, points[0]))]


def test_nothing_to_learn_from_is_no_obstacle() -> None:
    templates, place, filler = learn_texts([], np.zeros(0, dtype=np.int64), 10)
    assert templates == ()
    assert not len(place)
    assert isinstance(filler, Filler)
    assert len(filler.draw(3, np.random.default_rng(0))) == 3
    assert len(filler.draw(0, np.random.default_rng(0))) == 0

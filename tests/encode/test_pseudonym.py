"""The laws of identifiers that repeat: shared, new, in the format of the real ones."""

import re

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.seeds import Seed
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.encode.codec import TableCodec
from likewise.encode.pseudonym import Pseudonym

RNG = np.random.default_rng(1)
ROWS = 6_000


def table(values: list[str | None]) -> Table:
    column = Column(name="id", kind=Kind.KEY)
    return Table(pa.table({"id": pa.array(values, pa.string())}), Schema(columns=(column,)))


def redrawn(values: list[str | None], seed: int = 1) -> tuple[Pseudonym, list[str | None]]:
    """The codec, and the codes that the learned rows get when they are drawn again."""
    codec = TableCodec.fit(table(values), seed=Seed(0))
    rows = codec.encode(table(values), seed=Seed(0))
    part = codec.parts[0]
    assert isinstance(part, Pseudonym)
    drawn = codec.decode(rows, np.random.default_rng(0), seed=Seed(seed))
    return part, drawn.arrow.column("id").to_pylist()


def shared(ids: list[str]) -> list[str | None]:
    weight = RNG.dirichlet(np.full(len(ids), 0.5))
    return [ids[i] for i in RNG.choice(len(ids), ROWS, p=weight)]


FORMATS = {
    "customers": ([str(i) for i in range(12_346, 12_946)], r"\d{5}"),
    "floats": ([f"{i}.0" for i in range(12_346, 12_946)], r"\d{5}\.0"),
    "padded": ([f"{i:07d}" for i in range(500)], r"\d{7}"),
    "codes": ([f"{i * 7919 % 10**6:06d}-X" for i in range(500)], r"\d{6}-X"),
    "hex": ([RNG.bytes(8).hex() for _ in range(500)], r"[0-9a-f]{16}"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_new_codes_repeat_as_the_real_ones_do_and_none_is_real(name: str) -> None:
    ids, pattern = FORMATS[name]
    values = shared(ids)
    _, drawn = redrawn(values)
    there = [text for text in drawn if text is not None]
    assert all(re.fullmatch(pattern, text) for text in there)
    assert len(set(there)) == pytest.approx(len(set(values)), rel=0.25)
    largest = max(values.count(text) for text in set(values))
    assert max(there.count(text) for text in set(there)) == pytest.approx(largest, rel=0.3)
    if name != "codes":  # a code of six digits may equal one of 500 by chance
        assert not set(there) & set(ids)


def test_no_identifier_is_stored_and_no_level_is_one_identifiers_own() -> None:
    values = shared([str(i) for i in range(12_346, 12_946)])
    part, _ = redrawn(values)
    assert (part.sizes >= 2).all()
    assert (part.counts >= 10).all()
    assert not set(re.findall(r"'(\d+)'", repr(part))) & set(values)


def test_codes_follow_the_seed_and_do_not_depend_on_blocks() -> None:
    values = shared([str(i) for i in range(12_346, 12_946)])
    assert redrawn(values)[1] == redrawn(values)[1]
    assert redrawn(values)[1] != redrawn(values, seed=2)[1]
    part, _ = redrawn(values)
    numbers = np.arange(200)
    whole = part._words(numbers, Seed(3)).to_pylist()
    assert len(set(whole)) == 200
    assert part._words(numbers[50:60], Seed(3)).to_pylist() == whole[50:60]


def test_leading_letters_keep_their_meaning() -> None:
    ids = [f"{i}" for i in range(536_365, 537_365)] + [f"C{i}" for i in range(537_365, 537_565)]
    values = shared(ids)
    _, drawn = redrawn(values)
    for real, new in zip(values, drawn, strict=True):
        assert str(real).startswith("C") == str(new).startswith("C")


def test_missing_identifiers_stay_missing() -> None:
    values = [None if i % 3 else str(100_000 + i % 500) for i in range(ROWS)]
    _, drawn = redrawn(values)
    assert [text is None for text in drawn] == [text is None for text in values]


def test_an_identifier_never_seen_falls_into_some_level() -> None:
    part, _ = redrawn(shared([str(i) for i in range(12_346, 12_946)]))
    ((codes, _),) = part.encode(table(["99", "A7", None]), "id", RNG)
    assert ((codes >= 0) & (codes < len(part.counts))).all()

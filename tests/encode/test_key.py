"""The laws of regenerated keys: unique in any number of blocks, in the format of the real ones."""

import re
import uuid

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.seeds import Seed
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.encode.key import Key, permute


def learn(values: list[str | None]) -> Key:
    column = Column(name="id", kind=Kind.KEY)
    table = Table(pa.table({"id": pa.array(values, pa.string())}), Schema(columns=(column,)))
    return Key.fit(table, column, k=10)


def draw(key: Key, rows: int, start: int = 0, seed: int = 1) -> list[str]:
    rng = np.random.default_rng(0)
    found: list[str] = key.decode([], rows, rng, start, Seed(seed)).to_pylist()
    return found


RNG = np.random.default_rng(0)
FORMATS = {
    "plain": ([str(i + 1) for i in range(500)], r"[1-9]\d*"),
    "stepped": ([str(i * 10) for i in range(500)], r"0|[1-9]\d*0"),
    "padded": ([f"{i:05d}" for i in range(500)], r"\d{5}"),
    "prefixed": ([f"CUST-{i:04d}" for i in range(500)], r"CUST-\d{4}"),
    "sparse": ([str(i) for i in 10**8 + RNG.choice(9 * 10**8, 500, replace=False)], r"\d{9}"),
    "codes": (
        [f"{chr(65 + i % 26)}{i * 7919 % 10_000:04d}-X" for i in range(500)],
        r"[A-Z]\d{4}-X",
    ),
    "uuid": (
        [str(uuid.UUID(bytes=RNG.bytes(16), version=4)) for _ in range(500)],
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    "hex": ([RNG.bytes(8).hex() for _ in range(500)], r"[0-9a-f]{16}"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_keys_are_unique_across_blocks_and_keep_their_format(name: str) -> None:
    values, pattern = FORMATS[name]
    key = learn([str(value) for value in values])
    whole = draw(key, 3_000)
    parts = [*draw(key, 1_000), *draw(key, 2_000, start=1_000)]
    assert whole == parts
    assert len(set(whole)) == 3_000
    assert all(re.fullmatch(pattern, text) for text in whole[:500])


@pytest.mark.parametrize("name", ["sparse", "codes", "uuid", "hex"])
def test_keys_without_a_sequence_hold_no_real_key_and_follow_the_seed(name: str) -> None:
    values, _ = FORMATS[name]
    key = learn([str(value) for value in values])
    assert draw(key, 100) != draw(key, 100, seed=2)
    if name in {"uuid", "hex"}:
        assert not set(draw(key, 1_000)) & set(values)


def test_sequences_count_on_by_the_step_of_the_real_keys() -> None:
    assert draw(learn([str(i) for i in range(1, 100)]), 4) == ["1", "2", "3", "4"]
    assert draw(learn([str(i) for i in range(0, 1_000, 10)]), 3) == ["0", "10", "20"]
    assert draw(learn([f"A{i:03d}" for i in range(100, 300)]), 2) == ["A100", "A101"]
    assert draw(learn([str(i) for i in range(536_365, 581_587)]), 1) == ["530000"]


def test_a_full_format_widens() -> None:
    key = learn([f"{'XYZ'[i % 3]}{i % 7}{i % 5}" for i in range(0, 200, 3)] + ["Y11", "Z22"])
    drawn = draw(key, 20_000)
    assert len(set(drawn)) == 20_000
    assert {len(text) for text in drawn} == {3, 4, 5} or min(map(len, drawn)) == 3


@pytest.mark.parametrize("space", [1, 2, 7, 100, 65_537])
def test_the_permutation_hits_every_code_once(space: int) -> None:
    drawn = permute(np.arange(space, dtype=np.uint64), space, Seed(5))
    assert sorted(drawn.tolist()) == list(range(space))


@pytest.mark.parametrize("values", [[], [None, None], ["x"], ["a b c", "hello you"], ["é1", "ß2"]])
def test_odd_keys_still_give_unique_ones(values: list[str | None]) -> None:
    key = learn(values)
    assert len(key.blocks("id")) == int(None in values)
    written = key.write(np.arange(5_000), Seed(0)).to_pylist()
    assert len(set(written)) == 5_000


def test_missing_keys_are_a_level() -> None:
    key = learn(["1", None, "2", "3"])
    (block,) = key.blocks("id")
    assert block.counts.tolist() == [1, 3]
    codes = np.array([0, 1, 1], dtype=np.int32)
    drawn = key.decode([(codes, codes * 0.0)], 3, np.random.default_rng(0), 0, Seed(0))
    assert drawn.to_pylist() == [None, "2", "3"]

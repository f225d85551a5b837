import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed


@given(st.integers(0, 2**64 - 1), st.text(max_size=5), st.integers(0, 9))
def test_the_same_names_give_the_same_numbers(value: int, name: str, block: int) -> None:
    first = Seed(value).stream(name, block).random(4)
    assert np.array_equal(first, Seed(value).stream(name, block).random(4))


def test_streams_of_different_names_seeds_and_types_differ() -> None:
    streams = [
        Seed(1).stream("a"),
        Seed(2).stream("a"),
        Seed(1).stream("b"),
        Seed(1).stream("a", 0),
        Seed(1).stream("a", "0"),
        Seed(1).child("a").stream(),
    ]
    draws = {stream.integers(0, 2**63) for stream in streams}
    assert len(draws) == len(streams)


def test_streams_are_uncorrelated_and_uniform() -> None:
    draws = np.array([Seed(7).stream("block", i).random(20_000) for i in range(10)])
    off_diagonal = np.corrcoef(draws)[~np.eye(10, dtype=bool)]
    assert np.abs(off_diagonal).max() < 5 / np.sqrt(20_000)
    assert abs(draws.mean() - 0.5) < 5 * np.sqrt(1 / 12 / draws.size)


def test_no_seed_means_a_fresh_one_each_time() -> None:
    assert len({Seed.of(None).value for _ in range(8)}) == 8


@pytest.mark.parametrize("value", [-1, 2**64])
def test_a_seed_outside_64_bits_is_refused(value: int) -> None:
    with pytest.raises(ConfigError):
        Seed(value)

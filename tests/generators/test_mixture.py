import numpy as np
import pytest

from likewise.generators import mixture


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_columns_are_picked_in_proportion_to_their_mass(kind: type) -> None:
    random = np.random.default_rng(0)
    mass = np.tile(np.array([0, 1, 0, 5, 2, 0], dtype=kind), (40_000, 1))
    found = mixture.pick(mass, random.random(40_000, dtype=kind))
    shares = np.bincount(found, minlength=6) / 40_000
    np.testing.assert_allclose(shares, mass[0] / 8, atol=5 * np.sqrt(0.25 / 40_000))


def test_the_uniform_number_is_a_place_in_the_running_sum() -> None:
    mass = np.tile(np.array([1, 2, 1], dtype=np.float32), (5, 1))
    uniform = np.array([0, 0.2, 0.25, 0.74, 0.75], dtype=np.float32)
    assert mixture.pick(mass, uniform).tolist() == [0, 0, 1, 1, 2]


def test_a_column_without_mass_is_never_picked() -> None:
    mass = np.array([[0, 3e-8, 1, 0], [0, 0, 0.1, 0]], dtype=np.float32)
    ends = np.array([np.nextafter(np.float32(1), np.float32(0)), 1.0], dtype=np.float32)
    assert mixture.pick(mass, ends).tolist() == [2, 2]
    assert mixture.pick(mass, np.zeros(2, dtype=np.float32)).tolist() == [1, 2]

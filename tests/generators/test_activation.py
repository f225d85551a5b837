import numpy as np

from likewise.generators.activation import silu


def exact(x: np.ndarray) -> np.ndarray:
    wide = x.astype(float)
    return np.asarray(wide / (1 + np.exp(-wide)))


def test_it_is_the_sigmoid_linear_unit_to_float32() -> None:
    random = np.random.default_rng(0)
    x = np.concatenate([np.linspace(-86, 300, 99_000), random.standard_normal(1_000)])
    x = x.astype(np.float32).reshape(1_000, 100)
    found = x.copy()
    silu(found)
    np.testing.assert_allclose(found, exact(x), rtol=4e-6)


def test_ends_are_finite_and_not_a_number_stays_so() -> None:
    found = np.array([[0, -1e30, 1e30, np.nan, np.inf]], dtype=np.float32)
    silu(found)
    assert found[0, 0] == 0
    assert -1e-6 < found[0, 1] <= 0
    assert found[0, 2] == np.float32(1e30)
    assert np.isnan(found[0, 3])
    assert found[0, 4] == np.inf

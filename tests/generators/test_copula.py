"""The Gaussian copula: correlations recovered through levels, and conditionals by formula."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import spearmanr
from tests.generators.made_levels import block, encoded, learn, rng

from likewise.encode.layout import Evidence
from likewise.generators.copula import GaussianCopula, GaussianCopulaLevels

ROWS = 20_000
RHO = 0.7


def normals(rho: float = RHO, seed: int = 0) -> np.ndarray:
    z = np.random.default_rng(seed).normal(size=(ROWS, 2))
    z[:, 1] = rho * z[:, 0] + np.sqrt(1 - rho**2) * z[:, 1]
    return z


def fit(codes: np.ndarray, detail: np.ndarray | None, *blocks) -> GaussianCopulaLevels:
    found = learn(GaussianCopula(), encoded(codes, detail), *blocks)
    assert isinstance(found, GaussianCopulaLevels)
    return found


def continuous(z: np.ndarray, levels: int = 16) -> tuple[np.ndarray, np.ndarray]:
    u = ndtr(z) * levels
    return np.floor(u).astype(np.int32), (u % 1).astype(np.float32)


@pytest.fixture(scope="module")
def smooth() -> GaussianCopulaLevels:
    codes, detail = continuous(normals())
    return fit(codes, detail, block("x", 16, inside=True), block("y", 16, inside=True))


@pytest.mark.parametrize(
    "cuts",
    [((), ()), ((0.5,), ()), ((0.5,), (0.5,)), ((0.9,), (0.2, 0.6)), ((0.3, 0.5, 0.8), (0.97,))],
    ids=["continuous", "binary × continuous", "binary²", "skewed", "four × rare"],
)
@pytest.mark.parametrize("rho", [-0.8, 0.0, 0.5])
def test_the_latent_correlation_is_recovered_through_any_cuts(
    rho: float, cuts: tuple[tuple[float, ...], ...]
) -> None:
    z = normals(rho)
    codes, detail = continuous(z)
    blocks = []
    for j, cut in enumerate(cuts):
        blocks.append(block(str(j), len(cut) + 1 if cut else 16, inside=not cut))
        if cut:
            codes[:, j] = np.searchsorted(ndtri(cut), z[:, j])
            detail[:, j] = 0
    assert abs(fit(codes, detail, *blocks).correlation[0, 1] - rho) < 0.05


def test_rank_correlation_inside_and_between_levels_is_kept(smooth: GaussianCopulaLevels) -> None:
    drawn, weights = smooth.draw(ROWS, rng())
    assert weights is None
    x = drawn.codes + drawn.detail
    wanted = 6 / np.pi * np.arcsin(RHO / 2)  # Spearman's rho of a Gaussian copula
    assert abs(spearmanr(x[:, 0], x[:, 1]).statistic - wanted) < 0.02
    top = drawn.codes[:, 0] == 15
    assert spearmanr(x[top, 0], x[top, 1]).statistic > 0.1


def test_a_given_value_gives_the_conditional_normal(smooth: GaussianCopulaLevels) -> None:
    codes, detail = continuous(np.full(ROWS, 1.2))
    drawn, weights = smooth.draw(ROWS, rng(), Evidence({0: (codes, detail)}, {}))
    assert weights is None
    z = ndtri((drawn.codes[:, 1] + drawn.detail[:, 1].astype(float)) / 16)
    assert abs(z.mean() - RHO * 1.2) < 0.04
    assert abs(z.std() - np.sqrt(1 - RHO**2)) < 0.03


def test_a_given_level_gives_the_mean_of_the_truncated_normal() -> None:
    z = normals()
    codes, detail = continuous(z)
    codes[:, 0], detail[:, 0] = z[:, 0] > 0.5, 0
    levels = fit(codes, detail, block("x", 2), block("y", 16, inside=True))
    wanted = z[z[:, 0] > 0.5, 1].mean()
    drawn, _ = levels.draw(ROWS, rng(), Evidence({}, {0: np.array([False, True])}))
    y = ndtri((drawn.codes[:, 1] + drawn.detail[:, 1].astype(float)) / 16)
    assert (drawn.codes[:, 0] == 1).all()
    assert abs(y.mean() - wanted) < 0.05


def test_several_confined_blocks_agree_with_rows_that_happen_to_lie_there(
    smooth: GaussianCopulaLevels,
) -> None:
    masks = {0: np.isin(np.arange(16), [0, 1, 12]), 1: np.arange(16) >= 6}
    free, _ = smooth.draw(300_000, rng())
    kept = masks[0][free.codes[:, 0]] & masks[1][free.codes[:, 1]]
    drawn, _ = smooth.draw(ROWS, rng(), Evidence({}, masks))
    for i, mask in masks.items():
        assert mask[drawn.codes[:, i]].all()
        wanted = np.bincount(free.codes[kept, i], minlength=16) / kept.sum()
        assert np.abs(np.bincount(drawn.codes[:, i], minlength=16) / ROWS - wanted).max() < 0.03


def test_missing_values_depend_on_the_others_and_values_keep_their_correlation() -> None:
    z = normals()
    codes, detail = continuous(z)
    codes[:, 1] += 1
    gone = z[:, 0] > 1
    codes[gone, 1], detail[gone, 1] = 0, 0
    blocks = (block("x", 16, inside=True), block("y", 17, inside=True, missing=True))
    levels = fit(codes, detail, *blocks)
    drawn, _ = levels.draw(ROWS, rng())
    absent = drawn.codes[:, 1] == 0
    assert abs(absent.mean() - gone.mean()) < 0.02
    assert drawn.codes[absent, 0].mean() > drawn.codes[~absent, 0].mean() + 5
    assert np.corrcoef(drawn.codes[~absent].T)[0, 1] > 0.4
    only, _ = levels.draw(2_000, rng(), Evidence({}, {1: np.arange(17) == 0}))
    assert (only.codes[:, 1] == 0).all()


def test_missing_or_some_values_is_told_by_weights() -> None:
    codes, detail = continuous(normals())
    codes[:, 1] += 1
    codes[:2_000, 1], detail[:2_000, 1] = 0, 0
    blocks = (block("x", 16, inside=True), block("y", 17, inside=True, missing=True))
    levels = fit(codes, detail, *blocks)
    evidence = Evidence({}, {1: np.arange(17) < 5})
    assert not levels.exact(evidence)
    drawn, weights = levels.draw(5_000, rng(), evidence)
    assert weights is not None
    assert ((weights == 0) == (drawn.codes[:, 1] < 5)).all()


def test_labels_are_ordered_by_what_they_go_with() -> None:
    z = normals()
    codes, detail = continuous(z)
    names = np.array([2, 0, 3, 1])  # label of each quarter of the second variable
    codes[:, 1] = names[np.floor(ndtr(z[:, 1]) * 4).astype(int)]
    detail[:, 1] = 0
    levels = fit(codes, detail, block("x", 16, inside=True), block("y", 4, ordered=False))
    order = levels.latents[1].order.tolist()
    assert order in ([2, 0, 3, 1], [1, 3, 0, 2])


def test_the_correlation_is_positive_definite_for_more_columns_than_rows() -> None:
    codes = np.random.default_rng(0).integers(0, 3, (40, 120))
    codes[:, 60:] = codes[:, :60]
    levels = fit(codes, None, *(block(str(i), 3) for i in range(120)))
    assert np.linalg.eigvalsh(levels.correlation).min() > 1e-4
    assert np.allclose(np.diag(levels.correlation), 1)

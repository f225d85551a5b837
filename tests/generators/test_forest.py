"""Sequential forests: honest spread, no leak from a row to its own guess, conditions by Bayes."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import ks_2samp
from tests.generators.made_levels import block, chain, encoded, learn, rng

from likewise.encode.layout import Encoded, Evidence, Layout
from likewise.generators.copycheck import nearer_share
from likewise.generators.forest import Forest, ForestLevels
from likewise.generators.forest_block import BlockForest
from likewise.generators.forest_linear import fit_linear
from likewise.generators.forest_mean import fit_mean
from likewise.generators.forest_scale import Scale
from likewise.generators.forest_size import sizes
from likewise.generators.forest_trees import Grown, flattened, grow

ROWS = 1_500
LINE = tuple(block(name, 50, inside=True) for name in "xy")


def line(rows: int, seed: int = 0) -> Encoded:
    """Two uniform columns on 50 levels; y is x and a little noise, folded back at the ends."""
    draw = np.random.default_rng(seed)
    x = draw.random(rows)
    y = np.abs((x + draw.normal(0, 0.06, rows) + 1) % 2 - 1)
    at = np.stack([x, y], axis=1) * 50
    codes = np.minimum(at.astype(np.int32), 49)
    return encoded(codes, (at - codes).clip(0, 0.999).astype(np.float32))


def value(rows: Encoded) -> np.ndarray:
    return (rows.codes + rows.detail) / 50


@pytest.fixture(scope="module", params=[0.0, 0.5, 1.0])
def levels(request: pytest.FixtureRequest) -> ForestLevels:
    found = learn(
        Forest(leaf=10, boosted=request.param), encoded(chain(ROWS)), *(block(n, 2) for n in "abc")
    )
    assert isinstance(found, ForestLevels)
    return found


def test_a_linear_relation_keeps_its_noise_and_no_more() -> None:
    drawn, _ = learn(Forest(leaf=20), line(600), *LINE).draw(6_000, rng())
    real, synth = value(line(6_000, seed=3)), value(drawn)
    inner = [(v[:, 0] > 0.2) & (v[:, 0] < 0.8) for v in (real, synth)]
    wide, got = (
        np.diff(v[keep], axis=1).std() for v, keep in zip((real, synth), inner, strict=True)
    )
    assert got == pytest.approx(wide, rel=0.25)
    assert ks_2samp(real[:, 1], synth[:, 1]).statistic < 0.06


def test_shares_of_dependent_labels_are_kept(levels: ForestLevels) -> None:
    drawn, _ = levels.draw(40_000, rng())
    got, wanted = (
        np.bincount(codes @ [4, 2, 1], minlength=8) / len(codes)
        for codes in (drawn.codes, chain(ROWS))
    )
    assert np.abs(got - wanted).max() < 0.02


@pytest.mark.parametrize("fixed", [True, False])
def test_weighted_rows_given_a_late_column_agree_with_counting(
    levels: ForestLevels, fixed: bool
) -> None:
    late = levels.blocks[-1].block
    rows = 20_000
    codes = np.ones(rows, dtype=np.int32)
    known = {late: (codes, np.zeros(rows, dtype=np.float32))}
    mask = {late: np.array([False, True])}
    drawn, weight = levels.draw(rows, rng(), Evidence(known, {}) if fixed else Evidence({}, mask))
    assert weight is not None
    assert (drawn.codes[:, late] == 1).all()
    reference = chain(200_000, seed=9)
    other = 1 if late != 1 else 0
    wanted = reference[reference[:, late] == 1, other].mean()
    got = np.average(drawn.codes[:, other], weights=np.exp(weight))
    assert got == pytest.approx(wanted, abs=0.04)


def test_what_is_known_first_needs_no_weights(levels: ForestLevels) -> None:
    first, late = levels.blocks[0].block, levels.blocks[-1].block
    mask = np.array([False, True])
    assert levels.exact(Evidence({}, {first: mask}))
    assert not levels.exact(Evidence({}, {late: mask}))


def test_a_guess_tells_nothing_of_the_row_it_is_made_for() -> None:
    draw = np.random.default_rng(0)
    codes = draw.integers(0, 8, (2_000, 3)).astype(np.int32)
    noise = draw.normal(size=(2_000, 1))
    blocks = [block(n, 8, ordered=False) for n in "abc"]
    scales = [Scale.of(b, codes[:, i], None) for i, b in enumerate(blocks)]
    scores = np.stack([s.scores(codes[:, i], codes[:, i]) for i, s in enumerate(scales)], axis=1)
    _, unseen = fit_linear(scores, codes, scales, noise, draw)
    assert abs(np.corrcoef(unseen[:, 0], noise[:, 0])[0, 1]) < 0.1
    mean, _ = fit_mean(scores, noise, Grown(30, 5, 0.7, 0.6), draw)
    assert mean is None


def test_a_linear_guess_finds_slopes_and_steps() -> None:
    draw = np.random.default_rng(0)
    codes = np.stack([draw.integers(0, 50, 3_000), draw.integers(0, 3, 3_000)], axis=1)
    scales = [
        Scale.of(block("x", 50), codes[:, 0], None),
        Scale.of(block("label", 3, ordered=False), codes[:, 1], None),
    ]
    scores = np.stack(
        [s.scores(codes[:, i], np.zeros(3_000)) for i, s in enumerate(scales)], axis=1
    )
    truth = 2 * scores[:, :1] + np.array([0.0, 1.0, -1.0])[codes[:, 1:]] + 5
    linear, _ = fit_linear(scores, codes, scales, truth, draw)
    assert np.abs(linear.predict(scores, codes) - truth).max() < 0.05


def spreading(rows: int, seed: int = 0) -> Encoded:
    """Two columns; y lies about the middle, closely where x is low and ten times as far if not."""
    draw = np.random.default_rng(seed)
    x = draw.random(rows)
    y = np.clip(0.5 + draw.normal(0, np.where(x < 0.5, 0.015, 0.15)), 0, 0.9999)
    at = np.stack([x, y], axis=1) * 50
    codes = np.minimum(at.astype(np.int32), 49)
    return encoded(codes, (at - codes).clip(0, 0.999).astype(np.float32))


def test_a_spread_that_changes_while_the_mean_does_not_is_seen() -> None:
    drawn, _ = learn(Forest(leaf=20, boosted=0), spreading(800), *LINE).draw(6_000, rng())
    real, synth = value(spreading(6_000, seed=3)), value(drawn)
    for low, high in ((0.0, 0.45), (0.55, 1.0)):  # leaves may lie across the middle
        inside = [v[(v[:, 0] > low) & (v[:, 0] < high), 1] for v in (real, synth)]
        wanted, got = (np.quantile(y, 0.95) - np.quantile(y, 0.05) for y in inside)
        assert got == pytest.approx(wanted, rel=0.25)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_margin_and_relation_hold_whoever_draws(share: float) -> None:
    found = learn(Forest(leaf=20, boosted=share), line(800), *LINE)
    drawn, _ = found.draw(6_000, rng())
    real, synth = value(line(6_000, seed=3)), value(drawn)
    assert isinstance(found, ForestLevels)
    assert [b.boosted is not None for b in found.blocks] == [False, share > 0]
    assert ks_2samp(real[:, 1], synth[:, 1]).statistic < 0.06
    assert np.corrcoef(synth.T)[0, 1] == pytest.approx(np.corrcoef(real.T)[0, 1], abs=0.02)


@pytest.mark.parametrize(("rows", "depths"), [(300, [1]), (1_000, [2, 1]), (5_000, [3, 2, 1])])
def test_few_rows_allow_shallow_trees_only(rows: int, depths: list[int]) -> None:
    assert [size.depth for size in sizes(rows, 1.0, None, None)] == depths
    assert [size.depth for size in sizes(rows, 1.0, None, 4)] == [4]


@pytest.mark.parametrize("boosted", [0.0, 0.5, 1.0])
def test_what_is_tried_only_ever_learns_less(boosted: float) -> None:
    tried = sizes(4_000, boosted, None, None)
    assert all(a != b for a, b in pairwise(tried))
    for kind, changes in (("leaf", boosted < 1), ("depth", boosted > 0)):
        found = [getattr(size, kind) for size in tried]
        assert found == sorted(found, reverse=kind == "depth")
        assert (len(set(found)) > 1) is changes


def test_of_noise_in_few_rows_shallow_trees_learn_less_by_heart_than_deep_ones() -> None:
    draw = np.random.default_rng(0)
    columns = tuple(block(f"x{i}", 20) for i in range(8))
    layout = Layout(columns)
    near: dict[int, list[float]] = {1: [], 6: []}
    for seed in range(4):
        learned, unseen = (encoded(draw.integers(0, 20, (300, 8)).astype(np.int32)) for _ in "ab")
        for depth, found in near.items():
            levels = learn(Forest(depth=depth), learned, *columns)
            drawn, _ = levels.draw(4_000, np.random.default_rng(seed))
            found.append(nearer_share(drawn, learned, unseen, layout))
    assert np.mean(near[1]) < np.mean(near[6])


def test_a_target_is_left_to_the_forest() -> None:
    found = learn(Forest(leaf=20), line(300), *LINE, target="y")
    assert isinstance(found, ForestLevels)
    assert [b.boosted for b in found.blocks if isinstance(b, BlockForest)] == [None, None]


def test_a_leaf_is_a_sorted_histogram_so_that_no_row_can_be_put_together() -> None:
    draw = np.random.default_rng(0)
    x, place = draw.random((400, 2)).astype(np.float32), draw.normal(size=400)
    trees = grow(x, place[:, None], Grown(5, 10, 0.7, 1.0), draw)
    held = flattened(trees, x, np.full(400, -1), place)
    for start, stop in zip(held.start, held.stop, strict=True):
        assert (np.diff(held.place[start:stop]) >= 0).all()
    leaves = held.left < 0
    assert (held.stop - held.start)[leaves].min() >= 10
    assert (held.stop - held.start)[leaves].sum() == 5 * 400


def test_single_values_many_rows_share_come_out_as_they_are_and_others_between() -> None:
    codes = np.random.default_rng(0).permutation(np.repeat([0, 1], [500, 500]))
    heap = block("x", 2, inside=True)
    heap.atoms[0] = True
    scale = Scale.of(heap, codes, None)
    assert scale.single.tolist() == [True, False]
    detail = np.where(codes == 1, 0.25, 0)
    place = scale.places(codes, detail)
    assert np.isnan(place[codes == 0]).all()
    back, inside = scale.levels(place[codes == 1])
    assert (back == 1).all()
    assert inside == pytest.approx(0.25, abs=1e-3)


def test_a_large_table_is_learned_from_some_of_its_rows() -> None:
    found = learn(Forest(leaf=50, rows=500, trees=5, boosted=0), line(3_000), *LINE)
    assert isinstance(found, ForestLevels)
    second = found.blocks[1].trees
    assert second is not None
    assert len(second.place) == 5 * 500


def test_a_label_of_more_levels_than_a_short_integer_counts_keeps_them() -> None:
    codes = np.repeat(np.random.default_rng(0).integers(0, 30, (600, 1)), 2, axis=1)
    codes[:, 1] = 36_000 + 100 * codes[:, 0]
    blocks = block("a", 30, ordered=False), block("b", 40_000, ordered=False)
    drawn, _ = learn(Forest(leaf=5, trees=4), encoded(codes), *blocks, target="b").draw(500, rng())
    assert np.isin(drawn.codes[:, 1], codes[:, 1]).all()

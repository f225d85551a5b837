"""The mixed view loses nothing, keeps heaps apart, and gives standard normal reals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import kstest, norm
from tests.generators.made_levels import block

from likewise.encode.layout import Block, Encoded, Layout
from likewise.nn import head
from likewise.nn.mixed import Mixed, continuous, heaps

ROWS = 4_000


def ordered(counts: list[float], atoms: list[bool] | bool = True, missing: bool = False) -> Block:
    size = len(counts)
    single = np.full(size, atoms) if isinstance(atoms, bool) else np.array(atoms)
    return Block("x", "x", True, missing, single, np.arange(size) * 1.0, np.array(counts) * 1.0)


AGES = ordered([float(100 + i % 7) for i in range(70)])
BLOCKS = (
    block("label", 5),
    AGES,
    ordered([500.0, 2_000.0, *[50.0] * 30], [True, True, *[False] * 30], missing=True),
    ordered([10.0] * 200, atoms=False),
    ordered([5.0, 9.0, 7.0]),
)
LAYOUT = Layout(BLOCKS)


def rows(layout: Layout = LAYOUT, count: int = ROWS) -> Encoded:
    rng = np.random.default_rng(0)
    made = Encoded.empty(count, layout.width)
    for i, one in enumerate(layout.blocks):
        shares = one.counts if one.counts.sum() else np.ones(one.size)
        made.codes[:, i] = rng.choice(one.size, count, p=shares / shares.sum())
        inside = rng.random(count, dtype=np.float32)
        made.detail[:, i] = np.where(one.atoms[made.codes[:, i]], 0, inside)
    return made


def test_encoding_and_decoding_gives_the_same_codes_and_details() -> None:
    view, made = Mixed.of(LAYOUT), rows()
    back = view.decode(*view.encode(made, np.random.default_rng(1)))
    assert (back.codes == made.codes).all()
    np.testing.assert_allclose(back.detail, made.detail, atol=2e-4)


def test_every_real_has_a_standard_normal_margin() -> None:
    view, made = Mixed.of(LAYOUT), rows()
    options, reals = view.encode(made, np.random.default_rng(1))
    seen = np.asarray(head.present(view.geometry, jnp.asarray(options))) > 0
    assert view.real_blocks == [1, 2, 3]
    for r in range(3):
        assert kstest(reals[seen[:, r], r], norm.cdf).pvalue > 1e-4
    assert (reals[~seen] == 0).all()


def test_any_real_decodes_to_a_level_that_occurs() -> None:
    view = Mixed.of(LAYOUT)
    options = np.zeros((5, view.geometry.options.count), dtype=np.int32)
    options[:, :5] = [0, 0, len(view.level[2]) - 1, 0, 0]
    extremes = np.array([-40, -5, 0, 5, 40], dtype=np.float32)[:, None]
    back = view.decode(options, np.repeat(extremes, view.geometry.reals, axis=1))
    assert (back.codes[:, 1] == np.sort(back.codes[:, 1])).all()
    assert back.codes[0, 1] == 0
    assert back.codes[-1, 1] == 69
    assert ((back.detail >= 0) & (back.detail < 1)).all()


def test_short_blocks_are_a_mere_choice_and_long_ones_share_a_real() -> None:
    assert not continuous(BLOCKS[4]).any()
    assert not continuous(BLOCKS[0]).any()
    assert continuous(AGES).all()
    assert continuous(BLOCKS[2]).tolist() == [False, False, *[True] * 30]


def test_heaps_stay_choices_and_smooth_shares_do_not() -> None:
    hours = np.full(70, 10.0)
    hours[[40, 50]] = 900.0, 150.0
    assert np.flatnonzero(heaps(ordered(list(hours)))).tolist() == [40, 50]
    days = ordered([100.0] * 31)  # each 3.2 %, none stands out
    assert not heaps(days).any()
    zeros = ordered([10.0, 9_000.0, *[20.0] * 40], missing=True)
    assert np.flatnonzero(heaps(zeros)).tolist() == [1]
    assert not continuous(zeros)[0]


def test_a_table_without_reals_and_one_without_rows_work() -> None:
    view = Mixed.of(Layout((block("a", 3),)))
    options, reals = view.encode(Encoded.empty(0, 1), np.random.default_rng(0))
    assert view.decode(options, reals).rows == 0
    assert view.real_blocks == []


def test_the_likelihood_is_softmax_times_mixture_and_absent_reals_do_not_count() -> None:
    view = Mixed.of(LAYOUT)
    options, reals = view.encode(rows(count=200), np.random.default_rng(1))
    shape = (200, head.outputs(view.geometry, 2))
    x = np.random.default_rng(2).normal(size=shape).astype(np.float32)
    said = head.parts(view.geometry, jnp.asarray(x), 2)
    _, density = head.log_prob(view.geometry, said, options, reals)
    weight = np.exp(said.weight) / np.exp(said.weight).sum(-1, keepdims=True)
    by_hand = np.log(
        (weight * norm.pdf(reals[..., None], said.mean, np.exp(said.log_scale))).sum(-1)
    )
    seen = np.asarray(head.present(view.geometry, jnp.asarray(options)))
    np.testing.assert_allclose(np.asarray(density), by_hand * seen, atol=1e-4)


@pytest.mark.parametrize("mixtures", [1, 3])
def test_drawing_from_the_head_has_its_moments(mixtures: int) -> None:
    view = Mixed.of(LAYOUT)
    count = 20_000
    x = np.random.default_rng(3).normal(size=(1, head.outputs(view.geometry, mixtures)))
    said = head.parts(view.geometry, jnp.tile(jnp.asarray(x, jnp.float32), (count, 1)), mixtures)
    options, reals = jax.jit(head.draw)(view.geometry, said, jax.random.key(0))
    weight = np.exp(said.weight[0]) / np.exp(said.weight[0]).sum(-1, keepdims=True)
    scale = np.exp(said.log_scale[0])
    mean = (weight * said.mean[0]).sum(-1)
    variance = (weight * (scale**2 + said.mean[0] ** 2)).sum(-1) - mean**2
    ages = np.asarray(reals)[:, 0]  # always there
    assert abs(ages.mean() - mean[0]) < 5 * np.sqrt(variance[0] / count)
    assert abs(ages.var() / variance[0] - 1) < 0.1
    assert np.asarray(options)[:, 0].max() == 4

"""Labels that share one level: nothing frequent is lost, and every label can come back."""

import numpy as np
import pytest
from tests.generators.made_levels import encoded, rng

from likewise.encode.layout import Block, Evidence, Layout
from likewise.generators.pool import MOST, Pool

LEVELS = MOST + 500
COUNTS = np.r_[np.full(500, 1.0), np.full(MOST, 10.0)]  # the first 500 are rare
LABEL = Block("a", "a", False, False, np.ones(LEVELS, bool), np.arange(float(LEVELS)), COUNTS)
SHORT = Block("b", "b", False, False, np.ones(3, bool), np.arange(3.0), np.ones(3))
LAYOUT = Layout((SHORT, LABEL))
POOL = Pool.of(LAYOUT)
EVERY = encoded(np.stack([np.arange(LEVELS) % 3, np.arange(LEVELS)], axis=1))


def test_short_blocks_are_left_alone() -> None:
    assert Pool.of(Layout((SHORT,))).encode(EVERY) is EVERY
    assert POOL.layout(LAYOUT).blocks[0] is SHORT


def test_the_commonest_levels_stay_and_the_counts_add_up() -> None:
    pooled = POOL.layout(LAYOUT).blocks[1]
    assert pooled.size == MOST
    assert pooled.counts.sum() == COUNTS.sum()
    assert pooled.counts[-1] == 500 + 10  # all rare levels, and one to make room for them


def test_levels_that_stay_come_back_exactly_and_others_by_their_shares() -> None:
    drawn = POOL.encode(EVERY)
    weight = POOL.decode(drawn, rng(), {})
    stay = POOL.maps["1"] < MOST - 1
    assert (drawn.codes[stay] == EVERY.codes[stay]).all()
    assert (POOL.maps["1"][drawn.codes[~stay, 1]] == MOST - 1).all()
    assert not weight.any()


def test_an_allowed_pooled_level_is_drawn_with_its_share_as_weight() -> None:
    allowed = np.arange(LEVELS) == 7
    known = POOL.evidence(Evidence({}, {1: allowed}))
    assert np.flatnonzero(known.allowed[1]).tolist() == [MOST - 1]
    drawn = encoded(np.full((50, 2), MOST - 1))
    weight = POOL.decode(drawn, rng(), {1: allowed})
    assert (drawn.codes[:, 1] == 7).all()
    assert np.exp(weight) == pytest.approx(1 / 510)


def test_a_given_pooled_level_is_known_by_what_stands_for_it() -> None:
    codes = np.array([3, LEVELS - 1])
    known = POOL.evidence(Evidence({1: (codes, np.zeros(2))}, {}))
    assert known.fixed[1][0].tolist() == POOL.maps["1"][codes].tolist()

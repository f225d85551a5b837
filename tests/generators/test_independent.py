"""Independent columns: shares as counted, and conditions that touch nothing else."""

import numpy as np
from tests.generators.made_levels import block, encoded, learn, rng

from likewise.encode.layout import Evidence
from likewise.generators.independent import Independent

CODES = np.repeat([[0, 1], [1, 0], [2, 1], [2, 0]], [10, 20, 30, 40], axis=0)
BLOCKS = (block("a", 3), block("b", 2, inside=True))


def test_levels_come_in_their_shares_and_details_are_uniform_inside() -> None:
    drawn, weights = learn(Independent(), encoded(CODES), *BLOCKS).draw(40_000, rng())
    assert weights is None
    shares = np.bincount(drawn.codes[:, 0], minlength=3) / 40_000
    assert np.abs(shares - [0.1, 0.2, 0.7]).max() < 5 * np.sqrt(0.25 / 40_000)
    assert (drawn.detail[:, 0] == 0).all()
    assert abs(drawn.detail[:, 1].mean() - 0.5) < 5 * np.sqrt(1 / 12 / 40_000)


def test_a_level_never_seen_is_never_drawn() -> None:
    drawn, _ = learn(Independent(), encoded(CODES[:30]), *BLOCKS).draw(5_000, rng())
    assert set(drawn.codes[:, 0].tolist()) == {0, 1}


def test_evidence_holds_and_leaves_the_other_columns_alone() -> None:
    levels = learn(Independent(), encoded(CODES), *BLOCKS)
    allowed = Evidence({}, {0: np.array([True, True, False])})
    drawn, _ = levels.draw(9_000, rng(), allowed)
    shares = np.bincount(drawn.codes[:, 0], minlength=3) / 9_000
    assert np.abs(shares - [1 / 3, 2 / 3, 0]).max() < 0.03
    codes, detail = np.array([2, 0, 1], dtype=np.int32), np.zeros(3, dtype=np.float32)
    drawn, _ = levels.draw(3, rng(), Evidence({0: (codes, detail)}, {}))
    assert drawn.codes[:, 0].tolist() == [2, 0, 1]

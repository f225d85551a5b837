"""The copy check: fair rows score one half, copies one."""

import numpy as np
from tests.generators.made_levels import block

from likewise.encode.layout import Encoded, Layout
from likewise.generators.copycheck import nearer_share

LAYOUT = Layout((block("a", 20, inside=True), block("b", 20, inside=True), block("c", 4)))


def rows(count: int, seed: int) -> Encoded:
    rng = np.random.default_rng(seed)
    made = Encoded.empty(count, 3)
    made.codes[:] = np.stack([rng.integers(0, size, count) for size in (20, 20, 4)], axis=1)
    made.detail[:, :2] = rng.random((count, 2))
    return made


def test_fresh_rows_are_as_near_to_learned_as_to_unseen_ones() -> None:
    share = nearer_share(rows(2_000, 1), rows(1_000, 2), rows(1_000, 3), LAYOUT)
    assert abs(share - 0.5) < 4 * np.sqrt(0.25 / 2_000)


def test_copies_are_nearer_to_what_was_learned() -> None:
    learned = rows(1_000, 2)
    again = learned.take(np.random.default_rng(0).integers(0, 1_000, 800))
    assert nearer_share(again, learned, rows(1_000, 3), LAYOUT) > 0.99


def test_copies_of_unseen_rows_score_nothing_and_ties_count_half() -> None:
    learned, unseen = rows(500, 2), rows(500, 3)
    assert nearer_share(unseen, learned, unseen, LAYOUT) < 0.01
    assert nearer_share(rows(300, 4), learned, learned, LAYOUT) == 0.5


def test_distance_is_by_rank_for_ordered_and_all_or_nothing_for_labels() -> None:
    layout = Layout((block("label", 3, ordered=False), block("rank", 10)))
    drawn, far, near = (Encoded.empty(1, 2) for _ in range(3))
    far.codes[0] = [1, 0]  # another label: distance 1
    near.codes[0] = [0, 9]  # nine of ten ranks away: distance 0.9
    assert nearer_share(drawn, near, far, layout) == 1.0

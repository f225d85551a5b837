"""What is said of an array holds for it, and for none beside it."""

import numpy as np
import pytest

from likewise.core.checks import agree, arranged, bounded, rising, shaped, spread, within

ONE_TWO = np.array([1, 2], dtype=np.int32)
HALVES = np.array([0.5, 0.5])
MISSING = np.array([0.5, np.nan])


def test_what_holds_is_let_pass() -> None:
    shaped("x", ONE_TWO, np.int32, 2)
    shaped("x", np.zeros((3, 2)), np.float64, None, 2)
    within("x", ONE_TWO, 1, 3)
    within("x", np.empty(0), 5, 6)
    bounded("x", np.array([-1e11, 1e11], dtype=np.float32))
    rising("x", np.array([-np.inf, 0, 0, np.inf]))
    spread("x", HALVES)
    arranged("x", np.array([2, 0, 1]))
    agree(True, "all")


@pytest.mark.parametrize(
    ("check", "value", "law"),
    [
        (shaped, ONE_TWO, (np.int64, 2)),
        (shaped, ONE_TWO, (np.int32, 3)),
        (shaped, ONE_TWO, (np.int32, None, None)),
        (shaped, np.array(1, dtype=np.int32), (np.int32, None)),
        (within, ONE_TWO, (1, 2)),
        (within, ONE_TWO, (2, 3)),
        (within, MISSING, (0, 1)),
        (bounded, MISSING, ()),
        (bounded, np.array([1e30]), ()),
        (rising, ONE_TWO[::-1], ()),
        (rising, MISSING, ()),
        (spread, 2 * HALVES, ()),
        (spread, np.array([1.5, -0.5]), ()),
        (spread, np.empty(0), ()),
        (spread, MISSING, ()),
        (arranged, np.array([0, 0, 1]), ()),
        (arranged, np.array([0, 1, 3]), ()),
        (arranged, np.array([-1, 0]), ()),
    ],
)
def test_what_does_not_hold_is_refused_by_name(check, value, law) -> None:
    with pytest.raises(ValueError, match="x: "):
        check("x", value, *law)

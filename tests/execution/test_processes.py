"""Work in processes gives what work at home gives, in order; the first failure ends it."""

import math

import pytest

from likewise.execution.processes import process_map


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_and_a_failure_ends_the_work(workers: int) -> None:
    assert list(process_map(math.isqrt, range(9), workers=workers)) == [0, 1, 1, 1, 2, 2, 2, 2, 2]
    found = process_map(math.sqrt, [4.0, -1.0, 9.0], workers=workers)
    assert next(found) == 2.0
    with pytest.raises(ValueError, match=r"domain|nonnegative"):
        next(found)
    assert list(process_map(math.sqrt, [], workers=workers)) == []

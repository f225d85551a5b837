import math

import pytest

from likewise.report.wording import brief, count, listed, percent, span


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.00001, "< 0.01 %"), (0.004, "0.40 %"), (0.0123, "1.2 %"), (1, "100 %"),
     (math.nan, "–"), (None, "–"), (-0.02, "-2.0 %")],
)  # fmt: skip
def test_shares_read_with_two_telling_digits(share, text) -> None:
    assert percent(share) == text


def test_intervals_name_their_unit_once() -> None:
    assert span((0.01, 0.014), "%") == "1.0 to 1.4 %"
    assert span((0.5, 0.6), "") == "0.500 to 0.600"
    assert span(None, "%") == ""


def test_counts_and_lists_read_as_words() -> None:
    assert count(1, "row") == "1 row"
    assert count(12345, "row") == "12,345 rows"
    assert listed(("a", "b", "c", "d")) == "'a', 'b', 'c' and 1 more"


@pytest.mark.parametrize(
    ("value", "said"),
    [(415_407.0, "415,407"), (1_000.4, "1,000"), (999.96, "1,000"), (0.123456, "0.1235"),
     (-2_500_000.0, "-2,500,000"), (3.0, "3"), (math.nan, "–"), (None, "–")],
)  # fmt: skip
def test_numbers_of_any_size_read_plainly(value: float | None, said: str) -> None:
    assert brief(value) == said

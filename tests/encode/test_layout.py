import numpy as np

from likewise.encode.layout import Encoded


def rows(count: int, width: int) -> Encoded:
    """Rows whose cells are all different."""
    whole = Encoded.empty(count, width)
    whole.codes[:] = np.arange(count * width).reshape(count, width)
    whole.detail[:] = whole.codes / (count * width)
    return whole


def test_rows_are_taken_by_position_or_by_mask_and_stay_column_by_column() -> None:
    whole = rows(6, 3)
    mask = np.array([True, False, False, True, False, True])
    by_mask, by_place = whole.take(mask), whole.take(np.array([0, 3, 5]))
    assert by_mask.codes.tolist() == by_place.codes.tolist() == whole.codes[mask].tolist()
    assert by_mask.detail.tolist() == whole.detail[mask].tolist()
    for one in (by_mask, by_place, whole.take(np.array([2, 2, 0]))):
        assert one.codes.flags.f_contiguous and one.detail.flags.f_contiguous
    assert whole.take(np.array([], dtype=np.int64)).codes.shape == (0, 3)
    assert rows(4, 0).take(np.array([1])).codes.shape == (1, 0)

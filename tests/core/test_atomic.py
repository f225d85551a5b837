import errno
from pathlib import Path

import pytest

from likewise.core.atomic import replacing
from likewise.core.errors import DataError


def test_a_file_appears_only_when_the_block_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with replacing(path) as part:
        part.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [ValueError(), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_as_it_was(tmp_path: Path, failure: BaseException) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(type(failure)), replacing(path) as part:
        part.write_text("half")
        raise failure
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No space left"), replacing(tmp_path / "out.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"), replacing(tmp_path / "nowhere" / "out.csv"):
        pass

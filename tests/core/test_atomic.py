import errno
from pathlib import Path

import pytest

from likewise.core.atomic import replacing, together
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


def test_files_written_together_appear_at_the_end(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.html"
    two.write_text("old")
    with together() as put:
        for path in (one, two):
            with put(path) as part:
                part.write_text("new")
        assert not one.exists()
        assert two.read_text() == "old"
    assert one.read_text() == two.read_text() == "new"
    assert set(tmp_path.iterdir()) == {one, two}


@pytest.mark.parametrize("failure", [ValueError(), KeyboardInterrupt()])
def test_when_a_later_file_fails_none_appears(tmp_path: Path, failure: BaseException) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.html"
    one.write_text("old")
    with pytest.raises(type(failure)), together() as put:
        with put(one) as part:
            part.write_text("new")
        with put(two):
            raise failure
    assert one.read_text() == "old"
    assert list(tmp_path.iterdir()) == [one]


def test_when_a_renaming_fails_those_before_it_are_undone(tmp_path: Path) -> None:
    old, new, third = (tmp_path / name for name in ("old.csv", "new.html", "third"))
    old.write_text("old")
    with pytest.raises(DataError, match="third"), together() as put:
        for path in (old, new, third):
            with put(path) as part:
                part.write_text("new")
        third.mkdir()  # nothing can be renamed to a folder
    assert old.read_text() == "old"
    assert set(tmp_path.iterdir()) == {old, third}


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    link.symlink_to(target)
    with replacing(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_name_as_long_as_the_system_allows_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".csv")
    with replacing(path) as part:
        part.write_text("whole")
    assert path.read_text() == "whole"

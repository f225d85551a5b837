"""Files that appear whole or not at all, one by one or together."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from likewise.core.errors import DataError

_LONGEST = 40  # characters of a file's name that its temporary name repeats

Put = Callable[[Path], AbstractContextManager[Path]]  # replacing, or what together() gives


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; it becomes ``path`` if the block ends well.

    On any failure, Ctrl-C included, the temporary file is removed and ``path`` is as it was.
    A link is followed, so that what it leads to is replaced. An unwritable folder and a full disk
    raise DataError.
    """
    with together() as put, put(path) as part:
        yield part


@contextlib.contextmanager
def together() -> Iterator[Put]:
    """Give a stand-in for ``replacing`` whose files all appear at the end of the block, or none.

    Everything is written before anything is renamed. If a renaming fails, those before it are
    undone, and files that were replaced come back; only a crash between two renamings, which
    follow each other at once, leaves some files new and some old.
    """
    waiting: list[tuple[Path, Path]] = []  # temporary and final place of finished files

    @contextlib.contextmanager
    def put(path: Path) -> Iterator[Path]:
        part, place = _temporary(path)
        try:
            with _told(path):
                yield part
                part.chmod(0o666 & ~_umask())
            waiting.append((part, place))
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    try:
        yield put
        _rename_all(waiting)
    finally:
        for part, _ in waiting:
            part.unlink(missing_ok=True)


def _temporary(path: Path) -> tuple[Path, Path]:
    """A new empty file beside the place that ``path`` leads to, and that place."""
    if path.is_dir():
        raise DataError(str(path), "is a folder", "Give the path of a file")
    if path.exists() and not path.is_file():  # a device must never be replaced by a file
        raise DataError(str(path), "is no regular file", "Give the path of a file")
    place = Path(os.path.realpath(path))
    return _made(place, ".part", path), place


def _made(place: Path, suffix: str, path: Path) -> Path:
    try:
        prefix = f".{place.name[:_LONGEST]}."
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=place.parent)
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise DataError(str(path), found, "Choose a folder that exists and is writable") from None
    os.close(handle)
    return Path(name)


def _rename_all(files: list[tuple[Path, Path]]) -> None:
    """Move finished files to their places; all or none."""
    olds: dict[Path, Path] = {}
    try:
        for _, place in files:
            if place.exists() and len(files) > 1:
                olds[place] = _made(place, ".old", place)
                _keep(place, olds[place])
        for part, place in files:
            with _told(place):
                part.replace(place)
    except BaseException:
        for part, place in files:
            if part.exists():  # not moved
                continue
            if place in olds:
                olds[place].replace(place)
            else:
                place.unlink()
        raise
    finally:
        for old in olds.values():
            old.unlink(missing_ok=True)


def _keep(place: Path, old: Path) -> None:
    """Give a file that is about to be replaced a second name; a copy where links are unknown."""
    try:
        old.unlink()
        os.link(place, old)
    except OSError:
        with _told(place):
            shutil.copy2(place, old)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the system says about a file that cannot be written, as DataError."""
    try:
        yield
    except OSError as error:
        found = f"cannot be written ({error.strerror or error})"
        raise DataError(str(path), found, "Free some space or choose another place") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``folder``; it becomes ``folder`` if the block ends well.

    On any failure the temporary folder is removed and there is no ``folder``, or an empty one if
    there was one. A folder that holds anything is refused with DataError.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(str(folder), "is no folder", "Give the path of a folder")
    if folder.exists() and any(folder.iterdir()):
        raise DataError(str(folder), "is not empty", "Give a new or an empty folder")
    place = Path(os.path.realpath(folder))
    with _told(folder):
        prefix = f".{place.name[:_LONGEST]}."
        part = Path(tempfile.mkdtemp(prefix=prefix, suffix=".part", dir=place.parent))
    try:
        with _told(folder):
            yield part
            part.chmod(0o777 & ~_umask())
            if place.exists():
                place.rmdir()
            part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)

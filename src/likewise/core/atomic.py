"""Files that appear whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from likewise.core.errors import DataError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; it becomes ``path`` if the block ends well.

    On any failure, Ctrl-C included, the temporary file is removed and ``path`` is as it was.
    An unwritable folder and a full disk raise DataError.
    """
    if path.is_dir():
        raise DataError(str(path), "is a folder", "Give the path of a file")
    if path.exists() and not path.is_file():  # a device must never be replaced by a file
        raise DataError(str(path), "is no regular file", "Give the path of a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise DataError(str(path), found, "Choose a folder that exists and is writable") from None
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        found = f"cannot be written ({error.strerror or error})"
        raise DataError(str(path), found, "Free some space or choose another place") from error
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

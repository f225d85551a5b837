"""What an interrupted run leaves behind so that the next one can go on from there.

A folder beside the output holds the state of learning, and the seed. It is removed when the run
succeeds; methods that learn in one go never make it.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from likewise.core.errors import ConfigError
from likewise.jobs.plan import Plan

SEED = "seed.txt"
PART = "*.likewise"


@contextlib.contextmanager
def kept_until_done(plan: Plan) -> Iterator[Path | None]:
    """The folder for the run's checkpoints; None when no file is written that it could lie beside.

    A run that does not resume begins without what an earlier one left.
    """
    folder = plan.checkpoint
    if folder is None:
        yield None
        return
    if not plan.resume:
        _remove(folder)
    try:
        yield folder
    except KeyboardInterrupt:
        if not any(folder.rglob(PART)):
            raise
        (folder / SEED).write_text(str(plan.seed), encoding="utf-8")
        left = (
            f"cancelled; {folder} holds what was learned. Go on with: the same words and --resume"
        )
        raise KeyboardInterrupt(left) from None
    _remove(folder)


def left_seed(beside: str) -> int:
    """The seed of the interrupted run whose output is ``beside``; ConfigError if there is none."""
    file = Path(f"{beside}.checkpoint") / SEED
    try:
        return int(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = f"no interrupted run has left its state beside {beside}"
        raise ConfigError("--resume", found, "Run without --resume") from None


def _remove(folder: Path) -> None:
    """Remove what runs leave in ``folder``, and it and its parts if nothing else is there."""
    for file in [*folder.rglob(PART), folder / SEED]:
        file.unlink(missing_ok=True)
    for part in [*folder.glob("*"), folder]:
        with contextlib.suppress(OSError):
            part.rmdir()

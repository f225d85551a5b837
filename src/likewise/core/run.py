"""What a piece of work may use while it runs, and whom it tells; nothing that shapes its result."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from likewise.core.progress import Deadline, Progress, silent


@dataclass(frozen=True)
class Run:
    """The circumstances of a run, handed from the caller down to the method.

    Attributes:
        progress: told of every step.
        deadline: the time after which optional work is left out.
        workers: threads; all cores when None.
        checkpoint: a file to continue from if it is there, and to leave behind when interrupted;
            methods that learn in one go make no use of it.
    """

    progress: Progress = silent
    deadline: Deadline = field(default_factory=Deadline)
    workers: int | None = None
    checkpoint: Path | None = None

    def within(self, deadline: Deadline) -> "Run":
        """The same run with another deadline."""
        return replace(self, deadline=deadline)

"""How long work tells about itself, and how it knows when to stop."""

import time
from dataclasses import dataclass, field
from typing import Protocol


class Progress(Protocol):
    """Called from the thread that started the work; cheap enough to call often."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` steps of ``stage`` are finished."""


def silent(stage: str, done: int, total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock after which optional work is left out."""

    seconds: float = float("inf")
    start: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that remain; negative once the moment has passed."""
        return self.seconds - (time.monotonic() - self.start)

    @property
    def passed(self) -> bool:
        """Whether the time is used up."""
        return self.left <= 0

"""How long the parts of a run took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from likewise.core.progress import Progress


@dataclass
class Clock:
    """Seconds by stage; they go to the terminal and to ``--json``, never into a file."""

    seconds: dict[str, float] = field(default_factory=dict)
    start: float = field(default_factory=time.perf_counter)

    @contextmanager
    def stage(self, name: str, progress: Progress) -> Iterator[None]:
        """Time a stage and say that it has begun and ended."""
        progress(name, 0, 1)
        begun = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begun, 3)
        progress(name, 1, 1)

    def total(self) -> dict[str, float]:
        """Seconds by stage and in all."""
        return {**self.seconds, "total": round(time.perf_counter() - self.start, 3)}

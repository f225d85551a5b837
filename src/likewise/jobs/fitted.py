"""What every fitted model is to Python callers: a schema, notes, a file, frames of their kind."""

from abc import ABC
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from likewise.data.convert import to_source
from likewise.data.schema import Schema
from likewise.data.table import Table
from likewise.io.frames import to_frame
from likewise.jobs.arguments import path_of
from likewise.jobs.saved import Saved, SavedEvents, SavedSeries, save

MOST_ROWS = 10**12


@dataclass(frozen=True)
class Fitted(ABC):
    """A fitted model: draws rows in the kind of frame it was fitted on.

    Attributes:
        saved: the model as it is stored.
        like: an empty frame of the caller's kind; None gives Arrow tables.
    """

    saved: Saved | SavedSeries | SavedEvents
    like: Any = None

    @property
    def schema(self) -> Schema:
        """What the columns are, with the evidence."""
        return self.saved.model.schema

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned, was protected, or has to be known, in sentences."""
        return tuple(self.saved.model.notes)

    @property
    def rows(self) -> int:
        """Rows that were learned."""
        return self.saved.model.rows

    def save(self, path: str | Path) -> None:
        """Write the model to a file that ``likewise.load`` and ``likewise sample`` read."""
        save(self.saved, path_of(path))

    def _framed(self, made: Table, like: Any) -> Any:
        """A drawn table as a frame of the kind of ``like``, or of the caller's own."""
        return to_frame(to_source(made), self.like if like is None else like)

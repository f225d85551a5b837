"""A fitted model of a series as Python callers hold it: frames in, frames of the same kind out."""

from dataclasses import dataclass
from typing import Any

from likewise.core.seeds import Seed
from likewise.jobs.arguments import refuse_unless_whole
from likewise.jobs.fitted import MOST_ROWS, Fitted
from likewise.jobs.model import raw_of
from likewise.jobs.saved import SavedSeries
from likewise.jobs.understand import in_kinds_of


@dataclass(frozen=True, repr=False)
class SeriesFit(Fitted):
    """A fitted model of a series, or of several: draws rows that follow each other."""

    saved: SavedSeries

    def __repr__(self) -> str:
        """What it is in one line, without a number that was learned."""
        name, count = self.saved.generator, len(self.saved.model.frame.lengths)
        what = "one series" if count == 1 else f"{count:,} series"
        return f"<SeriesFit: {name}, {self.rows:,} rows of {what} learned>"

    def sample(
        self,
        rows: int | None = None,
        *,
        seed: int | Seed | None = None,
        given: Any = None,
        like: Any = None,
    ) -> Any:
        """Draw rows that follow each other; by default as many as were learned.

        Args:
            rows: how many in all, zero or more; several series share them as they were learned.
            seed: the same seed draws the same rows.
            given: a frame or path with a past to go on from: the columns that were learned, the
                latest row last. Its rows are not repeated. Without it a series begins like the
                real one, at the same moment.
            like: a frame whose kind the result should have.
        """
        if rows is not None:
            refuse_unless_whole("rows", rows, 0, MOST_ROWS)
        past = (
            None
            if given is None
            else in_kinds_of(raw_of(given, "given"), self.schema, "the given past")
        )
        made = self.saved.model.sample(rows, seed=Seed.of(seed).child("sample"), given=past)
        return self._framed(made, like)

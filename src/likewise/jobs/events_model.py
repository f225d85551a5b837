"""A fitted model of events as Python callers hold it: frames in, frames of the same kind out."""

from dataclasses import dataclass
from typing import Any

from likewise.core.seeds import Seed
from likewise.jobs.arguments import refuse_unless_whole
from likewise.jobs.fitted import MOST_ROWS, Fitted
from likewise.jobs.model import raw_of
from likewise.jobs.saved import SavedEvents
from likewise.jobs.understand import in_kinds_of


@dataclass(frozen=True, repr=False)
class EventsFit(Fitted):
    """A fitted model of events of entities: draws new entities, or what follows a past."""

    saved: SavedEvents

    def __repr__(self) -> str:
        """What it is in one line, without a number that was learned."""
        model = self.saved.model
        return (
            f"<EventsFit: {self.saved.generator}, {model.rows:,} events of {model.entities:,} "
            "entities learned>"
        )

    @property
    def entities(self) -> int:
        """Entities that were learned."""
        return self.saved.model.entities

    def sample(
        self, entities: int | None = None, *, seed: int | Seed | None = None, like: Any = None
    ) -> Any:
        """Draw new entities with all their events; by default as many as were learned.

        Args:
            entities: how many, zero or more.
            seed: the same seed draws the same rows.
            like: a frame whose kind the result should have.
        """
        if entities is not None:
            refuse_unless_whole("entities", entities, 0, MOST_ROWS)
        made = self.saved.model.sample(entities, seed=Seed.of(seed).child("sample"))
        return self._framed(made, like)

    def follow(
        self,
        past: Any,
        *,
        events: int | None = None,
        until: Any = None,
        seed: int | Seed | None = None,
        like: Any = None,
    ) -> Any:
        """Draw what follows the events so far, of the same entities; the past is not repeated.

        Args:
            past: a frame or path with the columns that were learned.
            events: most new events of each entity; all until it ends by default.
            until: a moment beyond which none is drawn.
            seed: the same seed draws the same rows.
            like: a frame whose kind the result should have.

        Raises:
            DataError: an entity changes what never changes, or has labels never learned.
        """
        if events is not None:
            refuse_unless_whole("events", events, 0, MOST_ROWS)
        known = in_kinds_of(raw_of(past, "past"), self.schema, "the given past")
        own = Seed.of(seed).child("sample")
        made = self.saved.model.follow(known, events=events, until=until, seed=own)
        return self._framed(made, like)

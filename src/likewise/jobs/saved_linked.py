"""What a model file of a whole database holds."""

from dataclasses import dataclass
from pathlib import Path

from likewise.compose.relational import RelationalModel
from likewise.core import artifact
from likewise.core.artifact import storable
from likewise.core.atomic import Put, replacing
from likewise.io.dialect import Dialect


@storable
@dataclass(frozen=True)
class SavedLinked:
    """A learned database, ready to draw tables in the format of its input.

    Attributes:
        model: draws databases; holds their schema.
        dialects: how the file of each table was written.
        name: of the source; the default for what is sampled.
        seed: what it was fitted with.
    """

    model: RelationalModel
    dialects: dict[str, Dialect]
    name: str
    seed: int


def save_linked(saved: SavedLinked, path: Path, *, put: Put = replacing) -> None:
    """Write a model file; equal models give equal bytes."""
    artifact.save(saved, path, put=put)

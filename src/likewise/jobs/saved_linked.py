"""What a model file of a whole database holds."""

from dataclasses import dataclass
from pathlib import Path

from likewise.compose.relational import RelationalModel
from likewise.core import artifact
from likewise.core.artifact import storable
from likewise.core.atomic import Put, replacing
from likewise.core.seeds import Seed
from likewise.io.dialect import Dialect
from likewise.io.folder import write_folder


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


def sample_linked(
    saved: SavedLinked, model: str, folder: str | None, scale: float, seed: Seed
) -> tuple[str, dict[str, int], tuple[str, ...]]:
    """Draw a database into a folder that is new or empty: where, rows by table, and notes.

    Args:
        saved: the model.
        model: the path it was read from; the folder lies beside it if none is named.
        folder: where to.
        scale: how many times the rows that were learned.
        seed: of the draws.
    """
    target = folder or str(Path(model).with_name(f"{saved.name}.sampled"))
    made = saved.model.sample(scale, seed=seed)
    notes = write_folder(made, target, saved.dialects, declaration=True)
    return target, {name: made[name].rows for name in made.names}, notes

"""What a model file holds: the fitted model, how its input was written, and where it came from."""

from abc import ABC
from dataclasses import dataclass
from pathlib import Path

from likewise.compose.ruled import RuledModel
from likewise.compose.sequential import SequentialModel
from likewise.core import artifact
from likewise.core.artifact import storable
from likewise.core.atomic import Put, replacing
from likewise.core.errors import FormatError
from likewise.generators.tabular import TableModel
from likewise.io.dialect import Dialect
from likewise.jobs.saved_linked import SavedLinked
from likewise.series.model import SeriesModel


@dataclass(frozen=True)
class Kept(ABC):
    """What is kept beside a fitted model, to draw rows in the format of its input.

    Attributes:
        dialect: how the input was written.
        name: the input's name without its folder; the default for what is sampled.
        generator: the registered name of the method.
        seed: what it was fitted with.
    """

    dialect: Dialect
    name: str
    generator: str
    seed: int


@storable
@dataclass(frozen=True)
class Saved(Kept):
    """A model that draws tables; it holds the schema."""

    model: RuledModel


@storable
@dataclass(frozen=True)
class SavedSeries(Kept):
    """A model that draws series; it holds the schema."""

    model: SeriesModel


@storable
@dataclass(frozen=True)
class SavedEvents(Kept):
    """A model that draws entities with their events; it holds the schema."""

    model: SequentialModel


def save(saved: Kept, path: str | Path, *, put: Put = replacing) -> None:
    """Write a model file; equal models give equal bytes."""
    artifact.save(saved, path, put=put)


def load(path: str | Path) -> Saved:
    """Read a model file; a foreign, damaged or newer one raises FormatError."""
    found = load_any(path)
    if isinstance(found, Saved):
        return found
    hint = "Give a model of a table, or sample it: likewise sample, likewise.load"
    if isinstance(found, SavedLinked):
        hint = "Give a model of a table, or sample it: likewise sample"
    raise FormatError(str(path), f"holds a model of {_HELD[type(found)]}", hint)


def load_any(path: str | Path) -> Saved | SavedSeries | SavedEvents | SavedLinked:
    """Read the model of a table, a series, events or a database; damage raises FormatError."""
    found = artifact.load(path)
    if isinstance(found, SavedSeries | SavedEvents | SavedLinked):
        return found
    if not isinstance(found, Saved):
        hint = "Give a file written by likewise fit"
        raise FormatError(str(path), f"holds a {type(found).__name__}, not a whole model", hint)
    if not isinstance(found.model.inner, TableModel):
        raise FormatError(str(path), "does not describe a model of a table", "Fit the model again")
    return found


_HELD: dict[type, str] = {
    SavedSeries: "a series",
    SavedEvents: "events of entities",
    SavedLinked: "linked tables",
}

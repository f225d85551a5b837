"""What a model file holds: the fitted model, how its input was written, and where it came from."""

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


@storable
@dataclass(frozen=True)
class Saved:
    """A fitted model, ready to draw rows in the format of its input.

    Attributes:
        model: draws tables; holds the schema.
        dialect: how the input was written.
        name: the input's name without its folder; the default for what is sampled.
        generator: the registered name of the method.
        seed: what it was fitted with.
    """

    model: RuledModel
    dialect: Dialect
    name: str
    generator: str
    seed: int


@storable
@dataclass(frozen=True)
class SavedSeries:
    """A fitted model of a series, ready to draw rows in the format of its input.

    Attributes:
        model: draws series; holds the schema.
        dialect: how the input was written.
        name: the input's name without its folder; the default for what is sampled.
        generator: the registered name of the method.
        seed: what it was fitted with.
    """

    model: SeriesModel
    dialect: Dialect
    name: str
    generator: str
    seed: int


@storable
@dataclass(frozen=True)
class SavedEvents:
    """A fitted model of events of entities, ready to draw rows in the format of its input.

    Attributes:
        model: draws entities with their events; holds the schema.
        dialect: how the input was written.
        name: the input's name without its folder; the default for what is sampled.
        generator: the registered name of the method.
        seed: what it was fitted with.
    """

    model: SequentialModel
    dialect: Dialect
    name: str
    generator: str
    seed: int


def save(
    saved: Saved | SavedSeries | SavedEvents, path: str | Path, *, put: Put = replacing
) -> None:
    """Write a model file; equal models give equal bytes."""
    artifact.save(saved, path, put=put)


def load(path: str | Path) -> Saved:
    """Read a model file; a foreign, damaged or newer one raises FormatError."""
    found = load_any(path)
    if isinstance(found, SavedSeries):
        hint = "Give a model of a table, or sample it: likewise sample, likewise.load"
        raise FormatError(str(path), "holds a model of a series", hint)
    if isinstance(found, SavedEvents):
        hint = "Give a model of a table, or sample it: likewise sample, likewise.load"
        raise FormatError(str(path), "holds a model of events of entities", hint)
    if isinstance(found, SavedLinked):
        hint = "Give a model of a table, or sample it: likewise sample"
        raise FormatError(str(path), "holds a model of linked tables", hint)
    return found


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

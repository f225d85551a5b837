"""The databases on which linked peers are measured: parts of published ones, all in two levels.

SDV's HMA takes at most five tables and two levels; mostlyai-engine one parent for each child.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from likewise.data.database_schema import ForeignKey, TableSchema
from likewise.data.schema import Schema

Frames = dict[str, pd.DataFrame]

PLAYERS = ("playerID", "birthYear", "birthMonth", "birthDay", "birthCountry", "birthState",
           "deathYear", "weight", "height", "bats", "throws", "debut", "finalGame")  # fmt: skip


@dataclass(frozen=True)
class LinkedSet:
    """One database.

    Attributes:
        name: in the lines and tables.
        told: what it is, for the documentation.
        read: the tables of a folder of data; children lie in order of time.
        parent: the one table that the others refer to.
        key: its key, under the same name in its children.
        keys: by table, the columns that tell rows of a child apart; not declared to the peers,
            which know keys of one column only.
    """

    name: str
    told: str
    read: Callable[[Path], Frames]
    parent: str
    key: str
    keys: dict[str, tuple[str, ...]]

    def declared(self, frames: Frames) -> tuple[TableSchema, ...]:
        """Keys and references; kinds are found in the data, but keys are declared as such."""
        entries = []
        for name in frames:
            refers = () if name == self.parent else (self._reference(),)
            entries.append(
                TableSchema(
                    name=name,
                    primary_key=(self.key,) if name == self.parent else self.keys[name],
                    unique=(),
                    foreign_keys=refers,
                    schema=Schema(columns=()),
                )
            )
        return tuple(entries)

    def _reference(self) -> ForeignKey:
        return ForeignKey(columns=(self.key,), table=self.parent, to=(self.key,))


def _lahman(data: Path) -> Frames:
    folder = data / "lahman_baseball"
    players = pd.read_parquet(folder / "People.parquet")[list(PLAYERS)]
    seasons = pd.read_parquet(folder / "Batting.parquet")
    seasons = seasons.sort_values(["playerID", "yearID", "stint"], ignore_index=True)
    return {"players": players, "seasons": seasons}


def _rossmann(data: Path) -> Frames:
    folder = data / "rossmann"
    sales = pd.read_parquet(folder / "train.parquet")
    return {
        "stores": pd.read_parquet(folder / "store.parquet"),
        "sales": sales.sort_values(["Store", "Date"], ignore_index=True),
    }


def _berka(data: Path) -> Frames:
    folder = data / "berka"
    key = "account_id"
    frames = {
        "account": pd.read_parquet(folder / "account.parquet")[[key, "frequency", "date"]],
        "disp": pd.read_parquet(folder / "disp.parquet")[["disp_id", key, "type"]],
    }
    for name, clock in (("loan", "date"), ("order", "order_id"), ("trans", "date")):
        frame = pd.read_parquet(folder / f"{name}.parquet")
        frames[name] = frame.sort_values([key, clock], kind="stable", ignore_index=True)
    return frames


SETS = {
    one.name: one
    for one in (
        LinkedSet(
            "lahman players",
            "players (People without names, towns and second keys) and their seasons (Batting)",
            _lahman, "players", "playerID", {"seasons": ("playerID", "yearID", "stint")},
        ),
        LinkedSet(
            "rossmann",
            "stores and their daily sales",
            _rossmann, "stores", "Store", {"sales": ("Store", "Date")},
        ),
        LinkedSet(
            "berka accounts",
            "accounts with their holders, loans, standing orders and transactions; without the "
            "references to districts and clients",
            _berka, "account", "account_id",
            {name: (f"{name}_id",) for name in ("disp", "loan", "order", "trans")},
        ),
    )
}  # fmt: skip

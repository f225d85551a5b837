"""The databases on which linked peers are measured: parts of published ones, all in two levels.

SDV's HMA takes at most five tables and two levels; mostlyai-engine one parent for each child.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
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
        read: the tables of a folder of data; children lie in order of time.
        parent: the one table that the others refer to.
        key: its key, under the same name in its children.
        keys: by table, the columns that tell rows of a child apart; not declared to the peers,
            which know keys of one column only.
        families: how many of the parents are taken, at random, with their children; None for all.
    """

    name: str
    read: Callable[[Path], Frames]
    parent: str
    key: str
    keys: dict[str, tuple[str, ...]]
    families: int | None = None

    def frames(self, data: Path) -> Frames:
        """The tables that are measured."""
        whole = self.read(data)
        if self.families is None:
            return whole
        keys = whole[self.parent][self.key]
        some = np.random.default_rng(0).permutation(len(keys))[: self.families]
        kept = set(keys.iloc[some])
        return {
            name: frame[frame[self.key].isin(kept)].reset_index(drop=True)
            for name, frame in whole.items()
        }

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
    """Players (People, without names, towns and second keys) and their seasons (Batting)."""
    folder = data / "lahman_baseball"
    players = pd.read_parquet(folder / "People.parquet")[list(PLAYERS)]
    seasons = pd.read_parquet(folder / "Batting.parquet")
    seasons = seasons.sort_values(["playerID", "yearID", "stint"], ignore_index=True)
    return {"players": players, "seasons": seasons}


def _rossmann(data: Path) -> Frames:
    """Stores and their daily sales."""
    folder = data / "rossmann"
    sales = pd.read_parquet(folder / "train.parquet")
    return {
        "stores": pd.read_parquet(folder / "store.parquet"),
        "sales": sales.sort_values(["Store", "Date"], ignore_index=True),
    }


def _berka(data: Path) -> Frames:
    """Accounts, holders, loans, orders and transactions, without districts and clients."""
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


SEASONS = {"seasons": ("playerID", "yearID", "stint")}
SALES = {"sales": ("Store", "Date")}
ACCOUNTS = {name: (f"{name}_id",) for name in ("disp", "loan", "order", "trans")}
SETS = {
    one.name: one
    for one in (
        LinkedSet("2,500 players", _lahman, "players", "playerID", SEASONS, 2_500),
        LinkedSet("400 stores", _rossmann, "stores", "Store", SALES, 400),
        LinkedSet("accounts", _berka, "account", "account_id", ACCOUNTS),
        LinkedSet("all stores", _rossmann, "stores", "Store", SALES),
        LinkedSet("all players", _lahman, "players", "playerID", SEASONS),
    )
}

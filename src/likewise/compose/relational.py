"""A generator of whole databases: every reference is kept, whatever the tables look like.

Each table is learned given one of the tables it refers to, its owner: owners know how many children
they have and what these have in common, and children are drawn given their owner, what was given
the owner, and the sibling before. Other references are chosen among finished rows, by learned
groups and as often as each row is to be referred to. Keys are made anew. Composite, shared,
nullable, self-referencing and circular references are all kept by construction.

Papers: Patki et al., "The synthetic data vault", DSAA 2016 (summaries of children in the parent);
Pang et al., "ClavaDDPM", NeurIPS 2024 (groups that tie parents and children).
Limits: no differential privacy; the privacy of people is that of single rows, not of families.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from likewise.compose.invented import invented
from likewise.compose.known import know
from likewise.compose.linked_draw import Drawing
from likewise.compose.linked_fit import learn
from likewise.compose.part import Part
from likewise.compose.roles import find_roles
from likewise.core.artifact import storable
from likewise.core.errors import ConfigError, DataError
from likewise.core.params import Recipe, build
from likewise.core.progress import Deadline
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema
from likewise.data.integrity import key_places
from likewise.data.keys import code_columns, find_parents
from likewise.data.schema import Schema
from likewise.generators import GENERATORS
from likewise.generators.tabular import Tabular


@storable
class TableChoice(Recipe):
    """How one table is made, where it differs from the others.

    Attributes:
        mode: "learn" it; keep its "real" rows as they are, which protects nobody in it; or "invent"
            its columns from what is said of them, and learn only how rows are tied to it.
        columns: what is said of the columns of an invented table.
        generator: the method; that of all tables when left out.
        settings: its settings.
        parent: the table that owns its rows; chosen when left out, "" for none.
        order: the column that puts the rows of an owner in order; found when left out.
    """

    mode: Literal["learn", "real", "invent"] = "learn"
    columns: Schema = Schema(columns=())
    generator: str | None = None
    settings: dict[str, Any] = Field(default={})
    parent: str | None = None
    order: str | None = None


@storable
class Relational(Recipe):
    """Every table given its owner, by any generator of tables."""

    generator: Annotated[str, Field(description="method for every table")] = "trees"
    settings: dict[str, Any] = Field(default={}, description="its settings")
    tables: dict[str, TableChoice] = Field(default={}, description="tables made otherwise")

    def fit(
        self, database: Database, *, seed: Seed | int | None = None, run: Run | None = None
    ) -> "RelationalModel":
        """Learn all tables of a database.

        Args:
            database: the real tables with their keys and relations; gaps are learned as they are.
            seed: the same seed gives the same model.
            run: whom to tell; its time is shared among the tables.

        Raises:
            ConfigError: a choice for a table that is not there, or one that contradicts another.
            DataError: a table without rows.

        Cost: for each table that of its generator on at most 100,000 rows, whose columns are its
        own and up to 32 of its owners.
        """
        seed, run = Seed.of(seed), run or Run()
        for name in self.tables:
            database.schema[name]
        said = {n: c.columns for n, c in self.tables.items() if c.mode == "invent"}
        database = invented(database, said, seed) if said else database
        schema = database.schema
        for name, table in zip(database.names, database.tables, strict=True):
            if not table.rows:
                hint = "Leave it out, or give it at least one row"
                raise DataError(f"table {name!r}", "has no rows", hint)
        cells = dict(zip(database.names, database.tables, strict=True))
        coded = code_columns(cells, key_places(schema))
        places = {
            r: find_parents(
                [coded[r.child, c] for c in r.columns], [coded[r.parent, c] for c in r.to]
            )
            for r in schema.relations
        }
        owners = {n: c.parent for n, c in self.tables.items() if c.parent is not None}
        clocks = {n: c.order for n, c in self.tables.items() if c.order is not None}
        roles = find_roles(database, places, owners, clocks)
        real = frozenset(n for n, c in self.tables.items() if c.mode == "real")
        for r in schema.relations:
            if r.child in real and r.parent not in real:
                found = f"refers to {r.parent!r}, whose rows are made anew"
                hint = f"Keep {r.parent!r} real as well, or learn {r.child!r}"
                raise ConfigError(f"table {r.child!r}, mode real", found, hint)
        known = know(database, places, roles, real, seed.child("know"))
        parts, shares = [], _shares(database)
        for one in roles:
            share = Deadline(run.deadline.seconds * shares[one.table])
            part = learn(
                known, one.table, self._method(one.table), seed.child("table", one.table),
                run.within(share),
            )  # fmt: skip
            parts.append(part)
        return RelationalModel(self, schema, tuple(parts))

    def _method(self, table: str) -> Tabular:
        choice = self.tables.get(table, TableChoice())
        name = choice.generator or self.generator
        settings = choice.settings if choice.generator else {**self.settings, **choice.settings}
        recipe = build(GENERATORS.load(name), settings)
        assert isinstance(recipe, Tabular)
        return recipe


def _shares(database: Database) -> dict[str, float]:
    """The share of the time that each table gets; by its cells, so that equal runs are equal."""
    sizes = {
        name: max(table.rows * len(table.names), 1) ** 0.5
        for name, table in zip(database.names, database.tables, strict=True)
    }
    return {name: size / sum(sizes.values()) for name, size in sizes.items()}


@storable
@dataclass(frozen=True)
class RelationalModel:
    """A learned database.

    Attributes:
        recipe: the settings it was fitted with.
        schema: tables, keys and relations of what is sampled.
        parts: what was learned of each table, owners first.
    """

    recipe: Relational
    schema: DatabaseSchema
    parts: tuple[Part, ...]

    @property
    def spent(self) -> None:
        """Privacy paid; None: no differential-privacy guarantee is claimed."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned or was protected, in sentences, by table."""
        return tuple(f"{p.roles.table}: {note}" for p in self.parts for note in p.notes)

    def sample(
        self,
        scale: float = 1.0,
        *,
        rows: Mapping[str, int] | None = None,
        seed: Seed | int | None = None,
    ) -> Database:
        """Draw a database.

        Args:
            scale: how many times the real number of rows tables without an owner get; those of
                others follow from how many children rows have.
            rows: by table, what counts as its real number of rows, where more are wanted than
                were learned, as when some families were kept back.
            seed: the same seed gives the same rows.

        Raises:
            ConfigError: a scale that is not above zero.
        """
        if not np.isfinite(scale) or scale <= 0:
            raise ConfigError("scale", f"{scale}", "Give a number above 0, such as 0.1 or 10")
        ratio = {
            p.roles.table: (rows or {}).get(p.roles.table, p.rows) / p.rows for p in self.parts
        }
        counts = {
            p.roles.table: max(round(p.rows * ratio[p.roles.table] * scale), 1) for p in self.parts
        }
        more = {
            p.roles.table: ratio[p.roles.table] / ratio[self.schema.relations[p.roles.owner].parent]
            for p in self.parts
            if p.roles.owner >= 0
        }
        return Drawing(self.schema, self.parts, counts, more, Seed.of(seed)).run()

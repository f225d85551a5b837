"""A run on a whole database as one frozen value: the plan file, and what ``synth`` of a folder is.

The file names where tables come from and go to, and each table: its columns, keys and rules, and
how it is made. What is left out is found in the data or has its usual value.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from likewise.compose.relational import Relational, TableChoice
from likewise.core.atomic import replacing
from likewise.core.errors import ConfigError
from likewise.core.plain import read_plain
from likewise.core.registry import suggest
from likewise.core.seeds import Seed
from likewise.data.database_schema import DatabaseSchema, TableSchema
from likewise.data.schema import parse_as
from likewise.io.sql_url import is_url, parse_url

NAME = "likewise.yaml"
_HINT = "The how-to on plan files shows a working example"
_CHOICES = frozenset(TableChoice.model_fields)


class TablePlan(TableSchema):
    """One table of a plan: what is known of it, where it comes from, and how it is made.

    Attributes:
        source: its own file, where it is not among those of the plan's source.
        mode: "learn" it; keep its "real" rows as they are, which protects nobody in it; or "invent"
            its columns from what ``schema`` says of them.
        generator: the method, if not that of all tables.
        settings: its settings.
        parent: the table that owns its rows, "" for none; chosen when left out.
        order: the column that puts the rows of an owner in order; found when left out.
    """

    source: str | None = None
    mode: Literal["learn", "real", "invent"] = "learn"
    generator: str | None = None
    settings: dict[str, Any] = Field(default={})
    parent: str | None = None
    order: str | None = None

    @property
    def choice(self) -> TableChoice:
        """How it is made."""
        named = {name: getattr(self, name) for name in _CHOICES - {"columns", "mode"}}
        if self.mode == "real":
            return TableChoice(mode="real", **named)
        return TableChoice(**named)  # what is to be invented is so before anything is learned

    @property
    def declared(self) -> TableSchema:
        """What is known of it; fields that were left out stay so."""
        told = self.model_fields_set & set(TableSchema.model_fields)
        fields = {name: getattr(self, name) for name in told | {"name"}}
        if "content" in fields:
            fields["schema"] = fields.pop("content")
        return TableSchema(**fields)


class LinkedPlan(BaseModel):
    """Everything a run on a database needs to be done again.

    Attributes:
        version: of the format.
        source: a folder of files, one file, or the address of a database; "" if every table names
            its own file.
        target: a folder that is new or empty, or the address of a database; None writes nothing.
        scale: how many times the real rows.
        seed: where all randomness comes from; drawn when not given.
        generator: the method for every table.
        settings: its settings.
        budget: seconds for learning.
        holdout: share of families kept back to judge by, in [0, 1); 0 judges without.
        report: path of the HTML report, whose JSON twin lies beside it; None judges nothing.
        model: path of the fitted model; None keeps none.
        gates: path of a file with gates that the report has to pass.
        infer: look for keys and references that a database does not declare.
        into_existing: write into a database or a folder that is not empty.
        tables: what is known of tables; others of the source are found.
        only: whether tables that are not listed are left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: Literal[1] = 1
    source: str = ""
    target: str | None = None
    scale: Annotated[float, Field(gt=0)] = 1.0
    seed: Annotated[int, Field(ge=0, lt=2**64)] = Field(default_factory=lambda: Seed.of(None).value)
    generator: str = "trees"
    settings: dict[str, Any] = {}
    budget: Annotated[float, Field(gt=0)] = 600.0
    holdout: Annotated[float, Field(ge=0, lt=1)] = 0.2
    report: str | None = None
    model: str | None = None
    gates: str | None = None
    infer: bool = False
    into_existing: bool = False
    tables: tuple[TablePlan, ...] = ()
    only: bool = False

    @model_validator(mode="after")
    def _sound(self) -> "LinkedPlan":
        names = [table.name for table in self.tables]
        if len(set(names)) < len(names):
            raise ConfigError("plan", "a table is listed twice", "List each table once")
        if self.only and not self.tables:
            hint = "List the tables that are wanted, or leave out 'only'"
            raise ConfigError("plan, only", "asked for without tables", hint)
        if not self.source and not (self.tables and all(t.source for t in self.tables)):
            hint = "Name a folder, a file or an address, or a file for each table"
            raise ConfigError("plan", "has no source", hint)
        return self

    @property
    def seeded(self) -> bool:
        """Whether the seed was given, and not drawn."""
        return "seed" in self.model_fields_set

    @property
    def recipe(self) -> Relational:
        """What learns the database."""
        choices = {t.name: t.choice for t in self.tables if t.choice != TableChoice()}
        return Relational(generator=self.generator, settings=self.settings, tables=choices)

    @property
    def invented(self) -> tuple[str, ...]:
        """Tables whose columns are made up from what is declared of them."""
        return tuple(table.name for table in self.tables if table.mode == "invent")

    @property
    def declared(self) -> tuple[TableSchema, ...]:
        """What is known of the tables."""
        return tuple(table.declared for table in self.tables)

    def placed(self, folder: Path) -> "LinkedPlan":
        """The plan with paths taken from the folder of its file."""

        def at(path: str | None) -> str | None:
            return path if not path or is_url(path) else str(folder / path)

        named = ("source", "target", "report", "model", "gates")
        update: dict[str, Any] = {name: at(getattr(self, name)) for name in named}
        update["tables"] = tuple(
            t.model_copy(update={"source": at(t.source)}) if t.source else t for t in self.tables
        )
        return self.model_copy(update=update)

    def to_yaml(self) -> str:
        """The plan as YAML, with every table it knows and no password."""
        whole = self.model_dump(mode="json", by_alias=True, exclude={"tables"})
        kept = {k: v for k, v in whole.items() if v not in (None, False, {}, "")}
        tables = []
        for table in self.tables:
            plain = table.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            tables.append({"name": table.name, "mode": table.mode, **plain})
        return yaml.safe_dump({**kept, "tables": tables}, sort_keys=False, allow_unicode=True)

    def save(self, path: str | Path) -> None:
        """Write the plan file."""
        with replacing(Path(path)) as part:
            part.write_text(HEAD + self.to_yaml(), encoding="utf-8")


HEAD = """\
# A plan of likewise. Run it with: likewise run likewise.yaml
# mode: learn makes a table's rows anew; mode: real keeps them as they are, which protects nobody
# in it, and suits lists such as countries; mode: invent makes columns up from their schema alone.
# Remove what is to be found in the data.
"""


def read_plan(path: str | Path, *, seed: int | None = None) -> LinkedPlan:
    """A plan from its file; paths in it are taken from the file's folder.

    Raises:
        ConfigError: the file cannot be read, or the first thing that is wrong in it.
        SchemaError: what it says of a table cannot be.
    """
    plain = read_plain(path, ConfigError)
    where = str(path)
    if not isinstance(plain, dict):
        raise ConfigError(where, "is no plan", _HINT)
    for name in plain:
        if name not in LinkedPlan.model_fields:
            hint = suggest(str(name), dict(LinkedPlan.model_fields))
            raise ConfigError(f"{where}, {name!r}", "no such field", hint)
    entries = plain.get("tables", [])
    if not isinstance(entries, list):
        raise ConfigError(f"{where}, tables", "is no list", _HINT)
    tables = []
    for i, entry in enumerate(entries):
        name = entry.get("name") if isinstance(entry, dict) else None
        tables.append(parse_as(TablePlan, entry, f"{where}, table {name or i + 1}", _HINT))
    given = {} if seed is None else {"seed": seed}
    try:
        plan = LinkedPlan(**{**plain, **given, "tables": tuple(tables)})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{where}, {field!r}", str(first["msg"]), _HINT) from None
    return plan.placed(Path(path).parent)


def first_plan(source: str, schema: DatabaseSchema) -> LinkedPlan:
    """The plan to begin with: every table that was found, with its keys, relations and columns."""
    shown = str(parse_url(source)).replace(":***@", "@") if is_url(source) else source
    tables = tuple(
        TablePlan(
            name=entry.name,
            primary_key=entry.primary_key,
            unique=entry.unique,
            foreign_keys=entry.foreign_keys,
            schema=entry.content,
        )
        for entry in schema.tables
    )
    name = "database" if is_url(source) else Path(source).name or "tables"
    return LinkedPlan(
        source=shown, target=f"{name}.synthetic", report=f"{name}.report.html", tables=tables
    )

"""What the columns of a table are: kinds, bounds, formats, and why we think so."""

import re
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from likewise.core.artifact import storable
from likewise.core.atomic import replacing
from likewise.core.errors import SchemaError
from likewise.core.plain import read_plain
from likewise.core.registry import suggest
from likewise.data.rules import Rule

Parsed = TypeVar("Parsed", bound=BaseModel)


class Kind(StrEnum):
    """The meaning of a column, which decides how it is learned."""

    NUMERIC = "numeric"
    INTEGER = "integer"
    CATEGORY = "category"
    ORDINAL = "ordinal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    DURATION = "duration"
    TEXT = "text"
    KEY = "key"
    CONSTANT = "constant"


NUMBERS = frozenset({Kind.NUMERIC, Kind.INTEGER})
TEMPORAL = frozenset({Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.DURATION})
LABELS = frozenset({Kind.CATEGORY, Kind.ORDINAL, Kind.TEXT, Kind.KEY, Kind.CONSTANT})


MOST_DECIMALS = 15  # digits after the point that float64 can hold


class Format(BaseModel):
    """How a column is written where it came from, so that it can be written so again.

    Attributes:
        arrow: the Arrow type in the source ("string" for text files, else e.g. "int32").
        pattern: strftime pattern of dates and times kept as text.
        decimal: decimal mark of numbers kept as text.
        thousands: grouping mark of numbers kept as text, or "".
        true: the word for true, when booleans are words or numbers.
        false: the word for false.
        null: the word that stands for a missing value in text files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    arrow: str = "string"
    pattern: str | None = None
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'", "’", "_", "\u00a0", "\u202f"] = ""
    true: str | None = None
    false: str | None = None
    null: str = ""


@storable
class Column(BaseModel):
    """One column: its kind, what it may hold, how it is written, and the evidence.

    Attributes:
        decimals: digits after the point (numeric), as seen or declared.
        minimum: hard lower bound on output; a number, or ISO text for temporal kinds.
        maximum: hard upper bound, likewise.
        levels: the allowed labels; for ordinal kinds in rising order; one for a constant.
        timezone: zone in which a datetime is written; None means naive.
        evidence: sentences with counts that led to the kind, never values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    kind: Kind
    nullable: bool = True
    decimals: Annotated[int, Field(ge=0, le=MOST_DECIMALS)] | None = None
    minimum: float | int | str | None = None
    maximum: float | int | str | None = None
    levels: tuple[str, ...] | None = None
    timezone: str | None = None
    format: Format = Format()
    evidence: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Column":
        low, high = self.minimum, self.maximum
        if not isinstance(low, str | None) and not isinstance(high, str | None) and low > high:
            raise self._wrong("minimum above its maximum", "Swap or mend them")
        form, pattern = self.format, self.format.pattern
        if form.decimal == form.thousands and form.model_fields_set >= {"decimal", "thousands"}:
            raise self._wrong("decimal and thousands are the same mark", "Change one of them")
        if form.true is not None and form.true == form.false:
            raise self._wrong("true and false are the same word", "Change one of them")
        if self.kind in NUMBERS and pattern and not re.fullmatch(r"%r|%\.\d{1,2}f", pattern):
            raise self._wrong("its format pattern is none of numbers", "Use one such as '%.2f'")
        if self.kind is Kind.ORDINAL and not self.levels:
            raise self._wrong("ordinal without levels", "List its levels in rising order")
        if self.levels is not None and len(set(self.levels)) != len(self.levels):
            raise self._wrong("a level is listed twice", "List each level once")
        return self

    def _wrong(self, found: str, hint: str) -> SchemaError:
        return SchemaError(f"column {self.name!r}", found, hint)


@storable
class Schema(BaseModel):
    """The columns of one table in order, the rules its rows keep, and the target if any.

    A declared schema may leave columns out, and still have rules on them: they are inferred.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int = 1
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    target: str | None = None

    @model_validator(mode="after")
    def _names(self) -> "Schema":
        if len(self._by_name) != len(self.columns):
            raise SchemaError("schema", "two columns have the same name", "Rename one of them")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(self._by_name)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def __getitem__(self, name: str) -> Column:
        if name in self._by_name:
            return self._by_name[name]
        raise SchemaError(f"column {name!r}", "not in the table", suggest(name, list(self.names)))

    def replace(self, *columns: Column, **fields: Any) -> "Schema":
        """A schema in which the given columns stand in for those of the same name."""
        for column in columns:
            self[column.name]
        new = {column.name: column for column in columns}
        merged = tuple(new.get(column.name, column) for column in self.columns)
        return Schema(**{**dict(self), "columns": merged, **fields})

    def select(self, names: list[str] | tuple[str, ...]) -> "Schema":
        """The schema of the named columns, with the rules that touch no others."""
        columns = tuple(self[name] for name in names)
        rules = tuple(rule for rule in self.rules if set(rule.touches) <= set(names))
        target = self.target if self.target in names else None
        return Schema(columns=columns, rules=rules, target=target)

    def to_yaml(self) -> str:
        """The schema as YAML; fields that have their default value are left out."""
        plain = self.model_dump(mode="json", exclude_defaults=True)
        return yaml.safe_dump(
            {"version": self.version, **plain}, sort_keys=False, allow_unicode=True
        )

    def save(self, path: str | Path) -> None:
        """Write YAML, or JSON when the name ends in ``.json``."""
        path = Path(path)
        text = self.model_dump_json(indent=2) if path.suffix == ".json" else self.to_yaml()
        with replacing(path) as part:
            part.write_text(text, encoding="utf-8")


def common_order(
    first: tuple[str, ...] | None, second: tuple[str, ...] | None
) -> tuple[str, ...] | None:
    """The one rising order in which two lists of levels agree; None if there is none, or several.

    Two columns of one scale need not hold the same levels: low < medium and medium < high give
    low < medium < high.
    """
    rest = [list(first or ()), list(second or ())]
    if rest[0] == rest[1]:
        return first or None
    merged: list[str] = []
    while any(rest):
        heads = {levels[0] for levels in rest if levels}
        free = [head for head in heads if not any(head in levels[1:] for levels in rest)]
        if len(free) != 1:
            return None
        merged += free
        rest = [levels[1:] if levels[:1] == free else levels for levels in rest]
    return tuple(merged)


def read_schema(path: str | Path) -> Schema:
    """Read a YAML or JSON schema; a malformed one raises SchemaError that names the place."""
    return parse_schema(read_plain(path, SchemaError), str(path))


def parse_schema(plain: Any, where: str = "schema") -> Schema:
    """A schema from plain values; SchemaError names the first field that is wrong."""
    if not isinstance(plain, dict):
        raise SchemaError(where, "no mapping at the top", "Start with 'columns:'")
    hint = "See likewise inspect -o schema.yaml for a working example"
    return parse_as(Schema, plain, where, hint)


def parse_as(model: type[Parsed], plain: Any, where: str, hint: str) -> Parsed:
    """A model from plain values; SchemaError names the first field that is wrong."""
    try:
        return model.model_validate(plain)
    except SchemaError as error:
        raise SchemaError(f"{where}, {error.where}", error.found, error.hint) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = " → ".join(str(part) for part in first["loc"])
        found = f"{place or 'schema'}: {first['msg']}"
        raise SchemaError(where, found, hint) from None

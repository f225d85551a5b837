"""Rules that every row, or the table as a whole, keeps: declared, checked, certified.

Each rule is a frozen model whose ``rule`` field names its type, so a schema can list them in YAML.
``touches`` are the columns it reads. A missing value breaks no rule but ``not_null``.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from likewise.core.artifact import storable


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_serializer(mode="wrap")
    def _named(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """With the name of the rule, also where fields of default value are left out."""
        return {"rule": type(self).model_fields["rule"].default, **plain(self)}


@storable
class Range(_Rule):
    """``column`` lies in [low, high]; a missing end is open. ISO text for temporal columns."""

    rule: Literal["range"] = "range"
    column: str
    low: Annotated[float, Field(allow_inf_nan=False)] | int | str | None = None
    high: Annotated[float, Field(allow_inf_nan=False)] | int | str | None = None

    @property
    def touches(self) -> tuple[str, ...]:
        return (self.column,)


@storable
class Inequality(_Rule):
    """``low`` <= ``high`` in every row, or < when ``strict``."""

    rule: Literal["inequality"] = "inequality"
    low: str
    high: str
    strict: bool = False

    @property
    def touches(self) -> tuple[str, ...]:
        return (self.low, self.high)


@storable
class Combinations(_Rule):
    """Only combinations of these columns that occur in the training data may occur."""

    rule: Literal["combinations"] = "combinations"
    columns: tuple[str, ...] = Field(min_length=2)

    @property
    def touches(self) -> tuple[str, ...]:
        return self.columns


@storable
class Determines(_Rule):
    """Functional dependency: equal values of ``columns`` mean an equal value of ``then``."""

    rule: Literal["determines"] = "determines"
    columns: tuple[str, ...] = Field(min_length=1)
    then: str

    @property
    def touches(self) -> tuple[str, ...]:
        return (*self.columns, self.then)


@storable
class Sum(_Rule):
    """``total`` equals the sum of ``parts`` within ``tolerance``; one part means equality."""

    rule: Literal["sum"] = "sum"
    parts: tuple[str, ...] = Field(min_length=1)
    total: str
    tolerance: float = Field(default=1e-6, ge=0)

    @property
    def touches(self) -> tuple[str, ...]:
        return (*self.parts, self.total)


@storable
class Unique(_Rule):
    """No two rows agree on all of ``columns``."""

    rule: Literal["unique"] = "unique"
    columns: tuple[str, ...] = Field(min_length=1)

    @property
    def touches(self) -> tuple[str, ...]:
        return self.columns


@storable
class NotNull(_Rule):
    """``column`` is never missing."""

    rule: Literal["not_null"] = "not_null"
    column: str

    @property
    def touches(self) -> tuple[str, ...]:
        return (self.column,)


Rule = Annotated[
    Range | Inequality | Combinations | Determines | Sum | Unique | NotNull,
    Field(discriminator="rule"),
]


def describe(rule: Rule) -> str:
    """The rule in plain words, such as "start <= end"; names no value but a declared bound."""
    if isinstance(rule, Range):
        low = "" if rule.low is None else f"{rule.low} <= "
        high = "" if rule.high is None else f" <= {rule.high}"
        return f"{low}{rule.column}{high}"
    if isinstance(rule, Inequality):
        return f"{rule.low} {'<' if rule.strict else '<='} {rule.high}"
    if isinstance(rule, Combinations):
        return f"{', '.join(rule.columns)} occur only in seen combinations"
    if isinstance(rule, Determines):
        return f"{', '.join(rule.columns)} {_verb(rule.columns)} {rule.then}"
    if isinstance(rule, Sum):
        return f"{rule.total} = {' + '.join(rule.parts)}"
    if isinstance(rule, Unique):
        return f"{', '.join(rule.columns)} unique"
    return f"{rule.column} never missing"


def _verb(columns: tuple[str, ...]) -> str:
    return "determines" if len(columns) == 1 else "together determine"

"""Types of SQL columns: what a spelling means, how each engine spells it, what Arrow holds it.

A family is what engines have in common; ``other`` is anything that travels as text.
"""

import re
from typing import NamedTuple

import pyarrow as pa

from likewise.io.sql_schema import SqlColumn
from likewise.io.sql_url import Engine

_WORDS: dict[str, str] = {
    **dict.fromkeys(("smallint", "int2", "tinyint", "utinyint", "year", "smallserial"), "smallint"),
    **dict.fromkeys(("integer", "int", "int4", "mediumint", "usmallint", "serial"), "integer"),
    **dict.fromkeys(("bigint", "int8", "uinteger", "bigserial"), "bigint"),
    **dict.fromkeys(("numeric", "decimal", "dec", "number", "decimal_text"), "numeric"),
    **dict.fromkeys(("real", "float4"), "real"),
    **dict.fromkeys(("double precision", "double", "float8", "float"), "double"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
    **dict.fromkeys(("character", "char", "bpchar", "nchar"), "char"),
    **dict.fromkeys(("character varying", "varchar", "nvarchar"), "varchar"),
    **dict.fromkeys(("text", "longtext", "mediumtext", "tinytext", "string", "clob"), "text"),
    "date": "date",
    **dict.fromkeys(("time", "time without time zone"), "time"),
    **dict.fromkeys(
        ("timestamp", "timestamp without time zone", "datetime", "timestamp_us"), "timestamp"
    ),
    **dict.fromkeys(("timestamp with time zone", "timestamptz"), "timestamptz"),
    "interval": "interval",
    "uuid": "uuid",
    **dict.fromkeys(("json", "jsonb"), "json"),
    **dict.fromkeys(
        ("bytea", "blob", "longblob", "mediumblob", "tinyblob", "binary", "varbinary"), "bytes"
    ),
}
_OTHERS = {"hugeint": (38, 0), "ubigint": (20, 0), "uhugeint": (38, 0)}
_SPELLED = re.compile(r"([a-z][\w ]*?)\s*(?:\(([\d, -]+)\))?((?: with| without) time zone)?")
_MOST_DIGITS = {"postgresql": 1000, "mysql": 65, "sqlite": 1000, "duckdb": 38}
_SQLITE_DIGITS = 15  # that its numbers hold exactly
_MYSQL_VARCHAR = 16_383  # letters of four bytes that fit a row of 65,535

_NAMES: dict[Engine, dict[str, str]] = {
    "postgresql": {
        "smallint": "smallint", "integer": "integer", "bigint": "bigint", "numeric": "numeric",
        "real": "real", "double": "double precision", "boolean": "boolean", "text": "text",
        "date": "date", "time": "time", "timestamp": "timestamp",
        "timestamptz": "timestamp with time zone", "interval": "interval", "uuid": "uuid",
        "json": "jsonb", "bytes": "bytea", "other": "text",
    },
    "mysql": {
        "smallint": "smallint", "integer": "int", "bigint": "bigint", "numeric": "decimal(38,10)",
        "real": "float", "double": "double", "boolean": "tinyint(1)", "text": "longtext",
        "date": "date", "time": "time(6)", "timestamp": "datetime(6)",
        "timestamptz": "datetime(6)", "interval": "bigint", "uuid": "char(36)",
        "json": "json", "bytes": "longblob", "other": "longtext",
    },
    "sqlite": {
        "smallint": "INTEGER", "integer": "INTEGER", "bigint": "INTEGER", "numeric": "NUMERIC",
        "real": "REAL", "double": "REAL", "boolean": "BOOLEAN", "text": "TEXT", "date": "DATE",
        "time": "TIME", "timestamp": "TIMESTAMP", "timestamptz": "TIMESTAMP", "interval": "INTEGER",
        "uuid": "TEXT", "json": "TEXT", "bytes": "BLOB", "enum": "TEXT", "other": "TEXT",
    },
    "duckdb": {
        "smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT",
        "numeric": "DECIMAL(38,10)", "real": "REAL", "double": "DOUBLE", "boolean": "BOOLEAN",
        "text": "VARCHAR", "date": "DATE", "time": "TIME", "timestamp": "TIMESTAMP",
        "timestamptz": "TIMESTAMP WITH TIME ZONE", "interval": "INTERVAL", "uuid": "UUID",
        "json": "JSON", "bytes": "BLOB", "other": "VARCHAR",
    },
}  # fmt: skip
_ARROW: dict[str, pa.DataType] = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
    "interval": pa.duration("us"),
    "bytes": pa.binary(),
}
TEMPORAL = frozenset(["date", "time", "timestamp", "timestamptz", "interval"])


class SqlType(NamedTuple):
    """A family and its numbers: digits and digits after the point, or letters."""

    family: str
    args: tuple[int, ...] = ()


def type_of(column: SqlColumn, engine: Engine) -> SqlType:
    """What the spelling of a column's type means; never raises, as ``other`` takes all."""
    if column.levels is not None:
        return SqlType("enum")
    spelled = " ".join(column.type.lower().split())
    unsigned = "unsigned" in spelled
    spelled = spelled.replace(" unsigned", "").replace(" zerofill", "")
    found = _SPELLED.fullmatch(spelled)
    if found is None:
        return SqlType("other")
    word, inside, zone = found.groups()
    args = tuple(int(part) for part in inside.split(",")) if inside else ()
    if engine == "mysql" and word in ("tinyint", "bit") and args == (1,):
        return SqlType("boolean")
    if engine == "mysql" and word == "timestamp":
        return SqlType("timestamptz", args)
    if engine == "mysql" and word == "float":
        return SqlType("real")
    if engine == "sqlite" and word in ("integer", "int", "smallint", "tinyint", "mediumint"):
        return SqlType("bigint")  # whatever the word, 64 bits
    if engine == "sqlite" and word == "real":
        return SqlType("double")
    if word in _OTHERS:
        return SqlType("numeric", _OTHERS[word])
    family = _WORDS.get(f"{word}{zone or ''}", "other")
    if unsigned:
        wider = {"smallint": "integer", "integer": "bigint", "bigint": "numeric"}
        family, args = wider.get(family, family), ((20, 0) if family == "bigint" else args)
    if family == "numeric" and len(args) == 1:
        args = (args[0], 0)
    return SqlType(family, args if family in ("numeric", "char", "varchar") else ())


def arrow_of(kind: SqlType, engine: Engine) -> pa.DataType:
    """The Arrow type that holds every value exactly; texts where there is none.

    SQLite has no types for times: they stay the texts or numbers that they are.
    """
    if engine == "sqlite" and kind.family in TEMPORAL:
        return pa.string()
    if kind.family == "numeric" and kind.args and 0 <= kind.args[1] <= kind.args[0] <= 76:
        digits, after = kind.args
        return pa.decimal128(digits, after) if digits <= 38 else pa.decimal256(digits, after)
    return _ARROW.get(kind.family, pa.string())


def spelled(column: SqlColumn, source: Engine, target: Engine, *, key: bool = False) -> str:
    """The type of a column in the words of another engine; enumerations are not told here.

    Args:
        column: as the source has it.
        source: the engine whose words it uses.
        target: the engine to write for.
        key: whether it is part of a key, for which MySQL needs texts of a known length.
    """
    if source == target:
        return column.type
    family, args = type_of(column, source)
    if family == "numeric" and args and args[0] <= _MOST_DIGITS[target]:
        if target == "sqlite" and args[0] > _SQLITE_DIGITS:
            return f"DECIMAL_TEXT({args[0]},{args[1]})"  # a name that makes it keep texts
        word = "decimal" if target == "mysql" else "DECIMAL" if target == "duckdb" else "numeric"
        return f"{word}({args[0]},{args[1]})"
    if family in ("char", "varchar"):
        if args and not (target == "mysql" and args[0] > _MYSQL_VARCHAR):
            return f"{family}({args[0]})"
        family = "text"
    if target == "mysql" and key and family in ("text", "other"):
        return "varchar(255)"
    return _NAMES[target][family]

"""What Python callers may give for a database, taken to what is judged."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from likewise.core.errors import ConfigError, DataError
from likewise.core.seeds import Seed
from likewise.data.convert import to_source
from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema, TableSchema
from likewise.data.schema import Schema
from likewise.io.dialect import Dialect
from likewise.io.folder import read_raws
from likewise.io.read import Raw
from likewise.jobs.evaluate_database import evaluate_raws, judge_databases
from likewise.jobs.model import raw_of
from likewise.report.database_document import DatabaseReport

_KINDS = "Give a Database, a mapping of names to frames, or the path of a folder"


def is_database(value: Any) -> bool:
    """Whether this stands for several tables, not for one."""
    if isinstance(value, str | Path):
        return Path(value).is_dir()
    return isinstance(value, Database | Mapping)


def refuse(**given: Any) -> None:
    """Raise ConfigError for what only a single table takes, if any of it was given."""
    for name, value in given.items():
        if value:
            raise ConfigError(name, "not for databases", "Judge that table by itself")


def of_one_table(schema: Any) -> Schema | None:
    """The schema of a single table; ConfigError for one of several."""
    if schema is not None and not isinstance(schema, Schema):
        raise ConfigError("schema", f"of type {type(schema).__name__}", "Give a Schema")
    return schema


def evaluate(
    real: Any,
    synth: Any,
    holdout: Any,
    *,
    declared: Any,
    seed: int | Seed | None,
    workers: int | None,
) -> DatabaseReport:
    """Judge databases; a ``Database`` keeps its own kinds, keys and relations."""
    given = [real, synth] if holdout is None else [real, synth, holdout]
    for name, value in zip(("real", "synth", "holdout"), given, strict=False):
        if not is_database(value):
            raise DataError(name, f"a {type(value).__name__} is no database", _KINDS)
    if all(isinstance(value, Database) for value in given):
        return judge_databases(real, synth, holdout, seed=seed, workers=workers)
    known = _declared(declared, real)
    raws = [_raws(value) for value in given]
    kept = raws[2] if holdout is not None else None
    return evaluate_raws(raws[0], raws[1], kept, declared=known, seed=seed, workers=workers)


def _declared(value: Any, real: Any) -> Sequence[TableSchema]:
    """What is known of the tables: what was given, before what ``real`` itself says."""
    if isinstance(value, DatabaseSchema):
        return value.tables
    if value is not None:
        if isinstance(value, Sequence) and all(isinstance(one, TableSchema) for one in value):
            return tuple(value)
        raise ConfigError("schema", f"of type {type(value).__name__}", "Give a list of tables")
    if isinstance(real, Database):
        return real.schema.tables
    return () if isinstance(real, Mapping) else read_raws(real).declared


def _raws(value: Any) -> Mapping[str, Raw]:
    if isinstance(value, Database):
        named = zip(value.names, value.tables, strict=True)
        return {name: Raw(to_source(table), Dialect(), name) for name, table in named}
    if isinstance(value, Mapping):
        return {str(name): raw_of(frame, str(name)) for name, frame in value.items()}
    return read_raws(value).raws

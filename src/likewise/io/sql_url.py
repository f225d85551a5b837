"""Addresses of databases: understood, completed from the environment, and shown without secrets."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from likewise.core.errors import ConfigError

Engine = Literal["postgresql", "mysql", "sqlite", "duckdb"]

_SCHEMES: dict[str, Engine] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}
_SUFFIXES: dict[str, Engine] = {
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
    ".ddb": "duckdb",
}
PASSWORD = "LIKEWISE_DB_PASSWORD"  # a name, no secret: the variable that holds one
_EXAMPLES = (
    "Write postgresql://USER@HOST/DB, mysql://USER@HOST/DB, sqlite:///FILE or duckdb:///FILE"
)


@dataclass(frozen=True)
class SqlUrl:
    """Where a database is.

    Attributes:
        engine: the kind of server or file.
        host: of a server; "" for its own default.
        port: of a server; None for its own default.
        user: of a server; "" for its own default.
        password: never shown; None when it is to come from elsewhere.
        name: the database of a server, the path of a file.
        options: what stands after the question mark.
    """

    engine: Engine
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str | None = field(default=None, repr=False)
    name: str = ""
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def is_file(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.engine in ("sqlite", "duckdb")

    def __str__(self) -> str:
        """The address as it may be shown: no password, and no options, which may hold one."""
        if self.is_file:
            return f"{self.engine}:///{self.name}"
        secret = ":***" if self.password is not None else ""
        at = f"{self.user}{secret}@" if self.user or secret else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.engine}://{at}{self.host}{port}/{self.name}"

    def libpq(self) -> str:
        """The address for PostgreSQL's own library, password included."""
        secret = f":{quote(self.password, safe='')}" if self.password is not None else ""
        at = f"{quote(self.user, safe='')}{secret}@" if self.user or secret else ""
        host = f"[{self.host}]" if ":" in self.host else quote(self.host, safe="")
        port = f":{self.port}" if self.port else ""
        options = "&".join(f"{key}={quote(value, safe='')}" for key, value in self.options)
        tail = f"?{options}" if options else ""
        return f"postgresql://{at}{host}{port}/{quote(self.name, safe='')}{tail}"


def is_url(text: str) -> bool:
    """Whether a word is meant as the address of a database, and not as a folder."""
    scheme = re.match(r"([A-Za-z][\w+.-]*)://", text)
    return bool(scheme) or (Path(text).suffix.lower() in _SUFFIXES and not Path(text).is_dir())


def parse_url(text: str) -> SqlUrl:
    """The address that a text spells, such as ``postgresql://me@host:5432/shop``.

    A password that is not in it is taken from LIKEWISE_DB_PASSWORD, then from what the engine's
    own tools use: PGPASSWORD and ``~/.pgpass``, MYSQL_PWD and ``~/.my.cnf``. The path of a file
    that ends in .sqlite, .sqlite3, .db, .duckdb or .ddb will do as well.

    Raises:
        ConfigError: it names no engine that is known, or no database; never with the password.
    """
    if "://" not in text:
        suffix = Path(text).suffix.lower()
        if suffix not in _SUFFIXES:
            raise ConfigError("database address", "names no engine", _EXAMPLES)
        return SqlUrl(_SUFFIXES[suffix], name=text)
    scheme, _, rest = text.partition("://")
    engine = _SCHEMES.get(scheme.split("+")[0].lower())
    if engine is None:
        raise ConfigError(f"database address {scheme}://…", "no such engine", _EXAMPLES)
    if engine in ("sqlite", "duckdb"):
        path = unquote(rest.partition("?")[0])
        if not path.startswith("/") or path == "/":
            hint = f"Write {engine}:///FILE, and {engine}:////FILE for a path from the root"
            raise ConfigError(f"database address {scheme}://…", "names no file", hint)
        return SqlUrl(engine, name=path[1:])
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port
    except ValueError:
        hint = "Write letters such as @ : / of a password as %40 %3A %2F"
        raise ConfigError(f"database address {scheme}://…", "cannot be read", hint) from None
    name = unquote(parts.path.lstrip("/"))
    options = tuple(parse_qsl(parts.query))
    if not name:
        raise ConfigError(f"database address {scheme}://…", "names no database", _EXAMPLES)
    secret = unquote(parts.password) if parts.password is not None else os.environ.get(PASSWORD)
    user, host = unquote(parts.username or ""), unquote(parts.hostname or "")
    return SqlUrl(engine, host, port, user, secret, name, options)

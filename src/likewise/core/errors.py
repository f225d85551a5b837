"""Errors that say where, what was found, and what to do; each knows its exit code."""

import re

_PASSWORD = re.compile(r"(:/+[^\s:/@]*):\S*@")  # of an address; paths have lost one of its slashes


def masked(text: str) -> str:
    """The text without the passwords of addresses of databases in it."""
    return _PASSWORD.sub(r"\1:***@", text)


class LikewiseError(Exception):
    """Something the user can act on; the message reads "where: found. do this."

    Args:
        where: the place, such as a path, a column or an option.
        found: what was met there; never a value taken from a person's record.
        hint: the way out, as an imperative sentence.
    """

    exit_code = 1

    def __init__(self, where: str, found: str, hint: str) -> None:
        way_out = hint if hint.endswith(("?", "…")) else f"{hint.rstrip('.')}."
        where, found, way_out = masked(where), masked(found), masked(way_out)
        super().__init__(f"{where}: {found.rstrip('.')}. {way_out}")
        self.where, self.found, self.hint = where, found, hint


class ConfigError(LikewiseError):
    """An option, setting or argument cannot be used as given."""

    exit_code = 2


class SchemaError(LikewiseError):
    """The schema is malformed or contradicts the data."""

    exit_code = 3


class DataError(LikewiseError):
    """The data cannot be read, or cannot be used as they are."""

    exit_code = 3


class PrivacyError(LikewiseError):
    """Going on would break a privacy promise."""

    exit_code = 3


class FormatError(LikewiseError):
    """A file is not in the format it claims, is damaged, or comes from a newer version."""

    exit_code = 3


class DatabaseError(LikewiseError):
    """A database cannot be reached, or it refuses what is asked of it."""

    exit_code = 5


class SimulationError(LikewiseError):
    """A simulation broke a law that it declares, or cannot go on."""

    exit_code = 3


class MissingExtraError(LikewiseError):
    """An optional dependency is needed; the hint is the command that installs it."""

    exit_code = 7

    @classmethod
    def of(cls, where: str, package: str, extra: str) -> "MissingExtraError":
        """The error for ``package``, which ``likewise[extra]`` brings."""
        return cls(where, f"needs the package {package!r}", f"Run: pip install 'likewise[{extra}]'")

"""Arguments that Python, unlike the command line, lets through: refused with a ConfigError."""

import os
from numbers import Integral, Number
from pathlib import Path
from typing import Any

from likewise.core.errors import ConfigError


def refuse_unless_whole(name: str, value: Any, least: int, most: int | None = None) -> None:
    """Raise ConfigError unless ``value`` is a whole number from ``least`` to ``most``."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        end = "on" if most is None else f"to {most:,}"
        raise ConfigError(name, _shown(value), f"Give a whole number from {least} {end}")


def refuse_unless(kind: type, name: str, value: Any, hint: str) -> None:
    """Raise ConfigError unless ``value`` is of the kind that the hint asks for."""
    if not isinstance(value, kind):
        raise ConfigError(name, _shown(value), hint)


def path_of(value: Any) -> Path:
    """The path of a file; anything but a text or a path raises ConfigError."""
    if not isinstance(value, str | os.PathLike):
        raise ConfigError("path", _shown(value), "Give the path of a file")
    return Path(value)


def _shown(value: Any) -> str:
    """A number as it is, anything else by its type alone."""
    return f"{value}" if isinstance(value, Number) else f"of type {type(value).__name__}"

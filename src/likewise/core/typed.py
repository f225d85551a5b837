"""Whether a value is of the type that a field is annotated with: what a stored model may hold."""

import dataclasses
import functools
import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints


def misfit(cls: type, values: Mapping[str, Any]) -> str | None:
    """The first field of a dataclass whose value is not of its type; None when all are.

    Tuples and dicts are looked into, objects are not: they were checked when they were built.
    """
    hints = _hints(cls)
    return next((name for name, value in values.items() if not fits(value, hints[name])), None)


def fits(value: Any, hint: Any) -> bool:
    """Whether ``value`` is of the type ``hint``; whole numbers stand for floats too."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, option) for option in inner)
    if origin is tuple:
        if inner[-1] is Ellipsis:
            inner = inner[:1] * len(value) if isinstance(value, tuple) else ()
        if not isinstance(value, tuple) or len(value) != len(inner):
            return False
        return all(map(fits, value, inner))
    if origin is dict:
        items = value.items() if isinstance(value, dict) else [(None, None)]
        return all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in items)
    return isinstance(value, float | int if hint is float else hint)


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    found = get_type_hints(cls)
    return {field.name: found[field.name] for field in dataclasses.fields(cls)}

"""Recipes: frozen settings whose fields are the flags, the YAML keys and the documentation."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from likewise.core.errors import ConfigError
from likewise.core.registry import suggest


class Recipe(BaseModel):
    """Settings of one method; immutable, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=Recipe)


def build(recipe: type[R], settings: Mapping[str, Any], where: str = "setting") -> R:
    """A recipe from plain values; a bad one raises ConfigError naming the setting and the rule."""
    for name in settings:
        if name not in recipe.model_fields:
            known = dict(recipe.model_fields)
            hint = suggest(name, known) if known else "This method has no settings"
            raise ConfigError(f"{where} {name!r}", f"{recipe.__name__} has no such setting", hint)
    try:
        return recipe(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        given = settings.get(name)
        raise ConfigError(f"{where} {name!r}", f"{given!r} cannot be used", first["msg"]) from None


def parse_settings(pairs: Iterable[str]) -> dict[str, Any]:
    """``["leaf=50", "order=given"]`` as a mapping; values are read as YAML scalars."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ConfigError(
                f"--set {pair!r}", "not of the form key=value", "Write --set key=value"
            )
        try:
            settings[name.strip().replace("-", "_")] = yaml.safe_load(value)
        except yaml.YAMLError:
            hint = "Quote the value or close its brackets"
            raise ConfigError(f"--set {name}", "the value cannot be read", hint) from None
    return settings

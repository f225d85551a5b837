"""The methods a plan may name: the generators, and ``auto``, which chooses among them."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from likewise.core.params import Recipe, build
from likewise.core.registry import Entry, Registry
from likewise.generators import GENERATORS
from likewise.jobs.setting_types import type_words
from likewise.series import SERIES

METHODS = Registry(
    "generator",
    {
        "auto": Entry(
            "likewise.compose.auto:Auto",
            "Fits several methods and keeps the one that scores best on held-out rows",
        ),
        **GENERATORS.entries,
    },
)


LISTED = Registry("generator", {**METHODS.entries, **SERIES.entries})  # of tables and of series


@dataclass(frozen=True)
class Setting:
    """One setting of a method: its name, type and default as text, and what it means."""

    name: str
    type: str
    default: Any
    meaning: str


def recipe_of(name: str, settings: Mapping[str, Any], budget: float) -> Any:
    """The recipe called ``name`` with the given settings; ConfigError if either is unknown."""
    method: type[Recipe] = METHODS.load(name)
    if "budget" in method.model_fields:
        settings = {"budget": budget, **settings}
    return build(method, settings, "--set")


def name_of(used: Recipe) -> str:
    """The registered name of a recipe's class, or the class's own."""
    target = f"{type(used).__module__}:{type(used).__name__}"
    return next((n for n in METHODS if METHODS.entries[n].target == target), type(used).__name__)


def changed(used: Recipe) -> dict[str, Any]:
    """The settings of a recipe that differ from their defaults, as plain values."""
    return used.model_dump(mode="json", exclude_defaults=True)


def explain(name: str) -> tuple[str, tuple[Setting, ...]]:
    """A method's documentation and its settings."""
    return described(LISTED.load(name))


def described(method: type[Recipe]) -> tuple[str, tuple[Setting, ...]]:
    """A recipe's documentation and its settings."""
    meanings = _meanings(inspect.getdoc(method) or "")
    settings = tuple(
        Setting(
            name=field,
            type=type_words(info.annotation, info.metadata),
            default=info.get_default(call_default_factory=True),
            meaning=info.description or meanings.get(field) or _described(info.annotation),
        )
        for field, info in method.model_fields.items()
    )
    return inspect.getdoc(method) or "", settings


def _described(annotation: Any) -> str:
    """The description given to a part of a type, such as the number in "a number or nothing"."""
    parts = get_args(annotation)
    own = [getattr(part, "description", None) or "" for part in parts]
    return next((text for text in [*own, *map(_described, parts)] if text), "")


def _meanings(doc: str) -> dict[str, str]:
    """The entries of a docstring's ``Attributes:`` section, each joined into one line."""
    found: dict[str, str] = {}
    name = ""
    inside = False
    for line in doc.splitlines():
        if not line.startswith(" "):
            inside = line.strip() == "Attributes:" or (inside and not line.strip())
        elif inside and line.startswith("    ") and not line.startswith("     "):
            name, _, text = line.strip().partition(":")
            found[name] = text.strip()
        elif inside and name:
            found[name] += " " + line.strip()
    return found

"""Names that stand for code which is imported only when it is asked for."""

import difflib
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from likewise.core.errors import ConfigError


@dataclass(frozen=True)
class Entry:
    """One registered name: ``module:attribute`` and a line that says what it is."""

    target: str
    summary: str

    def load(self) -> Any:
        """Import the module and return the attribute."""
        module, _, attribute = self.target.partition(":")
        return getattr(importlib.import_module(module), attribute)


@dataclass(frozen=True)
class Registry:
    """A lazily loaded mapping from names to things of one kind."""

    kind: str
    entries: Mapping[str, Entry]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self.entries

    def load(self, name: str) -> Any:
        """What ``name`` stands for; an unknown name raises ConfigError with a suggestion."""
        if name not in self.entries:
            raise ConfigError(f"{self.kind} {name!r}", "no such name", suggest(name, self.entries))
        return self.entries[name].load()


def suggest(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """A hint that names the closest known word, or lists them all when none is close."""
    close = difflib.get_close_matches(name, list(known), n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    shown = ", ".join(list(known)[:20])
    return f"Choose one of: {shown}{' …' if len(known) > 20 else ''}"

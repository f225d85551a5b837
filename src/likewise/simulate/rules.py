"""Rules and invariants: marked methods of a simulator, taken in the order in which they stand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from likewise.core.errors import ConfigError
from likewise.simulate.draws import Draws
from likewise.simulate.world import World

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule:
    """What happens to the world at a step.

    Attributes:
        name: of the method; the stream of its random numbers.
        every: taken at steps that this divides.
        act: called with the simulator, the world and the draws.
    """

    name: str
    every: int
    act: Callable[[Any, World, Draws], None]


@dataclass(frozen=True)
class Invariant:
    """What holds after every step: ``holds`` is called with the simulator and the world."""

    name: str
    holds: Callable[[Any, World], bool]


def rule(*, every: int = 1) -> Callable[[F], F]:
    """Mark a method ``(self, world, draws)`` as a rule, taken at every ``every``-th step."""
    if every < 1:
        raise ConfigError("rule", f"every {every} steps", "Give 1 or more")

    def mark(method: F) -> F:
        method.__rule__ = every  # type: ignore[attr-defined]
        return method

    return mark


def invariant(method: F) -> F:
    """Mark a method ``(self, world) -> bool``: where it is false, the run stops and says so."""
    method.__invariant__ = True  # type: ignore[attr-defined]
    return method


def rules_of(simulator: type) -> tuple[Rule, ...]:
    """The rules of a class, those of its parents first; one that is overridden keeps its place."""
    marked = _marked(simulator, "__rule__")
    return tuple(Rule(name, method.__rule__, method) for name, method in marked.items())


def invariants_of(simulator: type) -> tuple[Invariant, ...]:
    """The invariants of a class."""
    marked = _marked(simulator, "__invariant__")
    return tuple(Invariant(name, method) for name, method in marked.items())


def _marked(simulator: type, mark: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for cls in reversed(simulator.__mro__):
        for name, value in vars(cls).items():
            if callable(value) and hasattr(value, mark):
                found[name] = value
            elif name in found:  # overridden without the mark: no longer a rule
                del found[name]
    return found

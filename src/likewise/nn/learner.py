"""What a neural method tells the training loop."""

from typing import Any, Protocol

import jax

Array = jax.Array
Tree = Any  # a pytree of arrays


class Learner(Protocol):
    """What a method tells the loop: a frozen, hashable dataclass of sizes and rates only.

    Equal learners share compiled programs, so whatever depends on the table goes into ``world``, a
    tree of arrays such as ``Blocks`` or ``Geometry``.
    """

    def __hash__(self) -> int:
        """By value."""

    def init(self, world: Tree, key: Array) -> Tree:
        """The state before the first step: arrays only, no random keys."""

    def step(
        self, world: Tree, state: Tree, batch: Tree, at: Array, key: Array
    ) -> tuple[Tree, dict[str, Array]]:
        """One step; ``at`` in [0, 1) is how far learning is. Metrics are scalars."""

    def kept(self, state: Tree) -> Tree:
        """The part that sampling needs; its running average is judged and returned."""

    def judge(self, world: Tree, params: Tree, batch: Tree, key: Array) -> Array:
        """How well averaged ``kept`` parameters do on held-out rows; lower is better."""

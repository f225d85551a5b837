"""Fitted parameters as a model keeps them: arrays in a fixed order, without JAX."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from likewise.core.artifact import storable

T = TypeVar("T")


@storable
@dataclass(frozen=True)
class Weights:
    """The leaves of a parameter tree, in JAX's order; the tree itself follows from the recipe.

    Attributes:
        leaves: arrays, as they were.
    """

    leaves: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, tree: Any) -> "Weights":
        """The arrays of ``tree``, fetched from the device."""
        import jax

        return cls(tuple(np.asarray(leaf) for leaf in jax.tree.leaves(tree)))

    def like(self, tree: T) -> T:
        """A tree of the form of ``tree`` that holds these arrays.

        Args:
            tree: arrays or shapes, such as ``jax.eval_shape(init, key)``.

        Raises:
            ValueError: the leaves differ in number, shape or type from those of ``tree``.
        """
        import jax

        wanted, form = jax.tree.flatten(tree)
        if [(x.shape, x.dtype) for x in wanted] != [(x.shape, x.dtype) for x in self.leaves]:
            raise ValueError("stored arrays do not fit the network")
        filled: T = jax.tree.unflatten(form, self.leaves)
        return filled

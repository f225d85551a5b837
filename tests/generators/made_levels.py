"""Small layouts and encoded rows with known distributions, for tests of single methods."""

import numpy as np

from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import Block, Encoded, Layout
from likewise.generators.tabular import Levels, Tabular

Array = np.ndarray


def block(
    name: str, size: int, *, ordered: bool = True, missing: bool = False, inside: bool = False
) -> Block:
    """A block of ``size`` levels, with an inside where asked (never at the missing level)."""
    atoms = np.full(size, not inside)
    atoms[: int(missing)] = True
    return Block(name, name, ordered, missing, atoms, np.arange(size, dtype=float), np.ones(size))


def number(name: str, levels: int, *, missing: bool = False) -> Block:
    """Levels of equal width on [0, 1]."""
    made = block(name, levels + missing, missing=missing, inside=True)
    made.centers[made.first :] = (np.arange(levels) + 0.5) / levels
    return made


def encoded(codes: Array, detail: Array | None = None) -> Encoded:
    """Rows from (N, C) codes."""
    rows = Encoded.empty(*codes.shape)
    rows.codes[:] = codes
    if detail is not None:
        rows.detail[:] = detail
    return rows


def learn(recipe: Tabular, rows: Encoded, *blocks: Block, target: str | None = None) -> Levels:
    """The levels a recipe learns."""
    return recipe.fit_levels(
        rows,
        Layout(blocks),
        target=target,
        seed=Seed(1),
        run=Run(workers=1),
    )


def chain(rows: int, seed: int = 0) -> Array:
    """Three binary columns a -> b -> c, each equal to the one before with chance 0.9; (N, 3)."""
    rng = np.random.default_rng(seed)
    codes = np.zeros((rows, 3), dtype=np.int32)
    codes[:, 0] = rng.random(rows) < 0.3
    for i in (1, 2):
        flip = rng.random(rows) < 0.1
        codes[:, i] = np.where(flip, 1 - codes[:, i - 1], codes[:, i - 1])
    return codes


def rng() -> np.random.Generator:
    """A fresh stream, always the same."""
    return np.random.default_rng(7)

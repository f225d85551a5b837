"""Where learning stood, on disk: written whole or not at all, and taken up only where it fits."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from likewise import __version__
from likewise.core.artifact import load, save, storable
from likewise.core.errors import ConfigError, FormatError
from likewise.core.seeds import Seed
from likewise.nn.weights import Weights


@storable
@dataclass(frozen=True)
class Checkpoint:
    """A moment of learning.

    Attributes:
        fingerprint: of everything that shapes the result.
        step: steps that are done.
        stale: judgements since the best one.
        score: the best judgement so far, lower is better.
        finished: whether nothing is left to do.
        weights: leaves of the state, the averaged parameters and the best ones.
    """

    fingerprint: str
    step: int
    stale: int
    score: float
    finished: bool
    weights: Weights


def fingerprint(*parts: Any, data: Any, seed: Seed) -> str:
    """A hash of settings, data (a tree of arrays), seed and versions; about 1 s for a gigabyte."""
    digest = hashlib.blake2b(digest_size=16)
    text = (__version__, jax.__version__, jax.default_backend(), seed.value, parts)
    digest.update(repr(text).encode())
    for leaf in jax.tree.leaves(data):
        array = np.ascontiguousarray(leaf)
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(array.data)
    return digest.hexdigest()


def write(checkpoint: Checkpoint, path: Path) -> None:
    """Write it; the folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save(checkpoint, path)


def read(path: Path, wanted: str) -> Checkpoint | None:
    """The checkpoint at ``path``, None if there is none.

    Raises:
        ConfigError: it belongs to other data, settings, seed or versions.
        FormatError: it is no checkpoint.
    """
    if not path.exists():
        return None
    found = load(path)
    if not isinstance(found, Checkpoint):
        raise FormatError(str(path), "no checkpoint", "Remove it, or run without resuming")
    if found.fingerprint != wanted:
        what = "left by a run on other data, with other settings, another seed or version"
        raise ConfigError(str(path), what, "Repeat that run, or remove the file to begin anew")
    return found

"""One seed at the top, named counter-based streams below it."""

import hashlib
import secrets
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from likewise.core.errors import ConfigError


@dataclass(frozen=True)
class Seed:
    """A 64-bit seed from which independent random streams are derived by name.

    A stream depends on the seed and on its names alone, so rows do not depend on how work was
    cut into blocks, nor on how many workers did it.

    Paper: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox).
    """

    value: int

    def __post_init__(self) -> None:
        if not 0 <= self.value < 2**64:
            raise ConfigError("seed", f"{self.value}", "Give a whole number from 0 to 2**64 - 1")

    @classmethod
    def of(cls, seed: "int | Seed | None") -> "Seed":
        """The given seed, or a fresh one from the operating system when there is none."""
        if isinstance(seed, Seed):
            return seed
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, Integral)):
            hint = "Give a whole number from 0 to 2**64 - 1"
            raise ConfigError("seed", f"of type {type(seed).__name__}", hint)
        return cls(secrets.randbits(32) if seed is None else int(seed))

    def child(self, *names: str | int) -> "Seed":
        """A seed of its own for the part of the work called ``names``."""
        return Seed(int.from_bytes(self._digest(names)[:8], "little"))

    def stream(self, *names: str | int) -> np.random.Generator:
        """The random stream called ``names``; the same names give the same numbers."""
        key = np.frombuffer(self._digest(names)[:16], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=key))

    def _digest(self, names: tuple[str | int, ...]) -> bytes:
        path = "\x1f".join(f"{type(name).__name__}:{name}" for name in names)
        return hashlib.blake2b(path.encode(), key=self.value.to_bytes(8, "little")).digest()

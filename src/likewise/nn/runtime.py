"""JAX set up once, when a neural method first runs: compiled code is kept, and it stays quiet."""

import contextlib
import functools
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from likewise.core.seeds import Seed

if TYPE_CHECKING:
    from jax import Array

GPU = {"xla_gpu_autotune_level": "0"}  # compile without trying many ways of each product
COMPILED = "/jax/core/compile/backend_compile_duration"  # JAX's name of "a program was compiled"


@functools.cache
def start() -> None:
    """Set JAX up; call it before the first computation. Later calls do nothing.

    What the environment already says (``JAX_COMPILATION_CACHE_DIR``, ``JAX_PLATFORMS``) stands.
    """
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # leave the GPU to others too
    import jax

    logging.getLogger("jax._src.xla_bridge").setLevel(logging.ERROR)
    folder = cache_folder()
    config: Any = jax.config
    if config.jax_compilation_cache_dir is None and _usable(folder):
        config.update("jax_compilation_cache_dir", str(folder))
    config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@functools.cache
def compiling() -> dict[str, str]:
    """Options with which programs are compiled for the device at hand.

    A GPU's compiler tries many ways of each product, which takes most of a minute and gains nothing
    in networks of the sizes used here: it takes its first guess.
    """
    start()
    import jax

    return GPU if jax.default_backend() == "gpu" else {}


def cache_folder() -> Path:
    """Where compiled programs are kept: ``LIKEWISE_CACHE_DIR``, or the user's cache folder."""
    own = os.environ.get("LIKEWISE_CACHE_DIR")
    if own:
        return Path(own) / "jax"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "likewise" / "jax"


@dataclass
class Compiles:
    """How many programs were compiled, or fetched from the cache, so far."""

    count: int = 0


@contextlib.contextmanager
def count_compiles() -> Iterator[Compiles]:
    """Count what is compiled in the block; code that JAX holds in memory already is not."""
    from jax import monitoring

    found = Compiles()

    def listen(event: str, duration_secs: float, **kwargs: str | int) -> None:
        del duration_secs, kwargs
        found.count += event == COMPILED

    monitoring.register_event_duration_secs_listener(listen)
    try:
        yield found
    finally:
        monitoring.unregister_event_duration_listener(listen)


def _usable(folder: Path) -> bool:
    """Whether files can be kept in ``folder``, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def key_of(seed: Seed, *names: str | int) -> "Array":
    """A JAX key for the part of the work called ``names``."""
    import jax

    value = seed.child(*names).value if names else seed.value
    halves = np.array([value >> 32, value & 0xFFFFFFFF], dtype=np.uint32)
    key: Array = jax.random.wrap_key_data(jax.numpy.asarray(halves))
    return key

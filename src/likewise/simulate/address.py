"""Simulators by name, by file, and by an address that another process understands."""

import hashlib
import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType

from likewise.core.errors import ConfigError, DataError
from likewise.core.registry import suggest
from likewise.simulate import SIMULATORS
from likewise.simulate.simulator import Simulator

_PREFIX = "likewise_simulation_"


def find_simulator(text: str) -> type[Simulator]:
    """What ``schelling``, ``city.py`` or ``city.py:City`` stands for.

    A file is run, as ``import`` would run it. It may hold one simulator; of several one is named.

    Raises:
        ConfigError: no such simulator.
        DataError: the file cannot be read, or its code fails.
    """
    path, _, name = text.partition(":")
    if not path.endswith(".py"):
        found: type[Simulator] = SIMULATORS.load(text)
        return found
    module = _module_at(Path(path))
    there = {
        key: value
        for key, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, Simulator)
        and value.__module__ == module.__name__ and not inspect.isabstract(value)
    }  # fmt: skip
    if name:
        if name not in there:
            raise ConfigError(f"{path}:{name}", "no such simulator", suggest(name, there or [path]))
        return there[name]
    if len(there) != 1:
        listed = ", ".join(there) or "none"
        hint = f"Write {path}:NAME" if there else "Write a class that inherits from Simulator"
        raise ConfigError(path, f"one simulator is wanted, and there is {listed}", hint)
    return next(iter(there.values()))


def address_of(simulator: type[Simulator]) -> str:
    """Where another process finds the class: ``module:Name`` or ``file.py:Name``.

    Raises:
        ConfigError: it was defined in a function or a notebook, where nobody else can find it.
    """
    module, name = simulator.__module__, simulator.__qualname__
    file = getattr(sys.modules.get(module), "__file__", None)
    nowhere = module == "__main__" and file is None
    if "<locals>" in name or nowhere:
        found = "defined where no other process finds it"
        raise ConfigError(f"simulator {name}", found, "Put it into a file, or use workers=1")
    if module == "__main__" or module.startswith(_PREFIX):
        return f"{Path(str(file)).resolve()}:{name}"
    return f"{module}:{name}"


def simulator_at(address: str) -> type[Simulator]:
    """The class that ``address_of`` named."""
    place, _, name = address.rpartition(":")
    module = _module_at(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    found: type[Simulator] = getattr(module, name)
    return found


def _module_at(path: Path) -> ModuleType:
    """The module of a file, run once."""
    if not path.is_file():
        raise DataError(str(path), "no such file", "Check the path")
    whole = str(path.resolve())
    name = f"{_PREFIX}{path.stem}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, whole)
    if spec is None or spec.loader is None:
        raise DataError(str(path), "is no Python file", "Give one that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        line = _line_of(error, whole)
        found = f"its code fails in line {line} ({type(error).__name__})"
        raise DataError(str(path), found, "Mend it there") from error
    return module


def _line_of(error: Exception, path: str) -> int:
    """The last line of the file that the error passed through."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno or 0
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line

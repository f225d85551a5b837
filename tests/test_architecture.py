"""The shape of the package: what may import what, and what must not be there at all."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from likewise.core.registry import Registry

PACKAGE = Path(__file__).parents[1] / "src" / "likewise"
FILES = sorted(PACKAGE.rglob("*.py"))
ROWS = (
    {"core"},
    {"data"},
    {"io"},
    {"execution"},
    {"encode"},
    {"nn"},
    {"generators", "simulate", "metrics"},
    {"attacks", "series"},
    {"compose"},
    {"report"},
    {"jobs"},
    {"api", "api_series"},
    {"cli"},
)
HEIGHT = {name: height for height, row in enumerate(ROWS) for name in row}
LONGEST = 300
HEAVY = ("numpy", "pyarrow", "pandas", "polars", "duckdb", "sklearn", "scipy", "numba", "jax")
HEAVY += ("adbc_driver_manager", "adbc_driver_postgresql", "pymysql", "sqlite3")
FORBIDDEN = {"pickle", "cPickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}
GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}


def _imports(path: Path) -> list[str]:
    """Every module a file imports, at the top or inside functions, with full names."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found.append(node.module or "")
    return found


def _needed(path: Path) -> list[str]:
    """Imports that happen when the code runs, so not those that only types need."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def _layer(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def _name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_imports_point_down_and_siblings_do_not_know_each_other(path: Path) -> None:
    layer = _layer(path)
    if layer in ("__init__", "__main__"):
        return
    assert layer in HEIGHT, f"{_name(path)} lies in no layer"
    for module in _imports(path):
        parts = module.split(".")
        if parts[0] != "likewise" or len(parts) == 1:
            continue
        target = parts[1]
        assert target == layer or HEIGHT[target] < HEIGHT[layer], f"{_name(path)}: {module}"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_nothing_is_unpickled_or_evaluated(path: Path) -> None:
    assert not {module.split(".")[0] for module in _imports(path)} & FORBIDDEN
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec", "compile", "__import__"}, node.lineno
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_files_are_short_and_named_after_what_they_hold(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert path.stem not in GRAB_BAGS
    assert len(path.relative_to(PACKAGE).parts) <= 2, "folders are one deep"


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {f"likewise.{_name(path)[:-3].replace('/', '.')}": path for path in FILES}
    graph = {name: set(_needed(path)) & names.keys() for name, path in names.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail, name))
        if name not in done:
            for below in graph[name]:
                visit(below, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def _registries() -> list[tuple[str, Registry]]:
    import importlib

    found = {}
    for path in FILES:
        if " Registry(" not in path.read_text(encoding="utf-8") or path.stem == "registry":
            continue
        module = "likewise." + _name(path)[:-3].replace("/", ".").removesuffix(".__init__")
        for name, value in vars(importlib.import_module(module)).items():
            if isinstance(value, Registry):
                found[id(value)] = (f"{module}.{name}", value)
    return list(found.values())


def test_every_registered_name_loads() -> None:
    registries = _registries()
    assert registries
    for _, registry in registries:
        for name in registry:
            assert registry.load(name) is not None
            assert registry.entries[name].summary


def _modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found = set(ran.stderr.splitlines())
    return found | {name.split(".")[0] for name in found}


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["--help"],
        ["synth", "--help"],
        ["compare", "--help"],
        ["db", "--help"],
        ["db", "push", "--help"],
    ],
)
def test_help_and_version_import_nothing_heavy(words: list[str]) -> None:
    modules = _modules_after(f"from likewise.cli.main import run; assert run({words!r}) == 0")
    assert "click" in modules
    assert not modules & {*HEAVY, "pydantic", "rich", "yaml", "jinja2"}


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not _modules_after("import likewise") & {*HEAVY, "pydantic", "rich", "click"}


def test_a_simulation_imports_nothing_that_only_learning_needs() -> None:
    worlds = "import likewise.jobs.simulate, likewise.simulate.retail"
    assert not _modules_after(worlds) & {"sklearn", "scipy.stats", "jax"}


def test_drawing_from_a_model_imports_nothing_that_only_learning_needs() -> None:
    drawing = "import likewise.jobs.sample, likewise.generators.autoregressive"
    assert not _modules_after(drawing) & {"sklearn", "scipy.stats", "pandas", "jax"}


def test_jax_is_imported_only_when_a_neural_method_runs() -> None:
    listed = "import likewise.api, likewise.jobs.synth, likewise.nn.mixed, likewise.nn.weights"
    each = "from likewise.generators import GENERATORS; [GENERATORS.load(n)() for n in GENERATORS]"
    assert not _modules_after(f"{listed}\n{each}") & {"jax", "jaxlib", "optax"}


def test_every_command_has_a_module_and_a_summary() -> None:
    from likewise.cli.main import COMMANDS, app

    for section in COMMANDS.values():
        for name, summary in section.items():
            command = app.get_command(None, name)  # type: ignore[arg-type]
            assert command is not None
            assert command.help
            assert summary.endswith(".")

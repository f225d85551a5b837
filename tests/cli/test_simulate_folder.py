"""The folder of ``likewise simulate``: one run in it, whole, and nothing of anybody else's lost."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.test_simulate import FILE, SMALL, _digests
from tests.conftest import Ran

Call = Callable[..., Ran]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A simulator in a file."""
    path = tmp_path / "shop.py"
    path.write_text(FILE)
    return path


def test_a_second_run_takes_the_place_of_the_first(
    shop: Path, command: Call, tmp_path: Path
) -> None:
    """Nothing of the earlier one is left, whatever it was like; files of others are."""
    out, alone = tmp_path / "out", tmp_path / "alone"
    assert command("simulate", shop, *SMALL, "--replicates", "2", "--workers", "1",
                   "-o", out).code == 0  # fmt: skip
    (out / "replicate-1" / "notes.txt").write_text("mine")
    assert command("simulate", shop, *SMALL, "--format", "csv", "-o", out).code == 0
    (out / "notes.txt").write_text("mine")
    for folder in (out, alone):
        assert command("simulate", shop, *SMALL, "--no-page", "-o", folder).code == 0
    left = _digests(out)
    assert left.pop("notes.txt") == left.pop("replicate-1/notes.txt")
    assert left == _digests(alone)
    assert [one.name for one in out.iterdir() if one.is_dir()] == ["replicate-1"]


@pytest.mark.parametrize("there", ["run", "file"])
def test_a_folder_with_something_else_is_refused(
    there: str, shop: Path, command: Call, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    if there == "run":
        assert command("simulate", "forest-fire", *SMALL, "-o", out).code == 0
    else:
        out.mkdir()
        (out / "people.csv").write_text("age\n41\n")
    before = _digests(out)
    ran = command("simulate", shop, *SMALL, "-o", out)
    assert (ran.code, ran.out) == (2, "")
    assert "holds a simulation by forest-fire" in ran.err or there == "file"
    assert "holds files that are not of a simulation" in ran.err or there == "run"
    assert _digests(out) == before


def test_a_folder_with_hidden_files_only_is_free(shop: Path, command: Call, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".gitignore").write_text("*\n")
    assert command("simulate", shop, *SMALL, "-o", out).code == 0
    assert (out / ".gitignore").exists()


CUT = FILE.replace(
    "    def setup(self, world, draws):\n",
    "    def setup(self, world, draws):\n"
    "        from pathlib import Path\n"
    "        with Path(__file__).with_suffix('.begun').open('a+') as begun:\n"
    "            begun.write('x')\n"
    "            if begun.tell() == 2:\n"
    "                raise KeyboardInterrupt\n",
)  # fmt: skip


@pytest.mark.parametrize("before", [False, True])
def test_replicates_that_are_cut_off_leave_what_was_there(
    before: bool, shop: Path, command: Call, tmp_path: Path
) -> None:
    """The first one was done when the second one was cut off."""
    out = tmp_path / "new" / "out"
    if before:
        assert command("simulate", shop, *SMALL, "-o", out).code == 0
    there = _digests(tmp_path / "new") if before else {}
    cut = tmp_path / "cut.py"
    cut.write_text(CUT)
    words = ("simulate", cut, *SMALL, "--replicates", "3", "--workers", "1", "-o", out)
    assert command(*words).code == 6
    assert cut.with_suffix(".begun").read_text() == "xx"
    assert (tmp_path / "new").exists() == before
    if before:
        assert _digests(tmp_path / "new") == there
        assert {one.name for one in out.iterdir()} == {Path(name).name for name in there}


def test_a_fit_and_facts_are_told_where_they_lie(command: Call, tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("attacked: 0.4")
    words = ("simulate", "epidemic", "--set", "people=300", "--days", "20", "--seed", "1")
    ran = command(*words, "--fit", tmp_path / "facts.yaml", "--evaluations", "20", "--json",
                  "-o", tmp_path / "out")  # fmt: skip
    assert ran.code == 0, ran.err
    files = json.loads(ran.out)["files"]
    assert {"facts", "model", "fit", "manifest", "page"} <= set(files)
    assert all(Path(path).exists() for path in files.values())

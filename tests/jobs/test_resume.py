"""What a cut-off run leaves: a folder that the next one goes on from, and nothing after success."""

from pathlib import Path

import pytest

from likewise.core.errors import ConfigError
from likewise.jobs.plan import make_plan
from likewise.jobs.resume import kept_until_done, left_seed


def interrupted(model: Path, seed: int = 7) -> Path:
    """A run that is cut off after it has written a checkpoint; its folder."""
    folder = Path(f"{model}.checkpoint")

    def work() -> None:
        with kept_until_done(make_plan(seed=seed, model=str(model))) as given:
            assert given == folder
            (folder / "refit").mkdir(parents=True)
            (folder / "refit" / "network.likewise").write_bytes(b"state")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="--resume"):
        work()
    return folder


def test_an_interrupted_run_leaves_its_state_and_its_seed(tmp_path: Path) -> None:
    folder = interrupted(tmp_path / "m")
    assert left_seed(str(tmp_path / "m")) == 7
    with kept_until_done(make_plan(seed=7, model=str(tmp_path / "m"), resume=True)):
        assert (folder / "refit" / "network.likewise").exists()
    assert not folder.exists()


def test_a_run_that_does_not_resume_begins_anew(tmp_path: Path) -> None:
    folder = interrupted(tmp_path / "m")
    (folder / "mine.txt").write_text("of the user", encoding="utf-8")
    with kept_until_done(make_plan(seed=7, model=str(tmp_path / "m"))):
        assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert (folder / "mine.txt").exists()


def test_resuming_what_was_never_interrupted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no interrupted run"):
        left_seed(str(tmp_path / "m"))


def test_without_a_file_to_lie_beside_there_is_no_checkpoint() -> None:
    with kept_until_done(make_plan(output="-")) as folder:
        assert folder is None

"""A plan says where things go and how to do it again."""

from pathlib import Path

import pytest

from likewise.core.errors import ConfigError, DataError
from likewise.jobs.plan import default_output, default_report, make_plan, suffixes


@pytest.mark.parametrize(
    ("source", "output", "report"),
    [
        ("adult.csv", "adult.synthetic.csv", "adult.report.html"),
        ("data/adult.csv.gz", "data/adult.synthetic.csv.gz", "data/adult.report.html"),
        ("a.b.parquet", "a.b.synthetic.parquet", "a.b.report.html"),
        ("-", "-", None),
    ],
)
def test_outputs_lie_beside_the_input_in_its_format(
    source: str, output: str, report: str | None
) -> None:
    assert default_output(source) == output
    assert default_report(source) == report


def test_a_suffix_may_have_two_parts() -> None:
    assert suffixes(Path("x/adult.csv.gz")) == ".csv.gz"
    assert suffixes(Path("adult")) == ""


def test_the_command_repeats_the_run_without_what_changes_nothing() -> None:
    plan = make_plan(
        input="/far/away/my data.csv",
        seed=7,
        workers=2,
        rows=10,
        generator="trees",
        settings={"leaf": 50},
        output="/elsewhere/x.csv",
    )
    expected = "likewise synth 'my data.csv' -n 10 --generator trees --set leaf=50 --seed 7"
    assert plan.command == expected


def test_a_seed_is_drawn_when_none_is_given() -> None:
    assert make_plan().seed != make_plan().seed


def test_fields_that_cannot_be_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="--rows"):
        make_plan(rows=-1)
    with pytest.raises(ConfigError, match="--budget"):
        make_plan(budget=0)


def test_no_output_may_replace_the_input_or_another_output(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("a\n1\n", encoding="utf-8")
    for fields in (
        {"output": str(source)},
        {"report": str(source)},
        {"model": str(tmp_path / "sub" / ".." / "a.csv")},
        {"output": str(tmp_path / "x"), "model": str(tmp_path / "x")},
    ):
        (tmp_path / "sub").mkdir(exist_ok=True)
        with pytest.raises(ConfigError):
            make_plan(input=str(source), **fields).check_outputs()


def test_unwritable_places_are_found_before_the_work(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "no" / "x.csv"):
        with pytest.raises(DataError):
            make_plan(output=str(place)).check_outputs()

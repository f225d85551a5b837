"""``likewise synth --series``, and ``likewise sample`` of what it keeps."""

import json

import pandas as pd
import pytest
from tests.series.series_tables import weather


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "weather.csv"
    weather(600).to_csv(path, index=False)
    return path


def test_a_series_comes_out_as_it_went_in_with_a_report_of_its_order(command, file):
    ran = command("synth", str(file), "--series", "--generator", "bootstrap_series", "--seed", "1",
                  "--model", str(file.with_suffix(".likewise")))  # fmt: skip
    assert ran.code == 0, ran.err
    made = pd.read_csv(file.with_name("weather.synthetic.csv"))
    real = pd.read_csv(file)
    assert list(made.columns) == list(real.columns)
    assert made["at"].tolist() == real["at"].tolist()
    report = json.loads(file.with_name("weather.report.json").read_text())
    assert {"autocorrelation_error", "window_detection", "window_copies"} <= set(report["scores"])
    assert report["scores"]["window_copies"]["verdict"] == "fail"
    assert any("real rows" in note for note in report["notes"])
    assert "--series --time at" in report["provenance"]["command"]


def test_a_kept_model_goes_on_from_a_given_past(command, file, tmp_path):
    model, past = tmp_path / "m.likewise", tmp_path / "past.csv"
    made = command("synth", str(file), "--series", "--generator", "bootstrap_series", "--seed", "1",
                   "--no-report", "--model", str(model))  # fmt: skip
    assert made.code == 0, made.err
    weather(600).tail(100).to_csv(past, index=False)
    out = tmp_path / "more.csv"
    ran = command(
        "sample", str(model), "-n", "24", "--given", str(past), "-o", str(out), "--seed", "2"
    )
    assert ran.code == 0, ran.err
    more = pd.read_csv(out, parse_dates=["at"])
    assert len(more) == 24
    assert more["at"].iloc[0] == weather(600)["at"].iloc[-1] + pd.Timedelta(hours=1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--time", "when"], "no such column"),
        (["--entity", "sky"], "do not stand together"),
        (["--target", "sky"], "not for series"),
        (["--generator", "trees"], "no method for series"),
        (["--time", "sky"], "no moments"),
    ],
)
def test_what_series_cannot_do_is_refused_in_one_line(command, file, words, said):
    ran = command("synth", str(file), "--series", *words)
    assert ran.code in (2, 3)
    assert said in ran.err
    assert not file.with_name("weather.synthetic.csv").exists()


def test_time_without_series_is_refused(command, file):
    ran = command("synth", str(file), "--time", "at")
    assert ran.code == 2
    assert "Give --series" in ran.err


def test_a_gap_in_time_says_what_to_do(command, file):
    weather(600).drop(index=50).to_csv(file, index=False)
    ran = command("synth", str(file), "--series")
    assert ran.code == 3
    assert "Insert the rows that are missing" in ran.err

"""``likewise synth --entity``, and ``sample`` and ``evaluate`` of events of entities."""

import json

import numpy as np
import pandas as pd
import pytest


def orders(entities: int, seed: int) -> pd.DataFrame:
    """Orders that are opened, changed a few times and closed, slowly in one of two towns."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(entities):
        town, at = str(rng.choice(["Bern", "Rome"])), int(rng.integers(0, 86_400 * 300))
        for step in ("open", *["change"] * int(rng.integers(1, 5)), "close"):
            rows.append((f"A{i:05d}", town, at, step, round(float(rng.gamma(2, 10)), 2)))
            at += int(rng.exponential(7_200 if town == "Rome" else 1_800)) + 1
    frame = pd.DataFrame(rows, columns=["order", "town", "at", "step", "cost"])
    frame["at"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(frame["at"], unit="s")
    return frame


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "orders.csv"
    orders(300, 0).to_csv(path, index=False)
    return path


def test_events_come_out_as_they_went_in_with_a_report_and_a_model(command, file, tmp_path):
    model = tmp_path / "m.likewise"
    ran = command("synth", file, "--entity", "order", "--seed", 1, "--model", model)
    assert ran.code == 0, ran.err
    made, real = (
        pd.read_csv(file.with_name("orders.synthetic.csv"), parse_dates=["at"]),
        orders(300, 0),
    )
    assert list(made.columns) == list(real.columns)
    assert made["order"].nunique() == 300
    owners = made.groupby("order", sort=False)
    assert (owners["step"].first() == "open").all()
    assert (owners["step"].last() == "close").all()
    assert (owners["town"].nunique() == 1).all()
    assert (owners["at"].diff().dropna() > pd.Timedelta(0)).all()
    report = json.loads(file.with_name("orders.report.json").read_text())
    assert {"entity_detection", "length_error", "spacing_error", "boundary_error",
            "second_transition_error"} <= set(report["scores"])  # fmt: skip
    assert all(
        report["scores"][n]["floor"] is not None for n in ("entity_detection", "length_error")
    )
    assert any("60 of 300 entities" in note for note in report["notes"])
    assert "--time at --entity order" in report["provenance"]["command"]
    assert "order" not in {column["name"] for column in report["columns"]}

    ran = command("sample", model, "-n", 50, "-o", tmp_path / "more.csv", "--seed", 2)
    assert ran.code == 0, ran.err
    assert pd.read_csv(tmp_path / "more.csv")["order"].nunique() == 50
    past = real.groupby("order").head(2)
    past.to_csv(tmp_path / "past.csv", index=False)
    out = tmp_path / "next.csv"
    words = ("sample", model, "--given", tmp_path / "past.csv", "-o", out, "--seed", 3)
    assert command(*words).code == 0
    more = pd.read_csv(out, parse_dates=["at"])
    assert set(more["order"]) == set(past["order"])  # an order is never closed after two events
    whole = pd.concat([past, more]).sort_values(["order", "at"], kind="stable").groupby("order")
    assert (whole["step"].last() == "close").all()
    assert (whole["step"].first() == "open").all()
    assert (whole["town"].nunique() == 1).all()
    assert command(*words, "--events", 1).code == 0
    assert pd.read_csv(out)["order"].is_unique
    assert command(*words, "--until", "2023-04-01").code == 0
    assert pd.read_csv(out)["at"].max() <= "2023-04-01 00:00:00"
    for wrong, said in (
        (("--until", "soon"), "no moment"),
        (("-n", 5), "--events says"),
        (("--where", "cost > 1"), "not for events"),
    ):
        ran = command(*words, *wrong)
        assert ran.code == 2
        assert said in ran.err
    assert command("sample", model, "--events", 1).code == 2
    assert "model of events" in command("evaluate", file, file, "--model", model, "--full").err


@pytest.mark.slow
def test_a_file_of_events_is_judged_against_another(command, file, tmp_path):
    other, slow = tmp_path / "other.csv", tmp_path / "slow.csv"
    held = tmp_path / "held.csv"
    orders(300, 1).to_csv(other, index=False)
    orders(150, 2).to_csv(held, index=False)
    wrong = orders(300, 3)
    wrong["step"] = wrong["step"].sample(frac=1, random_state=0).to_numpy()
    wrong.to_csv(slow, index=False)
    words = ("--entity", "order", "--holdout", held, "--json")
    good, bad = (
        json.loads(command("evaluate", file, path, *words).out)["scores"] for path in (other, slow)
    )
    assert good["boundary_error"]["value"] < 0.06  # towns differ by chance
    assert bad["boundary_error"]["value"] > 0.3
    assert good["entity_detection"]["value"] < 0.62
    assert bad["entity_detection"]["value"] > 0.9
    gate = ("--fail-over", "entity_detection=0.7")
    assert command("evaluate", file, slow, *words, *gate).code == 4
    assert command("evaluate", file, other, *words, *gate).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--entity", "ordr"], "did you mean 'order'"),
        (["--entity", "order", "--time", "town"], "does not order rows"),
        (["--entity", "order", "--target", "cost"], "not for events"),
        (["--entity", "order", "--generator", "vae_series"], "no method for events"),
        (["--entity", "order", "--set", "leef=3"], "leef"),
    ],
)
def test_what_events_cannot_do_is_refused_in_one_line(command, file, words, said):
    ran = command("synth", file, *words)
    assert ran.code == 2
    assert said.lower() in ran.err.lower()
    assert not file.with_name("orders.synthetic.csv").exists()


def test_two_columns_of_moments_ask_which_one_orders(command, file):
    frame = orders(100, 0)
    frame["seen"] = frame["at"]
    frame.to_csv(file, index=False)
    ran = command("synth", file, "--entity", "order")
    assert ran.code == 2
    assert "2 columns hold moments" in ran.err

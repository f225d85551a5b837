"""What one row alone holds is nowhere: not in the model, the report, the JSON, or the sample."""

import json
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.contracts.methods import by_method

from likewise.generators import GENERATORS
from likewise.jobs import synth
from likewise.jobs.plan import make_plan
from likewise.jobs.understand import split, understand

ROWS, DRAWN = 1_500, 10_000
PLANTED = {
    "id": "K9988776",
    "person": "Zebulon Quixley 424242",
    "city": "Xanadupolis",
    "canton": "QZ",
    "amount": 123456.78,
    "gross": 987654.32,
    "age": 117,
    "born": "1903-02-11",
    "seen": "1999-12-31 23:58:57",
    "rank": 9,
    "note": "zugunruhe",
}
TEXTS = ("9988776", "Zebulon", "Quixley", "Xanadupolis", '"QZ"', "zugunruhe", "123456.78")
TEXTS += ("123,456.78", "987654.32", "987,654.32", "1903-02-11", "1999-12-31")
MICROSECONDS = (pd.Timestamp("1999-12-31 23:58:57") - pd.Timestamp(0)) // pd.Timedelta("1us")
DAYS = (pd.Timestamp("1903-02-11") - pd.Timestamp(0)).days
NUMBERS = (123456.78, 12345678, 987654.32, 98765432, DAYS, MICROSECONDS, MICROSECONDS // 10**6)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A file in which one row holds values of its own, and a seed that puts it into training."""
    rng = np.random.default_rng(0)
    cities = {"Basel": "BS", "Bern": "BE", "Chur": "GR", "Genf": "GE"}
    city = rng.choice(list(cities), ROWS, p=[0.4, 0.3, 0.2, 0.1])
    days = pd.to_timedelta(rng.integers(0, 18_000, ROWS), "D")
    seconds = pd.to_timedelta(rng.integers(0, 80_000_000, ROWS), "s")
    amount = np.round(rng.gamma(2, 500, ROWS), 2)
    names = zip(rng.choice(["Anna", "Ben"], ROWS), rng.integers(0, 10**6, ROWS), strict=True)
    frame = pd.DataFrame(
        {
            "id": [f"K{10_000 + 7 * i}" for i in rng.permutation(ROWS)],
            "person": [f"{first} Keller {number}" for first, number in names],
            "city": city,
            "canton": [cities[one] for one in city],
            "amount": amount,
            "gross": np.round(amount * 1.08, 2),
            "age": rng.integers(18, 90, ROWS),
            "born": (pd.Timestamp("1950-01-01") + days).strftime("%Y-%m-%d"),
            "seen": (pd.Timestamp("2020-01-01") + seconds).strftime("%Y-%m-%d %H:%M:%S"),
            "rank": rng.integers(1, 4, ROWS),
            "note": rng.choice(["paid", "open", "late"], ROWS),
        }
    )
    frame.loc[ROWS // 2] = PLANTED
    path = tmp_path_factory.mktemp("planted") / "table.csv"
    frame.to_csv(path, index=False)
    return path, _seed_that_trains(path)


def _seed_that_trains(path: Path) -> int:
    from likewise.io.read import read_raw

    for seed in range(20):
        plan = make_plan(input=str(path), seed=seed)
        train, _, _ = split(understand(read_raw(path), plan), plan)
        if 117 in train.numbers("age"):
            return seed
    raise AssertionError("the planted row is never in training")


@pytest.mark.slow
@pytest.mark.parametrize("generator", by_method([*GENERATORS, "auto"]))
def test_what_one_row_alone_holds_is_in_no_output(
    generator: str, planted: tuple[Path, int], tmp_path: Path
) -> None:
    path, seed = planted
    plan = make_plan(
        input=str(path),
        output=str(tmp_path / "synthetic.csv"),
        report=str(tmp_path / "report.html"),
        model=str(tmp_path / "model.lwm"),
        rows=DRAWN,
        generator=generator,
        seed=seed,
    )
    outcome = synth.run(plan)
    places = {what: Path(file).read_bytes() for what, file in outcome.files.items()}
    places["json"] = json.dumps(outcome.as_json()).encode()
    assert {"synthetic", "model", "report", "report_json", "json"} <= set(places)
    found = [(what, secret) for what, data in places.items() for secret in _secrets_in(data)]
    assert not found
    drawn = pd.read_csv(tmp_path / "synthetic.csv", dtype=str)
    assert len(drawn) == DRAWN
    assert [c for c, value in PLANTED.items() if (drawn[c] == str(value)).any()] == []


def test_the_search_finds_what_is_there() -> None:
    assert _secrets_in(b"x" + struct.pack("<d", 123456.78) + b"Zebulon") == ["Zebulon", 123456.78]


def _secrets_in(data: bytes) -> list[object]:
    """The planted texts, and the planted numbers as floats or whole numbers in binary."""
    found: list[object] = [text for text in TEXTS if text.encode() in data]
    for number in NUMBERS:
        spelled = [struct.pack("<d", number)]
        if float(number).is_integer():
            spelled += [struct.pack("<q", int(number))]
        found += [number] * any(text in data for text in spelled)
    return found

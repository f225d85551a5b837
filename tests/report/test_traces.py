"""No value that fewer than ten real rows share stands anywhere in the page or its JSON twin."""

import re

import numpy as np
import pandas as pd
import pytest

import likewise
from likewise.report.html import render
from likewise.report.write import to_json

ROWS = 3_000
FEW = 9  # rows that share a planted label, at most
LARGE, SMALL, EARLY = 918_273_645, -718_293_645, "1801-02-03"


def people(rng: np.random.Generator, tag: str) -> tuple[pd.DataFrame, list[str]]:
    """Rows of many kinds with rare values planted in each column, and those values as texts."""
    age = rng.integers(20, 80, ROWS)
    amount = np.round(rng.lognormal(5, 1, ROWS), 2)
    town = rng.choice(["Ulm", "Kiel", "Bonn", "Jena"], ROWS).astype(object)
    grade = rng.choice(["low", "middle", "high"], ROWS).astype(object)
    visit = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, ROWS), unit="D")
    frame = pd.DataFrame({"age": age, "amount": amount, "town": town, "grade": grade})
    frame["visit"] = pd.Series(visit)
    frame["code"] = [f"{tag}c{number:07d}x" for number in rng.permutation(10**6)[:ROWS]]
    frame["note"] = [f"{tag}note {number:06d} written" for number in rng.permutation(10**6)[:ROWS]]
    frame["amount"] = frame["amount"] + 3 * frame["age"]
    planted = [f"{tag}town{i}q" for i in range(30)]
    for i, label in enumerate(planted):
        frame.loc[rng.choice(ROWS, 1 + i % FEW, replace=False), "town"] = label
    frame.loc[rng.choice(ROWS, FEW, replace=False), "grade"] = f"{tag}grade"
    frame.loc[0, ["amount", "age"]] = [LARGE + 0.5, 151]
    frame.loc[1, "amount"] = SMALL + 0.5
    frame.loc[2, "visit"] = pd.Timestamp(EARLY)
    return frame, [*planted, f"{tag}grade", *frame["code"], *frame["note"]]


@pytest.fixture(scope="module")
def judged() -> tuple[str, list[str]]:
    """All text of the page and its twin on rows that leak and are wrong in every way."""
    rng = np.random.default_rng(0)
    (train, mine), (held, theirs) = people(rng, "zq"), people(rng, "zv")
    synth = train.copy()
    synth["amount"] = rng.permutation(synth["amount"])
    synth.loc[: ROWS // 10, "age"] += 5
    synth = synth[synth["grade"] != "middle"]
    view = likewise.evaluate(train, synth, held, target="grade", full=True, real_cards=True, seed=0)
    return render(view.report) + to_json(view.report), [*mine, *theirs]


@pytest.mark.long
def test_a_planted_text_is_nowhere_in_the_page(judged):
    text, planted = judged
    assert "Ulm" in text  # labels of many rows are shown
    assert [label for label in planted if label in text] == []
    assert not re.search(r"z[qv](town|grade|note|c\d)", text)


@pytest.mark.long
def test_the_ends_of_a_column_are_not_told_either(judged):
    text, _ = judged
    digits = re.sub(r"(?<=\d)[,\u202f\u00a0 ](?=\d)", "", text)
    for end in (LARGE, SMALL):
        assert str(abs(end)) not in digits
        assert not re.search(rf"(?<![\d.]){str(abs(end))[:3]}\d{{6}}(?!\d)", digits)  # rounded
    assert EARLY not in text
    assert not re.search(r"(?<!\d)1801(?!\d)", text)
    assert not re.search(r"\b151\b", text)

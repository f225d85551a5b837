"""The page of a sweep: offline, escaped, complete without JavaScript."""

import base64
import hashlib
import re

import pytest
from tests.report.test_html import Page
from tests.report.test_pareto import trial

from likewise.report.frontier import Frontier, Origin, Trial
from likewise.report.frontier_page import render
from likewise.report.pareto import pareto, recommend

EVIL = "<script>alert(1)</script>"


def sweep(trials: list[Trial]) -> Frontier:
    open_ones = pareto(trials)
    number, reason = recommend(trials, open_ones)
    return Frontier(
        origin=Origin(
            likewise="1",
            python="3",
            packages={"numpy": "2"},
            seed=7,
            data=f"{EVIL}.csv",
            data_sha256="ab",
            target=EVIL,
            generators=("trees",),
            rows={"train": 80, "holdout": 20},
            budget=60,
        ),
        trials=tuple(trials),
        pareto=open_ones,
        recommended=number,
        reason=reason,
        ended="so it was",
    )


def some() -> list[Trial]:
    done = {"seconds": {"fit": 1.0, "sample": 0.1}, "command": f"likewise synth '{EVIL}.csv'"}
    trials = [
        trial(1, (0.55, 0.9, 0.52), (0.02, 0.02, 0.04)),
        trial(2, (0.7, 0.8, 0.5), (0.02, 0.02, 0.04), "inconclusive"),
        trial(3, (0.51, 0.92, 0.9), (0.02, 0.02, 0.04), "detected"),
    ]
    failed = Trial(number=4, generator="trees", error=f"DataError: {EVIL}.")
    return [*(one.model_copy(update=done) for one in trials), failed]


@pytest.fixture(scope="module")
def page() -> str:
    return render(sweep(some()))


def test_equal_sweeps_give_equal_pages(page: str) -> None:
    assert render(sweep(some())) == page


def test_no_name_becomes_an_element(page: str) -> None:
    assert "script" not in {tag for tag, _ in Page(page).elements}
    assert page.count("&lt;script&gt;") >= 4


def test_the_policy_allows_the_pages_own_style_and_nothing_else(page: str) -> None:
    [policy] = [attrs["content"] for tag, attrs in Page(page).elements if "http-equiv" in attrs]
    [style] = re.findall(r"<style>(.*?)</style>", page, flags=re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    for _, attrs in Page(page).elements:
        assert "style" not in attrs
        assert attrs.get("href", "#").startswith("#")
        assert not attrs.keys() & {"src", "onclick", "onload"}


def test_every_trial_is_in_the_table_and_every_measured_one_is_a_point(page: str) -> None:
    for number in range(1, 5):
        assert f"{number}. trees" in page
    assert page.count("<title>") == 1 + 3
    assert page.count('class="ring"') == 1 + 1  # the recommended point, and the legend


def test_there_is_a_page_where_nothing_can_be_drawn() -> None:
    bare = [one.model_copy(update={"utility": None}) for one in some()[:3]]
    for trials in (bare, some()[3:]):
        assert "nothing to draw" in render(sweep(trials))

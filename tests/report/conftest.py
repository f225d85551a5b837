from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from likewise.attacks.risk import Risk
from likewise.data.schema import Column, Kind, Schema
from likewise.metrics.battery import Battery, ColumnResult, PairsResult
from likewise.metrics.cards import Dealt
from likewise.metrics.score import Score
from likewise.metrics.slices import Slice
from likewise.report.build import build
from likewise.report.document import Candidate, Provenance, Report, RuleReport

HOSTILE = '<script>alert("x")</script>'


NAMES = ("age", "income", "hours per week", "education", "sex", "capital gain", HOSTILE, "größe 名")
KINDS = ("integer", "numeric", "integer", "ordinal", "category", "numeric", "category", "numeric")


def good_scores() -> dict[str, Score]:
    scores = [
        Score(
            "shape_error",
            0.004,
            (0.003, 0.005),
            0.003,
            (0.002, 0.004),
            "lower",
            note="32,561 rows a side",
        ),
        Score(
            "pair_error", 0.012, (0.011, 0.013), 0.010, (0.009, 0.011), "lower", note="105 pairs"
        ),
        Score(
            "detector_auc",
            0.541,
            (0.53, 0.552),
            0.501,
            (0.49, 0.511),
            "target",
            {"fnlwgt": 0.02},
            "8,000 rows a side",
        ),
        Score(
            "utility",
            0.925,
            (0.921, 0.929),
            0.927,
            (0.923, 0.931),
            "higher",
            {"income": 0.925},
            "by AUC",
        ),
        Score("slice_error", 0.05, (0.05, 0.3), 0.0, (0.0, 0.0), "lower"),
        Score("wasserstein", 0.011, None, 0.008, None, "lower"),
        Score(
            "near_copies",
            0.0112,
            (0.010, 0.0124),
            0.010,
            (0.0085, 0.0116),
            "lower",
            note="10,000 rows",
        ),
        Score("exact_copies", 0.0001, (0.0, 0.0003), 0.0002, (0.0, 0.0004), "lower"),
        Score("dcr_share", 0.508, (0.498, 0.518), 0.5, (0.49, 0.51), "target"),
        Score("rare_levels", 0.93, None, 0.95, None, "higher"),
        Score("range_coverage", 0.97, None, 0.99, None, "higher"),
        Score("missingness", 0.002, None, 0.001, None, "lower"),
    ]
    return {score.name: score for score in scores}


def columns_of(names: tuple[str, ...], kinds: tuple[str, ...]) -> tuple[ColumnResult, ...]:
    rng = np.random.default_rng(0)
    columns = []
    for i, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        if kind == "category":
            labels = ("Female", "Male", "<b>other</b>")[: 3 if i % 2 else 2]
            real = rng.dirichlet(np.full(len(labels), 5.0))
        else:
            labels = (*(f"{10 * b} to {10 * b + 10}" for b in range(20)), "missing")
            real = np.exp(-(((np.arange(21) - 7 - i % 4) / 5.0) ** 2))
            real /= real.sum()
        synth = np.abs(real * (1 + 0.12 * rng.standard_normal(len(real))))
        synth /= synth.sum()
        error = float(np.abs(real - synth).sum() / 2)
        missing = 0.0 if i % 3 else 0.06
        columns.append(
            ColumnResult(
                name, kind, error, 0.01, missing, missing * 1.05, labels, tuple(real), tuple(synth)
            )
        )
    return tuple(columns)


def pairs_of(names: tuple[str, ...]) -> PairsResult:
    rng = np.random.default_rng(1)
    size = len(names)
    error = rng.gamma(1.2, 0.02, (size, size))
    error = np.clip((error + error.T) / 2, 0, 1)
    np.fill_diagonal(error, np.nan)
    return PairsResult(names, error, np.full((size, size), 0.01))


def slices_of() -> tuple[Slice, ...]:
    where = "sex = Female and hours per week is 35 to 40"
    text = f"where {where}, mean of income is 31.2 instead of 35.9"
    more = f"{HOSTILE} = <b>other</b> holds for 4.1 % of rows instead of 2.0 %"
    return (
        Slice(where, ("sex", "hours per week"), 1_204, 1_187, "income", 35.9, 31.2, 36.1, -9.1,
              text),
        Slice(f"{HOSTILE} = <b>other</b>", (HOSTILE,), 651, 1_335, "share of rows", 0.02, 0.041,
              0.021, 17.0, more),
    )  # fmt: skip


def risks_of() -> dict[str, Risk]:
    quiet = {"baseline": 0.2, "power": 0.03, "p_value": 0.4, "attempts": 2_000, "note": "Few rows"}
    risks = (
        Risk("linkability", 0.011, (0.008, 0.014), control=0.01, control_interval=(0.007, 0.013),
             excess=0.001, excess_interval=(-0.003, 0.005), verdict="not detected", **quiet),
        Risk("membership", 0.508, (0.494, 0.522), control=0.5, excess=0.016,
             excess_interval=(-0.01, 0.04), verdict="not detected", **quiet),
        Risk("outliers", note="Fewer than 100 controls"),
    )  # fmt: skip
    return {risk.name: risk for risk in risks}


def cards_of(names: tuple[str, ...]) -> list[Dealt]:
    return [Dealt(dict.fromkeys(names[:8], "10 to 20"), real=False) for _ in range(10)]


def report_of(
    scores: dict[str, Score] | None = None,
    names: tuple[str, ...] = NAMES,
    kinds: tuple[str, ...] = KINDS,
    violations: int = 0,
    **other: Any,
) -> Report:
    battery = Battery(
        scores=good_scores() if scores is None else scores,
        columns=columns_of(names, kinds),
        pairs=pairs_of(names),
        notes=("The column 'comment' holds prose; its texts are drawn from patterns.",),
        slices=slices_of() if names else (),
    )
    schema = Schema(
        columns=tuple(
            Column(
                name=name,
                kind=Kind(kind),
                levels=("low", "high") if kind == "ordinal" else None,
                evidence=("32,561 of 32,561 values are whole numbers",),
            )
            for name, kind in zip(names, kinds, strict=True)
        ),
        target=names[0] if names else None,
    )
    rules = (
        RuleReport(
            rule="start <= end",
            source="found",
            real_rows=32_561,
            real_violations=0,
            rows=32_561,
            violations=violations,
        ),
        RuleReport(
            rule=f"{HOSTILE} is never missing",
            source="declared",
            real_rows=32_561,
            real_violations=3,
            rows=32_561,
            violations=0,
        ),
    )
    candidates = (
        Candidate(generator="trees", score=0.541, seconds=4.2, chosen=True),
        Candidate(
            generator="bayesnet",
            score=0.611,
            seconds=2.9,
            chosen=False,
            reason="easier to tell",
        ),
    )
    provenance = Provenance(
        created="2026-11-23 14:30 UTC",
        likewise="0.1.0",
        python="3.11.7",
        packages={"numpy": "2.4.6", "pyarrow": "26.0.1", "scikit-learn": "1.9.1"},
        seed=7,
        generator="trees",
        settings={"leaf": 50},
        data_sha256={"adult.csv": "5ef1" * 16},
        rows={"training": 32_561, "held out": 16_281, "synthetic": 32_561},
        command="likewise synth adult.csv --target income --seed 7",
        machine="Linux x86_64, 2 cores",
    )
    settings = {
        "title": "adult.csv",
        "risks": risks_of() if names else {},
        "cards": cards_of(names) if names else [],
        "rules": rules,
        "candidates": candidates,
        "files": {"synthetic": "adult.synthetic.csv"},
        "seconds": {"fit": 3.1, "evaluate": 6.4},
        **other,
    }
    return build(battery, provenance=provenance, schema=schema, **settings)


@pytest.fixture(scope="session")
def report() -> Report:
    return report_of()


@pytest.fixture(scope="session")
def make_report() -> Callable[..., Report]:
    return report_of


@pytest.fixture(scope="session")
def good() -> dict[str, Score]:
    return good_scores()

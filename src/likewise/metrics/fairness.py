"""Are differences between groups of people the same in the synthetic table as in the real one?

A gap is what sets one group apart from all others: in the target (demographic parity), or in how
likely a model finds it for those who have it (equal opportunity). With many groups the largest
difference of gaps is mostly noise, so only what lies outside simultaneous bounds counts.

Papers: Hardt, Price and Srebro, "Equality of opportunity in supervised learning", 2016; Bhanot
et al., "The problem of fairness in synthetic healthcare data", 2021.

Shapes: N rows of a table, G groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import ndtri

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.conditions import word
from likewise.metrics.learners import single_threaded, some_columns, some_rows
from likewise.metrics.models import fitted
from likewise.metrics.score import SEED, Score
from likewise.metrics.tasks import FEWEST as LEARNED
from likewise.metrics.tasks import TESTED, Task, task_of
from likewise.metrics.views import Array, codes, is_number, measured, values

ROWS, TRAIN_ROWS, TEST_ROWS = 50_000, 10_000, 20_000
LEVELS, SHARE, FEWEST = 10, 0.01, 50  # groups of a column at most; of rows; rows of a group
COLUMNS = 20
PRIOR = 10  # rows' worth of the variance of all rows in that of a group
EXTREME = 0.01  # numbers are cut off at these real quantiles
CHANCE = 0.01  # that any gap of a second real sample is called wrong
LISTED = 10


@dataclass(frozen=True)
class _Groups:
    """Groups of rows of several tables.

    Attributes:
        titles: of the G groups.
        members: whether each row is in each group, (G, N_i); rows without the label are in none.
        others: whether it is in another group of the same column, (G, N_i).
    """

    titles: tuple[str, ...]
    members: tuple[Array, ...]
    others: tuple[Array, ...]


def group_gap(
    real: Table,
    synth: Table,
    *,
    holdout: Table,
    target: str,
    groups: Sequence[str] | None = None,
    seed: Seed = SEED,
) -> Score:
    """Certain difference of the gap in the target that is most wrong; 0 is best.

    The gap of a group is the mean target of its rows less that of all other rows: of a label the
    share of the rarer level, or the most frequent one of several, in [0, 1], of a number the mean
    in real standard deviations. The score is the lower end of a simultaneous 99 % interval of the
    worst difference between the synthetic and the real gap; 0 means that none is certainly wrong.
    The floor is that of fresh rows. ``by`` has the differences themselves, largest first.

    Args:
        real: training rows.
        synth: synthetic rows.
        holdout: fresh real rows.
        target: the column compared between groups.
        groups: columns that make groups, one for each value with 1 % of the rows; by default all
            labels and whole numbers with two to ten values.
        seed: for samples.

    Raises:
        DataError: no groups of 50 rows, or a target that does not vary.
    """
    rng = seed.stream("fairness")
    count = min(ROWS, synth.rows, holdout.rows)
    tables = [some_rows(t, k, rng) for t, k in ((real, ROWS), (synth, count), (holdout, count))]
    found = _groups("group_gap", tables, target, groups)
    truths = _outcome(tables, target)
    gaps = [_gap(y, m, o) for y, m, o in zip(truths, found.members, found.others, strict=True)]
    (gap, error), others = gaps[0], gaps[1:]
    apart = [(g - gap, np.hypot(e, error)) for g, e in others]
    return _score("group_gap", found.titles, apart, f"gaps in {target}, {count:,} synthetic rows")


def group_error_gap(
    real: Table,
    synth: Table,
    *,
    holdout: Table,
    target: str,
    groups: Sequence[str] | None = None,
    seed: Seed = SEED,
) -> Score:
    """Certain difference of the gap in a model's errors that is most wrong; 0 is best.

    Boosted trees learn the target from synthetic and from real rows and are tested on the same
    real rows. The gap of a group is, for a label, the mean chance that the model gives to those of
    its rows that have the label, less that of all other rows; for a number, its mean error less
    that of the others, in standard deviations. Score, floor and ``by`` are as in ``group_gap``.
    Intervals allow for the rows tested, the same for both models, for those learned from, and for
    more where models of two real samples differ more.

    Cost: about 2 s for 10,000 rows a sample.

    Raises:
        DataError: too few rows, no groups, or a target that cannot be learned.
    """
    who = "group_error_gap"
    rng = seed.stream("fairness", "errors")
    names = some_columns(measured(real.schema), rng)
    count = min(TRAIN_ROWS, real.rows // 2, synth.rows)
    if min(count, holdout.rows) < LEARNED:
        raise DataError(who, f"fewer than {LEARNED} rows to learn or test", "Give more rows")
    twice, tested = some_rows(real, 2 * count, rng), some_rows(holdout, TEST_ROWS, rng)
    made = some_rows(synth, count, rng)
    parts = [twice.slice(0, count), made, tested, twice.slice(count)]
    task = task_of(parts, list(dict.fromkeys([*names, target])), target, ranked=False)
    if task is None:
        raise DataError(who, "the target cannot be learned", "Declare a target that varies")
    fits = [partial(_marks, task, side) for side in (0, 1, 3)]
    (one, errors), (made_marks, _), (other, _) = single_threaded(fits)
    found = _groups(who, [tested.take(np.flatnonzero(task.used[TESTED]))], target, groups)
    apart = [_gap(m - one, found.members[0], found.others[0]) for m in (made_marks, other)]
    # a model errs about a group as the mean of the rows that it learned from does, measured: twice
    _, tested_error = _gap(errors, found.members[0], found.others[0])
    learned_error = 2 * tested_error * np.sqrt(2 * len(errors) / count)
    error = np.hypot(apart[1][1], learned_error)
    known = (error > 0) & np.isfinite(error)
    more = float(np.mean((apart[1][0][known] / error[known]) ** 2)) if known.any() else 1.0
    wider = [(g, np.hypot(e, learned_error) * np.sqrt(max(more, 1.0))) for g, e in apart]
    note = f"errors for {target}, {count:,} rows to learn, {len(task.sides[TESTED][1]):,} to test"
    return _score(who, found.titles, wider, note)


def _marks(task: Task, side: int) -> tuple[Array, Array]:
    """What a model says of each tested row, NaN where it does not count, and its errors; (N,) each.

    Its chance of the label, where the row has it, for whether it is found turns on a threshold
    that puts whole groups on one side in one sample and on the other in the next.
    """
    guess = fitted(task, side, ("boosted",))["boosted"]
    x, y = task.sides[TESTED]
    found = guess(x)
    if not task.classes:
        error = (found - y) / (y.std() or 1.0)
        return error, error
    label = 1 if task.classes == 2 else 0
    wanted = y == label
    return np.where(wanted, found[:, label], np.nan), found[:, label] - wanted


def _score(who: str, titles: Sequence[str], apart: list[tuple[Array, Array]], note: str) -> Score:
    """The worst difference of the synthetic and, as the floor, of real rows, for certain."""
    limit = float(-ndtri(CHANCE / 2 / len(titles)))
    ends = []
    for gap, error in apart:
        surely = np.abs(gap) - limit * error
        worst = int(surely.argmax())
        low = max(float(surely[worst]), 0.0)
        ends.append((low, 2 * abs(float(gap[worst])) - low if low else 0.0))
    known = np.flatnonzero(np.isfinite(apart[0][1]))
    if not len(known):
        raise DataError(who, f"no group has the target in {FEWEST} rows", "Compare larger tables")
    size = np.abs(apart[0][0])
    order = known[np.argsort(-size[known], kind="stable")[:LISTED]]
    return Score(
        who,
        ends[0][0],
        ends[0],
        ends[1][0],
        ends[1],
        better="lower",
        by={titles[i]: float(size[i]) for i in order},
        note=f"{note}, {len(titles)} groups",
    )


def _groups(
    who: str, tables: Sequence[Table], target: str, columns: Sequence[str] | None
) -> _Groups:
    """All groups that have rows enough in every table, whose other rows do too."""
    schema = tables[0].schema
    names = [name for name in measured(schema) if name != target]
    if columns is None:
        chosen = [name for name in names if _few(tables[0], name)][:COLUMNS]
    else:
        chosen = [schema[name].name for name in columns]
    titles: list[str] = []
    members: list[list[Array]] = [[] for _ in tables]
    others: list[list[Array]] = [[] for _ in tables]
    for name in chosen:
        coded, labels = codes(tables, name)
        share = np.bincount(coded[0][coded[0] >= 0], minlength=len(labels)) / tables[0].rows
        levels = np.flatnonzero(share >= SHARE)
        # of two groups the rarer one tells of both
        for level in levels[int(len(share) == 2) :].tolist():
            inside = [code == level for code in coded]
            outside = [(code >= 0) & (code != level) for code in coded]
            if min(int(part.sum()) for part in (*inside, *outside)) < FEWEST:
                continue
            titles.append(f"{name} = {word(labels[level])}")
            for i in range(len(tables)):
                members[i].append(inside[i])
                others[i].append(outside[i])
    if not titles:
        hint = "Name columns of few labels as groups"
        raise DataError(who, f"no groups of {FEWEST} rows", hint)
    return _Groups(tuple(titles), tuple(map(np.array, members)), tuple(map(np.array, others)))


def _few(table: Table, name: str) -> bool:
    """Whether a column has two to ten values that are labels or whole numbers."""
    kind = table.schema[name].kind
    if is_number(kind) and kind is not Kind.INTEGER:
        return False
    if kind is Kind.INTEGER:
        return 2 <= len(np.unique(table.numbers(name)[~table.missing(name)])) <= LEVELS
    return 2 <= len(table.labels(name)[1]) <= LEVELS


def _outcome(tables: Sequence[Table], target: str) -> list[Array]:
    """The target as numbers; (N_i,) each, NaN where missing."""
    kind = tables[0].schema[target].kind
    if kind is not Kind.KEY and is_number(kind) and len(tables[0].labels(target)[1]) > 2:
        found = [values(table, target) for table in tables]
        seen = found[0][~np.isnan(found[0])]
        low, high = np.quantile(seen, [EXTREME, 1 - EXTREME]) if len(seen) else (0.0, 0.0)
        scale = max(abs(low), abs(high)) or 1.0  # so that squares of huge numbers stay finite
        found = [np.clip(part, low, high) / scale for part in found]
        spread = float(np.nanstd(found[0])) if len(seen) else 0.0
        found = [part / (spread if spread > 1e-12 else 1.0) for part in found]
    else:
        coded, labels = codes(tables, target)
        wanted = 1 if len(labels) == 2 else 0
        found = [np.where(code < 0, np.nan, code == wanted) for code in coded]
    first = found[0][~np.isnan(found[0])]
    if kind is Kind.KEY or not len(first) or first.min() == first.max():
        raise DataError("group_gap", "the target does not vary", "Declare another target")
    return found


def _gap(y: Array, members: Array, others: Array) -> tuple[Array, Array]:
    """Mean of each group less that of all other rows, and its standard error; (G,) each.

    The variance of few rows leans on that of all. Where either has no value, nothing is known:
    no difference, without end of error.
    """
    known = ~np.isnan(y)
    filled = np.where(known, y, 0.0)
    everyone = float(y[known].var()) if known.any() else 0.0
    means, errors = [], []
    for rows in (members & known, others & known):
        count = rows.sum(axis=1)
        many = np.maximum(count, 1)
        mean = rows @ filled / many
        variance = np.maximum(rows @ filled**2 / many - mean**2, 0)
        leaning = (count * variance + PRIOR * everyone) / (count + PRIOR)
        means.append(mean)
        errors.append(np.where(count < FEWEST, np.inf, leaning / many))
    error = np.sqrt(errors[0] + errors[1])
    return np.where(np.isfinite(error), means[0] - means[1], 0.0), error

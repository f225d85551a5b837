"""Rules that the data keep, found with the number of real rows that break them.

Only what chance would have broken many times over counts as a rule. Every search is screened on a
sample first and then verified on all rows.

Shapes: N rows, S sampled rows, C candidate columns.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from likewise.data.check import check, scaled
from likewise.data.dependency import (
    MOST_COLUMNS,
    SURE,
    combinations,
    dependencies,
    disagreement,
    spaced,
)
from likewise.data.reference import learn_reference, value_codes
from likewise.data.rules import (
    Combinations,
    Determines,
    Inequality,
    NotNull,
    Range,
    Rule,
    Sum,
    Unique,
)
from likewise.data.schema import NUMBERS, TEMPORAL, Kind
from likewise.data.table import Table

Array = np.ndarray

FEWEST_ROWS = 200  # with fewer rows too much holds by chance
NEAR_SHARE = 1e-3  # share of rows that may break a near-rule
OVERLAP = 0.05  # share of shuffled rows that must break an inequality for it to say something
_SUM_COLUMNS = {2: 40, 3: 24}  # parts of a sum -> columns among which it is sought
_SAMPLE = 4_000
_PROBE = 64
_PAIR_WORK = 1e8  # column pairs times sampled rows
_MOST_PAIRS = 100


@dataclass(frozen=True)
class Found:
    """A rule and how the real rows keep it.

    Attributes:
        rule: the rule.
        real_rows: real rows checked.
        real_violations: real rows that break it.
        declared: whether it was declared, not found.
    """

    rule: Rule
    real_rows: int
    real_violations: int
    declared: bool = False

    @property
    def hard(self) -> bool:
        """Whether output has to keep it: declared, or kept by every real row."""
        return self.declared or self.real_violations == 0


def discover(table: Table, *, declared: Sequence[Rule] = (), limit: int = 20) -> tuple[Found, ...]:
    """The declared rules and those found, each with the real rows that break it.

    Found are keys, columns without a missing value, numbers that are never negative, copies,
    sums of two or three parts, inequalities, dependencies, and pairs of labels that hardly mix.
    Rules that fewer than 0.1 % of the rows break come last, for the report only.

    Args:
        table: N rows; with fewer than 200 nothing is sought.
        declared: rules that are known; what they already say is not found again.
        limit: most rules of each kind.

    Cost: O(S C^2) with S <= 20,000 and C <= 300, then O(N) for each candidate.
    """
    known = [Found(rule, table.rows, _violations(rule, table), declared=True) for rule in declared]
    if table.rows < FEWEST_ROWS:
        return tuple(known)
    copies = list(_copies(table))
    copied = {rule.total for rule in copies}
    names = [column.name for column in table.schema.columns if column.name not in copied]
    sums = _sums(table, names)
    order = _inequalities(table, names)
    tied = [Found(found.rule, table.rows, found.violations) for found in dependencies(table, names)]
    pairs = {frozenset(found.rule.touches) for found in tied}
    mixed = [Found(f.rule, table.rows, 0) for f in combinations(table, names, pairs)]
    simple = [*_keys(table), *_never_negative(table), *_never_missing(table)]
    candidates = [
        *tied,
        *(Found(rule, table.rows, 0) for rule in copies),
        *sums,
        *order,
        *mixed,
        *(Found(rule, table.rows, 0) for rule in simple),
    ]
    said = {_key(rule) for rule in declared}
    new = [found for found in candidates if _key(found.rule) not in said]
    kept = _limited((f for f in new if f.hard), limit)
    near = _limited((f for f in new if not f.hard), max(limit // 4, 1))
    return (*known, *kept, *near)


def _violations(rule: Rule, table: Table) -> int:
    reference = learn_reference(rule, table) if isinstance(rule, Combinations) else None
    return check(rule, table, reference).violations


def _key(rule: Rule) -> tuple[str, tuple[str, ...]]:
    """What a rule speaks about: two rules with the same key say much the same."""
    ordered = isinstance(rule, Inequality | Determines)
    return rule.rule, rule.touches if ordered else tuple(sorted(rule.touches))


def _limited(found: Iterable[Found], limit: int) -> list[Found]:
    kept: list[Found] = []
    for one in found:
        if sum(other.rule.rule == one.rule.rule for other in kept) < limit:
            kept.append(one)
    return kept


def _keys(table: Table) -> list[Rule]:
    """Key columns that never repeat a value."""
    names = [column.name for column in table.schema.columns if column.kind is Kind.KEY]
    rules = [Unique(columns=(name,)) for name in names]
    return [rule for rule in rules if not check(rule, table).violations]


def _never_missing(table: Table) -> list[Rule]:
    """Columns without a missing value, in a table in which others have some."""
    full = [name for name in table.names if not table.arrow.column(name).null_count]
    return [NotNull(column=name) for name in full] if len(full) < len(table.names) else []


def _never_negative(table: Table) -> list[Rule]:
    """Numbers that come within a twentieth of their spread of zero and never fall below it."""
    rules: list[Rule] = []
    for column in table.schema.columns:
        if column.kind not in NUMBERS:
            continue
        values = table.arrow.column(column.name)
        low = pc.min(values).as_py()
        if low is None or low < 0 or table.rows - values.null_count < FEWEST_ROWS:
            continue
        spread = pc.stddev(values).as_py()
        if spread > 0 and low <= spread / 20:
            rules.append(Range(column=column.name, low=0))
    return rules


def _copies(table: Table) -> Iterable[Sum]:
    """Columns that repeat an earlier one, missing values included."""
    sample = table.take(spaced(table.rows, _SAMPLE))
    first: dict[tuple[Kind, bytes], str] = {}
    for column in table.schema.columns:
        if column.kind in {Kind.CONSTANT, Kind.KEY}:
            continue
        codes, levels = value_codes(sample, column.name)
        if len(levels) < 2 or disagreement(codes + 1, len(levels) + 1) * table.rows < SURE:
            continue
        text = repr(levels) if isinstance(levels, tuple) else levels.tobytes().hex()
        earlier = first.setdefault((column.kind, codes.tobytes() + text.encode()), column.name)
        a, b = table.arrow.column(earlier), table.arrow.column(column.name)
        if earlier != column.name and a.combine_chunks().equals(b.combine_chunks()):
            yield Sum(parts=(earlier,), total=column.name)


def _sums(table: Table, names: list[str]) -> list[Found]:
    """Sums of two or three columns that give another one."""
    sample = table.take(spaced(table.rows, _SAMPLE))
    names = [name for name in names if table.schema[name].kind in NUMBERS]
    values = {name: len(value_codes(sample, name)[1]) for name in names}
    names = sorted((name for name in names if values[name] >= 3), key=lambda name: -values[name])
    found: list[Found] = []
    for count, most in _SUM_COLUMNS.items():
        some = [name for name in names if name not in {f.rule.touches[-1] for f in found}][:most]
        for rule in _screened_sums(sample, some, count):
            broken = check(rule, table).violations
            if broken <= NEAR_SHARE * table.rows:
                found.append(Found(rule, table.rows, broken))
    return found


def _screened_sums(sample: Table, names: list[str], count: int) -> list[Sum]:
    """Sums of ``count`` parts that hold in the sample, and say something there."""
    if len(names) <= count:
        return []
    x = np.stack([_or_nan(sample, name) for name in names], axis=1)  # (S, C)
    probe = x[spaced(len(x), _PROBE)]
    parts = np.array(list(itertools.combinations(range(len(names)), count)))  # (T, count)
    sums = probe[:, parts].sum(axis=2)  # (P, T)
    rules: list[Sum] = []
    totals = set[int]()
    for k in range(len(names)):
        off = np.abs(sums - probe[:, k : k + 1]) > 1e-6 + 1e-9 * np.abs(probe[:, k : k + 1])
        for t in np.flatnonzero((off.sum(axis=0) <= 1) & ~(parts == k).any(axis=1)):
            if _telling(x, parts[t], k) and k not in totals:
                totals.add(k)
                rules.append(Sum(parts=tuple(names[i] for i in sorted(parts[t])), total=names[k]))
    return rules


def _telling(x: Array, parts: Array, total: int) -> bool:
    """Whether the sum holds in the sample and enough rows have all of its parts at work."""
    wanted, summed = x[:, total], x[:, parts].sum(axis=1)
    there = ~np.isnan(wanted + summed)
    off = np.abs(summed - wanted) > 1e-6 + 1e-9 * np.abs(wanted)
    at_work = there & (x[:, parts] != 0).all(axis=1)
    if at_work.sum() < 50 or off[there].mean() > NEAR_SHARE:
        return False
    varied = all(len(np.unique(x[at_work, i])) >= 2 for i in parts)
    shifted = np.roll(wanted[at_work], at_work.sum() // 3)
    return varied and bool(np.mean(np.abs(summed[at_work] - shifted) > 1e-6) >= 0.5)


def _or_nan(table: Table, name: str) -> Array:
    return np.where(table.missing(name), np.nan, scaled(table, name).astype(np.float64))


def _inequalities(table: Table, names: list[str]) -> list[Found]:
    """Columns that are never above another one though their ranges overlap."""
    sample = table.take(spaced(table.rows, _SAMPLE))
    groups: dict[tuple[Kind, str | None], list[str]] = {}
    for name in names:
        column = table.schema[name]
        if column.kind not in NUMBERS | TEMPORAL or len(value_codes(sample, name)[1]) < 8:
            continue
        kind = Kind.DATETIME if column.kind is Kind.DATE else column.kind
        groups.setdefault((kind, column.timezone), []).append(name)
    found: list[Found] = []
    for some in groups.values():
        for low, high in _screened_pairs(sample, some[:MOST_COLUMNS]):
            rule = Inequality(low=low, high=high)
            broken = check(rule, table).violations
            if broken <= NEAR_SHARE * table.rows:
                found.append(Found(rule, table.rows, broken))
    return found


def _screened_pairs(sample: Table, names: list[str]) -> list[tuple[str, str]]:
    """Pairs in order in the sample, strongest evidence first, without those that follow."""
    if len(names) < 2:
        return []
    rows = spaced(sample.rows, int(max(_PAIR_WORK / len(names) ** 2, 1_000)))
    x = np.stack([_or_nan(sample, name) for name in names], axis=1)[rows]  # (S, C)
    shuffled = x[(np.arange(len(x)) * 2_654_435_761 + 97) % len(x)]
    there = ~np.isnan(x)
    evidence = np.zeros((len(names), len(names)))  # share of shuffled rows that break i <= j
    for i in range(len(names)):
        both = (there[:, i : i + 1] & there).sum(axis=0)
        broken = (x[:, i : i + 1] > x).sum(axis=0)
        chance = (x[:, i : i + 1] > shuffled).sum(axis=0)
        known = np.maximum((there[:, i : i + 1] & ~np.isnan(shuffled)).sum(axis=0), 1)
        enough = (both >= FEWEST_ROWS / 2) & (chance >= np.maximum(OVERLAP * known, SURE))
        evidence[i] = np.where(enough & (broken <= NEAR_SHARE * both), chance / known, 0)
    np.fill_diagonal(evidence, 0)
    held = (evidence > 0).astype(np.float32)
    evidence[held @ held > 0] = 0  # i <= j and j <= k say i <= k
    strongest = np.argsort(-evidence, axis=None, kind="stable")[:_MOST_PAIRS]
    pairs = [divmod(int(at), len(names)) for at in strongest if evidence.flat[at] > 0]
    return [(names[i], names[j]) for i, j in pairs]

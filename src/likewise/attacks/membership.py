"""Membership inference: is a known person among those the generator has learned from?

Seven scores that need only the synthetic rows and real rows of the attacker's own, because none of
them wins everywhere; where the model tells how likely it thinks a row, two more.

Papers: Chen et al., "GAN-Leaks", CCS 2020 (distance, calibration); Hilprecht et al., "Monte Carlo
and reconstruction membership inference attacks", PoPETs 2019 (density); van Breugel et al.,
"Membership inference attacks against synthetic data through overfitting detection", AISTATS 2023
(density ratio); Carlini et al., "Membership inference attacks from first principles", S&P 2022
(success where false alarms are rare); DeLong et al., "Comparing the areas under two or more
correlated ROC curves", 1988.

Shapes: T targets, V scores.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from statistics import NormalDist

import numpy as np

from likewise.attacks.case import Case
from likewise.attacks.null import Outcome
from likewise.attacks.risk import POWER, Risk, Tries, judged, unmeasured
from likewise.attacks.roc import ranks, ranks_within, top, true_positives
from likewise.attacks.space import Near, Space, neighbours
from likewise.core.errors import DataError
from likewise.data.table import Table
from likewise.metrics.intervals import Z95, auc
from likewise.metrics.learners import boosted, features, single_threaded, some_rows
from likewise.metrics.views import Array

NEIGHBOURS = 5
TOP = 0.01  # share of targets with the largest scores in which members are counted
ISOLATED, FEWEST_ISOLATED = 0.01, 100  # targets that lie farthest from the attacker's rows
RATES = (0.01, 0.001)  # of false alarms
SHARP = 10  # how much narrower than usual the kernels of a model that learns by heart are
TREES, LEAVES, LEAF, ROWS = 100, 31, 5, 5_000  # of the classifier

LogProb = Callable[[Table], Array]
Scores = Mapping[str, Array]


def membership(case: Case) -> Risk:
    """AUC of the best of seven scores that need no model, in telling members from controls.

    In [0, 1]; 0.5 is chance, 1 means that everybody's membership is known. A score stands out by
    its AUC, by members among its top 1 %, or by its AUC among the most isolated 1 % of targets
    (100 at least); the p-value is of the largest of all these. ``by`` has each AUC, the share of
    members found at 1 % and 0.1 % false alarms, and the AUC among isolated targets.

    Cost: four searches of all sources, and three classifiers.
    """
    if case.lack:
        return unmeasured("membership", case.lack)
    around, bandwidth = _reference(case)
    targets, spaces = case.placed
    found = [
        _scores(case, targets, space, table, around, bandwidth)
        for space, table in zip(spaces, case.sources, strict=True)
    ]
    note = f"{case.synth.rows:,} synthetic and {case.reference.rows:,} rows of the attacker's own."
    return _risk("membership", case, found, around, note)


def membership_white_box(case: Case, log_prob: LogProb) -> Risk:
    """As ``membership``, from the log-probability that the model itself gives to rows, (N,).

    It is used as it is, and in ranks above how usual the row is among the attacker's own rows.
    The test that must detect its members takes sharp densities around them for the model.
    """
    name = "membership_white_box"
    if case.lack:
        return unmeasured(name, case.lack)
    around, bandwidth = _reference(case)
    targets, spaces = case.placed
    given = np.asarray(log_prob(case.targets), dtype=np.float64)
    if given.shape != (case.targets.rows,):
        found = f"returned an array of shape {given.shape} for {case.targets.rows} rows"
        raise DataError("log_prob", found, "Return one number per row")
    likely = [np.where(np.isnan(given), -np.inf, given)]
    for space in spaces[1:]:
        known = space.points(case.names)
        near = neighbours(targets.points(case.names), known, 1, bandwidth / SHARP)
        likely.append(near.density)
    usual = ranks(around.density)
    scores: list[Scores] = [
        {"log-probability": each, "log-probability, calibrated": ranks(each) - usual}
        for each in likely
    ]
    return _risk(name, case, scores, around, "The model's own log-probability.")


def _reference(case: Case) -> tuple[Near, float]:
    """What the attacker's own rows have around each target, and the kernel's squared width."""
    targets, (_, _, own) = case.placed
    points = targets.points(case.names), own.points(case.names)
    square = neighbours(*points, 1).square[:, 0]
    positive = square[square > 0]
    bandwidth = float(np.median(positive)) if len(positive) else 1.0
    return neighbours(*points, NEIGHBOURS, bandwidth), bandwidth


def _scores(
    case: Case, targets: Space, space: Space, table: Table, around: Near, bandwidth: float
) -> Scores:
    """Each score of all targets; larger means rather a member."""
    points = targets.points(case.names), space.points(case.names)
    near = neighbours(*points, NEIGHBOURS, bandwidth)
    first, second = near.square[:, 0], near.square[:, min(1, near.square.shape[1] - 1)]
    own = around.square[:, 0]
    [classifier] = single_threaded([partial(_classified, case, table)])
    return {
        "nearest distance": -first,
        "nearest distance, calibrated": -_ratio(first, own, 0.5),
        "nearest distance ratio": -_ratio(first, second, 0.0),
        "neighbours": -near.square.mean(axis=1),
        "kernel density": near.density,
        "density ratio": near.density - around.density,
        "classifier": classifier,
    }


def _ratio(one: Array, other: Array, nothing: float) -> Array:
    """One / (one + other), and ``nothing`` where both are 0."""
    total = one + other
    return np.where(total > 0, one / np.where(total > 0, total, 1), nothing)


def _classified(case: Case, table: Table) -> Array:
    """How sure boosted trees are that each target is synthetic rather than fresh and real."""
    count = min(table.rows, case.reference.rows, ROWS)
    rng = case.seed.stream("classifier")
    sides = [some_rows(t, count, rng) for t in (table, case.reference)]
    made, fresh, targets = features([*sides, case.targets], case.names)
    x, y = np.concatenate([made.x, fresh.x]), np.repeat([True, False], count)
    shape = {"max_iter": TREES, "max_leaf_nodes": LEAVES, "min_samples_leaf": LEAF}
    model = boosted("classify", x, y, made.labelled, **shape)
    return np.asarray(model.decision_function(targets.x))


def _risk(name: str, case: Case, found: list[Scores], around: Near, note: str) -> Risk:
    """The risk of the best of the scores, all of them tested together."""
    own = around.square[:, 0]
    isolated = np.zeros(len(own), dtype=bool)
    count = min(max(int(ISOLATED * len(own)), FEWEST_ISOLATED), len(own))
    isolated[np.argsort(-own, kind="stable")[:count]] = True
    tries = Tries(tuple(_test(case, scores, isolated) for scores in found), case.level)
    names, member = list(found[0]), case.labels.member
    best = names[int(tries.synth.z[: len(names)].argmax())]
    value, influence = auc(found[0][best], member)
    ones, zeros = int(member.sum()), int((~member).sum())
    error = float(np.std(influence)) / math.sqrt(len(member))
    chance = math.sqrt((len(member) + 1) / (12 * ones * zeros))
    half = tries.synth.simultaneous * error
    power = 2 * (tries.synth.critical + NormalDist().inv_cdf(POWER)) * chance
    low, high = max(value - half, 0.0), min(value + half, 1.0)
    verdict, why = judged(tries, min(power, 1.0))
    return Risk(
        name,
        success=value,
        interval=(low, high),
        baseline=0.5,
        control=0.5,
        control_interval=(0.5 - Z95 * chance, 0.5 + Z95 * chance),
        excess=2 * value - 1,
        excess_interval=(2 * low - 1, 2 * high - 1),
        power=min(power, 1.0),
        p_value=tries.synth.p,
        verdict=verdict,
        attempts=ones,
        by=_by(found[0], member, isolated),
        note=f"AUC of {best}; what stands out most is {_variant(names, tries.synth)}. "
        f"{note} {why}".strip(),
    )


def _test(case: Case, scores: Scores, isolated: Array) -> Outcome:
    """All scores by AUC, then all by their top 1 %, then all by isolated targets; 3 V variants."""
    weights = [
        *(ranks(score) for score in scores.values()),
        *(top(score, TOP) for score in scores.values()),
        *(ranks_within(score, isolated) for score in scores.values()),
    ]
    return case.labels.test(np.stack(weights), case.level)


def _variant(names: list[str], test: Outcome) -> str:
    kinds = ("over all targets", "among its highest 1 %", "among isolated targets")
    return f"{names[test.best % len(names)]} {kinds[test.best // len(names)]}"


def _by(scores: Scores, member: Array, isolated: Array) -> dict[str, float]:
    """AUCs and shares of members found, by what they are."""
    found = {f"{name}: AUC": auc(score, member)[0] for name, score in scores.items()}
    for rate in RATES:
        for name, score in scores.items():
            found[f"{name}: found at {rate:.1%} false alarms"] = true_positives(score, member, rate)
    if 0 < member[isolated].sum() < isolated.sum():
        for name, score in scores.items():
            found[f"{name}: AUC, isolated"] = auc(score[isolated], member[isolated])[0]
    return found

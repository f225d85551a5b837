"""One trial of a sweep: a method fitted, its rows drawn, judged and attacked.

Rows come from the streams of ``likewise synth``, so the command of a trial makes the very rows that
were judged here. All trials share the split and all seeds: differences between them are of the
methods, not of the draw.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal

from likewise.attacks.case import LEVEL, Case
from likewise.attacks.membership import membership
from likewise.attacks.outliers import outliers
from likewise.attacks.risk import Risk
from likewise.core.errors import DataError, LikewiseError
from likewise.core.progress import Progress
from likewise.core.seeds import Seed
from likewise.data.discover import Found
from likewise.data.table import Table, concat
from likewise.jobs.fit import learn
from likewise.jobs.methods import recipe_of
from likewise.jobs.plan import Plan
from likewise.metrics.detection import detector_auc
from likewise.metrics.learners import single_threaded
from likewise.metrics.proximity import near_copies
from likewise.metrics.score import Score
from likewise.metrics.utility import utility
from likewise.report.frontier import Attack, Measure, Trial

ATTACKS = {"membership": membership, "outliers": outliers}
FAIR = 0.5  # a detector below it has found chance, or copies, which are counted by themselves


@dataclass(frozen=True)
class Bench:
    """What all trials are made on.

    Attributes:
        plan: of a run that names no method yet.
        rows: of the whole input, of which the first as many as were learned are judged.
        train: rows to learn.
        holdout: rows that judge, and people whom no method has learned from.
        rules: that every row keeps.
        target: of the models that measure utility; None to choose columns that others predict.
    """

    plan: Plan
    rows: int
    train: Table
    holdout: Table
    rules: tuple[Found, ...]
    target: str | None

    @cached_property
    def floor(self) -> Score:
        """What the detector says of training rows, which are real: no method should do better."""
        seed = Seed(self.plan.seed).child("judge").child("floor")
        return detector_auc(self.train, self.train, holdout=self.holdout, seed=seed, explain=False)


def run(
    bench: Bench, generator: str, settings: Mapping[str, Any], number: int, tell: Progress
) -> Trial:
    """Fit, draw, judge and attack; a failure is a trial as well, with its error's words.

    Only our own errors are quoted, because they never hold a person's data; of others the class
    alone is kept.
    """
    plan = bench.plan.model_copy(update={"generator": generator, "settings": dict(settings)})
    trial = Trial(
        number=number, generator=generator, settings=dict(settings), command=plan.command or ""
    )
    begin = time.perf_counter()
    seconds: dict[str, float] = {}
    try:
        found = _measured(bench, plan, seconds, tell)
    except Exception as error:
        tell("failed", 0, 1)  # a library may turn Ctrl-C into a failure of its own
        seconds["failed"] = round(time.perf_counter() - begin, 3)
        name = type(error).__name__
        words = f"{name}: {error}" if isinstance(error, LikewiseError) else f"{name}."
        return trial.model_copy(update={"error": words, "seconds": seconds})
    return trial.model_copy(update={**found, "seconds": seconds})


def _measured(
    bench: Bench, plan: Plan, seconds: dict[str, float], tell: Progress
) -> dict[str, Any]:
    """Everything that is measured of one method, by field of ``Trial``; times as they are known."""
    last = time.perf_counter()

    def lap(stage: str) -> None:
        nonlocal last
        now = time.perf_counter()
        seconds[stage], last = round(now - last, 3), now
        tell(stage, 1, 1)

    method = recipe_of(plan.generator, plan.settings, plan.budget)
    model = learn(bench.train, bench.rules, method, plan, tell, None)
    lap("fit")
    draw = Seed(plan.seed).child("sample")
    drawn = concat(list(model.blocks(bench.rows, seed=draw, workers=plan.workers)))
    synth = drawn.slice(0, bench.train.rows)
    lap("sample")
    seed = Seed(plan.seed).child("judge")
    train, held = bench.train, bench.holdout
    detected = detector_auc(train, synth, holdout=held, seed=seed, explain=False)
    useful = partial(utility, train, synth, holdout=held, target=bench.target, seed=seed)
    near = partial(near_copies, train, synth, holdout=held, seed=seed)
    found: dict[str, Any] = {
        "fidelity": _fidelity(detected, bench.floor),
        "utility": _or_none(useful, "higher"),
        "near_copies": _or_none(near, "lower"),
    }
    lap("judge")
    found["attacks"] = _attacked(bench, synth, Seed(plan.seed).child("attack"))
    lap("attack")
    return found


def _attacked(bench: Bench, synth: Table, seed: Seed) -> dict[str, Attack]:
    """Each attack, with the chance of a false alarm shared among them."""
    case = Case.of(synth, bench.train, bench.holdout, seed=seed, level=LEVEL / len(ATTACKS))
    risks = single_threaded([partial(attack, case) for attack in ATTACKS.values()])
    return dict(zip(ATTACKS, map(_attack, risks), strict=True))


def _attack(risk: Risk) -> Attack:
    """A risk in brief: membership by its AUC, what counts hits by their excess over controls."""
    success = None
    if risk.success is not None and risk.excess is not None:
        if risk.name == "membership":
            numbers = (risk.success, risk.interval, risk.control, risk.control_interval)
        else:
            numbers = (risk.excess, risk.excess_interval, 0.0, None)
        value, interval, floor, floor_interval = numbers
        success = Measure(
            value=value,
            interval=interval,
            floor=floor,
            floor_interval=floor_interval,
            better="lower",
        )
    return Attack(
        success=success,
        verdict=risk.verdict,
        power=risk.power,
        p_value=risk.p_value,
        note=risk.note,
    )


def _fidelity(score: Score, floor: Score) -> Measure:
    """The detector's AUC, where less than chance counts as chance."""
    low, high = score.interval or (score.value, score.value)
    around = floor.interval and (max(floor.interval[0], FAIR), max(floor.interval[1], FAIR))
    return Measure(
        value=max(score.value, FAIR),
        interval=(max(low, FAIR), max(high, FAIR)),
        floor=max(floor.value, FAIR),
        floor_interval=around,
        better="lower",
        note=score.note,
    )


def _or_none(metric: Callable[[], Score], better: Literal["higher", "lower"]) -> Measure | None:
    """The measure; None where the table does not allow it."""
    try:
        score = metric()
    except DataError:
        return None
    if not math.isfinite(score.value):
        return None
    return Measure(
        value=score.value,
        interval=score.interval,
        floor=score.floor,
        floor_interval=score.floor_interval,
        better=better,
        note=score.note,
    )

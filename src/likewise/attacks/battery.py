"""All attacks on one synthetic table, with the chance of a false alarm shared among them.

A detection must not hang on which half of the controls the attacker happened to have, so it is
confirmed on other halves. That can only withdraw a detection: the chance of a false one stays
below its level.

Paper: Meinshausen, Meier and Bühlmann, "p-values for high-dimensional regression", 2009.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

from likewise.attacks.case import LEVEL, Case
from likewise.attacks.inference import inference
from likewise.attacks.linkability import linkability
from likewise.attacks.membership import LogProb, membership, membership_white_box
from likewise.attacks.outliers import outliers
from likewise.attacks.risk import Risk
from likewise.attacks.singling_out import singling_out_multivariate, singling_out_univariate
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.learners import single_threaded

WORST = 0.5  # share of the chance for the worst case, whose few people tell the least
CONFIRMED = 2  # further cuts on which a detected leak is looked for again


@dataclass(frozen=True)
class Attacks:
    """What all attacks found; there is no single score, because none would be true.

    Attributes:
        risks: by registry name.
        notes: sentences on what was left out or done otherwise.
        seconds: by attack.
    """

    risks: dict[str, Risk]
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)


def attack(
    synth: Table,
    members: Table,
    controls: Table,
    *,
    target: str | None = None,
    secrets: Sequence[str] | None = None,
    log_prob: LogProb | None = None,
    seed: Seed,
    progress: Progress = silent,
) -> Attacks:
    """Attack the people a generator has learned from, by all means this package knows.

    On data that leak nothing the chance that any attack says "detected" is 2 % at most; the same
    seed gives the same answers. One half of the controls, at random, are rows that the attacker
    has; as many members as there are others are attacked, 5,000 at most. What is detected is
    looked for on two more such halves; reported is the attack with the median p-value of three.

    Args:
        synth: the synthetic rows.
        members: the rows the generator has learned from.
        controls: rows of the same source that it has never seen, not even for a choice among
            models; a random split, or differences between the two will look like leaks.
        target: a column that counts as a secret in any case.
        secrets: the columns whose values an attacker is after; by default 8 at random.
        log_prob: the model's log-probability of rows, where it has one and the model is shared.
        seed: for all samples and tests.
        progress: told of each attack.

    Raises:
        SchemaError: the tables' columns differ, or there is no such secret.
        DataError: a table has no rows, or only keys.

    Cost: about 30 s of one core for 40,000 + 10,000 real and 50,000 synthetic rows of 15 columns,
    and 0.7 GB.
    """
    count = 6 if log_prob is None else 7
    keep = [*(secrets or ()), *([] if target is None else [target])]
    level = (1 - WORST) * LEVEL / (count - 1)
    cut = cache(partial(Case.of, synth, members, controls, level=level, keep=tuple(keep)))
    cuts = [partial(cut, seed=s) for s in (seed, *(seed.child("cut", i) for i in range(CONFIRMED)))]
    runs: dict[str, Callable[[Case], Risk]] = {
        "singling_out_univariate": singling_out_univariate,
        "singling_out_multivariate": singling_out_multivariate,
        "linkability": linkability,
        "inference": partial(inference, secrets=secrets, target=target),
        "membership": membership,
        "outliers": lambda case: outliers(replace(case, level=WORST * LEVEL)),
    }
    if log_prob is not None:
        runs["membership_white_box"] = partial(membership_white_box, log_prob=log_prob)
    risks: dict[str, Risk] = {}
    seconds: dict[str, float] = {}
    for name, run in runs.items():
        progress(f"attacking: {name}", len(risks), len(runs))
        start = time.perf_counter()
        [risks[name]] = single_threaded([partial(_confirmed, run, cuts)])
        seconds[name] = time.perf_counter() - start
    progress("attacked", len(runs), len(runs))
    return Attacks(risks, cut(seed=seed).notes, seconds)


def _confirmed(run: Callable[[Case], Risk], cuts: Sequence[Callable[[], Case]]) -> Risk:
    """What the attack finds on the first cut; if it detects a leak, on the median one."""
    first = run(cuts[0]())
    if first.verdict != "detected":
        return first
    found = [first, *(run(cut()) for cut in cuts[1:])]
    return sorted(found, key=lambda one: 1.0 if one.p_value is None else one.p_value)[1]

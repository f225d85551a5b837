"""Attribute inference: who knows all other columns of a person reads the secret one off.

The attacker takes the secret of the synthetic row nearest in the other columns. That is right
often, because columns depend on each other, on people the generator never saw too: only what he
gets right of members beyond that is a leak.

Paper: Giomi et al., "A unified framework for quantifying privacy risk in synthetic data", PoPETs
2023, section 4.4.

Shapes: T targets, S secrets.
"""

from collections.abc import Sequence

import numpy as np

from likewise.attacks.case import Case
from likewise.attacks.cells import cells, is_ordered
from likewise.attacks.risk import (
    LARGE,
    Risk,
    Share,
    Tries,
    detectable,
    excess,
    of_shares,
    unmeasured,
)
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.points import nearest
from likewise.metrics.score import worst_first
from likewise.metrics.views import Array

NAME = "inference"
SECRETS = 8  # columns attacked when none are named
TOLERANCE = 0.05  # of the width of the middle 90 % of a column


def inference(
    case: Case, *, secrets: Sequence[str] | None = None, target: str | None = None
) -> Risk:
    """Share of members whose secret is guessed, for the secret that stands out most; in [0, 1].

    A label must be guessed exactly, a number to within 5 % of the width of the middle 90 % of
    its column. The baseline always guesses the commonest label or the median. ``by`` has the
    excess of each secret, and the power is that of at least half of them. Without ``secrets``,
    the target and others at random, 8 in all; keys are no secrets.

    Cost: a search for the nearest row for each secret.
    """
    if case.lack:
        return unmeasured(NAME, case.lack)
    chosen = _chosen(case, secrets, target)
    if len(case.names) < 2 or not chosen:
        return unmeasured(NAME, "no column with another one to infer it from")
    truth = [cells([case.targets, *case.sources], name) for name in chosen]
    found = [_guesses(case, chosen, truth, i) for i in range(len(case.sources))]
    tries = Tries(tuple(case.labels.test(hits, case.level) for hits in found), case.level)
    member, best = case.labels.member, tries.synth.best
    sides = [(Share.of(hits[member]), Share.of(hits[~member])) for hits in found[0]]
    own, synth, *_ = truth[best]
    naive = _hit(case.synth, chosen[best], own, _naive(case.synth, chosen[best], synth))
    powers = np.array([detectable(side, tries.synth.critical) for side in sides])
    return of_shares(
        NAME,
        sides[best],
        tries,
        baseline=float(naive[member].mean()),
        by=worst_first(chosen, np.array([excess(m.value, c.value) for m, c in sides])),
        power=float(np.median(powers)),
        note=f"Numbers are of the secret {chosen[best]!r}, one of {len(chosen)}; "
        f"{case.synth.rows:,} synthetic rows searched for {len(member):,} people."
        f"{_weak(chosen, powers)}",
    )


def _weak(secrets: list[str], powers: Array) -> str:
    """A sentence on secrets that are guessed of anybody, so that a leak would hardly show."""
    weak = [name for name, power in zip(secrets, powers, strict=True) if power > LARGE]
    if not weak:
        return ""
    return f" An excess of {LARGE} could be missed of {', '.join(map(repr, weak))}."


def _chosen(case: Case, secrets: Sequence[str] | None, target: str | None) -> list[str]:
    """The secrets to attack."""
    schema = case.everyone.schema
    first = [target] if target in case.names else []
    if secrets is not None:
        return list(dict.fromkeys([*first, *(name for name in secrets if name in case.names)]))
    others = [n for n in case.names if schema[n].kind is not Kind.CONSTANT and n != target]
    picked = case.seed.stream(NAME).permutation(len(others))[: SECRETS - len(first)]
    return [*first, *(others[i] for i in np.sort(picked))]


def _guesses(case: Case, secrets: list[str], truth: list[list[Array]], i: int) -> Array:
    """Which secret of whom is that of the nearest row of source ``i``; (S, T) bool."""
    targets, source = case.placed[0], case.placed[1][i]
    hits = []
    for secret, (own, *offered) in zip(secrets, truth, strict=True):
        known = [name for name in case.names if name != secret]
        at = nearest(targets.points(known), source.points(known))[1]
        hits.append(_hit(case.synth, secret, own, offered[i][at]))
    return np.stack(hits)


def _naive(table: Table, secret: str, offered: Array) -> Array:
    """The guess of who knows the synthetic column alone; a scalar array."""
    present = offered[~np.isnan(offered)]
    if len(present) * 2 < len(offered):
        return np.array(np.nan)
    if is_ordered(table, secret):
        return np.array(np.median(present))
    return np.array(np.bincount(present.astype(np.int64)).argmax())


def _hit(table: Table, secret: str, truth: Array, guess: Array) -> Array:
    """Where the guess is right; a missing cell is guessed by a missing one."""
    both = np.isnan(truth) & np.isnan(guess)
    if not is_ordered(table, secret):
        return np.asarray((truth == guess) | both)
    present = truth[~np.isnan(truth)]
    low, high = np.quantile(present, [0.05, 0.95]) if len(present) else (0.0, 0.0)
    return np.asarray((np.abs(truth - guess) <= TOLERANCE * (high - low)) | both)

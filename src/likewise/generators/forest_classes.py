"""The classes of a target given all other blocks: two guesses stacked, then drawn as strongly.

A model of few rows that guesses well is timid: it pulls its guesses to the middle, and labels drawn
from them tell less of the rows than real labels do. A model trained on the drawn rows then learns
less than one trained on real rows. So the guesses are made stronger until labels that are drawn
from them are as easily guessed, by rows left out, as the real ones are.

Papers: Wolpert, "Stacked generalization", 1992; Breiman, "Stacked regressions", 1996 (weights that
are not negative); Gourieroux, Monfort and Renault, "Indirect inference", 1993 (a parameter such
that an auxiliary model finds the same in drawn data as in real data).

Shapes: N rows, P parents, K levels.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from likewise.core.artifact import storable
from likewise.core.checks import agree, bounded, shaped, within
from likewise.encode.layout import Encoded
from likewise.generators.draws import draw_codes_by_row, draw_detail, restricted
from likewise.generators.forest_features import label_features, split_features
from likewise.generators.forest_linear import Linear, check_parents, fit_linear
from likewise.generators.forest_mean import MeanTrees, fit_mean
from likewise.generators.forest_scale import STRAY, Scale, all_scores
from likewise.generators.forest_trees import Grown

Array = np.ndarray
Rng = np.random.Generator
PENALTY = 0.01  # of squared weights, in rows; weights stay finite where classes are told apart
STRENGTHS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)  # tried in turn
REPEATS = 5  # drawn tables by which the strength is chosen
ROUNDS = 50  # of keeping the shares of classes


@storable
@dataclass(frozen=True)
class ClassForest:
    """What was learned of a target of classes.

    Attributes:
        block: position in the layout.
        parents: (P,) int64 positions of the blocks it looks at.
        labels: (sum of K of the parents,) float32, the feature that each level of a label is.
        linear: guesses at indicators of the levels.
        mean: a forest's guesses at the same; None where it does not help.
        weights: (2,) float64, of both guesses.
        base: (K,) float64, what is added for each level; -inf where no row has it.
    """

    block: int
    parents: Array
    labels: Array
    linear: Linear
    mean: MeanTrees | None
    weights: Array
    base: Array

    def __post_init__(self) -> None:
        levels = len(self.base)
        shaped("parents", self.parents, np.int64, None)
        shaped("labels", self.labels, np.float32, None)
        bounded("labels", self.labels)
        shaped("weights", self.weights, np.float64, 2)
        bounded("weights", self.weights)
        shaped("base", self.base, np.float64, levels)
        within("base", self.base, -np.inf, np.inf)
        agree(len(self.linear.base) == levels, "a guess at each level")
        if self.mean is not None:
            agree(self.mean.features <= len(self.parents), "features of means")
            agree(self.mean.value.shape[1] == levels, "means of each level")

    def check(self, scales: tuple[Scale, ...]) -> None:
        """Raise ValueError unless it can look at, and be drawn on, these scales."""
        check_parents(self.parents, self.labels, self.linear, scales)
        agree(len(self.base) == len(scales[self.block].shares), "levels learned and drawn")

    @property
    def free(self) -> bool:
        """Whether the block does not depend on any other."""
        return False

    def draw(
        self, codes: Array, scores: Array, scales: tuple[Scale, ...], rng: Rng,
        allowed: Array | None, log_weight: Array,
    ) -> tuple[Array, Array]:  # fmt: skip
        """Code and detail for rows whose earlier blocks are drawn; adds to ``log_weight``."""
        scale = scales[self.block]
        shares = self._shares(codes, scores, scales)
        if allowed is not None:
            usual = float(scale.shares[allowed].sum())
            shares = (1 - STRAY) * shares * allowed
            shares += STRAY * usual * restricted(scale.shares, allowed)
            with np.errstate(divide="ignore"):
                log_weight += np.log(shares.sum(axis=1))
        rows = np.arange(len(codes))
        code = draw_codes_by_row(shares, rows, rng.random(len(codes)))
        return code, draw_detail(scale.atoms[code], rng)

    def weigh(
        self, codes: Array, scores: Array, scales: tuple[Scale, ...], rng: Rng,
        fixed: tuple[Array, Array], log_weight: Array,
    ) -> None:  # fmt: skip
        """Add the log probability of fixed levels."""
        del rng  # nothing is drawn
        level = fixed[0].astype(np.int64)
        shares = self._shares(codes, scores, scales)[np.arange(len(codes)), level]
        usual = STRAY * scales[self.block].shares[level]
        log_weight += np.log(np.maximum((1 - STRAY) * shares + usual, 1e-300))

    def _shares(self, codes: Array, scores: Array, scales: tuple[Scale, ...]) -> Array:
        """Probability of each level, (N, K)."""
        told = self.told(codes, scores, scales) @ self.weights
        return np.asarray(softmax(self.base + told, axis=1))

    def told(self, codes: Array, scores: Array, scales: tuple[Scale, ...]) -> Array:
        """What both guesses tell of each level, (N, K, 2)."""
        known, own = codes[:, self.parents], scores[:, self.parents]
        parts = [scales[p] for p in self.parents.tolist()]
        guess = self.linear.predict(own, known)
        x = split_features(known, own, parts, self.labels)
        seen = np.zeros_like(guess) if self.mean is None else self.mean.predict(x)
        return _told(guess, seen, scales[self.block].shares)


def fit_classes(
    rows: Encoded, scores: Array, scales: tuple[Scale, ...], me: int, parents: Array,
    grown: Grown, rng: Rng,
) -> ClassForest:  # fmt: skip
    """Learn the classes of block ``me`` given ``parents``.

    Cost: as for another block.
    """
    codes, shares = rows.codes[:, me], scales[me].shares
    known, own = rows.codes[:, parents], scores[:, parents]
    parts = [scales[p] for p in parents.tolist()]
    wanted = _indicators(codes, len(shares))
    labels = label_features(known, parts, wanted)
    linear, unseen = fit_linear(own, known, parts, wanted, rng)
    x = split_features(known, own, parts, labels)
    diverse = replace(grown, features=grown.features / 2)
    mean, seen = fit_mean(x, wanted - shares, diverse, rng)
    told = _told(unseen, seen, shares)
    weights, base = _stacked(told, codes, shares)
    return ClassForest(me, parents, labels, linear, mean, weights, base)


def strengthened(
    model: ClassForest, rows: Encoded, scores: Array, scales: tuple[Scale, ...],
    drawn: list[Encoded], rng: Rng,
) -> ClassForest:  # fmt: skip
    """The model with guesses as strong as in the learned rows.

    Args:
        drawn: tables of as many rows as were learned, in which the target plays no part.
    """
    shares = scales[model.block].shares

    def learned(codes: Array, own: Array, labels: Array) -> float:
        """Share of the squared error that guesses from other rows take away."""
        hot, parts = _indicators(labels, len(shares)), [scales[p] for p in model.parents.tolist()]
        known, own = codes[:, model.parents], own[:, model.parents]
        off = hot - fit_linear(own, known, parts, hot, np.random.default_rng(0))[1]
        return float(1 - (off**2).sum() / max(((hot - hot.mean(axis=0)) ** 2).sum(), 1e-12))

    aim = learned(rows.codes, scores, rows.codes[:, model.block])
    placed = [all_scores(part, scales) for part in drawn]
    told = [model.told(part.codes, z, scales) for part, z in zip(drawn, placed, strict=True)]
    every, base, strength = np.concatenate(told), model.base, 1.0
    for strength in STRENGTHS:
        base = _balanced(strength * every @ model.weights, base, shares)
        found = []
        for part, z, t in zip(drawn, placed, told, strict=True):
            chances = softmax(base + strength * t @ model.weights, axis=1)
            labels = draw_codes_by_row(chances, np.arange(len(t)), rng.random(len(t)))
            found.append(learned(part.codes, z, labels))
        if np.mean(found) >= aim:
            break
    return replace(model, weights=strength * model.weights, base=base)


def _indicators(codes: Array, size: int) -> Array:
    return np.asarray((codes[:, None] == np.arange(size)).astype(float))


def _told(guess: Array, seen: Array, shares: Array) -> Array:
    """What both guesses tell of each level, (N, K, 2): one as it is, one as a log ratio."""
    usual = np.maximum(shares, 1e-12)
    ratio = (1 - STRAY) * (usual + seen) / usual + STRAY
    return np.stack([guess, np.log(np.maximum(ratio, STRAY))], axis=2)


def _stacked(told: Array, codes: Array, shares: Array) -> tuple[Array, Array]:
    """Weights of both guesses, not negative, and base (K,), most likely for left-out rows."""
    held = shares > 0
    prior = np.log(shares[held])
    told, hot = told[:, held], _indicators(codes, len(shares))[:, held]
    mine = (told * hot[:, :, None]).sum(axis=1)

    def loss(at: Array) -> tuple[float, Array]:
        logits = prior + at[2:] + told @ at[:2]
        total = logsumexp(logits, axis=1)
        share = np.exp(logits - total[:, None])
        found = float((total - (logits * hot).sum(axis=1)).sum()) + PENALTY * float(at @ at)
        off = np.einsum("nk,nkw->nw", share, told) - mine
        slope = np.concatenate([off.sum(axis=0), (share - hot).sum(axis=0)])
        return found, slope + 2 * PENALTY * at

    free = [(None, None)] * int(held.sum())
    start = np.concatenate([[1.0, 0.5], np.zeros(int(held.sum()))])
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * 2 + free).x
    base = np.full(len(shares), -np.inf)
    base[held] = prior + best[2:]
    return best[:2], base


def _balanced(told: Array, base: Array, shares: Array) -> Array:
    """The base (K,) with which all levels keep their shares over the rows."""
    held = shares > 0
    base = base.copy()
    for _ in range(ROUNDS):
        mean = softmax(base + told, axis=1)[:, held].mean(axis=0)
        base[held] += np.log(shares[held] / np.maximum(mean, 1e-12))
    return base

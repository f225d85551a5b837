"""A Gaussian copula over levels: one latent normal variable a block, tied by one correlation.

Shapes: N rows, C blocks, L latent variables (C, and one more for each ordered block with missing
values), K levels of a block, H Hermite coefficients.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field
from scipy.special import ndtr, ndtri

from likewise.core.artifact import storable
from likewise.core.checks import agree, arranged, bounded, shaped
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.generators.correlation import latent_correlation
from likewise.generators.draws import level_shares
from likewise.generators.gaussian import Bounds, conditional_draw
from likewise.generators.labelorder import label_orders
from likewise.generators.latents import Latent, latents, positions, scores, step
from likewise.generators.tabular import Tabular

Array = np.ndarray

ELEMENTS = 2**23  # latent values drawn at once
EDGE = 1e-12  # probability kept away from the ends of intervals, against rounding
BELOW_ONE = np.nextafter(np.float32(1), np.float32(0))


@storable
class GaussianCopula(Tabular):
    """Every margin as it is, dependence through one correlation matrix of latent normals.

    A level is an interval of its latent variable. Ordered blocks keep their order; labels are
    ordered by their mean on the first principal score of the other blocks, as in nonlinear
    principal components, so that dependence which is not monotone along one line is lost. Whether
    an ordered value is missing has a latent variable of its own. Joint extremes come out rarer
    than in data with heavy joint tails.

    Given values inside levels condition exactly; given labels and levels confine their latents to
    intervals, which a Gibbs sampler fills (started from sequential truncated draws), so these
    conditions hold always and their distribution up to the sampler's convergence.

    Papers: Sklar, "Fonctions de répartition à n dimensions et leurs marges", 1959; Nelsen, "An
    Introduction to Copulas", 2006; Olsson, Drasgow and Dorans, "The polyserial correlation
    coefficient", Psychometrika, 1982; Schäfer and Strimmer, "A shrinkage approach to large-scale
    covariance matrix estimation", 2005; Gifi, "Nonlinear Multivariate Analysis", 1990 (labels).
    Cost: O(N L^2 + L^3) to fit on a sample of rows, O(N L^2) to draw; L^2 + sum of K numbers.

    Attributes:
        rows: rows from which the correlation is estimated, at most; margins use all rows.
        shrink: least pull of the correlation towards independence; more where rows are few.
    """

    summary: ClassVar[str] = "one correlation matrix behind all margins; smooth, few parameters"

    rows: Annotated[int, Field(ge=100)] = 50_000
    shrink: Annotated[float, Field(ge=0, le=1)] = 0.001

    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,
        seed: Seed,
        run: Run,
    ) -> "GaussianCopulaLevels":
        """Margins from all rows, the correlation from a sample of them."""
        run.progress("margins", 0, 1)
        limit = min(self.rows, max(2 * 10**7 // max(layout.width, 1), 2_000))
        chosen = np.sort(seed.stream("correlation").permutation(rows.rows)[:limit])
        sample = rows.take(chosen)
        shares = tuple(
            level_shares(rows.codes[:, i], block.size) for i, block in enumerate(layout.blocks)
        )
        orders = label_orders(sample, layout, shares, layout.of(target) if target else [])
        found = latents(layout, shares, orders)
        run.progress("correlation", 0, 1)
        z, seen = scores(sample, found)
        steps = np.stack([step(latent) for latent in found]) if found else np.zeros((0, 0))
        correlation = latent_correlation(z, seen, steps, shrink=self.shrink)
        run.progress("correlation", 1, 1)
        return GaussianCopulaLevels(tuple(found), correlation, np.linalg.cholesky(correlation))


@storable
@dataclass(frozen=True)
class GaussianCopulaLevels:
    """The latent variables and how they go together.

    Attributes:
        latents: L of them; the missing-latent of a block comes after its value-latent.
        correlation: (L, L), positive definite, ones on the diagonal.
        root: (L, L), its lower Cholesky factor.
    """

    notes: ClassVar[tuple[str, ...]] = ()

    latents: tuple[Latent, ...]
    correlation: Array
    root: Array

    def __post_init__(self) -> None:
        shaped("correlation", self.correlation, np.float64, len(self.latents), len(self.latents))
        shaped("root", self.root, np.float64, len(self.latents), len(self.latents))
        bounded("correlation", self.correlation)
        bounded("root", self.root)
        agree((np.diag(self.root) > 0).all() and not np.triu(self.root, 1).any(), "a Cholesky root")
        some = np.random.default_rng(0).standard_normal(len(self.root))  # Freivalds: not L³ but L²
        rooted = self.root @ (self.root.T @ some)
        agree(np.allclose(rooted, self.correlation @ some, atol=1e-6), "correlation and its root")
        values = [latent.block for latent in self.latents if not latent.missing]
        arranged("blocks", np.array(values, dtype=np.int64))
        agree({latent.block for latent in self.latents} == set(values), "blocks of latents")

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""
        sizes = [0] * self.width
        for latent in self.latents:
            most = 1 if latent.missing else int(latent.order.max(initial=0)) + 1
            sizes[latent.block] = max(sizes[latent.block], most)
        return tuple(sizes)

    @property
    def width(self) -> int:
        """Number of blocks C."""
        return sum(not latent.missing for latent in self.latents)

    def exact(self, evidence: Evidence) -> bool:
        """Whether no weights are needed: unless a block may be missing or one of some values."""
        return not any(self._mixed(i, mask) for i, mask in evidence.allowed.items())

    def draw(
        self, rows: int, rng: np.random.Generator, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, Array | None]:
        """Rows that agree with ``evidence``; weight 0 or 1 if it mixes missing and some values."""
        drawn = Encoded.empty(rows, self.width)
        chunk = max(ELEMENTS // max(len(self.latents), 1), 256)
        for start in range(0, rows, chunk):
            stop = min(start + chunk, rows)
            part = evidence.take(np.arange(start, stop)) if evidence.fixed else evidence
            bounds = self._bounds(part)
            if bounds:
                z = conditional_draw(self.correlation, bounds, stop - start, rng)
            else:
                z = rng.standard_normal((stop - start, len(self.latents))) @ self.root.T
            for j, latent in enumerate(self.latents):
                _cut(drawn, start, latent, z[:, j])
        for i, (codes, detail) in evidence.fixed.items():
            drawn.codes[:, i], drawn.detail[:, i] = codes, detail
        if self.exact(evidence):
            return drawn, None
        agrees = np.ones(rows, dtype=bool)
        for i, mask in evidence.allowed.items():
            agrees &= mask[drawn.codes[:, i]]
        return drawn, np.where(agrees, 0.0, -np.inf)

    def _bounds(self, evidence: Evidence) -> dict[int, Bounds]:
        """What the evidence says about each latent variable."""
        bounds: dict[int, Bounds] = {}
        for j, latent in enumerate(self.latents):
            i = latent.block
            if i in evidence.fixed:
                codes, detail = evidence.fixed[i]
                bounds[j] = _fixed_bounds(latent, codes, detail)
            elif i in evidence.allowed and not self._mixed(i, evidence.allowed[i]):
                mask = evidence.allowed[i]
                if latent.missing:
                    kept = np.array([mask[0], mask[1:].any()])
                else:
                    kept = mask[latent.order]
                    if not kept.any():  # only missing is allowed: the value plays no part
                        continue
                if not kept.all():
                    bounds[j] = _allowed_bounds(latent.edges, kept)
        return bounds

    def _mixed(self, block: int, mask: Array) -> bool:
        """Whether a block with a missing-latent may be missing or take some of its values."""
        has_missing = any(latent.missing and latent.block == block for latent in self.latents)
        return has_missing and bool(mask[0]) and bool(mask[1:].any()) and not bool(mask.all())


def _cut(drawn: Encoded, start: int, latent: Latent, z: Array) -> None:
    """Write the levels and details that these latent values stand for."""
    rows = slice(start, start + len(z))
    u = ndtr(z)
    if latent.missing:
        gone = u < latent.edges[1]
        drawn.codes[rows, latent.block][gone] = 0
        drawn.detail[rows, latent.block][gone] = 0
        return
    place = np.searchsorted(latent.edges[1:-1], u, side="right")
    width = np.diff(latent.edges)
    inside = (u - latent.edges[place]) / np.maximum(width[place], 1e-300)
    drawn.codes[rows, latent.block] = latent.order[place]
    drawn.detail[rows, latent.block] = np.where(
        latent.atoms[place], 0, np.clip(inside, 0, BELOW_ONE)
    )


def _fixed_bounds(latent: Latent, codes: Array, detail: Array) -> Bounds:
    """Bounds of a latent whose level is given in each row: its interval, or its point inside."""
    place = positions(latent, codes)
    low, high = latent.edges[place], latent.edges[place + 1]
    inside = (place >= 0) & ~latent.atoms[place]
    point = np.clip(low + np.clip(detail, 0, 1) * (high - low), EDGE, 1 - EDGE)
    low, high = np.where(inside, point, low), np.where(inside, point, high)
    low, high = np.where(place < 0, 0.0, low), np.where(place < 0, 1.0, high)
    return Bounds(ndtri(low), ndtri(high), np.zeros((0, 2)))


def _allowed_bounds(edges: Array, kept: Array) -> Bounds:
    """Bounds of a latent that may lie in any of the kept intervals; neighbours are joined."""
    change = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]])))
    ends = edges[change].reshape(-1, 2) + np.where(kept.all(), 0, [EDGE, -EDGE])  # (R, 2)
    ends[ends < EDGE * 2], ends[ends > 1 - EDGE * 2] = 0, 1  # the outermost ends stay open
    return Bounds(np.zeros(0), np.zeros(0), ndtri(ends))

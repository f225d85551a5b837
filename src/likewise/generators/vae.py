"""A variational autoencoder whose latents are drawn from the density they really have.

Shapes: N rows, C blocks, W options of all blocks, R reals, D latent dimensions, K levels.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field
from scipy.special import ndtri

from likewise.core.artifact import storable
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.generators import vae_given
from likewise.generators.gaussmix import GaussianMixture
from likewise.generators.levels import Levels
from likewise.generators.refined import BACKWARD, refined
from likewise.generators.tabular import Tabular
from likewise.nn import runtime
from likewise.nn.blocks import bucket
from likewise.nn.mixed import Mixed
from likewise.nn.quality import in_words, noise_ratio
from likewise.nn.weights import Weights

if TYPE_CHECKING:
    from likewise.generators.vae_net import Autoencoder
    from likewise.nn.train import Trained

Array = np.ndarray
Rng = np.random.Generator

AT_ONCE = 1_024  # rows a compiled program sees; one size, so that it is compiled once
DENSITY_ROWS = 50_000  # rows whose latents tell the density, at most,
ROWS_A_NUMBER = 4  # and at least for each number of it; fewer are learned by heart
LEAST_STEPS = 500  # however few the rows, if the budget allows
SECONDS = 600.0  # budget when there is none
LEARNING, REFINING = 0.6, 0.2  # shares of the budget; the rest is for compiling and the density
WIDTHS = ((20_000, 192), (4_000, 128), (0, 64))  # rows from which networks have this width
RANKS = (np.arange(512) + 0.5) / 512  # where the curves of reals have their knots
CURVE_ROWS = 32_768  # rows drawn to find the curves,
CURVE_LEAST = 1_000  # and how many must have the real; else it stays as the decoder draws it
NOWHERE = GaussianMixture(np.zeros(0), np.zeros((0, 1)), np.zeros((0, 1, 1)))  # no density
SHOWN = 1_024  # rows drawn for the quality that progress shows


@storable
class VAE(Tabular):
    """Rows told by few numbers and told back, with the density of those numbers learned as well.

    An encoder turns a row into a cloud in a latent space, a decoder turns each point of it into a
    distribution of rows: a choice in each block, and a mixture of Gaussians with its own scale for
    each number. The clouds of all rows together are no normal distribution, whatever the training
    asks for, so a mixture of Gaussians with full covariances is fitted to them afterwards, and
    latents are drawn from it. Drawn numbers are brought to their column's own distribution by a
    rising curve each. Dependence that the decoder cannot tell from the latents comes out blurred;
    so trees learn to tell real rows from drawn ones, and choose each row among ``candidates``.

    Papers: Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014; Higgins et al.,
    "beta-VAE", ICLR 2017; Xu et al., "Modeling tabular data using conditional GAN" (TVAE), NeurIPS
    2019; Dai and Wipf, "Diagnosing and enhancing VAE models", ICLR 2019; Ghosh et al., "From
    variational to deterministic autoencoders", ICLR 2020 (density fitted afterwards).
    Cost: O(N width (width depth + W)) an epoch; about 30 s for 30,000 rows of 15 columns.

    Attributes:
        latent: latent dimensions, at most; no more than a row can need.
        width: of the networks; by rows if None: 64 below 4,000, 128 below 20,000, then 192.
        depth: residual blocks of each network.
        parts: Gaussians in the density of latents, at most; no more than one for as many rows as
            it has numbers four times over: 608 for 16 latents.
        beta: price of what latents tell; smaller keeps finer detail and leaves the density more to
            learn.
        mixtures: Gaussians in the density of a number given the latents.
        epochs: passes over the rows, but 500 steps in any case; held-out rows may end it earlier.
        batch: rows a step.
        rate: highest learning rate.
        candidates: drawn for each row, of which trees choose one; 1 draws as the decoder gives.
    """

    summary: ClassVar[str] = "autoencoder with a density of its latents; smooth, quick to draw"

    latent: Annotated[int, Field(ge=1, le=64)] = 16
    width: Annotated[int, Field(ge=8, le=4_096)] | None = None
    depth: Annotated[int, Field(ge=1, le=16)] = 2
    parts: Annotated[int, Field(ge=1, le=1_024)] = 64
    beta: Annotated[float, Field(gt=0)] = 0.3
    mixtures: Annotated[int, Field(ge=1, le=32)] = 1
    epochs: Annotated[int, Field(ge=1)] = 12
    batch: Annotated[int, Field(ge=16)] = 256
    rate: Annotated[float, Field(gt=0)] = 3e-3
    candidates: Annotated[int, Field(ge=1, le=64)] = 4

    def fit_levels(
        self,
        rows: Encoded,
        layout: Layout,
        *,
        target: str | None,  # noqa: ARG002
        seed: Seed,
        run: Run,
    ) -> Levels:
        """Networks first, then the density of latents, the curves of reals, and what all miss."""
        view = Mixed.of(layout)
        rows = rows if rows.rows else Encoded.empty(1, layout.width)
        width = self.width or next(w for least, w in WIDTHS if rows.rows >= least)
        free = sum(len(one) - 1 for one in view.level) + len(view.share)
        sizes = (min(self.latent, bucket(free)), width, self.depth, self.mixtures)
        levels = VaeLevels(view, Weights(()), NOWHERE, (), sizes, ())
        if not layout.width:
            return levels
        data = view.encode(rows, seed.stream("inside"))
        found, step_seconds = self._learn(levels, data, rows, layout, seed, run)
        run.progress("density of latents", 0, 1)
        levels = replace(levels, weights=Weights.of(found.params), notes=found.notes)
        levels = replace(levels, density=self._density(levels, data, seed.stream("density")))
        levels = replace(levels, curves=levels.found_curves(seed.stream("curves")))
        run.progress("density of latents", 1, 1)
        return refined(
            levels, rows, layout, candidates=self.candidates,
            seconds=REFINING * min(run.deadline.seconds, SECONDS),
            row_seconds=step_seconds / self.batch / BACKWARD, seed=seed, run=run,
        )  # fmt: skip

    def _learn(
        self,
        levels: "VaeLevels",
        data: tuple[Array, Array],
        rows: Encoded,
        layout: Layout,
        seed: Seed,
        run: Run,
    ) -> "tuple[Trained, float]":
        """The trained networks, and the seconds that a step should take."""
        from likewise.generators.vae_net import Autoencoder
        from likewise.nn.estimate import planned_steps, step_seconds
        from likewise.nn.optimise import Adam
        from likewise.nn.train import Plan, train

        learner = Autoencoder(Adam(rate=self.rate, clip=10.0), *levels.sizes, self.beta)
        seconds = LEARNING * min(run.deadline.seconds, SECONDS)
        most = max(rows.rows * self.epochs // self.batch, LEAST_STEPS)
        world = levels.view.geometry
        steps = planned_steps(
            learner, world, data, batch=self.batch, seconds=seconds, least=100, most=most
        )
        plan = Plan(steps, batch=self.batch, chunk=100, patience=8)
        shown = rows.take(np.arange(min(rows.rows, SHOWN)))

        def quality(params: Any) -> str:
            now = replace(levels, weights=Weights.of(params))
            some = (data[0][:SHOWN], data[1][:SHOWN])
            now = replace(now, density=self._density(now, some, seed.stream("shown")))
            return in_words(noise_ratio(now.draw(SHOWN, seed.stream("shown"))[0], shown, layout))

        own = seed.child("networks")
        found = train(
            learner, world, data, plan, seed=own, run=run, name="networks", quality=quality
        )
        return found, step_seconds(learner, world, data, self.batch)

    def _density(self, levels: "VaeLevels", data: tuple[Array, Array], rng: Rng) -> GaussianMixture:
        """The density of the latents of all rows, each drawn from its own cloud."""
        chosen = rng.permutation(len(data[0]))[:DENSITY_ROWS]
        mean, deviation = levels.encode(data[0][chosen], data[1][chosen])
        copies = int(np.clip(10_000 // len(mean), 1, 16))
        z = [mean + deviation * rng.standard_normal(mean.shape) for _ in range(copies)]
        numbers = mean.shape[1] * (mean.shape[1] + 3) // 2  # that tell one Gaussian
        parts = int(np.clip(len(mean) // (ROWS_A_NUMBER * numbers), 1, self.parts))
        return GaussianMixture.fit(np.concatenate(z), parts, rng)


@storable
@dataclass(frozen=True)
class VaeLevels:
    """Networks, and the density of their latents.

    Attributes:
        view: between levels, and options with reals.
        weights: of encoder and decoder; none in a table without blocks.
        density: of the latents.
        curves: for each real, (512,) its drawn quantiles, where its own are known; or none.
        sizes: latents, width and depth of the networks, and mixtures.
        notes: what cut learning short.
    """

    view: Mixed
    weights: Weights
    density: GaussianMixture
    curves: tuple[Array, ...]
    sizes: tuple[int, int, int, int]
    notes: tuple[str, ...]

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """Levels of each block, in layout order."""
        return tuple(map(len, self.view.option))

    def exact(self, evidence: Evidence) -> bool:
        """Whether rows need no weights: unless levels are allowed and nothing is fixed."""
        return bool(evidence.fixed) or not evidence.allowed

    def draw(
        self, rows: int, rng: Rng, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, Array | None]:
        """Rows that agree with ``evidence``; see ``vae_given`` for how it comes in."""
        if not self.view.level:
            return Encoded.empty(rows, 0), None
        if evidence.blocks:
            return vae_given.draw(self, rows, rng, evidence)
        options, reals = self._free(rows, rng)
        return self.view.decode(options, self.corrected(reals)), None

    def encode(self, options: Array, reals: Array) -> tuple[Array, Array]:
        """Mean and deviation of the latents of rows in the mixed view; (N, D) each."""
        from likewise.generators import vae_net

        params, world = self._networks()
        found = [vae_net.encoded(params, world, *batch) for batch in _batches(options, reals)]
        mean, deviation = map(np.concatenate, zip(*found, strict=True))
        return mean[: len(options)], deviation[: len(options)]

    def decode(self, z: Array) -> Any:
        """``head.Parts`` of NumPy arrays at latent points (N, D), logits and weights normalised."""
        import jax

        from likewise.generators import vae_net

        params, world = self._networks()
        found = [vae_net.decoded(params, world, x, self.sizes[3]) for (x,) in _batches(z)]
        return jax.tree.map(lambda *x: np.concatenate(x)[: len(z)], *found)

    def corrected(self, reals: Array) -> Array:
        """Reals with the distribution of their columns; (N, R)."""
        return self._bent(reals, back=False)

    def raw(self, reals: Array) -> Array:
        """The inverse of ``corrected``."""
        return self._bent(reals, back=True)

    def found_curves(self, rng: Rng) -> tuple[Array, ...]:
        """Quantiles of each real among drawn rows; none where too few rows have it."""
        geometry = self.view.geometry
        options, reals = self._free(CURVE_ROWS, rng)
        curves = []
        for r in range(len(self.view.share)):
            here = options[:, geometry.block[r]] == geometry.option[r]
            few = here.sum() < CURVE_LEAST
            steps = np.arange(len(RANKS)) * 1e-9  # strictly rising
            curves.append(RANKS[:0] if few else np.quantile(reals[here, r], RANKS) + steps)
        return tuple(curves)

    def _free(self, rows: int, rng: Rng) -> tuple[Array, Array]:
        """Options and reals as the decoder draws them."""
        from likewise.generators import vae_net

        params, world = self._networks()
        key = runtime.key_of(Seed(int(rng.integers(2**63))))
        parts = [
            vae_net.drawn(params, world, z, key, np.int32(i), self.sizes[3])
            for i, (z,) in enumerate(_batches(self.density.draw(rows, rng)))
        ]
        options, reals = map(np.concatenate, zip(*parts, strict=True))
        return options[:rows], reals[:rows]

    def _bent(self, reals: Array, *, back: bool) -> Array:
        out = reals.copy()
        wanted = ndtri(RANKS)
        for r, curve in enumerate(self.curves):
            if len(curve):
                ends = (wanted, curve) if back else (curve, wanted)
                beyond = reals[:, r] - np.clip(reals[:, r], ends[0][0], ends[0][-1])
                out[:, r] = np.interp(reals[:, r], *ends) + beyond
        return out

    def _networks(self) -> tuple[Any, Any]:
        """The networks and the geometry they are for, on the device."""
        import jax

        from likewise.generators import vae_net
        from likewise.nn.optimise import Adam

        runtime.start()
        geometry = self.view.geometry
        learner: Autoencoder = vae_net.Autoencoder(Adam(), *self.sizes, 1.0)
        form = vae_net.form(learner, geometry.options.width, geometry.reals)
        return jax.device_put(self.weights.like(form)), jax.device_put(geometry)


def _batches(*arrays: Array) -> Any:
    """Arrays of ``AT_ONCE`` rows, at least one, the last one filled up with zeros."""
    for start in range(0, max(len(arrays[0]), 1), AT_ONCE):
        parts = [x[start : start + AT_ONCE] for x in arrays]
        yield tuple(
            np.concatenate([x, np.zeros((AT_ONCE - len(x), x.shape[1]), x.dtype)]) for x in parts
        )

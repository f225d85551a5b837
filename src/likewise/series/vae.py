"""A variational autoencoder of windows whose latents are drawn given where the series stands.

Shapes: N stretches, L rows of a window, D latents, P numbers that tell where a series stands, C
numbers, F features of a row.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from likewise.core.artifact import storable
from likewise.core.errors import DataError
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.generators import mixture
from likewise.generators.gaussmix import GaussianMixture
from likewise.nn import runtime
from likewise.nn.blocks import bucket
from likewise.nn.weights import Weights
from likewise.series.frame import Frame
from likewise.series.model import SeriesRecipe
from likewise.series.past import Drawn, Past
from likewise.series.view import Rows, SeriesView

if TYPE_CHECKING:
    from likewise.series.vae_net import WindowAutoencoder

Array = np.ndarray

BATCH = 128
EPOCHS, LEAST, MOST = 60, 1_500, 12_000  # steps that are worth while
LEARNING = 0.7  # share of the budget that goes into steps
STANDING = 6  # numbers that tell where a series stands
ROWS_A_NUMBER = 4  # windows for each number of the density, at least
PARTS = 32
DENSITY_ROWS = 20_000
NOWHERE = GaussianMixture(np.zeros(0), np.zeros((0, 1)), np.zeros((0, 1, 1)))  # no density
AT_ONCE = 512  # windows a compiled program sees


@storable
class VAESeries(SeriesRecipe):
    """Windows told by few numbers and told back, each going on from the row before it.

    Encoder and decoder see the row before a window. The latents of all windows, together with where
    the series stood, are described afterwards by a mixture of Gaussians, from which the latents of
    the next window are drawn given where the last one ended: so series grow as long as is asked
    for. Within a window rows are independent given the latents, so that what changes from row to
    row without a pattern is noise.

    Papers: Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014; Desai et al.,
    "TimeVAE", 2021; Ghosh et al., "From variational to deterministic autoencoders", ICLR 2020
    (density fitted afterwards).
    Cost: O(T L F width) an epoch. Not private.

    Attributes:
        budget: seconds of one core for learning, at most.
        window: rows of a window.
        latent: latent dimensions.
        width: of the networks.
        parts: Gaussians in the density of a number given the latents.
        beta: price of what latents tell.
        rate: highest learning rate.
    """

    summary: ClassVar[str] = "an autoencoder of windows; quick to draw, blurred from row to row"
    own: ClassVar[float] = 0.35  # noise within a window must not add up where it need not

    budget: Annotated[float, Field(gt=0)] = 120.0
    window: Annotated[int, Field(ge=2, le=512)] = 24
    latent: Annotated[int, Field(ge=1, le=64)] = 24
    width: Annotated[int, Field(ge=8, le=1_024)] = 128
    parts: Annotated[int, Field(ge=1, le=32)] = 4
    beta: Annotated[float, Field(gt=0)] = 0.3
    rate: Annotated[float, Field(gt=0, le=1)] = 2e-3

    def fit_process(
        self,
        view: SeriesView,
        rows: Rows,
        frame: Frame,  # noqa: ARG002
        *,
        seed: Seed,
        run: Run,
    ) -> "VaeProcess":
        """Networks first, then the density of latents."""
        from likewise.nn.estimate import planned_steps
        from likewise.nn.optimise import Adam
        from likewise.nn.train import Plan, train
        from likewise.series.vae_net import WindowAutoencoder, World

        runtime.start()
        ends = np.append(rows.first[1:] != rows.first[:-1], True)
        stop = np.flatnonzero(ends)[np.searchsorted(np.flatnonzero(ends), np.arange(len(ends)))]
        at = np.arange(len(rows.first))
        starts = np.flatnonzero((at > rows.first) & (at + self.window - 1 <= stop)).astype(np.int32)
        if not len(starts):
            short = f"no series is longer than a window of {self.window:,} rows"
            raise DataError("vae_series", short, "Give longer series, or --set window=…")
        learner = WindowAutoencoder(
            Adam(rate=self.rate, clip=10.0),
            self.window,
            self.latent,
            self.width,
            self.parts,
            self.beta,
        )
        fill = bucket(len(at)) - len(at)
        features = view.features(rows.values, rows.residuals, rows.slope, rows.options)
        options = np.zeros((len(at) + fill, view.mixed.geometry.options.count), dtype=np.int32)
        options[: len(at), : view.blocks] = rows.options
        world = World(
            np.pad(features, ((0, fill), (0, 0))), options,
            np.pad(rows.reals, ((0, fill), (0, 0))), view.mixed.geometry,
        )  # fmt: skip
        steps = planned_steps(
            learner, world, starts, batch=BATCH,
            seconds=LEARNING * min(self.budget, run.deadline.seconds),
            least=64, most=min(max(EPOCHS * len(starts) // BATCH, LEAST), MOST),
        )  # fmt: skip
        found = train(
            learner, world, starts, Plan(steps=steps, batch=BATCH, average=0.99, patience=20),
            seed=seed.child("networks"), run=run, name="windows",
        )  # fmt: skip
        process = VaeProcess(
            self.window, self.latent, self.width, self.parts, Weights.of(found.params),
            *_standing(features), NOWHERE,
            found.notes,
        )  # fmt: skip
        density = process.learned_density(view, features, starts, seed.stream("density"))
        return VaeProcess(**{**vars(process), "density": density})


@storable
@dataclass(frozen=True)
class VaeProcess:
    """The networks, and the density of latents given where the series stands.

    Attributes:
        window: rows of a window L.
        latent: latents D.
        width: of the networks.
        parts: Gaussians of a number.
        weights: parameters of the networks.
        centre: (F,) mean of features.
        axes: (F, P) along which series differ most.
        density: of where the series stands and of latents, (P + D) numbers.
        notes: what cut the learning short.
    """

    window: int
    latent: int
    width: int
    parts: int
    weights: Weights
    centre: Array
    axes: Array
    density: GaussianMixture
    notes: tuple[str, ...]

    def draw(self, view: SeriesView, past: Past, steps: int, rng: np.random.Generator) -> Drawn:
        """``steps`` rows after the past, window after window."""
        count = len(past.at)
        known = view.features(
            past.values[:, -1], past.residuals[:, -1], past.slope[:, -1], past.options[:, -1]
        )
        values = np.zeros((count, 0, len(view.numbers)))
        options = np.zeros((count, 0, view.blocks), dtype=np.int32)
        reals = np.zeros((count, 0, view.mixed.geometry.reals), dtype=np.float32)
        before = past.before
        while values.shape[1] < steps:
            z = self._latents(known, rng)
            option, real = self._rows(view, known, z, rng)
            found = np.empty((count, self.window, len(view.numbers)))
            left = np.empty_like(found)
            for k in range(self.window):
                now = np.full((count, len(view.numbers)), np.nan)
                for j, base in enumerate(view.bases):
                    i = view.labels + j
                    r = view.real(i)
                    z_j = real[:, k, r] if r >= 0 else np.zeros(count)
                    left[:, k, j] = view.residual(j, option[:, k, i], z_j)
                    now[:, j] = before.value(j, base, left[:, k, j], now)
                found[:, k] = now
                before = before.after(now)
            known = view.features(now, left[:, -1], before.slope, option[:, -1])
            values = np.concatenate([values, found], axis=1)
            options = np.concatenate([options, option[:, :, : view.blocks]], axis=1)
            reals = np.concatenate([reals, real], axis=1)
        return Drawn(values[:, :steps], options[:, :steps], reals[:, :steps])

    def learned_density(
        self, view: SeriesView, features: Array, starts: Array, rng: np.random.Generator
    ) -> GaussianMixture:
        """The density of where windows begin and of their latents, each drawn from its cloud."""
        from likewise.series.vae_net import encoded

        chosen = rng.permutation(starts)[:DENSITY_ROWS]
        params, _ = self._networks(view)
        found = []
        for part in _batches(chosen):
            window = features[part[:, None] + np.arange(self.window)]
            mean, log_scale = map(np.asarray, encoded(params, features[part - 1], window))
            found.append(mean + np.exp(log_scale) * rng.standard_normal(mean.shape))
        z = np.concatenate(found)[: len(chosen)]
        joint = np.concatenate([self._stand(features[chosen - 1]), z], axis=1)
        numbers = joint.shape[1] * (joint.shape[1] + 3) // 2
        parts = int(np.clip(len(joint) // (ROWS_A_NUMBER * numbers), 1, PARTS))
        return GaussianMixture.fit(joint, parts, rng)

    def _latents(self, known: Array, rng: np.random.Generator) -> Array:
        """Latents given where series stand; (N, F) -> (N, D) float32."""
        stand = self._stand(known)
        width = stand.shape[1]
        logs = np.empty((len(stand), len(self.density.shares)))
        scores = []
        for k, (share, mean, root) in enumerate(
            zip(self.density.shares, self.density.means, self.density.roots, strict=True)
        ):
            u = np.linalg.solve(root[:width, :width], (stand - mean[:width]).T).T
            scores.append(u)
            size = np.log(np.diagonal(root)[:width]).sum()
            logs[:, k] = np.log(share) - 0.5 * (u * u).sum(axis=1) - size
        mass = np.exp(logs - logs.max(axis=1, keepdims=True))
        pick = mixture.pick(mass, rng.random(len(stand)))
        noise = rng.standard_normal((len(stand), self.latent))
        out = np.empty((len(stand), self.latent), dtype=np.float32)
        for k in np.unique(pick):
            here = pick == k
            mean, root = self.density.means[k], self.density.roots[k]
            out[here] = (
                mean[width:] + scores[k][here] @ root[width:, :width].T
                + noise[here] @ root[width:, width:].T
            )  # fmt: skip
        return out

    def _rows(
        self, view: SeriesView, known: Array, z: Array, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Options (N, L, B) and reals (N, L, R) as the decoder draws them."""
        from likewise.series.vae_net import drawn

        params, learner = self._networks(view)
        key = runtime.key_of(Seed(int(rng.integers(2**62))))
        options: list[Array] = []
        reals: list[Array] = []
        for n, part in enumerate(_batches(np.arange(len(z)))):
            one = runtime.key_of(Seed(int(rng.integers(2**62)))) if n else key
            found = drawn(learner, params, view.mixed.geometry, known[part], z[part], one)
            for kept, x in zip((options, reals), found, strict=True):
                kept.append(np.asarray(x).reshape(len(part), self.window, -1))
        return np.concatenate(options)[: len(z)], np.concatenate(reals)[: len(z)]

    def _stand(self, features: Array) -> Array:
        return np.asarray((features - self.centre) @ self.axes, dtype=np.float64)

    def _networks(self, view: SeriesView) -> tuple[Any, "WindowAutoencoder"]:
        import jax

        from likewise.nn.optimise import Adam
        from likewise.series.vae_net import WindowAutoencoder, form

        runtime.start()
        learner = WindowAutoencoder(Adam(), self.window, self.latent, self.width, self.parts, 1.0)
        shapes = form(learner, len(self.centre), view.mixed.geometry)
        return jax.device_put(self.weights.like(shapes)), learner


def _standing(features: Array) -> tuple[Array, Array]:
    """Mean of features, and the axes along which they differ most, scaled to variance 1."""
    centre = features.mean(axis=0)
    _, size, axes = np.linalg.svd(features[:: max(1, len(features) // 5_000)] - centre,
                                  full_matrices=False)  # fmt: skip
    count = max(min(STANDING, int((size > 1e-6 * size.max(initial=1e-12)).sum())), 1)
    spread = size[:count] / np.sqrt(max(len(features[:: max(1, len(features) // 5_000)]), 1))
    return centre, (axes[:count] / np.maximum(spread, 1e-6)[:, None]).T


def _batches(rows: Array) -> list[Array]:
    """Rows ``AT_ONCE`` at a time, the last ones filled up with the first row, few as they are."""
    size = AT_ONCE if len(rows) > AT_ONCE else bucket(len(rows))
    padded = np.concatenate([rows, np.full(-len(rows) % size, rows[0])])
    return list(padded.reshape(-1, size))

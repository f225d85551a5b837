"""The random numbers of one rule at one step, agent by agent."""

from dataclasses import dataclass

import numpy as np

from likewise.core.seeds import Seed
from likewise.simulate import philox

Array = np.ndarray


@dataclass
class Draws:
    """Random numbers that depend on the seed, the rule, the step, the agent and the call.

    The first call in a rule differs from the second, so the order of calls within a rule counts;
    everything else does not: another rule, more agents, or more workers shift nobody's draws.
    ``agents`` are ids (N,), or a whole number that stands for the ids 0 … N - 1.

    Attributes:
        seed: of the run.
        names: of the rule and the step; derived from the seed when the first number is drawn.
        calls: how many were made.
    """

    seed: Seed
    names: tuple[str | int, ...] = ()
    calls: int = 0
    _stream: int = -1

    def key(self) -> Array:
        """A key for a kernel that draws for itself with ``philox.uniform`` and its kind."""
        if not self.calls:
            self._stream = self.seed.child(*self.names).value
        self.calls += 1
        return np.array([self._stream, self.calls], np.uint64)

    def uniform(self, agents: Array | int) -> Array:
        """Numbers in [0, 1); (N,) float64."""
        ids = _ids(agents)
        out = np.empty(len(ids))
        philox.fill_uniform(self.key(), ids, out)
        return out

    def normal(self, agents: Array | int) -> Array:
        """Standard normal numbers; (N,) float64."""
        ids = _ids(agents)
        out = np.empty(len(ids))
        philox.fill_normal(self.key(), ids, out)
        return out

    def gamma(self, agents: Array | int, shape: float) -> Array:
        """Gamma numbers of scale 1; those of a small shape may be 0; (N,) float64."""
        numbers: Array = np.exp(self._log_gamma(agents, shape))
        return numbers

    def beta(self, agents: Array | int, a: float, b: float) -> Array:
        """Beta numbers, the share that one of two gamma numbers has; (N,) float64."""
        odds = self._log_gamma(agents, a) - self._log_gamma(agents, b)
        share: Array = np.exp(-np.logaddexp(0.0, -odds))
        return share

    def _log_gamma(self, agents: Array | int, shape: float) -> Array:
        ids = _ids(agents)
        out = np.empty(len(ids))
        philox.fill_log_gamma(self.key(), ids, shape, out)
        return out

    def exponential(self, agents: Array | int) -> Array:
        """Waiting times of mean 1; (N,) float64."""
        waits: Array = -np.log1p(-self.uniform(agents))
        return waits

    def chance(self, agents: Array | int, probability: Array | float) -> Array:
        """Whether an event of this probability happens; (N,) bool."""
        happens: Array = self.uniform(agents) < probability
        return happens

    def below(self, agents: Array | int, n: Array | int) -> Array:
        """Whole numbers in 0 … n - 1, n from 1 to 2**40; (N,) int64."""
        drawn: Array = (self.uniform(agents) * n).astype(np.int64)
        return drawn

    def poisson(self, agents: Array | int, mean: Array | float) -> Array:
        """Poisson numbers; (N,) int64. Cost: O(sum of means)."""
        ids = _ids(agents)
        out = np.empty(len(ids), np.int64)
        means = np.ascontiguousarray(np.broadcast_to(np.asarray(mean, float), ids.shape))
        philox.fill_poisson(self.key(), ids, means, out)
        return out

    def choice(self, agents: Array | int, weights: Array) -> Array:
        """Numbers of options drawn by their weights (K,), which need not sum to 1; (N,) int64."""
        ends = np.cumsum(weights)
        drawn = np.searchsorted(ends, self.uniform(agents) * ends[-1], side="right")
        chosen: Array = np.minimum(drawn, len(ends) - 1)
        return chosen

    def order(self, agents: Array | int) -> Array:
        """Places 0 … N - 1 of the agents in random order; (N,) int64."""
        return philox.shuffled(self.key(), _ids(agents))

    def generator(self) -> np.random.Generator:
        """A generator for what belongs to no agent."""
        return np.random.Generator(np.random.Philox(key=self.key()))


def _ids(agents: Array | int) -> Array:
    if isinstance(agents, int | np.integer):
        return np.arange(agents, dtype=np.int64)
    return np.ascontiguousarray(agents, np.int64)

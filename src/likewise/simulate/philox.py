"""Counter-based random numbers, in kernels: a number is a function of its place, not of a state.

A *key* is an array (2,) uint64 from ``Draws.key``: the stream of a rule at a step, and which of its
calls this is. Together with the agent's id and a number ``k`` of the kernel's choice it fixes the
draw, so nobody's draws depend on who else drew, in which order, or on which worker.

Paper: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox4x32-10).
Cost: about 15 ns a call.
"""

import math

import numpy as np

from likewise.simulate.compiling import kernel

Array = np.ndarray
Words = tuple[np.uint64, np.uint64, np.uint64, np.uint64]

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_UP, _DOWN = np.uint64(21), np.uint64(11)
_ULP, _UNIT = 2.0**-53, 2.0**-32


@kernel
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> Words:
    """Four random 32-bit words of a counter of four words and a key of two, each in a uint64."""
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2  # 32 by 32 bits: never beyond 64
        c0, c1 = (p1 >> _HALF) ^ c1 ^ k0, p1 & _LOW
        c2, c3 = (p0 >> _HALF) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@kernel
def words(key: Array, agent: int, k: int) -> Words:
    """The four words at a place."""
    a, stream = np.uint64(agent), key[0]
    return philox(a & _LOW, a >> _HALF, np.uint64(k), key[1], stream & _LOW, stream >> _HALF)


@kernel
def uniform(key: Array, agent: int, k: int) -> float:
    """A number in [0, 1)."""
    w0, w1, _, _ = words(key, agent, k)
    return np.float64((w0 << _UP) ^ (w1 >> _DOWN)) * _ULP


@kernel
def uniforms(key: Array, agent: int, k: int) -> tuple[float, float]:
    """Two independent numbers in [0, 1) for the price of one; the first is ``uniform``'s."""
    w0, w1, w2, w3 = words(key, agent, k)
    first = np.float64((w0 << _UP) ^ (w1 >> _DOWN)) * _ULP
    return first, np.float64((w2 << _UP) ^ (w3 >> _DOWN)) * _ULP


@kernel
def four(key: Array, agent: int, k: int) -> tuple[float, float, float, float]:
    """Four independent numbers in [0, 1) for the price of one, of 32 bits each."""
    w0, w1, w2, w3 = words(key, agent, k)
    return (
        np.float64(w0) * _UNIT, np.float64(w1) * _UNIT, np.float64(w2) * _UNIT,
        np.float64(w3) * _UNIT,
    )  # fmt: skip


@kernel
def below(key: Array, agent: int, k: int, n: int) -> int:
    """A whole number in 0 … n - 1; n from 1 to 2**40."""
    return int(uniform(key, agent, k) * n)


@kernel
def normal(key: Array, agent: int, k: int) -> float:
    """A standard normal number, by Box and Muller."""
    first, second = uniforms(key, agent, k)
    return math.sqrt(-2.0 * math.log(1.0 - first)) * math.cos(2.0 * math.pi * second)


@kernel
def normals(key: Array, agent: int, k: int) -> tuple[float, float]:
    """Two independent standard normal numbers for the price of one; the first is ``normal``'s."""
    first, second = uniforms(key, agent, k)
    radius, angle = math.sqrt(-2.0 * math.log(1.0 - first)), 2.0 * math.pi * second
    return radius * math.cos(angle), radius * math.sin(angle)


@kernel
def exponential(key: Array, agent: int, k: int) -> float:
    """A waiting time of mean 1."""
    return -math.log(1.0 - uniform(key, agent, k))


@kernel
def log_gamma(key: Array, agent: int, k: int, shape: float) -> float:
    """The logarithm of a gamma number of this shape and scale 1; uses ``k`` and numbers after it.

    A logarithm, since numbers of a small shape are often too small for a float.

    Paper: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM Transactions
    on Mathematical Software 2000. Cost: about 60 ns.
    """
    extra, at = 0.0, k
    if shape < 1:  # a gamma number of shape + 1 times a power of a uniform one
        extra = math.log(1.0 - uniform(key, agent, at)) / shape
        shape += 1.0
        at += 1
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x, u = normal(key, agent, at), 1.0 - uniform(key, agent, at + 1)
        root = 1.0 + c * x
        v = root * root * root  # a power is rounded otherwise when it is compiled
        at += 2
        if v > 0 and math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
            return math.log(d) + math.log(v) + extra


_PIECE = 256.0  # a Poisson number of a larger mean is a sum: exp(-mean) must stay above 0


@kernel
def poisson(key: Array, agent: int, k: int, mean: float) -> int:
    """A Poisson number, by inversion; uses ``k`` and, above a mean of 256, numbers after it.

    Cost: O(mean).
    """
    total, piece = 0, k
    while mean > 0:
        part = min(mean, _PIECE)
        u, chance, n = uniform(key, agent, piece), math.exp(-part), 0
        while u >= chance > 0.0:
            u -= chance
            n += 1
            chance *= part / n
        total += n
        mean -= part
        piece += 1
    return total


@kernel
def fill_uniform(key: Array, agents: Array, out: Array) -> None:
    """``uniform`` of each agent; (N,) int64, (N,) float64 filled."""
    for i in range(len(agents)):
        out[i] = uniform(key, agents[i], 0)


@kernel
def fill_normal(key: Array, agents: Array, out: Array) -> None:
    """``normal`` of each agent; (N,) int64, (N,) float64 filled."""
    for i in range(len(agents)):
        out[i] = normal(key, agents[i], 0)


@kernel
def fill_log_gamma(key: Array, agents: Array, shape: float, out: Array) -> None:
    """``log_gamma`` of each agent; (N,) int64, (N,) float64 filled."""
    for i in range(len(agents)):
        out[i] = log_gamma(key, agents[i], 0, shape)


@kernel
def fill_poisson(key: Array, agents: Array, mean: Array, out: Array) -> None:
    """``poisson`` of each agent's own mean; (N,) int64, (N,) float64, (N,) int64 filled."""
    for i in range(len(agents)):
        out[i] = poisson(key, agents[i], 0, mean[i])


@kernel
def shuffled(key: Array, agents: Array) -> Array:
    """Places 0 … N - 1 of agents (N,) int64 in random order; (N,) int64.

    Agents are sorted by a word of their own, so a newcomer does not change the order of others.

    Cost: O(N), about 20 ns an agent: a bucket for each agent, and insertion within buckets.
    """
    n = len(agents)
    bits = 1
    while (1 << bits) < n and bits < 32:
        bits += 1
    drawn = np.empty(n, np.uint64)
    start = np.zeros((1 << bits) + 1, np.int64)
    shift = np.uint64(32 - bits)
    last, w = -1, words(key, 0, 0)
    for i in range(n):
        quarter = int(agents[i] >> 2)  # four agents share the four words of a place
        if quarter != last:
            last, w = quarter, words(key, quarter, 0)
        drawn[i] = w[agents[i] & 3]
        start[int(drawn[i] >> shift) + 1] += 1
    for b in range(1 << bits):
        start[b + 1] += start[b]
    order = np.empty(n, np.int64)
    filled = start[:-1].copy()
    for i in range(n):
        b = int(drawn[i] >> shift)
        j = filled[b]
        filled[b] += 1
        while j > start[b] and drawn[order[j - 1]] > drawn[i]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i
    return order

"""The graph of who sends money to whom: its tail, ties returned, components and motifs.

Papers: Clauset, Shalizi and Newman, "Power-law distributions in empirical data", SIAM Review 2009;
Milo and others, "Network motifs", Science 2002.
"""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import zeta

Array = np.ndarray
FEWEST = 100  # ties


def graph_facts(source: Array, to: Array) -> dict[str, float]:
    """Facts of the graph whose ties are the different pairs of (N,) senders and receivers.

    Motifs are counted for a thousand ties. Nothing is said of fewer than 100 ties.
    Cost: the number of ways of two steps.
    """
    names, places = np.unique(np.concatenate([source, to]), return_inverse=True)
    ends = places.reshape(2, -1)
    codes = np.unique((ends[0] * len(names) + ends[1])[ends[0] != ends[1]])
    if len(codes) < FEWEST:
        return {}
    a, b = codes // len(names), codes % len(names)
    shape = (len(names), len(names))
    ties = sparse.csr_array((np.ones(len(codes)), (a, b)), shape=shape)
    degree = np.bincount(b, minlength=len(names))
    found = {"degree_tail": tail_exponent(degree[degree > 0])}
    mutual = ties.multiply(ties.T)
    found["reciprocity"] = float(mutual.sum() / len(codes))
    label = connected_components(ties, directed=False)[1]
    found["largest_component"] = float(np.bincount(label).max() / len(names))
    return found | {name: 1000 * n / len(codes) for name, n in motifs(ties).items()}


def motifs(ties: sparse.csr_array) -> dict[str, float]:
    """How often shapes of three and four accounts occur in a directed graph without loops.

    ``triangles``: a → b → c and a → c. ``cycles_3``, ``cycles_4``: round trips.
    ``scatter_gather_4``: a → b → d and a → c → d.
    """
    ways = (ties @ ties).tocsr()
    ways.setdiag(0)
    ways.eliminate_zeros()
    both = np.asarray(ties.multiply(ties.T).sum(axis=1)).ravel()
    closed = ways.multiply(ways.T).sum() - (both * (both - 1)).sum()
    pairs = ways.data * (ways.data - 1) / 2
    return {
        "triangles": float(ways.multiply(ties).sum()),
        "cycles_3": float(ways.multiply(ties.T).sum() / 3),
        "cycles_4": float(closed / 4),
        "scatter_gather_4": float(pairs.sum()),
    }


def tail_exponent(counts: Array) -> float:
    """The exponent of a power law fitted to the tail of whole numbers ≥ 1, (N,).

    By maximum likelihood; the tail begins where the law fits best (least Kolmogorov distance), and
    has 50 values or more. NaN where there are not as many.
    """
    counts = np.sort(counts)
    starts = np.unique(counts[: max(len(counts) - 50, 0)])
    best, exponent = np.inf, np.nan
    for start in starts[starts <= 200]:
        tail = counts[np.searchsorted(counts, start) :]
        found = _likeliest(tail, int(start))
        values, number = np.unique(tail, return_counts=True)
        law = 1 - zeta(found, values + 1) / zeta(found, start)
        apart = float(np.abs(np.cumsum(number) / len(tail) - law).max())
        if apart < best:
            best, exponent = apart, found
    return float(exponent)


def _likeliest(tail: Array, start: int) -> float:
    """Maximum likelihood of the exponent, on a grid of hundredths from 1.3 to 6."""
    grid = np.arange(1.3, 6.0, 0.01)
    likelihood = -len(tail) * np.log(zeta(grid, start)) - grid * np.log(tail).sum()
    return float(grid[np.argmax(likelihood)])

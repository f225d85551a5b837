"""Do identifiers of learned people come out again?"""

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.intervals import wilson
from likewise.metrics.learners import some_rows
from likewise.metrics.score import SEED, Score, worst_first
from likewise.metrics.views import Array, codes, identifying

ROWS = 100_000


def leaked_identifiers(real: Table, synth: Table, *, holdout: Table, seed: Seed = SEED) -> Score:
    """Share of synthetic identifiers that stand for a training row, in the worst column; [0, 1].

    Identifiers are keys, and texts that are mostly distinct. Numbers that are simply counted on
    occur everywhere, so the floor is the share that stands for one of as many fresh real rows.

    Raises:
        DataError: no column of that sort.
    """
    rng = seed.stream("identifiers")
    side = min(real.rows, holdout.rows, ROWS)
    parts = [some_rows(real, side, rng), some_rows(synth, ROWS, rng), some_rows(holdout, side, rng)]
    names = identifying(parts[0])
    if not names:
        raise DataError("leaked_identifiers", "no keys or distinct texts", "Nothing to look for")
    hits = np.array([_hits(parts, name) for name in names])  # (C, 3): training, fresh, asked
    share = hits[:, :2] / np.maximum(hits[:, 2:], 1)
    worst = int(np.argmax(share[:, 0] - share[:, 1]))
    known, fresh, asked = (int(count) for count in hits[worst])
    return Score(
        "leaked_identifiers",
        float(share[worst, 0]),
        wilson(known, max(asked, 1)),
        float(share[worst, 1]),
        wilson(fresh, max(asked, 1)),
        better="lower",
        by=worst_first(names, share[:, 0] - share[:, 1]),
        note=f"column {names[worst]!r} of {len(names)}; {asked:,} synthetic values, {side:,} "
        "training and fresh real rows",
    )


def _hits(parts: list[Table], name: str) -> Array:
    """How many synthetic values are those of training rows, of fresh rows only, and how many."""
    real, synth, fresh = (code[code >= 0] for code in codes(parts, name)[0])
    return np.array([np.isin(synth, real).sum(), np.isin(synth, fresh).sum(), len(synth)])

"""The blocks of a target, which the forest learns whatever draws the others."""

from dataclasses import replace

import numpy as np

from likewise.core.seeds import Seed
from likewise.encode.layout import Encoded
from likewise.generators.forest_block import BlockForest, fit_block
from likewise.generators.forest_classes import ClassForest, fit_classes
from likewise.generators.forest_scale import Scale
from likewise.generators.forest_size import LEAVES
from likewise.generators.forest_trees import Grown
from likewise.generators.order import CLASSES

Array = np.ndarray


def fit_target(
    rows: Encoded,
    scores: Array,
    scales: tuple[Scale, ...],
    me: int,
    before: Array,
    grown: Grown,
    seed: Seed,
    *,
    only: bool,
) -> BlockForest | ClassForest:
    """A block of the target, or the only one: then in small leaves, and as classes if it is."""
    rng = seed.stream("block", me)
    if not only:
        return fit_block(rows, scores, scales, me, before, grown, rng)
    grown = replace(grown, leaf=min(grown.leaf, LEAVES[0]))
    classes = 2 <= np.count_nonzero(scales[me].shares) <= CLASSES and len(before)
    learn = fit_classes if classes else fit_block
    return learn(rows, scores, scales, me, before, grown, rng)

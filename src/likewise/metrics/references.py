"""Whether references lead somewhere and keys tell rows apart, beside how far the real ones do."""

import math
from collections.abc import Sequence

import numpy as np

from likewise.data.database import Database
from likewise.data.database_schema import Relation
from likewise.data.integrity import Integrity, check_integrity
from likewise.data.reference import MISSING, UNKNOWN
from likewise.metrics.clustered import Item, item, mean_score
from likewise.metrics.intervals import slope_of_total_variation
from likewise.metrics.linked_case import Side, whole_case
from likewise.metrics.score import Score

Array = np.ndarray

CERTAIN = 3.5  # standard errors; one relation in 4,000 differs by more without a fault
STATES = 3  # of a reference: found, missing, leading nowhere


def broken_references(real: Database, synth: Database) -> Score:
    """Share of references that lead nowhere, of the worst relation; in [0, 1], 0 is best.

    Only what goes beyond the real share counts, and where real references break too, beyond 3.5
    standard errors of the difference. A reference of which a part is missing refers to nothing.
    ``by`` has the relations that break. Cost: as ``check_integrity``.
    """
    return references_score(check_integrity(real), check_integrity(synth))


def broken_keys(real: Database, synth: Database) -> Score:
    """Share of rows that repeat a key, or lack a primary one, of the worst key; in [0, 1].

    Counted as in ``broken_references``, and 0 is best.
    """
    return keys_score(check_integrity(real), check_integrity(synth))


def gap_error(real: Database, synth: Database) -> Score:
    """Mean distance between how often references are found, missing or broken; in [0, 1].

    Total variation of the three shares, averaged over relations; 0 is best. Databases without a
    relation score 0.
    """
    sides, _ = whole_case(real, synth)
    return gap_score([gap_item(r, *sides) for r in real.schema.relations])


def references_score(real: Integrity, synth: Integrity) -> Score:
    """``broken_references`` from counts."""
    found = {}
    for before, after in zip(real.relations, synth.relations, strict=True):
        over = _beyond(before.orphans, before.rows - before.missing,
                       after.orphans, after.rows - after.missing)  # fmt: skip
        found[str(before.relation)] = over
    return _worst("broken_references", found, sum(c.orphans for c in synth.relations), "relations")


def keys_score(real: Integrity, synth: Integrity) -> Score:
    """``broken_keys`` from counts."""
    found = {}
    for before, after in zip(real.keys, synth.keys, strict=True):
        name = f"{before.table} ({', '.join(before.columns)})"
        found[name] = _beyond(before.broken, before.rows, after.broken, after.rows)
    return _worst("broken_keys", found, sum(check.broken for check in synth.keys), "keys")


def gap_score(items: Sequence[Item]) -> Score:
    """``gap_error`` from its parts."""
    return mean_score("gap_error", items)


def gap_item(relation: Relation, real: Side, synth: Side) -> Item:
    """The part of one relation: how differently its references are found, missing and broken."""
    x, y = (_states(side.linked.parents[relation]) for side in (real, synth))
    p, q = (np.bincount(s, minlength=STATES) / max(len(s), 1) for s in (x, y))
    slope = slope_of_total_variation(p, q, max(len(x), 1), max(len(y), 1))
    distance = float(np.abs(p - q).sum() / 2) if len(x) and len(y) else float(len(x) != len(y))
    return item(str(relation), distance, slope[y] - slope @ q, synth.family[relation.child])


def _states(place: Array) -> Array:
    """0 for a reference that is found, 1 for a missing one, 2 for one that leads nowhere."""
    return np.where(place == MISSING, 1, np.where(place == UNKNOWN, 2, 0))


def _beyond(real: int, real_rows: int, synth: int, synth_rows: int) -> float:
    """The synthetic share beyond the real one, and beyond what chance makes of a real share."""
    share, wanted = synth / max(synth_rows, 1), real / max(real_rows, 1)
    if real and synth_rows:
        pooled = (real + synth) / (real_rows + synth_rows)
        noise = math.sqrt(pooled * (1 - pooled) * (1 / real_rows + 1 / synth_rows))
        wanted += CERTAIN * noise
    return max(share - wanted, 0.0)


def _worst(name: str, found: dict[str, float], total: int, what: str) -> Score:
    broken = {part: value for part, value in found.items() if value > 0}
    ranked = dict(sorted(broken.items(), key=lambda pair: -pair[1]))
    value = max(found.values(), default=0.0)
    note = f"{total:,} in all, over {len(found)} {what}"
    return Score(name, value, None, better="lower", by=ranked, note=note)

"""What the evaluation of a database answers: scores, and each relation and table on its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from likewise.data.integrity import Integrity, RelationCheck
from likewise.metrics.results import Battery
from likewise.metrics.score import Score


@dataclass(frozen=True)
class RelationResult:
    """One relation.

    Attributes:
        real: counts in the real database, as ``synth`` in the synthetic one.
        ties: whether its rows belong together, or it leads to a shared table.
        scores: by the name of the database's score that each is a part of.
        labels: bins of numbers of children; each holds ten real parents or none.
        real_share: share of the real parents in each bin, (B,), as ``synth_share``.
    """

    real: RelationCheck
    synth: RelationCheck
    ties: bool
    scores: Mapping[str, Score]
    labels: tuple[str, ...] = ()
    real_share: tuple[float, ...] = ()
    synth_share: tuple[float, ...] = ()


@dataclass(frozen=True)
class TableResult:
    """One table.

    Attributes:
        rows: of "real", "synth" and, with one, "holdout".
        shared: whether it is whole on both sides of a cut, as reference tables are.
        battery: what the single-table battery measured; None where there was nothing to measure.
        aggregate: ``aggregate_auc`` of a table that is referred to.
        independent: families that have rows here, on the side that has fewer; 0 if not counted.
        kept: share of the synthetic rows of a shared table that are real rows, keys left out.
        notes: why something is missing.
    """

    name: str
    rows: Mapping[str, int]
    shared: bool
    battery: Battery | None
    aggregate: Score | None = None
    independent: int = 0
    kept: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LinkedBattery:
    """Everything that was measured of a database.

    Attributes:
        scores: by registry name; what could not be measured is absent and explained in ``notes``.
        relations: in the order of the schema.
        tables: likewise.
        keys: counts of keys and relations in all real rows, and in all synthetic ones.
        notes: sentences on what was left out or measured otherwise.
        seconds: by stage.
        families: of the real side, of which a cut is made.
    """

    scores: dict[str, Score]
    relations: tuple[RelationResult, ...]
    tables: tuple[TableResult, ...]
    keys: tuple[Integrity, Integrity]
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    families: int = 0

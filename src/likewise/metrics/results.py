"""What one evaluation answers: scores, and parts of them fit to be shown."""

from dataclasses import dataclass, field

from likewise.metrics.score import Score
from likewise.metrics.slices import Slice
from likewise.metrics.views import Array


@dataclass(frozen=True)
class ColumnResult:
    """One column: its error beside the floor, and its distribution in bins fit to be shown.

    Attributes:
        error: as in ``shape_error``; for keys, the difference in the share of distinct values.
        floor: the error of as many fresh real rows.
        missing_real: share of missing values, as ``missing_synth``.
        labels: what the B bins are; each holds ten real rows or none.
        real_share: fraction of all real rows in each bin, (B,), as ``synth_share``.
        p_value: chance that two samples of one source differ as much from each other as synthetic
            and all real rows, for this column alone.
    """

    name: str
    kind: str
    error: float
    floor: float | None
    missing_real: float
    missing_synth: float
    labels: tuple[str, ...] = ()
    real_share: tuple[float, ...] = ()
    synth_share: tuple[float, ...] = ()
    p_value: float = 1.0


@dataclass(frozen=True)
class PairsResult:
    """Errors of column pairs as in ``pair_error``; NaN on the diagonal and where not measured.

    Attributes:
        columns: C names.
        error: (C, C) float64, symmetric.
        floor: the same of as many fresh real rows.
    """

    columns: tuple[str, ...]
    error: Array
    floor: Array | None


@dataclass(frozen=True)
class Battery:
    """Everything that was measured.

    Attributes:
        scores: by registry name; what could not be measured is absent and explained in ``notes``.
        columns: in table order.
        pairs: distances of column pairs.
        notes: sentences on what was left out or measured otherwise.
        seconds: by stage.
        sizes: rows of "real", "synth", "holdout", and "compared" (rows behind each distance).
        slices: subgroups that are certainly wrong, worst first.
    """

    scores: dict[str, Score]
    columns: tuple[ColumnResult, ...]
    pairs: PairsResult
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    slices: tuple[Slice, ...] = ()

"""The settings by which a method can be turned towards privacy, and which way that is.

A dial bounds how closely a method follows single rows: how many of them stand behind one number it
keeps, how many numbers it keeps, or how often it has looked at each row. Turning it towards privacy
costs fidelity; how much of either depends on the table and is measured, never taken from here. No
dial gives a guarantee.
"""

from dataclasses import dataclass, replace

LARGEST_SHARE = 0.25  # of the training rows, for dials that count rows


@dataclass(frozen=True)
class Dial:
    """One setting, the range that is worth trying, and its more private direction.

    Attributes:
        low, high: the least and the largest value tried.
        rising: whether larger values are more private.
        whole: whether values are whole numbers; others have two telling digits.
        log: whether steps are factors rather than differences.
        counts_rows: whether it is a number of rows, which must stay below those of the table.
    """

    low: float
    high: float
    rising: bool
    whole: bool = True
    log: bool = True
    counts_rows: bool = False

    @property
    def most_private(self) -> float:
        """The end of the range where the method follows single rows the least."""
        return self.at(self.high if self.rising else self.low)

    def at(self, value: float) -> float:
        """The value as it is set and written: whole, or with two telling digits."""
        return int(value) if self.whole else float(f"{value:.2g}")

    def within(self, rows: int) -> "Dial | None":
        """The dial for a table of so many training rows; None if no choice is left."""
        if not self.counts_rows:
            return self
        high = min(self.high, int(rows * LARGEST_SHARE))
        return replace(self, high=high) if high > self.low else None


_LEAF = Dial(10, 1_000, rising=True, counts_rows=True)
_EPOCHS = Dial(2, 40, rising=False)
_CANDIDATES = Dial(1, 8, rising=False)

DIALS: dict[str, dict[str, Dial]] = {
    "trees": {"leaf": _LEAF},
    "forest": {"depth": Dial(1, 6, rising=False)},
    "autoregressive": {"dropout": Dial(0.05, 0.6, rising=True, whole=False, log=False)},
    "diffusion": {"epochs": Dial(5, 200, rising=False), "candidates": _CANDIDATES},
    "bayesnet": {"support": Dial(10, 2_000, rising=True, counts_rows=True)},
    "copula": {"shrink": Dial(0.001, 0.9, rising=True, whole=False)},
    "vae": {"epochs": _EPOCHS, "candidates": _CANDIDATES},
    "gan": {"epochs": Dial(5, 80, rising=False)},
    "independent": {},
}


def dials_of(method: str, rows: int) -> dict[str, Dial]:
    """The dials of a method that a table of so many training rows leaves open, by setting."""
    found = {name: dial.within(rows) for name, dial in DIALS.get(method, {}).items()}
    return {name: dial for name, dial in found.items() if dial is not None}

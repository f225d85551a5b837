"""The trials of a sweep as data: what each was, how it did, and what the sweep came to.

Nothing here is a row of anybody's data. There is no single privacy score: each attack stands by
itself, beside what it does to people whom no method has learned from.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Interval = tuple[float, float]
Verdict = Literal["detected", "not detected", "inconclusive"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(_Part):
    """One number of a trial, beside the same number of real rows.

    Attributes:
        interval: 95 % interval of the value.
        floor: what rows score that no method has made: a second real sample, or, of an attack,
            people whom no method has learned from.
        better: the direction that is better.
        note: how it was measured.
    """

    value: float
    interval: Interval | None = None
    floor: float | None = None
    floor_interval: Interval | None = None
    better: Literal["higher", "lower"]
    note: str = ""

    @property
    def ends(self) -> Interval:
        """The interval; the value alone where there is none."""
        return self.interval or (self.value, self.value)


class Attack(_Part):
    """One attack, as in ``attacks.risk.Risk``.

    Attributes:
        success: by which points are compared: an AUC for membership, else the excess of the share
            of members who are hit over that of controls. None if it could not be measured.
        verdict: at the level of this one attack.
        power: the smallest excess that would have been detected.
    """

    success: Measure | None
    verdict: Verdict
    power: float | None = None
    p_value: float | None = None
    note: str = ""


class Trial(_Part):
    """One method with its settings: what it gave and what it gave away.

    Attributes:
        number: from 1 on, in the order of trying.
        settings: those that differ from the method's defaults.
        fidelity: AUC of a detector that tells its rows from held-out real ones; 0.5 is best.
        utility: score on held-out rows of a model that learned its rows; None without a target.
        attacks: by registry name.
        near_copies: share of its rows as near to a training row as 1 % of fresh real rows.
        seconds: to fit, to sample and to judge.
        error: why it failed, without anybody's data; empty if it did not.
        command: the command line that makes these rows.
    """

    number: int
    generator: str
    settings: dict[str, Any] = {}
    fidelity: Measure | None = None
    utility: Measure | None = None
    attacks: dict[str, Attack] = {}
    near_copies: Measure | None = None
    seconds: dict[str, float] = {}
    error: str = ""
    command: str = ""

    @property
    def name(self) -> str:
        """The method and its settings, in a few words."""
        return " ".join([self.generator, *(f"{k}={v}" for k, v in self.settings.items())])

    @property
    def measures(self) -> dict[str, Measure]:
        """All numbers by which trials are compared."""
        found = {"fidelity": self.fidelity, "utility": self.utility}
        found |= {name: attack.success for name, attack in self.attacks.items()}
        return {name: measure for name, measure in found.items() if measure is not None}

    @property
    def leaks(self) -> tuple[str, ...]:
        """Attacks that were detected, and "near copies" where these exceed those of real rows."""
        found = [name for name, attack in self.attacks.items() if attack.verdict == "detected"]
        near = self.near_copies
        if near is not None and near.floor is not None:
            usual = near.floor_interval[1] if near.floor_interval else near.floor
            if near.ends[0] > usual:
                found.append("near copies")
        return tuple(found)

    @property
    def unjudged(self) -> tuple[str, ...]:
        """Attacks that could say neither yes nor no."""
        return tuple(n for n, attack in self.attacks.items() if attack.verdict == "inconclusive")


class Origin(_Part):
    """What all trials of a sweep share, so that it can be done again and gone on with.

    Attributes:
        data_sha256: of the input file.
        schema_sha256: of the declared schema; empty without one.
        rows: learned, and kept back to judge by.
        budget: seconds for learning, in each trial.
        packages: versions.
    """

    likewise: str
    python: str
    packages: dict[str, str]
    seed: int
    data: str
    data_sha256: str
    schema_sha256: str = ""
    target: str | None = None
    generators: tuple[str, ...]
    rows: dict[str, int]
    budget: float


class Frontier(_Part):
    """A whole sweep.

    Attributes:
        pareto: numbers of the trials that no other beats by more than noise.
        recommended: number of one of them; None if no trial succeeded.
        reason: why that one, in a sentence.
        ended: why the sweep ended.
        files: paths by role.
        seconds: of this run in all.
    """

    version: Literal[1] = 1
    origin: Origin
    trials: tuple[Trial, ...]
    pareto: tuple[int, ...]
    recommended: int | None
    reason: str
    ended: str
    files: dict[str, str] = {}
    seconds: float = 0.0

    @property
    def best(self) -> Trial | None:
        """The recommended trial."""
        return next((t for t in self.trials if t.number == self.recommended), None)

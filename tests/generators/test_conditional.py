"""Drawing under conditions: weights are honoured, rejection is exact, and effort is bounded."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.errors import DataError
from likewise.data.schema import Column, Kind, Schema
from likewise.data.table import Table
from likewise.encode.layout import NOTHING, Encoded, Evidence
from likewise.generators.independent import Independent
from likewise.generators.rejection import SUPPORT, Effort
from likewise.generators.tabular import TableModel


@dataclass(frozen=True)
class Weighted:
    """Two dependent bits, drawn forward: b from a, evidence on b only by weight."""

    tried: list[int]
    notes: tuple[str, ...] = ()

    def draw(
        self, rows: int, rng: np.random.Generator, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, np.ndarray | None]:
        self.tried.append(rows)
        drawn = Encoded.empty(rows, 2)
        drawn.codes[:, 0] = rng.random(rows) < 0.5
        chance = np.where(drawn.codes[:, 0] == 1, 0.9, 0.01)  # of b = 1
        drawn.codes[:, 1] = rng.random(rows) < chance
        weights = None
        if 1 in evidence.fixed:
            drawn.codes[:, 1] = evidence.fixed[1][0]
            weights = np.log(np.where(drawn.codes[:, 1] == 1, chance, 1 - chance))
        if 1 in evidence.allowed:
            mask = evidence.allowed[1]
            drawn.codes[:, 1] = np.where(mask.all(), drawn.codes[:, 1], np.argmax(mask))
            weights = np.log(np.where(mask[1], chance, 0) + np.where(mask[0], 1 - chance, 0))
        return drawn, weights

    def exact(self, evidence: Evidence) -> bool:
        return not evidence.blocks


def bits(a: list[str], b: list[str]) -> Table:
    columns = tuple(Column(name=name, kind=Kind.CATEGORY) for name in "ab")
    return Table(pa.table({"a": pa.array(a), "b": pa.array(b)}), Schema(columns=columns))


@pytest.fixture
def model() -> TableModel:
    """Labels sort by falling count: code 0 is "no", code 1 is "yes"."""
    table = bits(["no", "no", "yes"] * 20, ["no", "no", "yes"] * 20)
    return replace(Independent().fit(table, seed=1), levels=Weighted([]))


def share(table: Table, name: str) -> float:
    return float(np.mean([value == "yes" for value in table.arrow.column(name).to_pylist()]))


def test_weighted_candidates_give_the_conditional_distribution(model: TableModel) -> None:
    told: list[str] = []
    given = bits(["no"], ["no"]).select(["b"])
    drawn = model.sample(4_000, seed=1, given=given, tell=told.append)
    wanted = 0.5 * 0.1 / (0.5 * 0.1 + 0.5 * 0.99)  # Bayes' rule
    assert abs(share(drawn, "a") - wanted) < 5 * np.sqrt(wanted / 4_000)
    assert f"among {SUPPORT} candidates" in told[0]


def test_a_common_condition_is_met_by_plain_rejection(model: TableModel) -> None:
    told: list[str] = []
    drawn = model.sample(4_000, seed=1, where="b = 'yes'", tell=told.append)
    wanted = 0.9 / 0.91
    assert abs(share(drawn, "a") - wanted) < 5 * np.sqrt((1 - wanted) / 4_000)
    assert "met the condition" in told[0]


def test_candidates_are_few_where_the_condition_is_common(model: TableModel) -> None:
    model.sample(1_000, seed=1, where="b = 'yes' or b = 'no'")
    assert isinstance(model.levels, Weighted)
    assert sum(model.levels.tried) < 1_200


def test_effort_is_bounded_and_the_error_names_a_method_that_can(model: TableModel) -> None:
    table = bits(["no", "yes"] * 30, ["no", "yes"] * 30)

    @dataclass(frozen=True)
    class Stubborn:
        tried: list[int]

        def draw(self, rows, rng, evidence=NOTHING):
            del rng, evidence
            self.tried.append(rows)
            return Encoded.empty(rows, 2), None

        def exact(self, evidence):
            return not evidence.blocks

    stubborn = replace(Independent().fit(table, seed=1), levels=Stubborn([]))
    some = stubborn.sample(1, seed=1).arrow.column("a").to_pylist()[0]
    other = {"no": "yes", "yes": "no"}[some]
    with pytest.raises(DataError, match="bayesnet") as caught:
        stubborn.sample(10, seed=1, where=f"a = '{other}'")
    assert "0 of" in caught.value.found
    assert sum(stubborn.levels.tried) < 300_000


def test_efforts_add_up_and_speak() -> None:
    total = Effort(10, 10) + Effort(30, 40)
    assert (total.rows, total.candidates, total.effective) == (40, 50, None)
    assert total.sentence() == "80.00% of 50 candidates met the condition"
    weighted = Effort(10, 320, 4.0) + Effort(30, 960, 8.0)
    assert weighted.effective == 7.0
    assert Effort(5, 5).sentence() == "drawn from the conditional distribution"


def test_what_a_method_notes_while_learning_is_a_note_of_the_model(model: TableModel) -> None:
    told = replace(model, levels=Weighted([], notes=("cut short",)))
    assert told.notes == (*model.notes, "cut short")

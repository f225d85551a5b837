import numpy as np
import pytest
from tests.metrics.metric_tables import people, table

from likewise.core.errors import DataError
from likewise.data.schema import Kind
from likewise.metrics.battery import evaluate
from likewise.metrics.identifiers import leaked_identifiers

KINDS = {"code": Kind.TEXT, "id": Kind.KEY}


def coded(numbers, first=0):
    codes = [f"K{number:07d}" for number in numbers]
    return table(KINDS, code=codes, id=np.arange(first, first + len(codes)), x=numbers % 7)


def parts(rows=2_000):
    numbers = np.random.default_rng(0).choice(10**7, 3 * rows, replace=False)
    return [coded(numbers[i * rows : (i + 1) * rows]) for i in range(3)]


def test_new_codes_and_counted_keys_are_no_leak():
    real, synth, fresh = parts()
    score = leaked_identifiers(real, synth, holdout=fresh)
    assert score.value == score.floor  # counted keys occur everywhere, codes nowhere


def test_codes_of_training_rows_are_found_and_their_column_named():
    real, synth, fresh = parts()
    codes = [*real.arrow["code"].to_pylist()[:40], *synth.arrow["code"].to_pylist()[40:]]
    leaky = table(KINDS, code=codes, id=np.arange(2_000), x=np.arange(2_000) % 7)
    score = leaked_identifiers(real, leaky, holdout=fresh)
    assert score.value == 0.02
    assert score.floor == 0
    assert list(score.by) == ["code", "id"]
    assert "'code'" in score.note
    assert evaluate(real, leaky, fresh).scores["leaked_identifiers"].value == 0.02


def test_prose_that_repeats_and_tables_without_identifiers_are_not_looked_at():
    with pytest.raises(DataError, match="no keys"):
        leaked_identifiers(people(200), people(200, 1), holdout=people(200, 2))
    texts = table({"t": Kind.TEXT}, t=["yes", "no"] * 50, x=np.arange(100))
    with pytest.raises(DataError, match="no keys"):
        leaked_identifiers(texts, texts, holdout=texts)

import pytest

from likewise.core import artifact
from likewise.data.rules import (
    Combinations,
    Determines,
    Inequality,
    NotNull,
    Range,
    Sum,
    Unique,
    describe,
)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Range(column="age", low=0, high=120), "0 <= age <= 120"),
        (Range(column="age", high=120), "age <= 120"),
        (Inequality(low="start", high="end"), "start <= end"),
        (Inequality(low="start", high="end", strict=True), "start < end"),
        (Combinations(columns=("city", "zip")), "city, zip occur only in seen combinations"),
        (Determines(columns=("zip",), then="city"), "zip determines city"),
        (Determines(columns=("a", "b"), then="c"), "a, b together determine c"),
        (Sum(parts=("net", "tax"), total="gross"), "gross = net + tax"),
        (Unique(columns=("id",)), "id unique"),
        (NotNull(column="id"), "id never missing"),
    ],
)
def test_rules_read_as_plain_words(rule, words):
    assert describe(rule) == words


def test_a_saved_rule_comes_back_equal(tmp_path):
    rule = Sum(parts=("net", "tax"), total="gross", tolerance=0.01)
    artifact.save(rule, tmp_path / "rule")
    assert artifact.load(tmp_path / "rule") == rule

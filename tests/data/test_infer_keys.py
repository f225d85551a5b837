"""Identifiers: told from labels and numbers by their name and by how many there are."""

import pyarrow as pa
import pytest

from likewise.data.infer import infer
from likewise.data.schema import Kind


def kind(name, cells):
    return infer(pa.table({name: cells}))[name].kind


CUSTOMERS = [12_346 + i % 600 for i in range(6_000)]


@pytest.mark.parametrize("name", ["CustomerID", "customer_id", "order no", "account_number", "key"])
@pytest.mark.parametrize(
    "cells",
    [
        pa.array(CUSTOMERS),
        pa.array([str(c) for c in CUSTOMERS]),
        pa.array([float(c) if c % 5 else None for c in CUSTOMERS]),
        pa.array([f"{c}.0" if c % 5 else "" for c in CUSTOMERS]),
        pa.array([f"C{c}-X" for c in CUSTOMERS]),
    ],
)
def test_repeated_identifiers_are_keys(name, cells):
    column = infer(pa.table({name: cells}))[name]
    assert column.kind is Kind.KEY
    assert any("whose values repeat" in sentence for sentence in column.evidence)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("amount", CUSTOMERS),
        ("yearID", [1871 + i % 140 for i in range(6_000)]),
        ("group_id", [i % 12 for i in range(6_000)]),
        ("zip_code", [str(c) for c in CUSTOMERS]),
        ("school_id", ["abcdefghij"[i % 10] * (i % 9 + 1) for i in range(6_000)]),
        ("note no", [f"call me {i % 600} later" for i in range(6_000)]),
        ("airline_id", [i % 60 for i in range(120_000)]),
    ],
)
def test_years_codes_words_and_small_sets_are_no_keys(name, cells):
    assert kind(name, pa.array(cells)) is not Kind.KEY


def test_identifiers_with_gaps_are_keys():
    cells = [f"aa{i:04d}" if i % 40 else None for i in range(2_000)]
    assert kind("retroID", pa.array(cells)) is Kind.KEY

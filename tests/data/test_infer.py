import numpy as np
import pyarrow as pa
import pytest

from likewise.core.errors import ConfigError, SchemaError
from likewise.data.infer import infer
from likewise.data.schema import Column, Format, Kind


def judged(cells, name="x", **options):
    return infer(pa.table({name: pa.array(cells, pa.string())}), **options)[name]


def test_a_late_leading_zero_is_told_with_its_count():
    cells = [str(n % 9_000 + 1000) for n in range(60_000)] + ["00017"]
    assert "1 cells have leading zeros: kept as text" in judged(cells).evidence


def test_evidence_counts_cells_and_shows_no_value():
    column = judged(["417", "9", None] * 40)
    assert column.evidence[0] == "80 of 80 non-missing cells are whole numbers"
    assert not any("417" in sentence for sentence in column.evidence)


@pytest.mark.parametrize(
    ("cells", "pattern"),
    [
        (["13/01/2024", "02/03/2024"], "%d/%m/%Y"),
        (["01/13/2024", "02/03/2024"], "%m/%d/%Y"),
        (["1/13/2024", "12/3/2024"], "%-m/%-d/%Y"),
        (["31.12.2024", "01.02.2024"], "%d.%m.%Y"),
        (
            ["2024-01-31T10:00:00.123+02:00", "2024-01-31T10:00:00.124+02:00"],
            "%Y-%m-%dT%H:%M:%S.%3f%:z",
        ),
    ],
)
def test_date_patterns_are_found_by_evidence(cells, pattern):
    assert judged(cells * 10).format.pattern == pattern


def test_an_ambiguous_date_says_so_and_follows_a_column_that_is_sure():
    alone = judged(["01/02/2024", "03/04/2024"] * 10)
    assert any("cannot be told apart" in sentence for sentence in alone.evidence)
    cells = {
        "a": pa.array(["01/02/2024", "03/04/2024"] * 10),
        "b": pa.array(["01/20/2024", "03/04/2024"] * 10),
    }
    assert infer(pa.table(cells))["a"].format.pattern == "%m/%d/%Y"


def test_dates_in_two_orders_are_text_with_a_reason():
    column = judged([f"{d:02d}/{m:02d}/2024" for d, m in [(13, 1), (1, 13), (2, 14), (15, 3)]] * 10)
    assert column.kind is Kind.CATEGORY
    assert any("do not agree" in sentence for sentence in column.evidence)


def test_a_grouped_number_follows_the_decimal_commas_of_other_columns():
    cells = {"a": pa.array(["1.234", "5.678"] * 10), "b": pa.array(["1,25", "2,5"] * 10)}
    schema = infer(pa.table(cells))
    assert schema["a"].kind is Kind.INTEGER
    assert schema["a"].format.thousands == "."


def test_time_zones_are_recorded():
    assert judged(["2024-01-31T12:30:00Z"] * 3 + ["2024-01-31T12:31:00Z"]).timezone == "UTC"
    assert judged(["2024-01-31T12:30:00+02:00", "2024-06-30T12:30:00+02:00"]).timezone == "+02:00"
    mixed = judged(["2024-01-31T12:30:00+01:00", "2024-06-30T12:30:00+02:00"])
    assert mixed.timezone == "UTC"


def test_words_for_missing_are_remembered():
    assert judged(["1", "NA", "7"] * 10).format.null == "NA"
    assert judged(["red", "green", "?"] * 10).format.null == "?"
    assert judged(["red", "green", "None"] * 10).format.null == ""
    assert judged(["red", "green", "-"] * 10).format.null == ""


def test_na_among_codes_of_two_capitals_is_a_label():
    column = judged(["AL", "NL", "NA", "AA"] * 10)
    assert column.format.null == ""
    assert not column.nullable


def test_booleans_remember_their_words():
    form = judged(["Y", "N"] * 10).format
    assert (form.true, form.false) == ("Y", "N")


def test_decimals_are_learned_and_full_precision_is_left_open():
    assert judged(["1.25", "3.5", "7"] * 10).decimals == 2
    assert judged([repr(x) for x in np.random.default_rng(1).random(50)]).decimals is None


def test_an_ordered_dictionary_is_ordinal_in_its_order():
    words = pa.array(["low", "mid", "high"])
    cells = pa.DictionaryArray.from_arrays(pa.array([0, 2, 1] * 9), words, ordered=True)
    assert infer(pa.table({"x": cells}))["x"].levels == ("low", "mid", "high")


def test_a_declared_kind_wins_and_learns_its_format():
    column = judged(["007", "012", "013"] * 10, overrides={"x": Kind.INTEGER})
    assert column.kind is Kind.INTEGER
    declared = Column(name="x", kind=Kind.NUMERIC, minimum=0)
    column = judged(["1,5", "2,5"] * 10, overrides={"x": declared})
    assert (column.minimum, column.format.decimal) == (0, ",")
    assert column.evidence[0] == "declared numeric"


def test_a_declared_ordinal_keeps_its_levels():
    declared = Column(name="x", kind=Kind.ORDINAL, levels=("s", "m", "l"), format=Format())
    assert judged(["m", "s", "l"] * 10, overrides={"x": declared}).levels == ("s", "m", "l")


def test_a_declared_kind_that_contradicts_the_cells_is_refused():
    with pytest.raises(SchemaError, match="declared date") as caught:
        judged(["secret", "words"] * 10, overrides={"x": Kind.DATE})
    assert "secret" not in str(caught.value)


def test_an_override_or_target_of_no_column_is_refused_with_a_suggestion():
    with pytest.raises(ConfigError, match="Did you mean 'amount'"):
        judged(["1"], name="amount", target="amont")


def test_two_thousand_columns_are_judged():
    cells = pa.array(["1", "2", "3"] * 10)
    schema = infer(pa.table({f"c{i}": cells for i in range(2000)}))
    assert {column.kind for column in schema.columns} == {Kind.INTEGER}


def test_an_ordinal_without_levels_needs_numbers_or_a_known_scale():
    assert judged(["10", "9", "1"] * 10, overrides={"x": Kind.ORDINAL}).levels == ("1", "9", "10")
    assert judged(["s", "l"] * 10, overrides={"x": Kind.ORDINAL}).levels == ("s", "l")
    with pytest.raises(SchemaError, match="without the order of its 3 labels"):
        judged(["x", "y", "z"] * 10, overrides={"x": Kind.ORDINAL})

"""Labels with an order that nobody has to declare, and labels that only look so."""

import random
from itertools import pairwise

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from likewise.data.bands import read_bands, rising
from likewise.data.convert import to_source, to_table
from likewise.data.infer import infer
from likewise.data.infer_order import UNPLACED
from likewise.data.scale import plain
from likewise.data.scales import SCALES
from likewise.data.schema import Column, Kind, Schema, common_order, parse_schema

RISING = {
    "any spelling": ["low", "Medium", "HIGH"],
    "agreement": ["Strongly disagree", "disagree", "Neutral", "Agree", "Strongly Agree"],
    "frequency": ["never", "rarely", "sometimes", "often", "always"],
    "numbered answers": ["1 - Low", "2 - Medium", "3 - High"],
    "sizes": ["S", "M", "L", "XL"],
    "months with gaps": ["Jan", "Feb", "Dec"],
    "accents": ["janvier", "février", "décembre"],
    "weekdays from Monday": ["Mon", "Wed", "Sun"],
    "schooling": ["some high school", "high school", "some college", "bachelor's degree"],
    "credit ratings": ["BB", "BBB-", "AA", "AA+", "AAA"],
    "cholesterol": ["normal", "above normal", "well above normal"],
    "house quality": ["Fa", "TA", "Gd", "Ex"],
    "diamonds": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
    "number words": ["two", "four", "six", "twelve"],
    "words run together": ["VeryPoor", "Poor", "Excellent"],
    "age bands": ["0-17", "18-25", "26-35", "36-45", "46-50", "51-55", "55+"],
    "ages in words": ["under 18", "18 to 64", "65 and over"],
    "incomes": ["Less than $10,000", "$10,000-$19,999", "$20,000-$29,999", "$30,000 or more"],
    "thousands": ["<10k", "10k-20k", "20k-50k", "50k+"],
    "thousands said once": ["5-10k", "10-20k", "20-50k", ">50k"],
    "thousands and millions": ["100K-1M", "1M-10M", "10M+"],
    "half-open": ["[0,10)", "[10,20)", "[20,30)"],
    "cut by pandas": ["(-inf, 0.5]", "(0.5, 1.5]", "(1.5, inf]"],
    "inequalities": ["<100", "100<=X<500", "500<=X<1000", ">=1000"],
    "below zero": ["-10 - 0", "0 - 10", "10 - 20"],
    "counts with an open end": ["0", "1", "2", "3+"],
    "years of work": ["< 1 year", "1 year", "2 years", "10+ years"],
    "thresholds": ["4+", "9+", "12+", "17+"],
    "ranks": ["1st", "2nd", "3rd"],
    "quarters": ["Q1", "Q2", "Q3", "Q4"],
    "quarters of years": ["2018 Q4", "2019 Q1", "2019 Q2"],
    "seasons of sport": ["2017-18", "2018-19", "2019-20"],
    "decades": ["1990s", "2000s", "2010s"],
    "stages": ["Stage I", "Stage II", "Stage III"],
    "stars in words": ["1 star", "2 stars", "5 stars"],
    "stars": ["★", "★★", "★★★"],
    "prices": ["$", "$$", "$$$"],
    "units": ["998 CC", "1248 CC", "1497 CC"],
    "numbers, not letters": ["Level 1", "Level 2", "Level 10"],
}
UNORDERED = {
    "two levels": ["low", "high"],
    "a word beyond the scale": ["low", "medium", "high", "other"],
    "two scales at once": ["low", "medium", "normal", "high"],
    "two spellings of a level": ["low", "Low", "medium", "high"],
    "seasons of the year": ["spring", "summer", "winter"],
    "colours": ["red", "green", "yellow"],
    "metals among colours": ["silver", "gold", "white"],
    "letters": ["A", "B", "C", "D"],
    "Roman numbers of anything": ["I", "II", "III"],
    "batteries": ["AAA", "AA", "C", "D"],
    "blood groups": ["A", "B", "AB", "0"],
    "first names": ["April", "May", "June", "Anna"],
    "lenses": ["none", "soft", "hard"],
    "postcodes": ["90210-1234", "10001-0001", "94105-1200"],
    "telephones": ["555-1234", "555-9876", "555-4321"],
    "occupations": ["11-1011", "13-2011", "15-1252"],
    "letters and digits": ["A123", "A124", "B200"],
    "attribute codes": ["A11", "A12", "A13", "A14"],
    "numbered shops": ["Store 1", "Store 2", "Store 3"],
    "numbered kinds": ["Type 1", "Type 2", "Type 3"],
    "letters after numbers": ["10S", "20S", "30S"],
    "positions": ["1B", "2B", "3B"],
    "questions": ["Q1", "Q5", "Q17"],
    "leading zeros": ["01", "02", "03"],
    "scores": ["2-1", "0-0", "1-3"],
    "ranges with holes": ["10-20", "40-50", "70-80"],
    "overlapping ranges": ["0-10", "5-15", "10-20"],
    "a number inside a range": ["10-20", "15", "30+"],
    "limits among words": ["NO", ">30", "<30"],
    "two units": ["10 kg", "500 g", "2 kg"],
    "streets": ["1 Main", "2 Main", "3 Main"],
    "fractions": ["1/2", "1/3", "1/4"],
    "addresses": ["1.2.3.4", "2.3.4.5", "5.6.7.8"],
    "versions": ["v1", "v2", "v3"],
    "flats": ["12A", "12B", "14C"],
}
CENSUS = [  # education-num 1 to 16
    *("Preschool", "1st-4th", "5th-6th", "7th-8th", "9th", "10th", "11th", "12th", "HS-grad"),
    *("Some-college", "Assoc-voc", "Assoc-acdm", "Bachelors", "Masters", "Prof-school"),
    "Doctorate",
]
PLAIN_SCALES = [scale for scale in SCALES if not scale.marks | scale.named]


def judged(labels, name="x", times=12, **options):
    cells = [label for label in labels for _ in range(times)]
    random.Random(len(cells)).shuffle(cells)
    return infer(pa.table({name: pa.array(cells, pa.string())}), **options)[name]


@pytest.mark.parametrize("case", RISING)
def test_labels_with_an_order_are_ordinal_in_it(case):
    column = judged(RISING[case])
    assert column.kind is Kind.ORDINAL
    assert list(column.levels) == RISING[case]


@pytest.mark.parametrize("case", UNORDERED)
def test_labels_whose_order_can_be_doubted_stay_categories(case):
    assert judged(UNORDERED[case]).kind is Kind.CATEGORY


def test_the_census_scale_rises_with_the_years_of_schooling():
    assert list(judged(CENSUS).levels) == CENSUS


def test_the_evidence_names_the_scale_and_counts_the_labels():
    first = judged(RISING["frequency"]).evidence[0]
    assert first == "all 5 labels are on the scale 'frequency', never to always"
    assert judged(RISING["half-open"]).evidence[0].startswith("all 3 labels are intervals")


def test_a_name_decides_where_letters_may_mean_anything():
    assert judged("ABCD", name="LoanGrade").levels == ("D", "C", "B", "A")
    assert judged(["A1", "B2", "C1"], name="language_level").levels == ("A1", "B2", "C1")
    assert judged(["A1", "B2", "C1"], name="seat").kind is Kind.CATEGORY
    assert judged(["Green", "Red", "Yellow"], name="risk").levels == ("Green", "Yellow", "Red")


def test_a_label_without_a_place_is_missing_and_comes_back():
    column = judged(["low", "medium", "high", "Unknown"])
    assert column.levels == ("low", "medium", "high")
    assert (column.nullable, column.format.null) == (True, "Unknown")
    assert any("12 cells hold 'Unknown'" in sentence for sentence in column.evidence)
    raw = pa.table({"x": pa.array(["low", "Unknown", "high", "medium"] * 9)})
    table = to_table(raw, infer(raw))
    assert table.arrow["x"].null_count == 9
    assert to_source(table)["x"].to_pylist() == raw["x"].to_pylist()


def test_two_ways_to_be_missing_leave_a_category():
    assert judged(["low", "medium", "high", "unknown", "not stated"]).kind is Kind.CATEGORY
    assert judged(["low", "medium", "high", "unknown", None]).kind is Kind.CATEGORY
    assert judged(["low", "medium", "high", None]).kind is Kind.ORDINAL


def test_none_is_a_level_where_the_scale_has_it_and_else_no_missing_value():
    assert judged(["None", "mild", "severe"]).levels == ("None", "mild", "severe")
    assert judged(["None", "1-2", "3+", "0"]).kind is Kind.CATEGORY


def test_a_declared_category_stays_one_with_all_its_labels():
    labels = ["low", "medium", "high", "unknown"]
    column = judged(labels, overrides={"x": Column(name="x", kind=Kind.CATEGORY)})
    assert (column.kind, column.levels, column.format.null) == (Kind.CATEGORY, None, "")


def test_the_order_goes_through_yaml():
    column = judged([*RISING["age bands"], "unknown"])
    schema = Schema(columns=(column,))
    again = parse_schema(yaml.safe_load(schema.to_yaml()))
    assert again == schema
    assert judged([*RISING["age bands"], "unknown"], overrides={"x": again["x"]}).levels == (
        column.levels
    )


def test_a_category_type_without_order_is_judged_by_its_labels():
    cells = pa.array(["medium", "low", "high"] * 9).dictionary_encode()
    raw = pa.table({"x": cells})
    column = infer(raw)["x"]
    assert column.levels == ("low", "medium", "high")
    assert column.evidence[0] == "the source says category"
    assert to_source(to_table(raw, infer(raw)))["x"].to_pylist() == raw["x"].to_pylist()
    unknown = pa.array(["medium", "low", "high", "unknown"] * 9).dictionary_encode()
    assert infer(pa.table({"x": unknown}))["x"].kind is Kind.CATEGORY


def test_an_order_told_by_the_source_stands_above_the_scale():
    words = pa.array(["high", "medium", "low"])
    cells = pa.DictionaryArray.from_arrays(pa.array([0, 2, 1] * 9), words, ordered=True)
    assert infer(pa.table({"x": cells}))["x"].levels == ("high", "medium", "low")


def test_a_rare_number_with_a_unit_is_not_listed_as_a_level():
    cells = ["10 years"] * 500 + ["20 years"] * 499 + ["73 years"]
    assert infer(pa.table({"x": pa.array(cells)}))["x"].levels is None


def test_more_labels_than_a_scale_can_have_are_not_ordered():
    assert judged([f"{10 * n}-{10 * n + 9}" for n in range(1, 60)]).kind is Kind.CATEGORY


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.name)
def test_a_scale_lists_each_spelling_once_and_in_its_plain_form(scale):
    words = [word for level in scale.levels for word in level]
    assert len(set(words)) == len(words)
    assert words == [plain(word) for word in words]
    assert scale.marks <= set(words)
    assert len(scale.levels) >= 3


def test_words_for_unknown_are_in_their_plain_form():
    assert list(UNPLACED) == [plain(word) for word in UNPLACED]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_levels_of_a_scale_come_out_in_its_order_or_not_at_all(data):
    scale = data.draw(st.sampled_from(PLAIN_SCALES))
    places = st.lists(st.sampled_from(range(len(scale.levels))), min_size=3, unique=True)
    picked = data.draw(places)
    write = data.draw(st.sampled_from([str, str.upper, str.title, lambda w: w.replace(" ", "_")]))
    words = {place: write(data.draw(st.sampled_from(scale.levels[place]))) for place in picked}
    column = judged(list(words.values()))
    if column.kind is Kind.ORDINAL:
        assert list(column.levels) == [words[place] for place in sorted(picked)]
    else:  # another scale sees these words in another order
        assert column.kind is Kind.CATEGORY


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 5_000), min_size=4, max_size=20, unique=True).map(sorted),
    st.sampled_from(
        ["{}-{}", "{} to {}", "[{},{})", "({}, {}]", "{}<=x<{}", "${}-${}", "{}–{} kg"]
    ),
    st.randoms(use_true_random=False),
)
def test_intervals_that_touch_are_ordered_by_their_numbers(edges, form, rng):
    labels = [form.format(a, b) for a, b in pairwise(edges)]
    shuffled = rng.sample(labels, len(labels))
    bands = read_bands(shuffled)
    assert bands is not None
    order = rising(bands)
    assert order is not None
    assert [shuffled[i] for i in order] == labels


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.from_regex(r"[A-E]{0,2}[0-9]{1,5}[A-ES]?", fullmatch=True), min_size=3, max_size=9)
)
def test_codes_are_never_ordered(codes):
    assert read_bands(codes) is None


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_any_text_can_be_asked(labels):
    bands = read_bands(labels)
    assert bands is None or len(bands) == len(labels)
    assert all(plain(plain(label)) == plain(label) for label in ["A-", "a + b", *RISING])


@given(
    st.permutations("abcdef"),
    st.sets(st.sampled_from("abcdef")),
    st.sets(st.sampled_from("abcdef")),
)
def test_a_common_order_agrees_with_both(levels, first, second):
    parts = [tuple(level for level in levels if level in part) for part in (first, second)]
    order = common_order(*parts)
    if order is not None:
        assert set(order) == first | second
        for part in parts:
            assert [level for level in order if level in part] == list(part)
    if first <= second and second:
        assert order == parts[1]


def test_orders_that_contradict_or_do_not_meet_have_none_in_common():
    assert common_order(("low", "high"), ("high", "low")) is None
    assert common_order(("low",), ("high",)) is None
    assert common_order(None, None) is None
    assert common_order(("low", "medium"), ("medium", "high")) == ("low", "medium", "high")

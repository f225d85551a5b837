import dataclasses
import inspect

import numpy as np
import pyarrow as pa
import pytest
from tests.metrics.metric_tables import people, resampled, shuffled, table

from likewise.core.errors import DataError, SchemaError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics import METRICS
from likewise.metrics.battery import STAGES, evaluate
from likewise.metrics.matched import matched
from likewise.metrics.proximity import dcr_share
from likewise.metrics.score import Score
from likewise.metrics.stages import STUDIES, answers, manifolds, slices, studied

STANDARD = {
    "tail_error",
    "missing_patterns",
    "query_error",
    "slice_error",
    "precision",
    "recall",
    "density",
    "coverage",
}
FULL = {metric.__name__ for metrics in STUDIES.values() for metric in metrics}
ASKED = set(METRICS) - {"leaked_identifiers"}  # of tables that have identifiers only
QUICK = ASKED - STANDARD - FULL


@pytest.fixture(scope="module")
def fair_copy():
    return evaluate(people(1500), people(1500, 1), people(600, 2), target="owner", full=True)


def test_every_registered_metric_is_measured_beside_a_floor(fair_copy):
    assert set(fair_copy.scores) == ASKED
    for name in ASKED:
        score = fair_copy.scores[name]
        assert score.name == name
        assert score.floor is not None
        assert callable(METRICS.load(name))
        assert list(inspect.signature(METRICS.load(name)).parameters)[:2] == ["real", "synth"]
    assert tuple(fair_copy.seconds) == STAGES


def test_a_second_real_sample_sits_at_the_floor(fair_copy):
    scores = fair_copy.scores
    for name in ("shape_error", "pair_error", "wasserstein", "missingness", "utility"):
        score = scores[name]
        assert score.interval[0] <= score.floor_interval[1]
        assert score.floor_interval[0] <= score.interval[1]
    low, high = scores["detector_auc"].interval
    assert low - 0.02 < 0.5 < high + 0.02
    assert fair_copy.sizes["compared"] == 600
    matrix = fair_copy.pairs.error
    assert matrix.shape == fair_copy.pairs.floor.shape == (4, 4)


def test_a_shuffled_column_stands_out_from_the_floor():
    synth = shuffled(people(1500, 1), "owner")
    scores = evaluate(people(1500), synth, people(1500, 2), quick=True).scores
    for name in ("pair_error", "detector_auc"):
        assert scores[name].interval[0] > scores[name].floor_interval[1]
    assert scores["shape_error"].value == pytest.approx(scores["shape_error"].floor, abs=0.02)


def test_results_repeat_and_do_not_depend_on_workers():
    tables = people(300), people(300, 1), people(150, 2)
    one, two = (
        evaluate(*tables, target="owner", seed=Seed(4), workers=w, quick=True) for w in (1, 2)
    )
    assert one.scores == two.scores
    assert one.columns == two.columns


def test_without_a_holdout_halves_are_compared_and_the_notes_say_so():
    found = evaluate(people(400), people(400, 1), quick=True)
    assert found.sizes["compared"] == 200
    assert found.scores["shape_error"].floor is not None
    assert "dcr_share" not in found.scores
    assert any("No holdout" in note for note in found.notes)


def measured_in(mode):
    return {"quick": QUICK, "standard": QUICK | STANDARD, "full": ASKED}[mode]


def evaluated(*tables, mode):
    return evaluate(*tables, quick=mode == "quick", full=mode == "full")


MODES = ("quick", "standard", "full")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("holdout", [True, False])
def test_every_score_has_an_interval_and_stands_beside_a_floor_with_one(holdout, mode):
    held = people(300, 2) if holdout else None
    scores = evaluated(people(1000), people(700, 1), held, mode=mode).scores
    assert set(scores) == measured_in(mode) - (set() if holdout else {"dcr_share"})
    for score in scores.values():
        for value, interval in (
            (score.value, score.interval),
            (score.floor, score.floor_interval),
        ):
            assert value is not None, score.name
            assert interval is not None, score.name
            assert interval[0] - 1e-9 <= value <= interval[1] + 1e-9 or score.name == "dcr_share"


def test_a_single_row_has_no_interval_and_no_floor_and_the_notes_say_so():
    real = people(200)
    one = evaluate(real, real.slice(0, 1), people(100, 1), quick=True)
    assert one.scores["range_coverage"].interval is None
    assert any("no intervals" in note for note in one.notes)
    alone = evaluate(real.slice(0, 1), real, quick=True)
    assert alone.scores["shape_error"].floor is None
    assert any("no floors" in note for note in alone.notes)


def test_halves_of_the_training_rows_cannot_tell_a_copier_so_dcr_share_needs_a_holdout():
    real = people(1000)
    halves = real.slice(0, 500), real.slice(500)
    seen = dcr_share(halves[0], resampled(real, 1000), holdout=halves[1])
    assert seen.value == pytest.approx(0.5, abs=0.05)
    found = evaluate(real, resampled(real, 1000), quick=True)
    assert any("dcr_share" in note and "copier" in note for note in found.notes)
    copies = found.scores["exact_copies"].value  # of the half that plays the training rows
    assert copies == pytest.approx(0.5, abs=0.06)
    assert any("half of its copies" in note for note in found.notes)


def test_a_missing_column_or_another_kind_is_refused():
    real = people(50)
    with pytest.raises(SchemaError, match=r"column 'city'.*missing"):
        evaluate(real, real.select(["age", "income", "owner"]))
    wrong = table({"city": Kind.INTEGER}, **{n: [1] * 50 for n in real.names})
    with pytest.raises(SchemaError, match="column 'city'"):
        evaluate(real, wrong)
    with pytest.raises(SchemaError, match="not in the table"):
        evaluate(real, real, target="nothing")
    with pytest.raises(DataError, match="no rows"):
        evaluate(real, real.slice(0, 0))


def test_column_order_extra_columns_and_number_types_do_not_matter():
    real = table(a=[1.0, 2.5] * 40, b=list("xy") * 40)
    synth = table(c=[1] * 80, b=list("xy") * 40, a=[1, 2] * 40)
    assert evaluate(real, synth, real, quick=True).scores["shape_error"].value == pytest.approx(
        0.25
    )


def degenerate():
    n = 60
    none = [None] * n
    return {
        "one row": table(x=[1.0], y=["a"]),
        "two rows": table(x=[1.0, 2.0], y=["a", "b"]),
        "one column": table(x=np.arange(float(n))),
        "one label": table(y=list("ab") * 30),
        "constant": table({"c": Kind.CONSTANT}, c=["k"] * n, x=[3] * n),
        "all missing": table({"x": Kind.NUMERIC, "y": Kind.CATEGORY}, x=none, y=none),
        "only keys": table({"k": Kind.KEY}, k=[str(i) for i in range(n)]),
        "texts": table({"t": Kind.TEXT}, t=["some words"] * n, x=np.arange(n)),
        "tiny": people(12),
        "huge numbers": table(x=[2.0**1000, -(2.0**1000)] * 30, i=[2**62, 5] * 30),
        "not finite": table(x=[np.inf, 1.0] * 30, y=list("ab") * 30),
        "names": table(**{"": [1, 2] * 30, "größe × 2": list("ab") * 30}),
    }


@pytest.mark.parametrize("holdout", [True, False])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", degenerate())
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_degenerate_tables_are_evaluated_and_the_notes_tell_what_was_left_out(name, mode, holdout):
    real = degenerate()[name]
    found = evaluated(real, real, real if holdout else None, mode=mode)
    assert {"shape_error", "pair_error", "missingness"} <= set(found.scores)
    for score in found.scores.values():
        assert np.isfinite(score.value)
    absent = measured_in(mode) - set(found.scores)
    assert all(any(n in note for note in found.notes) for n in absent) or real.rows == 1
    assert len(found.columns) == len(real.names)
    assert all(np.isfinite(column.error) for column in found.columns)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_one_synthetic_row_and_a_synthetic_table_without_values_are_evaluated():
    real = people(200)
    assert evaluate(real, real.slice(0, 1), real, full=True).sizes["compared"] == 1
    empty = Table(
        pa.table([pa.nulls(80, t) for t in real.arrow.schema.types], names=list(real.names)),
        real.schema,
    )
    found = evaluate(real, empty, people(200, 1), full=True)
    assert found.scores["shape_error"].value == 1
    assert found.scores["missingness"].value > 0.9


def test_keys_are_judged_by_how_many_are_distinct():
    ids = [str(i) for i in range(100)]
    real = table({"k": Kind.KEY}, k=ids, x=np.arange(100))
    synth = table({"k": Kind.KEY}, k=ids[:50] * 2, x=np.arange(100))
    found = evaluate(real, synth, real, quick=True)
    assert found.columns[0].error == 0.5
    assert found.columns[0].floor == 0
    assert dataclasses.asdict(found)["columns"][0]["labels"] == ()


@pytest.mark.long
def test_two_thousand_columns_are_evaluated():
    rng = np.random.default_rng(0)
    arrays = [pa.array(rng.normal(size=400)) for _ in range(2000)]
    narrow = table(**{f"c{i}": [0.5] for i in range(2000)})
    wide = Table(pa.table(arrays, names=list(narrow.names)), narrow.schema)
    found = evaluate(wide, wide.slice(0, 200), wide.slice(200), quick=True)
    assert any("columns at random" in note for note in found.notes)
    assert "of 1,999,000 pairs" in found.scores["pair_error"].note
    case = matched(
        wide, wide.slice(0, 200), wide.slice(200), target=None, seed=Seed(0), quick=False
    )
    names = {
        score.name
        for score in [*answers(case), slices(case)[0], *manifolds(case)]
        if isinstance(score, Score)
    }
    assert names == STANDARD - {"missing_patterns"}
    told = [found for stage in STUDIES for found in studied(case, "c7", stage)]
    assert [found.name for found in told[:3] if isinstance(found, Score)] == [
        "model_choice",
        "feature_ranking",
        "inference_overlap",
    ]
    assert all("no groups" in found for found in told[3:])

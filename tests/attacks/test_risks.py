"""Each attack on tables that leak in its way, and on tables that leak nothing."""

import numpy as np
import pyarrow as pa
import pytest
from tests.attacks.attack_tables import case, mixed, split, voters, weather, with_isolated
from tests.metrics.metric_tables import breast_cancer, people, table

from likewise.attacks import ATTACKS
from likewise.attacks.case import Case
from likewise.attacks.inference import inference
from likewise.attacks.linkability import dealt, linkability
from likewise.attacks.membership import membership, membership_white_box
from likewise.attacks.outliers import outliers
from likewise.attacks.singling_out import singling_out_multivariate, singling_out_univariate
from likewise.core.errors import ConfigError, DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.metrics.proximity import dcr_share

THREE = [singling_out_univariate, singling_out_multivariate, linkability, inference]
ALL = [*THREE, membership, outliers]


def sample(seed: int = 0) -> list[Table]:
    """Members, controls, and rows of neither."""
    return split(weather(), 2500, 2500, 2500, seed=seed)


@pytest.fixture(scope="module")
def learned_by_heart() -> Case:
    members, controls, _ = sample()
    return case(members, members, controls)


@pytest.fixture(scope="module")
def harmless() -> Case:
    members, controls, others = sample(1)
    return case(others, members, controls)


@pytest.mark.parametrize("attack", ALL, ids=lambda a: a.__name__)
def test_a_generator_that_learned_its_rows_by_heart_is_detected(attack, learned_by_heart):
    risk = attack(learned_by_heart)
    assert risk.verdict == "detected"
    assert risk.excess > risk.power
    assert risk.excess_interval[0] > 0
    assert risk.success > risk.baseline


@pytest.mark.parametrize("attack", ALL, ids=lambda a: a.__name__)
def test_a_second_real_sample_leaks_nothing(attack, harmless):
    risk = attack(harmless)
    assert risk.verdict == "not detected"
    assert risk.excess_interval[0] < 0.01
    assert risk.power < 0.3
    assert "would have been detected" in risk.note


def test_by_heart_nine_in_ten_are_found_at_one_false_alarm_in_a_hundred(learned_by_heart):
    risk = membership(learned_by_heart)
    assert risk.by["nearest distance: found at 1.0% false alarms"] >= 0.9
    assert risk.by["nearest distance: found at 0.1% false alarms"] >= 0.9
    assert risk.by["nearest distance: AUC, isolated"] > 0.99
    assert risk.success > 0.99


def test_seven_scores_are_tried_each_in_four_ways(harmless):
    by = membership(harmless).by
    assert len({name.partition(":")[0] for name in by}) == 7
    assert len(by) == 28


@pytest.mark.long
@pytest.mark.parametrize("by_value", [False, True])
def test_25_isolated_people_pasted_into_5000_mixed_rows_are_seen(by_value):
    """As the nearest-row share does not see them."""
    found, share = [], []
    for seed in range(10):
        members, controls, others = split(weather(), 5000, 5000, 5000, seed=seed)
        synth = with_isolated(members, mixed(others, seed), 25, by_value=by_value)
        found.append(outliers(case(synth, members, controls, seed)))
        if seed < 3:
            share.append(dcr_share(members, synth, holdout=controls, seed=Seed(seed)))
    assert np.mean([risk.p_value < 0.01 for risk in found]) >= 0.9
    assert all(s.value < s.floor_interval[1] + 0.01 for s in share)


def test_a_column_that_is_copied_while_all_others_are_blurred_is_inferred():
    members, controls, _ = split(breast_cancer(), 250, 250, 50)
    rng = np.random.default_rng(0)
    arrow = members.arrow
    for i, name in enumerate(members.names):
        if name not in {"mean radius", "target"}:
            values = members.numbers(name)
            blurred = values + rng.normal(size=len(values)) * 0.05 * values.std()
            arrow = arrow.set_column(i, name, pa.array(blurred))
    synth = Table(arrow, members.schema)
    others = [n for n in members.names if n not in {"mean perimeter", "mean area"}]
    members, controls, synth = (t.select(others) for t in (members, controls, synth))
    risk = inference(case(synth, members, controls), secrets=["mean radius", "target"])
    assert risk.verdict == "detected"
    assert max(risk.by, key=risk.by.get) == "mean radius"


def test_columns_that_predict_each_other_are_no_leak():
    """Anybody's twin is inferred from the other: of controls as well."""
    rng = np.random.default_rng(0)
    tables = [table(x=(v := rng.normal(size=800)), twin=v * 2, z=rng.random(800)) for _ in "abc"]
    synth, members, controls = tables
    risk = inference(case(synth, members, controls), secrets=["twin"])
    assert risk.success > 0.8
    assert risk.control > 0.8
    assert risk.baseline < 0.2
    assert risk.verdict != "detected"


def test_halves_of_columns_are_disjoint_whole_and_about_as_telling(harmless):
    one, two = dealt(harmless)
    assert sorted(one + two) == sorted(harmless.names)
    assert abs(len(one) - len(two)) <= 1
    named = linkability(harmless, halves=(["month", "temp"], ["dewp", "humid"]))
    assert "2 columns against 2" in named.note
    with pytest.raises(ConfigError, match="overlap"):
        linkability(harmless, halves=(["month"], ["month"]))


def test_a_model_that_finds_its_rows_likelier_is_detected_by_its_own_word(harmless):
    members = {tuple(row.values()) for row in harmless.planted.arrow.to_pylist()}
    rng = np.random.default_rng(0)

    def honest(rows: Table) -> np.ndarray:
        return rng.normal(size=rows.rows)

    def overfitted(rows: Table) -> np.ndarray:
        known = [tuple(row.values()) in members for row in rows.arrow.to_pylist()]
        return honest(rows) + np.array(known)

    assert membership_white_box(harmless, honest).verdict == "not detected"
    told = membership_white_box(harmless, overfitted)
    assert told.verdict == "detected"
    assert told.success == pytest.approx(0.76, abs=0.05)
    with pytest.raises(DataError, match="one number per row"):
        membership_white_box(harmless, lambda rows: np.zeros((rows.rows, 2)))


def test_a_log_probability_of_minus_infinity_or_nan_is_just_the_lowest(harmless):
    risk = membership_white_box(harmless, lambda rows: np.full(rows.rows, np.nan))
    assert risk.by["log-probability: AUC"] == pytest.approx(0.5)


def test_rows_that_several_people_share_are_not_attacked():
    half = people(600, 0)
    members, controls = half, half.take(np.arange(600))
    for attack in ALL:
        risk = attack(case(members, members, controls))
        assert risk.verdict == "inconclusive"
        assert risk.p_value is None
        assert "occurs once" in risk.note


def test_few_distinct_rows_are_no_leak():
    rng = np.random.default_rng(0)
    tables = [table(a=rng.choice(list("abc"), 3000), b=rng.choice(list("xy"), 3000)) for _ in "123"]
    for attack in ALL:
        assert attack(case(*tables)).verdict == "inconclusive"


def test_few_people_are_said_to_be_too_few():
    members, controls, others = split(voters(), 90, 90, 90)
    for attack in ALL:
        risk = attack(case(others, members, controls))
        assert risk.verdict == "inconclusive"
        assert "fewer than 50" in risk.note


def test_controls_from_elsewhere_make_the_answer_inconclusive_not_a_leak():
    late = weather().take(np.flatnonzero(weather().numbers("month") > 8))
    early = weather().take(np.flatnonzero(weather().numbers("month") <= 8))
    members, others = split(early, 2000, 2000)
    risk = membership(case(others, members, split(late, 2000)[0]))
    assert risk.verdict == "inconclusive"
    assert "no random split" in risk.note


def test_keys_take_no_part_and_one_column_is_enough_for_what_needs_one():
    rng = np.random.default_rng(0)
    tables = [
        table({"id": Kind.KEY}, id=[f"{k}{i}" for i in range(800)], x=rng.normal(size=800))
        for k in "abc"
    ]
    found = {name: ATTACKS.load(name) for name in ATTACKS if name != "membership_white_box"}
    risks = {name: run(case(*tables)) for name, run in found.items()}
    assert risks["linkability"].verdict == risks["inference"].verdict == "inconclusive"
    assert "fewer than two columns" in risks["linkability"].note
    assert all(risk.verdict != "detected" for risk in risks.values())
    assert risks["membership"].p_value is not None

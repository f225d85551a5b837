"""Facts of payments against answers known by hand, and settings found again from data."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.metrics import roc_auc_score

from likewise.core.errors import ConfigError, DataError
from likewise.simulate.facts import measured
from likewise.simulate.model import plain
from likewise.simulate.payments import Payments
from likewise.simulate.payments_detect import auc, column_auc, features
from likewise.simulate.payments_graph import graph_facts, motifs, tail_exponent

DAYS = 28 * 24


def test_motifs_are_those_that_counting_by_hand_finds() -> None:
    ties = (np.random.default_rng(2).random((9, 9)) < 0.3).astype(float)
    np.fill_diagonal(ties, 0)
    found = motifs(sparse.csr_array(ties))
    three, four = (list(itertools.permutations(range(9), n)) for n in (3, 4))
    assert found["triangles"] == sum(ties[a, b] * ties[b, c] * ties[a, c] for a, b, c in three)
    assert found["cycles_3"] == sum(ties[a, b] * ties[b, c] * ties[c, a] for a, b, c in three) / 3
    assert found["cycles_4"] == (
        sum(ties[a, b] * ties[b, c] * ties[c, d] * ties[d, a] for a, b, c, d in four) / 4
    )
    assert found["scatter_gather_4"] == (
        sum(ties[a, b] * ties[a, c] * ties[b, d] * ties[c, d] for a, b, c, d in four) / 2
    )


def test_a_graph_of_two_circles_has_no_tail_and_two_components() -> None:
    at = np.arange(120)
    ring = np.where(at % 60 == 59, at - 59, at + 1)
    found = graph_facts(np.repeat(at, 3), np.repeat(ring, 3))
    assert found["largest_component"] == 0.5
    assert found["reciprocity"] == found["triangles"] == found["cycles_4"] == 0
    assert graph_facts(at[:50], ring[:50]) == {}


@pytest.mark.parametrize("exponent", [2.2, 2.8])
def test_the_exponent_of_a_power_law_is_found(exponent: float) -> None:
    counts = np.random.default_rng(1).zipf(exponent, 20_000)
    assert tail_exponent(counts) == pytest.approx(exponent, abs=0.1)


def test_auc_is_that_of_scikit_learn_ties_included() -> None:
    rng = np.random.default_rng(0)
    score, bad = rng.integers(0, 20, 3000).astype(float), rng.random(3000) < 0.1
    assert auc(score, bad) == pytest.approx(roc_auc_score(bad, score))


def test_a_column_that_gives_the_label_away_is_found_also_if_its_order_does_not() -> None:
    rng = np.random.default_rng(0)
    bad = rng.random(4000) < 0.05
    middle = np.where(bad, rng.normal(0, 0.05, 4000), rng.choice([-1, 1], 4000) + 0.1)
    table = pa.table({"noise": rng.random(4000), "middle": middle, "is_fraud": bad})
    found = column_auc(table, bad)
    assert found.keys() == {"noise", "middle"}
    assert found["middle"] > 0.95
    assert found["noise"] < 0.6


def test_a_detector_sees_only_what_was_before() -> None:
    table = Payments(clients=300, fraud=0).run(72, seed=1).table("transactions")
    names = features(table)[1]
    past = [i for i, name in enumerate(names) if not name.endswith("_count")]
    whole, half = features(table)[0], features(table.slice(0, 400))[0]
    first_payment = names.index("recent_4")  # its limit is a tenth of the mean payment of all rows
    kept = [i for i in past if i != first_payment]
    assert np.array_equal(whole[:400][:, kept], half[:, kept])


def test_facts_lie_within_their_bands() -> None:
    simulator = Payments(clients=5000)
    facts = measured(simulator, plain(simulator.run(DAYS, seed=1).tables()))
    assert [f"{fact.name} {fact.value:.4g}" for fact in facts if fact.inside is False] == []
    assert {fact.name for fact in facts} == set(Payments.bands)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 16))
def test_facts_lie_within_their_bands_at_default_settings(seed: int) -> None:
    facts = measured(Payments(), plain(Payments().run(seed=seed).tables()))
    assert [f"{fact.name} {fact.value:.4g}" for fact in facts if fact.inside is False] == []


def test_bands_are_missed_by_what_is_not_like_payments() -> None:
    rng = np.random.default_rng(0)
    n = 30_000
    bad = rng.random(n) < 0.02
    table = pa.table({
        "time": np.sort(rng.integers(0, 28 * 86_400, n)), "type": ["transfer"] * n,
        "amount": np.where(bad, 700.0, np.round(rng.uniform(500, 600, n), 2)),
        "from_id": rng.integers(0, 2000, n), "to_id": rng.integers(0, 2000, n), "is_fraud": bad,
    })  # fmt: skip
    missed = {
        f.name for f in measured(Payments(fraud=0.01), {"transactions": table}) if f.inside is False
    }
    assert missed >= {
        "fraud_as_asked", "hours_off", "weekdays_off", "amount_sigma", "benford_mad",
        "worst_column_auc", "detector_pr_auc", "degree_tail", "reciprocity",
    }  # fmt: skip


def test_only_what_tables_allow_is_measured() -> None:
    amounts = pa.table({"amount": np.random.default_rng(0).lognormal(3, 1, 500)})
    found = Payments().facts({"transactions": amounts})
    assert found.keys() == {"amount_sigma", "round_amounts", "benford_mad"}
    assert found["amount_sigma"] == pytest.approx(1, abs=0.15)
    assert Payments().facts({"transactions": amounts.slice(0, 199)}) == {}


def test_settings_are_found_again_in_the_tables_they_made() -> None:
    true = Payments(
        clients=2000, merchants=200, rates=(1.5, 0.3, 0.05, 0.2, 0), means=(20, 100, 200, 80, 50),
        stds=(30, 150, 200, 60, 50), spread=1.2, fraud=0.004, hours=tuple(range(1, 25)),
        weekdays=(1, 1, 1, 1, 2, 2, 1), rounds=(0.1, 0.5, 0.2, 0.8, 0), mules=0.02,
        overdraft=3, lookalikes=0,
    )  # fmt: skip
    data = plain(true.run(DAYS, seed=3).tables())
    found = Payments().fit(data, seed=1).simulator
    assert (found.clients, found.merchants) == (2000, 200)
    assert found.rates == pytest.approx(true.rates, rel=0.05)
    assert found.means[:4] == pytest.approx(true.means[:4], rel=0.1)
    assert found.means[4] == Payments().means[4]  # nothing is known of what did not happen
    assert found.stds[:4] == pytest.approx(true.stds[:4], rel=0.25)
    assert found.rounds[:4] == pytest.approx(true.rounds[:4], abs=0.02)
    assert found.spread == pytest.approx(1.2, abs=0.1)
    assert found.contacts == pytest.approx(4, rel=0.3)
    assert found.savings == pytest.approx(2, rel=0.3)
    assert found.fraud == pytest.approx(0.004, rel=0.15)
    assert np.array(found.hours) == pytest.approx(np.arange(1, 25) / 300, abs=0.003)
    weekdays = np.array(found.weekdays)
    assert weekdays / weekdays.mean() == pytest.approx(np.array([7, 7, 7, 7, 14, 14, 7]) / 9, 0.03)


def test_ids_and_labels_may_be_texts() -> None:
    few = Payments(clients=1000, fraud=0.005, mules=0.05, launderers=0.01, fraudsters=0.01)
    table = plain(few.run(7 * 24, seed=1).tables())["transactions"]
    texts = table
    for name in ("from_id", "to_id", "is_fraud", "amount"):
        place = texts.column_names.index(name)
        texts = texts.set_column(place, name, table[name].cast(pa.string()))
    assert few.estimate({"transactions": texts}) == few.estimate({"transactions": table})
    both = [few.facts({"transactions": one}) for one in (texts, table)]
    for name in both[0].keys() - {"worst_column_auc"}:  # of texts there is no order
        assert both[0][name] == pytest.approx(both[1][name], rel=0.1), name
    wrong = texts.set_column(5, "amount", pa.array(["much"] * len(texts)))
    with pytest.raises(DataError, match="column 'amount': not all are numbers"):
        few.fit({"transactions": wrong}, seed=1)


def test_times_may_be_timestamps_and_both_sides_one_account() -> None:
    rng = np.random.default_rng(0)
    day = np.datetime64("2024-01-01")  # a Monday
    hour = rng.choice([9, 15], 2000, p=[0.75, 0.25])
    time = (
        day + rng.choice([0, 7, 12], 2000) * np.timedelta64(1, "D") + hour * np.timedelta64(1, "h")
    )
    table = pa.table({
        "time": np.append(time, day + np.timedelta64(13, "D")).astype("datetime64[s]"),
        "amount": np.full(2001, 50.0), "account_id": rng.integers(0, 100, 2001),
    })  # fmt: skip
    found = Payments().estimate({"transactions": table})
    assert found["clients"] == 100
    assert np.flatnonzero(np.array(found["hours"]) > 0.01).tolist() == [9, 15]
    assert np.flatnonzero(np.array(found["weekdays"]) > 0.1).tolist() == [0, 5]
    assert found["rates"] == pytest.approx((2001 / 100 / 14, 0, 0, 0, 0))
    assert found["rounds"][0] == 1.0
    assert found["stds"][0] == 0.0
    Payments(**found, fraud=0).run(2, seed=1)


def test_aggregates_are_added_up_by_the_law_of_total_variance() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.lognormal(3, 0.5, n) for n in (300, 700)]
    rows = pa.table({
        "action": ["PAYMENT", "PAYMENT", "CASH_IN"], "day": [1, 1, 2], "hour": [9, 18, 9],
        "count": [300, 700, 100], "avg": [*(p.mean() for p in parts), 12.0],
        "std": [*(p.std() for p in parts), 3.0],
    })  # fmt: skip
    found = Payments(clients=50).estimate({"aggregates": rows})
    both = np.concatenate(parts)
    assert found["means"][0] == pytest.approx(both.mean())
    assert found["stds"][0] == pytest.approx(both.std())
    assert (found["means"][2], found["stds"][2]) == (12.0, 3.0)
    assert found["rates"] == pytest.approx((1000 / 100, 0, 100 / 100, 0, 0))
    assert (found["hours"][9], found["hours"][18]) == pytest.approx((400 / 1100, 700 / 1100))


def test_published_numbers_become_settings_and_others_stay() -> None:
    facts = {"payment_mean": 30, "transfer_rate": 0.5, "fraud_share": 0.001, "clients": 700}
    facts |= {f"hour_{i}": i for i in range(24)}
    found = Payments().fit(facts=facts, seed=1).simulator
    assert found.means == (30, *Payments().means[1:])
    assert found.rates[1] == 0.5
    assert (found.fraud, found.clients) == (0.001, 700)
    assert found.hours == tuple(range(24))
    assert found.weekdays == Payments().weekdays


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"payment_men": 3}, "'payment_men'"),
        ({"payment_mean": 0}, "'payment_mean'"),
        ({"debit_std": -1}, "'debit_std'"),
        ({"hour_3": 0.5}, "1 of 24"),
        ({"fraud_share": 0.9}, "'fraud'"),
        ({"cash_in_round": 1.5}, "'rounds"),
    ],
)
def test_published_numbers_that_cannot_be_are_refused(facts: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Payments().fit(facts=facts, seed=1)


def test_too_little_or_unusable_data_are_refused() -> None:
    few = pa.table({"amount": [1.0] * 199 + [float("nan")] * 50})
    with pytest.raises(DataError, match="199 transactions"):
        Payments().fit({"transactions": few}, seed=1)
    unknown = pa.table({"amount": [1.0] * 300, "type": ["PRIJEM"] * 300})
    with pytest.raises(DataError, match="no type that is known"):
        Payments().fit({"transactions": unknown}, seed=1)
    sampled = pa.table({"amount": [1.0] * 300, "is_fraud": [True, False] * 150})
    with pytest.raises(DataError, match="50 % are labelled"):
        Payments().fit({"transactions": sampled}, seed=1)
    with pytest.raises(DataError, match="a column is missing"):
        Payments().fit({"aggregates": pa.table({"type": ["payment"], "count": [3]})}, seed=1)

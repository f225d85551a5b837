from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Ran

import likewise
from likewise.core.errors import ConfigError
from likewise.jobs.balance import parse_balance

Call = Callable[..., Ran]


@pytest.fixture
def model(people_csv: Path) -> likewise.Model:
    return likewise.fit(people_csv, generator="independent", seed=1)


def test_equal_shares_are_equal_up_to_one_row(model: likewise.Model) -> None:
    drawn = model.sample(402, seed=1, balance={"city": "equal"})
    counts = Counter(drawn.column("city").to_pylist())
    assert sorted(counts.values()) == [100, 100, 101, 101]
    assert Counter(model.sample(10, seed=1, balance={"member": "equal"})["member"].to_pylist()) == {
        "yes": 5,
        "no": 5,
    }


def test_named_shares_hold_together_with_a_condition(model: likewise.Model) -> None:
    wanted = {"city": {"Basel": 0.75, "Dijon": 0.25}}
    drawn = model.sample(200, seed=1, balance=wanted, where="age > 50")
    assert Counter(drawn.column("city").to_pylist()) == {"Basel": 150, "Dijon": 50}
    assert min(int(age) for age in drawn.column("age").to_pylist()) > 50
    assert drawn.column("city").to_pylist()[:150] != ["Basel"] * 150  # in any order


def test_the_command_reads_shares(people_csv: Path, command: Call, model: likewise.Model) -> None:
    path, out = people_csv.with_name("m"), people_csv.with_name("o.csv")
    model.save(path)
    for said in ("city=Basel:0.5,Aachen:0.5", "city={Basel: 0.5, 'Aachen': 0.5}"):
        ran = command("sample", path, "-n", 20, "--balance", said, "-o", out, "--seed", 1)
        assert ran.code == 0, ran.err
        cities = Counter(line.split(",")[3] for line in out.read_text().splitlines()[1:])
        assert cities == {"Basel": 10, "Aachen": 10}


def test_what_cannot_be_balanced_is_refused(model: likewise.Model) -> None:
    for balance, match in (
        ({"town": "equal"}, "no such column"),
        ({"age": "equal"}, "Name levels"),
        ({"city": {"Basel": 0.5}}, "sum to 0.5"),
        ({"city": {"Basel": -0.5, "Aachen": 1.5}}, "a share of -0.5, below 0"),
        ({"city": {"Basel": float("nan"), "Aachen": 1}}, "a share that is no number"),
        ({"city": "even"}, "share of 0 or more"),
        ({"city": "equal", "member": "equal"}, "2 columns"),
    ):
        with pytest.raises(ConfigError, match=match):
            model.sample(10, balance=balance)
    for text in ("city", "city=", "city=Basel", "city=Basel:much"):
        with pytest.raises(ConfigError):
            parse_balance(text)
    assert parse_balance("income=>50K:0.3,<=50K:0.7") == {"income": {">50K": 0.3, "<=50K": 0.7}}


def test_a_condition_against_the_balanced_levels_names_them_not_given_rows(
    model: likewise.Model,
) -> None:
    with pytest.raises(ConfigError, match="given or balanced contradict it"):
        model.sample(10, balance={"city": "equal"}, where="city = 'Basel'")

"""Populations: births, deaths, rows that stay, ids that never come again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likewise.core.errors import ConfigError
from likewise.simulate import Population


def test_columns_are_written_in_place_and_as_a_whole() -> None:
    people = Population(3, age=[10, 20, 30], money=0.5)
    people.age += 1
    people.money[people.age > 20] = 2
    people.age = people.age[::-1]
    assert people.age.tolist() == [31, 21, 11]
    assert people.money.tolist() == [0.5, 2, 2]


def test_the_dead_leave_their_row_to_newborns_but_not_their_id() -> None:
    people = Population(3, age=[10, 20, 30])
    people.remove(np.array([1]))
    assert people.rows.tolist() == [0, 2]
    rows = people.add(2, age=0)
    assert rows.tolist() == [1, 3]
    assert people.id.tolist() == [0, 3, 2, 4]
    assert people.age.tolist() == [10, 0, 30, 0]
    assert people.living()["id"].tolist() == [0, 2, 3, 4]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20), st.integers(0, 4))
def test_the_living_are_those_born_less_those_who_died(
    steps: list[tuple[int, int]], size: int
) -> None:
    people, alive = Population(size, mark=np.arange(size)), set(range(size))
    born = size
    for births, deaths in steps:
        people.add(births, mark=born + np.arange(births))
        alive |= set(range(born, born + births))
        born += births
        dying = people.rows[:deaths]
        alive -= set(people.id[dying].tolist())
        people.remove(dying)
    assert len(people) == len(alive)
    assert people.ever_lived == born
    assert set(people.ids.tolist()) == alive
    assert (people.mark[people.rows] == people.ids).all()  # a row keeps its values


def test_what_cannot_be_is_told() -> None:
    people = Population(3, age=1)
    with pytest.raises(ConfigError, match=r"column 'agee': no such column\. Did you mean 'age'\?"):
        people.agee  # noqa: B018
    with pytest.raises(ConfigError, match="2 values for 3 agents"):
        Population(3, age=[1, 2])
    with pytest.raises(ConfigError, match="-1 agents"):
        Population(-1)
    with pytest.raises(ConfigError, match="newborns without a value"):
        people.add(1)
    with pytest.raises(ConfigError, match="'size': no such column"):
        people.add(1, age=1, size=2)
    with pytest.raises(ConfigError, match="a name that populations use"):
        Population(1, rows=3)
    with pytest.raises(ConfigError, match="Form"):
        Population(1, city="Basel")
    with pytest.raises(ConfigError, match="add or remove"):
        people.alive = False
    people.remove([0])
    for rows in ([0], [1, 1]):
        with pytest.raises(ValueError, match="twice, or was not alive"):
            people.remove(rows)

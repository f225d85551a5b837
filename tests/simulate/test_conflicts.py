"""Conflicts are settled fairly, and as far as there is room."""

import numpy as np
import pytest
from scipy import stats

from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed
from likewise.simulate.conflicts import at_most, one_each, paired, some_of
from likewise.simulate.draws import Draws

RNG = np.random.default_rng(0)


def test_each_target_goes_to_one_of_those_who_want_it() -> None:
    targets = RNG.integers(-1, 50, 400)
    won = one_each(targets, np.arange(400), Draws(Seed(1)))
    assert sorted(targets[won]) == sorted(set(targets[targets >= 0]))


def test_everybody_has_the_same_chance() -> None:
    targets, agents = np.array([3, 3, 3, 5]), np.arange(4)
    wins = sum(one_each(targets, agents, Draws(Seed(s))).astype(int) for s in range(3000))
    assert wins[3] == 3000
    assert stats.chisquare(wins[:3]).pvalue > 1e-4


def test_no_target_takes_more_than_it_has_room_for() -> None:
    targets, room = RNG.integers(0, 20, 300), RNG.integers(0, 30, 20)
    won = at_most(targets, room, np.arange(300), Draws(Seed(1)))
    wanted = np.bincount(targets, minlength=20)
    assert (np.bincount(targets[won], minlength=20) == np.minimum(wanted, room)).all()


def test_pairs_are_of_one_place_and_as_many_as_there_can_be() -> None:
    seeking, offering = RNG.integers(0, 30, 100), RNG.integers(0, 40, 70)
    left, right = paired(np.arange(100), np.arange(70), seeking, offering, Draws(Seed(1)))
    assert (seeking[left] == offering[right]).all()
    assert len(set(left)) == len(left)
    assert len(set(right)) == len(right)
    have, offered = (np.bincount(places, minlength=40) for places in (seeking, offering))
    assert len(left) == np.minimum(have, offered).sum()
    nobody = np.empty(0, np.int64)
    assert [len(p) for p in paired(nobody, nobody, nobody, nobody, Draws(Seed(1)))] == [0, 0]


def test_agents_get_different_options() -> None:
    cells = np.array([4, 8, 15, 16, 23])
    got = some_of(cells, np.arange(5), Draws(Seed(1)))
    assert sorted(got) == cells.tolist()
    with pytest.raises(ConfigError, match="6 agents for 5 options"):
        some_of(cells, np.arange(6), Draws(Seed(1)))

"""Rows chosen among candidates follow the data, where what draws the candidates does not."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from tests.generators.made_levels import block, chain, encoded, learn, rng

from likewise.core.artifact import load, save
from likewise.core.progress import Deadline
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.encode.layout import NOTHING, Encoded, Evidence, Layout
from likewise.generators.independent import Independent
from likewise.generators.levels import Levels
from likewise.generators.refined import Ratio, Refined, refined

ROWS = 8_000
LAYOUT = Layout(tuple(block(name, 2, ordered=False) for name in "abc"))
PAIRS = [(0, 1), (1, 2), (0, 2)]


@dataclass(frozen=True)
class Coins:
    """Levels that know nothing: every code a fair coin, each row of the weight its number has."""

    weighted: bool
    notes: tuple[str, ...] = ()

    def exact(self, evidence: Evidence) -> bool:  # noqa: ARG002
        return not self.weighted

    def draw(
        self, rows: int, rng: np.random.Generator, evidence: Evidence = NOTHING
    ) -> tuple[Encoded, np.ndarray | None]:
        codes = rng.integers(0, 2, (rows, 3)).astype(np.int32)
        for i, (given, _) in evidence.fixed.items():
            codes[:, i] = given
        # only every second candidate agrees with what is known, if weights are asked for
        weight = np.where(codes[:, 0] == codes[:, 1], 0.0, -np.inf) if self.weighted else None
        return encoded(codes), weight


def learned(
    levels: Levels, real: np.ndarray, *, run: Run | None = None, seconds: float = 60.0
) -> Levels:
    run, options = run or Run(), {"candidates": 4, "seconds": seconds, "row_seconds": 1e-6}
    return refined(levels, encoded(real), LAYOUT, **options, seed=Seed(1), run=run)


def plain(ratio: Ratio) -> Ratio:
    """As the trees tell it."""
    return replace(ratio, shift=np.zeros_like(ratio.shift))


@pytest.fixture(scope="module")
def ratio() -> Ratio:
    found = learned(Coins(False), chain(ROWS))
    assert isinstance(found, Refined)
    return plain(found.ratio)


def agreement(rows: Encoded) -> list[float]:
    return [float((rows.codes[:, i] == rows.codes[:, k]).mean()) for i, k in PAIRS]


def test_the_ratio_is_that_of_the_densities(ratio: Ratio) -> None:
    every = np.array(list(np.ndindex(2, 2, 2)), dtype=np.int32)
    a, b, c = every.T
    true = np.where(a, 0.3, 0.7) * np.where(a == b, 0.9, 0.1) * np.where(b == c, 0.9, 0.1) * 8
    off = ratio.log(every) - np.log(true)
    chance = 3 / np.sqrt(ROWS * true / 8)  # three standard errors of the rows there are
    assert (np.abs(off - off.mean()) < 0.05 + chance).all()


def test_chosen_rows_have_the_dependence_that_candidates_lack(ratio: Ratio) -> None:
    drawn, weight = Refined(Coins(False), ratio, 32).draw(20_000, rng())
    assert weight is None
    np.testing.assert_allclose(agreement(drawn), agreement(encoded(chain(ROWS))), atol=0.02)
    assert abs(drawn.codes[:, 0].mean() - 0.3) < 0.02


def test_more_candidates_come_closer(ratio: Ratio) -> None:
    off = [
        0.9 - agreement(Refined(Coins(False), ratio, candidates).draw(20_000, rng())[0])[0]
        for candidates in (1, 2, 8)
    ]
    assert off[0] > off[1] > off[2]


def test_each_row_keeps_what_is_given_in_it(ratio: Ratio) -> None:
    given = (np.arange(100_000) % 3 == 0).astype(np.int32)  # more rows than are drawn at once
    evidence = Evidence({2: (given, np.zeros(len(given), dtype=np.float32))}, {})
    drawn, _ = Refined(Coins(False), ratio, 8).draw(len(given), rng(), evidence)
    assert (drawn.codes[:, 2] == given).all()
    assert abs((drawn.codes[:, 1] == given).mean() - 0.88) < 0.03


def test_no_rows_are_drawn_where_none_are_asked_for(ratio: Ratio) -> None:
    drawn, weight = Refined(Coins(True), ratio, 4).draw(0, rng())
    assert weight is not None
    assert drawn.rows == len(weight) == 0


def test_weights_of_candidates_count_and_are_handed_on(ratio: Ratio) -> None:
    drawn, weight = Refined(Coins(True), ratio, 2).draw(20_000, rng())
    assert weight is not None
    agrees = drawn.codes[:, 0] == drawn.codes[:, 1]
    assert (agrees == np.isfinite(weight)).all()
    assert abs(agrees.mean() - 0.75) < 0.01  # unless both candidates of a row disagree


def test_the_same_seed_chooses_the_same_rows_from_a_loaded_model(
    ratio: Ratio, tmp_path: Path
) -> None:
    inner = learn(Independent(), encoded(chain(ROWS)), *LAYOUT.blocks)
    model = Refined(inner, ratio, 4)
    save(model, tmp_path / "levels.likewise")
    one, two = (m.draw(300, rng())[0] for m in (model, load(tmp_path / "levels.likewise")))
    assert (one.codes == two.codes).all()


def test_shares_that_were_right_stay_right_with_few_candidates() -> None:
    real = chain(5 * ROWS)
    real = real[(real.sum(axis=1) < 3) | (np.arange(len(real)) % 3 == 0)]  # a lopsided dependence
    inner = learn(Independent(), encoded(real), *LAYOUT.blocks)
    found = learned(inner, real)
    assert isinstance(found, Refined)

    def off(levels: Levels) -> float:
        drawn, _ = levels.draw(50_000, rng())
        return float(np.abs(drawn.codes.mean(axis=0) - real.mean(axis=0)).max())

    assert 3 * off(found) < off(replace(found, ratio=plain(found.ratio)))


def test_shares_of_rare_labels_are_left_to_chance() -> None:
    labels, rows = Layout((block("label", 40, ordered=False), block("other", 2))), 1_200
    shares = np.array([0.6, 0.3, *np.full(38, 0.1 / 38)])

    def drawn(count: int, seed: int) -> np.ndarray:
        stream = np.random.default_rng(seed)
        return np.stack([stream.choice(40, count, p=shares), stream.integers(0, 2, count)], axis=1)

    coins = encoded(drawn(3 * rows, 0))
    ratio = Ratio.fit(drawn(rows, 1), coins.codes[: 2 * rows], labels, 100, Seed(1))
    found = ratio.balanced(drawn(rows, 2), coins.codes[2 * rows :], labels, 4)
    assert np.abs(found.shift).max() < 0.5
    assert len(np.unique(found.shift[2:40])) == 1


def test_the_share_of_missing_cells_is_set_by_itself() -> None:
    layout, stream = Layout((block("x", 41, missing=True, inside=True), block("y", 2))), rng()

    def drawn(missing: float) -> np.ndarray:
        codes = stream.integers(1, 41, (20_000, 2)).astype(np.int32)
        codes[:, 1] %= 2
        codes[stream.random(20_000) < missing, 0] = 0
        return codes

    ratio = Ratio.fit(drawn(0.04), drawn(0.04), layout, 100, Seed(1))
    found = ratio.balanced(drawn(0.04), drawn(0.02), layout, 4)
    assert found.shift[0] > 0.4
    assert np.abs(found.shift[1:]).max() < 0.2


def test_levels_stay_as_they_are_where_nothing_can_be_told_apart() -> None:
    coins = np.random.default_rng(0).integers(0, 2, (ROWS, 3)).astype(np.int32)
    assert learned(Coins(False), coins) == Coins(False)


def test_levels_stay_as_they_are_with_too_few_rows_or_seconds_or_when_cut_off() -> None:
    assert learned(Coins(False), chain(ROWS), seconds=1e-3) == Coins(False)
    assert learned(Coins(False), chain(50)) == Coins(False)
    cut = Coins(False, ("time ran out",))
    assert learned(cut, chain(ROWS)) == cut


def interrupt(stage: str, done: int, total: int) -> None:
    if done:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("run", "why"),
    [(Run(deadline=Deadline(0)), "time ran out"), (Run(progress=interrupt), "interrupted")],
)
def test_what_ends_it_early_leaves_the_rows_as_they_are_and_says_so(run: Run, why: str) -> None:
    found = learned(Coins(False), chain(ROWS), run=run)
    assert isinstance(found, Coins)
    assert why in found.notes[0]


def test_ctrl_c_ends_it_where_there_is_a_checkpoint_to_go_on_from(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        learned(Coins(False), chain(ROWS), run=Run(progress=interrupt, checkpoint=tmp_path))

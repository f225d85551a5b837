"""The training loop: finds the optimum, can be cut off and resumed, and says what went wrong."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from tests.nn.tiny_learners import BLOCKS, Exploding, Interrupting, Margins, entropy, run, table

from likewise.core.artifact import load, save
from likewise.core.errors import ConfigError
from likewise.core.seeds import Seed
from likewise.nn.feed import Feed, split_rows
from likewise.nn.train import Plan, Trained, train
from likewise.nn.weights import Weights

PLAN = Plan(steps=400, batch=256, chunk=20, patience=0)


def learn(plan: Plan = PLAN, rows: int = 2_000, **options: object) -> Trained:
    circumstances = options.pop("run", run())
    seed = options.pop("seed", Seed(1))
    learner = options.pop("learner", Margins())
    return train(
        learner,
        BLOCKS,
        table(rows),
        plan,
        seed=seed,
        run=circumstances,
        **options,  # type: ignore[arg-type]
    )


def same(left: Trained, right: Trained) -> bool:
    pairs = zip(jax.tree.leaves(left.params), jax.tree.leaves(right.params), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_the_known_optimum_is_found() -> None:
    found = learn(replace(PLAN, holdout=0.5))
    learned, held = split_rows(2_000, share=0.5, most=2_048, seed=Seed(1))
    assert abs(found.score - entropy(table()[held])) < 0.02
    assert found.steps == 400
    assert found.notes == ()
    assert len(learned) == len(held) == 1_000


def test_the_same_seed_gives_the_same_parameters_and_another_one_others() -> None:
    assert same(learn(), learn())
    assert not same(learn(), learn(seed=Seed(2)))


@pytest.mark.parametrize("rows", [1, 2, 99, 300])
def test_few_rows_are_enough_to_run(rows: int) -> None:
    found = learn(replace(PLAN, steps=40), rows=rows)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(found.params))


def test_a_run_that_is_cut_off_and_resumed_ends_as_one_that_is_not(tmp_path: Path) -> None:
    whole = learn()
    for _ in range(2):  # twice, because a checkpoint must follow from a checkpoint
        with pytest.raises(KeyboardInterrupt):
            learn(run=run(Interrupting(8), checkpoint=tmp_path))
        assert (tmp_path / "network.likewise").exists()
    resumed = learn(run=run(checkpoint=tmp_path))
    assert same(whole, resumed)
    assert resumed.score == whole.score
    assert resumed.history[0][0] > PLAN.chunk
    assert same(whole, learn(run=run(checkpoint=tmp_path)))  # finished: nothing is left to do


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    learn(replace(PLAN, steps=20), run=run(checkpoint=tmp_path))
    for other in ({"seed": Seed(2)}, {"rows": 1_999}, {"plan": PLAN}):
        with pytest.raises(ConfigError, match="other data, with other settings, another seed"):
            learn(**{"plan": replace(PLAN, steps=20), **other}, run=run(checkpoint=tmp_path))


def test_ctrl_c_without_a_checkpoint_keeps_the_best_and_says_so() -> None:
    found = learn(run=run(Interrupting(6)))
    assert found.steps == 100
    assert "interrupted after 100 of 400 steps" in found.notes[0]
    assert found.score < 2.2
    with pytest.raises(KeyboardInterrupt):
        learn(run=run(Interrupting(1)))


def test_a_passed_deadline_ends_learning_after_a_chunk_with_a_note() -> None:
    found = learn(run=run(seconds=0))
    assert found.steps == PLAN.chunk
    assert "time ran out after 20 of 400 steps" in found.notes[0]


def test_patience_ends_learning_when_nothing_gets_better() -> None:
    found = learn(replace(PLAN, steps=100_000, patience=3, holdout=0.5))
    assert found.steps < 5_000
    assert found.score == min(score for _, score, _ in found.history)


def test_a_loss_that_is_no_number_is_an_error_with_a_way_out() -> None:
    with pytest.raises(ConfigError, match=r"not a finite number.*Lower the learning rate"):
        learn(learner=Exploding())


def test_progress_counts_steps_and_ends_at_the_plan() -> None:
    told: list[tuple[str, int, int]] = []
    learn(run=run(lambda *words: told.append(words)))
    assert [done for _, done, _ in told] == [*range(0, 400, 20), 400]
    assert {total for _, _, total in told} == {400}


def test_every_row_is_seen_once_an_epoch_however_the_order_is_cut() -> None:
    feed = Feed(np.arange(10), Seed(1))
    whole = feed.take(0, 40)
    assert all(sorted(whole[i : i + 10]) == list(range(10)) for i in range(0, 40, 10))
    np.testing.assert_array_equal(feed.take(13, 9), whole[13:22])
    np.testing.assert_array_equal(feed.steps(2, 3, 6).ravel(), whole[12:30])


def test_parameters_are_stored_and_come_back_in_their_tree(tmp_path: Path) -> None:
    params = learn(replace(PLAN, steps=20)).params
    save(Weights.of(params), tmp_path / "weights")
    shapes = jax.eval_shape(Margins().network, BLOCKS, jax.random.key(0))
    back = load(tmp_path / "weights").like(shapes)
    np.testing.assert_array_equal(back.logits, params.logits)
    with pytest.raises(ValueError, match="do not fit"):
        Weights((np.zeros(3),)).like(shapes)

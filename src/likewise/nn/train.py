"""The one training loop: chunks of steps in one compiled scan, judged on held-out rows.

What a step sees follows from the seed and its number, so a run that is cut off and resumed ends as
one that was not. The number of steps is planned from the table's shape and the budget
(``estimate``); the clock only ends what takes far longer than planned, and then a note says so.
"""

import functools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from likewise.core.errors import ConfigError
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.nn import checkpoint, runtime, steps
from likewise.nn.blocks import bucket
from likewise.nn.feed import Feed, split_rows
from likewise.nn.learner import Learner, Tree
from likewise.nn.weights import Weights

SAVE_SECONDS = 20.0  # between checkpoints
QUALITY_SECONDS = 5.0  # between looks at the quality that the user is shown


@dataclass(frozen=True)
class Plan:
    """How long to learn, and when to stop.

    Attributes:
        steps: planned steps; rounded up to whole chunks.
        batch: rows a step.
        chunk: steps between judgements; Ctrl-C and the clock are heeded there.
        patience: judgements without a better one after which to stop; 0 never stops early.
        average: memory of the running average of parameters, in [0, 1); 0 keeps the last.
        holdout: share of rows to judge by, of 100 rows or more.
        judged: rows to judge by at most.
    """

    steps: int
    batch: int = 512
    chunk: int = 64
    patience: int = 12
    average: float = 0.995
    holdout: float = 0.05
    judged: int = 2_048

    @property
    def chunks(self) -> int:
        """Planned chunks, at least one."""
        return max(-(-self.steps // self.chunk), 1)

    @property
    def total(self) -> int:
        """Planned steps in whole chunks."""
        return self.chunks * self.chunk


@dataclass(frozen=True)
class Trained:
    """What came out of learning.

    Attributes:
        params: the best averaged parameters, as NumPy arrays in the learner's own tree.
        steps: steps that were done, of those planned.
        score: their judgement; infinite if there were too few rows to judge.
        notes: what ended it early, in sentences; empty when all went as planned.
        history: (step, judgement, mean metrics of the chunk) since this process began.
    """

    params: Tree
    steps: int
    score: float
    notes: tuple[str, ...]
    history: tuple[tuple[int, float, dict[str, float]], ...]


@dataclass(frozen=True)
class _Moment:
    """Everything that changes, replaced as a whole: what is half done is never seen."""

    step: int
    state: Tree
    average: Tree
    best: Tree
    score: float = math.inf
    stale: int = 0


def train(
    learner: Learner,
    world: Tree,
    data: Tree,
    plan: Plan,
    *,
    seed: Seed,
    run: Run,
    name: str = "network",
    quality: Callable[[Tree], str] | None = None,
) -> Trained:
    """Learn from ``data``.

    Args:
        learner: the method.
        world: what it knows of the table, as a tree of arrays.
        data: tree of (N, ...) arrays, N >= 1; put on the device once.
        plan: how long.
        seed: of all randomness.
        run: progress, deadline, checkpoint.
        name: of this part of the learning, and of its file in the checkpoint folder.
        quality: a few plain words on how good these parameters are, such as "columns within 1.3x
            of sampling noise"; shown every few seconds, so at most some 0.1 s.

    Raises:
        ConfigError: the loss became infinite or no number; or a checkpoint that does not fit.
        KeyboardInterrupt: Ctrl-C when there is a checkpoint (which then holds the last whole chunk)
            or nothing was learned yet; else the best so far is returned, with a note.
    """
    runtime.start()
    loop = _Loop(learner, world, data, plan, seed, run, name, quality)
    return loop.run_all()


class _Loop:
    """The state of one call of ``train``."""

    def __init__(
        self,
        learner: Learner,
        world: Tree,
        data: Tree,
        plan: Plan,
        seed: Seed,
        run: Run,
        name: str,
        quality: Callable[[Tree], str] | None,
    ) -> None:
        rows = len(jax.tree.leaves(data)[0])
        learned, held = split_rows(rows, share=plan.holdout, most=plan.judged, seed=seed)
        self.learner, self.plan, self.run = learner, plan, run
        self.name, self.quality = name, quality
        self.feed = Feed(learned, seed.child("feed"))
        self.key = runtime.key_of(seed.child("steps"))
        self.judge_key = runtime.key_of(seed.child("judge"))
        self.judged = Feed(held, seed).take(0, plan.judged) if len(held) else None
        self.path: Path | None = run.checkpoint and run.checkpoint / f"{name}.likewise"
        self.mark = ""
        if self.path is not None:
            self.mark = checkpoint.fingerprint(learner, plan, name, data=(world, data), seed=seed)
        self.world = jax.device_put(world)
        self.data = jax.tree.map(lambda x: jax.device_put(_padded(x, bucket(rows))), data)
        self.history: list[tuple[int, float, dict[str, float]]] = []
        self.words = name

    def run_all(self) -> Trained:
        """Chunk by chunk until the plan, patience, the clock or the user ends it."""
        now, finished = self._begin()
        notes: list[str] = []
        saved = shown = time.monotonic()
        try:
            while not finished:
                self.run.progress(self.words, now.step, self.plan.total)
                now = self._chunk(now)
                tired = 0 < self.plan.patience <= now.stale
                finished = now.step >= self.plan.total or tired
                if not finished and self.run.deadline.passed:
                    notes.append(self._cut("time ran out", now))
                    break
                if self.quality and time.monotonic() - shown > QUALITY_SECONDS:
                    self.words = f"{self.name}: {self.quality(_fetched(now.best))}"
                    shown = time.monotonic()
                if self.path and (finished or time.monotonic() - saved > SAVE_SECONDS):
                    self._save(now, finished)
                    saved = time.monotonic()
        except KeyboardInterrupt:
            if self.path and now.step:
                self._save(now, finished=False)
            if self.path or not now.step:
                raise
            notes.append(self._cut("interrupted", now))
        self.run.progress(self.words, self.plan.total, self.plan.total)
        best = _fetched(now.best if self.judged is not None else now.average)
        return Trained(best, now.step, now.score, tuple(notes), tuple(self.history))

    def _begin(self) -> tuple[_Moment, bool]:
        """The first moment, or the one a checkpoint holds."""
        found = checkpoint.read(self.path, self.mark) if self.path else None
        if found is None:
            own = jax.random.fold_in(self.key, 2**31 - 1)
            state, kept = steps.start(self.learner, self.world, own)
            return _Moment(0, state, kept, kept), False
        start = functools.partial(steps.first, self.learner)
        state, kept = jax.eval_shape(start, self.world, self.key)
        state, average, best = jax.device_put(found.weights.like((state, kept, kept)))
        moment = _Moment(found.step, state, average, best, found.score, found.stale)
        return moment, found.finished

    def _chunk(self, now: _Moment) -> _Moment:
        """The moment a chunk later."""
        plan = self.plan
        rows = self.feed.steps(now.step, plan.chunk, plan.batch)
        numbers = np.arange(now.step, now.step + plan.chunk, dtype=np.int32)
        state, average, metrics, finite = steps.scan(
            self.learner,
            self.world,
            self.data,
            (now.state, now.average),
            (numbers, rows),
            self.key,
            np.float32(plan.total),
            np.float32(plan.average),
        )
        told = {name: float(value) for name, value in metrics.items()}
        after = replace(now, step=now.step + plan.chunk, state=state, average=average)
        score = math.inf
        if self.judged is not None:
            judged = steps.judge(
                self.learner, self.world, self.data, average, self.judged, self.judge_key
            )
            score = float(judged)
            better = score < now.score
            after = replace(after, stale=0 if better else now.stale + 1)
            if better:
                after = replace(after, best=average, score=score)
        if not bool(finite) or math.isnan(score):
            found = f"{self.name}: not a finite number any more by step {after.step:,}"
            hint = "Lower the learning rate, or look for extreme values in the data"
            raise ConfigError("learning", found, hint)
        self.history.append((after.step, score, told))
        return after

    def _save(self, now: _Moment, finished: bool) -> None:
        weights = Weights.of((now.state, now.average, now.best))
        assert self.path is not None
        found = checkpoint.Checkpoint(self.mark, now.step, now.stale, now.score, finished, weights)
        checkpoint.write(found, self.path)

    def _cut(self, why: str, now: _Moment) -> str:
        return (
            f"{self.name}: {why} after {now.step:,} of {self.plan.total:,} steps; "
            "the best so far was kept, and the same seed may end elsewhere next time"
        )


def _padded(x: Any, rows: int) -> np.ndarray:
    """Rows of zeros to a bucket's length, which no step ever sees."""
    x = np.asarray(x)
    return np.concatenate([x, np.zeros((rows - len(x), *x.shape[1:]), x.dtype)])


def _fetched(tree: Tree) -> Tree:
    return jax.tree.map(np.asarray, tree)

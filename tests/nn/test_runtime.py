"""JAX is set up quietly, keeps what it compiled, and compiles once for tables of one bucket."""

import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from tests.nn.tiny_learners import Margins, run

from likewise.core.seeds import Seed
from likewise.nn.blocks import Blocks
from likewise.nn.estimate import planned_steps
from likewise.nn.runtime import GPU, cache_folder, compiling, count_compiles, key_of, start
from likewise.nn.train import Plan, train


def learn(sizes: tuple[int, ...], rows: int, steps: int) -> None:
    blocks = Blocks.of_sizes(sizes)
    codes = blocks.pad(np.random.default_rng(0).integers(0, sizes, (rows, len(sizes))))
    train(Margins(), blocks, codes, Plan(steps, batch=32, chunk=10), seed=Seed(1), run=run())


def test_tables_of_the_same_bucket_are_learned_by_one_program() -> None:
    with count_compiles() as first:
        learn((3, 4, 5, 6, 7), rows=1_000, steps=20)
    with count_compiles() as second:
        learn((2, 9, 5, 3, 1), rows=1_010, steps=40)
    assert first.count > 0
    assert second.count == 0


def test_compiled_programs_are_kept_in_the_named_folder(tmp_path: Path) -> None:
    code = (
        "from likewise.nn.runtime import start; start(); import jax, jax.numpy as jnp; "
        "jax.jit(lambda x: jnp.sin(x) + 3)(jnp.ones(7)).block_until_ready()"
    )
    environment = {"LIKEWISE_CACHE_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert list((tmp_path / "jax").iterdir())
    assert ran.stderr == ""


def test_options_for_a_gpu_are_known_to_the_compiler_and_left_out_without_one() -> None:
    start()
    double = jax.jit(lambda x: 2 * x, compiler_options=GPU)
    assert float(double(1.5)) == 3.0
    assert compiling() == (GPU if jax.default_backend() == "gpu" else {})


def test_the_cache_lies_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIKEWISE_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == Path("/x/likewise/jax")


def test_keys_follow_from_the_whole_seed() -> None:
    start()
    keys = {str(key_of(Seed(value))) for value in (1, 2, 2**32 + 1, 2**63)}
    assert len(keys) == 4
    assert str(key_of(Seed(1), "a")) != str(key_of(Seed(1), "b"))


def test_planned_steps_follow_from_shapes_alone_and_grow_with_the_budget() -> None:
    blocks = Blocks.of_sizes((3, 5))
    codes = blocks.pad(np.zeros((100, 2), dtype=np.int32))
    few, many, capped = (
        planned_steps(Margins(), blocks, codes, batch=256, seconds=s, least=10, most=9_000)
        for s in (0.1, 0.2, 1e6)
    )
    assert many == pytest.approx(2 * few, abs=1)
    assert capped == 9_000

"""What several test modules share: a small table of made-up people, and a quiet command line."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.servers import Server, mariadb, postgresql

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side; threads would only spin

CITIES = ("Aachen", "Basel", "Córdoba", "Dijon")


@dataclass(frozen=True)
class Ran:
    """What one command line left behind."""

    code: int
    out: str
    err: str


def people(rows: int, seed: int = 0) -> list[str]:
    """CSV lines with a header: a code with leading zeros, numbers, labels, a date, gaps."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, rows)
    income = np.round(np.exp(rng.normal(9 + age / 60, 0.4)), 2)
    city = rng.choice(CITIES, rows, p=(0.4, 0.3, 0.2, 0.1))
    member = np.where(rng.random(rows) < age / 100, "yes", "no")
    days = np.datetime64("2020-01-01") + rng.integers(0, 1500, rows)
    lines = ["id,age,income,city,joined,member"]
    for i in range(rows):
        paid = "" if rng.random() < 0.1 else f"{income[i]:.2f}"
        lines.append(f"{i + 1:05d},{age[i]},{paid},{city[i]},{days[i]},{member[i]}")
    return lines


@pytest.fixture
def people_csv(tmp_path: Path) -> Path:
    """400 people."""
    path = tmp_path / "people.csv"
    path.write_text("\n".join(people(400)) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command line in this process."""
    from likewise.cli.main import run

    def call(*words: object) -> Ran:
        capfd.readouterr()
        code = run([str(word) for word in words])
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return call


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL server for all tests of a worker."""
    with postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    """A MariaDB server for all tests of a worker."""
    with mariadb() as server:
        yield server

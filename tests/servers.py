"""Real database servers for tests, started in a folder of their own and stopped at the end.

Without the programs the tests skip; with LIKEWISE_TEST_SERVERS set they fail instead.
"""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "s3cret-pa55word"


@dataclass(frozen=True)
class Server:
    """A running server."""

    engine: str
    user: str
    port: int
    folder: Path

    def url(self, name: str, *, user: str = "", password: str = PASSWORD) -> str:
        """The address of a database of this server."""
        return f"{self.engine}://{user or self.user}:{password}@127.0.0.1:{self.port}/{name}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(*names: str) -> str:
    places = ["/usr/sbin", *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))]
    for name in names:
        for found in (shutil.which(name), shutil.which(name, path=os.pathsep.join(places))):
            if found:
                return found
    if os.environ.get("LIKEWISE_TEST_SERVERS"):
        raise RuntimeError(f"{names[0]} is not installed")
    pytest.skip(f"{names[0]} is not installed")


def _folder(user: str) -> tuple[Path, dict]:
    """A folder of the user that the server runs as: no server likes root."""
    folder = Path(tempfile.mkdtemp(prefix="likewise-server-"))
    if os.geteuid() != 0:
        return folder, {}
    shutil.chown(folder, user)
    folder.chmod(0o755)
    return folder, {"user": user, "extra_groups": [], "cwd": folder}


@contextlib.contextmanager
def _running(words: list[str], folder: Path, how: dict) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how)

    def stop() -> None:
        if process.poll() is None:
            process.send_signal(signal.SIGINT if "postgres" in words[0] else signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    try:
        yield process
    finally:
        stop()
        atexit.unregister(stop)


def _await(port: int, process: subprocess.Popen) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server has ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError("the server does not answer")


@contextlib.contextmanager
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server without the pains of durability."""
    initdb, server = _program("initdb"), _program("postgres")
    folder, how = _folder("postgres")
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    make = [initdb, "-D", str(folder / "data"), "-U", "tester", "-A", "scram-sha-256"]
    make += ["--pwfile", str(secret), "-E", "UTF8", "--no-locale", "-N"]
    subprocess.run(make, check=True, capture_output=True, **how)
    port = _free_port()
    words = [server, "-D", str(folder / "data"), "-p", str(port), "-k", str(folder)]
    words += ["-h", "127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off"]
    with _running(words, folder, how) as process:
        _await(port, process)
        yield Server("postgresql", "tester", port, folder)


@contextlib.contextmanager
def mariadb() -> Iterator[Server]:
    """A MariaDB server."""
    install, server = _program("mariadb-install-db"), _program("mariadbd", "mysqld")
    folder, how = _folder("mysql")
    data = ["--no-defaults", f"--datadir={folder / 'data'}"]
    make = [install, *data, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(make, check=True, capture_output=True, **how)
    port = _free_port()
    start = folder / "start.sql"
    start.write_text(
        f"CREATE USER IF NOT EXISTS tester@'%' IDENTIFIED BY '{PASSWORD}';\n"
        "GRANT ALL ON *.* TO tester@'%' WITH GRANT OPTION;\n"
    )
    start.chmod(0o644)
    words = [server, *data, f"--port={port}", f"--socket={folder / 'socket'}"]
    words += ["--bind-address=127.0.0.1", f"--init-file={start}", f"--pid-file={folder / 'pid'}"]
    words += ["--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"]
    words += ["--innodb-flush-method=nosync"]
    with _running(words, folder, how) as process:
        _await(port, process)
        yield Server("mysql", "tester", port, folder)

"""Which peers are measured, where each one lives, and under which licence.

Only the standard library is imported here: every peer's own environment reads this file too.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PLACE = Path(os.environ.get("LIKEWISE_PEERS", HERE / ".venvs"))
LINES = HERE.parent / "runs" / "peers.jsonl"
LINKED_LINES = HERE.parent / "runs" / "relational_peers.jsonl"


@dataclass(frozen=True)
class Peer:
    """One method of another package, at its defaults.

    Attributes:
        environment: name of its virtual environment and of its requirements file.
        package: the distribution whose version is written down.
        module: what is imported before the clock of the fit starts.
        licence: of the package; it stays with the peer, in an environment of its own.
    """

    environment: str
    package: str
    module: str
    licence: str


SDV = ("sdv", "sdv", "sdv.single_table", "BUSL-1.1, not open source")
PEERS = {
    "sdv-gaussian-copula": Peer(*SDV),
    "seqtrees": Peer("seqtrees", "seqtrees", "seqtrees", "Apache-2.0"),
    "arfpy": Peer("arfpy", "arfpy", "arfpy.arf", "MIT"),
    "mostlyai-argn": Peer("mostlyai", "mostlyai-engine", "mostlyai.engine", "Apache-2.0"),
    "sdv-tvae": Peer(*SDV),
    "sdv-ctgan": Peer(*SDV),
}
LINKED = {  # of linked tables
    "sdv-hma": Peer("sdv", "sdv", "sdv.multi_table", "BUSL-1.1, not open source"),
    "mostlyai-sequential": Peer("mostlyai", "mostlyai-engine", "mostlyai.engine", "Apache-2.0"),
}
OURS = Peer("", "likewise", "likewise.api", "Apache-2.0")


def environments() -> list[str]:
    """Names of the environments, each once."""
    return list(dict.fromkeys(peer.environment for peer in PEERS.values()))


def python(environment: str, place: Path) -> Path:
    """The interpreter of an environment under ``place``."""
    return place / environment / "bin" / "python"


def recorded(path: Path) -> Iterator[dict]:
    """The lines of a file of runs; none when there is no file yet."""
    if path.exists():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())

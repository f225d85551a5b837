"""Looking at tables once to write a plan file of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from likewise.core.errors import ConfigError
from likewise.core.progress import Progress, silent
from likewise.io.sql_url import is_url
from likewise.jobs.clock import Clock
from likewise.jobs.linked_plan import LinkedPlan, first_plan
from likewise.jobs.linked_source import read_source
from likewise.jobs.plan import check_writable


@dataclass(frozen=True)
class Planned:
    """A plan file that was written.

    Attributes:
        path: where.
        tables: their names.
        relations: in words.
        notes: what was met on reading.
        seconds: wall time by stage, and in all.
    """

    path: str
    tables: tuple[str, ...]
    relations: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``."""
        return {
            "version": 1,
            "plan": self.path,
            "tables": list(self.tables),
            "relations": list(self.relations),
            "notes": list(self.notes),
            "seconds": self.seconds,
        }


def run(source: str, output: str, *, infer: bool = False, progress: Progress = silent) -> Planned:
    """Read ``source`` and write its plan; a file that is there already is not replaced.

    Raises:
        ConfigError: the plan file is there already.
        LikewiseError: what reading raises.
    """
    clock, path = Clock(), Path(output)
    if path.exists():
        raise ConfigError(output, "is there already", "Name another file with -o")
    check_writable(path)
    with clock.stage("read", progress):
        found = read_source(LinkedPlan(source=source, infer=infer), progress)
    plan = first_plan(source, found.database.schema)
    if not is_url(source):
        relative = Path(source).resolve()
        folder = path.resolve().parent
        inside = relative.is_relative_to(folder) and relative != folder
        shown = str(relative.relative_to(folder)) if inside else str(relative)
        plan = plan.model_copy(update={"source": shown})
    plan.model_copy(update={"infer": infer}).save(path)
    schema = found.database.schema
    told = tuple(str(relation) for relation in schema.relations)
    return Planned(output, schema.names, told, found.notes, clock.total())

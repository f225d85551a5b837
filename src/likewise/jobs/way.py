"""What regular series and events of entities each do in their own way, from file to file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from likewise.core.errors import ConfigError
from likewise.core.progress import Progress
from likewise.core.registry import suggest
from likewise.data.schema import Kind
from likewise.data.table import Table
from likewise.io.read import Raw
from likewise.jobs.plan import Plan

MOMENTS = (Kind.DATETIME, Kind.DATE)


@dataclass(frozen=True)
class Way:
    """The steps of a run.

    Attributes:
        check: the plan, unless it asks for what there is not.
        recipe: what the plan names.
        table: the table with its schema, and the plan with the column of time.
        split: rows to learn, rows kept back, and how it was done.
        learn: a fitted model.
        keep: the model as it is stored.
        count: how many to draw where the plan does not say.
        learned: how many were learned.
        settings: those of the method that differ from their defaults.
    """

    check: Callable[[Plan], Plan]
    recipe: Callable[[Plan], Any]
    table: Callable[[Raw, Plan], tuple[Table, Plan]]
    split: Callable[[Table, Plan], tuple[Table, Table | None, str]]
    learn: Callable[[Table, Any, Plan, Progress, Path | None], Any]
    keep: Callable[[Any, Raw, Plan], Any]
    count: Callable[[Table, Plan], int]
    learned: Callable[[Any], int]
    settings: Callable[[Any], Mapping[str, Any]]


def with_time(table: Table, plan: Plan) -> Plan:
    """The plan with its time column, found if there is one only.

    Raises:
        ConfigError: no such column, or two columns of moments and neither named.
    """
    for option, name in (("--time", plan.time), ("--entity", plan.entity)):
        if name is not None and name not in table.names:
            hint = suggest(name, list(table.names))
            raise ConfigError(f"{option} {name!r}", "no such column", hint)
    if plan.time is not None:
        return plan
    moments = [c.name for c in table.schema.columns if c.kind in MOMENTS and c.name != plan.entity]
    if len(moments) > 1:
        shown = ", ".join(map(repr, moments[:3]))
        found = f"{len(moments)} columns hold moments: {shown}"
        raise ConfigError("--time", found, "Name the one that orders the rows")
    return plan.model_copy(update={"time": moments[0] if moments else None})

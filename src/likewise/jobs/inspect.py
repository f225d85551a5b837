"""What the columns of a table are, with the evidence, and which rules its rows keep."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from likewise.data.discover import Found
from likewise.data.rules import describe
from likewise.data.schema import Schema
from likewise.io.read import read_raw
from likewise.jobs.plan import check_writable, make_plan, refuse_overwriting
from likewise.jobs.understand import rules_of, taken_as_missing, understand


@dataclass(frozen=True)
class Inspected:
    """What was found in a table.

    Attributes:
        schema: kinds with evidence.
        rules: declared and found, with the rows that break them.
        rows: number of rows.
        notes: what was met and mended while reading.
        output: where the schema was written, or None.
    """

    schema: Schema
    rules: tuple[Found, ...]
    rows: int
    notes: tuple[str, ...]
    output: str | None

    def as_json(self) -> dict[str, Any]:
        """One versioned object for ``--json``."""
        return {
            "version": 1,
            "rows": self.rows,
            "columns": self.schema.model_dump(mode="json")["columns"],
            "target": self.schema.target,
            "rules": [
                {
                    **found.rule.model_dump(mode="json"),
                    "text": describe(found.rule),
                    "declared": found.declared,
                    "real_rows": found.real_rows,
                    "real_violations": found.real_violations,
                }
                for found in self.rules
            ],
            "notes": list(self.notes),
            "files": {} if self.output is None else {"schema": self.output},
        }


def run(
    path: str,
    *,
    declared: Schema | None = None,
    target: str | None = None,
    output: str | None = None,
) -> Inspected:
    """Read a table and say what it is; with ``output`` write the schema too."""
    if output is not None:
        check_writable(Path(output))
        refuse_overwriting([output], [path])
    raw = read_raw(path)
    plan = make_plan(input=path, declared=declared, target=target, seed=0)
    table = understand(raw, plan)
    if output is not None:
        table.schema.save(output)
    formulas = [
        f"column {name!r}: {count:,} cells are formulas, first in row {row:,}"
        for name, (count, row) in raw.formulas.items()
    ]
    notes = (*raw.notes, *formulas, *taken_as_missing(raw, table.schema))
    return Inspected(table.schema, rules_of(table), table.rows, notes, output)

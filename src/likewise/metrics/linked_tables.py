"""Each table of a database by the battery for single tables, without the models.

Models are left out: rows of one family would be both learned from and judged, so that two real
samples of a child table can be told apart. The detectors of linked tables keep families together.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.data.table import Table
from likewise.metrics.battery import evaluate
from likewise.metrics.linked_case import LinkedCase, contents
from likewise.metrics.linked_detection import same_rows
from likewise.metrics.linked_results import TableResult
from likewise.metrics.results import Battery
from likewise.metrics.score import Score

ROWS = 20_000  # of a table on either side; of more a sample


def judge_table(
    case: LinkedCase,
    name: str,
    *,
    aggregate: Score | None = None,
    workers: int | None = None,
) -> TableResult:
    """What the standard battery says of one table, its keys and references left out.

    Floors are those of fresh families; of a shared table, which is whole on both sides, those of
    random halves of its rows.
    """
    database = case.real.database
    names = contents(database, name)
    rows = {"real": database[name].rows, "synth": case.synth.rows(name)}
    if case.held:
        rows["holdout"] = case.whole.fresh.linked.rows(name)
    shared = name in case.families.shared
    bare = TableResult(name, rows, shared, None, aggregate)
    if not names:
        note = f"Table {name!r} has no column but keys and references."
        return replace(bare, notes=(note,))
    if not all(rows.values()):
        return replace(bare, notes=(f"Table {name!r} has no rows.",))
    seed = case.seed.child("table", name)
    train, synth, fresh = (
        _some(side.linked.table(name).select(names), seed.child("rows", i))
        for i, side in enumerate(case.whole)
    )
    second = None if shared or not fresh.rows else fresh
    try:
        found = evaluate(train, synth, second, seed=seed, workers=workers, quick=True, models=False)
    except DataError as error:
        return replace(bare, notes=(f"{error.where}: {error.found}.",))
    kept = _kept(database[name], case.synth.table(name), names) if shared else 0.0
    families = min(len(np.unique(side.family[name])) for side in case.whole)
    return replace(bare, battery=_told(found, case.held), kept=kept, independent=families)


def _kept(real: Table, synth: Table, names: Sequence[str]) -> float:
    """The share of synthetic rows whose contents are those of a real row."""
    mine, theirs = same_rows([synth, real], names)
    return float(np.isin(mine, theirs).mean())


def _some(table: Table, seed: Seed) -> Table:
    if table.rows <= ROWS:
        return table
    return table.take(np.sort(seed.stream("some").choice(table.rows, ROWS, replace=False)))


def _told(found: Battery, held: bool) -> Battery:
    """Without what two halves that the generator has seen say nothing about."""
    scores = {n: s for n, s in found.scores.items() if held or n != "dcr_share"}
    return Battery(scores, found.columns, found.pairs, (), found.seconds, found.sizes, found.slices)

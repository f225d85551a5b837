"""Every column on its own, as a report shows it: its error, its floor and its bins."""

from functools import partial

from likewise.data.table import Table, concat
from likewise.metrics.charts import chart_bins
from likewise.metrics.learners import some_rows
from likewise.metrics.marginal import ColumnErrors, column_chances
from likewise.metrics.matched import MOST, Matched, against
from likewise.metrics.results import ColumnResult


def column_results(
    case: Matched, errors: ColumnErrors, floors: ColumnErrors | None
) -> tuple[ColumnResult, ...]:
    """Errors and bins of all columns, in table order."""
    chances = against(case, case.compared[0], MOST, partial(_chances, case.compared[1]))
    position = {name: i for i, name in enumerate(errors.names)}
    results = []
    for column in case.real.schema.columns:
        name, i = column.name, position.get(column.name)
        if i is None:
            error, floor = _key_errors(case, name)
        else:
            error = float(errors.error[i])
            floor = float(floors.error[i]) if floors is not None else None
        bins = chart_bins(case.real, case.synth, name)
        result = ColumnResult(
            name,
            column.kind.value,
            error,
            floor,
            missing_real=float(case.real.missing(name).mean()),
            missing_synth=float(case.synth.missing(name).mean()),
            p_value=chances.get(name, 1.0),
            labels=bins.labels,
            real_share=bins.real,
            synth_share=bins.synth,
        )
        results.append(result)
    return tuple(results)


def _chances(fresh: Table | None, train: Table, synth: Table) -> dict[str, float]:
    """Chances of the errors, told by all real rows at hand."""
    return column_chances(train if fresh is None else concat([train, fresh]), synth)


def _key_errors(case: Matched, name: str) -> tuple[float, float | None]:
    """How much the share of distinct keys differs from that among as many training rows."""
    synth, fresh = case.compared
    rng = case.seed.stream("keys")
    wanted = _distinct(some_rows(case.train.select([name]), synth.rows, rng), name)
    error = abs(_distinct(synth, name) - wanted)
    return error, None if fresh is None else abs(_distinct(fresh, name) - wanted)


def _distinct(table: Table, name: str) -> float:
    return len(table.labels(name)[1]) / table.rows

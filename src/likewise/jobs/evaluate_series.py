"""Synthetic rows that follow each other judged against real ones, wherever they came from."""

from likewise.core.errors import ConfigError
from likewise.core.progress import Progress, silent
from likewise.core.seeds import Seed
from likewise.data.schema import Schema
from likewise.io.read import Raw
from likewise.jobs.clock import Clock
from likewise.jobs.evaluate import SEED, Evaluation, ended, raws_of
from likewise.jobs.events_fit import events_table
from likewise.jobs.judge import hash_of, provenance
from likewise.jobs.plan import make_plan
from likewise.jobs.series import judge_series
from likewise.jobs.understand import in_kinds_of, refuse_formulas, taken_as_missing, understand
from likewise.report.document import Report
from likewise.report.gate_file import Gates, refuse_unknown_columns


def run(
    wanted: Evaluation, *, time: str | None, entity: str | None, progress: Progress = silent
) -> Report:
    """Read, judge, and write the report if one is wanted.

    Args:
        wanted: what is to be judged; a target, a model and a deeper look are refused.
        time: the column of moments; found if there is one only.
        entity: the column that says whose each row is.
        progress: told of every step.
    """
    refused = {"--target": wanted.target, "--model": wanted.model, "--full": wanted.full,
               "--real-cards": wanted.real_cards}  # fmt: skip
    for option, given in refused.items():
        if given:
            hint = "Leave it out, or leave out --entity and --time"
            raise ConfigError(option, "not for rows that follow each other", hint)
    clock = Clock()
    real, synth, holdout = raws_of(wanted, clock, progress)
    report = judge_raws(
        real, synth, holdout, title=f"{synth.name} against {real.name}", time=time, entity=entity,
        declared=wanted.declared, seed=wanted.seed, gates=wanted.gates,
        hashes=hash_of(wanted.real, wanted.synth, wanted.holdout), clock=clock, progress=progress,
    )  # fmt: skip
    return ended(report, wanted.report, clock)


def judge_raws(
    real: Raw,
    synth: Raw,
    holdout: Raw | None,
    *,
    title: str,
    time: str | None,
    entity: str | None,
    declared: Schema | None = None,
    seed: int | Seed | None = SEED,
    gates: tuple[Gates, ...] = (),
    hashes: dict[str, str] | None = None,
    clock: Clock | None = None,
    progress: Progress = silent,
) -> Report:
    """Judge one raw table against another; the real one's schema holds for all.

    The column of time of an entity's rows is found if there is one only and none is named.
    """
    clock = clock or Clock()
    with clock.stage("understand", progress):
        plan = make_plan(declared=declared, seed=seed, time=time, entity=entity)
        if time is None and entity is None:
            refuse_formulas(real, declared)
            table = understand(real, plan)
        else:
            table, plan = events_table(real, plan)
        for asked in gates:
            refuse_unknown_columns(asked, table.schema.names)
        for raw in (synth, *([] if holdout is None else [holdout])):
            refuse_formulas(raw, declared)
        made = in_kinds_of(synth, table.schema, "the synthetic table")
        kept = None if holdout is None else in_kinds_of(holdout, table.schema, "the holdout")
        notes = tuple(
            note
            for raw in (real, synth)
            for note in (*raw.notes, *taken_as_missing(raw, table.schema))
        )
    rows = {"real": table.rows, "synthetic": made.rows}
    whose = provenance(
        seed=Seed(plan.seed), rows=rows if kept is None else {**rows, "holdout": kept.rows},
        hashes=hashes or {}, command=None,
    )  # fmt: skip
    with clock.stage("judge", progress):
        return judge_series(
            table, made, kept, title=title, time=plan.time, entity=plan.entity, provenance=whose,
            seed=Seed(plan.seed), notes=notes, progress=progress, ordered=False,
        )  # fmt: skip

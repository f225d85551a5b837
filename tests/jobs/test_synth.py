"""The main job keeps its word: rows, rules, holdout, refit, bounded memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from likewise.jobs import synth
from likewise.jobs.plan import Plan, make_plan
from likewise.jobs.saved import load


def _plan(source: Path, **fields: Any) -> Plan:
    out = str(source.with_name("out.csv"))
    return make_plan(
        **{"input": str(source), "generator": "independent", "seed": 1, "output": out} | fields
    )


def test_rows_are_kept_back_and_said_to_be(people_csv: Path) -> None:
    outcome = synth.run(_plan(people_csv))
    assert outcome.rows == {"input": 400, "train": 320, "holdout": 80, "synthetic": 400}
    assert outcome.report is not None
    assert any("kept back" in note for note in outcome.report.notes)
    assert outcome.saved.model.rows == 320


def test_refit_learns_every_row_after_judging(people_csv: Path) -> None:
    outcome = synth.run(_plan(people_csv, refit=True))
    assert outcome.saved.model.rows == 400
    assert outcome.report is not None
    assert any("all rows" in note for note in outcome.report.notes)


def test_few_rows_are_all_learned_and_the_report_says_so(tmp_path: Path) -> None:
    source = tmp_path / "few.csv"
    source.write_text("a,b\n" + "1,2\n3,4\n" * 15, encoding="utf-8")
    outcome = synth.run(_plan(source))
    assert outcome.rows["train"] == 30
    assert outcome.report is not None
    assert any("too few" in note for note in outcome.report.notes)


def test_every_rule_is_certified_over_every_row_written(people_csv: Path) -> None:
    outcome = synth.run(_plan(people_csv, rows=1000))
    assert outcome.report is not None
    assert outcome.report.rules
    for rule in outcome.report.rules:
        assert (rule.rows, rule.violations) == (1000, 0)


def test_few_written_rows_are_judged_by_as_many_as_were_learned(people_csv: Path) -> None:
    few, many = (synth.run(_plan(people_csv, rows=n)) for n in (5, 320))
    assert few.report is not None
    assert many.report is not None
    assert few.report.scores == many.report.scores


def test_files_carry_no_times_and_no_places(people_csv: Path) -> None:
    page = people_csv.with_name("r.html")
    outcome = synth.run(_plan(people_csv, report=str(page)))
    text = page.with_suffix(".json").read_text(encoding="utf-8")
    assert str(people_csv.parent) not in text + page.read_text(encoding="utf-8")
    assert '"seconds": {}' in text
    assert outcome.seconds["total"] > 0
    assert outcome.as_json()["seconds"] == outcome.seconds


def test_the_model_draws_the_rows_that_were_written(people_csv: Path) -> None:
    path = people_csv.with_name("m")
    plan = _plan(people_csv, model=str(path), judge=False)
    synth.run(plan)
    again = people_csv.with_name("again.csv")
    from likewise.jobs import sample

    sample.run(sample.Order(model=str(path), rows=400, seed=1, output=str(again)))
    assert again.read_bytes() == Path(str(plan.output)).read_bytes()
    assert load(path).generator == "independent"


def test_rows_stream_into_the_file(people_csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    write = synth.write_blocks

    def watched(blocks: Iterator[pa.Table], *rest: Any, **options: Any) -> int:
        def seen() -> Iterator[pa.Table]:
            for block in blocks:
                sizes.append(block.num_rows)
                yield block

        return write(seen(), *rest, **options)

    monkeypatch.setattr(synth, "write_blocks", watched)
    synth.run(_plan(people_csv, rows=150_000, judge=False))
    assert sum(sizes) == 150_000
    assert max(sizes) <= 65_536

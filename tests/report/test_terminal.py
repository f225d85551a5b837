import io

import pytest
from rich.console import Console

from likewise.report.terminal import summary


@pytest.mark.parametrize("violations", [0, 12])
def test_the_summary_fits_80_columns_and_needs_no_colour(make_report, violations) -> None:
    report = make_report(violations=violations)
    out = io.StringIO()
    Console(file=out, width=80, no_color=True).print(summary(report))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("FAIL" if violations else "PASS")
    text = " ".join(out.getvalue().split())
    assert report.sentence in text
    for name in ("fidelity", "utility", "privacy", "of 100"):
        assert name in text
    assert "\x1b" not in out.getvalue()


def test_markup_in_names_is_not_obeyed(make_report) -> None:
    names = ("[red]bold[/red]", "b")
    report = make_report(names=names, kinds=("numeric", "category"))
    out = io.StringIO()
    Console(file=out, width=120, no_color=True).print(summary(report, findings=9))
    assert "[red]bold[/red]" in out.getvalue()

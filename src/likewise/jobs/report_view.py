"""A report as Python callers hold it."""

from dataclasses import dataclass
from pathlib import Path

from likewise.jobs.arguments import path_of
from likewise.jobs.plan import twin
from likewise.report.document import Number, Report, Verdict
from likewise.report.gate_file import read_gates
from likewise.report.gates import failures
from likewise.report.html import render
from likewise.report.write import write as write_report


@dataclass(frozen=True)
class ReportView:
    """A report to look at, to save, and to read numbers from."""

    report: Report

    def __repr__(self) -> str:
        """The verdict and its sentence."""
        return f"<Report: {self.verdict}. {self.report.sentence}>"

    @property
    def verdict(self) -> Verdict:
        """``pass``, ``warn`` or ``fail``."""
        return self.report.verdict

    @property
    def scores(self) -> dict[str, Number]:
        """Every score, with its interval and its floor."""
        return self.report.scores

    def show(self) -> None:
        """Print the verdict, the gauges and the worst findings."""
        from rich.console import Console

        from likewise.report.terminal import summary

        Console().print(summary(self.report, findings=5))

    def save(self, path: str | Path) -> None:
        """Write the HTML page, and its JSON twin beside it."""
        write_report(self.report, path_of(path), twin(path_of(path)))

    def gates_failed(self, path: str | Path) -> list[str]:
        """The gates of a YAML or JSON file that the report does not pass, a sentence each."""
        return failures(self.report, read_gates(path_of(path)))

    def _repr_html_(self) -> str:
        """The page, in a frame of its own so that its styles stay inside."""
        from html import escape

        page = escape(render(self.report), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:720px;border:0"></iframe>'


def report_of(value: object) -> Report | Path:
    """A report that is given as it is, as a view, or by the path of its JSON twin."""
    inner = value.report if isinstance(value, ReportView) else value
    return inner if isinstance(inner, Report) else path_of(inner)

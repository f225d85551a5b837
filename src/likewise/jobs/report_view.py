"""A report as Python callers hold it."""

from dataclasses import dataclass
from pathlib import Path

from likewise.jobs.arguments import path_of
from likewise.jobs.page_view import PageView
from likewise.jobs.plan import twin
from likewise.report.document import Report
from likewise.report.gate_file import read_gates
from likewise.report.gates import failures
from likewise.report.html import render
from likewise.report.write import write as write_report


@dataclass(frozen=True, repr=False)
class ReportView(PageView):
    """A report to look at, to save, and to read numbers from."""

    report: Report

    def page(self) -> str:
        """The whole report as one offline HTML page."""
        return render(self.report)

    def save(self, path: str | Path) -> None:
        """Write the HTML page, and its JSON twin beside it."""
        write_report(self.report, path_of(path), twin(path_of(path)))

    def gates_failed(self, path: str | Path) -> list[str]:
        """The gates of a YAML or JSON file that the report does not pass, a sentence each."""
        return failures(self.report, read_gates(path_of(path)))


def report_of(value: object) -> Report | Path:
    """A report that is given as it is, as a view, or by the path of its JSON twin."""
    inner = value.report if isinstance(value, ReportView) else value
    return inner if isinstance(inner, Report) else path_of(inner)

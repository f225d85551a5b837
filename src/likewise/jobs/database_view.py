"""A report on a database as Python callers hold it."""

from dataclasses import dataclass
from pathlib import Path

from likewise.jobs.arguments import path_of
from likewise.jobs.page_view import PageView
from likewise.jobs.plan import twin
from likewise.report.database_document import DatabaseReport, RelationReport, TableReport
from likewise.report.database_html import render_database
from likewise.report.database_write import write_database_report
from likewise.report.gate_file import read_gates
from likewise.report.gates import database_failures


@dataclass(frozen=True, repr=False)
class DatabaseReportView(PageView):
    """A report to look at, to save, and to read numbers from."""

    report: DatabaseReport

    @property
    def relations(self) -> dict[str, RelationReport]:
        """What was found of each relation, by its words, such as ``a (b) → c (d)``."""
        return {one.relation: one for one in self.report.relations}

    @property
    def tables(self) -> dict[str, TableReport]:
        """What was found of each table by itself."""
        return {one.name: one for one in self.report.tables}

    def page(self) -> str:
        """The whole report as one offline HTML page."""
        return render_database(self.report)

    def save(self, path: str | Path) -> None:
        """Write the HTML page, and its JSON twin beside it."""
        write_database_report(self.report, path_of(path), twin(path_of(path)))

    def gates_failed(self, path: str | Path) -> list[str]:
        """The gates of a YAML or JSON file that the report does not pass, a sentence each."""
        return database_failures(self.report, read_gates(path_of(path)))

"""A report on a database as Python callers hold it."""

from dataclasses import dataclass
from pathlib import Path

from likewise.jobs.arguments import path_of
from likewise.jobs.plan import twin
from likewise.report.database_document import DatabaseReport, RelationReport, TableReport
from likewise.report.database_html import render_database
from likewise.report.database_write import write_database_report
from likewise.report.document import Number, Verdict
from likewise.report.gate_file import read_gates
from likewise.report.gates import database_failures


@dataclass(frozen=True)
class DatabaseReportView:
    """A report to look at, to save, and to read numbers from."""

    report: DatabaseReport

    def __repr__(self) -> str:
        """The verdict and its sentence."""
        return f"<DatabaseReport: {self.verdict}. {self.report.sentence}>"

    @property
    def verdict(self) -> Verdict:
        """``pass``, ``warn`` or ``fail``."""
        return self.report.verdict

    @property
    def scores(self) -> dict[str, Number]:
        """Every score of the whole, with its interval and its floor."""
        return self.report.scores

    @property
    def relations(self) -> dict[str, RelationReport]:
        """What was found of each relation, by its words, such as ``a (b) → c (d)``."""
        return {one.relation: one for one in self.report.relations}

    @property
    def tables(self) -> dict[str, TableReport]:
        """What was found of each table by itself."""
        return {one.name: one for one in self.report.tables}

    def show(self) -> None:
        """Print the verdict, the gauges and the worst findings."""
        from rich.console import Console

        from likewise.report.terminal import summary

        Console().print(summary(self.report, findings=5))

    def save(self, path: str | Path) -> None:
        """Write the HTML page, and its JSON twin beside it."""
        write_database_report(self.report, path_of(path), twin(path_of(path)))

    def gates_failed(self, path: str | Path) -> list[str]:
        """The gates of a YAML or JSON file that the report does not pass, a sentence each."""
        return database_failures(self.report, read_gates(path_of(path)))

    def _repr_html_(self) -> str:
        """The page, in a frame of its own so that its styles stay inside."""
        from html import escape

        page = escape(render_database(self.report), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:720px;border:0"></iframe>'

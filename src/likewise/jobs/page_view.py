"""What every report is to Python callers: a verdict, scores, a page in a notebook."""

from abc import ABC, abstractmethod
from html import escape

from likewise.report.database_document import DatabaseReport
from likewise.report.document import Number, Report, Verdict


class PageView(ABC):
    """A report to look at and to read numbers from."""

    report: Report | DatabaseReport

    @abstractmethod
    def page(self) -> str:
        """The whole report as one offline HTML page."""

    def __repr__(self) -> str:
        """The verdict and its sentence."""
        return f"<{type(self.report).__name__}: {self.verdict}. {self.report.sentence}>"

    @property
    def verdict(self) -> Verdict:
        """``pass``, ``warn`` or ``fail``."""
        return self.report.verdict

    @property
    def scores(self) -> dict[str, Number]:
        """Every score of the whole, with its interval and its floor."""
        return self.report.scores

    def show(self) -> None:
        """Print the verdict, the gauges and the worst findings."""
        from rich.console import Console

        from likewise.report.terminal import summary

        Console().print(summary(self.report, findings=5))

    def _repr_html_(self) -> str:
        """The page, in a frame of its own so that its styles stay inside."""
        page = escape(self.page(), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:720px;border:0"></iframe>'

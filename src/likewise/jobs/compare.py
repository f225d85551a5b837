"""Two reports compared, from their files or from memory."""

from pathlib import Path

from likewise.report.compare import compare as compare_reports
from likewise.report.difference import Difference
from likewise.report.document import Report
from likewise.report.read import read_report


def compare(before: str | Path | Report, after: str | Path | Report) -> Difference:
    """What the second report says other than the first; paths are those of their JSON twins."""
    return compare_reports(_read(before), _read(after))


def _read(report: str | Path | Report) -> Report:
    return report if isinstance(report, Report) else read_report(report)

"""Whether two reports may be compared: the same real rows, held-out rows, target and sizes."""

from collections.abc import Iterator

from likewise.report.document import Report
from likewise.report.wording import listed

_EVALUATED = 3  # hashes of a report by ``evaluate`` with a holdout: real, synthetic, held out


def objections(before: Report, after: Report) -> tuple[str, ...]:
    """Why the two are not about the same thing, a sentence each; empty when they are."""
    found = [*_of_data(before, after), *_of_rows(before, after), *_of_question(before, after)]
    return tuple(found)


def _of_data(before: Report, after: Report) -> Iterator[str]:
    one, two = (list(report.provenance.data_sha256.values()) for report in (before, after))
    if not one or not two:
        yield "Whether both are about the same real table is not known: a hash is missing."
    elif one[0] != two[0]:
        yield "The real tables differ, and with them every floor."
    if len(one) == len(two) == _EVALUATED and one[2] != two[2]:
        yield "The held-out rows differ."
    seeds = (before.provenance.seed, after.provenance.seed)
    splits = ["train" in report.provenance.rows for report in (before, after)]
    if all(splits) and "holdout" in after.provenance.rows and seeds[0] != seeds[1]:
        yield f"Other rows were held out: the seeds are {seeds[0]} and {seeds[1]}."


def _of_rows(before: Report, after: Report) -> Iterator[str]:
    one, two = _rows(before), _rows(after)
    if ("holdout" in one) != ("holdout" in two):
        yield f"Only the {'first' if 'holdout' in one else 'second'} has held-out rows."
    for role in one:
        if role in two and one[role] != two[role]:
            yield f"Rows ({role}): {one[role]:,} and {two[role]:,}; scores depend on the number."


def _rows(report: Report) -> dict[str, int]:
    """Rows by role; ``synth`` judges against the rows it learned, ``evaluate`` against all."""
    rows = report.provenance.rows
    return {"real" if role == "train" else role: n for role, n in rows.items() if role != "input"}


def _of_question(before: Report, after: Report) -> Iterator[str]:
    if before.target != after.target:
        yield "The targets differ, so the utilities are of different models."
    names = [[column.name for column in report.columns] for report in (before, after)]
    for which, some, others in (("first", *names), ("second", names[1], names[0])):
        if only := sorted(set(some) - set(others)):
            yield f"Columns in the {which} only: {listed(only)}."
    one, two = before.provenance.likewise, after.provenance.likewise
    if one != two:
        yield f"Made by likewise {one} and {two}, which may measure differently."

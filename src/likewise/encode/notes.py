"""What a reader of the report should know about how columns were learned."""

from collections.abc import Iterator

from likewise.data.schema import Column
from likewise.encode.key import Key
from likewise.encode.label import Labels
from likewise.encode.moment import Moment, Scalar
from likewise.encode.pseudonym import Pseudonym

Codec = Scalar | Moment | Labels | Key | Pseudonym


def notes_on(column: Column, part: Codec, learned: bool, rows: int, k: int) -> Iterator[str]:
    """Sentences on a column of ``rows`` rows; ``learned``: whether any of its levels are free."""
    place = f"column {column.name!r}"
    if isinstance(part, Key):
        yield f"{place}: keys are regenerated in their format, not learned"
    elif isinstance(part, Pseudonym):
        yield f"{place}: identifiers that repeat were replaced by new codes of their format"
    elif isinstance(part, Labels):
        if rows and not learned and not part.rare:
            yield f"{place}: holds one value only, so nothing was learned"
        yield from _label_notes(place, part, k)
    else:
        if rows and not learned:
            yield f"{place}: no two values are frequent enough, so nothing was learned"
        if isinstance(part, Moment) and part.zone != column.timezone:
            yield (
                f"{place}: the time zone {column.timezone!r} is not known on this machine: times "
                "of day were learned in UTC"
            )
        if part.protected:
            yield f"{place}: {part.protected} rows at an end, too few to keep, were moved inwards"


def _label_notes(place: str, part: Labels, k: int) -> Iterator[str]:
    if not part.rare:
        return
    rare = int(part.counts[-1]) if part.pooled else 0
    coded = sum(template.count for template in part.templates)
    if coded:
        yield f"{place}: {coded} rows hold rare codes, which are drawn anew from their formats"
    if rare and part.filler is not None:
        yield (
            f"{place}: free text was replaced by filler ({rare} rows); "
            "text models are not part of this version"
        )
    elif rare:
        yield (
            f"{place}: labels shared by fewer than {k} rows ({part.rare} labels, {rare} rows) "
            "were replaced by more frequent ones"
        )
    elif part.ordered:
        yield f"{place}: {part.rare} levels of fewer than {k} rows were joined with the next"

"""Column names that are all there and all different."""

from collections.abc import Sequence


def distinct_names(written: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names for columns as written, and notes on those that had to be changed.

    A blank third name becomes ``column_3``; a second ``a`` becomes ``a_2``.
    """
    taken = {name for name in written if name.strip()}
    names: list[str] = []
    seen: set[str] = set()
    blank = double = 0
    for position, name in enumerate(written, start=1):
        new = name
        if not name.strip():
            blank += 1
            new = f"column_{position}"
        elif name in seen:
            double += 1
        count = 2
        while new in seen or (new != name and new in taken):
            new = f"{name if name.strip() else f'column_{position}'}_{count}"
            count += 1
        seen.add(new)
        names.append(new)
    notes = []
    if blank:
        notes.append(f"{blank:,} columns had no name: called column_ and their position")
    if double:
        notes.append(f"{double:,} columns repeated a name: numbered _2 and on")
    return names, notes

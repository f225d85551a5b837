"""A report from its JSON twin; everything in the file is checked before it is used."""

import json
import math
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from likewise.core.errors import DataError, FormatError
from likewise.report.document import Report

VERSION = 1
_KNOWN_BY = {"version", "title", "verdict", "gauges", "scores", "columns"}
_HOW = "Give the JSON that likewise synth or evaluate wrote beside its page"


def read_report(path: str | Path) -> Report:
    """Read what ``report.write`` or ``--json`` wrote.

    Fields that this version does not know are left out, since they may appear within a version of
    the format. A file that is no report, is damaged or of a newer version raises FormatError.
    """
    place = Path(path)
    plain = _parsed(place)
    if not isinstance(plain, dict) or not plain.keys() >= _KNOWN_BY:
        raise FormatError(str(place), "is no report of likewise", _HOW)
    version = plain["version"]
    if isinstance(version, int) and version > VERSION:
        found = f"is a report of version {version}, and this likewise reads version {VERSION}"
        raise FormatError(str(place), found, "Update likewise")
    try:
        return Report.model_validate(_without_unknown(plain))
    except ValidationError as error:
        first = error.errors()[0]
        where = " → ".join(str(part) for part in first["loc"])
        found = f"is damaged at {where}: {first['msg']}"
        raise FormatError(str(place), found, "Make the report again") from None


def _parsed(place: Path) -> Any:
    try:
        text = place.read_text(encoding="utf-8")
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except OSError as error:
        found = f"cannot be read ({error.strerror})"
        raise DataError(str(place), found, "Check the path") from None
    except (ValueError, RecursionError):
        twin = place.with_suffix(".json")
        page = place.suffix in (".html", ".htm")
        hint = f"Give {twin}, which lies beside the page" if page and twin.exists() else _HOW
        raise FormatError(str(place), "is no JSON", hint) from None


def _finite(word: str) -> float:
    """JSON has no NaN and no infinity; Python would read them, and 1e999 as well."""
    value = float(word)
    if not math.isfinite(value):
        raise ValueError(word)
    return value


def _without_unknown(plain: dict[str, Any]) -> dict[str, Any]:
    """The values without the fields that the format of this version does not have."""
    try:
        Report.model_validate(plain)
    except ValidationError as error:
        unknown = [e["loc"] for e in error.errors() if e["type"] == "extra_forbidden"]
        if unknown:
            plain = json.loads(json.dumps(plain))
        for *parents, name in unknown:
            holder: Any = plain
            for step in parents:
                holder = holder[step]
            del holder[name]
    return plain

"""What pages that need no network share: assets inside the file, templates, and their policy.

The content security policy allows a page's own style and scripts by their hashes, nothing else.
"""

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from likewise.report.wording import brief, number, percent, shown, span, titled, unbroken

_FILTERS: dict[str, Callable[..., Any]] = {
    "percent": percent, "number": number, "brief": brief, "shown": shown, "span": span,
    "titled": titled, "unbroken": unbroken,
}  # fmt: skip


def environment(**functions: Callable[..., Any]) -> Environment:
    """Templates that escape all they are given, with the filters of wording and ``functions``."""
    made = Environment(
        loader=PackageLoader("likewise.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(_FILTERS)
    made.globals.update(functions)
    return made


def policy(style: str, *scripts: str) -> str:
    """The content security policy of a page with this style and these scripts."""
    sources = f"script-src {' '.join(map(_hash, scripts))}; " if scripts else ""
    return (
        f"default-src 'none'; {sources}style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def asset(name: str) -> str:
    """A text file of the package's assets."""
    return asset_bytes(name).decode()


def asset_bytes(name: str) -> bytes:
    """Any file of the package's assets."""
    return resources.files("likewise.report").joinpath("assets", name).read_bytes()


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"

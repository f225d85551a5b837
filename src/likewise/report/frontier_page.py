"""A sweep as one HTML file that needs nothing else: no network, no server, no JavaScript.

In the report's style; the content security policy allows the page's own style by its hash, and
nothing that runs.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment

from likewise.core.atomic import replacing
from likewise.report.frontier import Frontier, Interval, Measure, Trial
from likewise.report.offline import asset, environment, policy
from likewise.report.scatter import kind, scatter
from likewise.report.wording import span

STATES = {"leak": "fail", "open": "warn", "quiet": "pass"}


def write_page(found: Frontier, path: Path) -> None:
    """Write the page, whole or not at all."""
    with replacing(path) as part:
        part.write_text(render(found), encoding="utf-8", newline="\n")


def render(found: Frontier) -> str:
    """The page; about 25 KB and 1 KB for each trial."""
    style = asset("report.css") + asset("frontier.css")
    names = {name for trial in found.trials for name in trial.attacks}
    return (
        _environment()
        .get_template("frontier.html.j2")
        .render(
            found=found,
            best=found.best,
            first=next((trial for trial in found.trials if not trial.error), None),
            chart=scatter(found),
            attacks=[name for name in ("membership", "outliers") if name in names],
            style=style,
            policy=policy(style),
            facts=_facts(found),
        )
    )


@cache
def _environment() -> Environment:
    return environment(around=_around, state=_state)


def _around(measure: Measure | None, unit: str = "") -> str:
    """The interval of a measure in words; empty without one."""
    interval: Interval | None = None if measure is None else measure.interval
    return span(interval, unit)


def _state(trial: Trial) -> str:
    """The mark of a trial by what the attacks have found."""
    return STATES[kind(trial)]


def _facts(found: Frontier) -> list[tuple[str, str]]:
    """What it takes to do it again, as terms and texts."""
    origin = found.origin
    return [
        ("Data", origin.data),
        ("SHA-256", origin.data_sha256),
        ("Rows", ", ".join(f"{name} {count:,}" for name, count in origin.rows.items())),
        ("Target", origin.target or "none named: the columns that others predict best"),
        ("Methods", ", ".join(origin.generators)),
        ("Seed", str(origin.seed)),
        ("Learning, each", f"{origin.budget:g} s at most"),
        ("Ended", found.ended),
        ("likewise", origin.likewise),
        ("Python", origin.python),
        ("Packages", ", ".join(f"{name} {one}" for name, one in origin.packages.items())),
    ]

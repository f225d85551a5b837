"""What ``simulate`` and ``calibrate`` have in common: their options, and what a run says."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from likewise.cli.console import Voice
    from likewise.jobs.simulation_plan import SimulationPlan

F = TypeVar("F", bound=Callable[..., Any])


def what(function: F) -> F:
    """``--set``, ``--steps``, ``--days``, ``--model`` and ``--population``."""
    options = (
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="KEY=VALUE",
            help="A setting of the simulator; may be repeated.",
        ),
        click.option(
            "--steps",
            type=click.IntRange(0),
            metavar="N",
            help="How long; by default the simulator's own.",
        ),
        click.option(
            "--days",
            type=float,
            metavar="N",
            help="How long, where a step has a length; a step that has begun is a whole one.",
        ),
        click.option(
            "--model",
            metavar="FILE.model",
            help="Settings from a fitted model, for a simulator in a FILE.py.",
        ),
        click.option(
            "--population",
            "populations",
            multiple=True,
            metavar="[NAME=]FILE[:METHOD]",
            help="Learn this table and draw the agents from it; METHOD real takes its rows.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def given_populations(texts: tuple[str, ...]) -> dict[str, Any]:
    """The fields ``population`` and ``populations`` of a plan, from the command line."""
    named: dict[str, Any] = {}
    alone: dict[str, Any] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        file, method = _file(rest if equals else text)
        one = {"real": file} if method == "real" else {"learn": file, "generator": method}
        if equals:
            named[name] = one
        else:
            alone = {"population": one}
    return {**alone, "populations": named}


def _file(text: str) -> tuple[str, str]:
    """A file and the method behind its last colon; trees without one."""
    file, colon, method = text.rpartition(":")
    named = colon and "." not in method and "://" not in text
    return (file, method) if named else (text, "trees")


def run(voice: "Voice", plan: "SimulationPlan", *, drawn: bool) -> None:
    """Simulate, and say on the way what is done."""
    from likewise.cli import story
    from likewise.cli.console import print_json
    from likewise.cli.simulation_story import simulated
    from likewise.jobs import simulate

    assert plan.seed is not None
    story.seed(voice, plan.seed, drawn=drawn)
    with voice.progress() as progress:
        done = simulate.run(plan, progress)
    if voice.as_json:
        print_json(done.as_json())
    simulated(voice, done)

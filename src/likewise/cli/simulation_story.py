"""What ``simulate`` and ``calibrate`` tell people of facts: on standard error, in aligned lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from likewise.cli import story
from likewise.cli.console import Voice
from likewise.report.wording import brief

if TYPE_CHECKING:
    from likewise.jobs.calibrate import Calibrated
    from likewise.jobs.simulate import Simulated
    from likewise.jobs.simulation_facts import FactRow

MOST = 0.5  # share of runs that must meet a fact
LONG = 60  # characters of a list that are shown


def simulated(voice: Voice, done: "Simulated") -> None:
    """How long it went, what there is, where the numbers ended, and where the files are."""
    rows = ", ".join(f"{name} {count:,}" for name, count in done.rows.items())
    last = ", ".join(f"{name} {brief(value)}" for name, value in done.last.items())
    facts = [("steps", f"{done.steps:,}"), ("rows", rows)]
    voice.say(story.lines([*facts, *([("ended at", last)] if last else [])]))
    if done.facts:
        voice.say(_facts(done.facts))
    story.ending(voice, done.files, done.seconds, None)


def _facts(facts: "Sequence[FactRow]") -> Table:
    """The facts of a simulation, with bands and misses."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    has_real = any(fact.real is not None for fact in facts)
    table.add_column("fact", no_wrap=True)
    for title in ("here", *(["real"] if has_real else [])):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("believed", no_wrap=True)
    table.add_column("")
    for fact in facts:
        low, high = (None if x is None else brief(x) for x in (fact.low, fact.high))
        band = f"{low or ''} … {high or ''}".strip() if low or high else ""
        verdict = Text("")
        if fact.inside is not None:
            verdict = Text("missed", "yellow") if fact.missed else Text("inside", "green")
        real = ["" if fact.real is None else brief(fact.real)] if has_real else []
        value = "none" if fact.value is None else brief(fact.value)
        table.add_row(Text(fact.name), value, *real, band, verdict)
    return table


def _setting(value: object) -> str:
    """A setting as it is shown: of a long list only how many entries it has."""
    text = f"{value}"
    return f"({len(value)} entries)" if isinstance(value, list) and len(text) > LONG else text


def calibrated(voice: Voice, done: "Calibrated", *, verbose: bool) -> None:
    """The parameters that were found, and each wanted fact beside what new seeds give."""
    found = ", ".join(f"{name} {brief(value)}" for name, value in done.calibrated.items())
    shown = [("found", found or "nothing; what data say directly was taken")]
    if verbose or not found:
        shown.append(
            ("settings", ", ".join(f"{k} {_setting(v)}" for k, v in done.parameters.items()))
        )
    if done.misfit is not None:
        shown.append(("misfit", f"J = {done.misfit:.4g} after {done.evaluations:,} evaluations"))
    voice.say(story.lines(shown))
    if done.facts:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        table.add_column("fact", no_wrap=True)
        for title in ("wanted", "± error", "new seeds", "spread", "met in"):
            table.add_column(title, justify="right", no_wrap=True)
        for fact in done.facts:
            spread = "" if fact.spread is None else f"{fact.spread:.3g}"
            met = Text(f"{fact.met:.0%}", "green" if fact.met >= MOST else "yellow")
            row = (brief(fact.wanted), f"{fact.standard_error:.2g}", brief(fact.simulated))
            table.add_row(Text(fact.name), *row, spread, met)
        voice.say(table)
        missed = [fact.name for fact in done.facts if fact.met < MOST]
        count = len(done.facts)
        said = f"{count - len(missed)} of {count} facts are met by most of {done.trials} new seeds."
        voice.say(said + (f" Missed: {', '.join(missed)}." if missed else ""))
        _tell_zeros(voice, done)
    story.ending(voice, done.files, done.seconds, None)


def _tell_zeros(voice: Voice, done: "Calibrated") -> None:
    """A wanted 0 has no 10 %: which error was assumed, and how to state another."""
    from likewise.simulate.facts import OF_ZERO

    zeros = [f.name for f in done.facts if f.wanted == 0 and f.standard_error == OF_ZERO]
    if zeros:
        said = f"A wanted 0 is taken to have an error of {OF_ZERO:g} ({', '.join(zeros)}); "
        voice.say(f"{said}to state another, write {zeros[0]}: {{wanted: 0, error: 0.001}}.")

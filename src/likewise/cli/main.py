"""The command ``likewise``: finds the command, runs it, and turns every failure into one line.

Nothing heavy is imported here: each command lives in a module that is imported when it is called.
"""

import importlib
import math
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn

import click

from likewise import __version__
from likewise.core.errors import LikewiseError, masked
from likewise.core.registry import suggest

COMMANDS = {
    "Make": {
        "synth": "Make a synthetic copy of a table or a folder of tables, and a report on it.",
        "run": "Make synthetic tables as a plan file says.",
        "fit": "Learn a table and keep the model.",
        "sample": "Draw rows from a model.",
        "impute": "Fill the missing cells of a table.",
        "simulate": "Let agents act, and write what happens as tables.",
        "calibrate": "Fit a simulator to tables or published numbers.",
    },
    "Judge": {
        "evaluate": "Judge a synthetic table against the real one.",
        "compare": "Compare two reports.",
        "frontier": "Try methods and their privacy dials, and recommend one.",
    },
    "Move": {
        "db": "Read, write and copy whole databases: pull, push, clone.",
    },
    "Look": {
        "plan": "Write a plan file of linked tables: plan init.",
        "inspect": "Show what the columns of a table are, and why.",
        "generators": "List the methods and their settings.",
        "doctor": "Show versions, cores, memory and what is missing.",
        "demo": "Try it all on real data that need no download.",
    },
}
CANCELLED = 6
_CANCELLED = "cancelled; nothing was left half-written."
_SAME_WISH = 1.0  # seconds: a terminal, a wrapper and an impatient hand may all send a signal
interrupted = threading.Event()  # a library may swallow the exception, or fail in another way


class LazyGroup(click.Group):
    """Commands known by name and summary; a command's module is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help page."""
        return [name for section in COMMANDS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of the same name and take its ``command``."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"likewise.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, but an unknown name comes with the nearest known one."""
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            hint = suggest(args[0], self.list_commands(ctx))
            raise click.UsageError(f"no such command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by section, without importing any of them."""
        for title, section in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl(list(section.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with: likewise demo, or likewise synth YOUR.csv. "
    "LIKEWISE_SEED, _WORKERS, _BUDGET, _GENERATOR, _QUIET and _VERBOSE in the environment stand in "
    "for the options of those names.",
)
@click.version_option(__version__, prog_name="likewise", message="%(prog)s %(version)s")
def app() -> None:
    """Synthetic data that behaves like the real thing and carries none of its people."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """The entry point: run and leave with an exit code.

    0 done · 1 unexpected error · 2 usage · 3 data · 4 a gate failed · 5 a database cannot be
    reached, or refuses · 6 cancelled · 7 an optional package is missing.
    """
    try:  # before the handlers stand: from then on an interrupt may fall anywhere
        _answer_signals(_once(_interrupt))
        sys.unraisablehook = _unraisable
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning on a busy machine is slow
        code = run(list(sys.argv[1:] if argv is None else argv))
        _flush()
        _answer_signals(lambda *_: os._exit(code))  # Python's own end must not be unwound
    except KeyboardInterrupt:  # before or after the work, or while its failure was being told
        code = _complain(_CANCELLED, CANCELLED)
    if code == CANCELLED:  # everything is tidied; threads may be at work for minutes yet, and an
        os._exit(code)  # interrupt that fell into exec("...") would make Python end by the signal
    sys.exit(code)


def _answer_signals(handler: Callable[..., None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:  # said already; a second failure at exit would add a traceback
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(args: list[str]) -> int:
    """Run one command line; the exit code. Every failure is one line on standard error."""
    try:
        with warnings.catch_warnings():
            if not _verbose(args):
                warnings.simplefilter("ignore")  # libraries' advice to programmers, not to users
            code = app.main(args, prog_name="likewise", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        return _complain(_usage(error), error.exit_code)
    except LikewiseError as error:
        return _complain(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        said = str(error.__cause__ or error)  # click hides what the interrupt says
        return _complain(said or _CANCELLED, CANCELLED)
    except MemoryError:
        return _complain("memory: not enough for these data. Give fewer rows or columns.", 3)
    except OSError as error:
        place = error.filename or "output"
        return _complain(f"{place}: {error.strerror or error}. Free some space or look there.", 3)
    except Exception as error:
        if interrupted.is_set():
            return _complain(_CANCELLED, CANCELLED)
        if _verbose(args):
            import traceback

            traceback.print_exc()
        else:
            hint = "Run again with --verbose to see where, and please report it."
            _complain(f"unexpected {type(error).__name__}. {hint}", 1)
        return 1


def _verbose(args: list[str]) -> bool:
    return "--verbose" in args or bool(os.environ.get("LIKEWISE_VERBOSE"))


def _complain(message: str, code: int) -> int:
    click.echo(f"likewise: {masked(' '.join(message.split()))}", err=True)
    return code


def _usage(error: click.ClickException) -> str:
    """Click's complaint as "command: what. Run: … --help"."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    if context is None:
        return f"{message}."
    path = context.command_path
    place = path.removeprefix("likewise").strip()
    end = "" if message.endswith("?") else "."
    return f"{place}{': ' if place else ''}{message}{end} Run: {path} --help"


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """Ctrl-C, and SIGTERM alike, so that temporary files are removed."""
    interrupted.set()
    raise KeyboardInterrupt


def _once(handler: Callable[[int, FrameType | None], None]) -> Callable[..., None]:
    """The handler, deaf for a moment after each signal, so that tidying is not interrupted."""
    last = -math.inf

    def answer(signum: int, frame: FrameType | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _SAME_WISH:
            last = now
            handler(signum, frame)

    return answer


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    """Finalisers cannot be cancelled; ``interrupted`` remembers, so nothing needs to be said."""
    if not issubclass(found.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(found)


if __name__ == "__main__":
    main()

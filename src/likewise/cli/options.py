"""Options that several commands share, and the types of their values."""

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    _Type = click.ParamType[Any]
else:
    _Type = click.ParamType  # generic since click 8.4

F = TypeVar("F", bound=Callable[..., Any])

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}


class Seconds(_Type):
    """A span of time: ``60``, ``60s``, ``10m`` or ``1h``."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Seconds as a float; nothing below zero."""
        if isinstance(value, int | float):
            return float(value)
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|)", value.strip().lower())
        if match is None:
            self.fail(f"{value!r} is no span of time; write 60s, 10m or 1h", param, ctx)
        return float(match[1]) * _UNITS[match[2]]


class Count(_Type):
    """A number of rows: ``5000``, ``5_000``, ``5k``, ``2M`` or ``1e6``."""

    name = "ROWS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A whole number, zero or more."""
        if isinstance(value, int):
            return value
        text = value.strip().lower().replace("_", "").replace(",", "")
        match = re.fullmatch(r"(\d+(?:\.\d+)?(?:e\d+)?)(k|m|b|)", text)
        number = float(match[1]) * _SCALES[match[2]] if match else -1.0
        if number < 0 or number != int(number) or number >= 2**62:
            self.fail(f"{value!r} is no number of rows; write 0 or more, such as 5000", param, ctx)
        return int(match[1]) if match and match[1].isdigit() and not match[2] else int(number)


class Scale(_Type):
    """How many times as many: ``0.1x``, ``10x`` or ``2``."""

    name = "SCALE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A number above zero."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*x?", str(value).strip().lower())
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is no scale; write 0.1x, 1x or 10x", param, ctx)
        return float(match[1])


class SeedNumber(_Type):
    """A whole number from 0 to 2**64 - 1."""

    name = "S"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        text = str(value).strip()
        if not text.isdecimal() or int(text) >= 2**64:
            self.fail(f"{text!r} is no seed; give a whole number from 0 to 2**64 - 1", param, ctx)
        return int(text)


def seed(command: F) -> F:
    """``--seed``."""
    return click.option(
        "--seed",
        type=SeedNumber(),
        envvar="LIKEWISE_SEED",
        help="Same seed, same input, same bytes; drawn and printed when not given.",
    )(command)


def workers(command: F) -> F:
    """``--workers``."""
    return click.option(
        "--workers",
        type=click.IntRange(1),
        metavar="N",
        envvar="LIKEWISE_WORKERS",
        callback=_limit_threads,
        help="Threads; all cores by default. No result depends on it.",
    )(command)


def _limit_threads(ctx: click.Context, param: click.Parameter, value: int | None) -> int | None:
    """Tell compiled libraries too; they read this once, when they are loaded."""
    if value is not None:
        os.environ["OMP_NUM_THREADS"] = str(value)
    return value


def talk(command: F) -> F:
    """``--json``, ``--quiet`` and ``--verbose``."""
    command = click.option(
        "--verbose", is_flag=True, envvar="LIKEWISE_VERBOSE", help="Say more; show tracebacks."
    )(command)
    command = click.option(
        "--quiet", is_flag=True, envvar="LIKEWISE_QUIET", help="Say nothing but errors."
    )(command)
    return click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")(
        command
    )


def gate(command: F) -> F:
    """``--gate``."""
    return click.option(
        "--gate", metavar="FILE", help="Exit 4 unless the report passes these gates (YAML or JSON)."
    )(command)


def scope(command: F) -> F:
    """``--full`` and ``--real-cards``."""
    command = click.option(
        "--real-cards", is_flag=True, help="Deal held-out real rows, coarsened, in the card game."
    )(command)
    return click.option(
        "--full", is_flag=True, help="Try attacks, and take the scores that need minutes."
    )(command)


def series(command: F) -> F:
    """``--series``, ``--time`` and ``--entity``."""
    for option in reversed(
        (
            click.option(
                "--series",
                is_flag=True,
                help="Rows follow each other in equal steps: learn and judge that.",
            ),
            click.option(
                "--time", metavar="COL", help="The column of moments; found if there is one only."
            ),
            click.option(
                "--entity",
                metavar="COL",
                help="The column that says whose event a row is; with --series, its series.",
            ),
        )
    ):
        command = option(command)
    return command


def method(command: F) -> F:
    """What to learn with: ``--generator``, ``--set``, ``--target``, ``--schema``, ``--budget``."""
    for option in reversed(
        (
            click.option(
                "--generator",
                default="auto",
                show_default=True,
                metavar="NAME",
                envvar="LIKEWISE_GENERATOR",
                help="Method; see: likewise generators.",
            ),
            click.option(
                "--set",
                "settings",
                multiple=True,
                metavar="KEY=VALUE",
                help="A setting of the method; may be repeated.",
            ),
            click.option(
                "--target", metavar="COL", help="The column that models will be trained to predict."
            ),
            click.option(
                "--schema", metavar="FILE", help="Column kinds and rules; see: likewise inspect -o."
            ),
            click.option(
                "--budget",
                type=Seconds(),
                default="60s",
                show_default=True,
                envvar="LIKEWISE_BUDGET",
                help="Time for learning; more time, better data.",
            ),
        )
    ):
        command = option(command)
    return command


def refuse_for_folders(given: Mapping[str, Any]) -> None:
    """Raise ConfigError for options that only single tables have, if one was given."""
    from likewise.core.errors import ConfigError

    for option, value in given.items():
        if value:
            hint = "Judge that table by itself, or leave the option out"
            raise ConfigError(option, "not for folders of linked tables", hint)

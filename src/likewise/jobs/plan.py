"""A whole run as one frozen value, built by the command line and by Python alike."""

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from likewise.core.errors import ConfigError, DataError
from likewise.core.seeds import Seed
from likewise.data.schema import Schema
from likewise.io.dialect import dialect_of
from likewise.io.read import stem
from likewise.report.gate_file import Gates

STREAM = "-"  # standard input or output


class Plan(BaseModel):
    """Everything a run needs to be done again.

    Attributes:
        input: path of the real table; "-" is standard input, "" a data frame of the caller.
        generator: name of the method, as in ``likewise generators``.
        settings: the method's settings that differ from their defaults.
        target: the column that models will be trained to predict.
        declared: column kinds and rules that stand above what is found.
        seed: where all randomness comes from; drawn when not given.
        budget: seconds for learning.
        workers: threads, None for all cores; no result depends on it.
        holdout: share of rows kept back to judge by, in [0, 1).
        judge: whether the result is judged and reported.
        full: judge with attacks, and the scores that need minutes.
        real_cards: show held-out real rows, in coarse form, among the cards of the report.
        refit: after judging, learn all rows and sample from that model.
        rows: rows to make, or entities of a table of events; None for as many as were read.
        output: path of the synthetic table; "-" is standard output, None writes none.
        report: path of the HTML report, whose JSON twin lies beside it; None writes none.
        model: path of the fitted model; None writes none.
        gates: what the report will have to pass; only their columns are looked up by the run.
        resume: go on from what an interrupted run of the same plan has left.
        series: rows follow each other in equal steps; learn that, and judge it.
        time: the column of moments of a series or of events, if there is one.
        entity: the column that names the series of a row, if there are several; without ``series``
            the one that says whose event a row is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    input: str = ""
    generator: str = "auto"
    settings: dict[str, Any] = {}
    target: str | None = None
    declared: Schema | None = None
    seed: Annotated[int, Field(ge=0, lt=2**64)] = Field(default_factory=lambda: Seed.of(None).value)
    budget: Annotated[float, Field(gt=0)] = 60.0
    workers: Annotated[int, Field(ge=1)] | None = None
    holdout: Annotated[float, Field(ge=0, lt=1)] = 0.2
    judge: bool = True
    full: bool = False
    real_cards: bool = False
    refit: bool = False
    rows: Annotated[int, Field(ge=0)] | None = None
    output: str | None = None
    report: str | None = None
    model: str | None = None
    gates: tuple[Gates, ...] = ()
    resume: bool = False
    series: bool = False
    time: str | None = None
    entity: str | None = None

    @property
    def checkpoint(self) -> Path | None:
        """Folder for the state of a run that is cut off; None when no file is written."""
        named = [path for path in (self.model, self.output) if path and path != STREAM]
        return Path(f"{named[0]}.checkpoint") if named else None

    @property
    def outputs(self) -> dict[str, Path]:
        """The files the run will write, by what they are; standard output is none."""
        paths = {"synthetic": self.output, "model": self.model, "report": self.report}
        if self.report:
            paths["report_json"] = str(twin(Path(self.report)))
        return {what: Path(path) for what, path in paths.items() if path and path != STREAM}

    @property
    def command(self) -> str | None:
        """The command line that repeats the run, without what does not change the result."""
        if not self.input:
            return None
        words = ["likewise", "synth", Path(self.input).name if self.input != STREAM else STREAM]
        words += ["--series"] if self.series else []
        words += [] if self.time is None else ["--time", self.time]
        words += [] if self.entity is None else ["--entity", self.entity]
        words += [] if self.rows is None else ["-n", str(self.rows)]
        words += [] if self.generator == "auto" else ["--generator", self.generator]
        for name, value in self.settings.items():
            words += ["--set", f"{name}={value}"]
        words += [] if self.target is None else ["--target", self.target]
        words += [] if self.declared is None else ["--schema", "schema.yaml"]
        words += [] if self.budget == 60 else ["--budget", f"{self.budget:g}s"]
        words += ["--refit"] if self.refit else []
        words += ["--full"] if self.full else []
        words += ["--real-cards"] if self.real_cards else []
        return shlex.join([*words, "--seed", str(self.seed)])

    def check_outputs(self) -> None:
        """Fail now, not after the learning, if a file cannot be written where it is wanted."""
        if self.report == STREAM:
            raise ConfigError("--report -", "a report is a page and its twin", "Name a file")
        files = self.outputs
        seen: dict[Path, str] = {}
        refuse_overwriting(files.values(), [self.input])
        for what, path in files.items():
            key = path.absolute()
            if key in seen:
                found = f"named for both the {seen[key]} and the {what}"
                raise ConfigError(str(path), found, "Give each its own path")
            seen[key] = what
            there = [file for file, at in files.items() if at.parent == path.parent]
            check_writable(path, " and ".join(self._options(there)))
        source = [] if self.input in ("", STREAM) else [Path(self.input)]
        if "synthetic" in files and all(path.is_file() for path in source):
            for path in (*source, files["synthetic"]):
                dialect_of(path)  # raises where the suffix names no format

    def _options(self, files: Iterable[str]) -> list[str]:
        """What says where these files go; the model is what ``fit`` writes."""
        names = {"synthetic": "-o", "model": "--model" if self.output else "-o"}
        return list(dict.fromkeys(names.get(file, "--report") for file in files))


def make_plan(*, seed: int | Seed | None = None, **fields: Any) -> Plan:
    """A plan with its seed drawn if need be; a field that cannot be raises ConfigError."""
    try:
        return Plan(seed=Seed.of(seed).value, **fields)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise ConfigError(
            f"--{name}", f"{fields.get(name)!r} cannot be used", first["msg"]
        ) from None


def default_output(source: str) -> str:
    """Beside the input, in its format; standard output when the input is standard input."""
    if source == STREAM:
        return STREAM
    return beside(source, ".synthetic" + suffixes(Path(source)))


def default_report(source: str) -> str | None:
    """Beside the input; none when the input is standard input."""
    return None if source == STREAM else beside(source, ".report.html")


def check_writable(path: Path, options: str = "-o") -> None:
    """Raise DataError if no file can be made at ``path``, which ``options`` can change."""
    if path.exists() and not path.is_file():
        found = "is a folder" if path.is_dir() else "is no regular file"
        raise DataError(str(path), found, "Give the path of a file, or - for standard output")
    if not path.parent.is_dir():
        raise DataError(str(path), "its folder does not exist", "Make the folder or name another")
    if not os.access(path.parent, os.W_OK):
        found = "its folder cannot be written to"
        raise DataError(str(path), found, f"Choose a writable place with {options}")


def refuse_overwriting(outputs: Iterable[str | Path], inputs: Iterable[str | None]) -> None:
    """Raise ConfigError if a file that is to be written is one that is read."""
    read = [Path(path) for path in inputs if path and path != STREAM]
    for output in outputs:
        if any(same_file(Path(output), path) for path in read):
            hint = "Give another path, so that it stays as it is"
            raise ConfigError(str(output), "would replace an input", hint)


def same_file(one: Path, other: Path) -> bool:
    """Whether both paths exist and lead to one file."""
    return one.exists() and other.exists() and one.samefile(other)


def beside(path: str, ending: str) -> str:
    """``data/adult.csv.gz`` and ``.report.html`` give ``data/adult.report.html``."""
    whole = Path(path)
    return str(whole.with_name(stem(whole) + ending))


def suffixes(path: Path) -> str:
    """The format and compression of the file's name: adult.csv.gz gives .csv.gz."""
    return path.name.removeprefix(stem(path))


def twin(report: Path) -> Path:
    """Where the JSON twin of a report lies."""
    return report.with_suffix(".json")

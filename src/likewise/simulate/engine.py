"""The scheduler: takes a simulator's rules in order, step by step, and keeps what is observed."""

import contextlib
import shutil
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from likewise.core.atomic import Put, together
from likewise.core.errors import ConfigError, DataError, LikewiseError, SimulationError
from likewise.core.registry import suggest
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.simulate import checkpoint
from likewise.simulate.dynamics import Dynamics
from likewise.simulate.film import Frame
from likewise.simulate.rules import invariants_of, rules_of
from likewise.simulate.sinks import Memory, ParquetFile, Sink, Spool
from likewise.simulate.trajectory import SERIES, Trajectory
from likewise.simulate.world import World

CHECKS = ("step", "rule", "never")
SAVE_SECONDS = 30.0  # between two checkpoints


class Simulation:
    """A run under way: ``advance`` takes a step. Notebooks may hold one and look at its world.

    Args:
        simulator: the recipe.
        seed: of the run.
        check: as for ``Simulator.run``.
        film_every: as for ``Simulator.run``.
        given: as for ``Simulator.run``.
    """

    def __init__(
        self,
        simulator: Dynamics,
        seed: Seed,
        *,
        check: str = "step",
        film_every: int | None = None,
        given: Mapping[str, pa.Table] | None = None,
    ) -> None:
        if check not in CHECKS:
            raise ConfigError("check", repr(check), f"Choose one of: {', '.join(CHECKS)}")
        if film_every is not None and film_every < 1:
            raise ConfigError("film_every", f"{film_every}", "Give 1 or more steps")
        self.simulator = simulator
        self.world = World(seed, _fitting(simulator, given or {}))
        self.series: dict[str, list[float]] = {"step": []}
        self.frames: list[Frame] = []
        self._film_every, self._check = film_every, check
        self._rules = rules_of(type(simulator))
        self._invariants = invariants_of(type(simulator))

    @classmethod
    def begin(
        cls, simulator: Dynamics, seed: Seed, *, check: str = "step",
        film_every: int | None = None, given: Mapping[str, pa.Table] | None = None,
    ) -> "Simulation":  # fmt: skip
        """A world as ``setup`` leaves it, observed for the first time."""
        made = cls(simulator, seed, check=check, film_every=film_every, given=given)
        with _Named(made.world, "setup"):
            simulator.setup(made.world, made.world.draws("setup"))
        made._check_all("setup")
        made._observe()
        return made

    @property
    def done(self) -> bool:
        """Whether the simulator sees no point in going on."""
        return self.simulator.done(self.world)

    def advance(self) -> None:
        """One step: every rule that is due, then the invariants, then what is collected."""
        world = self.world
        world.__dict__["step"] += 1
        for rule in self._rules:
            if world.step % rule.every == 0:
                with _Named(world, f"rule {rule.name!r}"):
                    rule.act(self.simulator, world, world.draws("rule", rule.name, world.step))
                if self._check == "rule":
                    self._check_all(f"rule {rule.name!r}")
        if self._check == "step":
            self._check_all("its rules")
        self._observe()

    def _check_all(self, after: str) -> None:
        if self._check == "never":
            return
        for law in self._invariants:
            with _Named(self.world, f"invariant {law.name!r}"):
                holds = law.holds(self.simulator, self.world)
            if not holds:
                where = f"step {self.world.step}, invariant {law.name!r}"
                hint = "Run with check='rule' to see which rule breaks it, then mend that"
                raise SimulationError(where, f"broken after {after}", hint)

    def _observe(self) -> None:
        world, simulator = self.world, self.simulator
        with _Named(world, "collect"):
            collected = simulator.collect(world)
        names = {"step", *collected}
        if world.step and names != self.series.keys():
            found = "collect gave other names than at the start"
            raise SimulationError(f"step {world.step}", found, "Give the same names each time")
        for name, value in {"step": world.step, **collected}.items():
            number = value.item() if hasattr(value, "item") else value
            self.series.setdefault(name, []).append(number)
        if self._film_every and world.step % self._film_every == 0:
            frame = simulator.frame(world)
            if frame is None:
                found = f"{type(simulator).__name__} draws no frames"
                raise ConfigError("film", found, "Write its method frame")
            self.frames.append(replace(frame, step=world.step))

    def trajectory(self) -> Trajectory:
        """What there is so far; ends the logs, so the run must not go on."""
        self.simulator.finish(self.world)
        events = {name: log.end() for name, log in self.world.logs.items()}
        series = pa.table(dict(self.series))
        world, frames = self.world, tuple(self.frames)
        return Trajectory(world, world.seed.value, world.step, series, events, frames)


def _fitting(simulator: Dynamics, given: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
    """The given tables, if the simulator takes them and they have as many rows as it has agents."""
    known = simulator.populations
    for name, table in given.items():
        where = f"population {name!r}"
        if name not in known:
            hint = suggest(name, list(known)) if known else "Leave it out"
            raise ConfigError(where, f"{type(simulator).__name__} takes no such table", hint)
        wanted = getattr(simulator, known[name])
        if table.num_rows != wanted:
            found = f"{table.num_rows:,} rows for {wanted:,} agents"
            raise ConfigError(where, found, f"Give as many rows, or set {known[name]}")
    return given


class _Named:
    """What goes wrong in a simulator's own code, as SimulationError with its place and no value.

    A class, as a generator would cost three times as much at each rule.
    """

    __slots__ = ("part", "world")

    def __init__(self, world: World, part: str) -> None:
        self.world, self.part = world, part

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, LikewiseError):
            return
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [frame for frame in frames if frame.filename != __file__] or frames
        own = [frame for frame in theirs if frame.filename == theirs[0].filename]
        found = f"{type(error).__name__} in line {own[-1].lineno} of {Path(own[-1].filename).name}"
        where = f"step {self.world.step}, {self.part}"
        raise SimulationError(where, found, "Mend it there") from error


def simulate(
    simulator: Dynamics, steps: int, *, seed: Seed, run: Run, output: Path | None = None,
    put: Put | None = None, film_every: int | None = None, check: str = "step",
    given: Mapping[str, pa.Table] | None = None,
) -> Trajectory:  # fmt: skip
    """See ``Simulator.run``; with ``put``, as ``together`` gives it, files appear with others."""
    if steps < 0:
        raise ConfigError("steps", f"{steps}", "Give 0 or more")
    saved = run.checkpoint
    if saved is not None and saved.exists():
        simulation = Simulation(simulator, seed, check=check, film_every=film_every, given=given)
        checkpoint.restore(simulation, saved)
    else:
        simulation = Simulation.begin(
            simulator, seed, check=check, film_every=film_every, given=given
        )
    with _streams(simulation, output, saved, put):
        _advance(simulation, steps, run)
        made = simulation.trajectory()
        if saved is not None:
            made = _gathered(made, output, put)
    if saved is not None:
        saved.unlink(missing_ok=True)
        shutil.rmtree(_spool(saved))
    return made


def _advance(simulation: Simulation, steps: int, run: Run) -> None:
    world, saved = simulation.world, time.monotonic()
    _tell(simulation, steps, run)
    while world.step < steps and not simulation.done:
        simulation.advance()
        if run.checkpoint is not None and time.monotonic() - saved > SAVE_SECONDS:
            checkpoint.save(simulation, run.checkpoint)
            saved = time.monotonic()
        _tell(simulation, steps, run)


def _tell(simulation: Simulation, steps: int, run: Run) -> None:
    """Progress; whoever stops the run there, between two steps, finds a checkpoint."""
    try:
        run.progress("simulate", simulation.world.step, steps)
    except BaseException:
        if run.checkpoint is not None:
            checkpoint.save(simulation, run.checkpoint)
        raise


@contextlib.contextmanager
def _streams(
    simulation: Simulation, output: Path | None, saved: Path | None, put: Put | None
) -> Iterator[None]:
    """Where the rows of logs go while the block runs; files appear if it ends well."""
    logs = simulation.world.logs
    if SERIES in {**logs, **simulation.world.populations}:
        raise ConfigError(f"world.{SERIES}", "the name of what collect gives", "Choose another")
    if output is not None:
        _make(output)
    if saved is not None:
        for name, log in logs.items():
            log.send_to(Spool(_spool(saved), name, log.chunks))
        yield
    elif output is None:
        yield
    else:
        with _files(list(logs), output, put) as written:
            for name, log in logs.items():
                log.send_to(written[name])
            yield


@contextlib.contextmanager
def _files(names: list[str], folder: Path, put: Put | None) -> Iterator[dict[str, ParquetFile]]:
    """A Parquet file for each name; they appear at the end of the block, or with others."""
    alone = together() if put is None else contextlib.nullcontext(put)
    with alone as place, contextlib.ExitStack() as opened:
        parts = {n: opened.enter_context(place(folder / f"{n}.parquet")) for n in names}
        written = {name: ParquetFile(part) for name, part in parts.items()}
        yield written
    if put is None:  # with others they are where they were written until all appear
        for name, file in written.items():
            file.path = folder / f"{name}.parquet"


def _gathered(made: Trajectory, output: Path | None, put: Put | None) -> Trajectory:
    """The spooled chunks of all logs in memory, or as files in ``output``."""
    if output is None:
        kept: dict[str, Sink] = {name: Memory() for name in made.events}
        for name, sink in kept.items():
            for chunk in made.events[name].chunks():
                sink.write(chunk)
        return replace(made, events=kept)
    with _files(list(made.events), output, put) as written:
        for name, file in written.items():
            for chunk in made.events[name].chunks():
                file.write(chunk)
            file.close()
    return replace(made, events=written)


def _spool(saved: Path) -> Path:
    """The folder of the chunks that belong to a checkpoint."""
    return saved.with_name(saved.name + ".logs")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        found = f"cannot be made ({error.strerror})"
        raise DataError(str(folder), found, "Name a folder that can be written to") from None

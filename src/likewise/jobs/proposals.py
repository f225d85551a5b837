"""What to try next: every method as it is, then its most private end, then what Optuna proposes.

The sampler is a tree-structured Parzen estimator for several objectives. It is asked and told, so
that budget, memory and Ctrl-C stay with the caller. It sees nothing but what it is told, so equal
seeds and results give equal proposals; that is how a sweep goes on from a file: proposals are made
anew, and those whose results are known are answered from memory.

Paper: Ozaki et al., "Multiobjective tree-structured Parzen estimator for computationally expensive
optimization problems", GECCO 2020.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from likewise.core.errors import MissingExtraError
from likewise.core.seeds import Seed
from likewise.generators.dials import dials_of
from likewise.report.frontier import Trial

if TYPE_CHECKING:
    from optuna.study import Study

STALE = 60  # proposals in a row that were made before, after which nothing new is expected
OBJECTIVES = {
    "fidelity": "minimize",
    "utility": "maximize",
    "membership": "minimize",
    "outliers": "minimize",
}
Settings = dict[str, Any]
Ask = tuple[str, Settings]


def refuse_without_optuna() -> None:
    """Raise MissingExtraError if Optuna is not installed."""
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise MissingExtraError.of("likewise frontier", "optuna", "tune") from None


def proposals(
    generators: Sequence[str], rows: int, seed: int, result: Callable[[Ask], Trial | None]
) -> Iterator[Ask]:
    """Methods with settings, none twice; ends when nothing new is proposed.

    Args:
        generators: methods, in the order in which they are first tried.
        rows: training rows, which bound some dials.
        seed: of the sampler.
        result: the trial of a proposal: asked for once the caller comes back for the next one.
    """
    study = _study(generators, rows, seed)
    made: set[str] = set()
    stale = 0
    while stale < STALE:
        asked = study.ask()
        generator = asked.suggest_categorical("generator", list(generators))
        settings = {} if asked.user_attrs.get("default") else _settings(asked, generator, rows)
        ask = generator, settings
        if key_of(*ask) in made:
            stale += 1
        else:
            made.add(key_of(*ask))
            stale = 0
            yield ask
        _tell(study, asked, result(ask))


def key_of(generator: str, settings: Mapping[str, Any]) -> str:
    """What tells one proposal from another."""
    return " ".join([generator, *(f"{name}={settings[name]!r}" for name in sorted(settings))])


def _study(generators: Sequence[str], rows: int, seed: int) -> "Study":
    """A study whose first proposals are the defaults, then the most private ends."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    ends = {name: dials_of(name, rows) for name in generators}
    first = len(generators) + sum(bool(dials) for dials in ends.values())
    sampler = optuna.samplers.TPESampler(
        seed=int(Seed(seed).stream("proposals").integers(2**31)),
        n_startup_trials=first + len(generators),  # drawn at random, but for the first
    )
    study = optuna.create_study(directions=list(OBJECTIVES.values()), sampler=sampler)
    for name in generators:
        study.enqueue_trial({"generator": name}, user_attrs={"default": True})
    for name, dials in ends.items():
        if dials:
            far = {f"{name}.{dial}": found.most_private for dial, found in dials.items()}
            study.enqueue_trial({"generator": name, **far})
    return study


def _settings(asked: Any, generator: str, rows: int) -> Settings:
    """A value for each dial of the method."""
    settings: Settings = {}
    for name, dial in dials_of(generator, rows).items():
        suggest = asked.suggest_int if dial.whole else asked.suggest_float
        low, high = dial.at(dial.low), dial.at(dial.high)
        settings[name] = dial.at(suggest(f"{generator}.{name}", low, high, log=dial.log))
    return settings


def _tell(study: "Study", asked: Any, trial: Trial | None) -> None:
    """Numbers in place of what was not measured tell nothing, as they are always the same."""
    from optuna.trial import TrialState

    if trial is None or trial.error:
        study.tell(asked, state=TrialState.FAIL)
        return
    found = trial.measures
    study.tell(asked, [found[name].value if name in found else 0.0 for name in OBJECTIVES])

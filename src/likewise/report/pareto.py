"""Which trials are worth choosing from, and which one is recommended.

Two trials differ *clearly* in a measure when neither's 95 % interval covers the other's value; less
may be noise. A trial *beats* another when it is clearly better in some measure and the other is
clearly better in none. The Pareto set are the trials that none of the judges beats. Judges are
the trials on the plain Pareto set, where values are taken as they are: so there is always one, and
a trial that some other equals or betters in every value changes nothing for the rest, which a rule
that compares all with all cannot promise, as "clearly" is not transitive.

Paper: Teich, "Pareto-front exploration with uncertain objectives", EMO 2001.
"""

from collections.abc import Mapping, Sequence

from likewise.report.frontier import Measure, Trial

Measures = Mapping[str, Measure]


def pareto(trials: Sequence[Trial]) -> tuple[int, ...]:
    """Numbers of the trials that none beats by more than noise, in order of trying."""
    points = {trial.number: trial.measures for trial in trials if not trial.error}
    judges = [
        number
        for number, point in points.items()
        if not any(_dominates(other, point) for other in points.values())
    ]
    open_ones = [
        number
        for number, point in points.items()
        if not any(beats(points[judge], point) for judge in judges)
    ]
    return tuple(open_ones or judges)  # judges that beat each other in a circle all stay


def beats(one: Measures, other: Measures) -> bool:
    """Whether ``one`` is clearly better in some measure and ``other`` clearly better in none."""
    shared = one.keys() & other.keys()
    wins = any(clearly_better(one[name], other[name]) for name in shared)
    return wins and not any(clearly_better(other[name], one[name]) for name in shared)


def clearly_better(one: Measure, other: Measure) -> bool:
    """Whether ``one`` is better and neither interval covers the other's value."""
    if _gain(one, other) <= 0:
        return False
    return not (_covers(one, other.value) or _covers(other, one.value))


def recommend(trials: Sequence[Trial], open_ones: Sequence[int]) -> tuple[int | None, str]:
    """The number of the trial to use, and why, in a sentence.

    Among trials of the Pareto set in which no attack is detected and near copies are as usual: the
    best utility; of those whose utility is not clearly less, the best fidelity. If no trial is so,
    the one whose attacks succeed least, and the sentence says that it leaks.
    """
    worked = [trial for trial in trials if not trial.error]
    if not worked:
        return None, "No trial succeeded, so there is nothing to recommend."
    quiet = [trial for trial in worked if not trial.leaks]
    if not quiet:
        chosen = min(worked, key=_success)
        why = (
            f"Every trial leaks; {_named(chosen)} leaks least, yet {_joined(chosen.leaks)} "
            f"{'is' if len(chosen.leaks) == 1 else 'are'} detected: do not share its rows as "
            "if they were nobody's."
        )
        return chosen.number, why
    choice = [trial for trial in quiet if trial.number in open_ones] or quiet
    chosen = _best(choice)
    return chosen.number, _reason(chosen, trials=len(worked), quiet=len(quiet))


def _best(choice: Sequence[Trial]) -> Trial:
    """The best fidelity among those whose utility is the best, or not clearly less."""
    top = _leader(choice, "utility")
    if top is not None:
        level = [t for t in choice if t.utility is not None]
        choice = [t for t in level if not clearly_better(top, t.measures["utility"])]
    leader = _leader(choice, "fidelity")
    return next((t for t in choice if t.fidelity == leader), choice[0])


def _leader(choice: Sequence[Trial], name: str) -> Measure | None:
    found = [trial.measures[name] for trial in choice if name in trial.measures]
    return max(found, key=_goodness) if found else None


def _reason(chosen: Trial, *, trials: int, quiet: int) -> str:
    judged = [name for name in chosen.attacks if name not in chosen.unjudged]
    found = f"no attack is detected ({_joined(judged)})" if judged else "no copies are found"
    if chosen.unjudged:
        found += f", though {_joined(chosen.unjudged)} could not be judged on so few rows"
    if quiet == 1:
        alone = "the only trial" if trials == 1 else f"the only one of {trials} trials that is so"
        return f"Use {_named(chosen)}: {found}, and it is {alone}."
    best = "the best fidelity"
    if chosen.utility is not None:
        best = "the best utility or one within its noise, and of those the best fidelity"
    return f"Use {_named(chosen)}: {found}, and of the {quiet} trials that are so it has {best}."


def _named(trial: Trial) -> str:
    settings = [f"{name}={value}" for name, value in trial.settings.items()]
    return f"{trial.generator} with {_joined(settings)}" if settings else trial.generator


def _joined(names: Sequence[str]) -> str:
    return " and ".join(name.replace("_", " ") for name in names)


def _success(trial: Trial) -> tuple[int, float]:
    """How much a trial leaks: how many attacks see it, then how much the worst gains."""
    gained = [
        attack.success.value - (attack.success.floor or 0.0)
        for attack in trial.attacks.values()
        if attack.success is not None
    ]
    return len(trial.leaks), max(gained, default=0.0)


def _dominates(one: Measures, other: Measures) -> bool:
    """Whether ``one`` is as good by value in every measure and better in some."""
    gains = [_gain(one[name], other[name]) for name in one.keys() & other.keys()]
    return min(gains, default=0) >= 0 and max(gains, default=0) > 0


def _gain(one: Measure, other: Measure) -> float:
    return _goodness(one) - _goodness(other)


def _goodness(measure: Measure) -> float:
    return measure.value if measure.better == "higher" else -measure.value


def _covers(measure: Measure, value: float) -> bool:
    low, high = measure.ends
    return low <= value <= high

"""Limits of the scores that tell how rows follow each other."""

from likewise.report.limit import Limit

_MORE = "Give a larger --budget, or more rows."

SEQUENCES: dict[str, Limit] = {
    "window_detection": Limit(
        "detector of windows", "fidelity", 0.15, 0.35,
        "As for the detector of rows: 0.65 is a little better than a coin, 0.85 hardly errs.",
        "How well a boosted-tree classifier tells stretches of synthetic rows from real ones, by "
        "the level, spread, steps and turns of their numbers and by their labels: 0.5 is guessing, "
        "1 is always right. The floor is how well it tells later real rows from earlier ones.",
        "Some pattern from row to row gives synthetic stretches away; the columns at the top of "
        "the list are the first place to look.",
        _MORE,
        unit="", ideal=0.5,
    ),
    "autocorrelation_error": Limit(
        "autocorrelation error", "fidelity", 0.05, 0.20,
        "A correlation that is off by 0.05 moves few forecasts; 0.2 changes which model fits.",
        "How far the correlation of a number with itself some rows later differs from the real "
        "one, averaged over lags and numbers. 0 is best.",
        "Series remember too little or too much of what was before.",
        _MORE,
        unit="",
    ),
    "cross_correlation_error": Limit(
        "cross-correlation error", "fidelity", 0.05, 0.20,
        "As for the autocorrelation.",
        "How far the correlation of two numbers, at once and some rows apart, differs from the "
        "real one, averaged over pairs. 0 is best.",
        "Numbers move together more loosely or more tightly than in the real data.",
        _MORE,
        unit="",
    ),
    "spectral_distance": Limit(
        "spectral distance", "fidelity", 0.05, 0.20,
        "Twenty percent of the variance at other frequencies is a missing cycle.",
        "Share of a number's variance that lies at the wrong frequencies, averaged over numbers: "
        "cycles that are missing, or noise that is not there. 0 % is best.",
        "A cycle was not learned, or series are too smooth or too rough.",
        "Name the column of time with --time, so that days and weeks are seen. " + _MORE,
    ),
    "increment_error": Limit(
        "increment error", "fidelity", 0.03, 0.12,
        "The limits are between those of single columns and of pairs.",
        "Distance between the real and the synthetic distribution of a number's change from one "
        "row to the next (Kolmogorov-Smirnov), averaged over numbers. 0 % is best.",
        "Steps from row to row are too small, too large or too even.",
        _MORE,
    ),
    "transition_error": Limit(
        "transition error", "fidelity", 0.03, 0.12,
        "The limits are those of pairs of columns.",
        "Share of the steps from one label to the next that are wrong (total variation), averaged "
        "over columns. 0 % is best.",
        "Labels stay too long, change too often, or follow each other in another order.",
        _MORE,
    ),
    "second_transition_error": Limit(
        "error of two transitions", "fidelity", 0.05, 0.20,
        "There are far more triples than pairs of labels, so that more is chance.",
        "Share of the triples of a label and the next two that are wrong (total variation), "
        "averaged over columns. 0 % is best.",
        "What follows a label does not depend on what came before it as in the real data.",
        _MORE,
    ),
    "boundary_error": Limit(
        "error of beginnings and ends", "fidelity", 0.03, 0.12,
        "The limits are those of pairs of columns.",
        "Share of the sequences whose first or last event has the wrong label (total variation), "
        "averaged over columns. 0 % is best.",
        "Sequences begin or end where real ones do not.",
        _MORE,
    ),
    "entity_detection": Limit(
        "detector of entities", "fidelity", 0.15, 0.35,
        "As for the detector of rows: 0.65 is a little better than a coin, 0.85 hardly errs.",
        "How well a boosted-tree classifier tells synthetic entities from real ones by all their "
        "events: how many, their numbers and their labels. 0.5 is guessing, 1 is always right. "
        "The floor is how well it tells real entities that were kept back.",
        "Something adds up over a sequence as it does not in the real data; the list says what.",
        _MORE,
        unit="", ideal=0.5,
    ),
    "length_error": Limit(
        "error of lengths", "fidelity", 0.05, 0.20,
        "Few entities differ by as much as 5 % between two samples; 20 % is another population.",
        "Distance between the distributions of rows in a sequence (Kolmogorov-Smirnov).",
        "Sequences are too short or too long.",
        _MORE,
    ),
    "spacing_error": Limit(
        "error of gaps in time", "fidelity", 0.05, 0.20,
        "As for lengths.",
        "Distance between the distributions of time from one row to the next of its sequence "
        "(Kolmogorov-Smirnov).",
        "Events come at another pace.",
        _MORE,
    ),
    "window_copies": Limit(
        "copied windows", "privacy", 0.01, 0.05,
        "By construction 1 % of fresh windows count as copies; windows overlap, so that chance "
        "moves the share by as much again.",
        "Share of stretches of synthetic rows that lie closer to a stretch of training rows than "
        "99 % of fresh real ones do, whatever their level. Fresh ones score 1 %.",
        "The method repeats stretches of the real series.",
        "Use --generator autoregressive_series; bootstrap_series copies on purpose.",
        ideal=None,
    ),
}  # fmt: skip

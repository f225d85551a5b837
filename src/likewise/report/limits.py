"""The limits of all scores, in the order in which they are shown."""

from likewise.report.limit import Limit
from likewise.report.limits_fidelity import FIDELITY
from likewise.report.limits_sequences import SEQUENCES

UTILITY_AND_PRIVACY: dict[str, Limit] = {
    "utility": Limit(
        "model utility", "utility", 0.03, 0.10,
        "Three percent of the score is about what another sample or another model would change; "
        "ten percent changes which model one would choose.",
        "Score on held-out real rows of a model trained on synthetic rows, beside the same model "
        "trained on real rows (its floor).",
        "Relations that predict the target were not fully kept.",
        "Name the target with --target, give more rows or a larger --budget, or --generator trees "
        "if another method made the rows.",
        unit="", better=None, ideal=None, relative=True,
    ),
    "model_choice": Limit(
        "choice of a model", "utility", 0.25, None,
        "Six models are few: the agreement of second samples differs by 0.2.",
        "Agreement of the order of six models that learned from synthetic rows with their order "
        "when they learn from real rows, all tested on the same real rows: 1 is the same order.",
        "Relations that simple or that large models live by were not kept alike.",
        "Give more rows or a larger --budget; choose models on real rows if there are any.",
        unit="", better="higher", ideal=None,
    ),
    "feature_ranking": Limit(
        "ranking of columns", "utility", 0.15, None,
        "The agreement of second samples differs by less than 0.1 where there are rows enough.",
        "Agreement of the order of columns by their importance to a model: 1 is the same order.",
        "Some columns tell more or less of the target than in the real data.",
        "Name the target with --target, give more rows or a larger --budget.",
        unit="", better="higher", ideal=None,
    ),
    "inference_overlap": Limit(
        "overlap of inference", "utility", 0.15, None,
        "Two real samples share about 0.7 of their intervals, and few terms make it wander, so it "
        "only warns.",
        "Mean overlap of the confidence intervals of a regression of the target on all columns, "
        "fitted to synthetic and to real rows. Two real samples do not overlap wholly either.",
        "Relations between the target and the columns are weaker, stronger or other.",
        "Name the target with --target, give more rows or a larger --budget.",
        unit="", better="higher", ideal=None,
    ),
    "group_gap": Limit(
        "gap between groups", "fidelity", 0.05, 0.20,
        "Certain differences only: five points are more than most policies tolerate, twenty invent "
        "or hide a disparity.",
        "By how much, for certain, the gap of the target between a group and all others differs "
        "from the real gap, in the worst group.",
        "A difference between groups was evened out or made larger.",
        "Give more rows of the group (likewise sample --balance), or a larger --budget.",
        unit="",
    ),
    "group_error_gap": Limit(
        "gap of errors between groups", "utility", 0.05, 0.20,
        "As for the gap itself.",
        "By how much, for certain, a model trained on synthetic rows errs more on one group than "
        "on others, beyond what a model trained on real rows does.",
        "The relation to the target was learned less well in some group.",
        "Give more rows of the group (likewise sample --balance), or a larger --budget.",
        unit="",
    ),
    "near_copies": Limit(
        "near copies", "privacy", 0.005, 0.02,
        "By construction 1 % of fresh real rows count as near copies; 1.5 % is the first value "
        "that chance rarely explains, 3 % is three times what fresh rows show.",
        "Share of synthetic rows that lie closer to a training row than 99 % of fresh real rows "
        "do. Fresh real rows score 1 %.",
        "The method follows single training rows too closely.",
        "Raise the smallest group, for instance --set leaf=100, or try --generator bayesnet.",
        ideal=None,
    ),
    "exact_copies": Limit(
        "exact copies", "privacy", 0.001, 0.01,
        "Tables with few distinct rows repeat by chance, so only copies beyond those of fresh "
        "real rows count.",
        "Share of synthetic rows that equal a training row in every column.",
        "Whole training rows come out again more often than among fresh real rows.",
        "Raise the smallest group, for instance --set leaf=100; drop columns that name a person.",
        ideal=None,
    ),
    "leaked_identifiers": Limit(
        "leaked identifiers", "privacy", 0.001, 0.01,
        "An identifier names somebody, so one in a thousand beyond chance is too many.",
        "Share of synthetic keys and codes that are those of training rows, beside the share that "
        "are those of fresh real rows: counted numbers occur in both.",
        "Identifiers were copied, not made anew.",
        "Declare the column as kind: key, so that it is made anew, or leave it out.",
        ideal=None,
    ),
    "dcr_share": Limit(
        "closer to training", "privacy", 0.05, None,
        "On small samples it wanders by several points without any copying, so it only warns.",
        "Share of synthetic rows whose nearest real row is a training row rather than a held-out "
        "one; one half (at equal sizes) is what fresh real rows show.",
        "Synthetic rows lean towards training rows more than towards held-out rows.",
        "Raise the smallest group, for instance --set leaf=100, and look at near copies as well.",
        ideal=None,
    ),
}  # fmt: skip

LIMITS = FIDELITY | SEQUENCES | UTILITY_AND_PRIVACY

"""Metrics: functions of a real and a synthetic table that answer with a Score.

``METRICS`` names those of rows, ``SEQUENCE_METRICS`` those of rows that follow each other; a
summary ends with the range and the direction that is better.
Imports nothing heavy until a metric is asked for.
"""

from likewise.core.registry import Entry, Registry

_HERE = "likewise.metrics"

METRICS = Registry(
    "metric",
    {
        "shape_error": Entry(
            f"{_HERE}.marginal:shape_error",
            "Mean distance between single columns' distributions; 0 to 1, lower is better",
        ),
        "wasserstein": Entry(
            f"{_HERE}.marginal:wasserstein",
            "Mean Wasserstein distance of numbers in interquartile ranges; from 0, lower is better",
        ),
        "missingness": Entry(
            f"{_HERE}.coverage:missingness",
            "Mean difference of the shares of missing values; 0 to 1, lower is better",
        ),
        "pair_error": Entry(
            f"{_HERE}.pairs:pair_error",
            "Mean distance between pairs' joint distributions; 0 to 1, lower is better",
        ),
        "association_error": Entry(
            f"{_HERE}.pairs:association_error",
            "Mean difference of the strength of association of pairs; 0 to 1, lower is better",
        ),
        "rare_levels": Entry(
            f"{_HERE}.coverage:rare_levels",
            "Share of real levels, rare ones included, that occur; 0 to 1, higher is better",
        ),
        "lost_levels": Entry(
            f"{_HERE}.coverage:lost_levels",
            "Number of levels that do not occur though 20 rows are expected; from 0, 0 is best",
        ),
        "range_coverage": Entry(
            f"{_HERE}.coverage:range_coverage",
            "Mean share of the real range that is reached; 0 to 1, higher is better",
        ),
        "tail_error": Entry(
            f"{_HERE}.tails:tail_error",
            "Difference of numbers' extremes, how many and how far; 0 to 1, lower is better",
        ),
        "missing_patterns": Entry(
            f"{_HERE}.patterns:missing_patterns",
            "Share of rows with the wrong set of missing values; 0 to 1, lower is better",
        ),
        "query_error": Entry(
            f"{_HERE}.queries:query_error",
            "Error of counts and means over random questions, in standard deviations of a whole "
            "table's mean; from 0, lower is better",
        ),
        "slice_error": Entry(
            f"{_HERE}.slices:slice_error",
            "Certain difference of the worst subgroup, in standard deviations; from 0, lower is "
            "better",
        ),
        "precision": Entry(
            f"{_HERE}.manifold:precision",
            "Share of synthetic rows where real rows lie; 0 to 1, higher is better",
        ),
        "recall": Entry(
            f"{_HERE}.manifold:recall",
            "Share of real rows where synthetic rows lie; 0 to 1, higher is better",
        ),
        "density": Entry(
            f"{_HERE}.manifold:density",
            "Real rows' balls a synthetic row lies in, over the expected; from 0, higher is better",
        ),
        "coverage": Entry(
            f"{_HERE}.manifold:coverage",
            "Share of real rows with a synthetic row in their ball; 0 to 1, higher is better",
        ),
        "detector_auc": Entry(
            f"{_HERE}.detection:detector_auc",
            "AUC of boosted trees telling synthetic from real rows; 0.5 to 1, 0.5 is the target",
        ),
        "utility": Entry(
            f"{_HERE}.utility:utility",
            "AUC or R² on real rows of a model trained on synthetic ones; to 1, higher is better",
        ),
        "model_choice": Entry(
            f"{_HERE}.ranking:model_choice",
            "Agreement of the order of six models with that of real data; -1 to 1, higher is "
            "better",
        ),
        "feature_ranking": Entry(
            f"{_HERE}.ranking:feature_ranking",
            "Agreement of the order of columns by importance; -1 to 1, higher is better",
        ),
        "inference_overlap": Entry(
            f"{_HERE}.inference:inference_overlap",
            "Mean overlap of a regression's confidence intervals; 0 to 1, higher is better",
        ),
        "group_gap": Entry(
            f"{_HERE}.fairness:group_gap",
            "Certain difference of the worst gap between groups; from 0, lower is better",
        ),
        "group_error_gap": Entry(
            f"{_HERE}.fairness:group_error_gap",
            "Certain difference of the worst gap of a model's errors between groups; from 0, "
            "lower is better",
        ),
        "exact_copies": Entry(
            f"{_HERE}.proximity:exact_copies",
            "Share of rows that equal a training row; 0 to 1, the floor is the target",
        ),
        "near_copies": Entry(
            f"{_HERE}.proximity:near_copies",
            "Share of rows as near to training rows as 1 % of fresh ones; 0 to 1, target 0.01",
        ),
        "leaked_identifiers": Entry(
            f"{_HERE}.identifiers:leaked_identifiers",
            "Share of identifiers that are those of training rows; 0 to 1, the floor is the target",
        ),
        "dcr_share": Entry(
            f"{_HERE}.proximity:dcr_share",
            "Share of rows nearer to a training than to a fresh row; 0 to 1, target 0.5",
        ),
    },
)

SEQUENCE_METRICS = Registry(
    "metric of sequences",
    {
        "autocorrelation_error": Entry(
            f"{_HERE}.dynamics:autocorrelation_error",
            "Mean difference of numbers' correlation with themselves rows later; 0 to 2, lower is "
            "better",
        ),
        "cross_correlation_error": Entry(
            f"{_HERE}.dynamics:cross_correlation_error",
            "Mean difference of two numbers' correlation, at once and rows apart; 0 to 2, lower is "
            "better",
        ),
        "spectral_distance": Entry(
            f"{_HERE}.dynamics:spectral_distance",
            "Share of numbers' variance at wrong frequencies; 0 to 1, lower is better",
        ),
        "increment_error": Entry(
            f"{_HERE}.dynamics:increment_error",
            "Mean distance of the distributions of changes from row to row; 0 to 1, lower is "
            "better",
        ),
        "transition_error": Entry(
            f"{_HERE}.dynamics:transition_error",
            "Mean share of wrong steps from label to label; 0 to 1, lower is better",
        ),
        "length_error": Entry(
            f"{_HERE}.timing:length_error",
            "Distance of the distributions of rows in a sequence; 0 to 1, lower is better",
        ),
        "gap_error": Entry(
            f"{_HERE}.timing:gap_error",
            "Distance of the distributions of time between rows; 0 to 1, lower is better",
        ),
        "window_detection": Entry(
            f"{_HERE}.windows:window_detection",
            "AUC of boosted trees telling synthetic from real stretches; 0.5 to 1, 0.5 is the "
            "target",
        ),
        "window_copies": Entry(
            f"{_HERE}.windows:window_copies",
            "Share of stretches as near to training ones as 1 % of fresh ones; 0 to 1, target 0.01",
        ),
    },
)

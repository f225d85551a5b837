"""Metrics: functions of a real and a synthetic table, or database, that answer with a Score.

``METRICS`` names those of tables, ``LINKED_METRICS`` those of databases, ``SEQUENCE_METRICS``
those of rows that follow each other; a summary ends with the range and the better direction.
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

LINKED_METRICS = Registry(
    "metric of linked tables",
    {
        "broken_references": Entry(
            f"{_HERE}.references:broken_references",
            "Share of references of the worst relation that lead nowhere, beyond the real share; 0 "
            "to 1, 0 is best",
        ),
        "broken_keys": Entry(
            f"{_HERE}.references:broken_keys",
            "Share of rows of the worst key that it does not tell apart, beyond the real share; 0 "
            "to 1, 0 is best",
        ),
        "gap_error": Entry(
            f"{_HERE}.references:gap_error",
            "Mean difference of how often references are found, missing and broken; 0 to 1, lower "
            "is better",
        ),
        "cardinality_error": Entry(
            f"{_HERE}.cardinality:cardinality_error",
            "Mean distance between distributions of numbers of children; 0 to 1, lower is better",
        ),
        "cardinality_given_parent": Entry(
            f"{_HERE}.cardinality:cardinality_given_parent",
            "Mean distance between joint distributions of numbers of children and columns of "
            "parents; 0 to 1, lower is better",
        ),
        "hop1_error": Entry(
            f"{_HERE}.hops:hop1_error",
            "Mean distance between joint distributions of columns of child and parent; 0 to 1, "
            "lower is better",
        ),
        "hop2_error": Entry(
            f"{_HERE}.hops:hop2_error",
            "The same of columns two relations apart; 0 to 1, lower is better",
        ),
        "hop3_error": Entry(
            f"{_HERE}.hops:hop3_error",
            "The same of columns three relations apart; 0 to 1, lower is better",
        ),
        "sibling_error": Entry(
            f"{_HERE}.hops:sibling_error",
            "Mean distance between joint distributions of columns of two children of a parent; 0 "
            "to 1, lower is better",
        ),
        "association_lost": Entry(
            f"{_HERE}.association:association_lost",
            "Share of the association between related rows that is lost or made up; from 0, lower "
            "is better",
        ),
        "interval_error": Entry(
            f"{_HERE}.succession:interval_error",
            "Mean distance between distributions of times from child to child; 0 to 1, lower is "
            "better",
        ),
        "order_error": Entry(
            f"{_HERE}.succession:order_error",
            "Mean difference of the shares of children before their parent in time; 0 to 1, lower "
            "is better",
        ),
        "aggregate_auc": Entry(
            f"{_HERE}.linked_detection:aggregate_auc",
            "AUC of boosted trees telling synthetic from real parents by their children; 0.5 to 1, "
            "0.5 is the target",
        ),
        "child_auc": Entry(
            f"{_HERE}.linked_detection:child_auc",
            "AUC of boosted trees telling synthetic from real children with their parents; 0.5 to "
            "1, 0.5 is the target",
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
        "second_transition_error": Entry(
            f"{_HERE}.dynamics:second_transition_error",
            "Mean share of wrong triples of a label and the next two; 0 to 1, lower is better",
        ),
        "length_error": Entry(
            f"{_HERE}.timing:length_error",
            "Distance of the distributions of rows in a sequence; 0 to 1, lower is better",
        ),
        "spacing_error": Entry(
            f"{_HERE}.timing:spacing_error",
            "Distance of the distributions of time between rows; 0 to 1, lower is better",
        ),
        "boundary_error": Entry(
            f"{_HERE}.entities:boundary_error",
            "Mean share of sequences that begin or end with the wrong label; 0 to 1, lower is "
            "better",
        ),
        "entity_detection": Entry(
            f"{_HERE}.entities:entity_detection",
            "AUC of boosted trees telling synthetic from real entities; 0.5 to 1, 0.5 is the "
            "target",
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

"""Limits of the scores that tell how like the real data a table is."""

from likewise.report.limit import Limit

FIDELITY: dict[str, Limit] = {
    "shape_error": Limit(
        "shape error", "fidelity", 0.02, 0.08,
        "Two points more than sampling noise move few conclusions; eight show in any histogram.",
        "Distance between the real and the synthetic distribution of a column: the share of rows "
        "under the wrong label (total variation), or for numbers the largest gap between the "
        "cumulative curves (Kolmogorov-Smirnov); averaged over columns. 0 % is best.",
        "Many columns are off, which points to the method or to kinds that were guessed wrongly.",
        "Check the kinds with likewise inspect; give a larger --budget, or --generator trees if "
        "another method made the rows.",
    ),
    "pair_error": Limit(
        "pair error", "fidelity", 0.03, 0.12,
        "Pairs have more cells than columns, so the same fault counts about one and a half times.",
        "The same for the joint distribution of two columns, averaged over pairs: it shows whether "
        "relations were kept. 0 % is best.",
        "Relations between columns are weaker or simpler than in the real data.",
        "Give more rows, or --generator trees --set trees=300.",
    ),
    "association_error": Limit(
        "association error", "fidelity", 0.02, 0.08,
        "A change of 0.02 in Cramér's V is within what two studies of one population differ by; "
        "0.08 turns a weak relation into none.",
        "How much the strength of the relation between two columns (Cramér's V, 0 to 1) differs "
        "from the real one, averaged over pairs. 0 is best.",
        "Some columns are tied more loosely or more tightly than in the real data.",
        "Give more rows, or --generator trees --set trees=300.",
        unit="",
    ),
    "detector_auc": Limit(
        "detector AUC", "fidelity", 0.15, 0.35,
        "0.65 means a strong classifier is right a little more often than a coin; at 0.85 it "
        "hardly errs.",
        "How well a boosted-tree classifier tells synthetic rows from held-out real rows: 0.5 is "
        "guessing, 1 is always right. It sees relations among many columns at once.",
        "Some relation, value pattern or rounding gives synthetic rows away; the columns at the "
        "top of the list are the first place to look.",
        "Name codes that look like numbers in the schema as kind: category; give a larger "
        "--budget, or --generator trees if another method made the rows.",
        unit="", ideal=0.5,
    ),
    "missingness": Limit(
        "missing-value error", "fidelity", 0.02, 0.10,
        "Missing values decide which rows an analysis drops; the limits are those of the shapes.",
        "Difference in the share of missing values, averaged over columns.",
        "Values are missing together with other values in a way the method does not follow.",
        "Use --generator trees if another method made the rows: it learns missing values as a "
        "level of their own.",
    ),
    "wasserstein": Limit(
        "Wasserstein distance", "fidelity", 0.05, None,
        "Far tails can dominate it, so it warns and never fails on its own.",
        "How far numbers would have to be moved to turn one distribution into the other, in "
        "interquartile ranges of the real column. 0 is best.",
        "The far tails of a number differ; a few very large values can do that.",
        "Declare minimum and maximum in the schema, or give more rows.",
        unit="",
    ),
    "rare_levels": Limit(
        "rare levels kept", "fidelity", 0.10, None,
        "Levels of few rows are merged on purpose, to protect the people in them.",
        "Share of the categories with at least 0.1 % of the real rows that also occur in the "
        "synthetic data.",
        "Levels of fewer than ten rows are merged to protect the people in them.",
        "Give more rows, or list the levels in the schema if they are no secret.",
        better="higher", ideal=1.0,
    ),
    "lost_levels": Limit(
        "lost levels", "fidelity", 0.5, None,
        "A level of which twenty rows are expected is not lost by chance; a single one warns.",
        "Number of categories that do not occur although at least twenty rows of them were to be "
        "expected. 0 is best.",
        "The level was merged with others, or never drawn.",
        "List the levels in the schema if they are no secret; give a larger --budget.",
        unit="",
    ),
    "range_coverage": Limit(
        "range covered", "fidelity", 0.10, None,
        "Extremes are trimmed on purpose, to protect the people who are extreme.",
        "Share of each number's real range, between the 0.1 % and 99.9 % quantiles, that the "
        "synthetic values reach.",
        "Extremes held by few rows are trimmed to protect the people who are extreme.",
        "Declare minimum and maximum in the schema if the bounds are no secret.",
        better="higher", ideal=1.0,
    ),
    "tail_error": Limit(
        "tail error", "fidelity", 0.10, 0.30,
        "A second sample stays within a tenth; a column that is cut off counts 1, so 0.3 is every "
        "third column.",
        "How differently the outermost one percent and one in a thousand of each number are "
        "populated, by number of rows and by how far they reach. 0 is best.",
        "Extremes are smoothed on purpose, or the tails were learned from few rows.",
        "Declare minimum and maximum in the schema if the bounds are no secret, or give more rows.",
        unit="",
    ),
    "missing_patterns": Limit(
        "missing patterns", "fidelity", 0.03, 0.12,
        "Two columns missing together are a relation; the limits are those of pairs.",
        "Share of rows that lack the wrong set of values: distance between the distributions of "
        "which columns are missing together.",
        "Values are missing together in a way the method does not follow.",
        "Use --generator trees if another method made the rows: it learns missing values as a "
        "level of their own.",
    ),
    "query_error": Limit(
        "query error", "fidelity", 0.02, 0.06,
        "0.02 is a count of half the rows off by one percent of the table; columns that are taken "
        "as independent exceed 0.03 to 0.12.",
        "Error of counts and means over random questions of one to three conditions, in standard "
        "deviations of the whole table. 0 is best.",
        "Relations of two or three columns are weaker or simpler than in the real data.",
        "Give more rows or a larger --budget; use --generator trees if another method made the "
        "rows.",
        unit="",
    ),
    "slice_error": Limit(
        "worst slice", "fidelity", 0.10, None,
        "One subgroup of thousands is no reason to fail, and a tenth of a standard deviation is "
        "what an analyst of that subgroup would notice.",
        "By how much, for certain, a share or mean differs in the most wrong subgroup, in standard "
        "deviations. 0 means that no subgroup differs by more than chance.",
        "A relation that holds in some subgroup was not learned.",
        "Look at the slices; give more rows or a larger --budget.",
        unit="",
    ),
    "precision": Limit(
        "precision", "fidelity", 0.05, 0.20,
        "One row in twenty where no real row lies is seldom noticed, one in five always.",
        "Share of synthetic rows that lie where real rows do, by distances to the nearest real "
        "ones. Low: rows that could not be.",
        "Combinations come out that do not occur.",
        "Give more rows or a larger --budget; declare rules that must hold in the schema.",
        better="higher", ideal=None,
    ),
    "recall": Limit(
        "recall", "fidelity", 0.05, 0.20,
        "As precision, of real rows.",
        "Share of real rows that lie where synthetic rows do. Low: kinds of rows are lacking.",
        "Some kinds of rows were not learned.",
        "Give more rows or a larger --budget; --set leaf=50 if a small group was smoothed away.",
        better="higher", ideal=None,
    ),
    "density": Limit(
        "density", "fidelity", 0.15, None,
        "Repeats precision with more noise on small tables, so it only warns.",
        "How many real rows' neighbourhoods a synthetic row lies in, over the expected number. "
        "Low: rows lie beside the real ones.",
        "Rows lie between the real ones rather than among them.",
        "Give more rows or a larger --budget.",
        unit="", better="higher", ideal=None,
    ),
    "coverage": Limit(
        "coverage", "fidelity", 0.05, 0.20,
        "As recall, but with neighbourhoods of real rows, so that stray rows cannot raise it.",
        "Share of real rows with a synthetic row in their neighbourhood.",
        "Some kinds of rows were not learned.",
        "Give more rows or a larger --budget; --set leaf=50 if a small group was smoothed away.",
        better="higher", ideal=None,
    ),
}  # fmt: skip

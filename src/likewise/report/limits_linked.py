"""The limits of the scores of linked tables, in the order in which they are shown."""

from likewise.report.limit import Limit

_MAKER = "Make the tables together, children from their parents, not each by itself."

LINKED: dict[str, Limit] = {
    "broken_references": Limit(
        "broken references", "fidelity", 0.0001, 0.001,
        "A reference that leads nowhere stops a load or a join, so a single one warns of its "
        "relation; one in a thousand is no slip.",
        "Share of references of the worst relation that lead to no row, beyond the real share.",
        "Children were made or changed without their parents.",
        "Take references from the keys that were made; declare the relation if it was not known.",
    ),
    "broken_keys": Limit(
        "broken keys", "fidelity", 0.0001, 0.001,
        "A key that repeats tells nothing apart, so a single row warns of its key; one in a "
        "thousand is no slip.",
        "Share of rows of the worst key that repeat it, or lack a primary one, beyond the real "
        "share.",
        "Keys were drawn, not made.",
        "Declare the key, so that it is made anew and never repeats.",
    ),
    "gap_error": Limit(
        "gaps of references", "fidelity", 0.01, 0.05,
        "One reference in a hundred more or less changes an outer join by as much.",
        "How much the shares of references that are found, missing and broken differ from the "
        "real ones, averaged over relations. 0 is best.",
        "References are missing, or broken, more or less often than in the real data.",
        "Give more rows; declare columns of references as nullable where they are.",
    ),
    "cardinality_error": Limit(
        "number of children", "fidelity", 0.05, 0.15,
        "At 0.05 a count of large parents is off by five parents in a hundred; at 0.15 any chart "
        "of counts shows it.",
        "Kolmogorov-Smirnov distance between the distributions of numbers of children, averaged "
        "over relations. 0 is best.",
        "Parents have too even, too many or too few children.",
        _MAKER,
    ),
    "cardinality_given_parent": Limit(
        "number of children by parent", "fidelity", 0.05, 0.15,
        "As for pairs of columns of one table, with the cells that ten bins of counts have.",
        "Distance between the joint distributions of the number of children and each column of "
        "the parent, averaged. 0 is best.",
        "The right numbers of children went to the wrong parents.",
        "Let numbers of children depend on the parents' columns.",
    ),
    "association_lost": Limit(
        "association lost", "fidelity", 0.10, 0.30,
        "A tenth of what relations tell is what a simple model loses; without a third of it the "
        "tables hardly belong together.",
        "Share of the association between columns of related rows (parents, grandparents, "
        "siblings) that is lost or made up, by squares of Cramér’s V. 0 is best, 1 is all.",
        "Children do not depend on their parents, or on each other, as they should.",
        _MAKER,
    ),
    "hop1_error": Limit(
        "pairs across one relation", "fidelity", 0.03, 0.12,
        "The limits of pairs within a table.",
        "Distance between the joint distributions of a child's and its parent's columns, "
        "averaged over pairs and relations. 0 is best.",
        "Children do not depend on their parents as they should.",
        _MAKER,
    ),
    "hop2_error": Limit(
        "pairs across two relations", "fidelity", 0.03, 0.12,
        "The limits of pairs within a table.",
        "The same between a row and its parent's parent.",
        "Rows do not depend on the parents of their parents as they should.",
        _MAKER,
    ),
    "hop3_error": Limit(
        "pairs across three relations", "fidelity", 0.03, 0.12,
        "The limits of pairs within a table.",
        "The same between a row and what is three relations up.",
        "Rows do not depend on what is three relations up as they should.",
        _MAKER,
    ),
    "sibling_error": Limit(
        "pairs among siblings", "fidelity", 0.03, 0.12,
        "The limits of pairs within a table.",
        "Distance between the joint distributions of the columns of two children of a parent. "
        "0 is best.",
        "Children of a parent have too little or too much in common.",
        "Draw children one after another, each given those before it.",
    ),
    "interval_error": Limit(
        "time between siblings", "fidelity", 0.05, 0.15,
        "As for numbers of children.",
        "Kolmogorov-Smirnov distance between the distributions of times from one child to the "
        "next of the same parent, averaged. 0 is best.",
        "Events come too regularly, too densely or too rarely.",
        "Draw the times of children one after another.",
    ),
    "order_error": Limit(
        "children before parents", "fidelity", 0.005, 0.02,
        "What never happens in the real data, such as a payment before its order, is noticed at "
        "once.",
        "Difference of the shares of children whose time is before their parent's, averaged. "
        "0 is best.",
        "Times of children were drawn without those of their parents.",
        "Declare the order of the two times, or draw the child's time as time since the parent's.",
    ),
    "aggregate_auc": Limit(
        "parents told by children (AUC)", "fidelity", 0.15, 0.35,
        "The limits of the detector of single tables.",
        "How well boosted trees tell synthetic from real parents by their columns and what their "
        "children add up to: 0.5 is guessing, 1 is always right. Averaged over tables.",
        "What the children of one parent add up to gives synthetic rows away.",
        "Look at the features at the top of the list.",
        unit="", ideal=0.5,
    ),
    "child_auc": Limit(
        "children told with parents (AUC)", "fidelity", 0.15, 0.35,
        "The limits of the detector of single tables.",
        "How well boosted trees tell synthetic from real children, joined with their parents: 0.5 "
        "is guessing, 1 is always right. Averaged over relations.",
        "Some columns of the child, or their relation to the parent's, give synthetic rows away.",
        "Look at the columns at the top of the list.",
        unit="", ideal=0.5,
    ),
}  # fmt: skip

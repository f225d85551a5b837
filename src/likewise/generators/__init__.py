"""Table generators by name; a name is imported only when it is asked for."""

from likewise.core.registry import Entry, Registry

GENERATORS = Registry(
    "generator",
    {
        "trees": Entry(
            "likewise.generators.trees:Trees",
            "Sequential boosted trees: closest to the data, for every kind of table",
        ),
        "diffusion": Entry(
            "likewise.generators.diffusion:Diffusion",
            "Diffusion networks: smooth numbers and any condition; takes its whole budget",
        ),
        "bayesnet": Entry(
            "likewise.generators.bayesnet:BayesNet",
            "A tree of conditional tables: exact conditions, even rare ones",
        ),
        "copula": Entry(
            "likewise.generators.copula:GaussianCopula",
            "A Gaussian copula: smooth, few parameters, good for few rows or many columns",
        ),
        "independent": Entry(
            "likewise.generators.independent:Independent",
            "Every column by itself: right margins and no dependence; a baseline",
        ),
    },
)

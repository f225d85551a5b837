"""Table generators by name; a name is imported only when it is asked for."""

from likewise.core.registry import Entry, Registry

GENERATORS = Registry(
    "generator",
    {
        "trees": Entry(
            "likewise.generators.trees:Trees",
            "Sequential boosted trees: closest to the data, for every kind of table",
        ),
        "forest": Entry(
            "likewise.generators.forest:Forest",
            "Sequential random forests: for tables of a few hundred to a few thousand rows",
        ),
        "autoregressive": Entry(
            "likewise.generators.autoregressive:Autoregressive",
            "A network for each column: any columns can be given, missing cells filled",
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
        "vae": Entry(
            "likewise.generators.vae:VAE",
            "A variational autoencoder with a density of its latents: smooth, and quick to draw",
        ),
        "gan": Entry(
            "likewise.generators.gan:GAN",
            "A conditional GAN: smooth rows from noise, no label lost",
        ),
        "independent": Entry(
            "likewise.generators.independent:Independent",
            "Every column by itself: right margins and no dependence; a baseline",
        ),
    },
)

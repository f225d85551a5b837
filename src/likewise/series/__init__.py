"""Generators of regular time series by name; a name is imported only when it is asked for."""

from likewise.core.registry import Entry, Registry

SERIES = Registry(
    "series generator",
    {
        "autoregressive_series": Entry(
            "likewise.series.autoregressive:AutoregressiveSeries",
            "A network that reads the rows so far and draws the next: any horizon, any columns",
        ),
        "vae_series": Entry(
            "likewise.series.vae:VAESeries",
            "An autoencoder of windows, each going on from the one before: quick, but blurred",
        ),
        "bootstrap_series": Entry(
            "likewise.series.bootstrap:BootstrapSeries",
            "Stretches of the real rows end to end: a baseline that copies, not for release",
        ),
    },
)

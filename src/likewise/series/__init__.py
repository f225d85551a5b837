"""Generators of regular time series by name; a name is imported only when it is asked for."""

from likewise.core.registry import Entry, Registry

SERIES = Registry(
    "series generator",
    {
        "autoregressive_series": Entry(
            "likewise.series.autoregressive:AutoregressiveSeries",
            "A network that reads the rows so far and draws the next: any horizon, any columns",
        ),
    },
)

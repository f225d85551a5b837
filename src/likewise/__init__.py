"""likewise: synthetic data that behaves like the real thing and carries none of its people.

    import likewise

    model = likewise.fit(frame)                        # pandas, polars, Arrow or a path
    synth = model.sample(10_000, seed=7)               # the kind of frame that went in
    report = likewise.evaluate(frame, synth, holdout)  # every score beside its floor

Nothing is imported before it is used, not even of the standard library: Ctrl-C is answered as soon
as this module is done.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # type checkers take it for true, as they do typing's
if TYPE_CHECKING:
    from typing import Any

    from likewise.api import (
        compare,
        evaluate,
        fit,
        frontier,
        impute,
        infer,
        load,
        method,
        read,
        save,
        synthesize,
        write,
    )
    from likewise.api_series import evaluate_series, fit_events, fit_series
    from likewise.compose.auto import Auto as _Auto
    from likewise.core.seeds import Seed
    from likewise.data.schema import Column, Kind, Schema
    from likewise.data.table import Table
    from likewise.generators.autoregressive import Autoregressive as _Autoregressive
    from likewise.generators.bayesnet import BayesNet as _BayesNet
    from likewise.generators.copula import GaussianCopula as _GaussianCopula
    from likewise.generators.diffusion import Diffusion as _Diffusion
    from likewise.generators.forest import Forest as _Forest
    from likewise.generators.gan import GAN as _GAN
    from likewise.generators.independent import Independent as _Independent
    from likewise.generators.trees import Trees as _Trees
    from likewise.generators.vae import VAE as _VAE
    from likewise.jobs.animate import animate
    from likewise.jobs.events_model import EventsFit
    from likewise.jobs.model import Model
    from likewise.jobs.report_view import ReportView
    from likewise.jobs.series_model import SeriesFit
    from likewise.series.autoregressive import AutoregressiveSeries
    from likewise.series.bootstrap import BootstrapSeries
    from likewise.series.vae import VAESeries

    Auto = method(_Auto)
    Autoregressive = method(_Autoregressive)
    BayesNet = method(_BayesNet)
    Forest = method(_Forest)
    GAN = method(_GAN)
    Diffusion = method(_Diffusion)
    GaussianCopula = method(_GaussianCopula)
    Independent = method(_Independent)
    Trees = method(_Trees)
    VAE = method(_VAE)

_NAMES = {
    **dict.fromkeys(
        (
            "compare",
            "evaluate",
            "fit",
            "frontier",
            "impute",
            "infer",
            "load",
            "read",
            "save",
            "synthesize",
            "write",
        ),
        "likewise.api",
    ),
    "animate": "likewise.jobs.animate",
    **dict.fromkeys(("evaluate_series", "fit_events", "fit_series"), "likewise.api_series"),
    "Column": "likewise.data.schema",
    "EventsFit": "likewise.jobs.events_model",
    "Kind": "likewise.data.schema",
    "Model": "likewise.jobs.model",
    "ReportView": "likewise.jobs.report_view",
    "Schema": "likewise.data.schema",
    "Seed": "likewise.core.seeds",
    "SeriesFit": "likewise.jobs.series_model",
    "AutoregressiveSeries": "likewise.series.autoregressive",
    "BootstrapSeries": "likewise.series.bootstrap",
    "VAESeries": "likewise.series.vae",
    "Table": "likewise.data.table",
}
_RECIPES = {
    "Auto": "likewise.compose.auto",
    "Autoregressive": "likewise.generators.autoregressive",
    "BayesNet": "likewise.generators.bayesnet",
    "Forest": "likewise.generators.forest",
    "GAN": "likewise.generators.gan",
    "Diffusion": "likewise.generators.diffusion",
    "GaussianCopula": "likewise.generators.copula",
    "Independent": "likewise.generators.independent",
    "Trees": "likewise.generators.trees",
    "VAE": "likewise.generators.vae",
}

__all__ = [
    "GAN",
    "VAE",
    "Auto",
    "Autoregressive",
    "AutoregressiveSeries",
    "BayesNet",
    "BootstrapSeries",
    "Column",
    "Diffusion",
    "EventsFit",
    "Forest",
    "GaussianCopula",
    "Independent",
    "Kind",
    "Model",
    "ReportView",
    "Schema",
    "Seed",
    "SeriesFit",
    "Table",
    "Trees",
    "VAESeries",
    "__version__",
    "animate",
    "compare",
    "evaluate",
    "evaluate_series",
    "fit",
    "fit_events",
    "fit_series",
    "frontier",
    "impute",
    "infer",
    "load",
    "read",
    "save",
    "synthesize",
    "write",
]


def __getattr__(name: str) -> "Any":
    """Import a public name when it is first used (PEP 562)."""
    import importlib

    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
    elif name in _RECIPES:
        recipe = getattr(importlib.import_module(_RECIPES[name]), name)
        value = importlib.import_module("likewise.api").method(recipe)
    else:
        raise AttributeError(f"module 'likewise' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

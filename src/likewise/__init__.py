"""likewise: synthetic data that behaves like the real thing and carries none of its people.

    import likewise

    model = likewise.fit(frame)                        # pandas, polars, Arrow or a path
    synth = model.sample(10_000, seed=7)               # the kind of frame that went in
    report = likewise.evaluate(frame, synth, holdout)  # every score beside its floor

Nothing is imported before it is used.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from likewise.api import (
        Model,
        ReportView,
        evaluate,
        fit,
        infer,
        load,
        method,
        read,
        save,
        synthesize,
        write,
    )
    from likewise.compose.auto import Auto as _Auto
    from likewise.core.seeds import Seed
    from likewise.data.schema import Column, Kind, Schema
    from likewise.data.table import Table
    from likewise.generators.bayesnet import BayesNet as _BayesNet
    from likewise.generators.copula import GaussianCopula as _GaussianCopula
    from likewise.generators.diffusion import Diffusion as _Diffusion
    from likewise.generators.independent import Independent as _Independent
    from likewise.generators.trees import Trees as _Trees

    Auto = method(_Auto)
    BayesNet = method(_BayesNet)
    Diffusion = method(_Diffusion)
    GaussianCopula = method(_GaussianCopula)
    Independent = method(_Independent)
    Trees = method(_Trees)

_NAMES = {
    **dict.fromkeys(
        (
            "Model",
            "ReportView",
            "evaluate",
            "fit",
            "infer",
            "load",
            "read",
            "save",
            "synthesize",
            "write",
        ),
        "likewise.api",
    ),
    "Column": "likewise.data.schema",
    "Kind": "likewise.data.schema",
    "Schema": "likewise.data.schema",
    "Seed": "likewise.core.seeds",
    "Table": "likewise.data.table",
}
_RECIPES = {
    "Auto": "likewise.compose.auto",
    "BayesNet": "likewise.generators.bayesnet",
    "Diffusion": "likewise.generators.diffusion",
    "GaussianCopula": "likewise.generators.copula",
    "Independent": "likewise.generators.independent",
    "Trees": "likewise.generators.trees",
}

__all__ = [
    "Auto",
    "BayesNet",
    "Column",
    "Diffusion",
    "GaussianCopula",
    "Independent",
    "Kind",
    "Model",
    "ReportView",
    "Schema",
    "Seed",
    "Table",
    "Trees",
    "__version__",
    "evaluate",
    "fit",
    "infer",
    "load",
    "read",
    "save",
    "synthesize",
    "write",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
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

"""Cases of what is asked of each method."""

from collections.abc import Iterable
from typing import Any

import pytest

NETWORKS = {"autoregressive", "diffusion", "gan", "vae"}  # they take longer to learn,
NETWORKS |= {"autoregressive_series", "vae_series"}  # and of series


def by_method(names: Iterable[str]) -> list[Any]:
    """One case for each name, those of one method on one worker; networks when there is time."""
    return [
        pytest.param(
            name, marks=[pytest.mark.xdist_group(name), *[pytest.mark.long] * (name in NETWORKS)]
        )
        for name in names
    ]

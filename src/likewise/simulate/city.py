"""Facts of a city's traffic."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from likewise.simulate.facts import Band

if TYPE_CHECKING:
    from likewise.simulate.dynamics import Data

BANDS: dict[str, Band] = {}


def city_facts(data: "Data") -> Mapping[str, float]:
    return {}

"""Agent-based simulation: what a model is written with, and the simulators that come along.

from likewise.simulate import Population, Simulator, rule
"""

from typing import Any

from likewise.core.registry import Entry, Registry

SIMULATORS = Registry(
    "simulator",
    {
        "epidemic": Entry(
            "likewise.simulate.epidemic:Epidemic",
            "Households, infections, visits and tests: an epidemic",
        ),
        "retail": Entry(
            "likewise.simulate.retail:Retail",
            "Customers, products, prices and promotions: a shop",
        ),
        "market": Entry(
            "likewise.simulate.market:Market",
            "Fundamentalists and chartists: daily prices and volumes",
        ),
        "order-book": Entry(
            "likewise.simulate.order_book:OrderBook",
            "A limit order book: orders, trades, quotes, bars, agents",
        ),
        "traffic": Entry(
            "likewise.simulate.traffic:Traffic",
            "A city's traffic: trips, signals, incidents, detectors, trajectories",
        ),
        "corridor": Entry(
            "likewise.simulate.corridor:Corridor",
            "A motorway: car following, lane change, detectors, trajectories",
        ),
        "freeway": Entry(
            "likewise.simulate.freeway:Freeway",
            "A freeway's detectors: demand and capacity by time of day",
        ),
        "payments": Entry(
            "likewise.simulate.payments:Payments",
            "Clients, merchants, banks and money launderers: payments",
        ),
        "schelling": Entry(
            "likewise.simulate.schelling:Schelling",
            "Two groups that want neighbours of their own: segregation",
        ),
        "flocking": Entry(
            "likewise.simulate.flocking:Flocking",
            "Birds that follow their neighbours: flocks",
        ),
        "wolf-sheep": Entry(
            "likewise.simulate.wolf_sheep:WolfSheep",
            "Wolves, sheep and grass: births, deaths and cycles",
        ),
        "forest-fire": Entry(
            "likewise.simulate.forest_fire:ForestFire",
            "A fire that spreads from tree to tree: percolation",
        ),
    },
)

_NAMES = {
    "Band": "facts",
    "EventQueue": "events",
    "Form": "form",
    "Frame": "film",
    "Graph": "graph",
    "Grid": "grid",
    "Log": "log",
    "Population": "population",
    "Simulation": "engine",
    "Simulator": "simulator",
    "Space": "space",
    "Trajectory": "trajectory",
    "World": "world",
    "invariant": "rules",
    "kernel": "compiling",
    "from_mesa": "objects",
    "population_from": "given",
    "population_of": "objects",
    "rule": "rules",
}

__all__ = [
    "SIMULATORS",
    "Band",
    "EventQueue",
    "Form",
    "Frame",
    "Graph",
    "Grid",
    "Log",
    "Population",
    "Simulation",
    "Simulator",
    "Space",
    "Trajectory",
    "World",
    "from_mesa",
    "invariant",
    "kernel",
    "population_from",
    "population_of",
    "rule",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    import importlib

    if name not in _NAMES:
        raise AttributeError(f"module 'likewise.simulate' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"likewise.simulate.{_NAMES[name]}"), name)
    globals()[name] = value
    return value

"""Attacks: what synthetic rows give away about the people they were learned from.

Each is a function of a ``Case`` (synthetic rows, members, controls) that answers with a Risk.
``ATTACKS`` names them all; a summary ends with the range and the value that means no leak. There
is no single privacy score: an attack can only show that data leak, never that they do not.
Imports nothing heavy until an attack is asked for.
"""

from likewise.core.registry import Entry, Registry

_HERE = "likewise.attacks"

ATTACKS = Registry(
    "attack",
    {
        "singling_out_univariate": Entry(
            f"{_HERE}.singling_out:singling_out_univariate",
            "Conditions on one column that single out one member; excess to 1, 0 is no leak",
        ),
        "singling_out_multivariate": Entry(
            f"{_HERE}.singling_out:singling_out_multivariate",
            "Conditions on three columns that single out one member; excess to 1, 0 is no leak",
        ),
        "linkability": Entry(
            f"{_HERE}.linkability:linkability",
            "Members whose two halves of columns are linked; excess to 1, 0 is no leak",
        ),
        "inference": Entry(
            f"{_HERE}.inference:inference",
            "Members' secrets guessed from all other columns; excess to 1, 0 is no leak",
        ),
        "membership": Entry(
            f"{_HERE}.membership:membership",
            "AUC of telling members from controls without the model; 0 to 1, 0.5 is no leak",
        ),
        "membership_white_box": Entry(
            f"{_HERE}.membership:membership_white_box",
            "AUC of telling them by the model's own log-probability; 0 to 1, 0.5 is no leak",
        ),
        "outliers": Entry(
            f"{_HERE}.outliers:outliers",
            "Isolated members with a synthetic row at their place; excess to 1, 0 is no leak",
        ),
    },
)

"""What tables of an epidemic, real or simulated, say: settings directly, and facts."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import DataError
from likewise.simulate.columns import having, known_numbers, many, whole, yes_or_no
from likewise.simulate.dynamics import Data

Array = np.ndarray
PLACES = ("home", "elsewhere", "imported")


def people_of(data: Data) -> Mapping[str, float]:
    """How many people there are, the mean size of a household, and who has the condition.

    Raises:
        DataError: no table ``people`` with ``household_id`` and ``condition`` (yes or no), or
            cells of them that are missing.
    """
    people = having(_table(data, "people"), "people", ("household_id", "condition"))
    if not people.num_rows:
        raise DataError("table people", "has no rows", "Give a row for each person")
    homes = pc.count_distinct(whole(people, "household_id", "people")).as_py()
    rare = float(yes_or_no(people, "condition", "people").mean())
    return {"people": people.num_rows, "household": people.num_rows / homes, "condition": rare}


def epidemic_facts(data: Data) -> Mapping[str, float]:
    """Who is infected, where, how long after the infector, and by how unequal numbers.

    ``infections`` has ``place`` (home, elsewhere or imported), and if it is known ``person_id``,
    ``day`` and ``by_id``, which is missing where nobody knows the infector.

    Raises:
        DataError: a table or column is missing, or cells other than those of ``by_id`` are.
    """
    people = max(_table(data, "people").num_rows, 1)
    infections = having(_table(data, "infections"), "infections", ("place",))
    found = {"attacked": infections.num_rows / people}
    place = _places(infections)
    passed = place != PLACES[-1]
    if not passed.any():
        return found
    found["at_home"] = float(np.mean(place[passed] == PLACES[0]))
    if not {"person_id", "by_id", "day"} <= set(infections.column_names):
        return found
    who, by = _people_in(infections)
    day = known_numbers(infections, "day", "infections")
    order = np.argsort(who, kind="stable")
    known = passed & np.isin(by, who)
    if not known.any():
        return found
    source = order[np.searchsorted(who[order], by[known])]
    caused = np.bincount(source, minlength=len(who))
    found["interval"] = float(np.mean(day[known] - day[source]))
    found["overdispersion"] = float(caused.var() / caused.mean())
    return found


def _table(data: Data, name: str) -> pa.Table:
    if name not in data:
        hint = "Give the tables people and infections"
        raise DataError("epidemic", f"there is no table {name!r}", hint)
    return data[name]


def _places(infections: pa.Table) -> Array:
    """The words of ``place``; (N,)."""
    column = whole(infections, "place", "infections").cast(pa.string())
    others = pc.sum(pc.invert(pc.is_in(column, pa.array(PLACES)))).as_py()
    if others:
        found = many(others, "cell with another word")
        hint = f"Write {', '.join(PLACES[:-1])} or {PLACES[-1]}"
        raise DataError("table 'infections', column 'place'", found, hint)
    words: Array = column.to_numpy()
    return words


def _people_in(infections: pa.Table) -> tuple[Array, Array]:
    """Whole numbers for who is infected and by whom, equal where ids are; (N,) each, -1: nobody."""
    who, by = infections["person_id"], infections["by_id"]
    whole(infections, "person_id", "infections")
    kind = pa.float64() if _is_number(who) and _is_number(by) else pa.string()
    who, by = who.cast(kind), by.cast(kind)
    names = pc.unique(who)
    codes = (pc.index_in(ids, value_set=names).fill_null(-1) for ids in (who, by))
    person, infector = (np.asarray(ids.to_numpy()) for ids in codes)
    return person, infector


def _is_number(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_integer(column.type) or pa.types.is_floating(column.type))

"""Tables of road detectors: real ones, and those that simulations of roads leave."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.core.errors import DataError
from likewise.core.seeds import Seed
from likewise.simulate.calibrate import Weights
from likewise.simulate.columns import known_numbers, many, numbers
from likewise.simulate.dynamics import Data

Array = np.ndarray
DAY = 1440  # minutes
QUARTER = 15  # minutes, over which flow is told; no interval may be longer
FEWEST_DAYS = 4  # from which it is told how much days differ
DRAWS = 100
SHRINK = 0.25  # of the correlations of facts, which few days know badly
FINEST = 0.01  # share of a fact below which an error is not believed
NAMES = ("detector_id", "section_id", "link_id")


@dataclass(frozen=True)
class Readings:
    """What detectors counted, by detector in order of place, lane and interval of time.

    Attributes:
        names: numbers of the detectors (D,).
        place: m along the road (D,); 0, 1, ... where nobody says.
        placed: whether somebody does.
        before: whether the road's bottleneck is further down (D,): the ramp, where a table of
            detectors says ``after_ramp``, else the last detector.
        minute: at which each interval begins (T,).
        every: its minutes.
        by_lane: whether lanes are told apart; else counts are those of a mean lane.
        count: vehicles (D, L, T); NaN where nothing is known.
        speed: km/h (D, L, T); harmonic means where there are any.
    """

    names: Array
    place: Array
    placed: bool
    before: Array
    minute: Array
    every: int
    by_lane: bool
    count: Array
    speed: Array

    @property
    def flow(self) -> Array:
        """Vehicles an hour and lane, the mean of the lanes; (D, T), NaN where nothing is known."""
        with np.errstate(invalid="ignore"):
            known = np.isfinite(self.count)
            total, lanes = np.nansum(self.count, axis=1), known.sum(axis=1)
            found: Array = np.where(lanes > 0, total / np.maximum(lanes, 1), np.nan)
        return found * 60 / self.every

    @property
    def lanes(self) -> Array:
        """Lanes of which each detector ever tells a count (D,)."""
        told: Array = np.isfinite(self.count).any(axis=2).sum(axis=1)
        return told

    @property
    def pace(self) -> Array:
        """Harmonic mean speed of all lanes, km/h; (D, T), NaN where nobody passed."""
        seen = np.where(self.count > 0, self.count, np.nan)
        hours = np.nansum(seen / self.speed, axis=1)
        passed = np.nansum(np.where(np.isfinite(self.speed), seen, np.nan), axis=1)
        found: Array = passed / np.where(hours > 0, hours, np.nan)
        return found


def counts_of(data: Data, *columns: str) -> pa.Table | None:
    """The table ``counts``, else the first one with times and these columns; None without one."""
    others = [table for name, table in data.items() if name != "counts"]
    for table in ([data["counts"]] if "counts" in data else []) + others:
        names = set(table.column_names)
        if {*columns} <= names and ("minute" in names or _when(table)):
            return table
    return None


def minutes_of(table: pa.Table) -> Array:
    """Minutes since the first midnight (N,): a column ``minute``, or one of dates with times.

    Raises:
        DataError: some are missing.
    """
    name = "minute" if "minute" in table.column_names else _when(table)
    if name is None:
        hint = "Name one minute, counted from a midnight on, or give one of dates with times"
        raise DataError("detectors", "no column of times", hint)
    if name == "minute":
        minute = numbers(table, name, "counts")
    else:
        ticks = table.column(name).cast(pa.timestamp("us"), safe=False).cast(pa.int64())
        minute = ticks.to_numpy(zero_copy_only=False).astype(float) / 60e6
        minute -= np.nanmin(minute) // DAY * DAY if len(minute) else 0
    if not np.isfinite(minute).all():
        raise DataError(f"column {name!r}", "cells without a time", "Leave such rows out")
    return minute.astype(np.int64)


def links_in(table: pa.Table) -> Array:
    """Numbers of detectors, sections or links (N,); all 0 where no column tells them apart.

    Raises:
        DataError: some are missing, or no numbers.
    """
    name = next((name for name in NAMES if name in table.column_names), None)
    return np.zeros(table.num_rows) if name is None else known_numbers(table, name, "counts")


def readings_of(data: Data, lanes: int = 1) -> Readings | None:
    """Counts and speeds as arrays; None where no table holds any vehicle.

    Columns: ``minute`` or one of dates with times, ``count``, ``speed`` (km/h) or
    ``harmonic_speed``; ``detector_id`` and ``lane`` where there are several, and ``place`` (m),
    here or in a table ``detectors``. Rows of the same detector, lane and interval, such as halves
    of a minute or classes of vehicles, are added up, and their speeds are a harmonic mean; a sum of
    which a part is missing is not known.

    Args:
        data: the tables.
        lanes: that are counted together where there is no column ``lane``.

    Raises:
        DataError: cells of them that are no numbers, times, detectors or places that are missing,
            or intervals of more than a quarter of an hour.
    """
    table = counts_of(data, "count", "speed")
    counted = None if table is None else numbers(table, "count", "counts")
    if table is None or counted is None or not np.nansum(counted) > 0:
        return None
    pace = "harmonic_speed" if "harmonic_speed" in table.column_names else "speed"
    names, detector = np.unique(links_in(table), return_inverse=True)
    place, placed = _places(data, table, names, detector)
    order = np.argsort(place, kind="stable")
    detector = np.argsort(order)[detector]
    by_lane = "lane" in table.column_names
    lane = known_numbers(table, "lane", "counts") if by_lane else np.zeros(len(detector))
    numbered, lane = np.unique(lane, return_inverse=True)
    times = minutes_of(table)
    steps = np.diff(np.unique(times))
    every = int(steps.min()) if len(steps) else 1
    if every > QUARTER:
        hint = f"Give intervals of 1 to {QUARTER} minutes"
        raise DataError("detectors", f"counts of intervals of {every:,} minutes", hint)
    minute = np.arange(times.min(), times.max() + 1, every)
    at = detector, lane, (times - times.min()) // every
    shape = len(names), len(numbered), len(minute)
    count, speed = _added(shape, at, counted, numbers(table, pace, "counts"))
    count = count if by_lane else count / lanes
    before = _before(data, names[order])
    return Readings(
        names[order], place[order], placed, before, minute, every, by_lane, count, speed
    )  # fmt: skip


def day_weights(
    data: Data, facts: Callable[[Data], Mapping[str, float]], *columns: str, seed: Seed | int = 0
) -> Weights | None:
    """How exactly days of a table of detectors know its facts: days are drawn anew.

    Traffic of a day hangs together, and days but little, so a day is a block of the bootstrap.
    The covariance of D days is scaled by D / (D - 1), as that of drawn means is too small by it.
    Correlations are shrunk by a quarter, and an error is taken to be 1 % of its fact at least: a
    peak that is at the same hour each day is not known without error.

    Args:
        data: with a table of counts.
        facts: of such data.
        columns: that the table has beside times.
        seed: of the drawing.

    Returns:
        None for fewer than four days, or where half of the draws lack a fact.

    Paper: Künsch, "The jackknife and the bootstrap for general stationary observations", Annals
    of Statistics 1989. Cost: 100 times that of ``facts``.
    """
    table = counts_of(data, *columns)
    if table is None or not table.num_rows:
        return None
    minute = minutes_of(table)
    days = minute // DAY
    rows = [np.flatnonzero(days == day) for day in np.unique(days)]
    rows = [one for one in rows if len(one) >= 0.5 * max(map(len, rows))]  # broken-off days
    if len(rows) < FEWEST_DAYS:
        return None
    plain = table.drop_columns([n for n in ("minute", _when(table)) if n in table.column_names])
    beside = {name: other for name, other in data.items() if other is not table}
    whole = facts(data)
    rng = Seed.of(seed).stream("days")
    found = []
    for _ in range(DRAWS):
        chosen = [rows[k] for k in rng.integers(0, len(rows), len(rows))]
        times = [minute[one] % DAY + DAY * day for day, one in enumerate(chosen)]
        drawn = plain.take(np.concatenate(chosen)).append_column(
            "minute", pa.array(np.concatenate(times))
        )
        measured = facts({**beside, "counts": drawn})
        if set(whole) <= set(measured):
            found.append([measured[name] for name in whole])
    if len(found) < DRAWS / 2 or not whole:
        return None
    covariance = np.atleast_2d(np.cov(np.array(found, float), rowvar=False))
    covariance *= len(rows) / (len(rows) - 1)
    covariance = (1 - SHRINK) * covariance + SHRINK * np.diag(np.diag(covariance))
    least = np.array([max(FINEST * abs(value), 1e-3) for value in whole.values()])
    return Weights(tuple(whole), covariance + np.diag(least**2))


def _when(table: pa.Table) -> str | None:
    """The first column of dates with times."""
    return next((f.name for f in table.schema if pa.types.is_timestamp(f.type)), None)


def _added(
    shape: tuple[int, ...], at: tuple[Array, ...], count: Array, speed: Array
) -> tuple[Array, Array]:  # fmt: skip
    """Sums of counts, NaN where a part is missing, and harmonic means of speeds; of ``shape``."""
    total, hours, passed = np.zeros((3, *shape))
    told = np.zeros(shape, bool)
    told[at] = True
    np.add.at(total, at, count)
    seen = (count > 0) & (speed > 0)
    where = tuple(index[seen] for index in at)
    np.add.at(passed, where, count[seen])
    np.add.at(hours, where, count[seen] / speed[seen])
    mean = np.full(shape, np.nan)
    np.divide(passed, hours, out=mean, where=hours > 0)
    return np.where(told, total, np.nan), mean


def _places(
    data: Data, table: pa.Table, names: Array, detector: Array
) -> tuple[Array, bool]:  # fmt: skip
    place = np.arange(len(names), dtype=float)
    if "place" in table.column_names:
        place[detector] = known_numbers(table, "place", "counts")
        return place, True
    known = data.get("detectors")
    if known is None or not {"detector_id", "place"} <= set(known.column_names):
        return place, False
    where = dict(
        zip(
            known_numbers(known, "detector_id", "detectors").tolist(),
            known_numbers(known, "place", "detectors").tolist(),
            strict=True,
        )
    )
    missing = [name for name in names.tolist() if name not in where]
    if missing:
        found = many(len(missing), "detector without a place")
        raise DataError("table 'detectors'", found, "Give a row for each that counts")
    return np.array([where[name] for name in names.tolist()]), True


def _before(data: Data, names: Array) -> Array:
    known = data.get("detectors")
    if known is not None and {"detector_id", "after_ramp"} <= set(known.column_names):
        told = known.column("after_ramp").to_pylist()  # files give truth values for yes and no
        after = np.array([str(text).lower() in ("yes", "true") for text in told], bool)
        behind = numbers(known, "detector_id", "detectors")[after]
        if len(behind):
            before: Array = ~np.isin(names, behind)
            return before
    return np.arange(len(names)) < len(names) - 1

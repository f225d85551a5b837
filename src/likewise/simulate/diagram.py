"""Facts of motorway traffic: the fundamental diagram, breakdown, waves and headways.

Density is flow over (harmonic) speed; all of it is a lane's.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from likewise.simulate.columns import numbers
from likewise.simulate.facts import Band

if TYPE_CHECKING:
    from likewise.simulate.dynamics import Data

Array = np.ndarray
HEADWAYS = 200  # fewest from which their law is told
BOOK = "Treiber and Kesting, Traffic Flow Dynamics, 2013"
BANDS: dict[str, Band] = {
    "capacity": Band(
        "greatest flow of a quarter of an hour, veh/h/lane", 1800, 2400,
        "Highway Capacity Manual 2010: 2,250 to 2,400 passenger cars under ideal conditions",
    ),
    "free_speed": Band("mean speed below 8 veh/km/lane, km/h", 90, 130, BOOK),
    "jam_density": Band("1 over the spacing at a standstill, veh/km/lane", 120, 160, BOOK),
    "wave_speed": Band("of congestion against traffic, km/h", -20, -15, BOOK),
    "capacity_drop": Band(
        "how far flow out of jams is below the greatest of a quarter of an hour, share", 0.03, 0.18,
        "Cassidy and Bertini, Transportation Research B 1999; Yuan, Knoop and Hoogendoorn, "
        "Transportation Research Record 2015: 3 to 18 %",
    ),
    "headway_misfit": Band(
        "Kolmogorov-Smirnov distance of time headways from a log-normal law, above 600 veh/h/lane",
        None, 0.1, "May, Traffic Flow Fundamentals, 1990",
    ),
    "ring_wave": Band(
        "speed of the jam on a ring, km/h", -25, -15, "Sugiyama et al., New J. Phys. 2008: about 20"
    ),
    "ring_stopped": Band(
        "share of vehicle time on a ring below 3 km/h", 0.05, None, "Sugiyama et al. 2008: vehicles"
        " stop in the jam",
    ),
    "ring_fastest": Band(
        "95th percentile of speeds on a ring, km/h", 20, None, "Sugiyama et al. 2008: some 40"
    ),
}  # fmt: skip
QUARTER = 15  # minutes
FREE_DENSITY = 8.0  # veh/km/lane below which nobody is held up
CONGESTED, FLOWING = 0.5, 0.6  # of free speed: below the one, above the other
LANE_MINUTES = 30  # of congestion at least, for its facts


def diagram_facts(data: "Data") -> Mapping[str, float]:
    """Facts of the tables ``counts``, ``detectors`` and ``passages``, as far as they are there."""
    found: dict[str, float] = {}
    if "counts" in data and np.nansum(numbers(data["counts"], "count")) > 0:
        seen = _Seen(data)
        found |= {"capacity": seen.capacity(), "free_speed": seen.free_speed()}
        found |= {**seen.jam(), **seen.wave(), **seen.drop()}
    if "passages" in data and data["passages"].num_rows:
        found |= headways(data)
    return found


class _Seen:
    """Counts and speeds by detector and minute; (D, M), NaN where nothing passed.

    Flow is veh/h/lane, the mean of the lanes; speeds are km/h.
    """

    def __init__(self, data: "Data") -> None:
        counts = data["counts"]
        pace = "harmonic_speed" if "harmonic_speed" in counts.column_names else "speed"
        detector, lane, minute = (
            numbers(counts, name).astype(int) for name in ("detector_id", "lane", "minute")
        )
        n, speed = numbers(counts, "count"), numbers(counts, pace)
        shape = (detector.max() + 1, lane.max() + 1, minute.max() + 1)
        self.count, self.pace = np.zeros(shape), np.full(shape, np.nan)
        self.count[detector, lane, minute], self.pace[detector, lane, minute] = n, speed
        self.flow = 60 * self.count.mean(axis=1)
        hours = np.nansum(self.count / np.where(self.count, self.pace, np.nan), axis=1)
        self.speed = self.count.sum(axis=1) / np.where(hours, hours, np.nan)
        self.place = np.arange(shape[0], dtype=float)
        if "detectors" in data:
            table = data["detectors"]
            self.place[numbers(table, "detector_id").astype(int)] = numbers(table, "place")

    def capacity(self) -> float:
        """The greatest flow that a detector keeps for a quarter of an hour."""
        return float(_quarters(self.flow).max())

    def free_speed(self) -> float:
        """Mean speed of minutes in which nobody is held up, else the greatest."""
        density = self.flow / self.speed
        free = self.speed[density < FREE_DENSITY]
        return float(free.mean()) if len(free) else float(np.nanmax(self.speed))

    def jam(self) -> Mapping[str, float]:
        """Spacing grows linearly with speed in congestion (Newell 2002): its value at rest."""
        flow, speed = 60 * self.count, self.pace
        slow = (speed < CONGESTED * self.free_speed()) & (flow >= 300)
        if slow.sum() < LANE_MINUTES:
            return {}
        spacing = speed[slow] / flow[slow] * 1000
        _, rest = np.polyfit(speed[slow], spacing, 1, w=1 / spacing)
        return {"jam_density": float(1000 / rest)}

    def wave(self) -> Mapping[str, float]:
        """The lag at which congested speeds resemble those further down the road the most."""
        slow = self.speed < CONGESTED * self.free_speed()
        gaps = np.arange(1, 9)
        sums: dict[float, dict[int, list[float]]] = {}
        for up in range(len(self.place) - 2):
            down = up + 2  # two spacings: a lag of several minutes
            both = slow[up] & slow[down]
            if both.sum() < LANE_MINUTES:
                continue
            a, b = _even(self.speed[up]), _even(self.speed[down])
            way = (self.place[down] - self.place[up]) / 1000
            for lag in gaps:
                pair = both[lag:] & both[:-lag]
                if pair.sum() > LANE_MINUTES / 2:
                    r = float(np.corrcoef(a[lag:][pair], b[:-lag][pair])[0, 1])
                    sums.setdefault(float(way), {}).setdefault(int(lag), []).append(r)
        return {"wave_speed": _peak(sums)} if sums else {}

    def drop(self) -> Mapping[str, float]:
        """Mean flow out of jams against the greatest of a quarter of an hour.

        Measured at the last detector, which all flow passes, while it is not in a jam itself. A
        greatest value is partly luck: without any drop this gives a few hundredths.
        """
        free = self.free_speed()
        slow = self.speed < CONGESTED * free
        jam = _smooth(slow[:-1].any(axis=0).astype(float), 10) > 0.7
        flowing = jam & (self.speed[-1] > FLOWING * free)
        if flowing.sum() < LANE_MINUTES:
            return {}
        most = _quarters(self.flow[-1:]).max()
        return {"capacity_drop": float(1 - self.flow[-1][flowing].mean() / most)}


def _quarters(flow: Array) -> Array:
    """Means of all quarters of an hour; (D, M) to (D, M - 14)."""
    length = min(QUARTER, flow.shape[1])
    means: Array = np.lib.stride_tricks.sliding_window_view(flow, length, axis=1).mean(axis=2)
    return means


def headways(data: "Data") -> Mapping[str, float]:
    """How far the law of headways in flowing traffic is from a log-normal one."""
    from scipy import stats

    table = data["passages"]
    detector, lane = numbers(table, "detector_id"), numbers(table, "lane")
    second, speed = numbers(table, "second"), numbers(table, "speed")
    order = np.lexsort((second, lane, detector))
    same = (np.diff(detector[order]) == 0) & (np.diff(lane[order]) == 0)
    gap = np.diff(second[order])[same]
    if len(gap) < HEADWAYS:
        return {}
    quick = (speed > 0.7 * np.quantile(speed, 0.9))[order][1:][same]
    fits = quick & (gap > 0) & (_smooth(gap, 50) < 6.0)  # 600 veh/h/lane
    if fits.sum() < HEADWAYS:
        return {}
    logs = np.log(gap[fits])
    normal = (logs - logs.mean()) / logs.std()
    return {"headway_misfit": float(stats.kstest(normal, "norm").statistic)}


def ring_facts(data: "Data", length: float) -> Mapping[str, float]:
    """Stop-and-go on a ring, by the table ``trajectories`` from its middle on."""
    table = data.get("trajectories")
    if table is None or table.num_rows < 100:
        return {}
    second, place, speed = (numbers(table, name) for name in ("second", "place", "speed"))
    late = second > np.median(second)
    second, place, speed = second[late], place[late], speed[late]
    found = {
        "ring_stopped": float((speed < 3).mean()), "ring_fastest": float(np.quantile(speed, 0.95)),
    }  # fmt: skip
    times, at = np.unique(second, return_inverse=True)
    slow = np.maximum(np.median(speed) - speed, 0)
    turn = slow * np.exp(2j * np.pi * place / length)
    jam = np.zeros(len(times), complex)
    np.add.at(jam, at, turn)
    if len(times) > 20 and np.abs(jam).min() > 0:
        phase = np.unwrap(np.angle(jam)) / (2 * np.pi) * length
        found["ring_wave"] = float(np.polyfit(times, phase, 1)[0] * 3.6)
    return found


def _peak(sums: dict[float, dict[int, list[float]]]) -> float:
    """Speed, km/h, of the best lag, between minutes by a parabola; the median over distances."""
    speeds = []
    for way, lags in sums.items():
        keys = sorted(lags)
        mean = np.array([np.mean(lags[key]) for key in keys])
        k = int(mean.argmax())
        lag = float(keys[k])
        if 0 < k < len(keys) - 1:
            left, top, right = mean[k - 1 : k + 2]
            lag += 0.5 * (left - right) / (left - 2 * top + right)
        speeds.append(-way / lag * 60)
    return float(np.median(speeds))


def _even(values: Array) -> Array:
    """Gaps filled from both sides, and the slow trend of a quarter of an hour taken out."""
    there = np.flatnonzero(np.isfinite(values))
    whole = np.interp(np.arange(len(values)), there, values[there])
    trend: Array = whole - _smooth(whole, QUARTER)
    return trend


def _smooth(values: Array, width: int) -> Array:
    box = np.ones(min(width, len(values)))
    smooth: Array = np.convolve(values, box, "same") / np.convolve(
        np.ones(len(values)), box, "same"
    )
    return smooth

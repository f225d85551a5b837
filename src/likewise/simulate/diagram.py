"""Facts of motorway traffic: the fundamental diagram, breakdown, waves and headways.

Density is flow over (harmonic) speed; all of it is a lane's.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from likewise.simulate.columns import having, numbers
from likewise.simulate.detectors import DAY, QUARTER, Readings, readings_of
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
        "discharge of a queue below the greatest flow of a quarter of an hour before it, share",
        0.05, 0.15, "Cassidy and Bertini, Transportation Research B 1999; Hall and Agyemang-Duah, "
        "Transportation Research Record 1991: 5 to 15 %",
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
FREE_DENSITY = 8.0  # veh/km/lane below which nobody is held up
CONGESTED, FLOWING = 0.5, 0.6  # of free speed: below the one, above the other
LEAST_RANGE = 2.0  # km/h by which congested speeds differ, so that a line can be drawn
LANE_MINUTES = 30  # of congestion at least, for its facts
KNOWN = 0.8  # share of a quarter of an hour that has to be known for its mean


def diagram_facts(data: "Data", lanes: int = 1) -> Mapping[str, float]:
    """Facts of tables of detectors and of ``passages``, as far as they are there.

    Where lanes are not told apart ``lanes`` are counted together.
    """
    found: dict[str, float] = {}
    readings = readings_of(data, lanes)
    if readings is not None:
        seen = _Seen(readings)
        found |= {"capacity": seen.capacity(), "free_speed": seen.free}
        found |= {**seen.jam(), **seen.wave(), **seen.drop()}
    if "passages" in data and data["passages"].num_rows:
        found |= headways(data)
    return {name: value for name, value in found.items() if np.isfinite(value)}


class _Seen:
    """Flow, veh/h/lane, and speed, km/h, by detector and interval; (D, T)."""

    def __init__(self, readings: Readings) -> None:
        self.readings, self.every = readings, readings.every
        self.flow, self.speed = readings.flow, readings.pace
        self.wide = max(QUARTER // self.every, 1)  # intervals of a quarter of an hour
        self.least = max(LANE_MINUTES // self.every, 2)
        self.free = self._free_speed()
        with np.errstate(invalid="ignore"):
            self.slow = self.speed < CONGESTED * self.free

    def capacity(self) -> float:
        """The greatest flow that a detector keeps for a quarter of an hour; of days the median.

        The greatest of many days is greater than that of one, such as a simulation's.
        """
        most = [self._greatest(self.flow[:, chosen]) for chosen in self._days()]
        known = [one for one in most if np.isfinite(one)]
        return float(np.median(known)) if known else np.nan

    def _greatest(self, flow: Array) -> float:
        """The greatest known flow of a quarter of an hour; (D, T). NaN where none is."""
        kept = _windows(flow, self.wide)
        known = kept[np.isfinite(kept)]
        return float(known.max()) if known.size else np.nan

    def _days(self) -> list[Array]:
        """For each day which intervals are its own."""
        day = self.readings.minute // DAY
        return [day == one for one in np.unique(day)]

    def _free_speed(self) -> float:
        """Mean speed of intervals in which nobody is held up, else the greatest."""
        with np.errstate(invalid="ignore"):
            free = self.speed[self.flow / self.speed < FREE_DENSITY]
        if len(free):
            return float(free.mean())
        return float(np.nanmax(self.speed)) if np.isfinite(self.speed).any() else np.nan

    def jam(self) -> Mapping[str, float]:
        """Spacing grows linearly with speed in congestion (Newell 2002): its value at rest."""
        flow, speed = 60 / self.every * self.readings.count, self.readings.speed
        with np.errstate(invalid="ignore"):
            slow = (speed < CONGESTED * self.free) & (flow >= 300)
        if slow.sum() < self.least or np.ptp(speed[slow]) < LEAST_RANGE:
            return {}
        spacing = speed[slow] / flow[slow] * 1000
        _, rest = np.polyfit(speed[slow], spacing, 1, w=1 / spacing)
        return {"jam_density": float(1000 / rest)} if rest > 0 else {}

    def wave(self) -> Mapping[str, float]:
        """The lag at which congested speeds resemble those further down the road the most.

        Waves pass from detector to detector in minutes, so it is told from counts of a minute.
        """
        if self.every > 1:
            return {}
        slow, place = self.slow, self.readings.place
        gaps = np.arange(1, 9)
        sums: dict[float, dict[int, list[float]]] = {}
        for up in range(len(place) - 2):
            down = up + 2  # two spacings: a lag of several minutes
            both = slow[up] & slow[down]
            if both.sum() < LANE_MINUTES:
                continue
            a, b = _even(self.speed[up]), _even(self.speed[down])
            way = (place[down] - place[up]) / 1000
            for lag in gaps:
                pair = both[lag:] & both[:-lag]
                if pair.sum() > LANE_MINUTES / 2:
                    r = float(np.corrcoef(a[lag:][pair], b[:-lag][pair])[0, 1])
                    sums.setdefault(float(way), {}).setdefault(int(lag), []).append(r)
        return {"wave_speed": _peak(sums)} if sums else {}

    def drop(self) -> Mapping[str, float]:
        """Discharge of a bottleneck's queues against the flows that it kept before them.

        The median over breakdowns of 1 - after / before at the last detector, which all flow
        passes: before is the greatest flow of a quarter of an hour of the day since the last queue,
        after the mean while the queue lasts upstream and the last detector is not in a jam itself.
        """
        drops = [drop for chosen in self._days() for drop in self._drops(chosen)]
        return {"capacity_drop": float(np.median(drops))} if drops else {}

    def _drops(self, chosen: Array) -> Iterator[float]:
        """One number a breakdown of some intervals, if flows before and after it are known."""
        flow = self.flow[-1, chosen]
        slow = self.slow[self.readings.before][:, chosen].any(axis=0)
        with np.errstate(invalid="ignore"):
            known = (self.speed[-1, chosen] > FLOWING * self.free) & np.isfinite(flow)
        gone = 0  # when the last queue was
        for start, end in _runs(_smooth(slow.astype(float), max(10 // self.every, 1)) > 0.7):
            begin = start + int(slow[start:end].argmax())
            after = flow[begin:end][known[begin:end]]
            if len(after) < self.least:
                continue
            since, gone = gone, end
            before = (
                self._greatest(flow[None, since:begin]) if begin - since >= self.wide else np.nan
            )
            if np.isfinite(before):
                yield float(1 - after.mean() / before)


def _windows(flow: Array, wide: int) -> Array:
    """Means of what is known of all ``wide`` intervals in a row; (D, T) to (D, T - wide + 1).

    NaN where too little is.
    """
    length = min(wide, flow.shape[1])
    known = np.isfinite(flow)
    total, number = (
        np.lib.stride_tricks.sliding_window_view(values, length, axis=1).sum(axis=2)
        for values in (np.where(known, flow, 0.0), known)
    )
    enough = number >= KNOWN * length
    means: Array = np.where(enough, total / np.maximum(number, 1), np.nan)
    return means


def _runs(true: Array) -> list[tuple[int, int]]:
    """Begin and end of each run of true values; of (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], true.astype(int), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def headways(data: "Data") -> Mapping[str, float]:
    """How far the law of headways in flowing traffic is from a log-normal one."""
    from scipy import stats

    table = having(data["passages"], "passages", ("detector_id", "lane", "second", "speed"))
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
    names = ("second", "place", "speed")
    second, place, speed = (numbers(having(table, "trajectories", names), n) for n in names)
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

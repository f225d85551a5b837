"""Series built by hand, whose laws are known."""

import numpy as np
import pandas as pd
import pyarrow as pa

from likewise.data.convert import to_table
from likewise.data.infer import infer
from likewise.data.table import Table


def as_table(frame: pd.DataFrame) -> Table:
    raw = pa.Table.from_pandas(frame, preserve_index=False)
    return to_table(raw, infer(raw))


def weather(rows: int, seed: int = 0, *, gaps: bool = True) -> pd.DataFrame:
    """Hourly: a temperature with a day's cycle that comes back, a label, a count, gaps in one."""
    rng = np.random.default_rng(seed)
    hour = np.arange(rows)
    noise = np.zeros(rows)
    for t in range(1, rows):
        noise[t] = 0.8 * noise[t - 1] + rng.normal(0, 0.6)
    heat = np.round(15 + 5 * np.sin(2 * np.pi * hour / 24) + noise, 1)
    rain = rng.poisson(np.where(heat < 14, 2.0, 0.2))
    sky = np.where(rain > 1, "rain", np.where(heat > 16, "sun", "cloud"))
    wind = np.round(rng.gamma(4, 1.0, rows), 1)
    if gaps:
        wind[rng.random(rows) < 0.05] = np.nan
    return pd.DataFrame({
        "at": pd.date_range("2024-01-01", periods=rows, freq="h"),
        "heat": heat, "rain": rain, "sky": sky, "wind": wind,
    })  # fmt: skip


def prices(rows: int, seed: int = 0) -> pd.DataFrame:
    """Daily: open, high and low, close and volume of a random walk; high and low hold the rest."""
    rng = np.random.default_rng(seed)
    step = rng.standard_t(5, rows) * 0.02
    close = 100 * np.exp(np.cumsum(step))
    begin = np.append(100.0, close[:-1]) * np.exp(rng.normal(0, 0.002, rows))
    top = np.maximum(begin, close) * np.exp(np.abs(rng.normal(0, 0.004, rows)))
    low = np.minimum(begin, close) * np.exp(-np.abs(rng.normal(0, 0.004, rows)))
    volume = np.exp(rng.normal(13, 0.3, rows) + 10 * np.abs(step)).astype(int)
    days = pd.bdate_range("2015-01-01", periods=rows)
    frame = {"open": begin, "high": top, "low": low, "close": close}
    return pd.DataFrame({"day": days, **{k: np.round(v, 2) for k, v in frame.items()},
                         "volume": volume})  # fmt: skip

"""The protocol's measurements of one synthetic table, independent of the package's own metrics.

Shape and pair error come from SDMetrics, the detector and the utility model from LightGBM, so that
the package does not mark its own work.
"""

from itertools import combinations

import lightgbm as lgb
import numpy as np
import pandas as pd
from sdmetrics.column_pairs import ContingencySimilarity, CorrelationSimilarity
from sdmetrics.reports.single_table import QualityReport
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import label_binarize

SIDE = 8_000  # rows a side for the detector
NEAR = 5_000  # rows whose nearest training row is looked up
REFERENCE = 40_000  # training rows they are compared with, at most


def judge(
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    synth: pd.DataFrame,
    *,
    target: str | None,
    task: str,
    categories: tuple[str, ...] = (),
    seed: int = 0,
) -> dict[str, float]:
    """Every number of the protocol for ``synth``; the real side of the detector is ``holdout``."""
    train, holdout, synth = aligned((train, holdout, synth), categories)
    rng = np.random.default_rng(seed)
    found = {
        "detector_auc": detector(holdout, synth, rng),
        **fidelity(train, synth, rng),
        **copies(train, holdout, synth, rng),
        "nearer": nearer(train, holdout, synth, rng),
    }
    if target is not None:
        found["utility"] = utility(synth, holdout, target, task)
        found["utility_real"] = utility(train, holdout, target, task)
    return {name: round(float(value), 5) for name, value in found.items()}


def small(
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    drawn: pd.DataFrame,
    *,
    target: str,
    task: str,
    categories: tuple[str, ...] = (),
    fidelity_too: bool = False,
) -> dict[str, float]:
    """The protocol for few training rows: more rows are drawn than were learned.

    Utility models learn as many drawn rows as there were real ones (the median over up to five
    such portions); the detector and the distances see all of them. ``nearer`` is the share of
    drawn rows nearer to a training row than to one of as many fresh rows: 50 % is fair.
    """
    train, holdout, drawn = aligned((train, holdout, drawn), categories)
    rng, rows = np.random.default_rng(0), len(train)
    portions = [drawn.iloc[i : i + rows] for i in range(0, len(drawn) - rows + 1, rows)][:5]
    found = {
        "detector_auc": detector(holdout, drawn, rng),
        "utility": np.median([utility(part, holdout, target, task) for part in portions]),
        "utility_real": utility(train, holdout, target, task),
        **copies(train, holdout, drawn, rng),
        "nearer": nearer(train, holdout, drawn, rng),
    }
    if fidelity_too:
        found |= fidelity(holdout, drawn, rng)
    return {name: round(float(value), 5) for name, value in found.items()}


def nearer(
    train: pd.DataFrame, holdout: pd.DataFrame, drawn: pd.DataFrame, rng: np.random.Generator
) -> float:
    """Percent of drawn rows whose nearest row is in train, not among as many fresh rows.

    Fresh rows in the place of drawn ones give 50 %, the more so the more of them there are: an
    attacker who takes the nearest row for a learned one is right that often by chance.
    """
    side = min(len(train), len(holdout), REFERENCE)
    parts = [_sample(train, side, rng), _sample(holdout, side, rng), _sample(drawn, NEAR, rng)]
    known, fresh, made = _points(train, parts)
    search = {"n_neighbors": 1, "metric": "manhattan", "algorithm": "brute"}
    near, far = (
        NearestNeighbors(**search).fit(points).kneighbors(made)[0][:, 0]
        for points in (known, fresh)
    )
    return float(100 * ((near < far).mean() + (near == far).mean() / 2))


def detector(holdout: pd.DataFrame, synth: pd.DataFrame, rng: np.random.Generator) -> float:
    """Out-of-fold AUC of boosted trees that tell synthetic rows from untouched real ones."""
    side = min(SIDE, len(holdout), len(synth))
    x = pd.concat([_sample(holdout, side, rng), _sample(synth, side, rng)], ignore_index=True)
    y = np.repeat([0, 1], side)
    scores = np.zeros(len(y))
    for fit, test in StratifiedKFold(3, shuffle=True, random_state=0).split(x, y):
        model = lgb.LGBMClassifier(
            n_estimators=150,
            learning_rate=0.08,
            num_leaves=31,
            min_child_samples=50,
            n_jobs=1,
            verbose=-1,
            random_state=0,
        )
        model.fit(x.iloc[fit], y[fit])
        scores[test] = model.predict_proba(x.iloc[test])[:, 1]
    return roc_auc_score(y, scores)


def utility(fit: pd.DataFrame, test: pd.DataFrame, target: str, task: str) -> float:
    """AUC (macro one-vs-rest when there are more classes) or R² on ``test``."""
    fit, test = fit.dropna(subset=[target]), test.dropna(subset=[target])
    x, y = fit.drop(columns=target), fit[target]
    options = {"n_estimators": 200, "learning_rate": 0.1, "n_jobs": 1, "verbose": -1}
    if task == "number":
        model = lgb.LGBMRegressor(**options, random_state=0).fit(x, y.astype(float))
        return r2_score(test[target].astype(float), model.predict(test.drop(columns=target)))
    y, wanted = y.astype(str), test[target].astype(str)
    if y.nunique() < 2:
        return 0.5
    model = lgb.LGBMClassifier(**options, random_state=0).fit(x, y)
    shares = model.predict_proba(test.drop(columns=target))
    classes = [c for c in model.classes_ if (wanted == c).any()]
    if len(model.classes_) == 2:
        return roc_auc_score(wanted == model.classes_[1], shares[:, 1])
    truth = label_binarize(wanted, classes=classes)
    columns = [list(model.classes_).index(c) for c in classes]
    return roc_auc_score(truth, shares[:, columns], average="macro")


def fidelity(
    train: pd.DataFrame, synth: pd.DataFrame, rng: np.random.Generator
) -> dict[str, float]:
    """SDMetrics column shapes and pair trends as errors in percent, thresholds 0.

    ``pair_error`` is SDMetrics' own figure. It cuts the numbers of each table between that table's
    own ends, so that one extreme value more or less moves all bins and is most of the figure where
    tails are long; ``pair_error_aligned`` cuts both tables between the ends of the training table.
    """
    train, synth = train.copy(), synth.copy()
    if len(train) > 100_000:  # SDMetrics needs minutes beyond
        train, synth = _sample(train, 100_000, rng), _sample(synth, 100_000, rng)
    columns: dict[str, dict[str, str]] = {}
    for name in train.columns:
        if pd.api.types.is_datetime64_any_dtype(train[name]):
            columns[name] = {"sdtype": "datetime"}
        elif isinstance(train[name].dtype, pd.CategoricalDtype):
            columns[name] = {"sdtype": "categorical"}
            train[name], synth[name] = train[name].astype(object), synth[name].astype(object)
        else:
            columns[name] = {"sdtype": "numerical"}
            # SDMetrics bins both tables separately, so one value out of range moves every bin
            synth[name] = synth[name].clip(train[name].min(), train[name].max())
    report = QualityReport()
    # by default SDMetrics leaves out all pairs that are weakly associated in the real table
    report.real_correlation_threshold = report.real_association_threshold = 0
    report.generate(train, synth, {"columns": columns}, verbose=False)
    shares = report.get_properties().set_index("Property")["Score"]
    return {
        "shape_error": 100 * (1 - shares["Column Shapes"]),
        "pair_error": 100 * (1 - shares["Column Pair Trends"]),
        "pair_error_aligned": 100 * (1 - _aligned_trends(train, synth, columns)),
    }


def _aligned_trends(
    train: pd.DataFrame, synth: pd.DataFrame, columns: dict[str, dict[str, str]]
) -> float:
    """Mean similarity of all pairs by SDMetrics, numbers cut alike in both tables.

    Pairs of numbers of which one is constant have no correlation and are left out.
    """
    labels = {name for name, told in columns.items() if told["sdtype"] == "categorical"}
    cut = [pd.DataFrame(index=table.index) for table in (train, synth)]
    for name in columns:
        if name in labels:
            for part, table in zip(cut, (train, synth), strict=True):
                part[name] = table[name]
            continue
        low, high = train[name].min(), train[name].max()
        width = (high - low) / 10
        for part, table in zip(cut, (train, synth), strict=True):
            place = ((table[name] - low) / width if width else 0 * (table[name] - low)) // 1
            part[name] = place.clip(upper=9).astype(object).where(table[name].notna(), "none")
    found = []
    for a, b in combinations(columns, 2):
        if {a, b} & labels:
            parts = [part[[a, b]] for part in cut]
            found.append(ContingencySimilarity.compute(*parts))
        elif all(table[[a, b]].nunique().min() > 1 for table in (train, synth)):
            found.append(CorrelationSimilarity.compute(train[[a, b]], synth[[a, b]]))
    return float(np.mean(found))


def copies(
    train: pd.DataFrame, holdout: pd.DataFrame, synth: pd.DataFrame, rng: np.random.Generator
) -> dict[str, float]:
    """Exact and near copies in percent, and what fresh real rows show."""
    reference = _sample(train, REFERENCE, rng)
    fresh, drawn = _sample(holdout, NEAR, rng), _sample(synth, NEAR, rng)
    points = _points(train, [reference, fresh, drawn])
    tree = NearestNeighbors(n_neighbors=1, metric="manhattan", algorithm="brute").fit(points[0])
    near_fresh, near_drawn = (tree.kneighbors(part)[0][:, 0] for part in points[1:])
    edge = np.quantile(near_fresh, 0.01)
    rows = pd.util.hash_pandas_object(train.astype(str), index=False)
    exact = {
        name: 100 * pd.util.hash_pandas_object(part.astype(str), index=False).isin(rows).mean()
        for name, part in (("exact_copies", synth), ("exact_copies_real", holdout))
    }
    # ties at the edge count half on both sides, so that fresh rows give 1 % by construction
    near = (near_drawn < edge).mean() + (near_drawn == edge).mean() * _tie_share(near_fresh, edge)
    return {"near_copies": 100 * near, **exact}


def _tie_share(distances: np.ndarray, edge: float) -> float:
    below, equal = (distances < edge).mean(), (distances == edge).mean()
    return float(np.clip((0.01 - below) / equal, 0, 1)) if equal else 0.0


def _points(train: pd.DataFrame, parts: list[pd.DataFrame]) -> list[np.ndarray]:
    """Mixed rows as points: numbers by rank in train, labels one-hot (half weight each way)."""
    columns: list[list[np.ndarray]] = [[] for _ in parts]
    for name in train.columns:
        series = train[name]
        if isinstance(series.dtype, pd.CategoricalDtype):
            width = min(len(series.cat.categories), 64)
            keep = series.cat.codes.value_counts().index[:width]
            for out, part in zip(columns, parts, strict=True):
                codes = part[name].cat.codes.to_numpy()
                out.extend((codes == code).astype(np.float32) / 2 for code in keep)
        else:
            order = np.sort(series.dropna().astype(float).to_numpy())
            for out, part in zip(columns, parts, strict=True):
                values = part[name].astype(float).to_numpy()
                rank = np.searchsorted(order, values, side="left") / max(len(order), 1)
                out.append(np.where(np.isnan(values), 2.0, rank).astype(np.float32))
    return [np.stack(out, axis=1) for out in columns]


def aligned(
    frames: tuple[pd.DataFrame, ...], categories: tuple[str, ...]
) -> tuple[pd.DataFrame, ...]:
    """The same dtypes in all frames: floats for numbers and times, shared categories otherwise."""
    out = [frame.copy() for frame in frames]
    for name in frames[0].columns:
        number = pd.api.types.is_numeric_dtype(frames[0][name]) and name not in categories
        moment = pd.api.types.is_datetime64_any_dtype(frames[0][name])
        if number or moment:
            for frame in out:
                values = frame[name].astype("int64") if moment else pd.to_numeric(frame[name])
                frame[name] = values.astype(float)
            continue
        texts = [frame[name].astype("string") for frame in out]
        levels = pd.unique(pd.concat([text.dropna() for text in texts]))
        for frame, text in zip(out, texts, strict=True):
            frame[name] = pd.Categorical(text, categories=sorted(levels))
    return tuple(out)


def _sample(frame: pd.DataFrame, rows: int, rng: np.random.Generator) -> pd.DataFrame:
    if len(frame) <= rows:
        return frame
    return frame.iloc[np.sort(rng.choice(len(frame), rows, replace=False))].reset_index(drop=True)

"""Change each array and number of a model file in turn, load what comes out, and draw from it.

Run as a program, so that a crash ends it and not the tests. Each line says what is tried, and then
how it ended: refused, rows, or the name of an error that no reader of a model should see.
"""

import hashlib
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as unpack
from safetensors.numpy import save as pack

from likewise.core.artifact import load
from likewise.core.errors import LikewiseError
from likewise.encode.layout import Evidence
from likewise.generators.tabular import TableModel

Array = np.ndarray
ROWS = 64
ALIKE = 2  # arrays of the same name in the same kind of object that are tried, the last ones,
ALIKE_IN_TABLES = 1  # and in models of whole tables, which take longer


def main(path: Path) -> None:
    """Try every change of the model at ``path``, beside which the forged file is written."""
    with zipfile.ZipFile(path) as file:
        body = json.loads(file.read("manifest.json"))["body"]
        arrays = unpack(file.read("arrays.safetensors"))
    forged, model = path.with_suffix(".forged"), load(path)
    draw, alike = drawing(model), ALIKE_IN_TABLES if isinstance(model, TableModel) else ALIKE
    for name, change in [*changed_arrays(arrays, alike), *changed_numbers(body)]:
        sys.stdout.write(f"{name}: ")
        sys.stdout.flush()  # what was tried last is known even if it ends the process
        write(forged, *change(body, arrays))
        sys.stdout.write(f"{outcome(forged, draw)}\n")


def changed_arrays(arrays: dict[str, Array], alike: int) -> Iterator[tuple[str, Callable]]:
    """Each array in every wrong way."""
    seen: Counter[str] = Counter()
    for name in reversed(arrays):
        kind = re.sub(r"\d+", "", name)
        seen[kind] += 1
        if seen[kind] > alike:
            continue
        for how, wrong in wrong_arrays(arrays[name]).items():

            def change(body: Any, all_: Any, name: str = name, wrong: Array = wrong) -> Any:
                return body, {**all_, name: np.ascontiguousarray(wrong)}

            yield f"{name} {how}", change


def wrong_arrays(a: Array) -> dict[str, Array]:
    """What an attacker may put in the place of an array."""
    most = {"f": np.inf, "b": True}.get(a.dtype.kind) or np.iinfo(a.dtype).max
    wrong = {
        "cut by one": a[:-1],
        "none": a[:0],
        "twice as long": np.concatenate([a, a]),
        "reversed": a[::-1],
        "transposed": a.T if a.ndim > 1 else a[:, None],
        "of other numbers": a.astype(np.int16 if a.dtype.kind == "f" else np.float32),
        "zeros": np.zeros_like(a),
        "doubled": ~a if a.dtype.kind == "b" else a * np.array(2, a.dtype),
        "negative": ~a if a.dtype.kind in "bu" else -a - np.array(1, a.dtype),
        "minus ones": np.full_like(a, -1 if a.dtype.kind in "fi" else most),
        "huge": np.full_like(a, most),
    }
    if a.dtype.kind == "f":
        wrong |= {"missing": np.full_like(a, np.nan), "largest": np.full_like(a, -1e38)}
    if a.size and a.dtype.kind in "iuf":
        for how, value in (("one huge", most), ("one zero", 0)):
            one = a.copy()
            one.flat[a.size // 2] = value
            wrong[how] = one
    return {how: value for how, value in wrong.items() if not same(value, a)}


def same(one: Array, other: Array) -> bool:
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def changed_numbers(body: dict) -> Iterator[tuple[str, Callable]]:
    """Each whole number among the fields of what methods learned."""
    for place in [*numbers(body["model"])]:
        for wrong in (-1, 0, 1, 2**40):

            def change(body: Any, arrays: Any, place: tuple = place, wrong: int = wrong) -> Any:
                body = json.loads(json.dumps(body))
                here = body["model"]
                for step in place[:-1]:
                    here = here[step]
                here[place[-1]] = wrong
                return body, arrays

            yield f"{'.'.join(map(str, place))} is {wrong}", change


def numbers(value: Any, place: tuple = (), inside: bool = False) -> Iterator[tuple]:
    if isinstance(value, dict):
        inside = value["$kind"].startswith("generators") if "$kind" in value else inside
        for key, item in value.items():
            yield from numbers(item, (*place, key), inside)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from numbers(item, (*place, i), inside)
    elif isinstance(value, int) and not isinstance(value, bool) and inside:
        yield place


def write(path: Path, body: dict, arrays: dict[str, Array]) -> None:
    """A model file whose sums are right."""
    packed = pack(arrays)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    sums = {name: hashlib.sha256(x).hexdigest() for name, x in (("body", text), ("arrays", packed))}
    with zipfile.ZipFile(path, "w") as file:
        manifest = {"format": 2, "sha256": sums, "body": body}
        file.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False))
        file.writestr("arrays.safetensors", packed)


def drawing(model: Any) -> Callable[[Any], None]:
    """How rows are drawn from what was forged: of their own, under a condition, and given some."""
    rng = np.random.default_rng(0)
    if isinstance(model, TableModel):
        given = model.sample(ROWS, seed=1).select(["age", "job"])

        def sample(forged: TableModel) -> None:
            forged.sample(ROWS, seed=1)
            forged.sample(ROWS, seed=1, where="income > 5000 and job = 'cook'")
            forged.sample(ROWS, seed=1, given=given)

        return sample
    drawn, sizes = model.draw(ROWS, rng)[0], model.block_sizes
    told = [Evidence({}, {i: np.arange(size) % 2 == 0}) for i, size in enumerate(sizes)]
    cells = enumerate(zip(drawn.codes.T, drawn.detail.T, strict=True))
    told += [Evidence({i: cell}, {}) for i, cell in cells]

    def draw(forged: Any) -> None:
        forged.draw(ROWS, rng)
        if forged.block_sizes == sizes:  # a model of a table makes sure of that
            for evidence in told:
                forged.draw(ROWS, rng, evidence)

    return draw


def outcome(path: Path, draw: Callable[[Any], None]) -> str:
    """How loading and drawing end."""
    try:
        draw(load(path))
    except LikewiseError:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__} {error}"
    return "rows"


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(Path(sys.argv[1]))

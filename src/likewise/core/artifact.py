"""Fitted models on disk: arrays and JSON in one file, so opening one runs no code of its own.

The file is an uncompressed zip of ``manifest.json`` and ``arrays.safetensors``. A model is a tree
of frozen dataclasses marked ``@storable``, pydantic models marked the same way, NumPy arrays,
tuples, string-keyed dicts and JSON scalars. The manifest carries a format number and SHA-256 sums.
"""

import dataclasses
import hashlib
import importlib
import json
import math
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel
from safetensors import SafetensorError
from safetensors.numpy import load as unpack_arrays
from safetensors.numpy import save as pack_arrays

import likewise
from likewise.core.atomic import Put, replacing
from likewise.core.errors import FormatError
from likewise.core.typed import misfit

FORMAT = 2
MANIFEST, ARRAYS = "manifest.json", "arrays.safetensors"
_KIND = re.compile(r"[a-z_]+(\.[a-z_0-9]+)*:[A-Za-z_]+")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed date, so that equal models give equal bytes

_DAMAGED = (
    SafetensorError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError,
    ImportError, RecursionError,
)  # fmt: skip

T = TypeVar("T")


def storable(cls: type[T]) -> type[T]:
    """Mark a frozen dataclass or pydantic model of this package as part of saved models."""
    cls.__storable__ = _kind(cls)  # type: ignore[attr-defined]
    return cls


def save(model: object, path: str | Path, *, put: Put = replacing) -> None:
    """Write ``model``; equal models give equal bytes, and a failure leaves no file behind."""
    arrays: dict[str, np.ndarray] = {}
    packed_model = _pack(model, "model", arrays)
    packed = pack_arrays(arrays)
    body = {"likewise": likewise.__version__, "model": packed_model}
    manifest = {
        "format": FORMAT,
        "sha256": {"body": _digest(_text(body)), "arrays": _digest(packed)},
        "body": body,
    }
    with put(Path(path)) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as file:
        file.writestr(zipfile.ZipInfo(MANIFEST, _EPOCH), _text(manifest))
        file.writestr(zipfile.ZipInfo(ARRAYS, _EPOCH), packed)


def load(path: str | Path) -> Any:
    """Read what ``save`` wrote; a foreign, damaged or newer file raises FormatError."""
    manifest, packed = _read(Path(path))
    where = str(path)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise FormatError(where, "not a likewise model", "Give a file written by likewise fit")
    if manifest["format"] > FORMAT:
        found = f"model format {manifest['format']}, this version reads up to {FORMAT}"
        raise FormatError(where, found, "Run: pip install --upgrade likewise")
    if manifest["format"] < FORMAT:
        found = f"model format {manifest['format']}, of an older version"
        raise FormatError(where, found, "Fit the model again")
    sums = {"body": _digest(_text(manifest.get("body"))), "arrays": _digest(packed)}
    if manifest.get("sha256") != sums:
        hint = "Fit the model again or fetch the file anew"
        raise FormatError(where, "changed since it was written (checksum differs)", hint)
    try:
        arrays = unpack_arrays(packed)
        return _unpack(manifest["body"]["model"], arrays)
    except _DAMAGED as error:
        found = f"does not describe a model ({type(error).__name__})"
        raise FormatError(where, found, "Fit the model again") from error


def _read(path: Path) -> tuple[Any, bytes]:
    """The manifest and the packed arrays; reads no more than the file's own size."""
    try:
        size = path.stat().st_size
        with zipfile.ZipFile(path) as file:
            members = {info.filename: info for info in file.infolist()}
            if set(members) != {MANIFEST, ARRAYS}:
                raise FormatError(str(path), "not a likewise model", "Give a file of likewise fit")
            stored = all(info.compress_type == zipfile.ZIP_STORED for info in members.values())
            if not stored or sum(info.file_size for info in members.values()) > size:
                raise FormatError(str(path), "larger inside than out", "Do not use this file")
            return json.loads(file.read(MANIFEST)), file.read(ARRAYS)
    except OSError as error:
        raise FormatError(
            str(path), f"cannot be read ({error.strerror})", "Check the path"
        ) from None
    except (zipfile.BadZipFile, ValueError, RecursionError):
        hint = "Give a file written by likewise fit"
        raise FormatError(str(path), "not a likewise model, or cut short", hint) from None


def _pack(value: Any, place: str, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, np.ndarray):
        arrays[place] = np.asarray(value, order="C")  # keeps arrays without axes as they are
        return {"$array": place}
    if isinstance(value, np.generic):
        return _pack(value.item(), place, arrays)
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(value)}
    if isinstance(value, BaseModel):
        values = value.model_dump(mode="json", by_alias=True)
        return {"$recipe": _stored_kind(value), "values": values}
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        packed = {k: _pack(v, f"{place}.{k}", arrays) for k, v in fields.items()}
        return {"$kind": _stored_kind(value), "fields": packed}
    if isinstance(value, tuple | list):
        return [_pack(item, f"{place}.{i}", arrays) for i, item in enumerate(value)]
    if isinstance(value, Mapping):
        items = [[k, _pack(v, f"{place}.{i}", arrays)] for i, (k, v) in enumerate(value.items())]
        return {"$map": items}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"{place}: a {type(value).__name__} cannot be stored in a model")


def _unpack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """The inverse of ``_pack``; sequences come back as tuples."""
    if isinstance(value, list):
        return tuple(_unpack(item, arrays) for item in value)
    if not isinstance(value, dict):
        return value
    if "$array" in value:
        return arrays[value["$array"]]
    if "$float" in value:
        return float(value["$float"])
    if "$map" in value:
        return {key: _unpack(item, arrays) for key, item in value["$map"]}
    if "$recipe" in value:
        cls = _stored_class(value["$recipe"])
        return cls.model_validate(value["values"])
    cls = _stored_class(value["$kind"])
    fields = {name: _unpack(item, arrays) for name, item in value["fields"].items()}
    wrong = misfit(cls, fields)
    if wrong is not None:
        raise TypeError(f"{cls.__name__}.{wrong} is not of its type")
    return cls(**fields)


def _kind(cls: type) -> str:
    return f"{cls.__module__.removeprefix('likewise.')}:{cls.__name__}"


def _stored_kind(value: object) -> str:
    kind: str | None = type(value).__dict__.get("__storable__")
    if kind is None:
        raise TypeError(f"{type(value).__name__} is not marked @storable")
    return kind


def _stored_class(kind: str) -> Any:
    """The class called ``kind``; only classes of this package that carry the mark are found."""
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} names no stored class")
    module, _, name = kind.partition(":")
    cls = getattr(importlib.import_module(f"likewise.{module}"), name)
    if cls.__dict__.get("__storable__") != kind:
        raise ValueError(f"{kind!r} names no stored class")
    return cls


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

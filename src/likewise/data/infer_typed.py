"""The kind of a column that came with a type: integers, floats, decimals, times, categories."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import DataError, SchemaError
from likewise.data.arrow_types import (
    is_dictionary,
    is_nested,
    is_opaque,
    is_text,
    largest_whole,
    refuse_depth,
)
from likewise.data.cells import distinct, of, one_chunk, shared_by
from likewise.data.infer_keys import (
    KEY_ROWS,
    identifying,
    key_integers,
    named_like_key,
    repeated_integers,
)
from likewise.data.infer_labels import CONSTANT_ROWS, declared_order, judge_labels
from likewise.data.schema import (
    LABELS,
    MOST_DECIMALS,
    NUMBERS,
    TEMPORAL,
    Column,
    Format,
    Kind,
)
from likewise.data.temporal import DAY

Array = np.ndarray

_EXACT = 2.0**53  # whole numbers up to here are exact in float64
_SEEN_DECIMALS = 9
_TOLD_APART = 0.5  # share of wide numbers below which they count as identifiers
_ROWS_A_LABEL = 10  # numbers that fewer rows share on average are no labels


def infer_typed(name: str, column: pa.ChunkedArray, *, kind: Kind | None = None) -> Column:
    """Judge a typed column; ``kind`` asks for that kind and raises SchemaError if it cannot be.

    Cost: one pass, O(N), and a sort for integers that may be keys.
    """
    source = column.type
    if is_opaque(source):
        raise _unreadable(name, source)
    if kind is Kind.KEY:
        _refuse_keys(name, column)
    if kind not in LABELS and kind is not None and _codes_of_values(source):
        return infer_typed(name, column.cast(source.value_type), kind=kind)
    if kind in LABELS or is_dictionary(source) or is_nested(source):
        return _labelled(name, column, kind)
    values = finite(one_chunk(_computable(column)).drop_null())
    form = Format(arrow=str(source))
    why: list[str] = []
    if column.null_count:
        why.append(f"{column.null_count:,} of {len(column):,} cells are missing")
    lost = len(column) - column.null_count - len(values)
    if lost:
        why.append(f"{lost:,} cells are infinite or not a number: taken as missing")
    base = Column(name=name, kind=Kind.CONSTANT, nullable=len(values) < len(column), format=form)
    if not len(values):
        sentence = f"all {len(column):,} cells are missing"
        return _with(base, kind=kind or Kind.CONSTANT, why=[sentence])
    judged = _temporal(base, values, why) or _number(base, values, len(column), why)
    if kind is None and len(values) == len(column) >= CONSTANT_ROWS and _single(values):
        level = pc.cast(values.slice(0, 1), pa.string())[0].as_py()
        return _with(base, kind=Kind.CONSTANT, levels=(level,), why=["all cells are the same"])
    if kind is None or kind is judged.kind:
        return judged
    return _asked(judged, values, kind)


def _codes_of_values(source: pa.DataType) -> bool:
    """Whether cells are codes into a dictionary of numbers, times or the like."""
    return is_dictionary(source) and not is_text(source.value_type)


def _refuse_keys(name: str, column: pa.ChunkedArray) -> None:
    """Keys are made up, so they must be texts or whole numbers."""
    source = column.type.value_type if is_dictionary(column.type) else column.type
    whole = pa.types.is_integer(source) or (pa.types.is_decimal(source) and not source.scale)
    if pa.types.is_floating(source):
        values = finite(one_chunk(_computable(column.cast(source))).drop_null())
        most = largest_whole(source)
        inside = pc.less_equal(pc.abs(values), float(most or 0))
        exact = pc.and_(inside, pc.equal(pc.trunc(values), values))
        whole = bool(pc.all(exact, min_count=0).as_py())
    if not (whole or is_text(source) or is_nested(source) or pa.types.is_null(source)):
        found = f"declared key, but cells hold {source} values"
        hint = "Declare the kind they have, or store whole numbers or texts"
        raise SchemaError(f"column {name!r}", found, hint)


def _computable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Half-precision numbers as single ones, since Arrow cannot compare the former."""
    half = pa.types.is_float16(column.type)
    return column.cast(pa.float32()) if half else column


def finite(values: pa.Array) -> pa.Array:
    """Floats without NaN and infinities; other types as they are."""
    if not pa.types.is_floating(values.type):
        return values
    return values.filter(pc.is_finite(values))


def _single(values: pa.Array) -> bool:
    return bool(pc.all(pc.equal(values, values[0])).as_py())


def _number(base: Column, values: pa.Array, rows: int, why: list[str]) -> Column:
    source, count = values.type, len(values)
    if pa.types.is_boolean(source):
        return _with(base, kind=Kind.BOOLEAN, why=["the source says boolean", *why])
    whole = pa.types.is_decimal(source) and source.scale <= 0
    if whole and (source.precision <= 18 or _largest(values) < _EXACT):
        values = pc.cast(values, pa.int64())
    elif whole:
        return _wide(base, values, rows, "whole numbers beyond 16 digits", why)
    elif pa.types.is_decimal(source):
        said = f"decimal numbers with {source.scale} digits after the point"
        decimals = min(max(source.scale, 0), MOST_DECIMALS)
        return _with(base, kind=Kind.NUMERIC, decimals=decimals, why=[said, *why])
    if pa.types.is_uint64(values.type) and pc.max(values).as_py() >= 2**63:
        return _wide(base, values, rows, "whole numbers beyond 64 bits with sign", why)
    numbers = np.asarray(values.to_numpy(zero_copy_only=False))
    if numbers.dtype.kind == "f":
        numbers = numbers.astype(np.float64)
        if np.abs(numbers).max() > _EXACT or (np.trunc(numbers) != numbers).any():
            decimals = _decimals(numbers)
            shown = f"{decimals} decimals" if decimals is not None else "full precision"
            return _with(base, kind=Kind.NUMERIC, decimals=decimals, why=[f"{shown}", *why])
        why = ["stored as floating point", *why]
    integers = numbers.astype(np.int64)
    said = of(count, count, "are whole numbers")
    low, high = int(integers.min()), int(integers.max())
    if (low, high) == (0, 1):
        form = base.format.model_copy(update={"true": "1", "false": "0"})
        two = of(count, count, "are 0 or 1")
        return _with(base, kind=Kind.BOOLEAN, format=form, why=[two, *why])
    reason = key_integers(base.name, integers, rows)
    reason = reason or repeated_integers(base.name, integers, count)
    if reason:
        return _with(base, kind=Kind.KEY, why=[reason, *why])
    return _with(base, kind=Kind.INTEGER, why=[said, *why])


def _wide(base: Column, values: pa.Array, rows: int, said: str, why: list[str]) -> Column:
    """Whole numbers that neither int64 nor float64 tells apart."""
    different = pc.count_distinct(values).as_py()
    if different * _ROWS_A_LABEL <= len(values):
        return _with(base, kind=Kind.TEXT, why=[f"{said}, {different:,} different: labels", *why])
    unique = different == rows >= KEY_ROWS and named_like_key(base.name)
    if unique or identifying(base.name, different, len(values)):
        told = f"{said}, {different:,} different, and the name is that of a key"
        return _with(base, kind=Kind.KEY, why=[told, *why])
    apart = pc.count_distinct(pc.cast(values, pa.float64(), safe=False)).as_py()
    if apart < _TOLD_APART * different:
        told = f"{said}, of which 16 digits tell {apart:,} of {different:,} apart: identifiers"
        return _with(base, kind=Kind.KEY, why=[told, *why])
    return _with(base, kind=Kind.NUMERIC, decimals=0, why=[f"{said}: kept to 16 digits", *why])


def _largest(values: pa.Array) -> float:
    ends = pc.min_max(values)
    return max(abs(float(ends["min"].as_py())), abs(float(ends["max"].as_py())))


def _decimals(numbers: Array) -> int | None:
    """The fewest digits after the point that keep every value, or None beyond nine."""
    for sample in (numbers[:1000], numbers):
        if np.abs(numbers).max() > 1e15:
            return None
        for digits in range(_SEEN_DECIMALS + 1):
            if (np.round(sample, digits) == sample).all():
                break
        else:
            return None
    return digits


def _temporal(base: Column, values: pa.Array, why: list[str]) -> Column | None:
    source, count = values.type, len(values)
    if pa.types.is_date(source):
        return _with(base, kind=Kind.DATE, why=["the source says date", *why])
    if pa.types.is_time(source):
        return _with(base, kind=Kind.TIME, why=["the source says time of day", *why])
    if pa.types.is_duration(source):
        return _with(base, kind=Kind.DURATION, why=["the source says duration", *why])
    if not pa.types.is_timestamp(source):
        return None
    micros = np.asarray(values.cast(pa.timestamp("us", source.tz), safe=False).cast(pa.int64()))
    if source.tz is None and not (micros % DAY).any():
        said = of(count, count, "are at midnight: days without a time")
        return _with(base, kind=Kind.DATE, why=[said, *why])
    zone = [f"time zone {source.tz}"] if source.tz else []
    said = "the source says date and time"
    return _with(base, kind=Kind.DATETIME, timezone=source.tz, why=[said, *zone, *why])


def _asked(judged: Column, values: pa.Array, kind: Kind) -> Column:
    """The column as the declared kind, where the source type can carry it."""
    have = judged.kind
    integral = have in {Kind.INTEGER, Kind.BOOLEAN, Kind.KEY, Kind.CONSTANT}
    numeric = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    if kind in NUMBERS and numeric and (kind is Kind.NUMERIC or integral):
        form = judged.format.model_copy(update={"true": None, "false": None})
        decimals = 0 if kind is Kind.NUMERIC and integral else judged.decimals
        return _with(judged, kind=kind, decimals=decimals, format=form, why=["declared"])
    if kind is Kind.DATETIME and have is Kind.DATE:
        return _with(judged, kind=kind, timezone=None, why=["declared"])
    if kind is Kind.DURATION and numeric and have not in TEMPORAL:
        hint = "Keep it a number, or store it with a duration type"
    else:
        hint = f"Declare it {have}, or leave the kind out"
    found = f"declared {kind}, but {len(values):,} cells hold {values.type} values that are none"
    raise SchemaError(f"column {judged.name!r}", found, hint)


def _labelled(name: str, column: pa.ChunkedArray, kind: Kind | None) -> Column:
    """Columns that are labels by declaration or by their type."""
    source = column.type
    texts = as_texts(name, column)
    found = distinct(texts)
    told = is_dictionary(source) and source.ordered
    judged = judge_labels(name, found, ordered=kind is None and not told, spelled=False)
    if kind is Kind.ORDINAL and not told:
        judged = declared_order(name, found, judged)
    few = judged.kind not in (Kind.KEY, Kind.TEXT)
    few &= int(found.counts.max(initial=0)) >= shared_by(len(column))
    if kind is None and _codes_of_values(source) and found.cells and not few:
        return infer_typed(name, column.cast(source.value_type))  # too many to be labels
    why, levels = list(judged.evidence), judged.levels
    if is_dictionary(source) and kind is None:
        why.insert(0, f"the source says {'ordered ' if told else ''}category")
        kind = Kind.ORDINAL if told or judged.levels else Kind.CATEGORY
        kind = kind if found.cells else Kind.CONSTANT
    elif is_nested(source) and kind is None:
        kind = Kind.TEXT
        why.insert(0, f"cells hold {source} values: kept as JSON text")
    kind = kind or judged.kind
    if kind is Kind.ORDINAL and told:
        levels = _dictionary_levels(column)
    if kind is Kind.CONSTANT and found.cells:
        levels = (str(found.texts[0].as_py()),)
    form = Format(arrow=str(source))
    missing = texts.null_count > 0  # a dictionary may hold null too
    return Column(
        name=name, kind=kind, nullable=missing, levels=levels, format=form, evidence=tuple(why)
    )


def as_texts(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Any column as texts: dictionaries decoded, nested cells as JSON, whole floats as integers."""
    source = column.type
    if is_dictionary(source):
        return as_texts(name, column.cast(source.value_type))
    if is_nested(source):
        return pa.chunked_array([_json(name, column)], pa.string())
    if pa.types.is_floating(source):
        array = one_chunk(column)
        array = pc.if_else(pc.is_finite(array), array, None).cast(pa.float64())
        whole = pc.and_(pc.equal(pc.trunc(array), array), pc.less_equal(pc.abs(array), _EXACT))
        if pc.all(whole).as_py():  # Arrow writes large ones with an exponent
            array = array.cast(pa.int64())
        return pa.chunked_array([array.cast(pa.string())])
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise _unreadable(name, source) from None


def _json(name: str, column: pa.ChunkedArray) -> pa.Array:
    refuse_depth(column.type, f"column {name!r}")
    write = json.JSONEncoder(ensure_ascii=False, default=str).encode
    spelled = [None if cell is None else write(cell) for cell in column.to_pylist()]
    return pa.array(spelled, pa.string())


def _dictionary_levels(column: pa.ChunkedArray) -> tuple[str, ...]:
    levels = one_chunk(column).dictionary.cast(pa.string()).to_pylist()
    return tuple(dict.fromkeys(levels))


def _unreadable(name: str, source: pa.DataType) -> DataError:
    hint = "Leave the column out or store it as text"
    return DataError(f"column {name!r}", f"{source} values cannot be synthesised", hint)


def _with(base: Column, *, why: list[str], **fields: object) -> Column:
    return base.model_copy(update={"evidence": tuple(why), **fields})

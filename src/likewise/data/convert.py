"""Between raw tables, as read or to be written, and tables of canonical types.

Law: ``to_source(to_table(raw, infer(raw)))`` equals ``raw`` cell by cell when every column is
written in one way throughout.
"""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from likewise.core.errors import SchemaError
from likewise.core.registry import suggest
from likewise.data import numerals, spans, temporal
from likewise.data.arrow_types import is_dictionary, is_nested, is_text, limits_of, type_named
from likewise.data.cells import are_infinite, are_missing, from_texts, one_chunk
from likewise.data.infer_typed import as_texts
from likewise.data.numerals import Marks
from likewise.data.schema import LABELS, TEMPORAL, Column, Kind, Schema
from likewise.data.table import CANONICAL, Table, numbers_to_arrow

Array = np.ndarray

_TRUE = frozenset({"1", "y", "yes", "t", "true", "on"})
_FALSE = frozenset({"0", "n", "no", "f", "false", "off"})


def to_table(raw: pa.Table, schema: Schema, where: str = "table") -> Table:
    """The raw table in canonical types; columns the schema does not name are left out.

    Raises:
        SchemaError: a column is absent, or cells contradict its kind, bounds of type, or levels;
            the message gives the count and the first row, never a value.

    Cost: one pass; texts are read once per distinct text.
    """
    arrays, present = [], set(raw.column_names)
    for column in schema.columns:
        if column.name not in present:
            hint = suggest(column.name, raw.column_names)
            raise SchemaError(f"{where}, column {column.name!r}", "not in the data", hint)
        place = f"{where}, column {column.name!r}"
        arrays.append(_canonical(raw.column(column.name), column, place))
    fields = [pa.field(c.name, CANONICAL[c.kind]) for c in schema.columns]
    return Table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), schema)


def to_source(table: Table, *, typed: bool = False) -> pa.Table:
    """The inverse of ``to_table``: cells as the source had them, in the source's types.

    Args:
        table: N rows.
        typed: give columns that came as text in the type of their kind instead (float64, date32
            and so on): for text sources whose output goes to Parquet or the like.
    """
    arrays = []
    for column in table.schema.columns:
        array = one_chunk(table.arrow.column(column.name))
        text = is_text(type_named(column.format.arrow))
        if not text:
            arrays.append(_as_source_type(array, column))
        elif typed:
            arrays.append(_natural(array, column))
        else:
            arrays.append(_spelled(array, column))
    return pa.Table.from_arrays(arrays, names=list(table.names))


# ---- towards canonical types


def _canonical(raw: pa.ChunkedArray, column: Column, where: str) -> pa.Array:
    if column.kind in LABELS:
        return _labels(raw, column, where)
    if is_dictionary(raw.type):
        raw = raw.cast(raw.type.value_type)
    if is_text(raw.type):
        return _from_texts(one_chunk(raw), column, where)
    if is_nested(raw.type):
        raise SchemaError(where, f"declared {column.kind}, but cells are nested", "Declare it text")
    return _from_typed(one_chunk(raw), column, where)


def _labels(raw: pa.ChunkedArray, column: Column, where: str) -> pa.Array:
    texts = one_chunk(raw if is_text(raw.type) else as_texts(column.name, raw)).cast(pa.string())
    if column.format.null:
        texts = pc.if_else(pc.equal(texts, column.format.null), None, texts)
    if column.levels is not None and column.kind is not Kind.CONSTANT:
        known = pc.is_in(texts, pa.array(column.levels, pa.string()))
        wrong = np.asarray(pc.and_(pc.invert(known), texts.is_valid()))
        _refuse(wrong, where, "are none of the declared levels", "Add the level to the schema")
    return texts


def _from_texts(texts: pa.Array, column: Column, where: str) -> pa.Array:
    """Texts of a kind that is not a label; each distinct text is read once."""
    encoded = texts.dictionary_encode()
    words = encoded.dictionary.cast(pa.string())
    missing = are_missing(words) | np.asarray(pc.equal(words, column.format.null))
    if column.kind in (Kind.NUMERIC, Kind.INTEGER):
        missing |= are_infinite(words)
    try:
        values, read = _read(pc.utf8_trim_whitespace(words), column)
    except (ValueError, KeyError):
        if column.format.pattern:
            said = "its format pattern fits no such column"
            raise SchemaError(where, said, "Leave the pattern out to have it found") from None
        raise
    codes = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    wrong = np.append(~read & ~missing, False)[codes]
    _refuse(wrong, where, f"do not read as {column.kind}", "Mend these cells, or the kind declared")
    gone = np.append(missing | ~read, True)[codes]
    filled = np.append(values, values.dtype.type(0))[codes]
    if column.kind is Kind.BOOLEAN:
        return pa.array(filled.astype(bool), mask=gone)
    if column.kind is Kind.DATE:
        filled = filled // temporal.DAY
    array = numbers_to_arrow(filled, gone, column.kind)
    if column.kind is Kind.DATETIME and _local(column):
        return _to_utc(array, str(column.timezone))
    return array


def _read(words: pa.Array, column: Column) -> tuple[Array, Array]:
    """Values of distinct texts and whether each was read; (K,), (K,) bool."""
    form, kind = column.format, column.kind
    marks = Marks(form.decimal, form.thousands)
    if kind is Kind.NUMERIC:
        return numerals.read_numbers(words, marks)
    if kind is Kind.INTEGER:
        return numerals.read_integers(words, marks)
    if kind is Kind.BOOLEAN:
        plain = words.to_pylist()
        true = np.array([w == form.true or w.lower() in _TRUE for w in plain], bool)
        false = np.array([w == form.false or w.lower() in _FALSE for w in plain], bool)
        return true.astype(np.int64), true | false
    usable = words.filter(pa.array(~are_missing(words)))
    sample = usable.slice(0, 100).to_pylist()
    if kind is Kind.DURATION:
        pattern = form.pattern or (spans.span_pattern(sample) if sample else None) or spans.CLOCK
        return spans.read_spans(words, pattern)
    pattern = form.pattern or next(iter(temporal.candidates(sample) if sample else []), "%Y-%m-%d")
    micros, read, _ = temporal.read_moments(words, pattern)
    return micros, read


def _from_typed(array: pa.Array, column: Column, where: str) -> pa.Array:
    kind, source = column.kind, array.type
    if pa.types.is_null(source):
        return pa.nulls(len(array), CANONICAL[kind])
    if pa.types.is_float16(source):
        array = array.cast(pa.float32())
    if pa.types.is_floating(source):
        array = pc.if_else(pc.is_finite(array), array, None)
    temporal_source = pa.types.is_temporal(source)
    if temporal_source:
        _refuse(
            temporal.too_far(array), where, "lie too far off for microseconds", "Mend these cells"
        )
    if temporal_source is not (kind in TEMPORAL):
        found = f"declared {kind}, but cells are {source}"
        raise SchemaError(where, found, "Declare a kind that fits")
    if kind is Kind.BOOLEAN and not pa.types.is_boolean(source):
        wrong = pc.invert(pc.is_in(array, pa.array([0, 1]).cast(source))).fill_null(False)
        wrong = np.asarray(pc.and_(wrong, array.is_valid()))
        _refuse(wrong, where, "are neither 0 nor 1", "Declare another kind")
        return pc.cast(array.cast(pa.int64(), safe=False), pa.bool_())
    if kind is Kind.INTEGER and (pa.types.is_floating(source) or pa.types.is_decimal(source)):
        wrong = np.asarray(pc.not_equal(pc.trunc(array), array).fill_null(False))
        _refuse(wrong, where, "are not whole", "Declare the column numeric")
    if pa.types.is_timestamp(source) and source.tz is not None:
        array = array.cast(pa.timestamp("us", source.tz), safe=False).cast(pa.timestamp("us"))
    elif pa.types.is_timestamp(source) and kind is Kind.DATETIME and column.timezone:
        return _to_utc(array.cast(pa.timestamp("us"), safe=False), column.timezone)
    try:
        safe = kind is Kind.INTEGER
        return array.cast(CANONICAL[kind], safe=safe)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        found = f"{source} cells do not convert to {kind}"
        raise SchemaError(where, found, "Declare a kind that fits") from None


def _refuse(wrong: Array, where: str, what: str, hint: str) -> None:
    if wrong.any():
        first = int(wrong.argmax()) + 1
        found = f"{int(wrong.sum()):,} of {len(wrong):,} cells {what}, first in row {first:,}"
        raise SchemaError(where, found, hint)


# ---- towards the source


def _spelled(array: pa.Array, column: Column) -> pa.Array:
    """Texts as the source had them."""
    form, kind = column.format, column.kind
    target = type_named(form.arrow)
    if kind in LABELS:
        texts = array
    elif kind is Kind.BOOLEAN:
        words = pa.array([form.false or "false", form.true or "true"], pa.string())
        texts = pa.DictionaryArray.from_arrays(array.cast(pa.int8()), words).cast(pa.string())
    else:
        words = _words(array, column)
        texts = pc.if_else(array.is_valid(), words, None)
    return (texts.fill_null(form.null) if form.null else texts).cast(target)


def _words(array: pa.Array, column: Column) -> pa.Array:
    """Cells of numbers and times as texts; missing ones hold anything."""
    form, kind = column.format, column.kind
    if kind in (Kind.NUMERIC, Kind.INTEGER):
        values = np.asarray(array.fill_null(0).to_numpy(zero_copy_only=False))
        return numerals.write_numbers(values, Marks(form.decimal, form.thousands), form.pattern)
    if kind is Kind.DATETIME and _local(column):
        array = _to_local(array, str(column.timezone))
    whole = array.cast(pa.int32()) if kind is Kind.DATE else array
    values = np.asarray(whole.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False))
    if kind is Kind.DURATION:
        return spans.write_spans(values, form.pattern or spans.CLOCK)
    if kind is Kind.DATE:
        values = values * temporal.DAY
    default = {Kind.DATE: "%Y-%m-%d", Kind.TIME: "%H:%M:%S"}.get(kind, "%Y-%m-%d %H:%M:%S")
    return temporal.write_moments(values, form.pattern or default, _offset(column))


def _natural(array: pa.Array, column: Column) -> pa.Array:
    """A column that came as text in the type of its kind."""
    if column.kind is Kind.DATETIME and column.timezone:
        zone = column.timezone
        return array.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone))
    return array


def _as_source_type(array: pa.Array, column: Column) -> pa.Array:
    target = type_named(column.format.arrow)
    if is_dictionary(target):
        return _as_dictionary(array, column, target)
    if array.type == target:
        return array
    if pa.types.is_null(target):  # whatever the kind, nothing was there
        return pa.nulls(len(array))
    if pa.types.is_timestamp(target) and column.kind is Kind.DATETIME:
        if target.tz is not None:
            utc = array.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", target.tz))
            return utc.cast(target, safe=False)
        if column.timezone:
            array = _to_local(array, column.timezone)
    if column.kind is Kind.BOOLEAN and not pa.types.is_boolean(target):
        return array.cast(pa.int8()).cast(target)
    if column.kind in LABELS and not is_text(target):
        return from_texts(array, target)
    if pa.types.is_decimal(target) and column.kind is Kind.NUMERIC:
        return pc.round(array, target.scale).cast(target, safe=False)
    if pa.types.is_integer(target) and column.kind is Kind.NUMERIC:
        least, most = limits_of(target)  # a float may be rounded to just beyond
        array = pc.min_element_wise(pc.round(array), most, skip_nulls=False)
        array = pc.max_element_wise(array, least, skip_nulls=False)
    return array.cast(target, safe=column.kind not in TEMPORAL)


def _as_dictionary(array: pa.Array, column: Column, target: pa.DataType) -> pa.Array:
    """Codes into sorted labels (ordinals: in their order), as the source had them."""
    texts = array if column.kind in LABELS else array.cast(pa.string())
    levels = column.levels
    if levels is None:
        levels = tuple(sorted(text for text in texts.unique().to_pylist() if text is not None))
    words = pa.array(levels, pa.string())
    index = target.index_type
    width = 2 ** min(index.bit_width - 1, 31)
    codes = pc.index_in(texts, words).cast(index if len(levels) < width else pa.int32())
    kind = target.value_type
    words = words.cast(kind) if is_text(kind) else from_texts(words, kind)
    return pa.DictionaryArray.from_arrays(codes, words, ordered=target.ordered)


# ---- time zones


def _local(column: Column) -> bool:
    """Whether the texts are wall times of a named zone, without an offset of their own."""
    return bool(column.timezone) and not temporal.is_zoned(column.format.pattern or "")


def _to_utc(array: pa.Array, zone: str) -> pa.Array:
    known = pc.assume_timezone(array, zone, ambiguous="earliest", nonexistent="earliest")
    return known.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))


def _to_local(array: pa.Array, zone: str) -> pa.Array:
    return pc.local_timestamp(array.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone)))


def _offset(column: Column) -> int:
    """Microseconds east of UTC in which texts with an offset are written."""
    zone = column.timezone or ""
    if column.kind is not Kind.DATETIME or not zone.startswith(("+", "-")):
        return 0
    parsed = dt.datetime.strptime(zone.replace(":", ""), "%z").utcoffset()
    return int((parsed or dt.timedelta()) / dt.timedelta(microseconds=1))

"""Arrow types by name: the inverse of ``str(type)``, for the types a column can come in."""

import math
import re

import pyarrow as pa

from likewise.core.errors import DataError

_DICTIONARY = re.compile(r"dictionary<values=(.+), indices=(\w+), ordered=(\d)>")
_DECIMAL = re.compile(r"decimal(32|64|128|256)\((\d+), (-?\d+)\)")
_TIMESTAMP = re.compile(r"timestamp\[(\w+)(?:, tz=(.+))?\]")
_UNIT = re.compile(r"(time32|time64|duration)\[(\w+)\]")
_BINARY = re.compile(r"fixed_size_binary\[(\d+)\]")
DEEPEST = 64  # levels of lists and structs: as many as Arrow's own files may hold
_EXACT = {"halffloat": 2**11, "float": 2**24, "double": 2**53}  # the next one cannot be told apart


def type_named(name: str) -> pa.DataType:
    """The type whose ``str`` is ``name``; nested types come back as string (JSON text)."""
    if found := _DICTIONARY.fullmatch(name):
        values, indices, ordered = found.groups()
        return pa.dictionary(type_named(indices), type_named(values), ordered == "1")
    if found := _DECIMAL.fullmatch(name):
        return getattr(pa, f"decimal{found[1]}")(int(found[2]), int(found[3]))
    if found := _TIMESTAMP.fullmatch(name):
        return pa.timestamp(found[1], found[2])
    if found := _UNIT.fullmatch(name):
        return getattr(pa, found[1])(found[2])
    if found := _BINARY.fullmatch(name):
        return pa.binary(int(found[1]))
    plain = {"halffloat": "float16", "date32[day]": "date32", "date64[ms]": "date64"}
    try:
        return pa.type_for_alias(plain.get(name, name))
    except ValueError:
        return pa.string()


def limits_of(kind: pa.DataType) -> tuple[float, float]:
    """Least and largest number that fits a type, rounded inwards; infinite but for integers."""
    if not pa.types.is_integer(kind):
        return -math.inf, math.inf
    signed = pa.types.is_signed_integer(kind)
    end = 2.0 ** (kind.bit_width - signed)
    return -end if signed else 0.0, min(end - 1, math.nextafter(end, 0))


def largest_whole(kind: pa.DataType) -> int | None:
    """The largest whole number that cells tell from its neighbours; None where cells are texts."""
    if is_dictionary(kind):
        return largest_whole(kind.value_type)
    if pa.types.is_integer(kind):
        return int(2 ** (kind.bit_width - pa.types.is_signed_integer(kind)) - 1)
    if pa.types.is_decimal(kind):
        return int(10 ** (kind.precision - kind.scale) - 1)
    return _EXACT.get(str(kind))


def holds_texts(kind: pa.DataType) -> bool:
    """Whether any text can be written into a cell: texts, or codes into a dictionary of texts."""
    return holds_texts(kind.value_type) if is_dictionary(kind) else is_text(kind)


def is_text(kind: pa.DataType) -> bool:
    """Whether cells are texts: string, large_string or string_view."""
    view = getattr(pa.types, "is_string_view", lambda _: False)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or view(kind))


def is_nested(kind: pa.DataType) -> bool:
    """Whether cells are lists, structs or maps."""
    return bool(pa.types.is_nested(kind))


def refuse_depth(kind: pa.DataType, where: str) -> None:
    """Raise DataError if lists, structs and maps lie more than ``DEEPEST`` levels deep."""
    layer = [kind]
    for _ in range(DEEPEST + 1):
        layer = [outer.field(i).type for outer in layer for i in range(outer.num_fields)]
    if layer:
        found = f"nested more than {DEEPEST} levels deep"
        raise DataError(where, found, "Leave it out, or give fewer levels")


def is_opaque(kind: pa.DataType) -> bool:
    """Whether cells are bytes, or of a type that Arrow cannot compute with."""
    t = pa.types
    view = getattr(t, "is_binary_view", lambda _: False)
    opaque = t.is_binary(kind) or t.is_large_binary(kind) or t.is_fixed_size_binary(kind)
    return bool(
        opaque
        or view(kind)
        or t.is_interval(kind)
        or isinstance(kind, pa.BaseExtensionType)
        or (t.is_decimal(kind) and kind.scale < 0)
    )


def is_dictionary(kind: pa.DataType) -> bool:
    """Whether cells are codes into a dictionary, as in a pandas category."""
    return bool(pa.types.is_dictionary(kind))

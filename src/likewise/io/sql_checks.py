"""CHECK conditions of any engine, read into the rules that we keep.

What is understood: comparisons of a column with a number, a text or another column, BETWEEN, IN
and its spelling ``= ANY (ARRAY[…])``, IS NOT NULL, joined by AND, with casts and brackets
anywhere; ``OR column IS NULL`` changes nothing, since a missing value breaks no CHECK.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>(?:_utf8mb[34]|_latin1|[EN])?'(?:[^']|'')*')"""
    r"""|(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)"""
    r"""|(?P<quoted>"(?:[^"]|"")+"|`(?:[^`]|``)+`|\[[A-Za-z_]\w*\])"""
    r"""|(?P<word>[A-Za-z_][\w$]*)"""
    r"""|(?P<mark>::|<=|>=|<>|!=|==|[-+*/%(),.<>=\[\]]))"""
)
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}
_TYPE_WORDS = frozenset(
    ["varying", "precision", "without", "with", "time", "zone"]  # after a type's first word
)

Value = Decimal | str


@dataclass(frozen=True)
class Comparison:
    """``column`` stands in the relation ``sign`` to a value, or to the column ``other``."""

    column: str
    sign: str
    value: Value | None = None
    other: str | None = None


@dataclass(frozen=True)
class Membership:
    """``column`` is one of ``values``."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Present:
    """``column`` is not missing."""

    column: str


Condition = Comparison | Membership | Present


class _UnreadError(Exception):
    """The condition says more than we understand."""


def read_check(expression: str, columns: Sequence[str]) -> tuple[Condition, ...] | None:
    """What a CHECK demands, all of it; None if any part of it is not understood.

    Args:
        expression: the text between the brackets of CHECK, or with the word before them.
        columns: of the table, which tell names from functions.
    """
    text = re.sub(r"^\s*CHECK\b|\bNOT VALID\s*$", "", expression, flags=re.IGNORECASE)
    try:
        reader = _Reader(_tokens(text), {name.lower(): name for name in columns})
        found = reader.conjunction()
        return tuple(found) if reader.at_end else None
    except _UnreadError:
        return None


@dataclass
class _Reader:
    """A position in the tokens of a condition, read from left to right."""

    tokens: list[tuple[str, str]]
    columns: dict[str, str]
    place: int = 0
    marks: frozenset[str] = field(default=frozenset(["<", ">", "<=", ">=", "=", "=="]))

    @property
    def at_end(self) -> bool:
        return self.place == len(self.tokens)

    def _next(self, *wanted: str) -> bool:
        """Step over these words or marks if they are what comes."""
        ahead = [text.lower() for _, text in self.tokens[self.place : self.place + len(wanted)]]
        if ahead != [word.lower() for word in wanted]:
            return False
        self.place += len(wanted)
        return True

    def _need(self, *wanted: str) -> None:
        if not self._next(*wanted):
            raise _UnreadError

    def conjunction(self) -> list[Condition]:
        """Conditions joined by AND."""
        found = self._alternative()
        while self._next("and"):
            found += self._alternative()
        return found

    def _alternative(self) -> list[Condition]:
        """One condition, and perhaps that its column may be missing."""
        start = self.place
        missing = self._missing()
        if missing is not None:
            self._need("or")
            found = self._single()
        else:
            self.place = start
            found = self._single()
            if not self._next("or"):
                return found
            missing = self._missing()
        touched = {c.column for c in found} | {getattr(c, "other", None) for c in found} - {None}
        if missing is None or missing not in touched or any(isinstance(c, Present) for c in found):
            raise _UnreadError
        return found

    def _missing(self) -> str | None:
        """The column of ``column IS NULL``, in any brackets; None, anywhere, if it is not that."""
        start, depth = self.place, 0
        while self._next("("):
            depth += 1
        name = self._column()
        if (
            name is not None
            and self._next("is", "null")
            and all(self._next(")") for _ in range(depth))
        ):
            return name
        self.place = start
        return None

    def _single(self) -> list[Condition]:
        start = self.place
        if self._next("("):  # of a condition, or of a term
            try:
                found = self.conjunction()
                self._need(")")
                return found
            except _UnreadError:
                self.place = start
        return self._compared()

    def _compared(self) -> list[Condition]:
        first, second = self._term(), ""
        if isinstance(first, _Name):
            if self._next("is", "not", "null"):
                return [Present(first)]
            if self._next("between"):
                low = self._value()
                self._need("and")
                return [Comparison(first, ">=", low), Comparison(first, "<=", self._value())]
            if self._next("in"):
                return [Membership(first, self._values("(", ")"))]
        second = self._sign()
        if isinstance(first, _Name) and second == "=" and self._next("any"):
            return [Membership(first, self._array())]
        right = self._term()
        if isinstance(first, _Name):
            if isinstance(right, _Name):
                return [Comparison(first, second, other=right)]
            return [Comparison(first, second, right)]
        if isinstance(right, _Name):
            return [Comparison(right, _FLIPPED[second], first)]
        raise _UnreadError

    def _sign(self) -> str:
        if self.at_end or self.tokens[self.place][1] not in self.marks:
            raise _UnreadError
        self.place += 1
        return self.tokens[self.place - 1][1].replace("==", "=")

    def _array(self) -> tuple[Value, ...]:
        """``(ARRAY[a, b])`` with casts and brackets around it."""
        depth = 0
        while self._next("("):
            depth += 1
        self._need("array")
        values = self._values("[", "]")
        self._casts()
        for _ in range(depth):
            self._need(")")
            self._casts()
        return values

    def _values(self, opens: str, closes: str) -> tuple[Value, ...]:
        self._need(opens)
        values = [self._value()]
        while self._next(","):
            values.append(self._value())
        self._need(closes)
        return tuple(values)

    def _value(self) -> Value:
        term = self._term()
        if isinstance(term, _Name):
            raise _UnreadError
        return term

    def _column(self) -> "_Name | None":
        if self.at_end:
            return None
        kind, text = self.tokens[self.place]
        if kind not in ("word", "quoted"):
            return None
        name = text if kind == "word" else text[1:-1].replace(text[-1] * 2, text[-1])
        known = self.columns.get(name.lower())
        if known is None or self.tokens[self.place + 1 : self.place + 2] == [("mark", "(")]:
            return None
        self.place += 1
        return _Name(known)

    def _term(self) -> "_Name | Value":
        """A column, a number or a text, with casts and brackets around it."""
        found: _Name | Value | None = self._column()
        if found is None and self._next("("):
            found = self._term()
            self._need(")")
        elif found is None and self._next("cast", "("):
            found = self._term()
            self._need("as")
            self._type()
            self._need(")")
        elif found is None:
            found = self._literal()
        self._casts()
        return found

    def _literal(self) -> Value:
        sign = -1 if self._next("-") else 1
        if self.at_end:
            raise _UnreadError
        kind, text = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return sign * Decimal(text)
        if kind == "text" and sign == 1:
            return text[text.index("'") + 1 : -1].replace("''", "'")
        if sign == -1 and text == "(":  # PostgreSQL writes '-5'::integer, others (- 5)
            value = self._literal()
            self._need(")")
            if isinstance(value, Decimal):
                return -value
        raise _UnreadError

    def _casts(self) -> None:
        while self._next("::"):
            self._type()

    def _type(self) -> None:
        """The name of a type, such as ``character varying(20)[]``."""
        if self.at_end or self.tokens[self.place][0] not in ("word", "quoted"):
            raise _UnreadError
        self.place += 1
        while self._next("."):
            self.place += 1
        while not self.at_end and self.tokens[self.place][1].lower() in _TYPE_WORDS:
            self.place += 1
        if self._next("("):
            while not self._next(")"):
                if self.at_end:
                    raise _UnreadError
                self.place += 1
        while self._next("[", "]"):
            pass


class _Name(str):
    """The name of a column, to be told from a text."""

    __slots__ = ()


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    text = text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _UnreadError
        kind = match.lastgroup or ""
        found.append((kind, match[kind]))
        place = match.end()
    return found


def number(value: Value) -> Decimal | None:
    """The value as a number, also where it is quoted; None if it is none."""
    try:
        return Decimal(value)
    except InvalidOperation:
        return None

"""The grammar of conditions: text to tokens to the nodes of ``data.condition``."""

import re
from dataclasses import dataclass
from typing import NoReturn

from likewise.core.errors import ConfigError
from likewise.core.registry import suggest
from likewise.data.condition import (
    AllOf,
    AnyOf,
    Condition,
    Labels,
    Missing,
    Pair,
    Span,
    comparable,
    negated,
)
from likewise.data.literal import example_of, read_number
from likewise.data.schema import LABELS, Column, Kind, Schema

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|`[^`]*`)
    |(?P<value>\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?
       |\d{1,4}:\d\d(?::\d\d(?:\.\d+)?)?
       |[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?!\w)
    |(?P<word>[^\W\d]\w*(?:[.\-]\w+)*)
    |(?P<sign><=|>=|!=|<>|==|=|<|>)
    |(?P<mark>[(),])""",
    re.VERBOSE,
)
_KEYWORDS = frozenset(("and", "or", "not", "in", "is", "between", "null", "none", "true", "false"))
_NULLS = ("null", "none", "missing")
_FLIPPED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_DEPTH = 100  # parentheses and nots inside one another


@dataclass(frozen=True)
class Token:
    """A piece of the text: its sort, what it says without quotes, and where it starts."""

    sort: str
    text: str
    at: int


class Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, schema: Schema) -> None:
        self.schema = schema
        self.names = frozenset(schema.names)
        self.tokens = self._tokens(text)
        self.next = 0
        self.depth = 0

    def parse(self) -> Condition:
        """The whole text as one condition."""
        condition = self._either()
        if self._now.sort != "end":
            self._fail(self._now, f"{self._now.text!r} is not expected here", "Join with and / or")
        return condition

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _both(self) -> Condition:
        parts = [self._single()]
        while self._take("and"):
            parts.append(self._single())
        return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _single(self) -> Condition:
        self.depth += 1
        if self.depth > _DEPTH:
            self._fail(self._now, "nested too deeply", "Write a simpler condition")
        if self._take("not"):
            condition = negated(self._single())
        elif self._take("("):
            condition = self._either()
            self._expect(")")
        else:
            condition = self._comparison()
        self.depth -= 1
        return condition

    def _comparison(self) -> Condition:
        first = self._operand()
        if self._now.sort == "sign":
            return self._chain(first)
        column = self._column(first)
        if self._take("is"):
            return Missing(column.name, missing=not self._null())
        inverse = self._take("not")
        if self._take("in"):
            condition: Condition = AnyOf(tuple(self._equal(column, v) for v in self._values()))
        elif self._take("between"):
            low = self._operand()
            self._expect("and")
            sides = (self._order(column, ">=", low), self._order(column, "<=", self._operand()))
            condition = AllOf(sides)
        elif column.kind is Kind.BOOLEAN and not inverse:
            return Span(column.name, 1, 1)
        else:
            hint = "Write a comparison such as = < >= or: in, between, is null"
            self._fail(self._now, f"column {first.text!r} is compared with nothing", hint)
        return negated(condition) if inverse else condition

    def _chain(self, left: Token) -> Condition:
        """``a < b``, or ``a < b <= c``: every neighbouring pair holds."""
        parts = []
        while self._now.sort == "sign":
            sign = self._advance().text
            sign = {"==": "=", "<>": "!="}.get(sign, sign)
            right = self._operand()
            parts.append(self._pair(left, sign, right))
            left = right
        return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]

    def _pair(self, left: Token, sign: str, right: Token) -> Condition:
        if self._is_column(left) and self._is_column(right):
            a, b = self._column(left), self._column(right)
            if not comparable(a, b, sign):
                found = f"{a.kind} and {b.kind} columns cannot be compared by {sign}"
                hint = "Compare columns of the same kind"
                if {a.kind, b.kind} <= LABELS:
                    hint = "Declare both ordinal, with levels that share an order"
                self._fail(right, found, hint)
            return Pair(a.name, sign, b.name)
        if not self._is_column(left) and self._is_column(right):
            left, sign, right = right, _FLIPPED[sign], left
        column = self._column(left)
        if right.sort == "word" and right.text.lower() in _NULLS:
            self._fail(right, "nothing equals a missing value", "Write: is null, or: is not null")
        if sign == "=":
            return self._equal(column, right)
        if sign == "!=":
            return negated(self._equal(column, right))
        return self._order(column, sign, right)

    def _equal(self, column: Column, value: Token) -> Condition:
        if column.kind in LABELS:
            return Labels(column.name, (self._label(column, value),))
        number = self._number(column, value)
        return Span(column.name, number, number)

    def _order(self, column: Column, sign: str, value: Token) -> Condition:
        """``column sign value`` for one of < <= > >=."""
        if column.kind is Kind.ORDINAL and column.levels:
            place = column.levels.index(self._label(column, value))
            chosen = {
                "<": column.levels[:place],
                "<=": column.levels[: place + 1],
                ">": column.levels[place + 1 :],
                ">=": column.levels[place:],
            }[sign]
            return Labels(column.name, chosen)
        if column.kind in LABELS:
            found = f"{sign} needs an order, and column {column.name!r} ({column.kind}) has none"
            self._fail(value, found, "Compare with = or in (...), or declare it ordinal")
        number = self._number(column, value)
        if sign in ("<", "<="):
            return Span(column.name, None, number, high_open=sign == "<")
        return Span(column.name, number, None, low_open=sign == ">")

    def _values(self) -> list[Token]:
        self._expect("(")
        values = [self._operand()]
        while self._take(","):
            values.append(self._operand())
        self._expect(")")
        return values

    def _null(self) -> bool:
        """After ``is``: whether ``not`` stood before the word for missing."""
        inverse = self._take("not")
        if not any(self._take(word) for word in _NULLS):
            self._fail(self._now, "after 'is' comes null or not null", "Write: is null")
        return inverse

    # ---- columns and values

    def _is_column(self, token: Token) -> bool:
        return token.sort in ("word", "quoted") and token.text in self.names

    def _column(self, token: Token) -> Column:
        if token.sort not in ("word", "quoted"):
            hint = f"Start with a column such as {self.schema.names[0]!r}"
            self._fail(token, "a column name is expected here", hint)
        if token.text not in self.names:
            hint = suggest(token.text, list(self.schema.names))
            self._fail(token, f"no column {token.text!r}", hint)
        return self.schema[token.text]

    def _label(self, column: Column, token: Token) -> str:
        known = column.levels
        if known is not None and token.text not in known:
            found = f"column {column.name!r} has no level {token.text!r}"
            absent = token.text == column.format.null
            hint = "It stands for a missing value: write is null"
            self._fail(token, found, hint if absent else suggest(token.text, list(known)))
        if token.sort == "word" and token.text.lower() not in _KEYWORDS:
            found = f"{token.text!r} is neither a column nor in quotes"
            self._fail(token, found, f"Write '{token.text}' for a text")
        return token.text

    def _number(self, column: Column, token: Token) -> float:
        try:
            return read_number(token.text, column)
        except (ValueError, OverflowError):
            example = example_of(column.kind)
            found = f"{token.text!r} is no value of column {column.name!r} ({column.kind})"
            self._fail(token, found, f"Write it like {example}")

    # ---- tokens

    @property
    def _now(self) -> Token:
        return self.tokens[self.next]

    def _advance(self) -> Token:
        token = self._now
        self.next += token.sort != "end"
        return token

    def _take(self, word: str) -> bool:
        """Step over the next token if it is this keyword or mark."""
        token = self._now
        found = token.sort in ("word", "mark") and token.text.lower() == word
        self.next += found
        return found

    def _expect(self, word: str) -> None:
        if not self._take(word):
            here = "the end" if self._now.sort == "end" else repr(self._now.text)
            self._fail(self._now, f"{word!r} is expected, found {here}", f"Add {word!r} here")

    def _operand(self) -> Token:
        token = self._advance()
        if token.sort not in ("text", "quoted", "value", "word"):
            found = "the end" if token.sort == "end" else repr(token.text)
            self._fail(token, f"a column or a value is expected, found {found}", "Complete it")
        return token

    def _tokens(self, text: str) -> list[Token]:
        tokens, at = [], 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                quote = "Close the quote" if text[at] in "'\"`" else "Quote unusual column names"
                self._fail(Token("bad", text[at], at), f"{text[at]!r} cannot be read", quote)
            sort, piece = str(match.lastgroup), match.group()
            if sort in ("text", "quoted"):
                piece = piece[1:-1].replace(piece[0] * 2, piece[0])
            if sort != "space":
                tokens.append(Token(sort, piece, at))
            at = match.end()
        return [*tokens, Token("end", "", len(text))]

    def _fail(self, token: Token, found: str, hint: str) -> NoReturn:
        raise ConfigError(f"condition, character {token.at + 1}", found, hint)

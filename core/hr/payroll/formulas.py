"""The small language that pay is described in: exact numbers, names, no loops, nothing else.

A formula such as ``max(0, bands(taxable, income_tax) - ytd(tax))`` is read by the parser of this
module and by nothing else: there is no way from it to a function, a file or a record. It is read
once, and then worked out for each person.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache
from typing import NamedTuple

from core.hr.payroll.errors import FormulaFailed, FormulaUnreadable
from core.kernel.errors import Both
from core.kernel.money import Rounding, rounded

LENGTH_MAX, DEPTH_MAX, PARTS_MAX = 500, 24, 200
NUMBER_DIGITS_MAX = 18
ROUND_DIGITS_MAX = 6
RESULT_MAX = Decimal(10) ** 15

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?%?)|(?P<name>[a-z_][a-z0-9_]*)"
    r"|(?P<sign><=|>=|!=|[-+*/(),<>=]))"
)
_WIDE = str.maketrans({"（": "(", "）": ")", "，": ",", "％": "%", "×": "*", "÷": "/"})
_WORDS = frozenset({"and", "or", "not"})
# How many arguments a function takes.
FUNCTIONS = {
    "min": (2, 20), "max": (2, 20), "round": (1, 2), "if": (3, 3), "bands": (2, 2),
    "ytd": (1, 1), "full": (1, 1),
}  # fmt: skip
RESERVED = frozenset(FUNCTIONS) | _WORDS


class Band(NamedTuple):
    """A part of a scale: what lies above `above`, up to the next band, is charged at `rate`."""

    above: Decimal
    rate: Decimal


Bands = tuple[Band, ...]


@dataclass
class Sight:
    """What a formula sees while it is worked out for one person and one month."""

    names: dict[str, Decimal]
    scales: Mapping[str, Bands]
    # Of a component: the sum of the year so far, before this month.
    year: Mapping[str, Decimal] = field(default_factory=dict)
    # Of a component: what it is by the month, for who is there all of it.
    full: Mapping[str, Decimal] = field(default_factory=dict)
    rounding: Rounding = Rounding.HALF_UP


Working = Callable[[Sight], Decimal]
Deciding = Callable[[Sight], bool]


@dataclass(frozen=True)
class Formula:
    """A formula that was read: what it needs, and how it is worked out."""

    text: str
    # The names it takes values of, each with its place, counted from 1.
    names: Mapping[str, int]
    scales: Mapping[str, int]
    year: Mapping[str, int]
    full: Mapping[str, int]
    _work: Working

    def value(self, sight: Sight) -> Decimal:
        """Work it out; refuse what has no value."""
        try:
            found = self._work(sight)
        except (DivisionByZero, InvalidOperation, Overflow):
            raise FormulaFailed(
                formula=self.text, problem=Both("it divides by zero", "除数为零")
            ) from None
        if abs(found) > RESULT_MAX:
            raise FormulaFailed(
                formula=self.text, problem=Both("its value is too large", "结果过大")
            )
        return found


def charge(amount: Decimal, bands: Bands) -> Decimal:
    """Return what is charged on an amount, each part of it at the rate of its own band."""
    total = Decimal(0)
    for place, band in enumerate(bands):
        if amount <= band.above:
            break
        until = bands[place + 1].above if place + 1 < len(bands) else amount
        total += (min(amount, until) - band.above) * band.rate
    return total


@lru_cache(maxsize=2_000)
def read(text: str) -> Formula:
    """Read a formula, or say where it cannot be understood and why."""
    if len(text) > LENGTH_MAX:
        raise FormulaUnreadable(
            formula=text[:40] + "...",
            place=LENGTH_MAX + 1,
            problem=Both(f"it is longer than {LENGTH_MAX} signs", f"超过 {LENGTH_MAX} 个字符"),
        )
    return _Reader(text).whole()


class _Token(NamedTuple):
    kind: str
    text: str
    place: int


class _Part(NamedTuple):
    """A part that was read: a number, or something that is so or not."""

    place: int
    work: Working | None = None
    decide: Deciding | None = None


def _either(first: Deciding, second: Deciding) -> Deciding:
    return lambda sight: first(sight) or second(sight)


def _both(first: Deciding, second: Deciding) -> Deciding:
    return lambda sight: first(sight) and second(sight)


class _Reader:
    """Reads one formula from left to right: each method takes one kind of part."""

    def __init__(self, text: str) -> None:
        self.text = text.translate(_WIDE).lower()
        self.tokens = self._split()
        self.at, self.depth, self.parts = 0, 0, 0
        self.names: dict[str, int] = {}
        self.scales: dict[str, int] = {}
        self.year: dict[str, int] = {}
        self.full: dict[str, int] = {}

    def whole(self) -> Formula:
        """Read all of it."""
        part = self._either()
        last = self._next()
        if last.kind != "end":
            raise self._wrong(last, f'"{last.text}" was not expected', f"多余的“{last.text}”")
        work = self._number(part)
        return Formula(self.text.strip(), self.names, self.scales, self.year, self.full, work)

    def _split(self) -> list[_Token]:
        tokens, at = [], 0
        while self.text[at:].strip():
            found = _TOKEN.match(self.text, at)
            if found is None:
                at += len(self.text[at:]) - len(self.text[at:].lstrip())
                sign = self.text[at]
                raise self._wrong(
                    _Token("sign", sign, at + 1),
                    f'the sign "{sign}" has no meaning',
                    f"符号“{sign}”没有意义",
                )
            kind = str(found.lastgroup)
            tokens.append(_Token(kind, found[kind], found.start(kind) + 1))
            at = found.end()
        return [*tokens, _Token("end", "", len(self.text) + 1)]

    # Whether something is so.

    def _either(self) -> _Part:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self._wrong(
                self.tokens[self.at],
                f"it is nested deeper than {DEPTH_MAX}",
                f"嵌套超过 {DEPTH_MAX} 层",
            )
        left = self._both()
        while self._takes("or"):
            first, second = self._so(left), self._so(self._both())
            left = _Part(left.place, decide=_either(first, second))
        self.depth -= 1
        return left

    def _both(self) -> _Part:
        left = self._negated()
        while self._takes("and"):
            first, second = self._so(left), self._so(self._negated())
            left = _Part(left.place, decide=_both(first, second))
        return left

    def _negated(self) -> _Part:
        place = self.tokens[self.at].place
        if self._takes("not"):
            inner = self._so(self._compared())
            return _Part(place, decide=lambda sight: not inner(sight))
        return self._compared()

    def _compared(self) -> _Part:
        left = self._sum()
        sign = self.tokens[self.at].text
        if sign not in _COMPARE:
            return left
        self._next()
        first, second, compare = self._number(left), self._number(self._sum()), _COMPARE[sign]
        return _Part(left.place, decide=lambda sight: compare(first(sight), second(sight)))

    # Numbers.

    def _sum(self) -> _Part:
        left = self._product()
        while self.tokens[self.at].text in {"+", "-"}:
            sign = self._next().text
            left = self._joined(left, sign, self._product())
        return left

    def _product(self) -> _Part:
        left = self._signed()
        while self.tokens[self.at].text in {"*", "/"}:
            sign = self._next().text
            left = self._joined(left, sign, self._signed())
        return left

    def _joined(self, left: _Part, sign: str, right: _Part) -> _Part:
        first, second = self._number(left), self._number(right)
        if sign == "+":
            return _Part(left.place, lambda sight: first(sight) + second(sight))
        if sign == "-":
            return _Part(left.place, lambda sight: first(sight) - second(sight))
        if sign == "*":
            return _Part(left.place, lambda sight: first(sight) * second(sight))
        return _Part(left.place, lambda sight: first(sight) / second(sight))

    def _signed(self) -> _Part:
        negative, place = False, self.tokens[self.at].place
        while self.tokens[self.at].text in {"-", "+"}:
            negative ^= self._next().text == "-"
        part = self._one()
        if not negative:
            return part
        inner = self._number(part)
        return _Part(place, lambda sight: -inner(sight))

    def _one(self) -> _Part:
        token = self._next()
        self.parts += 1
        if self.parts > PARTS_MAX:
            raise self._wrong(
                token, f"it has more than {PARTS_MAX} parts", f"超过 {PARTS_MAX} 个部分"
            )
        if token.kind == "number":
            return self._constant(token)
        if token.text == "(":
            inner = self._either()
            self._expect(")")
            return inner
        if token.kind == "name" and self.tokens[self.at].text == "(":
            return self._called(token)
        if token.kind == "name" and token.text not in RESERVED:
            name = token.text
            self.names.setdefault(name, token.place)
            return _Part(token.place, lambda sight: sight.names[name])
        said = f'"{token.text}"' if token.text else "its end"
        said_zh = f"“{token.text}”" if token.text else "结尾"
        raise self._wrong(
            token,
            f"a number, a name or a bracket was expected instead of {said}",
            f"此处应为数字、名称或括号，而不是{said_zh}",
        )

    def _constant(self, token: _Token) -> _Part:
        bare = token.text.rstrip("%")
        if len(bare) > NUMBER_DIGITS_MAX:
            raise self._wrong(token, "the number has too many digits", "数字位数过多")
        value = Decimal(bare) / (100 if token.text.endswith("%") else 1)
        return _Part(token.place, lambda _sight: value)

    # Functions.

    def _called(self, token: _Token) -> _Part:
        name = token.text
        if name not in FUNCTIONS:
            raise self._wrong(
                token,
                f'there is no function "{name}"; there are {", ".join(sorted(FUNCTIONS))}',
                f"没有函数“{name}”；可用：{'、'.join(sorted(FUNCTIONS))}",
            )
        self._expect("(")
        if name in {"ytd", "full"}:
            return self._looked_up(token)
        if name == "bands":
            return self._charged(token)
        given = [self._either()]
        while self._takes(","):
            given.append(self._either())
        self._expect(")")
        least, most = FUNCTIONS[name]
        if not least <= len(given) <= most:
            raise self._wrong(
                token,
                f"{name} takes {least if least == most else f'{least} to {most}'} arguments,"
                f" not {len(given)}",
                f"{name} 需要 {least if least == most else f'{least} 至 {most}'} 个参数，"
                f"而不是 {len(given)} 个",
            )
        if name == "if":
            return self._chosen(token, given)
        if name == "round":
            return self._rounded(token, given)
        numbers = tuple(self._number(part) for part in given)
        pick: Callable[..., Decimal] = min if name == "min" else max
        return _Part(token.place, lambda sight: pick(number(sight) for number in numbers))

    def _looked_up(self, token: _Token) -> _Part:
        of = self._name()
        self._expect(")")
        zero, name = Decimal(0), of.text
        if token.text == "ytd":
            self.year.setdefault(name, of.place)
            return _Part(token.place, lambda sight: sight.year.get(name, zero))
        self.full.setdefault(name, of.place)
        return _Part(token.place, lambda sight: sight.full.get(name, zero))

    def _charged(self, token: _Token) -> _Part:
        amount = self._number(self._either())
        self._expect(",")
        scale = self._name()
        self._expect(")")
        self.scales.setdefault(scale.text, scale.place)
        name = scale.text
        return _Part(token.place, lambda sight: charge(amount(sight), sight.scales[name]))

    def _chosen(self, token: _Token, given: list[_Part]) -> _Part:
        is_so, yes, no = self._so(given[0]), self._number(given[1]), self._number(given[2])
        return _Part(token.place, lambda sight: yes(sight) if is_so(sight) else no(sight))

    def _rounded(self, token: _Token, given: list[_Part]) -> _Part:
        inner, digits = self._number(given[0]), 2
        if len(given) > 1:
            said = self._number(given[1])
            try:
                wanted = said(Sight({}, {}))
            except KeyError:
                wanted = Decimal("0.5")
            if wanted != wanted.to_integral_value() or not 0 <= wanted <= ROUND_DIGITS_MAX:
                raise self._wrong(
                    _Token("number", "", given[1].place),
                    f"round takes a whole number of decimals from 0 to {ROUND_DIGITS_MAX}",
                    f"round 的小数位数须为 0 至 {ROUND_DIGITS_MAX} 的整数",
                )
            digits = int(wanted)
        return _Part(token.place, lambda sight: rounded(inner(sight), digits, sight.rounding))

    # Steps.

    def _next(self) -> _Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _takes(self, text: str) -> bool:
        if self.tokens[self.at].text != text:
            return False
        self._next()
        return True

    def _expect(self, text: str) -> None:
        token = self._next()
        if token.text != text:
            said, said_zh = token.text or "the end", token.text or "结尾"
            raise self._wrong(
                token, f'"{text}" was expected before "{said}"', f"“{said_zh}”之前应有“{text}”"
            )

    def _name(self) -> _Token:
        token = self._next()
        if token.kind != "name" or token.text in RESERVED:
            raise self._wrong(token, "a name was expected here", "此处应为名称")
        return token

    def _number(self, part: _Part) -> Working:
        if part.work is None:
            raise self._wrong(
                _Token("", "", part.place),
                "a number was expected here, not a comparison",
                "此处应为数字，而不是比较",
            )
        return part.work

    def _so(self, part: _Part) -> Deciding:
        if part.decide is None:
            raise self._wrong(
                _Token("", "", part.place),
                "a comparison such as gross > 0 was expected here",
                "此处应为比较，例如 gross > 0",
            )
        return part.decide

    def _wrong(self, token: _Token, en: str, zh: str) -> FormulaUnreadable:
        return FormulaUnreadable(formula=self.text, place=token.place, problem=Both(en, zh))


_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}

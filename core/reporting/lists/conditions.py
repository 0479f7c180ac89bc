"""Which records a filter keeps, as conditions of SQL: everything from outside is a bound value."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Numeric,
    String,
    and_,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from core.kernel.listing import NO, YES, Field, Holds, RecordKind
from core.kernel.money import digits_of
from core.reporting.adding import condition_on
from core.reporting.catalogue import CATALOGUE
from core.reporting.lists.query import COMPARING, ListFilter
from core.reporting.query import Filter, Ref, resolve
from core.reporting.scope import Scope

Condition = ColumnElement[bool]
Members = Callable[[Field], FromClause]

# What can be asked of each kind of field.
_NAMED = frozenset({"in", "not_in", "is_null", "not_null", "contains"})
_COUNTED = frozenset({*COMPARING, "in", "not_in", "is_null", "not_null"})
OPS: dict[Holds, frozenset[str]] = {
    Holds.TEXT: _NAMED,
    Holds.RECORD: _NAMED,
    Holds.WORD: frozenset({"in", "not_in", "is_null", "not_null"}),
    Holds.FLAG: frozenset({"in", "not_in"}),
    Holds.DATE: frozenset({*COMPARING, "is_null", "not_null", "within", "not_within"}),
    Holds.MONEY: _COUNTED,
    Holds.QUANTITY: _COUNTED,
    Holds.COUNT: _COUNTED,
    Holds.PERCENT: _COUNTED,
}
NUMBERS = frozenset({Holds.MONEY, Holds.QUANTITY, Holds.COUNT, Holds.PERCENT})
_NEGATIVE = {"not_in": "in", "is_null": "not_null", "not_within": "within"}


def condition_of(
    one: ListFilter, field: Field, kind: RecordKind, scope: Scope, members: Members
) -> Condition:
    """Return the condition of one filter that the catalogue knows."""
    if field.through is not None:
        return _below(one, field, kind, scope)
    assert field.column is not None, "a field is a column, or lies below"
    if field.holds is Holds.RECORD:
        member = members(field)
        return _member(one, field, cast(member.c.key, String), member)
    return _of_value(one, field, kind, field.column, scope)


def _below(one: ListFilter, field: Field, kind: RecordKind, scope: Scope) -> Condition:
    """Ask for something that is so among the rows below a record, or that nothing there is."""
    assert field.through is not None, "rows below"
    assert kind.identity is not None, "rows point to a record"
    rows = field.through.subquery()
    positive = _NEGATIVE.get(one.op)
    asked = one if positive is None else one.model_copy(update={"op": positive})
    found = select(literal(1))
    if field.dimension:
        members = CATALOGUE.dimensions[field.dimension].members
        assert members is not None, "the catalogue has checked it"
        member = members.subquery()
        found = found.select_from(rows.join(member, member.c.id == rows.c.value))
        wanted = _member(asked, field, cast(member.c.key, String), member)
    else:
        found = found.select_from(rows)
        wanted = _of_value(asked, field, kind, rows.c.value, scope)
    there = found.where(rows.c.record == kind.identity, wanted).exists()
    return there if positive is None else not_(there)


def _member(
    one: ListFilter, field: Field, key: ColumnElement[str], member: FromClause
) -> Condition:
    dimension = CATALOGUE.dimensions[field.dimension]
    asked = Filter(dimension=field.dimension, op=one.op, values=one.values)  # type: ignore[arg-type]
    return condition_on(asked, dimension, key, member)


def _of_value(
    one: ListFilter, field: Field, kind: RecordKind, value: ColumnElement[Any], scope: Scope
) -> Condition:
    if one.op == "is_null":
        return value.is_(None)
    if one.op == "not_null":
        return value.is_not(None)
    if field.holds in NUMBERS:
        return _number(one, field, kind, value, scope)
    if field.holds is Holds.DATE:
        return _day(one, field, value, scope)
    if field.holds is Holds.FLAG:
        return _flag(one, value)
    text = cast(value, String)
    if one.op == "contains":
        return text.icontains(_said(one.values[0]), autoescape=True)
    asked = [_said(each).casefold() for each in one.values]
    called = [
        key for key, pair in field.words.items() if any(word.casefold() in asked for word in pair)
    ]
    matched = func.coalesce(or_(func.lower(text).in_(asked), text.in_(called)), False)
    return not_(matched) if one.op == "not_in" else matched


def _flag(one: ListFilter, value: ColumnElement[Any]) -> Condition:
    so = func.coalesce(value, False)
    kept = [so if _said(each).casefold() == YES else not_(so) for each in one.values]
    return not_(or_(*kept)) if one.op == "not_in" else or_(*kept)


def flag_values(one: ListFilter) -> bool:
    """Tell whether a filter says yes or no, and nothing else."""
    return all(_said(each).casefold() in {YES, NO} for each in one.values)


def _number(
    one: ListFilter, field: Field, kind: RecordKind, value: ColumnElement[Any], scope: Scope
) -> Condition:
    plain: list[Condition] = []
    if field.holds is Holds.MONEY:
        value = value if field.base is None else field.base
        if field.base is None and kind.currency is not None:
            # What is not in the company's currency is not compared with an amount in it.
            plain = [kind.currency == scope.currency]
    figure = cast(value, Numeric)
    scale = digits_of(scope.currency) if field.holds is Holds.MONEY else 0
    asked = [literal(number_of(each).scaleb(scale), Numeric) for each in one.values]
    return and_(*plain, _compared(one.op, figure, asked))


def _day(one: ListFilter, field: Field, value: ColumnElement[Any], scope: Scope) -> Condition:
    if one.period is None:
        return _compared(one.op, value, [literal(day_of(each)) for each in one.values])
    span = resolve(one.period, scope.today)
    last = (span.full_end or span.end) if field.ahead else span.end
    bounds: list[Condition] = []
    if span.start is not None:
        bounds.append(value >= span.start)
    if last is not None:
        bounds.append(value <= last)
    within = func.coalesce(and_(true(), *bounds), False)
    return not_(within) if one.op == "not_within" else and_(value.is_not(None), within)


def _compared(op: str, value: ColumnElement[Any], asked: list[Any]) -> Condition:
    if op == "between":
        return value.between(*asked)
    if op == "not_in":
        return func.coalesce(value.not_in(asked), True)
    compared: dict[str, Condition] = {
        "gt": value > asked[0],
        "ge": value >= asked[0],
        "lt": value < asked[0],
        "le": value <= asked[0],
        "in": value.in_(asked),
    }
    return compared[op]


def _said(value: Any) -> str:  # noqa: ANN401  # One of the values of a filter.
    return value.id if isinstance(value, Ref) else str(value)


def number_of(value: Any) -> Decimal:  # noqa: ANN401
    """Return a value of a filter as a number; the issues have checked that it is one."""
    return value if isinstance(value, Decimal) else Decimal(_said(value))


def day_of(value: Any) -> date:  # noqa: ANN401
    """Return a value of a filter as a day; the issues have checked that it is one."""
    return value if isinstance(value, date) else date.fromisoformat(_said(value))

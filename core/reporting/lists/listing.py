"""Lists records: one select for the page, one for how many there are and what they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, String, cast, func, literal, select
from sqlalchemy.orm import Session

from core.kernel.listing import NO, YES, Field, Holds, RecordKind
from core.kernel.money import Money
from core.kernel.semantics import Said
from core.reporting.answering import is_known
from core.reporting.catalogue import CATALOGUE
from core.reporting.lists.checking import checked
from core.reporting.lists.conditions import condition_of
from core.reporting.lists.paging import Key, behind, sortable, sorted_by, token_of
from core.reporting.lists.query import ListQuery
from core.reporting.lists.saying import read_back
from core.reporting.query import Filter
from core.reporting.scope import Scope, scope_of

Emptiness = Literal["", "nothing_on_file", "nothing_matches", "unknown_member"]


@dataclass(frozen=True)
class ListColumn:
    """A column of a list. `sign` is the currency where all amounts of the list have one."""

    id: str
    names: Said
    holds: Holds
    sign: str = ""


@dataclass(frozen=True)
class Named:
    """Another record in a row: its key and its names."""

    key: str
    label: Said


@dataclass(frozen=True)
class ListRow:
    """One record: its key, what is shown of it, and the currency of its amounts."""

    key: str
    values: tuple[Any, ...]
    currency: str


@dataclass(frozen=True)
class Total:
    """How many of the records are in one currency, and what their amounts add up to."""

    currency: str
    count: int
    amounts: Mapping[str, Decimal]


@dataclass(frozen=True)
class Listing:
    """A page of records, exact, and all that is known of the whole list."""

    query: ListQuery
    kind: RecordKind
    columns: tuple[ListColumn, ...]
    rows: tuple[ListRow, ...]
    totals: tuple[Total, ...]
    count: int
    next: str | None
    read_back: Said
    as_of: date
    emptiness: Emptiness = ""
    own: bool = False


class _Select:
    """What a list is selected from: the kind's rows, and the members that they name."""

    def __init__(self, kind: RecordKind, scope: Scope) -> None:
        self.kind, self.scope = kind, scope
        self.source = kind.source
        self._members: dict[str, FromClause] = {}

    def member(self, field: Field) -> FromClause:
        """Return the members of a field that is another record, joined once."""
        found = self._members.get(field.id)
        if found is None:
            members = CATALOGUE.dimensions[field.dimension].members
            assert members is not None, "the catalogue has checked it"
            found = self._members[field.id] = members.subquery(f"of_{field.id}")
            self.source = self.source.outerjoin(found, found.c.id == field.column)
        return found

    def sort_value(self, field: Field) -> ColumnElement[Any]:
        """Return what records are sorted by."""
        if field.holds is Holds.RECORD:
            return sortable(self.member(field).c.label, field.holds)
        value = field.column if field.base is None else field.base
        assert value is not None, "what lies below is not sorted by"
        return sortable(value, field.holds)

    def conditions(
        self, query: ListQuery, fields: Mapping[str, Field]
    ) -> list[ColumnElement[bool]]:
        """Return what holds for every record of the list: the rights first."""
        found = list(self.kind.where)
        if self.scope.own:
            assert self.kind.owner is not None, "a customer lists own records only"
            found.append(self.kind.owner == self.scope.party_id)
        found += [
            condition_of(one, fields[one.field], self.kind, self.scope, self.member)
            for one in query.filters
        ]
        return found


def list_records(session: Session, query: ListQuery) -> Listing:
    """List records as the person for whom the transaction acts; refuse what they may not see."""
    scope = scope_of(session)
    kind, fields = checked(query, scope)
    asked = query.columns or [f.id for f in fields.values() if f.shown and f.through is None]
    shown = [fields[name] for name in asked]
    wanted = _Select(kind, scope)
    keys = _keys(query, kind, fields, wanted)
    conditions = wanted.conditions(query, fields)
    currency = literal(scope.currency) if kind.currency is None else kind.currency
    columns: list[ColumnElement[Any]] = [kind.key.label("key"), currency.label("currency")]
    for place, field in enumerate(shown):
        columns += _columns(place, field, wanted)
    columns += [key.value.label(f"sort{place}") for place, key in enumerate(keys)]
    further = behind(query, keys)
    page = (
        select(*columns)
        .select_from(wanted.source)
        .where(*conditions, *([] if further is None else [further]))
        .order_by(*(sorted_by(key) for key in keys))
        .limit(query.limit + 1)
    )
    today = {"today": scope.today}
    found = session.execute(page, today).mappings().all()
    amounts = [f for f in shown if f.holds is Holds.MONEY and f.adds_up]
    totals = _totals(session, wanted, conditions, currency, amounts, today)
    count = sum(total.count for total in totals)
    rows = tuple(_row(row, shown) for row in found[: query.limit])
    last = found[query.limit - 1] if len(found) > query.limit else None
    signs = {total.currency for total in totals} or {scope.currency}
    sign = signs.pop() if len(signs) == 1 else ""
    return Listing(
        query=query,
        kind=kind,
        columns=tuple(
            ListColumn(f.id, f.names, f.holds, sign if f.holds is Holds.MONEY else "")
            for f in shown
        ),
        rows=rows,
        totals=totals,
        count=count,
        next=None
        if last is None
        else token_of(query, [last[f"sort{place}"] for place in range(len(keys))]),
        read_back=read_back(query, kind, fields, scope),
        as_of=scope.today,
        emptiness="" if count else _why_empty(session, query, wanted, fields, today),
        own=scope.own,
    )


def _keys(
    query: ListQuery, kind: RecordKind, fields: Mapping[str, Field], wanted: _Select
) -> list[Key]:
    """Return what the records are sorted by; the last one tells all of them apart."""
    asked = [(order.by, order.dir) for order in query.order] or list(kind.order)
    keys = [
        Key(wanted.sort_value(fields[by]), fields[by].holds, way == "desc")
        for by, way in asked
        if by in fields
    ]
    newest_first = bool(keys) and keys[0].descending
    return [*keys, Key(cast(kind.key, String).collate("C"), Holds.TEXT, newest_first)]


def _columns(place: int, field: Field, wanted: _Select) -> list[ColumnElement[Any]]:
    if field.holds is not Holds.RECORD:
        assert field.column is not None, "what lies below is not shown"
        return [field.column.label(f"c{place}")]
    member = wanted.member(field)
    names = ("key", "label", "label_zh")
    return [member.c[name].label(f"c{place}_{name}") for name in names]


def _row(row: Mapping[Any, Any], shown: Sequence[Field]) -> ListRow:
    values = tuple(_value(row, place, field) for place, field in enumerate(shown))
    return ListRow(row["key"], values, row["currency"])


def _value(row: Mapping[Any, Any], place: int, field: Field) -> Any:  # noqa: ANN401
    if field.holds is Holds.RECORD:
        key, label, label_zh = (row[f"c{place}_{name}"] for name in ("key", "label", "label_zh"))
        return None if key is None else Named(key, Said(label or key, label_zh or label or key))
    value = row[f"c{place}"]
    if value is None:
        return None
    if field.holds is Holds.MONEY:
        return Money(int(value), row["currency"]).amount
    if field.holds is Holds.WORD:
        return Said(field.says(str(value), "en"), field.says(str(value), "zh"))
    if field.holds is Holds.FLAG:
        return Said(*field.words[YES if value else NO])
    return value


def _totals(
    session: Session,
    wanted: _Select,
    conditions: Sequence[ColumnElement[bool]],
    currency: ColumnElement[Any],
    amounts: Sequence[Field],
    today: Mapping[str, date],
) -> tuple[Total, ...]:
    sums = [func.sum(f.column).label(f"sum{place}") for place, f in enumerate(amounts)]
    added = (
        select(currency.label("currency"), func.count().label("count"), *sums)
        .select_from(wanted.source)
        .where(*conditions)
        .group_by("currency")
        .order_by("currency")
    )
    return tuple(
        Total(
            row["currency"],
            row["count"],
            {
                f.id: Money(int(row[f"sum{place}"] or 0), row["currency"]).amount
                for place, f in enumerate(amounts)
            },
        )
        for row in session.execute(added, today).mappings()
    )


def _why_empty(
    session: Session,
    query: ListQuery,
    wanted: _Select,
    fields: Mapping[str, Field],
    today: Mapping[str, date],
) -> Emptiness:
    # A customer is not told which names exist besides the own.
    for one in () if wanted.scope.own else query.filters:
        field = fields[one.field]
        if field.dimension and one.op == "in":
            asked = Filter(dimension=field.dimension, values=one.values)
            if not is_known(session, asked):
                return "unknown_member"
    whole = _Select(wanted.kind, wanted.scope)
    everything = query.model_copy(update={"filters": ()})
    found = (
        select(literal(1)).select_from(whole.source).where(*whole.conditions(everything, fields))
    )
    there = session.scalar(select(found.exists()), today)
    return "nothing_matches" if there else "nothing_on_file"

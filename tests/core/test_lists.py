"""Lists of records: every kind, column, filter, order and page, against what is on file."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from core import parties
from core.catalog.tables import Item
from core.kernel.database import reading
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import Role
from core.kernel.listing import Holds
from core.reporting import CannotAnswer
from core.reporting.lists import (
    RECORDS,
    ListQuery,
    UnknownRecord,
    key_field,
    kinds_for,
    list_records,
    view_record,
)
from core.reporting.lists.conditions import OPS
from core.sales.tables import SalesOrder, SalesOrderLine
from tests.core.shop import listed

_VALUES = {
    Holds.DATE: ["2026-01-01", "2026-12-31"],
    Holds.FLAG: ["yes"],
    Holds.MONEY: ["10.50", "5000"],
    Holds.QUANTITY: ["1", "5000"],
    Holds.COUNT: ["1", "50"],
}
_TAKEN = {"between": 2, "is_null": 0, "not_null": 0, "within": 0, "not_within": 0}


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", RECORDS.kinds)
def test_every_column_filter_and_order_of_a_kind_can_be_asked(
    traded_today: Engine, kind: str, *, whole: bool
) -> None:
    fields = RECORDS.fields[kind]
    shown = [field.id for field in fields.values() if field.through is None]
    with reading(traded_today) as session:
        everything = list_records(session, ListQuery(records=kind, columns=tuple(shown[:20])))
        for place, field in enumerate(fields.values()):
            ops = sorted(OPS[field.holds])
            for op in ops if whole else [ops[place % len(ops)]]:
                values = _VALUES.get(field.holds, ["a"])[: _TAKEN.get(op, 1)]
                one = {"field": field.id, "op": op, "values": values}
                if op in {"within", "not_within"}:
                    one["period"] = {"unit": "month"}
                order = [{"by": field.id, "dir": "desc"}] if field.through is None else []
                query = {"records": kind, "filters": [one], "order": order, "limit": 5}
                found = list_records(session, ListQuery.model_validate(query))
                assert found.count <= everything.count
                assert len(found.rows) == min(5, found.count)


def test_one_record_is_shown_with_all_that_its_viewer_may_see(traded_today: Engine) -> None:
    seen = 0
    with reading(traded_today) as session:
        for kind in kinds_for(session):
            rows = list_records(session, ListQuery(records=kind.id, limit=1)).rows
            if rows and key_field(kind) is not None:
                one = view_record(session, kind.id, rows[0].key)
                assert [row.key for row in one.rows] == [rows[0].key]
                seen += 1
        with pytest.raises(UnknownRecord, match="customer C-99999"):
            view_record(session, "customers", "C-99999")
        # A customer of the portal is told no more of another's record than of none.
        of = parties.find_customer(session, "Acme Bikes").party_id
        session.info["acting"] = Acting(Actor("portal", frozenset({Role.CUSTOMER}), party_id=of))
        other = parties.find_customer(session, "Nordwind GmbH").party.number
        assert {"leads", "suppliers"}.isdisjoint(kind.id for kind in kinds_for(session))
        with pytest.raises(UnknownRecord):
            view_record(session, "customers", other)

    assert seen > 10


def test_totals_are_those_of_all_records_and_not_of_the_page(traded_today: Engine) -> None:
    with reading(traded_today) as session:
        page = listed(session, "sales_orders", limit=2)
        every = session.execute(
            select(func.count(), func.sum(SalesOrder.total_minor)).select_from(SalesOrder)
        ).one()

    [total] = page.totals
    assert (page.count, len(page.rows)) == (every[0], 2)
    assert total.amounts == {"total": Decimal(every[1]) / 100}
    assert total.currency == "EUR"


@pytest.mark.parametrize(
    "order",
    [
        [],
        [{"by": "customer"}],
        [{"by": "total", "dir": "desc"}],
        [{"by": "reference"}, {"by": "state", "dir": "desc"}],
        [{"by": "late", "dir": "desc"}, {"by": "promised_on"}],
    ],
)
def test_pages_together_are_the_whole_list_in_its_order(
    traded_today: Engine, order: list[dict[str, str]]
) -> None:
    with reading(traded_today) as session:
        whole = listed(session, "sales_orders", order=order, limit=1_000)
        pages: list[str] = []
        after: str | None = None
        while True:
            page = listed(session, "sales_orders", order=order, limit=3, after=after)
            pages += [row.key for row in page.rows]
            after = page.next
            if after is None:
                break

    assert pages == [row.key for row in whole.rows]
    assert len(set(pages)) == whole.count > 3


def test_a_page_of_another_list_is_refused(traded_today: Engine) -> None:
    with reading(traded_today) as session:
        token = listed(session, "sales_orders", limit=1).next
        for records, after in (("customers", token), ("sales_orders", "bm8"), ("items", "====")):
            with pytest.raises(CannotAnswer, match="first one"):
                listed(session, records, after=after)


def test_records_below_are_asked_for_and_for_their_absence(traded_today: Engine) -> None:
    with reading(traded_today) as session:
        items = {row.key for row in listed(session, "items").rows}
        offered = listed(session, "items", filters=[{"field": "supplier", "op": "not_null"}])
        bare = listed(session, "items", filters=[{"field": "supplier", "op": "is_null"}])
        moved = {"field": "moved_on", "op": "within", "period": {"start": "2020-01-01"}}
        still = listed(session, "items", filters=[{**moved, "op": "not_within"}])
        some = listed(session, "items", filters=[moved])
        lamps = listed(session, "sales_orders", filters=[{"field": "item", "values": ["LAMP-01"]}])
        with_lamps = select(func.count(SalesOrderLine.order_id.distinct())).where(
            SalesOrderLine.item_id == select(Item.id).where(Item.sku == "LAMP-01").scalar_subquery()
        )
        assert lamps.count == session.scalar(with_lamps)

    for yes, no in ((offered, bare), (some, still)):
        assert {row.key for row in (*yes.rows, *no.rows)} == items
        assert yes.count + no.count == len(items)


@pytest.mark.parametrize(
    ("records", "one", "said"),
    [
        ("orders", {}, "nothing called “orders” to list. Possible: "),
        ("sales_orders", {"field": "totl", "op": "gt", "values": ["1"]}, "no field “totl”"),
        ("sales_orders", {"field": "total", "op": "gt", "values": ["much"]}, "takes numbers"),
        ("sales_orders", {"field": "total", "op": "contains", "values": ["1"]}, "by contains"),
        ("sales_orders", {"field": "open", "values": ["maybe"]}, "yes or no"),
        ("sales_orders", {"field": "ordered_on", "op": "ge", "values": ["soon"]}, "takes days"),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_can(
    traded_today: Engine, records: str, one: dict[str, Any], said: str
) -> None:
    filters = [one] if one else []
    with reading(traded_today) as session, pytest.raises(CannotAnswer) as refused:
        listed(session, records, filters=filters)

    assert said in refused.value.message("en")
    assert refused.value.message("zh")


def test_nothing_is_told_from_nothing_like_that(traded_today: Engine) -> None:
    stranger = {"field": "customer", "values": ["Nobody at all"]}
    huge = {"field": "total", "op": "gt", "values": ["99999999"]}
    with reading(traded_today) as session:
        assert listed(session, "sales_orders", filters=[stranger]).emptiness == "unknown_member"
        assert listed(session, "sales_orders", filters=[huge]).emptiness == "nothing_matches"
        assert listed(session, "lots").emptiness == "nothing_on_file"

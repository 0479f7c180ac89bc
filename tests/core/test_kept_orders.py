"""What is kept of orders for reports is always what their lines and deliveries add up to."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from core import sales
from core.compliance.sales import kept_orders_are_their_lines
from core.kernel.database import unit_of_work
from core.reporting import CATALOGUE, ReportQuery, answer
from core.sales import LineChange, OrderChange, OrderLineDraft
from core.sales.kept import OrderLineSent, OrderTotal, rebuild_order_totals
from core.sales.tables import SalesOrder, SalesOrderLine
from tests.conftest import TODAY
from tests.core.shop import Shop, open_shop, stock


@pytest.fixture
def shop(session: Session) -> Shop:
    shop = open_shop(session)
    stock(session, shop.lamp, "100", "800")
    return shop


def ordered(session: Session, shop: Shop, *quantities: str) -> SalesOrder:
    drafts = [OrderLineDraft(shop.lamp, Decimal(each), Decimal(10)) for each in quantities]
    order = sales.confirm_order(session, customer=shop.haus, lines=drafts)
    session.flush()
    return order


def kept(session: Session, order: SalesOrder, *columns: str) -> tuple[Any, ...]:
    session.flush()
    wanted = select(*(getattr(OrderTotal, column) for column in columns))
    return tuple(session.execute(wanted.where(OrderTotal.order_id == order.id)).one())


def test_an_order_is_kept_through_its_whole_life(session: Session, shop: Shop) -> None:
    order = ordered(session, shop, "4", "6")
    due = ("lines", "quantity", "net_amount", "due_lines", "on_time_lines", "stock_units_in_time")
    assert kept(session, order, *due) == (2, 10, 100, 2, 0, 0)

    sales.deliver_order(session, order.number, quantities={1: Decimal(3), 2: Decimal(6)})
    assert kept(session, order, *due) == (2, 10, 100, 2, 1, 9)

    rest = sales.deliver_order(session, order.number)
    assert kept(session, order, *due) == (2, 10, 100, 2, 2, 10)

    sales.return_delivery(session, rest.number, because="the wrong one")
    assert list(kept_orders_are_their_lines(session)) == []

    grown = {2: LineChange(quantity=Decimal(8))}
    change = OrderChange(lines=grown, added=[OrderLineDraft(shop.lamp, Decimal(1), Decimal(9))])
    sales.change_order(session, order.number, change)
    assert kept(session, order, "lines", "quantity", "net_amount") == (3, 13, 129)

    sales.change_order(session, order.number, OrderChange(removed=[3]))
    assert kept(session, order, "lines", "quantity", "net_amount") == (2, 12, 120)
    assert list(kept_orders_are_their_lines(session)) == []


def test_a_new_promise_is_judged_anew(session: Session, shop: Shop) -> None:
    order = ordered(session, shop, "5")
    sales.deliver_order(session, order.number)
    assert kept(session, order, "on_time_lines") == (1,)

    session.execute(
        text("UPDATE sales_order SET promised_on = :day WHERE id = :id"),
        {"day": TODAY - timedelta(days=1), "id": order.id},
    )

    assert kept(session, order, "due_lines", "on_time_lines") == (1, 0)
    assert list(kept_orders_are_their_lines(session)) == []


def test_what_went_wrong_is_found_and_rebuilt(session: Session, shop: Shop) -> None:
    orders = [ordered(session, shop, "2", "3") for _ in range(3)]
    for order in orders:
        sales.deliver_order(session, order.number)
    session.flush()
    session.execute(text("UPDATE sales_line_sent SET in_time = 1 WHERE in_time = 3"))
    session.execute(
        OrderTotal.__table__.update()
        .where(OrderTotal.order_id == orders[0].id)
        .values(net_amount=OrderTotal.net_amount + 1)
    )
    # Three lines, and three orders that hold them, of which one is wrong in itself.
    assert len(list(kept_orders_are_their_lines(session))) == 6

    assert rebuild_order_totals(session) == 6

    assert list(kept_orders_are_their_lines(session)) == []
    assert rebuild_order_totals(session) == 0
    assert len(session.scalars(select(OrderLineSent.order_line_id)).all()) == 6


def test_reports_from_what_is_kept_are_those_from_the_lines(session: Session, shop: Shop) -> None:
    for place, quantities in enumerate((("1", "2"), ("5",), ("3", "4", "1"))):
        order = ordered(session, shop, *quantities)
        if place:
            sales.deliver_order(session, order.number, quantities={1: Decimal(2)})
    session.flush()
    alike = 0
    for metric in CATALOGUE.metrics.values():
        measure = metric.measure
        if measure is None or measure.coarse is None or not metric.additive:
            continue
        finer = next(
            (one for one in ("item", "journal", "country") if _finer(metric.id, one)), None
        )
        if finer is None:
            continue
        whole = _asked(session, metric.id)
        parts = _asked(session, metric.id, finer)
        assert whole.totals == parts.totals, metric.id
        if metric.id != "orders":
            assert whole.source_rows == parts.source_rows, metric.id
        alike += 1
    assert alike >= 20


def _finer(metric: str, dimension: str) -> bool:
    """Tell whether only the lines say something of a metric that can be asked by it."""
    measure = CATALOGUE.metrics[metric].measure
    assert measure is not None
    assert measure.coarse is not None
    handle = CATALOGUE.dimensions[dimension].handle
    return handle in measure.source.handles - measure.coarse.source.handles


def _asked(session: Session, metric: str, *by: str) -> Any:
    query = {"metrics": [metric], "dimensions": list(by)}
    if not CATALOGUE.is_snapshot(metric):
        query["period"] = {"start": TODAY, "end": TODAY + timedelta(days=60)}
    return answer(session, ReportQuery.model_validate(query))


def test_who_changes_an_order_at_once_leaves_the_totals_of_both(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        order = ordered(session, open_shop(session), "2", "3").id
    lines = "UPDATE sales_order_line SET quantity = quantity + 1, unit_quantity = NULL"
    began, goes_on = threading.Event(), threading.Event()

    def other() -> None:
        with unit_of_work(founded) as session:
            session.execute(text(f"{lines} WHERE position = 2"))
            began.set()
            goes_on.wait(5)

    running = threading.Thread(target=other)
    running.start()
    began.wait(5)
    threading.Timer(0.2, goes_on.set).start()
    with unit_of_work(founded) as session:
        session.execute(text(f"{lines} WHERE position = 1"))
    running.join(10)

    with unit_of_work(founded) as session:
        quantity = select(OrderTotal.quantity).where(OrderTotal.order_id == order)
        assert session.scalar(quantity) == 7
        assert session.scalar(select(SalesOrderLine.quantity).limit(1)) is not None
        assert list(kept_orders_are_their_lines(session)) == []

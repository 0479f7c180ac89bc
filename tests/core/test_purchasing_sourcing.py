"""From a need to an order: requisitions, requests for quotation, options, changes, scores."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import purchasing
from core.compliance import verify_books
from core.purchasing import LineChange, OrderLineDraft, OrderState, Rejected, quotes, requisitions
from core.purchasing.errors import (
    BelowDone,
    ChangeChangesNothing,
    NotAMultiple,
    NothingLeftOfOrder,
    OfferNotValid,
)
from core.purchasing.quotes import Asked, Quote, RequestState
from core.purchasing.quotes.errors import NothingQuoted, NotInvited, RequestNotOpen
from core.purchasing.requisitions import Need, RequisitionState
from core.purchasing.requisitions.errors import MoreThanNeeded, NotApproved, OwnRequisition
from tests.conftest import TODAY
from tests.core.shop import Shop, acting_as, eur, open_shop

TEN = Decimal(10)
SOON = TODAY + timedelta(days=10)


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


def offer(session: Session, shop: Shop, price: str, **terms: object) -> None:
    purchasing.list_offer(
        session,
        shop.bulb,
        supplier=shop.lux,
        unit_price=Decimal(price),
        lead_time_days=3,
        **terms,  # type: ignore[arg-type]
    )


def test_options_round_up_and_name_the_next_price_break(session: Session, shop: Shop) -> None:
    offer(session, shop, "0.40", minimum_quantity=TEN, order_multiple=Decimal(12))
    offer(session, shop, "0.30", minimum_quantity=Decimal(100), order_multiple=Decimal(12))

    options = purchasing.buying_options(session, shop.bulb, Decimal(50), supplier=shop.lux)

    assert [(each.quantity, each.surplus, each.total, each.more_cost) for each in options] == [
        (60, 10, eur("24.00"), None),
        (108, 58, eur("32.40"), eur("8.40")),
    ]
    draft = OrderLineDraft(shop.bulb, Decimal(50))
    with pytest.raises(NotAMultiple, match="sells BULB-02 by 12: order 60 instead of 50"):
        purchasing.place_order(session, supplier=shop.lux, lines=[draft])


def test_an_offer_counts_while_it_is_valid(session: Session, shop: Shop) -> None:
    tomorrow, yesterday = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
    offer(session, shop, "0.10", valid_from=tomorrow)
    offer(session, shop, "0.20", valid_until=yesterday)

    with pytest.raises(OfferNotValid):
        purchasing.best_offer(session, shop.bulb, TEN, supplier=shop.lux)
    assert purchasing.best_offer(session, shop.bulb, TEN).supplier.name == "Lumen Works"
    session.info["today"] = tomorrow
    session.info.pop("company", None)
    assert purchasing.best_offer(session, shop.bulb, TEN).unit_price == Decimal("0.10")


def test_a_requisition_becomes_an_order_for_every_supplier(session: Session, shop: Shop) -> None:
    needs = [Need(shop.lamp, Decimal(60)), Need(shop.bulb, TEN)]
    with acting_as(session, "anna"):
        written = requisitions.write_requisition(
            session, needs, needed_on=SOON, because="fair", needed_for="SALES"
        )
        with pytest.raises(OwnRequisition):
            requisitions.approve_requisition(session, written.number)
    with pytest.raises(NotApproved):
        requisitions.order_requisition(session, written.number)
    requisitions.approve_requisition(session, written.number)

    with pytest.raises(MoreThanNeeded, match="only 60 is left"):
        requisitions.order_requisition(session, written.number, quantities={1: Decimal(61)})
    [part] = requisitions.order_requisition(session, written.number, quantities={2: TEN})
    [rest] = requisitions.order_requisition(session, written.number)

    assert (part.supplier.name, rest.supplier.name) == ("Lumen Works", "Lux GmbH")
    assert (rest.lines[0].quantity, rest.lines[0].pegged_to) == (60, written.number)
    found = requisitions.find_requisition(session, written.number)
    assert found.state is RequisitionState.ORDERED


def test_the_best_answer_is_awarded_and_becomes_an_offer(session: Session, shop: Shop) -> None:
    request = quotes.ask_for_quotes(
        session,
        [Asked(shop.bulb, Decimal(90)), Asked(shop.lamp, TEN)],
        suppliers=[shop.works, shop.lux],
        answer_by=SOON,
    )
    for supplier, item, quote in (
        (shop.works, shop.bulb, Quote(Decimal("0.50"), 7)),
        (shop.works, shop.bulb, Quote(Decimal("0.40"), 7, minimum_quantity=Decimal(100))),
        (shop.works, shop.lamp, Quote(Decimal(8), 7)),
        (shop.lux, shop.bulb, Quote(Decimal("0.45"), 3)),
    ):
        quotes.enter_quote(session, request.number, quote, supplier=supplier, item=item)

    found = quotes.find_request(session, request.number)
    first, second = purchasing.compare_quotes(session, found)
    with pytest.raises(NothingQuoted, match="Lux GmbH has not quoted LAMP-01"):
        quotes.award(session, request.number, supplier=shop.lux)
    orders = quotes.award(session, request.number, by_position={1: shop.works, 2: shop.works})

    # 90 at 0.50 would be 45.00; 100 at 0.40 are 40.00.
    assert (first.supplier.name, first.total, first.arrives_on) == (
        "Lumen Works",
        eur("120.00"),
        TODAY + timedelta(days=7),
    )
    assert (second.supplier.name, second.total, second.missing) == (
        "Lux GmbH",
        eur("40.50"),
        ("LAMP-01",),
    )
    [order] = orders
    assert [(line.quantity, line.unit_price) for line in order.lines] == [
        (100, Decimal("0.40")),
        (10, 8),
    ]
    best = purchasing.best_offer(session, shop.bulb, Decimal(100), supplier=shop.works)
    assert best.unit_price == Decimal("0.40")
    assert quotes.find_request(session, request.number).state is RequestState.AWARDED
    with pytest.raises(RequestNotOpen):
        quotes.award(session, request.number, supplier=shop.works)


def test_who_was_not_asked_does_not_answer(session: Session, shop: Shop) -> None:
    request = quotes.ask_for_quotes(
        session, [Asked(shop.bulb, TEN)], suppliers=[shop.works], answer_by=SOON
    )

    with pytest.raises(NotInvited, match="these were: Lumen Works"):
        quotes.enter_quote(
            session, request.number, Quote(TEN, 1), supplier=shop.lux, item=shop.bulb
        )


def test_a_changed_order_keeps_what_it_said_and_what_has_come(session: Session, shop: Shop) -> None:
    drafts = [OrderLineDraft(shop.lamp, TEN, TEN), OrderLineDraft(shop.bulb, TEN, Decimal(1))]
    order = purchasing.place_order(session, supplier=shop.works, lines=drafts)
    purchasing.receive_order(session, order.number, quantities={1: Decimal(4)})

    with pytest.raises(BelowDone, match="cannot go down to 3: 4"):
        purchasing.change_order(
            session, order.number, lines={1: LineChange(quantity=Decimal(3))}, because="x"
        )
    with pytest.raises(ChangeChangesNothing):
        purchasing.change_order(
            session, order.number, lines={1: LineChange(quantity=TEN)}, because="x"
        )
    purchasing.change_order(
        session,
        order.number,
        lines={1: LineChange(unit_price=Decimal(9)), 2: LineChange(quantity=Decimal(0))},
        because="haggled",
    )

    changed = purchasing.find_order(session, order.number)
    assert [(line.position, line.quantity, line.unit_price) for line in changed.lines] == [
        (1, 4, 10),
        (2, 0, 1),
        (3, 6, 9),
    ]
    assert (changed.version, changed.total_minor) == (2, 9_400)
    [version] = purchasing.versions_of(session, changed.id)
    assert [line["quantity"] for line in version.lines] == ["10", "10"]
    purchasing.receive_order(session, order.number)
    purchasing.bill_order(session, order.number)
    assert verify_books(session) == []


def test_an_order_is_closed_once_something_has_come(session: Session, shop: Shop) -> None:
    draft = OrderLineDraft(shop.lamp, TEN, TEN)
    order = purchasing.place_order(session, supplier=shop.works, lines=[draft])

    with pytest.raises(NothingLeftOfOrder):
        purchasing.close_order(session, order.number, because="late")
    purchasing.receive_order(session, order.number, quantities={1: Decimal(4)})
    purchasing.close_order(session, order.number, because="late")

    assert purchasing.find_order(session, order.number).state is OrderState.RECEIVED
    assert purchasing.on_order(session, [shop.lamp.id]) == {shop.lamp.id: 0}


def test_a_supplier_is_scored_by_what_came(session: Session, shop: Shop) -> None:
    for supplier, days, price, bad in (
        (shop.works, 4, "9", "0"),
        (shop.works, 8, "9", "2"),
        (shop.lux, 2, "11", "0"),
    ):
        session.info["today"] = TODAY
        session.info.pop("company", None)
        draft = OrderLineDraft(shop.lamp, Decimal(60), Decimal(price))
        order = purchasing.place_order(
            session, supplier=supplier, lines=[draft], expected_on=TODAY + timedelta(days=5)
        )
        session.info["today"] = TODAY + timedelta(days=days)
        session.info.pop("company", None)
        rejected = {1: Rejected(Decimal(bad), "broken")} if bad != "0" else {}
        purchasing.receive_order(session, order.number, rejected=rejected)

    card = purchasing.scorecard(session, shop.works.party_id, until=TODAY + timedelta(days=9))

    measured = card.lead_times
    assert (measured.samples, measured.mean_days, measured.variance) == ((8, 4), 6, 8)
    assert measured.on_time_percent == 50
    # 118 of 120 were accepted; 9.00 is 93.10 % of the mean of 9, 9 and 11.
    assert (card.quality_percent, card.price_percent) == (Decimal("98.33"), Decimal("93.10"))
    assert card.score == Decimal("79.3")

"""Quotations: drafted, sent, changed by versions, ordered at their prices, or declined."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from channels.exports import FileKind, export
from core import catalog, parties, sales
from core.kernel import events
from core.kernel.database import unit_of_work
from core.sales import QuoteLineDraft, QuoteTerms
from core.sales.quoting.errors import (
    InsteadOfNothing,
    MoreThanQuoted,
    OnlyOneOf,
    QuotationClosed,
    QuotationExpired,
    QuotationNotSent,
    QuotesNothingNew,
    UnknownQuotation,
    ValidInThePast,
)
from tests.conftest import TODAY, Databases
from tests.core.road import approve, ask, propose
from tests.core.shop import Shop, open_shop
from tests.shop import as_person
from tools import TOOLBOX


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


def offer(session: Session, shop: Shop, *lines: QuoteLineDraft, **terms: object) -> str:
    drafts = lines or (QuoteLineDraft(shop.lamp, Decimal(20), discount_percent=Decimal(8)),)
    quotation = sales.quote(
        session,
        party=shop.haus.party,
        lines=drafts,
        terms=QuoteTerms(**terms),  # type: ignore[arg-type]
    )
    return quotation.number


def said(session: Session, since: int) -> list[str]:
    return events.effect_of(events.recorded(session)[since:]).lines()


def test_what_was_sent_changes_by_a_version_that_shows_the_difference(
    session: Session, shop: Shop
) -> None:
    number = offer(session, shop)
    sales.send_quotation(session, number)
    facts = len(events.recorded(session))

    lines = [QuoteLineDraft(shop.lamp, Decimal(25)), QuoteLineDraft(shop.bulb, Decimal(2))]
    sales.change_quotation(session, number, lines=lines)

    assert said(session, facts) == [
        "quotation QU-00001 (quoted): 20 × LAMP-01 @ 20 −8% → –",
        "quotation QU-00001 (quoted): – → 25 × LAMP-01 @ 20",
        "quotation QU-00001 (quoted): – → 2 × BULB-02 @ 1.99",
        "quotation QU-00001 (total): 368.00 EUR → 504.74 EUR · v1 → v2 · Rad Haus",
    ]
    assert sales.view_quotation(session, number, version=1).total.minor == 36_800
    with pytest.raises(QuotationNotSent):
        sales.accept_quotation(session, number)
    with pytest.raises(QuotesNothingNew):
        sales.change_quotation(session, number, lines=lines)
    # A draft that nobody has seen is changed in place.
    sales.change_quotation(session, number, lines=lines[:1])
    assert sales.view_quotation(session, number).newest == 2


def test_sending_is_a_message_on_the_card(session: Session, shop: Shop) -> None:
    number = offer(session, shop)
    facts = len(events.recorded(session))

    sales.send_quotation(session, number)

    assert said(session, facts) == [
        "quotation QU-00001: draft → sent",
        "Rad Haus: quotation QU-00001 · – · v1 · 368.00 EUR",
    ]


def test_an_order_takes_the_prices_of_the_quotation_whatever_the_list_says_by_now(
    session: Session, shop: Shop
) -> None:
    number = offer(session, shop, discount_percent=Decimal(5))
    sales.send_quotation(session, number)
    catalog.set_price(session, shop.lamp, unit_price=Decimal(99))

    part = sales.accept_quotation(session, number, quantities={1: Decimal(5)})
    assert sales.view_quotation(session, number).state == "partly_accepted"
    rest = sales.accept_quotation(session, number)

    # 20.00 less 8 % less 5 % is 17.48.
    assert (part.total_minor, rest.total_minor) == (8_740, 26_220)
    view = sales.view_quotation(session, number)
    assert (view.state, view.orders) == ("accepted", ("SO-00001", "SO-00002"))
    with pytest.raises(QuotationClosed):
        sales.accept_quotation(session, number)


def test_options_and_alternatives_are_ordered_where_the_customer_says_so(
    session: Session, shop: Shop
) -> None:
    number = offer(
        session,
        shop,
        QuoteLineDraft(shop.lamp, Decimal(2)),
        QuoteLineDraft(shop.lamp, Decimal(1), Decimal(30), instead_of=1),
        QuoteLineDraft(shop.advice, Decimal(1), optional=True),
    )
    sales.send_quotation(session, number)

    assert sales.view_quotation(session, number).total.minor == 4_000
    with pytest.raises(OnlyOneOf, match="1, 2"):
        sales.accept_quotation(session, number, quantities={1: Decimal(2), 2: Decimal(1)})
    with pytest.raises(MoreThanQuoted):
        sales.accept_quotation(session, number, quantities={3: Decimal(2)})
    order = sales.accept_quotation(session, number, quantities={2: Decimal(1), 3: Decimal(1)})
    assert order.total_minor == 11_000
    assert sales.view_quotation(session, number).state == "accepted"


def test_an_expired_quotation_is_renewed_before_it_is_ordered(session: Session, shop: Shop) -> None:
    number = offer(session, shop, valid_until=TODAY + timedelta(days=3))
    sales.send_quotation(session, number)
    session.info["today"] = TODAY + timedelta(days=4)
    session.info.pop("company", None)

    assert sales.view_quotation(session, number).state == "expired"
    with pytest.raises(QuotationExpired):
        sales.accept_quotation(session, number)
    sales.renew_quotation(session, number, valid_until=TODAY + timedelta(days=9))
    sales.send_quotation(session, number)
    assert sales.accept_quotation(session, number).total_minor == 36_800


def test_a_prospect_becomes_a_customer_with_the_order(session: Session, shop: Shop) -> None:
    party = parties.add_party(session, name="Newcomer Ltd")
    quotation = sales.quote(session, party=party, lines=[QuoteLineDraft(shop.lamp, Decimal(1))])
    sales.send_quotation(session, quotation.number)

    sales.accept_quotation(session, quotation.number)

    assert parties.find_customer(session, "Newcomer Ltd").party_id == party.id


def test_what_makes_no_sense_is_refused(session: Session, shop: Shop) -> None:
    with pytest.raises(UnknownQuotation):
        sales.send_quotation(session, "QU-99999")
    with pytest.raises(ValidInThePast):
        offer(session, shop, valid_until=TODAY - timedelta(days=1))
    with pytest.raises(InsteadOfNothing):
        offer(session, shop, QuoteLineDraft(shop.lamp, Decimal(1), instead_of=1))
    number = offer(session, shop)
    sales.decline_quotation(session, number, because="too dear")
    assert sales.view_quotation(session, number).declined_because == "too dear"
    with pytest.raises(QuotationClosed):
        sales.send_quotation(session, number)


def test_a_quotation_goes_by_its_tools_to_an_order_and_on_paper(databases: Databases) -> None:
    engine = databases("shop")
    with unit_of_work(engine) as session:
        parties.find_customer(session, "Acme Bikes").party.language = "zh"
    lines = [{"item": "LAMP-01", "quantity": "20", "discount_percent": "8"}]

    quoted = propose(engine, "sales", "sales.quote_items", party="Acme Bikes", lines=lines)
    approve(engine, quoted)
    approve(engine, propose(engine, "sales", "sales.send_quotation", quotation="qu 1"))
    ordered = propose(engine, "sales", "sales.accept_quotation", quotation="QU-00001")

    assert "276.00 EUR" in approve(engine, ordered)
    paper = ask(engine, "sales", "sales.print_document", document="QU-00001")
    assert paper.heading("en") == "Quotation QU-00001"
    made = export(
        TOOLBOX,
        engine,
        as_person(engine, "sales"),
        "sales.print_document",
        {"document": "SO-00001"},
        FileKind.CSV,
    )
    text = made.data.decode("utf-8-sig")
    assert "台灯" in text
    assert "276.00" in text

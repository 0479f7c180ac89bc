"""Invoices and bills without an order: lines, terms, what is deferred, and credits of a part."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog, invoicing, ledger, parties, purchasing, sales
from core.catalog import ItemKind, Trade, pricing
from core.catalog.errors import ItemBlocked
from core.catalog.pricing import Offer, PromotionKind, RuleKind, Target
from core.compliance import verify_books
from core.compliance.owed import credits_are_within_their_lines
from core.invoicing import DocumentLine, DocumentState, InvoiceKind, PaymentKind, TermDraft
from core.invoicing.errors import (
    AlreadyCredited,
    CreditsTooMuch,
    DeferredStaysWhole,
    KitNeedsOrder,
    NoSuchLine,
    PriceNeeded,
    StockNeedsOrder,
)
from core.invoicing.queries import left_to_credit
from core.invoicing.tables import InvoiceLine
from core.kernel.money import Money
from core.ledger.chart import (
    BANK,
    DEFERRED_REVENUE,
    DISCOUNT_ALLOWED,
    EXCHANGE_DIFFERENCES,
    OPERATING_EXPENSE,
    PAYABLE,
    PREPAID_EXPENSES,
    RECEIVABLE,
    REVENUE,
    SERVICE_REVENUE,
    TAX_OUTPUT,
)
from core.ledger.errors import KeptByDocuments
from core.ledger.schedules import list_deferrals, run_schedules
from core.parties import Party
from core.purchasing.errors import KitIsNotBought
from tests.core.shop import open_shop

JAN = date(2025, 1, 10)
CUSTOMER_INVOICE = InvoiceKind.CUSTOMER_INVOICE


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def party(session: Session) -> Party:
    for code, percent in (("T10", 10), ("S18", 18)):
        ledger.add_tax_code(session, code=code, name=code, name_zh=code, percent=Decimal(percent))
    return parties.add_customer(session, name="Party A").party


def line(price: str, quantity: str = "1", tax: str | None = None, **more: object) -> DocumentLine:
    return DocumentLine(
        "Lamp", Decimal(quantity), Decimal(price), account=REVENUE, tax_code=tax, **more  # type: ignore[arg-type]
    )  # fmt: skip


def post(session: Session, party: Party, *lines: DocumentLine, **more: object) -> invoicing.Invoice:
    return invoicing.post_document(
        session, kind=CUSTOMER_INVOICE, party=party, lines=lines, posted_on=JAN, **more  # type: ignore[arg-type]
    )  # fmt: skip


def pay(session: Session, party: Party, amount: str, day: int, **more: object) -> invoicing.Payment:
    return invoicing.post_payment(
        session,
        kind=PaymentKind.CUSTOMER_PAYMENT,
        party=party,
        amount=eur(amount),
        paid_on=date(2025, 1, day),
        **more,  # type: ignore[arg-type]
    )


def balances(session: Session, *roles: str) -> list[str]:
    return [str(ledger.balance(session, role).amount) for role in roles]


def two_hundred_and_forty(session: Session, party: Party) -> invoicing.Invoice:
    return post(session, party, line("40", "5", "T10"), line("20"))


def test_p01_three_payments_and_the_last_unit_written_off(session: Session, party: Party) -> None:
    invoice = two_hundred_and_forty(session, party)
    left = []
    for amount, day in (("120", 11), ("20", 12), ("99", 13)):
        pay(session, party, amount, day, settle=[(invoice, eur(amount))])
        left.append(invoice.open_minor)

    invoicing.write_off(
        session, invoice.number, account=OPERATING_EXPENSE, because="last cent",
        posted_on=date(2025, 1, 13),
    )  # fmt: skip

    assert (left, invoice.open_minor) == ([12000, 10000, 100], 0)
    assert balances(session, RECEIVABLE, BANK, OPERATING_EXPENSE) == ["0.00", "239.00", "1.00"]
    settled = [
        str(money.amount) for _, _, money in invoicing.invoice_view(session, invoice).settled_by
    ]
    assert sorted(settled, key=Decimal) == ["1.00", "20.00", "99.00", "120.00"]
    assert verify_books(session) == []


def test_p01_the_rest_is_written_off_with_its_payment(session: Session, party: Party) -> None:
    invoice = two_hundred_and_forty(session, party)
    payment = pay(session, party, "239", 13, write_off_to=OPERATING_EXPENSE)

    assert balances(session, RECEIVABLE, BANK, OPERATING_EXPENSE) == ["0.00", "239.00", "1.00"]
    invoicing.unapply(session, payment.number, because="wrong")
    assert (invoice.open_minor, payment.open_minor) == (24000, 23900)
    assert balances(session, OPERATING_EXPENSE) == ["0.00"]
    assert verify_books(session) == []


def test_p02_an_overpayment_stays_a_credit(session: Session, party: Party) -> None:
    invoice = post(session, party, line("100"))
    payment = pay(session, party, "110", 11)

    assert (invoice.open_minor, payment.open_minor) == (0, 1000)
    assert balances(session, RECEIVABLE, BANK, REVENUE) == ["-10.00", "110.00", "-100.00"]


def test_p04_half_is_due_after_20_days_and_the_rest_after_40(
    session: Session, party: Party
) -> None:
    invoicing.add_terms(
        session, code="PT", name="PT", lines=[TermDraft(20, Decimal(50)), TermDraft(40)]
    )
    invoice = post(session, party, line("240"), term_code="PT")

    parts = invoicing.list_instalments(session, invoice)
    assert [(str(part.due_on), str(part.billed)) for part in parts] == [
        ("2025-01-30", "120.00 EUR"),
        ("2025-02-19", "120.00 EUR"),
    ]


def test_p07_a_discount_for_paying_early_corrects_the_tax(session: Session, party: Party) -> None:
    terms = [TermDraft(30, discount_percent=Decimal(10), discount_days=10)]
    invoicing.add_terms(session, code="PT", name="PT", lines=terms)
    invoice = post(session, party, line("200", tax="S18"), term_code="PT")

    pay(session, party, "212.40", 12, take_discount=True)

    assert (invoice.total_minor, invoice.open_minor) == (23600, 0)
    assert balances(session, RECEIVABLE, BANK, DISCOUNT_ALLOWED, TAX_OUTPUT, REVENUE) == [
        "0.00",
        "212.40",
        "20.00",
        "-32.40",
        "-200.00",
    ]
    assert verify_books(session) == []


def test_p15_a_payment_fills_the_earliest_instalment_first(session: Session, party: Party) -> None:
    parts = [TermDraft(30, Decimal(30)), TermDraft(60, Decimal(50)), TermDraft(90)]
    invoicing.add_terms(session, code="PT", name="PT", lines=parts)
    invoice = post(session, party, line("100"), term_code="PT")
    pay(session, party, "40", 10)

    rows = invoicing.list_instalments(session, invoice)
    assert [(row.billed.minor, row.paid.minor, row.open.minor) for row in rows] == [
        (3000, 3000, 0),
        (5000, 1000, 4000),
        (2000, 0, 2000),
    ]


def test_p19_a_full_credit_note_settles_both(session: Session, party: Party) -> None:
    invoice = two_hundred_and_forty(session, party)
    note = invoicing.credit_invoice(session, invoice.number, because="wrong")

    assert (note.net_minor, note.tax_minor, note.total_minor) == (22000, 2000, 24000)
    assert (invoice.open_minor, note.open_minor) == (0, 0)
    assert balances(session, RECEIVABLE, REVENUE, TAX_OUTPUT) == ["0.00", "0.00", "0.00"]
    with pytest.raises(AlreadyCredited):
        invoicing.credit_invoice(session, invoice.number, because="again")


def test_e01_a_service_is_earned_day_by_day(session: Session, party: Party) -> None:
    ledger.open_fiscal_year(session, 2019)
    invoice = invoicing.post_document(
        session,
        kind=CUSTOMER_INVOICE,
        party=party,
        lines=[
            DocumentLine(
                "Service",
                unit_price=Decimal(100),
                over=(date(2019, 1, 10), date(2019, 3, 15)),
            )
        ],
        posted_on=date(2019, 1, 10),
    )
    assert balances(session, DEFERRED_REVENUE, SERVICE_REVENUE) == ["-100.00", "0.00"]
    run_schedules(session, through=date(2019, 3, 31))

    [deferral] = list_deferrals(session, with_done=True)
    assert deferral.origin == invoice.number
    assert [(str(part.due_on), str(part.amount.amount)) for part in deferral.parts] == [
        ("2019-01-31", "33.85"),
        ("2019-02-28", "43.08"),
        ("2019-03-15", "23.07"),
    ]
    assert balances(session, DEFERRED_REVENUE, SERVICE_REVENUE) == ["0.00", "-100.00"]
    assert verify_books(session) == []


def test_a_credited_invoice_is_not_earned_any_more(session: Session, party: Party) -> None:
    over = (date(2025, 1, 1), date(2025, 3, 31))
    invoice = post(session, party, line("90", tax="T10", over=over), line("10"))
    run_schedules(session, through=date(2025, 1, 31))

    with pytest.raises(DeferredStaysWhole):
        invoicing.credit_part(session, invoice.number, amount=eur("5"), because="part")
    invoicing.credit_invoice(session, invoice.number, because="cancelled")

    assert balances(session, DEFERRED_REVENUE, REVENUE, RECEIVABLE) == ["0.00"] * 3
    assert verify_books(session) == []


def test_a_bill_in_another_currency_is_used_up_at_what_it_was_worth(session: Session) -> None:
    ledger.set_rate(session, "USD", valid_from=JAN, foreign_units=Decimal("1.2"))
    supplier = parties.add_supplier(session, name="Supplier B").party
    over = (date(2025, 1, 1), date(2025, 2, 28))
    bill = invoicing.post_document(
        session,
        kind=InvoiceKind.SUPPLIER_BILL,
        party=supplier,
        lines=[
            DocumentLine("Licence", unit_price=Decimal("33.35"), over=over),
            DocumentLine("Support", unit_price=Decimal("66.66"), over=over),
        ],
        posted_on=JAN,
        currency="USD",
        reference="R-1",
    )

    assert balances(session, PREPAID_EXPENSES, PAYABLE) == ["83.34", "-83.34"]
    assert sum(each.amount.minor for each in list_deferrals(session)) == 8334
    run_schedules(session, through=date(2025, 2, 28))
    assert balances(session, PREPAID_EXPENSES, OPERATING_EXPENSE) == ["0.00", "83.34"]
    assert bill.open_minor == 10001
    assert verify_books(session) == []


def test_a_part_is_credited_by_quantity_or_amount_and_never_more_than_there_is(
    session: Session, party: Party
) -> None:
    invoice = two_hundred_and_forty(session, party)
    pay(session, party, "200", 11)

    first = invoicing.credit_part(
        session, invoice.number, quantities={1: Decimal(2)}, because="two were broken"
    )
    second = invoicing.credit_part(session, invoice.number, amount=eur("33"), because="goodwill")

    assert (first.total_minor, first.open_minor) == (8800, 4800)
    assert (second.net_minor, second.tax_minor, second.open_minor) == (3300, 283, 3583)
    assert (invoice.open_minor, invoice.state) == (0, DocumentState.POSTED)
    assert verify_books(session) == []
    with pytest.raises(AlreadyCredited):
        invoicing.credit_invoice(session, invoice.number, because="all")
    with pytest.raises(NoSuchLine, match="no line 3"):
        invoicing.credit_part(session, invoice.number, quantities={3: Decimal(1)}, because="x")
    with pytest.raises(CreditsTooMuch):
        invoicing.credit_part(session, invoice.number, amount=eur("221"), because="x")
    with pytest.raises(CreditsTooMuch, match=r"At most 107.00 EUR"):
        invoicing.credit_part(session, invoice.number, amount=eur("120"), because="x")


def test_parts_by_quantity_and_amount_add_up_to_their_line_and_its_tax(
    session: Session, party: Party
) -> None:
    invoice = post(session, party, line("3.3333", "3", "T10"), line("20"))
    assert (invoice.net_minor, invoice.tax_minor) == (3000, 100)

    notes = [
        invoicing.credit_part(session, invoice.number, because="part", **part)  # type: ignore[arg-type]
        for part in (
            {"quantities": {1: Decimal(1)}},
            {"amount": eur("10")},
            {"quantities": {1: Decimal(1)}},
            {"quantities": {1: Decimal(1), 2: Decimal(1)}},
        )
    ]

    # 10.00 for 3, then 2.50 of the 6.67 that are left of them, then half of what is left, ...
    assert [(note.net_minor, note.tax_minor) for note in notes] == [
        (333, 33), (1000, 25), (209, 21), (1458, 21),
    ]  # fmt: skip
    assert (invoice.open_minor, left_to_credit(session, invoice).minor) == (0, 0)
    assert balances(session, RECEIVABLE, REVENUE, TAX_OUTPUT) == ["0.00", "0.00", "0.00"]
    assert verify_books(session) == []
    with pytest.raises(NoSuchLine, match="it has 0 of it"):
        invoicing.credit_part(session, invoice.number, quantities={1: Decimal(1)}, because="x")


def test_parts_in_another_currency_take_back_what_the_document_was_worth(
    session: Session, party: Party
) -> None:
    ledger.set_rate(session, "USD", valid_from=JAN, base_units=Decimal("0.83337"))
    invoice = post(session, party, line("100", "3", "T10"), currency="USD")
    worth = invoice.base_total_minor
    ledger.set_rate(session, "USD", valid_from=date(2025, 2, 1), base_units=Decimal("0.5"))

    notes = [
        invoicing.credit_part(
            session, invoice.number, because="part", quantities={1: Decimal(1)},
            posted_on=date(2025, 2, day),
        )
        for day in (1, 2, 3)
    ]  # fmt: skip

    assert (worth, [note.base_total_minor for note in notes]) == (27501, [9167, 9167, 9167])
    assert balances(session, RECEIVABLE, EXCHANGE_DIFFERENCES) == ["0.00", "0.00"]
    assert verify_books(session) == []


def test_the_database_and_the_promises_know_what_a_note_takes_back(
    session: Session, party: Party
) -> None:
    invoice = two_hundred_and_forty(session, party)
    note = invoicing.credit_part(session, invoice.number, quantities={1: Decimal(2)}, because="x")
    of_note = select(InvoiceLine).where(InvoiceLine.invoice_id == note.id)
    [back] = session.scalars(of_note)
    assert (back.credits_position, back.credits_quantity) == (1, 2)

    for wrong in ({"credits_quantity": None}, {"credits_quantity": 3}, {"credits_position": 0}):
        with pytest.raises(IntegrityError, match="credits"), session.begin_nested():
            session.execute(update(InvoiceLine).where(InvoiceLine.id == back.id).values(wrong))
    too_much = update(InvoiceLine).where(InvoiceLine.id == back.id)
    session.execute(too_much.values(quantity=9, credits_quantity=9))

    [finding] = credits_are_within_their_lines(session)
    assert (finding.invariant, finding.subject) == ("I5", invoice.number)
    assert finding.problem.startswith("of line 1, 5.000000 for 20000, notes take back 9.000000")


def test_an_item_brings_its_words_price_and_tax(session: Session, party: Party) -> None:
    advice = catalog.add_item(
        session, sku="ADVICE", name="Advice", kind=ItemKind.SERVICE, unit_code="h",
        sales_tax_code="T10",
    )  # fmt: skip
    catalog.set_price(session, advice, unit_price=Decimal(80))

    invoice = post(session, party, DocumentLine(item=advice, quantity=Decimal("1.5")))

    assert (invoice.net_minor, invoice.tax_minor) == (12000, 1200)
    [shown] = invoicing.invoice_view(session, invoice).lines
    assert shown.description == "ADVICE Advice"
    untaxed = post(session, party, DocumentLine(item=advice, taxed=False, unit_price=Decimal(1)))
    assert untaxed.total_minor == 100


def test_what_documents_without_an_order_refuse(session: Session, party: Party) -> None:
    lamp = catalog.add_item(session, sku="LAMP-01", name="Lamp")

    with pytest.raises(StockNeedsOrder, match="LAMP-01"):
        post(session, party, DocumentLine(item=lamp, unit_price=Decimal(1)))
    with pytest.raises(PriceNeeded, match="LAMP-01"):
        post(session, party, DocumentLine(item=lamp, account=REVENUE))
    with pytest.raises(KeptByDocuments):
        post(session, party, DocumentLine("x", unit_price=Decimal(1), account=RECEIVABLE))


def test_a_document_without_an_order_costs_what_the_customer_pays_by_rules_and_promotions(
    session: Session,
) -> None:
    shop = open_shop(session, limit=None)
    buyer = pricing.Audience(customer_id=shop.haus.party_id, customer="Rad Haus")
    pricing.set_price_rule(
        session, whose=buyer, kind=RuleKind.DISCOUNT, value=Decimal(10), target=Target(shop.advice)
    )
    pricing.start_promotion(
        session,
        code="TALK",
        name="Talk",
        gives=Offer("TALK", PromotionKind.PERCENT, value=Decimal(5)),
        target=Target(shop.advice),
    )

    invoice = post(session, shop.haus.party, DocumentLine(item=shop.advice, quantity=Decimal(2)))

    # 80.00 less 10 % are 72.00, less 5 % are 68.40; two of them.
    assert invoice.net_minor == 13680


def test_a_kit_and_what_is_blocked_are_not_invoiced_without_an_order(session: Session) -> None:
    shop = open_shop(session, limit=None)
    kit = catalog.add_item(session, sku="SET", name="Set", kind=ItemKind.KIT)
    catalog.define_kit(session, kit, [(shop.lamp, Decimal(2)), (shop.advice, Decimal(1))])
    catalog.block_item(session, shop.advice, Trade.SALE)
    charged = DocumentLine(item=shop.advice, unit_price=Decimal(80))

    with pytest.raises(KitNeedsOrder, match="SET is a kit of 2 × LAMP-01, 1 × ADVICE: sell it"):
        post(session, shop.haus.party, DocumentLine(item=kit, unit_price=Decimal(50)))
    with pytest.raises(ItemBlocked, match=r"ADVICE .* blocked for sale"):
        post(session, shop.haus.party, charged)
    with pytest.raises(KitIsNotBought, match="SET is a kit"):
        purchasing.place_order(
            session,
            supplier=shop.works,
            lines=[purchasing.OrderLineDraft(kit, Decimal(1), Decimal(30))],
        )
    # What was sold before it was blocked may still be credited.
    credited = invoicing.post_document(
        session, kind=InvoiceKind.CUSTOMER_CREDIT_NOTE, party=shop.haus.party, lines=[charged]
    )
    assert credited.net_minor == 8000


def test_goods_that_come_back_count_what_was_credited_before(session: Session) -> None:
    shop = open_shop(session)
    order = sales.confirm_order(
        session, customer=shop.haus, lines=[sales.OrderLineDraft(shop.lamp, Decimal(2))]
    )
    delivery = sales.deliver_order(session, order.number, quantities={1: Decimal(1)})
    sales.deliver_order(session, order.number)
    invoice = sales.invoice_order(session, order.number)
    invoicing.credit_part(session, invoice.number, amount=eur("25"), because="scratches")

    sales.return_delivery(session, delivery.number, because="broken")

    # Half of what was left of 40.00 after the allowance of 25.00.
    note = invoicing.find_invoice(session, "CN-00002")
    assert note.total_minor == 750

"""Two records of one party: everything follows the one that stays, and nothing posted changes."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from core import catalog, crm, invoicing, parties, sales
from core.compliance import verify
from core.compliance.owed import open_items_are_the_control_accounts
from core.crm import ActivityKind
from core.invoicing import Direction, DocumentLine, InvoiceKind, PaymentKind, post_document
from core.invoicing.statements import statement_of
from core.kernel import events
from core.kernel.database import reading, unit_of_work
from core.kernel.identity import service as identity
from core.ledger import Posting
from core.ledger.chart import OPERATING_EXPENSE
from core.parties import Customer, Party, PartyMerge
from core.parties.contacts import Purpose, consent_of, note_consent, set_parent
from core.parties.errors import (
    MergedAlready,
    MergeUndoneAlready,
    RowsCollide,
    SameParty,
    SettledAcross,
    WrittenSince,
)
from core.processes import merging
from tests.core.shop import Shop, eur, open_shop


def trade(session: Session, shop: Shop, customer: Customer, quantity: str = "2") -> str:
    draft = sales.OrderLineDraft(shop.lamp, Decimal(quantity))
    order = sales.confirm_order(session, customer=customer, lines=[draft])
    sales.deliver_order(session, order.number)
    return sales.invoice_order(session, order.number).number


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session, limit=None)


@pytest.fixture
def other(session: Session, shop: Shop) -> Customer:
    customer = parties.add_customer(
        session, name="Rad-Haus GmbH", email="a@radhaus.de", credit_limit=eur("500")
    )
    set_parent(session, customer.party, shop.works.party)
    return customer


def merge(session: Session, shop: Shop, other: Customer) -> PartyMerge:
    return merging.merge_parties(session, shop.haus.party, other.party, because="one company")


def test_everything_that_pointed_at_the_one_points_at_the_other(
    session: Session, shop: Shop, other: Customer
) -> None:
    mine, theirs = trade(session, shop, shop.haus), trade(session, shop, other, "3")
    crm.log_activity(session, party=other.party, kind=ActivityKind.CALL, subject="Where is it?")
    catalog.pricing.set_price_rule(
        session,
        whose=catalog.pricing.Audience(customer_id=other.party_id),
        target=catalog.pricing.Target(item=shop.lamp),
        kind=catalog.pricing.RuleKind.FIXED,
        value=Decimal(18),
    )
    posted = set(session.scalars(select(Posting.party_id).where(Posting.party_id.is_not(None))))
    haus, number = shop.haus.party, other.party.number

    made = merge(session, shop, other)

    items = invoicing.list_open_items(
        session, direction=Direction.RECEIVABLE, party_id=haus.id, limit=10
    )
    assert [item.number for item in items] == [mine, theirs]
    assert sales.exposure_of(session, haus.id) == eur("100.00")
    assert [one.subject for one in crm.list_activities(session, haus.id)] == ["Where is it?"]
    # Whoever says its number, or its name, means the one that stays.
    assert parties.find_customer(session, number.lower()).party.number == haus.number
    assert parties.find_party(session, number).id == haus.id
    assert parties.find_customer(session, "Rad-Haus").party_id == haus.id
    assert [one.number for one in parties.list_customers(session)] == [haus.number]
    # The lines of posted entries say whom they were written for; the statement reads all of them.
    after = set(session.scalars(select(Posting.party_id).where(Posting.party_id.is_not(None))))
    assert after == posted
    statement = statement_of(session, haus, Direction.RECEIVABLE)
    assert [row.document for row in statement.parts[0].rows] == [mine, theirs]
    told = [change.says() for fact in events.recorded(session)[-2:] for change in fact.changes()]
    assert f"party {number} (merged): {number} Rad-Haus GmbH → {haus.number} Rad Haus" in told[0]
    assert any(line.startswith("invoice (now at): ") and theirs in line for line in told), told
    assert any("40.00 EUR → 100.00 EUR" in line for line in told)
    assert made.number == "MG-00001"
    assert list(open_items_are_the_control_accounts(session)) == []


def test_it_can_be_taken_back_row_by_row(session: Session, shop: Shop, other: Customer) -> None:
    mine, theirs = trade(session, shop, shop.haus), trade(session, shop, other)
    before = session.scalars(
        text("SELECT to_jsonb(customer) FROM customer ORDER BY party_id")
    ).all()
    made = merge(session, shop, other)

    merging.part_again(session, made.number, because="two of them after all")

    whose = dict(session.execute(text("SELECT number, party_id FROM invoice")).all())
    assert whose == {mine: shop.haus.party_id, theirs: other.party_id}
    assert parties.find_customer(session, "Rad-Haus").credit_limit_minor == 50000
    after = session.scalars(text("SELECT to_jsonb(customer) FROM customer ORDER BY party_id")).all()
    assert after == before
    assert session.get_one(Party, other.party_id).parent_id == shop.works.party_id
    with pytest.raises(MergeUndoneAlready, match="MG-00001 was taken back already"):
        merging.part_again(session, made.number, because="again")
    assert list(open_items_are_the_control_accounts(session)) == []


def test_what_was_written_or_settled_since_keeps_them_together(
    session: Session, shop: Shop, other: Customer
) -> None:
    trade(session, shop, shop.haus)
    theirs = trade(session, shop, other)
    paid = invoicing.post_payment(
        session, kind=PaymentKind.CUSTOMER_PAYMENT, party=shop.haus.party, amount=eur("50.00")
    )
    made = merge(session, shop, other)
    with session.begin_nested() as trial:
        trade(session, shop, shop.haus)
        with pytest.raises(WrittenSince, match="INV-00003 was written for Rad Haus since"):
            merging.part_again(session, made.number, because="x")
        trial.rollback()
    session.expire_all()

    assert invoicing.apply_credit(session, paid.number) == eur("10.00")

    with pytest.raises(SettledAcross, match=f"{theirs} and {paid.number} were settled"):
        merging.part_again(session, made.number, because="x")


def test_bad_mergings_are_refused_with_the_reason(
    session: Session, shop: Shop, other: Customer
) -> None:
    haus = shop.haus.party
    with pytest.raises(SameParty, match=r"Rad Haus \(C-00001\) cannot be merged with itself"):
        merging.merge_parties(session, haus, haus, because="x")
    gone = other.party
    merge(session, shop, other)
    third = parties.add_customer(session, name="Third")

    with pytest.raises(MergedAlready, match=r"C-00002.* was merged already: it is C-00001 now"):
        merging.merge_parties(session, third.party, gone, because="x")
    merging.merge_parties(session, third.party, haus, because="chain")

    # One step leads from any number to who is meant.
    assert parties.find_party(session, "C-00002").id == third.party_id
    assert parties.find_party(session, "C-00001").id == third.party_id
    with pytest.raises(IntegrityError, match="was merged itself"), session.begin_nested():
        session.execute(
            text("UPDATE party SET merged_into_id = :a WHERE id = :b"),
            {"a": haus.id, "b": third.party_id},
        )
    with pytest.raises(DBAPIError, match="record of facts"), session.begin_nested():
        session.execute(text("UPDATE party_merge_part SET moved = '{}'"))


def test_the_same_bill_of_both_is_no_matter_of_names(session: Session, shop: Shop) -> None:
    for supplier in (shop.works, shop.lux):
        post_document(
            session,
            kind=InvoiceKind.SUPPLIER_BILL,
            party=supplier.party,
            lines=[DocumentLine("Paint", unit_price=Decimal(10), account=OPERATING_EXPENSE)],
            reference="R-77",
        )

    with pytest.raises(RowsCollide, match="S-00002 and S-00001 both have BILL-00002"):
        merging.merge_parties(session, shop.works.party, shop.lux.party, because="x")


def test_a_bank_account_that_comes_along_is_ended_and_consent_follows(session: Session) -> None:
    first = parties.add_supplier(session, name="Lumen Works").party
    second = parties.add_supplier(session, name="Lumen Works Ltd").party
    parties.set_bank_account(session, second, iban="DE89370400440532013000")
    note_consent(session, second, Purpose.OFFERS, given=True, how="form")

    made = merging.merge_parties(session, first, second, because="same")

    assert parties.current_bank_account(session, first.id) is None
    assert [a.ended_on is None for a in parties.bank_accounts_of(session, first)] == [False]
    assert consent_of(session, first.id)[Purpose.OFFERS].given
    merging.part_again(session, made.number, because="no")
    kept = parties.current_bank_account(session, second.id)
    assert kept is not None
    assert kept.iban == "DE89370400440532013000"


def test_a_merging_that_is_committed_leaves_sound_books(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        shop = open_shop(session, limit=None)
        other = parties.add_customer(session, name="Rad-Haus GmbH")
        identity.add_person(
            session, login="anna", name="Anna", roles={"customer"}, party_id=other.party_id
        )
        trade(session, shop, shop.haus)
        trade(session, shop, other)

    with unit_of_work(founded) as session:
        first, second = (parties.find_party(session, n) for n in ("C-00001", "C-00002"))
        made = merging.merge_parties(session, first, second, because="same")
        assert identity.find_person(session, "anna").party_id == first.id
    with reading(founded) as session:
        assert verify(session) == []
    with unit_of_work(founded) as session:
        merging.part_again(session, made.number, because="no")
    with reading(founded) as session:
        assert verify(session) == []
        assert identity.find_person(session, "anna").party_id == other.party_id

"""Parties: a name means one record, or the refusal says what may be meant."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core import parties
from core.kernel import events
from core.kernel.database import unit_of_work
from core.kernel.money import CurrencyMismatch, Money
from core.kernel.naming import AmbiguousName
from core.parties import PartyKind
from core.parties.errors import (
    AlreadyBlocked,
    CreditLimitNegative,
    NameTaken,
    NotBlocked,
    PartyBlocked,
    PaymentDaysOutOfRange,
    UnknownCustomer,
    UnknownSupplier,
)


@pytest.fixture
def known(session: Session) -> Iterator[Session]:
    """A few customers and a supplier with names that are alike."""
    parties.add_customer(session, name="Lumen & Co", name_zh="流明公司")
    parties.add_customer(session, name="Lumen East", city="Graz")
    parties.add_customer(session, name="Velo 100% Ltd")
    parties.add_customer(session, name="Anna Berg", kind=PartyKind.PERSON)
    parties.add_customer(session, name="Anna Berg", kind=PartyKind.PERSON)
    parties.add_supplier(session, name="Lumen Works")
    return session


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("C-00002", "C-00002"),
        ("c 2", "C-00002"),
        ("lumen & co", "C-00001"),
        ("  Lumen   East ", "C-00002"),
        ("流明公司", "C-00001"),
        ("流明", "C-00001"),
        ("velo", "C-00003"),
        ("east", "C-00002"),
        ("100%", "C-00003"),
    ],
)
def test_a_number_a_name_a_beginning_or_a_part_finds_the_one(
    known: Session, said: str, number: str
) -> None:
    assert parties.find_customer(known, said).party.number == number


def test_a_name_that_fits_two_is_refused_with_both(known: Session) -> None:
    with pytest.raises(AmbiguousName) as refused:
        parties.find_customer(known, "lumen")

    assert [candidate.number for candidate in refused.value.candidates] == ["C-00001", "C-00002"]
    assert "C-00001 Lumen & Co, C-00002 Lumen East" in str(refused.value)
    assert "C-00001 流明公司、C-00002 Lumen East" in refused.value.message("zh")


def test_two_people_of_one_name_are_told_apart_by_their_numbers(known: Session) -> None:
    with pytest.raises(AmbiguousName) as refused:
        parties.find_customer(known, "Anna Berg")

    assert len(refused.value.candidates) == 2


def test_a_name_that_fits_none_is_refused_with_the_nearest(known: Session) -> None:
    with pytest.raises(UnknownCustomer) as refused:
        parties.find_customer(known, "Lumen Eest")

    assert refused.value.nearest[0].number == "C-00002"
    assert str(refused.value) == (
        'There is no customer called "Lumen Eest". '
        "Did you mean C-00002 Lumen East, C-00001 Lumen & Co?"
    )


@pytest.mark.parametrize("said", ["", "   ", "%%", "_", "'; DROP TABLE party; --", "Zzz"])
def test_what_is_no_name_finds_nobody(known: Session, said: str) -> None:
    with pytest.raises(UnknownCustomer):
        parties.find_customer(known, said)


def test_a_customer_is_no_supplier_unless_made_one(known: Session) -> None:
    with pytest.raises(UnknownSupplier):
        parties.find_supplier(known, "C-00001")

    parties.make_supplier(known, parties.find_party(known, "C-00001"))

    assert parties.find_supplier(known, "C-00001").party.name == "Lumen & Co"


def test_a_company_is_typed_once(known: Session) -> None:
    with pytest.raises(NameTaken, match="S-00001"):
        parties.add_customer(known, name="LUMEN works")


def test_a_credit_limit_shows_before_and_after(known: Session) -> None:
    customer = parties.find_customer(known, "C-00001")

    parties.set_credit_limit(known, customer, Money.of(1000, "EUR"))
    parties.set_credit_limit(known, customer, None)

    lines = [
        line for fact in events.recorded(known)[-2:] for line in events.effect_of([fact]).lines()
    ]
    assert lines == [
        "customer C-00001 (credit limit): ∞ → 1,000.00 EUR · Lumen & Co",
        "customer C-00001 (credit limit): 1,000.00 EUR → ∞ · Lumen & Co",
    ]


def test_terms_that_can_only_be_a_mistake_are_refused(session: Session) -> None:
    with pytest.raises(CreditLimitNegative):
        parties.add_customer(session, name="A", credit_limit=Money(-1, "EUR"))
    with pytest.raises(CurrencyMismatch):
        parties.add_customer(session, name="A", credit_limit=Money(1, "USD"))
    with pytest.raises(PaymentDaysOutOfRange):
        parties.add_supplier(session, name="A", payment_days=366)


def test_who_is_blocked_is_blocked_once_and_released_once(known: Session) -> None:
    customer = parties.find_customer(known, "C-00001")

    parties.block_party(known, customer.party, because="does not pay")

    with pytest.raises(PartyBlocked, match="Lumen"):
        parties.require_unblocked(customer.party)
    with pytest.raises(AlreadyBlocked):
        parties.block_party(known, customer.party, because="again")
    parties.unblock_party(known, customer.party, because="paid")
    with pytest.raises(NotBlocked):
        parties.unblock_party(known, customer.party, because="again")


def test_customers_are_listed_by_what_they_contain(known: Session) -> None:
    territory = parties.add_territory(
        known, code="DACH", name="Central Europe", name_zh="中欧", country="DE", region="Europe"
    )
    seller = parties.add_party(known, name="Max Kern", kind=PartyKind.PERSON)
    parties.add_customer(
        known, name="Rad Haus", territory=territory, salesperson_id=seller.id, payment_days=14
    )

    graz = parties.list_customers(known, containing="graz")
    central = parties.list_customers(
        known, territory_id=parties.find_territory(known, "central").id
    )

    assert [view.number for view in graz] == ["C-00002"]
    assert [(view.name, view.territory, view.salesperson) for view in central] == [
        ("Rad Haus", "Central Europe", "Max Kern")
    ]
    assert [view.name for view in parties.list_suppliers(known)] == ["Lumen Works"]


def test_a_refused_customer_leaves_no_gap_in_the_numbers(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        parties.add_customer(session, name="First")
    with pytest.raises(CreditLimitNegative), unit_of_work(founded) as session:
        parties.add_customer(session, name="Second", credit_limit=Money(-1, "EUR"))
    with unit_of_work(founded) as session:
        third = parties.add_customer(session, name="Third")

    assert third.party.number == "C-00002"

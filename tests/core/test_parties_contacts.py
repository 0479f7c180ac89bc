"""Contacts, how they are reached, what they agreed to, who belongs to whom, and duplicates."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from core import parties
from core.kernel import clock
from core.parties import Party, PartyKind
from core.parties.contacts import (
    AddressKind,
    ContactRole,
    Purpose,
    accounts_of,
    add_address,
    add_contact,
    addresses_of,
    consent_of,
    end_contact,
    group_of,
    list_contacts,
    may_contact,
    note_consent,
    parents_of,
    parties_called_by,
    parties_reached_by,
    remove_address,
    set_parent,
)
from core.parties.contacts.errors import (
    AddressAlready,
    AddressNotThere,
    ConsentInTheFuture,
    ConsentUnchanged,
    ContactAlready,
    NotAContact,
    NotAnAddress,
    NotAPerson,
    OwnParent,
    ParentCircle,
    ParentUnchanged,
)


@pytest.fixture
def haus(session: Session) -> Party:
    return parties.add_customer(session, name="Rad Haus").party


def person(session: Session, name: str, **more: str) -> Party:
    return parties.add_party(session, name=name, kind=PartyKind.PERSON, **more)  # type: ignore[arg-type]


def test_the_main_contact_is_one_and_who_left_stays_on_record(
    session: Session, haus: Party
) -> None:
    jane, tom = person(session, "Jane"), person(session, "Tom")
    add_contact(session, haus, jane, role=ContactRole.PURCHASING)
    add_contact(session, haus, tom, role=ContactRole.DECIDER, is_main=True)

    assert [(c.name, c.is_main) for c in list_contacts(session, haus.id)] == [
        ("Tom", True), ("Jane", False)
    ]  # fmt: skip
    with pytest.raises(ContactAlready, match="Jane is a contact of Rad Haus already"):
        add_contact(session, haus, jane)
    with pytest.raises(NotAPerson, match="a contact is a person"):
        add_contact(session, haus, parties.add_customer(session, name="Other").party)
    end_contact(session, haus, tom)
    assert [c.name for c in list_contacts(session, haus.id)] == ["Jane"]
    assert len(list_contacts(session, haus.id, ended=True)) == 2
    assert accounts_of(session, tom.id) == []
    with pytest.raises(NotAContact, match="Tom is no contact of Rad Haus"):
        end_contact(session, haus, tom)


def test_somebody_is_found_by_exactly_their_address(session: Session, haus: Party) -> None:
    add_address(session, haus, AddressKind.EMAIL, "Info@RadHaus.de")
    add_address(session, haus, AddressKind.EMAIL, "bills@radhaus.de", label="invoices")
    add_address(session, haus, AddressKind.PHONE, "+49 (0) 30 12 34-56")

    assert haus.email == "Info@RadHaus.de"
    assert [a.value for a in addresses_of(session, haus)][1:] == [
        "+49 (0) 30 12 34-56", "bills@radhaus.de"
    ]  # fmt: skip
    for mail in ("info@radhaus.de", "BILLS@radhaus.de"):
        assert parties_reached_by(session, mail) == [haus]
    assert parties_reached_by(session, "info@radhaus.de.evil.com") == []
    assert parties_called_by(session, "0049 30 123456") == [haus]
    with pytest.raises(AddressAlready, match="is on record for Rad Haus already"):
        add_address(session, haus, AddressKind.EMAIL, "info@radhaus.DE")
    for kind, bad in ((AddressKind.EMAIL, "no mail"), (AddressKind.PHONE, "12"),
                      (AddressKind.EMAIL, "a@b"), (AddressKind.MOBILE, "call me")):  # fmt: skip
        with pytest.raises(NotAnAddress):
            add_address(session, haus, kind, bad)
    remove_address(session, haus, AddressKind.EMAIL, "bills@radhaus.de")
    assert parties_reached_by(session, "bills@radhaus.de") == []


def test_a_phone_number_from_elsewhere_is_in_nobody_s_way(session: Session, haus: Party) -> None:
    haus.phone = "030 555 66 ext. 7"
    session.flush()

    add_address(session, haus, AddressKind.PHONE, "030 555 99")
    remove_address(session, haus, AddressKind.PHONE, "030 555 99")

    assert [a.value for a in addresses_of(session, haus)] == ["030 555 66 ext. 7"]
    with pytest.raises(AddressNotThere, match="030 555 99 is not on record for Rad Haus"):
        remove_address(session, haus, AddressKind.PHONE, "030 555 99")


def test_consent_is_a_row_for_each_time_and_the_newest_counts(
    session: Session, haus: Party
) -> None:
    assert not may_contact(session, haus.id, Purpose.OFFERS)
    before = clock.now() - timedelta(days=3)

    note_consent(session, haus, Purpose.OFFERS, given=True, how="web form", at=before)
    assert may_contact(session, haus.id, Purpose.OFFERS)
    note_consent(session, haus, Purpose.OFFERS, given=False, how="call")

    standing = consent_of(session, haus.id)[Purpose.OFFERS]
    assert (standing.given, standing.how, standing.noted_by) == (False, "call", "system")
    assert not may_contact(session, haus.id, Purpose.OFFERS)
    with pytest.raises(ConsentUnchanged, match="has withdrawn consent for offers already"):
        note_consent(session, haus, Purpose.OFFERS, given=False, how="again")
    with pytest.raises(ConsentInTheFuture):
        note_consent(
            session, haus, Purpose.CALLS, given=True, how="x", at=clock.now() + timedelta(hours=1)
        )
    with pytest.raises(DBAPIError, match="record of facts"), session.begin_nested():
        session.execute(text("UPDATE consent SET given = true"))


def test_nobody_belongs_to_itself_however_far_round(session: Session, haus: Party) -> None:
    south, shop = (parties.add_customer(session, name=n).party for n in ("South", "Shop"))
    set_parent(session, south, haus)
    set_parent(session, shop, south)

    assert [each.name for each in parents_of(session, shop)] == ["South", "Rad Haus"]
    assert {each.name for each in group_of(session, haus)} == {"South", "Shop"}
    with pytest.raises(ParentCircle, match=r"Shop belongs to Rad Haus \(Shop → South → Rad Haus\)"):
        set_parent(session, haus, shop)
    with pytest.raises(OwnParent, match="Shop cannot belong to itself"):
        set_parent(session, shop, shop)
    with pytest.raises(ParentUnchanged):
        set_parent(session, shop, south)
    with pytest.raises(IntegrityError, match="would belong to itself"), session.begin_nested():
        session.execute(
            text("UPDATE party SET parent_id = :s WHERE id = :h"), {"s": shop.id, "h": haus.id}
        )


def test_duplicates_are_found_with_reasons_a_person_can_check(session: Session) -> None:
    known = [
        (
            "Acme Bikes GmbH",
            {"email": "info@acme.example", "tax_number": "DE 123", "country": "DE"},
        ),
        ("ACME Bikes", {"email": "sales@acme.example", "country": "DE"}),
        ("Velo Nord", {"phone": "030 1234567"}),
        ("Velo Nord Handel", {"phone": "030/123 45 67", "tax_number": "de123"}),
        ("Riverside Sport", {"country": "US"}),
        ("Riverside Sports", {"country": "FR"}),
        ("Bike 2000", {}),
        ("Bike 2001", {}),
    ]
    for name, facts in known:
        parties.add_customer(session, name=name, **facts)  # type: ignore[arg-type]

    found = {(a.number, a.other_number): a for a in parties.find_duplicates(session)}

    first = found["C-00001", "C-00002"]
    assert [reason.en for reason in first.reasons] == [
        "the same name acme bikes", "the same mail domain acme.example", "both in DE"
    ]  # fmt: skip
    assert first.points == 85
    assert [r.zh for r in found["C-00001", "C-00004"].reasons] == ["税号相同：de123"]
    assert ("C-00007", "C-00008") not in found
    # Alike in name, but in different countries: too little.
    assert ("C-00005", "C-00006") not in found
    assert ("C-00003", "C-00004") not in found
    for party in session.scalars(select(Party)).all():
        own = [each for pair, each in found.items() if party.number in pair]
        assert parties.duplicates_of(session, party) == own


def test_two_people_of_one_company_are_two(session: Session) -> None:
    for name, mail in (("Jane Miller", "jane@acme.example"), ("Tom Baker", "tom@acme.example"),
                       ("Jane  Miller", "j.miller@acme.example")):  # fmt: skip
        person(session, name, email=mail, phone="030 1234567")

    pairs = [(a.number, a.other_number) for a in parties.find_duplicates(session)]

    assert pairs == [("P-00001", "P-00003")]

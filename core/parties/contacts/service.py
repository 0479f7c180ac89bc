"""What one can do with contacts: know them, reach them, ask them first, and say who owns whom."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.database import acting
from core.parties.contacts.errors import (
    AddressAlready,
    AddressNotThere,
    ConsentInTheFuture,
    ConsentUnchanged,
    ContactAlready,
    NotAContact,
    NotAPerson,
    OwnParent,
    ParentCircle,
    ParentUnchanged,
)
from core.parties.contacts.events import (
    AddressChanged,
    ConsentNoted,
    ContactAdded,
    ContactEnded,
    ParentSet,
)
from core.parties.contacts.queries import consent_of, parents_of
from core.parties.contacts.rules import address_key, written_alike
from core.parties.contacts.tables import (
    AddressKind,
    Consent,
    ContactRole,
    PartyAddress,
    PartyContact,
    Purpose,
)
from core.parties.tables import Party, PartyKind


def add_contact(
    session: Session,
    account: Party,
    person: Party,
    *,
    role: ContactRole = ContactRole.OTHER,
    job_title: str | None = None,
    is_main: bool = False,
) -> PartyContact:
    """Note that a person works at a customer or supplier; the first one is the main contact."""
    if person.kind is not PartyKind.PERSON:
        raise NotAPerson(name=person.name, number=person.number)
    session.refresh(account, with_for_update={"key_share": True})
    there = _standing(session, account)
    if any(each.person_id == person.id for each in there):
        raise ContactAlready(person=person.name, account=account.name)
    main = next((each for each in there if each.is_main), None)
    if is_main and main is not None:
        main.is_main = False
        session.flush()
    contact = PartyContact(
        account_id=account.id,
        person_id=person.id,
        role=role,
        job_title=job_title,
        is_main=is_main or main is None,
        since=company(session).today,
    )
    session.add(contact)
    fact = ContactAdded(
        account_number=account.number,
        account=account.name,
        person_number=person.number,
        person=person.name,
        role=role,
        job_title=job_title or "",
        is_main=contact.is_main,
    )
    events.record(session, fact)
    session.flush()
    return contact


def end_contact(session: Session, account: Party, person: Party) -> PartyContact:
    """Note that somebody does not work there any more; what was said with them stays."""
    session.refresh(account, with_for_update={"key_share": True})
    contact = next(
        (each for each in _standing(session, account) if each.person_id == person.id), None
    )
    if contact is None:
        raise NotAContact(person=person.name, account=account.name)
    contact.ended_on, contact.is_main = company(session).today, False
    events.record(session, ContactEnded(account.number, account.name, person.number, person.name))
    session.flush()
    return contact


def add_address(
    session: Session, party: Party, kind: AddressKind, value: str, *, label: str = ""
) -> None:
    """Note one more way to reach a party; the first mail and phone stand on the party itself."""
    key, said = address_key(kind, value), " ".join(value.split())
    session.refresh(party, with_for_update={"key_share": True})
    known = select(PartyAddress.id).where(
        PartyAddress.party_id == party.id, PartyAddress.kind == kind, PartyAddress.key == key
    )
    own = {AddressKind.EMAIL: party.email, AddressKind.PHONE: party.phone}.get(kind)
    if session.scalar(known) or (own and written_alike(kind, own) == key):
        raise AddressAlready(value=said, party=party.name)
    if kind is AddressKind.EMAIL and not party.email:
        party.email = said
    elif kind is AddressKind.PHONE and not party.phone:
        party.phone = said
    else:
        session.add(PartyAddress(party_id=party.id, kind=kind, label=label, value=said, key=key))
    events.record(session, AddressChanged(party.number, party.name, kind, "", said, label))
    session.flush()


def remove_address(session: Session, party: Party, kind: AddressKind, value: str) -> str:
    """Forget a way to reach a party; return what it was for."""
    key = address_key(kind, value)
    session.refresh(party, with_for_update={"key_share": True})
    wanted = select(PartyAddress).where(
        PartyAddress.party_id == party.id, PartyAddress.kind == kind, PartyAddress.key == key
    )
    found = session.scalars(wanted).one_or_none()
    label = "" if found is None else found.label
    if found is not None:
        session.delete(found)
    elif kind is AddressKind.EMAIL and party.email and party.email.lower() == key:
        party.email = None
    elif kind is AddressKind.PHONE and party.phone and written_alike(kind, party.phone) == key:
        party.phone = None
    else:
        raise AddressNotThere(value=value, party=party.name)
    events.record(session, AddressChanged(party.number, party.name, kind, value, "", label))
    session.flush()
    return label


def note_consent(
    session: Session,
    party: Party,
    purpose: Purpose,
    *,
    given: bool,
    how: str,
    at: datetime | None = None,
) -> Consent:
    """Note that somebody agreed to be contacted for a purpose, or withdrew it, when and how."""
    now = clock.now()
    when = at or now
    if when > now:
        raise ConsentInTheFuture(at=f"{when:%Y-%m-%d %H:%M}")
    session.refresh(party, with_for_update={"key_share": True})
    standing = consent_of(session, party.id).get(purpose)
    if standing is not None and standing.given is given:
        raise ConsentUnchanged(
            party=party.name, purpose=purpose, state="given" if given else "withdrawn"
        )
    consent = Consent(
        party_id=party.id,
        purpose=purpose,
        given=given,
        at=when,
        how=how,
        noted_by=acting(session).name,
    )
    session.add(consent)
    fact = ConsentNoted(
        number=party.number,
        called=party.name,
        purpose=purpose,
        given=given,
        how=how,
        at=f"{at:%Y-%m-%d}" if at else "",
    )
    events.record(session, fact)
    session.flush()
    return consent


def set_parent(session: Session, party: Party, parent: Party | None) -> None:
    """Say to which company a party belongs, or that it belongs to none; never in a circle."""
    session.refresh(party, with_for_update={"key_share": True})
    before = None if party.parent_id is None else session.get_one(Party, party.parent_id)
    if parent is not None and parent.id == party.id:
        raise OwnParent(name=party.name)
    if before is parent:
        raise ParentUnchanged(name=party.name, parent=parent.name if parent else "–")
    if parent is not None:
        above = parents_of(session, parent)
        if any(each.id == party.id for each in above):
            way = " → ".join(each.name for each in (parent, *above))
            raise ParentCircle(name=party.name, parent=parent.name, way=way)
    party.parent_id = None if parent is None else parent.id
    fact = ParentSet(
        number=party.number,
        called=party.name,
        before=before.name if before else "",
        after=parent.name if parent else "",
    )
    events.record(session, fact)
    session.flush()


def _standing(session: Session, account: Party) -> list[PartyContact]:
    wanted = (
        select(PartyContact)
        .where(PartyContact.account_id == account.id, PartyContact.ended_on.is_(None))
        .options(joinedload(PartyContact.person))
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(wanted))

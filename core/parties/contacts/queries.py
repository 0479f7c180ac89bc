"""Questions about contacts: who they are, how they are reached, what they agreed to."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from core.parties.contacts.rules import phone_key
from core.parties.contacts.tables import (
    AddressKind,
    Consent,
    ContactRole,
    PartyAddress,
    PartyContact,
    Purpose,
)
from core.parties.tables import Party

LISTED_MAX = 200
DEPTH_MAX = 50


@dataclass(frozen=True)
class ContactView:
    """Somebody who works at a customer or supplier."""

    person_id: uuid.UUID
    number: str
    name: str
    account_number: str
    account: str
    role: ContactRole
    job_title: str | None
    email: str | None
    phone: str | None
    language: str
    is_main: bool
    since: date
    ended_on: date | None


@dataclass(frozen=True)
class AddressView:
    """A way to reach a party."""

    kind: AddressKind
    value: str
    label: str


def list_contacts(
    session: Session, account_id: uuid.UUID, *, ended: bool = False, limit: int = 50
) -> list[ContactView]:
    """Return the people at a customer or supplier, the main one first."""
    person, account = aliased(Party), aliased(Party)
    wanted = (
        select(PartyContact, person, account)
        .join(person, person.id == PartyContact.person_id)
        .join(account, account.id == PartyContact.account_id)
        .where(PartyContact.account_id == account_id)
        .order_by(PartyContact.is_main.desc(), person.name, PartyContact.id)
        .limit(min(limit, LISTED_MAX))
    )
    if not ended:
        wanted = wanted.where(PartyContact.ended_on.is_(None))
    return [
        ContactView(
            person_id=who.id,
            number=who.number,
            name=who.name,
            account_number=whose.number,
            account=whose.name,
            role=contact.role,
            job_title=contact.job_title,
            email=who.email,
            phone=who.phone,
            language=who.language,
            is_main=contact.is_main,
            since=contact.since,
            ended_on=contact.ended_on,
        )
        for contact, who, whose in session.execute(wanted)
    ]


def addresses_of(session: Session, party: Party) -> list[AddressView]:
    """Return every way to reach a party, its first mail and phone before the others."""
    first = [
        AddressView(kind, value, "")
        for kind, value in ((AddressKind.EMAIL, party.email), (AddressKind.PHONE, party.phone))
        if value
    ]
    more = (
        select(PartyAddress)
        .where(PartyAddress.party_id == party.id)
        .order_by(PartyAddress.kind, PartyAddress.id)
        .limit(LISTED_MAX)
    )
    return [*first, *(AddressView(one.kind, one.value, one.label) for one in session.scalars(more))]


def parties_reached_by(session: Session, email: str) -> list[Party]:
    """Return the parties that have exactly this mail address; what was merged is none."""
    key = email.strip().lower()
    others = select(PartyAddress.party_id).where(
        PartyAddress.kind == AddressKind.EMAIL, PartyAddress.key == key
    )
    wanted = (
        select(Party)
        .where(
            Party.merged_into_id.is_(None),
            or_(func.lower(Party.email) == key, Party.id.in_(others)),
        )
        .order_by(Party.number)
        .limit(LISTED_MAX)
    )
    return list(session.scalars(wanted))


def parties_called_by(session: Session, phone: str) -> list[Party]:
    """Return the parties that have exactly this phone number, however it is written."""
    key = phone_key(phone)
    others = select(PartyAddress.party_id).where(
        PartyAddress.kind.in_([AddressKind.PHONE, AddressKind.MOBILE]), PartyAddress.key == key
    )
    digits = func.regexp_replace(
        func.regexp_replace(Party.phone, r"\(0\)", "", "g"), r"^00|\D", "", "g"
    )
    wanted = (
        select(Party)
        .where(Party.merged_into_id.is_(None), or_(digits == key, Party.id.in_(others)))
        .order_by(Party.number)
        .limit(LISTED_MAX)
    )
    return list(session.scalars(wanted))


def accounts_of(session: Session, person_id: uuid.UUID) -> list[Party]:
    """Return the customers and suppliers that a person is a contact of now."""
    wanted = (
        select(Party)
        .join(PartyContact, PartyContact.account_id == Party.id)
        .where(PartyContact.person_id == person_id, PartyContact.ended_on.is_(None))
        .order_by(Party.number)
        .limit(LISTED_MAX)
    )
    return list(session.scalars(wanted))


def consent_of(session: Session, party_id: uuid.UUID) -> dict[Purpose, Consent]:
    """Return what counts now for each purpose that somebody was ever asked about: the newest.

    What was said to a record that was merged was said by the same person.
    """
    same = select(Party.id).where(or_(Party.id == party_id, Party.merged_into_id == party_id))
    wanted = (
        select(Consent)
        .where(Consent.party_id.in_(same))
        .ext(distinct_on(Consent.purpose))
        .order_by(Consent.purpose, Consent.at.desc(), Consent.id.desc())
    )
    return {consent.purpose: consent for consent in session.scalars(wanted)}


def consents_now(
    session: Session,
    *,
    party_ids: Collection[uuid.UUID] | None = None,
    purpose: Purpose | None = None,
) -> dict[tuple[uuid.UUID, Purpose], bool]:
    """Return the same of many at once: whether each who was ever asked for a purpose agrees.

    Those who were merged stand under whom they turned out to be.
    """
    whose = func.coalesce(Party.merged_into_id, Party.id)
    wanted = (
        select(whose, Consent.purpose, Consent.given)
        .join(Party, Party.id == Consent.party_id)
        .ext(distinct_on(whose, Consent.purpose))
        .order_by(whose, Consent.purpose, Consent.at.desc(), Consent.id.desc())
    )
    if party_ids is not None:
        wanted = wanted.where(whose.in_(party_ids))
    if purpose is not None:
        wanted = wanted.where(Consent.purpose == purpose)
    return {(who, asked): given for who, asked, given in session.execute(wanted)}


def may_contact(session: Session, party_id: uuid.UUID, purpose: Purpose) -> bool:
    """Tell whether somebody agreed to be contacted for a purpose, and has not withdrawn it."""
    known = consent_of(session, party_id).get(purpose)
    return known is not None and known.given


def parents_of(session: Session, party: Party) -> list[Party]:
    """Return the companies that a party belongs to, the nearest first."""
    found: list[Party] = []
    above = party.parent_id
    while above is not None and len(found) < DEPTH_MAX:
        one = session.get_one(Party, above)
        found.append(one)
        above = one.parent_id
    return found


def group_of(session: Session, party: Party) -> list[Party]:
    """Return all that belong to a party, directly or not, by number."""
    below = select(Party.id).where(Party.parent_id == party.id).cte("below", recursive=True)
    child = aliased(Party)
    below = below.union(select(child.id).join(below, child.parent_id == below.c.id))
    wanted = (select(Party).where(Party.id.in_(select(below.c.id))).order_by(Party.number)).limit(
        LISTED_MAX
    )
    return list(session.scalars(wanted))

"""Of which party a communication is: by an exact address on record, or because a person says so."""

import uuid
from collections.abc import Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.communications.tables import Communication, Direction, LinkedBy
from core.parties.contacts import AddressKind, PartyAddress, PartyContact
from core.parties.tables import Party


def of_parties(session: Session, addresses: Collection[str]) -> Iterable[tuple[str, uuid.UUID]]:
    """Look addresses up among those of the parties; a contact's are those of the one account."""
    first, more = func.lower(Party.email), PartyAddress.key
    asked, is_mail = list(addresses), PartyAddress.kind == AddressKind.EMAIL
    known = select(first, Party.id).where(first.in_(asked), Party.merged_into_id.is_(None))
    others = (
        select(more, Party.id)
        .join(Party, Party.id == PartyAddress.party_id)
        .where(is_mail, more.in_(asked), Party.merged_into_id.is_(None))
    )
    found = [(str(address), party) for address, party in session.execute(known.union(others))]
    accounts: dict[uuid.UUID, list[uuid.UUID]] = {}
    works_at = select(PartyContact.person_id, PartyContact.account_id).where(
        PartyContact.person_id.in_([party for _, party in found]), PartyContact.ended_on.is_(None)
    )
    for person, account in session.execute(works_at):
        accounts.setdefault(person, []).append(account)
    return [
        (address, accounts[party][0] if len(accounts.get(party, ())) == 1 else party)
        for address, party in found
    ]


def said_by_people(session: Session, addresses: Collection[str]) -> Iterable[tuple[str, uuid.UUID]]:
    """Look addresses up among those that a person has linked a message of."""
    wanted = (
        select(Communication.sender, Communication.party_id)
        .where(
            Communication.sender.in_(list(addresses)),
            Communication.linked_by == LinkedBy.PERSON,
            Communication.direction == Direction.IN,
        )
        .distinct()
    )
    return [(sender, party) for sender, party in session.execute(wanted) if party is not None]


def parties_of(session: Session, addresses: Collection[str]) -> dict[str, uuid.UUID]:
    """Return the party of each address that is on record for exactly one."""
    asked = {address.lower() for address in addresses if address}
    if not asked:
        return {}
    found: dict[str, set[uuid.UUID]] = {}
    for book in (of_parties, said_by_people):
        for address, party in book(session, asked):
            found.setdefault(address, set()).add(party)
    return {address: next(iter(known)) for address, known in found.items() if len(known) == 1}


def addresses_of(session: Session, party: Party) -> list[str]:
    """Return the addresses on record for a party: its own first, then what people linked."""
    people = select(PartyContact.person_id).where(
        PartyContact.account_id == party.id, PartyContact.ended_on.is_(None)
    )
    first = [party.email] if party.email else []
    kept = session.scalars(
        select(PartyAddress.key)
        .where(PartyAddress.party_id == party.id, PartyAddress.kind == AddressKind.EMAIL)
        .order_by(PartyAddress.id)
    ).all()
    theirs = session.scalars(
        select(Party.email).where(Party.id.in_(people), Party.email.is_not(None)).order_by(Party.id)
    ).all()
    own = [each.strip().lower() for each in (*first, *kept, *theirs) if each and each.strip()]
    written = (
        select(Communication.sender)
        .where(
            Communication.party_id == party.id,
            Communication.direction == Direction.IN,
            Communication.linked_by.is_not(None),
        )
        .group_by(Communication.sender)
        .order_by(func.max(Communication.happened_at).desc())
        .limit(20)
    )
    senders = session.scalars(written).all()
    # An address that has become that of several parties, or of another, is nobody's to write to.
    sure = parties_of(session, [*own, *senders])
    return [each for each in dict.fromkeys([*own, *senders]) if sure.get(each) == party.id]

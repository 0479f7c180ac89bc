"""Of which party a communication is: by an exact address on record, or because a person says so."""

import uuid
from collections.abc import Callable, Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.communications.tables import Communication, Direction, LinkedBy
from core.parties.tables import Party

# Returns every party that an address is on record for; addresses come in small letters.
AddressBook = Callable[[Session, Collection[str]], Iterable[tuple[str, uuid.UUID]]]


def of_parties(session: Session, addresses: Collection[str]) -> Iterable[tuple[str, uuid.UUID]]:
    """Look addresses up among those of the parties themselves."""
    address = func.lower(Party.email)
    wanted = select(address, Party.id).where(address.in_(list(addresses)))
    return [(str(found), party) for found, party in session.execute(wanted)]


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


_BOOKS: dict[str, AddressBook] = {"parties": of_parties, "people": said_by_people}


def add_address_book(name: str, book: AddressBook) -> None:
    """Let addresses be looked up in one more place: a room above declares it once (contacts)."""
    _BOOKS[name] = book


def parties_of(session: Session, addresses: Collection[str]) -> dict[str, uuid.UUID]:
    """Return the party of each address that is on record for exactly one."""
    asked = {address.lower() for address in addresses if address}
    if not asked:
        return {}
    found: dict[str, set[uuid.UUID]] = {}
    for book in _BOOKS.values():
        for address, party in book(session, asked):
            found.setdefault(address, set()).add(party)
    return {address: next(iter(known)) for address, known in found.items() if len(known) == 1}


def addresses_of(session: Session, party: Party) -> list[str]:
    """Return the addresses on record for a party: its own first, then what people linked."""
    own = [party.email.strip().lower()] if party.email and party.email.strip() else []
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

"""Who may read which communications: whoever may see the records of the party that they are of."""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.kernel.database import acting
from core.kernel.identity.acting import SYSTEM
from core.kernel.identity.roles import Role
from core.kernel.semantics import COSTS, EVERYDAY
from core.parties.tables import Customer, Supplier

LEADERS = frozenset({Role.ADMIN, Role.MANAGER})
# Who looks after what nobody has put anywhere yet.
INBOX = LEADERS | {
    Role.SALES, Role.SERVICE, Role.BUYER, Role.ACCOUNTANT, Role.AUDITOR, Role.WATCHER
}  # fmt: skip
# Parties that are neither customers nor suppliers: who may become one, authorities, partners.
OTHERS = INBOX | {Role.MARKETING, Role.HR}


@dataclass(frozen=True)
class Private:
    """Parties whose letters are only for some: an upper room says which (employees)."""

    parties: Select[uuid.UUID]
    roles: frozenset[Role]


_PRIVATE: dict[str, Private] = {}


def keep_private(name: str, parties: Select[uuid.UUID], roles: frozenset[Role]) -> None:
    """Let only some roles read what is of these parties; a room above declares it once."""
    _PRIVATE[name] = Private(parties, roles)


def private_to(session: Session, party_id: uuid.UUID) -> frozenset[Role] | None:
    """Return the roles that alone may read what is of a party; None where it is not private."""
    found = [
        private.roles
        for private in _PRIVATE.values()
        if session.scalar(select(literal(party_id).in_(_ids(private.parties))))
    ]
    return frozenset.intersection(*found) if found else None


Column = InstrumentedAttribute[uuid.UUID | None]


def may_read(session: Session, party: Column) -> ColumnElement[bool]:
    """Return the condition that a row of this party is for the asking person to read."""
    roles = acting(session).actor.roles
    if roles & SYSTEM.actor.roles:
        return true()
    customers, suppliers = _ids(select(Customer.party_id)), _ids(select(Supplier.party_id))
    allowed: list[ColumnElement[bool]] = []
    if roles & INBOX:
        allowed.append(party.is_(None))
    if roles & EVERYDAY:
        allowed.append(party.in_(customers))
    if roles & COSTS:
        allowed.append(party.in_(suppliers))
    if roles & OTHERS:
        allowed.append(and_(party.not_in(customers), party.not_in(suppliers)))
    if not allowed:
        return false()
    # Whoever may read all three kinds and the inbox needs no condition.
    readable = true() if len(allowed) == 4 else or_(*allowed)  # noqa: PLR2004
    hidden = [
        or_(party.is_(None), party.not_in(_ids(private.parties)))
        for private in _PRIVATE.values()
        if not roles & private.roles
    ]
    return and_(readable, *hidden)


def _ids(parties: Select[uuid.UUID]) -> ScalarSelect[uuid.UUID]:
    return parties.scalar_subquery()

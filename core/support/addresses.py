"""Service addresses: where customers write when they want service, and what comes of it."""

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from core.communications import is_address
from core.kernel import events
from core.kernel.words import word
from core.support import errors
from core.support.events import AddressSet
from core.support.tables import ServiceAddress, SupportTeam, TicketType

ADDRESSES_MAX = 100


def set_address(
    session: Session,
    address: str,
    *,
    ticket_type: TicketType = TicketType.QUESTION,
    team: SupportTeam | None = None,
) -> ServiceAddress:
    """Let mail to an address of ours become tickets from now on, of a type and for a team."""
    key = _key(address)
    row = session.scalar(_called(key).with_for_update(of=ServiceAddress))
    before = "" if row is None or not row.active else _said(row)
    if row is None:
        row = ServiceAddress(address=key)
        session.add(row)
    row.ticket_type, row.team_id = ticket_type, None if team is None else team.id
    row.active = True
    session.flush()
    session.refresh(row, ["team"])
    events.record(session, AddressSet(key, before, _said(row)))
    return row


def end_address(session: Session, address: str) -> ServiceAddress:
    """Let mail to an address be only mail again; the tickets that it brought stay."""
    key = _key(address)
    row = session.scalar(_called(key).with_for_update(of=ServiceAddress))
    if row is None or not row.active:
        known = ", ".join(each.address for each in list_addresses(session))
        raise errors.NoServiceAddress(address=key[:80], known=known or "–")
    row.active = False
    session.flush()
    events.record(session, AddressSet(key, _said(row), "inactive"))
    return row


def address_among(session: Session, addresses: Collection[str]) -> ServiceAddress | None:
    """Return the service address among some addresses, the first by name; nothing where none is."""
    wanted = (
        select(ServiceAddress)
        .where(
            ServiceAddress.active,
            ServiceAddress.address.in_([each.lower() for each in addresses]),
        )
        .order_by(ServiceAddress.address)
        .options(joinedload(ServiceAddress.team))
        .limit(1)
    )
    return session.scalar(wanted)


def list_addresses(session: Session) -> list[ServiceAddress]:
    """Return the addresses whose mail becomes tickets."""
    wanted = select(ServiceAddress).where(ServiceAddress.active).order_by(ServiceAddress.address)
    return list(
        session.scalars(wanted.options(joinedload(ServiceAddress.team)).limit(ADDRESSES_MAX))
    )


def _called(key: str) -> Select[ServiceAddress]:
    return (
        select(ServiceAddress)
        .where(ServiceAddress.address == key)
        .options(joinedload(ServiceAddress.team))
    )


def _key(address: str) -> str:
    key = address.strip().lower()
    if not is_address(key):
        raise errors.NotAServiceAddress(address=address[:80])
    return key


def _said(row: ServiceAddress) -> str:
    team = "" if row.team is None else f" · {row.team.name}"
    return f"{word(row.ticket_type)}{team}"

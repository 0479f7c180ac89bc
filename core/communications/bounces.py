"""Mails that came back: read from the reports of mail servers, believed only about our own mails.

A report counts where it names a mail that we sent, by the identity that only its recipient and the
servers on its way know, and the address that it was sent to. Anybody else's report says nothing.
"""

import re
from dataclasses import dataclass
from email.message import Message

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.communications import errors
from core.communications.events import AddressBounced, AddressTrusted
from core.communications.tables import BouncedAddress, Communication, Direction
from core.communications.texts import header, one_line
from core.kernel import clock, events

PARTS_MAX, RECIPIENTS_MAX = 20, 50
_ID = re.compile(r"<([^<>\s]{1,900})>")
_ORIGINAL_ID = re.compile(r"^message-id:\s*<([^<>\s]{1,900})>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Bounce:
    """That a mail of ours did not arrive at an address; for good, or not this time."""

    of: str
    address: str
    for_good: bool
    why: str


def bounces_in(mail: Message) -> tuple[Bounce, ...]:
    """Return what a delivery report (RFC 3464) says of mails that did not arrive."""
    if mail.get_content_type() != "multipart/report":
        return ()
    inside = mail.get_payload()
    parts = inside[:PARTS_MAX] if isinstance(inside, list) else []
    of, blocks = "", list[Message]()
    for part in parts:
        if not isinstance(part, Message):
            continue
        kind, held = part.get_content_type(), part.get_payload()
        if kind == "message/delivery-status" and isinstance(held, list):
            blocks += [each for each in held if isinstance(each, Message)]
        elif kind == "message/rfc822" and isinstance(held, list) and held:
            original = held[0]
            of = of or _identity(original if isinstance(original, Message) else part)
        elif kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            text = content.decode("ascii", errors="replace") if isinstance(content, bytes) else ""
            found = _ORIGINAL_ID.search(text)
            of = of or (found[1] if found else "")
    if not of:
        return ()
    return tuple(one for block in blocks[:RECIPIENTS_MAX] if (one := _said(block, of)) is not None)


def note_bounce(session: Session, bounce: Bounce) -> Communication | None:
    """Note that a mail of ours came back, and return that mail; None where it was none of ours."""
    wanted = select(Communication).where(
        Communication.message_key == bounce.of,
        Communication.direction == Direction.OUT,
        Communication.recipients.contains([bounce.address]),
    )
    message = session.scalars(wanted).one_or_none()
    if message is None:
        return None
    known = session.get(BouncedAddress, bounce.address, with_for_update=True)
    if known is None:
        known = BouncedAddress(address=bounce.address, for_good=False, times=0, why="")
        session.add(known)
    known.for_good = known.for_good or bounce.for_good
    known.times, known.last_at, known.why = known.times + 1, clock.now(), bounce.why
    known.message_number = message.number
    events.record(
        session, AddressBounced(bounce.address, message.number, bounce.for_good, bounce.why)
    )
    session.flush()
    return message


def dead_addresses(session: Session, addresses: list[str]) -> set[str]:
    """Return which of some addresses take no mail: a server said so for good."""
    wanted = select(BouncedAddress.address).where(
        BouncedAddress.address.in_(addresses), BouncedAddress.for_good
    )
    return set(session.scalars(wanted))


def list_bounced(session: Session, *, limit: int = 100) -> list[BouncedAddress]:
    """Return the addresses from which mails came back, the last ones first."""
    wanted = select(BouncedAddress).order_by(BouncedAddress.last_at.desc()).limit(limit)
    return list(session.scalars(wanted))


def trust_again(session: Session, address: str) -> None:
    """Note that an address takes mails again; a person answers for that."""
    key = address.strip().lower()
    known = session.get(BouncedAddress, key, with_for_update=True)
    if known is None:
        raise errors.NotBounced(address=key)
    events.record(session, AddressTrusted(key, known.why))
    session.delete(known)
    session.flush()


def _said(block: Message, of: str) -> Bounce | None:
    whom = header(block.get("Original-Recipient")) or header(block.get("Final-Recipient"))
    final = header(block.get("Final-Recipient")) or whom
    action = header(block.get("Action")).strip().lower()
    status = header(block.get("Status")).strip()
    if not whom or action != "failed":
        return None
    address = whom.rpartition(";")[2].strip().strip("<>").lower()
    why = one_line(f"{status} {header(block.get('Diagnostic-Code'))}", 200)
    return Bounce(of, address or final, status.startswith("5"), why)


def _identity(original: Message) -> str:
    found = _ID.search(str(original.get("Message-ID", "")))
    return found[1] if found else ""

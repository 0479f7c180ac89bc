"""Fetch what is new in a mailbox: by UID, from where it ended last time, one mail a transaction."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from channels.mail.errors import MailboxNotReached, MailNotSet
from core import communications, marketing
from core.communications import MailCursor, Medium, Parsed
from core.communications.parsing import CANNOT_BE_READ, MAIL_BYTES_MAX, TOO_LARGE
from core.kernel.database import unit_of_work
from core.kernel.identity.acting import Acting, Actor
from core.kernel.settings import Settings

TIMEOUT_SECONDS = 30
AT_ONCE = 500
FETCHER = Acting(Actor("mail", is_person=False), door="mail", why="fetch mail")

log = structlog.get_logger(__name__)


@dataclass
class Fetched:
    """What came of one look into a mailbox."""

    new: int = 0
    known: int = 0
    aside: int = 0


def fetch_once(engine: Engine, settings: Settings) -> Fetched:
    """Fetch what is new in all folders that are set."""
    if settings.imap_host is None or settings.mail_address is None:
        raise MailNotSet(missing="PROKURIST_IMAP_HOST, PROKURIST_MAIL_ADDRESS")
    fetched = Fetched()
    with mailbox(settings) as server:
        for folder in _folders(settings):
            _fetch(engine, settings, server, folder, fetched)
    return fetched


def _folders(settings: Settings) -> list[str]:
    named = [each.strip() for each in settings.imap_folders.split(",") if each.strip()]
    sent = settings.imap_sent_folder
    return [*named, *([sent] if sent and sent not in named else [])]


@contextmanager
def mailbox(settings: Settings) -> Iterator[imaplib.IMAP4]:
    """Log in to the mailbox, and out of it in the end."""
    host = str(settings.imap_host)
    server: imaplib.IMAP4 | None = None
    try:
        if settings.imap_security == "tls":
            context = ssl.create_default_context()
            server = imaplib.IMAP4_SSL(
                host, settings.imap_port, ssl_context=context, timeout=TIMEOUT_SECONDS
            )
        else:
            server = imaplib.IMAP4(host, settings.imap_port, timeout=TIMEOUT_SECONDS)
            if settings.imap_security == "starttls":
                server.starttls(ssl.create_default_context())
        password = settings.imap_password
        if settings.imap_user and password is not None:
            server.login(settings.imap_user, password.get_secret_value())
        yield server
    except (OSError, imaplib.IMAP4.error) as problem:
        # What a server says may hold what we said to it; its kind is enough.
        raise MailboxNotReached(host=host, problem=type(problem).__name__) from problem
    finally:
        if server is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                server.logout()


def _fetch(
    engine: Engine, settings: Settings, server: imaplib.IMAP4, folder: str, fetched: Fetched
) -> None:
    validity = _opened(server, folder)
    name = f"{settings.imap_user or ''}@{settings.imap_host}/{folder}"
    with unit_of_work(engine, FETCHER) as session:
        cursor = session.get(MailCursor, name)
        # Another validity: the numbers mean other mails now. Those that we know are kept once.
        last = cursor.last_uid if cursor is not None and cursor.uid_validity == validity else 0
    found = _said(server.uid("SEARCH", f"UID {last + 1}:*"))
    # "9:*" is never empty: it always holds the last one.
    uids = sorted(uid for uid in map(int, found.split()) if uid > last)
    for uid in uids[:AT_ONCE]:
        raw, why = _mail(server, uid)
        by_us = folder == settings.imap_sent_folder
        _keep(engine, settings, raw, why, (name, validity, uid), fetched, by_us=by_us)


def _opened(server: imaplib.IMAP4, folder: str) -> int:
    quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    state, _ = server.select(quoted, readonly=True)
    if state != "OK":
        problem = f"no folder {folder}"
        raise imaplib.IMAP4.error(problem)
    _, said = server.response("UIDVALIDITY")
    return int(said[0]) if said and said[0] else 0


def _mail(server: imaplib.IMAP4, uid: int) -> tuple[bytes, str | None]:
    """Return a mail; of one that is too large its head alone: the rest stays on the server."""
    sized = re.search(rb"RFC822\.SIZE (\d+)", _bytes(_fetched(server, uid, "RFC822.SIZE")))
    if sized is not None and int(sized[1]) > MAIL_BYTES_MAX:
        return _literal(_fetched(server, uid, "BODY.PEEK[HEADER]")), TOO_LARGE
    return _literal(_fetched(server, uid, "BODY.PEEK[]")), None


def _fetched(server: imaplib.IMAP4, uid: int, what: str) -> list[Any]:
    # A server that cannot give a mail now says no; the cursor must not move past that mail.
    return _well(server.uid("FETCH", str(uid), f"({what})"), "the server does not give a mail")


def _literal(parts: list[Any]) -> bytes:
    for part in parts:
        if isinstance(part, tuple):
            content: bytes = part[1]
            return content
    # It was deleted between our question and this one.
    return b""


def _bytes(parts: list[Any]) -> bytes:
    return b" ".join(part if isinstance(part, bytes) else part[0] for part in parts if part)


def _said(answer: tuple[str, list[Any]]) -> str:
    found = _well(answer, "the server does not search")
    return _bytes(found).decode("ascii", errors="replace")


def _well(answer: tuple[str, list[Any]], problem: str) -> list[Any]:
    state, parts = answer
    if state != "OK":
        raise imaplib.IMAP4.error(problem)
    return parts


def _keep(
    engine: Engine,
    settings: Settings,
    raw: bytes,
    why: str | None,
    place: tuple[str, int, int],
    fetched: Fetched,
    *,
    by_us: bool,
) -> None:
    """Keep one mail, and move the cursor past it, both or neither."""
    parsed = (
        communications.read_mail(raw, trusted_server=settings.mail_server_name)
        if why is None
        else communications.unreadable(raw, why)
    )
    own = frozenset({str(settings.mail_address).lower()})
    try:
        with unit_of_work(engine, FETCHER) as session:
            _received(session, parsed, raw, own, place, fetched, by_us=by_us)
    except (DataError, IntegrityError, ProgrammingError, UnicodeError):
        # One mail that the database cannot take must not keep us from all behind it.
        log.exception("a mail could not be kept as it is", mailbox=place[0], uid=place[2])
        bare = communications.unreadable(raw, CANNOT_BE_READ)
        with unit_of_work(engine, FETCHER) as session:
            _received(session, bare, raw, own, place, fetched, by_us=False)


def _received(
    session: Session,
    parsed: Parsed,
    raw: bytes,
    own: frozenset[str],
    place: tuple[str, int, int],
    fetched: Fetched,
    *,
    by_us: bool,
) -> None:
    name, validity, uid = place
    if raw:
        received = communications.receive(
            session, parsed, medium=Medium.MAIL, raw=raw, own=own, by_us=by_us
        )
        if received.is_new:
            marketing.take_note(session, received.message, parsed)
        fetched.new += received.is_new
        fetched.known += not received.is_new
        if received.is_new and received.message.aside_because is not None:
            fetched.aside += 1
            why = received.message.aside_because
            log.warning("mail set aside", message=received.message.number, why=why)
    values = {"uid_validity": validity, "last_uid": uid}
    moved = insert(MailCursor).values(mailbox=name, **values)
    session.execute(moved.on_conflict_do_update(index_elements=[MailCursor.mailbox], set_=values))


def was_sent_according_to(server: imaplib.IMAP4, folder: str, message_id: str) -> bool:
    """Tell whether a mail of this identity lies in the folder of what was sent."""
    _opened(server, folder)
    quoted = message_id.replace("\\", "").replace('"', "")
    return bool(_said(server.uid("SEARCH", f'HEADER Message-ID "<{quoted}>"')).strip())

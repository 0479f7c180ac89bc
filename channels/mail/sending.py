"""Send what waits in the outbox: claim, hand over, note it; what nobody knows is said so."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import structlog
from sqlalchemy import Engine, text

from channels.mail.errors import MailboxNotReached, MailNotSet, MailNotTaken
from channels.mail.fetching import mailbox, was_sent_according_to
from core import communications
from core.communications import Outgoing
from core.kernel.database import reading, unit_of_work
from core.kernel.identity.acting import Acting, Actor
from core.kernel.settings import Settings

TIMEOUT_SECONDS = 60
AT_ONCE = 50
HEADER_CHARS_MAX = 900
GIVEN, FAILED_FOR_GOOD = 250, 500
SENDER = Acting(Actor("mail", is_person=False), door="mail", why="send mail")

log = structlog.get_logger(__name__)


@dataclass
class Sent:
    """What came of one look into the outbox."""

    sent: int = 0
    later: int = 0
    failed: int = 0
    uncertain: int = 0


class _Refused(Exception):
    """The server said no before it had taken anything."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        super().__init__(why)
        self.for_good = for_good


class _Uncertain(Exception):
    """The connection ended while the server was taking the mail."""


def send_once(engine: Engine, settings: Settings, *, looks_for_copies: bool = True) -> Sent:
    """Send what may go out now; only one process at a time does."""
    if settings.smtp_host is None or settings.mail_address is None:
        raise MailNotSet(missing="PROKURIST_SMTP_HOST, PROKURIST_MAIL_ADDRESS")
    sent = Sent()
    with _alone(engine) as is_alone:
        if not is_alone:
            return sent
        with unit_of_work(engine, SENDER) as session:
            sent.uncertain += communications.doubt_what_was_begun(session)
        if looks_for_copies:
            _look_for_copies(engine, settings)
        for _ in range(AT_ONCE):
            if not _send_next(engine, settings, sent):
                break
    return sent


@contextmanager
def _alone(engine: Engine) -> Iterator[bool]:
    """Hold the lock of the sender; it falls with the connection, so also with the process."""
    with engine.connect() as connection:
        lock = text("SELECT pg_try_advisory_lock(hashtext('mail sender'))")
        held = bool(connection.scalar(lock))
        # The lock is the session's: an open transaction would only keep others waiting.
        connection.rollback()
        try:
            yield held
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(hashtext('mail sender'))"))
                connection.rollback()


def _look_for_copies(engine: Engine, settings: Settings) -> None:
    """Ask the folder of sent mails about what nobody knows; its silence says nothing."""
    folder = settings.imap_sent_folder
    if folder is None or settings.imap_host is None:
        return
    with reading(engine, SENDER) as session:
        doubted = communications.in_doubt(session)
    if not doubted:
        return
    try:
        with mailbox(settings) as server:
            found = [
                outgoing
                for outgoing, identity in doubted
                if was_sent_according_to(server, folder, identity)
            ]
    except MailboxNotReached as problem:
        log.warning("cannot look for copies", why=str(problem))
        return
    with unit_of_work(engine, SENDER) as session:
        for outgoing in found:
            communications.was_found_sent(session, outgoing)


def _send_next(engine: Engine, settings: Settings, sent: Sent) -> bool:
    """Send one; tell whether to go on."""
    with unit_of_work(engine, SENDER) as session:
        mail = communications.claim_next(session, sender=str(settings.mail_address).lower())
    if mail is None:
        return False
    try:
        _hand_over(settings, mail)
    except _Refused as refusal:
        with unit_of_work(engine, SENDER) as session:
            communications.was_refused(session, mail.id, str(refusal), for_good=refusal.for_good)
        sent.failed += refusal.for_good
        sent.later += not refusal.for_good
        log.warning("a mail was not taken", message=mail.number, why=str(refusal))
        # A server that cannot be reached will not take the next one either.
        return refusal.for_good
    except _Uncertain as doubt:
        with unit_of_work(engine, SENDER) as session:
            communications.is_in_doubt(session, mail.id, str(doubt))
        sent.uncertain += 1
        log.warning("nobody knows whether a mail went out", message=mail.number, why=str(doubt))
        return False
    with unit_of_work(engine, SENDER) as session:
        communications.was_sent(session, mail.id)
    sent.sent += 1
    return True


def _hand_over(settings: Settings, mail: Outgoing) -> None:
    try:
        server = _connected(settings)
    except (OSError, smtplib.SMTPException) as problem:
        why = MailNotTaken(host=settings.smtp_host, problem=type(problem).__name__)
        raise _Refused(str(why), for_good=False) from problem
    try:
        _ask(server.mail(mail.sender))
        _ask(server.rcpt(mail.to))
        _give(server, as_bytes(mail))
    except (smtplib.SMTPException, OSError) as problem:
        # Nothing was given yet: whatever went wrong, it did not go out.
        raise _Refused(type(problem).__name__, for_good=False) from problem
    except UnicodeError as problem:
        # An address in other signs than those of ASCII; no server was asked for it.
        raise _Refused(type(problem).__name__, for_good=True) from problem
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = str(settings.smtp_host), settings.smtp_port
    server: smtplib.SMTP
    if settings.smtp_security == "tls":
        context = ssl.create_default_context()
        server = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        if settings.smtp_user and settings.smtp_password is not None:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _ask(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code // 100 != GIVEN // 100:
        raise _Refused(_told(code, said), for_good=code >= FAILED_FOR_GOOD)


def _give(server: smtplib.SMTP, content: bytes) -> None:
    try:
        code, said = server.data(content)
    except smtplib.SMTPDataError as refusal:
        # It did not even want to begin.
        told = _told(refusal.smtp_code, refusal.smtp_error)
        raise _Refused(told, for_good=refusal.smtp_code >= FAILED_FOR_GOOD) from refusal
    except (OSError, smtplib.SMTPException) as problem:
        raise _Uncertain(type(problem).__name__) from problem
    _ask((code, said))


def _told(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", errors="replace") if isinstance(said, bytes) else said
    return f"{code} {words}"[:300]


def as_bytes(mail: Outgoing) -> bytes:
    """Return a mail as it travels."""
    # An address in a header must stand there in one piece; lines of this length may travel.
    made = EmailMessage(policy=SMTP.clone(max_line_length=HEADER_CHARS_MAX))
    made["From"], made["To"] = mail.sender, mail.to
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(mail.written_at)
    made["Message-ID"] = f"<{mail.message_id}>"
    if mail.references:
        made["In-Reply-To"] = f"<{mail.references[-1]}>"
        made["References"] = " ".join(f"<{each}>" for each in mail.references)
    if mail.unsubscribe_at:
        made["List-Unsubscribe"] = f"<{mail.unsubscribe_at}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(mail.text)
    return made.as_bytes()

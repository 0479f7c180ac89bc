"""Read a mail: whatever is wrong with it, something comes out, and nothing is thrown away."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from core.communications.bounces import Bounce, bounces_in
from core.communications.texts import BODY_CHARS_MAX, clean, decoded, from_html, header, one_line

MAIL_BYTES_MAX = 50_000_000
PARTS_MAX = 200
RECIPIENTS_MAX = 500
REFERENCES_MAX = 50
ATTACHED_TEXT_MAX = 100_000
YEAR_MIN = 1990

# Why a mail was set aside; `core.kernel.words` says each in both languages.
CANNOT_BE_READ = "cannot_be_read"
TOO_LARGE = "too_large"
TOO_MANY_PARTS = "too_many_parts"
SENDER_NOT_PROVED = "sender_not_proved"
NO_SENDER = "no_sender"
SEVERAL_SENDERS = "several_senders"

_ADDRESS = re.compile(
    r"[^@\s<>\"(),:;\\\[\]]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?", re.IGNORECASE
)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
_KEPT_HEADERS = (
    "Reply-To", "Return-Path", "Auto-Submitted", "Precedence", "List-Id", "List-Unsubscribe",
    "X-Auto-Response-Suppress", "Authentication-Results", "In-Reply-To",
)  # fmt: skip
_AWAY = re.compile(
    r"out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?reply|abwesen|自动回复|自動回覆",
    re.IGNORECASE,
)
_FAILED = re.compile(r"\b(?:dkim|spf|dmarc)\s*=\s*(?:fail|permerror)\b", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """A file that came along."""

    name: str
    kind: str
    content: bytes
    text: str | None = None


@dataclass(frozen=True)
class Parsed:
    """What somebody said, however it came; `aside` says why it cannot be taken as it is."""

    key: str
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    body: str
    happened_at: datetime | None = None
    references: tuple[str, ...] = ()
    headers: dict[str, Any] = field(default_factory=dict)
    automatic: bool = False
    files: tuple[File, ...] = ()
    aside: str | None = None
    # Mails of ours that did not arrive, as a report says.
    bounces: tuple[Bounce, ...] = ()


def is_address(text: str) -> bool:
    """Tell whether a text is a mail address."""
    return _ADDRESS.fullmatch(text) is not None


def read_mail(raw: bytes, *, trusted_server: str | None = None) -> Parsed:
    """Return what a mail says.

    `trusted_server` is the name by which our own mail server signs its Authentication-Results:
    only its word counts, since a sender can write such a header as well.
    """
    if len(raw) > MAIL_BYTES_MAX:
        return unreadable(raw, TOO_LARGE)
    try:
        return _read(raw, trusted_server)
    except (
        RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError,
        ArithmeticError, MessageError,
    ):  # fmt: skip
        # The parser of the standard library raises many things on mails made to break it.
        return unreadable(raw, CANNOT_BE_READ)


def unreadable(raw: bytes, why: str) -> Parsed:
    """Return what can be said of a mail that cannot be read; its bytes are kept elsewhere."""
    head = clean(decoded(raw[:4_000], None).split("\n\n", 1)[0].split("\r\n\r\n", 1)[0], 2_000)
    subject = re.search(r"^subject:(.*)$", head, re.IGNORECASE | re.MULTILINE)
    sender = re.search(r"^from:(.*)$", head, re.IGNORECASE | re.MULTILINE)
    address = _ADDRESS.search(sender[1]) if sender else None
    return Parsed(
        key=_hash(raw),
        sender=address[0].lower() if address else "",
        sender_name="",
        recipients=(),
        subject=header(subject[1]) if subject else "",
        body="",
        aside=why,
    )


def _hash(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _read(raw: bytes, trusted_server: str | None) -> Parsed:
    mail = message_from_bytes(raw)
    senders = _addresses(mail.get_all("From", []))
    parts = _leaves(mail)
    aside = TOO_MANY_PARTS if len(parts) > PARTS_MAX else None
    body, files, hides = _contents(parts[:PARTS_MAX])
    headers: dict[str, Any] = {
        name.lower(): said for name in _KEPT_HEADERS if (said := header(mail.get(name)))
    }
    if hides:
        headers["hidden_text"] = True
    if aside is None:
        aside = _doubt(mail, senders, trusted_server)
    identity = _ids([mail.get("Message-ID")])
    sender, name = senders[0] if senders else ("", "")
    subject = header(mail.get("Subject"))
    return Parsed(
        key=identity[0] if identity else _hash(raw),
        sender=sender,
        sender_name=name,
        recipients=tuple(
            dict.fromkeys(
                address
                for address, _ in _addresses(mail.get_all("To", []) + mail.get_all("Cc", []))
            )
        )[:RECIPIENTS_MAX],
        subject=subject,
        body=body,
        happened_at=_date(mail.get("Date")),
        references=_ids([mail.get("References"), mail.get("In-Reply-To")])[-REFERENCES_MAX:],
        headers=headers,
        automatic=_is_automatic(mail, headers, subject),
        files=files,
        aside=aside,
        bounces=bounces_in(mail) if aside is None else (),
    )


def _doubt(mail: Message, senders: list[tuple[str, str]], trusted_server: str | None) -> str | None:
    """Return why a sender cannot be believed."""
    if not senders:
        return NO_SENDER
    if len({address for address, _ in senders}) > 1 or len(mail.get_all("From", [])) > 1:
        return SEVERAL_SENDERS
    results = [header(value) for value in mail.get_all("Authentication-Results", [])]
    if trusted_server is not None:
        own = trusted_server.lower()
        results = [each for each in results if each.split(";")[0].strip().lower() == own]
    # Our own server writes its word on top; what stands below may be the sender's.
    return SENDER_NOT_PROVED if any(_FAILED.search(each) for each in results[:1]) else None


def _is_automatic(mail: Message, headers: dict[str, Any], subject: str) -> bool:
    said = str(headers.get("auto-submitted", "")).lower()
    if said and said != "no":
        return True
    if str(headers.get("precedence", "")).lower() in {"bulk", "junk", "list", "auto_reply"}:
        return True
    if headers.get("return-path") == "<>" or "list-unsubscribe" in headers:
        return True
    if mail.get_content_type() in {"multipart/report", "text/calendar"}:
        return True
    return bool(_AWAY.search(subject))


def _leaves(mail: Message) -> list[Message]:
    """Return the parts that hold something; one more than there may be says that there are more."""
    found: list[Message] = []
    waiting: list[Message] = [mail]
    while waiting and len(found) <= PARTS_MAX:
        part = waiting.pop(0)
        inside = part.get_payload()
        if part.get_content_maintype() == "message" and isinstance(inside, list):
            found.append(part)
        elif isinstance(inside, list):
            waiting = [*(each for each in inside if isinstance(each, Message)), *waiting]
        else:
            found.append(part)
    return found


def _contents(parts: Iterable[Message]) -> tuple[str, tuple[File, ...], bool]:
    plain: list[str] = []
    markup: list[str] = []
    files: list[File] = []
    hides = False
    for place, part in enumerate(parts, start=1):
        kind = part.get_content_type()
        content = _bytes_of(part)
        name = _file_name(part)
        is_file = bool(name) or (part.get_content_disposition() == "attachment")
        if kind == "text/plain" and not is_file:
            plain.append(decoded(content, _charset(part)))
            continue
        if kind == "text/html" and not is_file:
            said, hidden = from_html(decoded(content, _charset(part)))
            hides = hides or hidden
            markup.append(said)
            files.append(File(f"part-{place}.html", kind, content))
            continue
        if content:
            files.append(
                File(name or f"part-{place}", kind, content, _text_in(kind, part, content))
            )
    body = "\n\n".join(text for text in plain if text.strip()) or "\n\n".join(markup)
    return clean(body, BODY_CHARS_MAX), tuple(files), hides


def _bytes_of(part: Message) -> bytes:
    if part.get_content_maintype() == "message":
        inside = part.get_payload()
        first = inside[0] if isinstance(inside, list) and inside else None
        return first.as_bytes() if isinstance(first, Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _charset(part: Message) -> str | None:
    said = part.get_param("charset")
    return said if isinstance(said, str) else None


def _file_name(part: Message) -> str:
    said = part.get_filename()
    if not said:
        return ""
    # Never a path, and never a name that only looks like another one.
    return header(said).replace("\\", "/").rsplit("/", 1)[-1].strip(". ")[:200]


def _text_in(kind: str, part: Message, content: bytes) -> str | None:
    if kind == "text/html":
        return from_html(decoded(content, _charset(part)))[0][:ATTACHED_TEXT_MAX]
    if kind.startswith("text/"):
        return clean(decoded(content[: 4 * ATTACHED_TEXT_MAX], _charset(part)), ATTACHED_TEXT_MAX)
    return None


def _addresses(values: list[Any]) -> list[tuple[str, str]]:
    """Return addresses with names; names are decoded last, so that none can bring an address."""
    found = []
    for name, address in getaddresses([str(value)[:20_000] for value in values]):
        match = _ADDRESS.fullmatch(address.strip())
        if match:
            found.append((match[0].lower(), one_line(header(name), 200)))
    return found


def _ids(values: Iterable[Any]) -> tuple[str, ...]:
    found = [each for value in values if value for each in _MESSAGE_ID.findall(str(value))]
    return tuple(dict.fromkeys(one_line(each, 900) for each in found))


def _date(value: Any) -> datetime | None:  # noqa: ANN401  # A header may be anything.
    try:
        said = parsedate_to_datetime(str(value))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if said.tzinfo is None:
        said = said.replace(tzinfo=UTC)
    try:
        said = said.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return said if said.year >= YEAR_MIN else None

"""A person's tasks as a calendar, in the format that every calendar reads: RFC 5545.

Written by hand: a feed of events needs three rules of that format (folding, escaping, times in
UTC), and a library for it would bring time zones, recurrence and alarms that nobody asks for here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LINE_BYTES_MAX = 75


@dataclass(frozen=True)
class Entry:
    """Something in a calendar: all of a day, or from a time on."""

    uid: str
    summary: str
    description: str
    day: date
    starts_at: datetime | None
    minutes: int
    changed_at: datetime
    revision: int
    cancelled: bool
    remind: bool


def calendar_of(entries: Iterable[Entry], *, name: str) -> bytes:
    """Return a calendar as text that ends its lines the way the format says."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Prokurist//tasks//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in folded(line))


def _event(entry: Entry) -> Sequence[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{_instant(entry.changed_at)}",
        f"SEQUENCE:{entry.revision}",
        f"SUMMARY:{escaped(entry.summary)}",
    ]
    if entry.description:
        lines.append(f"DESCRIPTION:{escaped(entry.description)}")
    if entry.starts_at is None:
        lines.append(f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}")
        # The end is the day that it no longer is.
        lines.append(f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}")
        lines.append("TRANSP:TRANSPARENT")
    else:
        lines.append(f"DTSTART:{_instant(entry.starts_at)}")
        lines.append(f"DTEND:{_instant(entry.starts_at + timedelta(minutes=entry.minutes))}")
    lines.append("STATUS:CANCELLED" if entry.cancelled else "STATUS:CONFIRMED")
    if entry.remind and not entry.cancelled:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{escaped(entry.summary)}",
            "TRIGGER:-PT15M",
            "END:VALARM",
        ]
    return [*lines, "END:VEVENT"]


def escaped(text: str) -> str:
    """Write a text so that its commas, semicolons and line breaks are no part of the format."""
    plain = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(sign, written)
    return plain


def folded(line: str) -> Iterator[bytes]:
    """Break a line where it is too long, never within a letter; the next begins with a space."""
    part, room = b"", LINE_BYTES_MAX
    for sign in line:
        written = sign.encode()
        if len(part) + len(written) > room:
            yield part
            part = b" "
        part += written
    yield part


def _instant(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"

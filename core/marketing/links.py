"""The addresses in our mails: signed, so that nobody can make one, and each good for one thing.

An address says which recipient it is of and what for; nothing of it is a secret of the database,
and nothing in the database is enough to make one. It never says where to lead: that is written
down with the campaign that a person approved.
"""

import hmac
import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from core.kernel.vault import vault_of
from core.marketing.errors import BadToken

OPT_OUT_PATH, CLICK_PATH = "/m/out/", "/m/to/"
_MAC_CHARS = 32


def public_url(session: Session) -> str:
    """Return by which address others reach us, without a stroke at its end; empty for none."""
    said: str | None = session.get_bind().engine.get_execution_options().get("public_url")
    return (said or "").rstrip("/")


def opt_out_link(session: Session, recipient: uuid.UUID) -> str:
    """Return where a recipient can say that they want no more; empty without a public address."""
    base = public_url(session)
    return f"{base}{OPT_OUT_PATH}{token_of(session, recipient, 'out')}" if base else ""


def counted_links(session: Session, recipient: uuid.UUID, links: Sequence[str]) -> dict[str, str]:
    """Return the addresses of ours that stand for those of a text; none without a public one."""
    base = public_url(session)
    if not base:
        return {}
    return {
        link: f"{base}{CLICK_PATH}{token_of(session, recipient, f'to{place}')}"
        for place, link in enumerate(links)
    }


def recipient_of(session: Session, token: str, what: str) -> tuple[uuid.UUID, int]:
    """Return whose address this is, and which of their links; refuse one that we did not make."""
    said = token.partition("-")[0]
    hexed, _, place = said.partition(".")
    if len(token) > 100 or not place.isascii() or not (place.isdigit() or not place):  # noqa: PLR2004
        raise BadToken
    try:
        recipient = uuid.UUID(hex=hexed)
    except ValueError:
        raise BadToken from None
    expected = token_of(session, recipient, f"{what}{place}")
    if not hmac.compare_digest(expected.encode(), token.encode("utf-8", "replace")):
        raise BadToken
    return recipient, int(place or 0)


def token_of(session: Session, recipient: uuid.UUID, what: str) -> str:
    """Return what makes an address one of ours: whose it is, what for, and our seal."""
    place = what.removeprefix("out").removeprefix("to")
    mac = vault_of(session).fingerprint(f"marketing {what} {recipient.hex}")[:_MAC_CHARS]
    said = f"{recipient.hex}.{place}" if place else recipient.hex
    return f"{said}-{mac}"

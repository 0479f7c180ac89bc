"""A message handed in over HTTP, signed: HMAC-SHA256 over "timestamp.body", five minutes long."""

import hashlib
import hmac
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import Engine

from channels.messages.values import MessageGiven, first_problem
from core import communications
from core.kernel import clock
from core.kernel.database import unit_of_work
from core.kernel.errors import DomainError
from core.kernel.identity.acting import Acting, Actor
from core.kernel.settings import Settings

TIMESTAMP, SIGNATURE = "x-prokurist-timestamp", "x-prokurist-signature"
SECONDS_MAX, BODY_BYTES_MAX = 300, 1_000_000
HANDING = Acting(Actor("hook", is_person=False), door="hook", why="message handed in")


class HookRefused(DomainError):
    """This message was not taken: {problem}."""

    zh = "未接收该消息：{problem}。"


@dataclass(frozen=True)
class Handed:
    """A message that was taken, and whether it was new."""

    number: str
    is_new: bool


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """Return how a body is signed at a time."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def hand_in(
    engine: Engine, settings: Settings, *, timestamp: str, signature: str, body: bytes
) -> Handed:
    """Keep a signed message; the same again is the same message."""
    secret = settings.messages_secret
    if secret is None:
        raise HookRefused(problem="this door is not open (PROKURIST_MESSAGES_SECRET)")
    if len(body) > BODY_BYTES_MAX:
        raise HookRefused(problem="it is too large")
    wanted = signature_of(secret.get_secret_value(), timestamp, body)
    # Compared first and in constant time: whoever cannot sign learns nothing.
    if not hmac.compare_digest(wanted.encode(), signature.encode()):
        raise HookRefused(problem="the signature does not fit")
    now = int(clock.now().timestamp())
    if not timestamp.isdigit() or abs(now - int(timestamp)) > SECONDS_MAX:
        raise HookRefused(problem="its time is too far from ours")
    try:
        given = MessageGiven.model_validate_json(body)
    except ValidationError as problem:
        raise HookRefused(problem=first_problem(problem)) from None
    with unit_of_work(engine, HANDING) as session:
        received = communications.receive(session, given.parsed("hook"), medium=given.medium)
        return Handed(received.message.number, received.is_new)

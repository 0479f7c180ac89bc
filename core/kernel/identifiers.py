"""The only place that makes ids; they sort by time, so that indexes grow at their end."""

import secrets
import time
import uuid

_LAST_62 = (1 << 62) - 1


def new_id() -> uuid.UUID:
    """Return a new version 7 UUID (RFC 9562): 48 bits of milliseconds, then random bits."""
    stamp = (time.time_ns() // 1_000_000) & ((1 << 48) - 1)
    chance = secrets.randbits(74)
    value = stamp << 80 | 0x7 << 76 | chance >> 62 << 64 | 0b10 << 62 | chance & _LAST_62
    return uuid.UUID(int=value)

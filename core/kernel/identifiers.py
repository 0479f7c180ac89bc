"""The only place that makes ids; they sort by time, so that indexes grow at their end."""

import secrets
import time
import uuid
from collections.abc import Iterator

IDS_AT_ONCE = 1_000
_LAST_62 = (1 << 62) - 1


def new_id() -> uuid.UUID:
    """Return a new version 7 UUID (RFC 9562): 48 bits of milliseconds, then random bits."""
    return _made(_stamp(), secrets.randbits(74))


def new_ids(count: int) -> list[uuid.UUID]:
    """Return many new ids at once; to ask for chance one by one takes longer than to use it."""
    stamp, chance = _stamp(), secrets.token_bytes(10 * count)
    return [
        _made(stamp, int.from_bytes(chance[start : start + 10], "big") >> 6)
        for start in range(0, 10 * count, 10)
    ]


def ids_in_a_row() -> Iterator[uuid.UUID]:
    """Yield new ids for somebody who needs them one by one, and many of them."""
    while True:
        yield from new_ids(IDS_AT_ONCE)


def _stamp() -> int:
    return (time.time_ns() // 1_000_000) & ((1 << 48) - 1)


def _made(stamp: int, chance: int) -> uuid.UUID:
    value = stamp << 80 | 0x7 << 76 | chance >> 62 << 64 | 0b10 << 62 | chance & _LAST_62
    return uuid.UUID(int=value)

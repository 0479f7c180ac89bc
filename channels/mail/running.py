"""The worker that fetches and sends as long as the house is open."""

import threading
import time
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy import Engine

from channels.mail.fetching import fetch_once
from channels.mail.sending import send_once
from core.kernel.database import DatabaseUnavailable
from core.kernel.settings import Settings
from core.kernel.troubles import Rounds

# What was approved should not wait for the next look into the mailbox.
SEND_SECONDS = 2
TROUBLE_SECONDS = 12

log = structlog.get_logger(__name__)


def run_forever(engine: Engine, settings: Settings, stop: threading.Event) -> None:
    """Fetch and send, each as far as it is set, until told to stop; trouble is tried again."""
    next_fetch, rounds = time.monotonic(), Rounds(engine)
    while not stop.is_set():
        is_time, is_well = time.monotonic() >= next_fetch, True
        if is_time:
            next_fetch = time.monotonic() + settings.mail_seconds
        if settings.imap_host is not None and is_time:
            is_well = _tried(rounds, "fetching mail", partial(fetch_once, engine, settings))
        if settings.smtp_host is not None:
            # Copies lie in a mailbox: they are looked for no more often than new mail is.
            send = partial(send_once, engine, settings, looks_for_copies=is_time)
            is_well = _tried(rounds, "sending mail", send) and is_well
        stop.wait(SEND_SECONDS if is_well else TROUBLE_SECONDS)


def _tried(rounds: Rounds, name: str, work: Callable[[], object]) -> bool:
    """Tell whether it went well; a mailbox in trouble must not keep back what goes out."""
    try:
        return rounds.attempt(name, work)
    except DatabaseUnavailable:
        log.exception("the mail worker waits for the database")
        return False

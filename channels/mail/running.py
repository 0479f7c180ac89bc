"""The worker that fetches and sends as long as the house is open."""

import threading
import time
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy import Engine

from channels.mail.fetching import fetch_once
from channels.mail.sending import send_once
from core.kernel.errors import DomainError
from core.kernel.settings import Settings

# What was approved should not wait for the next look into the mailbox.
SEND_SECONDS = 2
TROUBLE_SECONDS = 12

log = structlog.get_logger(__name__)


def run_forever(engine: Engine, settings: Settings, stop: threading.Event) -> None:
    """Fetch and send, each as far as it is set, until told to stop; trouble is tried again."""
    next_fetch = time.monotonic()
    while not stop.is_set():
        is_time, is_well = time.monotonic() >= next_fetch, True
        if is_time:
            next_fetch = time.monotonic() + settings.mail_seconds
        if settings.imap_host is not None and is_time:
            is_well = _tried(partial(fetch_once, engine, settings))
        if settings.smtp_host is not None:
            # Copies lie in a mailbox: they are looked for no more often than new mail is.
            send = partial(send_once, engine, settings, looks_for_copies=is_time)
            is_well = _tried(send) and is_well
        stop.wait(SEND_SECONDS if is_well else TROUBLE_SECONDS)


def _tried(work: Callable[[], object]) -> bool:
    """Tell whether it went well; a mailbox in trouble must not keep back what goes out."""
    try:
        work()
    except DomainError as refusal:
        log.warning("mail has to wait", why=str(refusal))
        return False
    except Exception:
        log.exception("the mail worker starts again in a moment")
        return False
    return True

"""The worker that fetches and sends as long as the house is open."""

import threading
import time

import structlog
from sqlalchemy import Engine

from channels.mail.fetching import fetch_once
from channels.mail.sending import send_once
from core.kernel.errors import DomainError
from core.kernel.settings import Settings

# What was approved should not wait for the next look into the mailbox.
SEND_SECONDS = 2

log = structlog.get_logger(__name__)


def run_forever(engine: Engine, settings: Settings, stop: threading.Event) -> None:
    """Fetch and send, each as far as it is set, until told to stop; trouble is tried again."""
    next_fetch = time.monotonic()
    while not stop.is_set():
        try:
            if settings.imap_host is not None and time.monotonic() >= next_fetch:
                next_fetch = time.monotonic() + settings.mail_seconds
                fetch_once(engine, settings)
            if settings.smtp_host is not None:
                send_once(engine, settings)
        except DomainError as refusal:
            log.warning("mail has to wait", why=str(refusal))
            stop.wait(SEND_SECONDS * 5)
        except Exception:
            log.exception("the mail worker starts again in a moment")
            stop.wait(SEND_SECONDS * 5)
        stop.wait(SEND_SECONDS)

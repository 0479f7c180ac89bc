"""A process that fetches or sends mail, to be killed while it does."""

import os
from multiprocessing.connection import Connection

from channels.mail import fetch_once, send_once
from core.kernel.database import connect
from core.kernel.settings import Settings


def work(verb: str, environment: dict[str, str], told: Connection) -> None:
    """Fetch or send once in this process."""
    os.environ.update(environment)
    settings = Settings()
    engine = connect(settings)
    told.send(os.getpid())
    if verb == "fetch":
        fetch_once(engine, settings)
    else:
        send_once(engine, settings)
    engine.dispose()

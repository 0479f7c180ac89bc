"""The web app in a process of its own, over a database."""

import os
from collections.abc import Mapping

from channels.web.app import serve
from core.kernel.database import connect
from core.kernel.settings import Settings


def work(environment: Mapping[str, str], log: str) -> None:
    """Serve until told to stop; what it says goes into a file."""
    with open(log, "wb") as said:  # What goes below Python's own streams.
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    # To the toolkit of the pages a test would be another kind of run.
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    os.environ.update(environment)
    settings = Settings()
    serve(connect(settings), settings)

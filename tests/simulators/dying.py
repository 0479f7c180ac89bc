"""How a process dies in the middle of its work: at once, with nothing put in order."""

import os
import signal
from typing import Literal, NoReturn

from sqlalchemy import Engine, event


def die() -> NoReturn:
    """Be killed, now."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def die_at(engine: Engine, moment: Literal["before_cursor_execute", "commit"], count: int) -> None:
    """Be killed at the n-th statement that is sent from now on, or before the n-th commit."""
    met = 0

    def meet(*_: object) -> None:
        nonlocal met
        met += 1
        if met == count:
            die()

    event.listen(engine, moment, meet)

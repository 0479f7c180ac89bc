"""A clerk in a process of its own: does numbered pieces of work with keys, until it is killed."""

import os
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any, Literal

import structlog

from core.kernel.database import connect, reading
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting
from core.kernel.settings import Settings
from tools import TOOLBOX

Piece = tuple[str, list[dict[str, Any]]]


def piece(place: int) -> Piece:
    """Return who does a piece of work, and what: buying, selling, moving the books."""
    kinds: list[Piece] = [
        ("buyer", [_call("purchasing.order_item", item="LAMP-01", quantity=str(1 + place % 7))]),
        (
            "allrounder",
            [
                _call("purchasing.order_item", item="SHADE-02", quantity="20"),
                _call("purchasing.order_item", item="BULB-03", quantity="200"),
            ],
        ),
        (
            "accountant",
            [
                _call(
                    "ledger.post_entry",
                    debit="6000",
                    credit="1010",
                    amount=f"{100 + place}.00",
                    memo=f"piece {place}",
                )
            ],
        ),
    ]
    return kinds[place % len(kinds)]


def _call(tool: str, **arguments: str) -> dict[str, Any]:
    return {"tool": tool, "arguments": arguments}


def work(first: int, last: int, environment: Mapping[str, str], answered: Connection) -> None:
    """Do the pieces, each with its key: first the proposal, then the yes; tell what is done."""
    os.environ.update(environment)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    engine = connect(Settings())
    for place in range(first, last):
        login, calls = piece(place)
        with reading(engine) as session:
            acting = Acting(identity.find_actor(session, login), door="test")
        shown = TOOLBOX.propose(
            engine,
            acting,
            TOOLBOX.parse(calls),
            reason={"words": f"piece {place}"},
            topic=f"piece {place}",
            key=f"propose {place}",
        )
        verdict: Literal["approve"] = "approve"
        TOOLBOX.decide(engine, acting, shown.id, verdict, seen=shown.digest, key=f"decide {place}")
        answered.send(place)

"""Somebody who answers the post from a process of its own, and dies where it is told to."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Literal

from sqlalchemy import Engine, select

from agents.watchers import run_once, take_in_messages, tell_of_messages
from agents.watchers.messages import MESSAGES
from channels.mail import fetch_once, send_once
from core.approvals import Proposal, ProposalState
from core.kernel.database import connect, reading
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting
from core.kernel.settings import Settings
from tests.simulators.dying import die, die_at
from tools import TOOLBOX

REPLY = {
    "tool": "support.reply",
    "arguments": {"ticket": "T-00001", "said": "We are sorry. New lamps leave today."},
}


@dataclass(frozen=True)
class Death:
    """At which step to die: at its n-th statement, before its n-th commit, or when it is done."""

    step: int
    where: Literal["before_cursor_execute", "commit", "after"]
    count: int = 1


def _fetch(engine: Engine, settings: Settings) -> None:
    fetch_once(engine, settings)


def _desk(engine: Engine, _settings: Settings) -> None:
    take_in_messages(engine)
    tell_of_messages(engine)


def _watch(engine: Engine, _settings: Settings) -> None:
    run_once(engine, TOOLBOX, (MESSAGES,))


def _approve(engine: Engine, _settings: Settings) -> None:
    """Answer the ticket, and say yes to whatever is open."""
    with reading(engine) as session:
        acting = Acting(identity.find_actor(session, "sales"), door="test")
    TOOLBOX.propose(
        engine, acting, TOOLBOX.parse([REPLY]), reason={"words": "answer"}, topic="the answer",
        key="the answer",
    )  # fmt: skip
    with reading(engine) as session:
        wanted = select(Proposal.id).where(Proposal.state == ProposalState.OPEN)
        proposals = session.scalars(wanted.order_by(Proposal.created_at)).all()
    for proposal in proposals:
        seen = TOOLBOX.look(engine, acting, proposal)
        TOOLBOX.decide(engine, acting, proposal, "approve", seen=seen.digest, key=str(proposal))


def _send(engine: Engine, settings: Settings) -> None:
    send_once(engine, settings)


STEPS: tuple[Callable[[Engine, Settings], None], ...] = (_fetch, _desk, _watch, _approve, _send)


def correspond(death: Death | None, environment: Mapping[str, str], told: Connection) -> None:
    """Do every step once, from the first on, as after each start of the house; die on the way."""
    os.environ.update(environment)
    settings = Settings()
    engine = connect(settings)
    told.send(os.getpid())
    for place, step in enumerate(STEPS):
        if death is not None and death.step == place and death.where != "after":
            die_at(engine, death.where, death.count)
        step(engine, settings)
        if death is not None and death.step == place and death.where == "after":
            die()
    engine.dispose()

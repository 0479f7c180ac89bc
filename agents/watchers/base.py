"""What a watcher is, and the loop that feeds it."""

import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from agents.watchers.desk import take_in_messages
from agents.watchers.standing import carry_out_due
from agents.watchers.telling import tell_of_messages
from core import approvals
from core.approvals import Proposal, ProposalState, Reason
from core.kernel import events
from core.kernel.company import company_or_none
from core.kernel.database import DatabaseUnavailable, reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.events import Fact
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import Role
from core.kernel.troubles import Rounds
from core.processes.upkeep import CHORES, tidy
from tools import Plan, Toolbox

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Alternative:
    """Another way to serve the same cause."""

    label: str
    plan: Plan


@dataclass(frozen=True)
class Suggestion:
    """A plan worth making, the rule and the figures behind it, and what else could be done."""

    plan: Plan
    rule: str
    facts: dict[str, str]
    # The figures said in sentences, in English and in Chinese; empty where they need none.
    explained: tuple[str, str] | None = None
    alternatives: tuple[Alternative, ...] = ()
    # The foreign text that caused it, where one did: the proposal is marked with it.
    source: str = ""
    # Whether an open proposal made earlier for the same cause still serves it.
    still_serves: Callable[[Proposal], bool] = field(default=lambda _open: True)


@dataclass(frozen=True)
class Watcher:
    """A name, the facts it listens to, whom they concern, and what it makes of one such case.

    A watcher re-reads the tables for every case that a fact concerns and returns a suggestion,
    or None where there is no cause (any more). It never writes: the loop proposes, and withdraws
    the open proposal of a case whose cause is gone.
    """

    name: str
    listens_to: tuple[type[Fact], ...]
    cases: Callable[[Session, Fact], Iterable[str]]
    consider: Callable[[Session, str], Suggestion | None]
    expires_in: timedelta = timedelta(days=14)

    @property
    def acting(self) -> Acting:
        """The service identity that the watcher proposes under; it decides nothing."""
        actor = Actor(self.name, roles=frozenset({Role.WATCHER}), is_person=False)
        return Acting(actor, door="watcher", why=f"watcher {self.name}")

    def topic(self, case: str) -> str:
        """Return the topic of a case: one open proposal each."""
        return f"{self.name}:{case}"


def was_refused(
    session: Session, topic: str, rule: str, facts: dict[str, str], *, apart_from: frozenset[str]
) -> bool:
    """Tell whether a person said no to the same, and nothing has changed since but the time.

    `apart_from` are the facts that only count how long it has been so.
    """
    wanted = (
        select(Proposal.reason)
        .where(Proposal.topic == topic, Proposal.state == ProposalState.REJECTED)
        .order_by(Proposal.closed_at.desc())
        .limit(1)
    )
    reason = session.scalars(wanted).one_or_none()
    if reason is None or reason.get("rule") != rule:
        return False
    said = reason.get("facts") or {}
    return all(said.get(name) == fact for name, fact in facts.items() if name not in apart_from)


def once_a_round(session: Session, name: str, look: Callable[[Session], list[str]]) -> list[str]:
    """Return the cases that a look at the tables finds, taken once for all the facts of a round.

    No fact says that a day has passed; so any of them is an occasion to look.
    """
    found: list[str] | None = session.info.get(name)
    if found is None:
        found = session.info[name] = look(session)
    return found


def run_once(engine: Engine, toolbox: Toolbox, watchers: Iterable[Watcher]) -> list[uuid.UUID]:
    """Let every watcher read what is new; return the proposals that are open because of it.

    The cursor moves on only after the proposals are stored. A crash in between repeats the work,
    and the topic of a case keeps its proposal from being doubled.
    """
    opened: list[uuid.UUID] = []
    for watcher in watchers:
        names = [fact.name for fact in watcher.listens_to]
        with unit_of_work(engine, watcher.acting) as session:
            if company_or_none(session) is None:
                continue
            news = events.unread(session, watcher.name, names)
            cases = dict.fromkeys(
                case for event in news for case in watcher.cases(session, event.fact)
            )
            for case in cases:
                try:
                    proposal = _attend(engine, toolbox, watcher, case)
                except DatabaseUnavailable:
                    raise
                except DomainError as refusal:
                    # One case that cannot be proposed must not keep the watcher from the others.
                    log.warning("no proposal", watcher=watcher.name, case=case, why=str(refusal))
                else:
                    opened += [proposal] if proposal else []
    return opened


def run_forever(
    engine: Engine, toolbox: Toolbox, watchers: Iterable[Watcher], stop: threading.Event
) -> None:
    """Let the watchers work whenever something changes, until told to stop; keep the house tidy.

    What fails waits and is shown as trouble; the others go on. When the database goes away, wait
    for it: what happened meanwhile is still in the log.
    """
    rounds, kept = Rounds(engine), list(watchers)
    while not stop.is_set():
        try:
            with events.listening(engine) as wait:
                while not stop.is_set():
                    _go_round(engine, toolbox, kept, rounds)
                    wait(timeout_seconds=1)
        except Exception:
            log.exception("the watchers start again in a moment")
            stop.wait(2)


def _go_round(
    engine: Engine, toolbox: Toolbox, watchers: Sequence[Watcher], rounds: Rounds
) -> None:
    """Let everybody have their turn once, whatever becomes of the others."""
    # First what is recorded, so that those who propose see it.
    rounds.attempt("service desk", partial(take_in_messages, engine))
    with reading(engine) as session:
        news = events.have_news(session, [watcher.name for watcher in watchers])
    for watcher in watchers:
        # For most of them there is nothing to read, nearly always: that is seen at one look.
        turn = (watcher,) if watcher.name in news else ()
        rounds.attempt(f"watcher {watcher.name}", partial(run_once, engine, toolbox, turn))
    rounds.attempt("telling of messages", partial(tell_of_messages, engine))
    rounds.attempt("standing orders", partial(carry_out_due, engine, toolbox))
    rounds.attempt("expiry of proposals", partial(_expire_old, engine))
    for chore in CHORES:
        rounds.attempt(f"upkeep {chore.name}", partial(tidy, engine, (chore,)))


def _attend(engine: Engine, toolbox: Toolbox, watcher: Watcher, case: str) -> uuid.UUID | None:
    topic = watcher.topic(case)
    with reading(engine, watcher.acting) as session:
        suggestion = watcher.consider(session, case)
        still_open = session.scalar(
            select(Proposal).where(Proposal.topic == topic, Proposal.state == ProposalState.OPEN)
        )
    if suggestion is None:
        if still_open is not None:
            toolbox.withdraw(engine, watcher.acting, still_open.id, because="the cause is gone")
        return None
    if still_open is not None:
        if suggestion.still_serves(still_open):
            return still_open.id
        toolbox.withdraw(engine, watcher.acting, still_open.id, because="the cause has grown")
    reason: Reason = {"rule": suggestion.rule, "facts": suggestion.facts}
    if suggestion.explained is not None:
        reason["explained"] = list(suggestion.explained)
    if suggestion.source:
        reason["source"] = suggestion.source
    if suggestion.alternatives:
        shown = (_shown(engine, toolbox, watcher, other) for other in suggestion.alternatives)
        reason["alternatives"] = [other for other in shown if other is not None]
    view = toolbox.propose(
        engine,
        watcher.acting,
        suggestion.plan,
        reason=reason,
        topic=topic,
        expires_in=watcher.expires_in,
    )
    return view.id


def _shown(
    engine: Engine, toolbox: Toolbox, watcher: Watcher, other: Alternative
) -> dict[str, object] | None:
    try:
        rehearsed = toolbox.rehearse(engine, watcher.acting, other.plan)
    except DatabaseUnavailable:
        raise
    except DomainError:
        # What the rules refuse is no alternative; the refusal itself is in the audit trail.
        return None
    return {
        "label": other.label,
        "plan": list(rehearsed.plan),
        "effect": {"en": rehearsed.effect.lines("en"), "zh": rehearsed.effect.lines("zh")},
    }


def _expire_old(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        approvals.expire_old(session)

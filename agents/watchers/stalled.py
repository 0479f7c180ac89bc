"""Suggest a follow-up with what somebody may buy, where nothing happens with it any more."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher, once_a_round, was_refused
from core.crm import opportunities
from core.crm.events import ActivityLogged
from core.crm.opportunities import StalledView
from core.crm.opportunities.events import OpportunityChanged, OpportunityOpened, StageMoved
from core.crm.tasks import TaskKind
from core.crm.tasks.events import TaskChanged, TaskClosedNow, TaskPlanned
from core.kernel.company import company
from core.kernel.events import Fact
from tools import Call
from tools.tasks import PLAN, PlanTask

NAME = "stalled"
# By when somebody should have called, in days.
CALL_DAYS = 2
RULE = "nothing happens with an opportunity"
_COUNTS_TIME = frozenset({"quiet_days"})
_OF_OPPORTUNITIES = (OpportunityOpened, StageMoved, OpportunityChanged)


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the opportunity that a fact concerns, and all that have stalled."""
    due = once_a_round(session, NAME, _stalled)
    return (fact.number, *due) if isinstance(fact, _OF_OPPORTUNITIES) else due


def _stalled(session: Session) -> list[str]:
    return [each.number for each in opportunities.list_stalled(session)]


def consider(session: Session, case: str) -> Suggestion | None:
    """Plan a call of its owner; what is nobody's is for the person who decides to give away."""
    found = opportunities.list_stalled(session, number=case)
    if not found or found[0].owner is None:
        return None
    one = found[0]
    facts = {
        "opportunity": f"{one.number} {one.title}",
        "customer": f"{one.party_number} {one.party}",
        "stage": one.stage,
        "amount": str(one.amount),
        "last_on": one.last_on.isoformat(),
        "quiet_days": str(one.quiet_days),
        "allowed_days": str(one.allowed_days),
        "close_on": one.close_on.isoformat(),
    }
    if was_refused(session, STALLED.topic(case), RULE, facts, apart_from=_COUNTS_TIME):
        return None
    call = PlanTask(
        due_on=company(session).today + timedelta(days=CALL_DAYS),
        kind=TaskKind.CALL,
        party=one.party_number,
        subject=f"{one.title}: {one.party}"[:200],
        owner=one.owner,
        opportunity=one.number,
        notes=_why_en(one),
    )
    return Suggestion(
        plan=(Call(PLAN, call),),
        rule=RULE,
        facts=facts,
        explained=(_why_en(one), _why_zh(one)),
    )


def _why_en(one: StalledView) -> str:
    said = (
        f"{one.number} {one.title} of {one.party}, {one.amount}, has been in {one.stage} with"
        f" nothing happening for {one.quiet_days} days, since {one.last_on}; {one.allowed_days}"
        " are usual there, and nothing is planned."
    )
    return f"{said} It should have closed on {one.close_on}." if one.overdue else said


def _why_zh(one: StalledView) -> str:
    said = (
        f"{one.number} {one.title}（{one.party}，{one.amount}）处于{one.stage_zh}，"
        f"自 {one.last_on} 起 {one.quiet_days} 天没有进展；"
        f"该阶段通常允许 {one.allowed_days} 天，且没有后续安排。"
    )
    return f"{said}原定 {one.close_on} 成交。" if one.overdue else said


STALLED = Watcher(
    NAME,
    (*_OF_OPPORTUNITIES, ActivityLogged, TaskPlanned, TaskChanged, TaskClosedNow),
    cases,
    consider,
)

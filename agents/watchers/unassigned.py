"""Suggest who should take a lead that is nobody's: by the rules, or who has the fewest."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher, was_refused
from core.crm import leads
from core.crm.leads.events import LeadAdded, LeadAssigned, LeadChanged, LeadRuleSet
from core.kernel.events import Fact
from tools import Call
from tools.leads import ASSIGN, AssignLead

NAME = "unassigned"
RULE = "lead with nobody"


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the lead that a fact concerns; where the rules change, all that are nobody's."""
    if isinstance(fact, LeadRuleSet):
        return [each.number for each in leads.list_leads(session, unassigned=True)]
    assert isinstance(fact, LeadAdded | LeadAssigned | LeadChanged)
    return (fact.number,)


def consider(session: Session, case: str) -> Suggestion | None:
    """Give it to whom a rule names, or else to who sells and has the fewest open leads."""
    view = leads.view_lead(session, case)
    if view.owner is not None or view.state not in leads.OPEN:
        return None
    choice = leads.whose_turn(session, case)
    if choice is None:
        return None
    facts = {
        "lead": f"{view.number} {view.name}",
        "score": str(view.score),
        "source": view.source,
        "owner": choice.login,
        "open_leads": str(choice.open_leads),
        "by_rule": "–" if choice.place is None else str(choice.place),
    }
    apart = frozenset({"open_leads"})
    if was_refused(session, UNASSIGNED.topic(case), RULE, facts, apart_from=apart):
        return None
    points = "; ".join(f"{each.points} {each.because.en}" for each in view.points)
    points_zh = "；".join(f"{each.points} {each.because.zh}" for each in view.points)
    why = (
        f"rule {choice.place} names {choice.login}"
        if choice.place is not None
        else f"no rule fits, and {choice.login} has the fewest open leads ({choice.open_leads})"
    )
    why_zh = (
        f"规则 {choice.place} 指定 {choice.login}"
        if choice.place is not None
        else f"没有适用规则，{choice.login} 的未结线索最少（{choice.open_leads} 条）"
    )
    return Suggestion(
        plan=(Call(ASSIGN, AssignLead(lead=case, owner=choice.login)),),
        rule=RULE,
        facts=facts,
        explained=(
            f"{view.number} {view.name} has {view.score} points ({points}) and nobody: {why}.",
            f"{view.number} {view.name} 有 {view.score} 分（{points_zh}），无人负责：{why_zh}。",
        ),
    )


UNASSIGNED = Watcher(NAME, (LeadAdded, LeadAssigned, LeadChanged, LeadRuleSet), cases, consider)

"""Calls of tools, taken along the one road, for tests: ask, propose, approve."""

from sqlalchemy import Engine

from core.kernel.errors import Language
from tests.shop import as_person
from tools import TOOLBOX, Answer, ProposalView


def ask(
    engine: Engine, who: str, tool: str, language: Language = "en", **arguments: object
) -> Answer:
    (call,) = TOOLBOX.parse([{"tool": tool, "arguments": arguments}])
    return TOOLBOX.read(engine, as_person(engine, who, language), call)


def propose(engine: Engine, who: str, tool: str, **arguments: object) -> ProposalView:
    plan = TOOLBOX.parse([{"tool": tool, "arguments": arguments}])
    return TOOLBOX.propose(engine, as_person(engine, who), plan, reason={"words": "test"})


def approve(engine: Engine, proposal: ProposalView, who: str = "manager") -> str:
    person = as_person(engine, who)
    outcome = TOOLBOX.decide(engine, person, proposal.id, "approve", seen=proposal.digest)
    assert outcome.state == "executed"
    return outcome.said("en")

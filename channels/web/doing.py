"""A button that does what it says: the same road as any change, with the approval built in."""

from collections.abc import Mapping
from typing import Any

from channels.web.layout import Visit
from core.kernel.errors import DomainError


class WaitsForAnother(DomainError):
    """{number} now waits for somebody else to approve it; it stands in the inbox."""

    zh = "{number} 正等待他人批准，可在待批中查看。"


async def do(visit: Visit, tool: str, arguments: Mapping[str, Any], *, words: str) -> bool:
    """Propose what a button says and approve it in one; tell whether it was done.

    Only for what changes nothing but the visitor's own view of the company: anything else shows
    its effect on a card first.
    """
    if not await visit.confirmed():
        return False
    house, acting = visit.house, visit.visitor.acting

    def carry_out() -> None:
        plan = house.toolbox.parse([{"tool": tool, "arguments": dict(arguments)}])
        card = house.toolbox.propose(house.engine, acting, plan, reason={"words": words})
        outcome = house.toolbox.decide(house.engine, acting, card.id, "approve", seen=card.digest)
        if outcome.state != "executed":
            raise WaitsForAnother(number=card.number)

    try:
        await house.run(carry_out)
    except DomainError as refusal:
        visit.toast(refusal.message(visit.language), is_bad=True)
        return False
    return True

"""Plans of tools for tests: asked for by one person, approved by another, done as shown."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from core import catalog, inventory
from core.compliance import verify
from core.kernel.database import reading
from tests.shop import as_person
from tools import TOOLBOX, Answer, Outcome, ProposalView

Step = dict[str, Any]


def step(tool: str, **arguments: Any) -> Step:
    return {"tool": tool, "arguments": arguments}


def propose(engine: Engine, login: str, *steps: Step) -> ProposalView:
    acting = as_person(engine, login)
    return TOOLBOX.propose(engine, acting, TOOLBOX.parse(steps), reason={"words": "please"})


def approve(engine: Engine, login: str, shown: ProposalView) -> Outcome:
    acting = as_person(engine, login)
    return TOOLBOX.decide(engine, acting, shown.id, "approve", seen=shown.digest)


def do(engine: Engine, login: str, *steps: Step, by: str = "manager2") -> ProposalView:
    """Let one person ask and a manager say yes; what was shown is what is done."""
    shown = propose(engine, login, *steps)
    outcome = approve(engine, by, shown)
    if outcome.state == "waiting":
        # What has no end is above any limit: it takes two besides the one who asked.
        outcome = approve(engine, "manager", shown)
    assert outcome.state == "executed", outcome.delta
    for pair in outcome.sentences:
        assert all(text and "{" not in text for text in pair), pair
        assert pair[1].endswith("。"), pair
    return outcome.proposal


def ask(engine: Engine, login: str, tool: str, **arguments: Any) -> Answer:
    [call] = TOOLBOX.parse([step(tool, **arguments)])
    answer = TOOLBOX.read(engine, as_person(engine, login), call)
    assert answer.sentence("en")
    assert answer.sentence("zh").endswith("。")
    if grid := answer.grid():
        assert all(len(row) == len(grid.columns) for row in grid.rows)
    return answer


def listed(engine: Engine, who: str, records: str, **filters: object) -> Answer:
    """List records of which some fields are what is said."""
    chosen = [{"field": field, "values": [value]} for field, value in filters.items()]
    return ask(engine, who, "reporting.list_records", query={"records": records, "filters": chosen})


def undo(engine: Engine, login: str, done: ProposalView) -> ProposalView:
    shown = TOOLBOX.undo(engine, as_person(engine, login), done.id)
    assert approve(engine, "manager2", shown).state == "executed"
    return shown


def sold(item: str, quantity: int, **more: Any) -> dict[str, Any]:
    return {"item": item, "quantity": str(quantity), **more}


def books_are_right(engine: Engine) -> None:
    with reading(engine) as session:
        assert verify(session) == []


def on_hand(engine: Engine, sku: str) -> Decimal:
    with reading(engine) as session:
        return inventory.stock_of(session, catalog.find_item(session, sku)).on_hand

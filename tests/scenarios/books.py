"""Steps on the books: entries, periods, years, deferrals, assets, budgets, and what they report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from core import invoicing, ledger
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger import JournalEntry, Line, PeriodState, Side
from tests.scenarios.checking import value
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import NotUnderstood, World


class PostedStays(DomainError):
    """A posted entry never changes; reverse it instead."""

    zh = "已过账凭证不可更改；请改为冲销。"


@operation("post_entry")
def post_entry(world: World, step: Step) -> None:
    """Post an entry by hand; whoever is named on a receivable or payable owes or is owed."""
    lines = [_line(world, line) for line in step["lines"]]
    sums = [sum(line.value.minor for line in lines if line.side is side) for side in Side]
    if sums[0] != sums[1]:
        imbalance = Money(abs(sums[0] - sums[1]), world.currency)
        world.values["imbalance_of_refused"] = imbalance.amount
    entry = invoicing.post_entry_by_hand(
        world.session, lines, memo=step.get("memo", "entry"), posted_on=world.day_of(step)
    )
    world.remember(step, entry)
    world.values["entry"] = entry


def _line(world: World, line: Mapping[str, Any]) -> Line:
    side = Side.DEBIT if Decimal(line.get("debit") or "0") else Side.CREDIT
    amount = world.money(line.get("debit") or line.get("credit"), line.get("currency"))
    role = line["account"]
    party = None
    if line.get("party"):
        supplier = "payable" in role or line["party"].startswith("supplier")
        party = (world.supplier if supplier else world.customer)(line["party"]).party_id
    base = ledger.in_base(world.session, amount, world.today)
    return Line(
        world.account(role),
        side,
        amount,
        party,
        None if amount.currency == world.currency else base,
        _dimensions(world, line.get("dimensions", {})),
    )


def _dimensions(world: World, said: Mapping[str, str]) -> ledger.Dimensions:
    for code, member in said.items():
        known = {each.code for each in ledger.list_dimensions(world.session)}
        if code not in known:
            ledger.open_dimension(world.session, code=code, name=code, name_zh=code)
        key = f"member:{code}={member}"
        if key not in world.values:
            ledger.add_member(world.session, code, code=member, name=member)
            world.values[key] = True
    return tuple(said.items())


@operation("reverse_entry")
def reverse_entry(world: World, step: Step) -> None:
    """Undo an entry by a second one."""
    entry = world.ref(step["of"])
    reversal = invoicing.reverse_entry_by_hand(
        world.session, entry.number, because="scenario", posted_on=world.day_of(step)
    )
    world.remember(step, reversal)


@operation("edit_entry", "delete_entry")
def change_entry(world: World, step: Step) -> None:
    """Try to change a posted entry behind the back of every service: the database refuses."""
    entry = world.ref(step["of"])
    statement = (
        JournalEntry.__table__.delete()
        if step["op"] == "delete_entry"
        else JournalEntry.__table__.update().values(memo="edited")  # type: ignore[attr-defined]
    )
    try:
        with world.session.begin_nested():
            world.session.execute(statement.where(JournalEntry.__table__.c.id == entry.id))
    except DBAPIError as refusal:
        raise PostedStays from refusal


@operation("close_period")
def close_period(world: World, step: Step) -> None:
    """Close a period."""
    ledger.set_period_state(world.session, step["period"], PeriodState.CLOSED)


@operation("report")
def report(world: World, step: Step) -> None:
    """Read a report; each kind is a reader of its own."""
    kind = step.get("kind", "")
    if kind not in REPORTS:
        raise NotUnderstood(f"the report {kind}")
    REPORTS[kind](world, step)


REPORTS: dict[str, Any] = {}


@value("posted_entries")
def _posted_entries(world: World) -> int:
    return world.session.scalar(select(func.count()).select_from(JournalEntry)) or 0


def due(text: str) -> date:
    """Read a date."""
    return date.fromisoformat(text)

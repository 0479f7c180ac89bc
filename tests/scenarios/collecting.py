"""Steps on reminding customers and on paying suppliers in orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from core import invoicing, ledger
from core.invoicing import Invoice, InvoiceDraftLine, InvoiceKind, dunning, holds, paying
from core.kernel.money import Money
from core.ledger.chart import REVENUE, SHARE_CAPITAL
from core.parties import Party
from tests.scenarios.checking import on_a_day
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World


def open_what_was_owed(world: World) -> None:
    """Charge the open items that a case begins with, and set its dunning levels."""
    for item in world.given.get("open_items", ()):
        _owe(world, item)
    levels = [
        dunning.Level(
            level=int(each["level"]),
            overdue_days=int(each["overdue_days"]),
            fee=world.money(each.get("fee", "0")),
            interest_percent=Decimal(each.get("interest_pct", "0")),
        )
        for each in world.given.get("dunning_levels", ())
    ]
    if levels:
        dunning.set_levels(world.session, levels)


def _owe(world: World, item: Step) -> None:
    due = date.fromisoformat(item["due"])
    owner = world.customer(item.get("party"))
    line = InvoiceDraftLine(
        None, "open before", Decimal(1), Decimal(item["amount"]), Decimal(0), None, REVENUE
    )
    posted = invoicing.post_invoice(
        world.session,
        kind=InvoiceKind.CUSTOMER_INVOICE,
        party=world.session.get_one(Party, owner.party_id),
        lines=[line],
        origin="before",
        posted_on=date.fromisoformat(item.get("date", item["due"])),
        due_on=due,
    )
    world.refs[item["ref"]] = posted
    if item.get("paid"):
        invoicing.post_payment(
            world.session,
            kind=invoicing.PaymentKind.CUSTOMER_PAYMENT,
            party=world.session.get_one(Party, owner.party_id),
            amount=world.money(item["amount"]),
            settle=[(posted, world.money(item["amount"]))],
            account=world.money_account,
        )


@operation("dunning_run")
def run_dunning(world: World, step: Step) -> None:
    """Draw the letters that are due; the level of the run is the highest of them."""
    day = world.day_of(step)
    letters = dunning.draw_letters(world.session, day=day)
    level = max((letter.level for letter in letters), default=0)
    first = min(date.fromisoformat(item["due"]) for item in world.given["open_items"])
    world.gathered["dunning"].append(((day - first).days, level))
    world.values["letters"] = len(letters)


@on_a_day("level_at_day", "after_first_sent", "after_payment")
def _level_on(world: World, day: int) -> int:
    runs = [level for ran_on, level in world.gathered["dunning"] if ran_on == day]
    return int(runs[-1])


@operation("send_dunning")
def send(world: World, step: Step) -> None:
    """Send the letters of a level that are drafts."""
    for letter in dunning.list_letters(world.session):
        if letter.state is dunning.LetterState.DRAFT and letter.level == int(
            step.get("level", letter.level)
        ):
            dunning.send_letter(world.session, letter.number)


@operation("block_dunning")
def block(world: World, step: Step) -> None:
    """Leave a document alone."""
    document = world.ref(step["of"])
    holds.hold(world.session, document, purpose=holds.HoldPurpose.DUNNING, because="scenario")


@operation("unblock_dunning")
def unblock(world: World, step: Step) -> None:
    """Remind of a document again."""
    document = world.ref(step["of"])
    holds.lift_hold(world.session, document, purpose=holds.HoldPurpose.DUNNING, because="scenario")


@operation("payment_order")
def prepare(world: World, step: Step) -> None:
    """Put bills together that are to be paid; no money moves yet."""
    account = ledger.find_account(world.session, world.money_account)
    bills = [world.ref(ref) for ref in step.get("bills") or step.get("against") or step["lines"]]
    _fund(world, bills)
    order = paying.prepare_order(
        world.session,
        pay_on=world.day_of(step),
        account=account,
        bills=[(bill.number, None) for bill in bills],
    )
    world.remember(step, order)


def _fund(world: World, bills: Sequence[Invoice]) -> None:
    """Lend the account the money that the case takes for granted, and note it to take it off."""
    total = sum(bill.open_base_minor for bill in bills)
    lent = Money(total, world.currency)
    ledger.post_entry(
        world.session,
        [ledger.debit(world.money_account, lent), ledger.credit(SHARE_CAPITAL, lent)],
        memo="money at hand",
        origin="before",
    )
    world.lent[world.money_account] = world.lent.get(world.money_account, Decimal(0)) + lent.amount


@operation("approve")
def approve(world: World, step: Step) -> None:
    """Release an order to be carried out."""
    paying.approve_order(world.session, world.ref(step["of"]).number)


@operation("execute")
def execute(world: World, step: Step) -> None:
    """Carry out an order that was released."""
    order = paying.execute_order(world.session, world.ref(step["of"]).number)
    world.values["paid_total"] = Money(
        sum(line.pay_minor for line in order.lines), order.currency
    ).amount
    paid = select(func.count()).select_from(invoicing.Payment)
    world.values["payments_made"] = world.session.scalar(paid)

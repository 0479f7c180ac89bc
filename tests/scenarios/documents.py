"""Steps on documents and money: invoices, bills, credit notes, payments and what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core import invoicing, ledger, sales
from core.invoicing import (
    Deduction,
    DeductionKind,
    Direction,
    Invoice,
    InvoiceDraftLine,
    InvoiceKind,
    Payment,
    PaymentKind,
    Settlement,
)
from core.kernel.money import Money
from core.ledger import JournalEntry, schedules
from core.ledger.chart import BAD_DEBTS, DEFERRED_REVENUE, OPERATING_EXPENSE, OTHER_INCOME, REVENUE
from core.parties import Party
from tests.scenarios import pricing, taxes
from tests.scenarios.books import REPORTS
from tests.scenarios.checking import status_of, value
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World


@operation("sales_invoice", "purchase_bill")
def charge(world: World, step: Step) -> None:
    """Post an invoice to a customer, or a supplier's bill."""
    sells = step["op"] == "sales_invoice"
    kind = InvoiceKind.CUSTOMER_INVOICE if sells else InvoiceKind.SUPPLIER_BILL
    owner = world.customer(step.get("party")) if sells else world.supplier(step.get("party"))
    party = world.session.get_one(Party, owner.party_id)
    currency = step.get("currency") or world.currency
    lines = [_line(world, line, sells=sells) for line in step["lines"]]
    seller = pricing.salesperson(world, step)
    posted = invoicing.post_invoice(
        world.session,
        kind=kind,
        party=party,
        lines=lines,
        origin=str(step.get("ref", "scenario")),
        posted_on=world.day_of(step),
        due_on=date.fromisoformat(step["due"]) if step.get("due") else None,
        reference=step.get("supplier_number"),
        currency=currency,
        term_code=step.get("terms"),
        salesperson_id=seller.id if seller else None,
        **taxes.of_document(world, step),
    )
    before = sum(Decimal(line["qty"]) * Decimal(line["unit_price"]) for line in step["lines"])
    world.values[f"total_before_discount:{posted.number}"] = before
    taxes.note(world, posted)
    world.remember(step, posted)
    world.values["entry"] = world.session.get_one(JournalEntry, posted.entry_id)
    for line in step["lines"]:
        if line.get("deferred"):
            _defer(world, posted, Money(posted.net_minor, posted.currency))


def _line(world: World, line: Mapping[str, Any], *, sells: bool) -> InvoiceDraftLine:
    account = REVENUE if sells else OPERATING_EXPENSE
    if line.get("account"):
        account = world.account(line["account"])
    if line.get("deferred"):
        account = DEFERRED_REVENUE
    return InvoiceDraftLine(
        item_id=None,
        description=str(line.get("item") or line.get("kind") or "line"),
        quantity=Decimal(line.get("qty", "1")),
        unit_price=Decimal(line["unit_price"]),
        discount_percent=Decimal(line.get("discount_pct", "0")),
        account=account,
        **taxes.of_line(world, line),
    )


def _defer(world: World, posted: Invoice, amount: Money) -> None:
    rule = world.given["deferral"]
    schedules.start_deferral(
        world.session,
        kind=schedules.DeferralKind.DEFERRED_REVENUE,
        amount=amount,
        account=REVENUE,
        starts_on=date.fromisoformat(rule["start"]),
        ends_on=date.fromisoformat(rule["end"]),
        method=schedules.Method(rule["method"]),
        origin=posted.number,
    )


@operation("recognise")
def recognise(world: World, step: Step) -> None:
    """Recognise what is due of deferrals through a day."""
    through = date.fromisoformat(step["through"])
    world.set_today(max(world.today, through))
    schedules.run_schedules(world.session, through=through)
    deferrals = schedules.list_deferrals(world.session, with_done=True)
    parts = [part for deferral in deferrals for part in deferral.parts]
    world.rows = [{"date": part.due_on.isoformat(), "amount": part.amount} for part in parts]


@operation("credit_note")
def credit_note(world: World, step: Step) -> None:
    """Take back a document, all of it or a part, or credit what came back by a return."""
    if isinstance(world.ref(step["of"]), sales.SalesReturn):
        note = sales.credit_return(world.session, world.ref(step["of"]).number)[-1]
        world.remember(step, note)
        return
    note = invoicing.credit_invoice(world.session, world.ref(step["of"]).number, because="scenario")
    world.remember(step, note)
    taxes.note(world, note)
    world.values["credit_base"] = world.values[f"tax_base:{note.number}"]
    world.values["credit_tax"] = Money(note.tax_minor, note.currency).amount


@operation("payment")
def pay(world: World, step: Step) -> None:
    """Record money that came in or went out, for the documents named."""
    documents = [world.ref(ref) for ref in step.get("against", ())]
    comes = step.get("direction", "in") == "in"
    kind = PaymentKind.CUSTOMER_PAYMENT if comes else PaymentKind.SUPPLIER_PAYMENT
    payment = invoicing.post_payment(
        world.session,
        kind=kind,
        party=_payer(world, step, documents, comes=comes),
        amount=world.money(step["amount"], step.get("currency")),
        paid_on=world.day_of(step),
        settle=_shares(world, step, documents),
        account=world.account(step["account"]) if step.get("account") else world.money_account,
        fee=world.money(step["fee"], step.get("currency")) if step.get("fee") else None,
        take_discount=step.get("mode") == "discount",
        write_off_to=_write_off(world, comes=comes) if step.get("mode") == "write_off" else None,
    )
    world.remember(step, payment)
    _note_payment(world, payment, documents)


def _payer(world: World, step: Step, documents: Sequence[Invoice], *, comes: bool) -> Party:
    if documents:
        return world.session.get_one(Party, documents[0].party_id)
    owner = world.customer(step.get("party")) if comes else world.supplier(step.get("party"))
    return world.session.get_one(Party, owner.party_id)


def _shares(
    world: World, step: Step, documents: Sequence[Invoice]
) -> list[tuple[Invoice | str, Money]] | None:
    if not documents:
        return [] if step.get("mode") == "advance" else None
    left = world.money(step["amount"], step.get("currency"))
    shares: list[tuple[Invoice | str, Money]] = []
    for place, document in enumerate(documents):
        world.session.refresh(document)
        still = Money(document.open_minor, document.currency)
        if step.get("allocations"):
            still = world.money(step["allocations"][place], document.currency)
        if document.currency != left.currency:
            shares.append((document, still))
            continue
        part = min(still, left)
        left -= part
        if part.minor:
            shares.append((document, part))
    return shares


def _write_off(world: World, *, comes: bool) -> str:
    role = world.given.get("write_off_account")
    usual = BAD_DEBTS if comes else OTHER_INCOME
    return world.account(role) if role else usual


def _note_payment(world: World, payment: Payment, documents: Sequence[Invoice]) -> None:
    wanted = select(Deduction).where(Deduction.payment_id == payment.id)
    deducted = list(world.session.scalars(wanted))
    for deduction in deducted:
        amount = Money(deduction.amount_minor, deduction.currency).amount
        named = {DeductionKind.EARLY_DISCOUNT: "discount", DeductionKind.WRITE_OFF: "write_off"}
        world.values[named[deduction.kind]] = amount
    for document in documents:
        world.session.refresh(document)
        # What a write-off takes off was open after the money had come.
        after = document.open_minor + sum(
            each.amount_minor
            for each in deducted
            if each.invoice_id == document.id and each.kind is DeductionKind.WRITE_OFF
        )
        world.gathered["open_after"].append(Money(after, document.currency).amount)
    world.values["payment"] = Money(payment.amount_minor, payment.currency).amount
    world.values["payment_base"] = Money(payment.base_amount_minor, world.currency).amount


@operation("amount_due")
def amount_due(world: World, step: Step) -> None:
    """Tell what has to be paid of a document on a day, its discount taken off while it lasts."""
    document = world.ref(step["of"])
    still = Money(document.open_minor, document.currency)
    due = still - invoicing.discount_on(world.session, document, world.day_of(step))
    world.values[str(step.get("ref", "amount_due"))] = due.amount
    world.gathered["amounts_due"].append(due.amount)


@operation("reschedule")
def reschedule(world: World, step: Step) -> None:
    """Let a document be paid by other instalments."""
    document = world.ref(step["of"])
    parts = [
        (date.fromisoformat(part.get("due") or part["date"]), world.money(part["amount"]))
        for part in step.get("schedule") or step["parts"]
    ]
    invoicing.reschedule(world.session, document, parts, because="scenario")


def _payment_schedule(world: World, step: Step) -> None:
    parts = invoicing.list_instalments(world.session, world.ref(step["of"]))
    world.values["schedule"] = [
        {"due": part.due_on.isoformat(), "amount": part.billed} for part in parts
    ]


def _open_instalments(world: World, step: Step) -> None:
    parts = invoicing.list_instalments(world.session, world.ref(step["of"]))
    world.rows = [
        {
            "due": part.due_on.isoformat(),
            "billed": part.billed,
            "paid": part.paid,
            "open": part.open,
        }
        for part in parts
    ]
    world.values["total_open"] = sum((part.open.amount for part in parts), Decimal(0))


def _ageing(world: World, step: Step) -> None:
    payable = step.get("direction") == "payable" or step.get("side") == "payable"
    direction = Direction.PAYABLE if payable else Direction.RECEIVABLE
    rows = invoicing.ageing(world.session, direction, world.day_of(step))
    world.rows = [
        {
            "party": row.party,
            "not_due": row.not_due,
            "1-30": row.to_30,
            "31-60": row.to_60,
            "61-90": row.to_90,
            "90+": row.over_90,
            "total": row.total,
        }
        for row in rows
    ]


REPORTS.update(
    payment_schedule=_payment_schedule,
    open_instalments=_open_instalments,
    ageing=_ageing,
    aging=_ageing,
)


@operation("reconcile")
def reconcile(world: World, step: Step) -> None:
    """Settle what some entries of a party are owed and owe with each other."""
    invoicing.reconcile(world.session, _open_items(world, step["entries"]))
    world.remember(step, step["entries"])
    world.values["reconciled_lines"] = len(step["entries"])


@operation("unreconcile")
def unreconcile(world: World, step: Step) -> None:
    """Take back a settlement, and open again what it settled."""
    invoicing.unreconcile(
        world.session, _open_items(world, world.ref(step["of"])), because="scenario"
    )


def _open_items(world: World, refs: Sequence[str]) -> list[str]:
    entries = [world.ref(ref) for ref in refs]
    numbers = []
    for each in entries:
        if isinstance(each, (Invoice, Payment)):
            numbers.append(each.number)
            continue
        wanted = select(Invoice.number).where(Invoice.entry_id == each.id)
        numbers.extend(world.session.scalars(wanted))
    return numbers


@value("open_receivable")
def _open_receivable(world: World) -> Decimal:
    items = invoicing.list_open_items(world.session, direction=Direction.RECEIVABLE)
    return sum((item.base.amount for item in items), Decimal(0))


@value("unallocated_credit")
def _unallocated(world: World) -> Decimal:
    payments = select(Payment).where(Payment.open_minor > 0)
    return sum(
        (Money(each.open_minor, each.currency).amount for each in world.session.scalars(payments)),
        Decimal(0),
    )


@value("status")
def _status(world: World) -> str:
    first = next(each for each in world.refs.values() if isinstance(each, Invoice))
    return status_of(first)


@value("invoice_base")
def _invoice_base(world: World) -> Decimal:
    first = next(each for each in world.refs.values() if isinstance(each, Invoice))
    return Money(first.base_total_minor, world.currency).amount


@value("realised_gain")
def _realised(world: World) -> Decimal:
    return -world.balance("fx_gain_loss")


@value("realised_loss")
def _realised_loss(world: World) -> Decimal:
    return world.balance("fx_gain_loss")


@value("credits_on_receivable")
def _credits_on_receivable(world: World) -> list[Decimal]:
    account = ledger.find_account(world.session, "receivable")
    rows = select(ledger.Posting.base_minor).where(
        ledger.Posting.account_id == account.id, ledger.Posting.side == ledger.Side.CREDIT
    )
    return sorted(Money(each, world.currency).amount for each in world.session.scalars(rows))


@value("discount_net")
def _discount_net(world: World) -> Decimal:
    return world.balance("discount_allowed") or -world.balance("discount_received")


@value("discount_tax")
def _discount_tax(world: World) -> Decimal:
    whole: Decimal = world.values["discount"]
    return whole - _discount_net(world)


def settlements(world: World) -> list[Settlement]:
    """Return all settlements, in order."""
    return list(world.session.scalars(select(Settlement).order_by(Settlement.id)))

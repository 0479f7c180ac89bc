"""What salespeople earned: every figure with the documents that it comes from."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import ColumnElement, Subquery, case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from core.catalog import Item, ItemCategory
from core.invoicing import Invoice, InvoiceKind, InvoiceLine, Settlement
from core.invoicing.tables import Advance
from core.kernel.company import company
from core.kernel.money import Money, Rounding
from core.ledger import Account
from core.ledger.chart import CUSTOMER_ADVANCES
from core.parties import Party
from core.sales.commission import rules
from core.sales.commission.rules import Tier
from core.sales.commission.tables import (
    Basis,
    CommissionMember,
    CommissionPlan,
    CommissionRate,
    Earned,
)
from core.sales.tables import Delivery, DeliveryLine

_SALES = (InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.CUSTOMER_CREDIT_NOTE)
PLANS_MAX = 100


@dataclass(frozen=True)
class Drilled:
    """What one line of a document counts for commission, in its category."""

    document: str
    on: date
    sku: str
    customer: str
    category_id: uuid.UUID | None
    base: Money


@dataclass(frozen=True)
class Part:
    """What the lines of one category, or all the others, earn together."""

    category: str
    base: Money
    tiers: tuple[Tier, ...]
    commission: Money
    lines: tuple[Drilled, ...]


@dataclass(frozen=True)
class Statement:
    """What a salesperson earned on a plan in some days, part by part."""

    plan: str
    salesperson: str
    salesperson_number: str
    first: date
    last: date
    basis: Basis
    earned: Earned
    whole: bool
    parts: tuple[Part, ...]
    base: Money
    commission: Money


@dataclass(frozen=True)
class PlanView:
    """A plan, as people read it."""

    code: str
    name: str
    name_zh: str | None
    basis: Basis
    earned: Earned
    whole: bool
    rates: tuple[tuple[str, Decimal, Money], ...]
    salespeople: tuple[str, ...]
    valid_from: date
    valid_until: date | None


def commission_statement(
    session: Session, salesperson: Party, *, first: date, last: date
) -> list[Statement]:
    """Return what somebody earned from one day to another on each plan, with its documents.

    A credit note takes back in its own month what its lines earned.
    """
    return [
        _statement(session, plan, salesperson, first, last)
        for plan in _plans(session, salesperson, first, last)
    ]


def commissions(session: Session, *, first: date, last: date) -> list[Statement]:
    """Return the statements of everybody who sold anything, or takes back, in some days."""
    sold = (
        select(Party)
        .where(
            Party.id.in_(select(Invoice.salesperson_id).where(Invoice.kind.in_(_SALES))),
        )
        .order_by(Party.name)
    )
    statements = [
        statement
        for party in session.scalars(sold)
        for statement in commission_statement(session, party, first=first, last=last)
    ]
    return [each for each in statements if any(part.lines for part in each.parts)]


def list_plans(session: Session, *, on: date | None = None, limit: int = 50) -> list[PlanView]:
    """Return commission plans, or those that hold on a day."""
    ours = company(session)
    wanted = (
        select(CommissionPlan)
        .options(selectinload(CommissionPlan.rates))
        .order_by(CommissionPlan.code)
        .limit(min(limit, PLANS_MAX))
    )
    if on is not None:
        wanted = wanted.where(_holds(on, on))
    plans = session.scalars(wanted).all()
    names = dict(session.execute(select(ItemCategory.id, ItemCategory.code)).all())
    members: dict[uuid.UUID, list[str]] = {}
    rows = (
        select(CommissionMember.plan_id, Party.name)
        .join(Party, Party.id == CommissionMember.salesperson_id)
        .where(CommissionMember.plan_id.in_([plan.id for plan in plans]))
        .order_by(Party.name)
    )
    for plan_id, name in session.execute(rows):
        members.setdefault(plan_id, []).append(name)
    return [
        PlanView(
            code=plan.code,
            name=plan.name,
            name_zh=plan.name_zh,
            basis=plan.basis,
            earned=plan.earned,
            whole=plan.whole,
            rates=tuple(
                (
                    names[rate.category_id] if rate.category_id else "",
                    rate.percent,
                    Money(rate.from_minor, ours.currency),
                )
                for rate in plan.rates
            ),
            salespeople=tuple(members.get(plan.id, ())),
            valid_from=plan.valid_from,
            valid_until=plan.valid_until,
        )
        for plan in plans
    ]


def _holds(first: date, last: date) -> ColumnElement[bool]:
    return (CommissionPlan.valid_from <= last) & or_(
        CommissionPlan.valid_until.is_(None), CommissionPlan.valid_until >= first
    )


def _plans(
    session: Session, salesperson: Party, first: date, last: date
) -> Sequence[CommissionPlan]:
    mine = select(CommissionMember.plan_id).where(CommissionMember.salesperson_id == salesperson.id)
    named = select(CommissionMember.plan_id)
    wanted = (
        select(CommissionPlan)
        .options(selectinload(CommissionPlan.rates))
        .where(
            _holds(first, last),
            or_(CommissionPlan.id.in_(mine), CommissionPlan.id.not_in(named)),
        )
        .order_by(CommissionPlan.code)
    )
    return session.scalars(wanted).all()


def _statement(
    session: Session, plan: CommissionPlan, salesperson: Party, first: date, last: date
) -> Statement:
    ours = company(session)
    begins = max(first, plan.valid_from)
    ends = min(last, plan.valid_until) if plan.valid_until else last
    lines = _lines(session, plan, salesperson.id, begins, ends, ours.currency, ours.rounding)
    parts = _parts(session, plan, lines, ours.currency, ours.rounding)
    nothing = Money(0, ours.currency)
    return Statement(
        plan=plan.code,
        salesperson=salesperson.name,
        salesperson_number=salesperson.number,
        first=begins,
        last=ends,
        basis=plan.basis,
        earned=plan.earned,
        whole=plan.whole,
        parts=parts,
        base=sum((part.base for part in parts), nothing),
        commission=sum((part.commission for part in parts), nothing),
    )


def _parts(
    session: Session,
    plan: CommissionPlan,
    lines: Sequence[Drilled],
    currency: str,
    rounding: Rounding,
) -> tuple[Part, ...]:
    """Group lines by the nearest category that has rates of its own; the rest are the others."""
    rated: dict[uuid.UUID | None, list[CommissionRate]] = {}
    for rate in plan.rates:
        rated.setdefault(rate.category_id, []).append(rate)
    categories = {each.id: each for each in session.scalars(select(ItemCategory))}
    grouped: dict[uuid.UUID | None, list[Drilled]] = {key: [] for key in rated}
    for line in lines:
        at = line.category_id
        while at is not None and at not in rated:
            at = categories[at].parent_id
        grouped.setdefault(at, []).append(line)
    parts = []
    for key, members in grouped.items():
        base = sum((each.base for each in members), Money(0, currency))
        tiers = tuple(Tier(rate.from_minor, rate.percent) for rate in rated.get(key, ()))
        parts.append(
            Part(
                category=categories[key].code if key else "",
                base=base,
                tiers=tiers,
                commission=rules.commission_on(base, tiers, whole=plan.whole, rounding=rounding),
                lines=tuple(members),
            )
        )
    return tuple(parts)


# What goods of an order line cost for one unit when they left.
_UNIT_COST = (
    select(func.sum(DeliveryLine.cost_minor) / func.sum(DeliveryLine.quantity))
    .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
    .where(DeliveryLine.order_line_id == InvoiceLine.order_line_id, Delivery.returns_id.is_(None))
    .correlate(InvoiceLine)
    .scalar_subquery()
)


def _lines(
    session: Session,
    plan: CommissionPlan,
    salesperson_id: uuid.UUID,
    first: date,
    last: date,
    currency: str,
    rounding: Rounding,
) -> list[Drilled]:
    """Return what each line counts: the whole of it when invoiced, or the part that was paid."""
    moved = _posted(first, last) if plan.earned is Earned.INVOICED else _paid(first, last)
    sign = case((Invoice.kind == InvoiceKind.CUSTOMER_CREDIT_NOTE, -1), else_=1)
    rows = (
        select(
            Invoice.number,
            moved.c.happened_on,
            moved.c.part,
            Invoice.total_minor,
            Invoice.base_total_minor,
            InvoiceLine.net_minor * sign,
            InvoiceLine.base_net_minor * sign,
            InvoiceLine.quantity * sign,
            func.coalesce(_UNIT_COST, 0),
            func.coalesce(Item.sku, InvoiceLine.description),
            Item.category_id,
            Party.name,
        )
        .join(Invoice, Invoice.id == moved.c.invoice_id)
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .join(Party, Party.id == Invoice.party_id)
        .outerjoin(Item, Item.id == InvoiceLine.item_id)
        .join(Account, Account.id == InvoiceLine.account_id)
        # An advance is no sale: the invoices that deduct it are, and all of them.
        .where(
            Invoice.salesperson_id == salesperson_id,
            Invoice.id.not_in(select(Advance.invoice_id)),
            func.coalesce(Account.role, "") != CUSTOMER_ADVANCES,
        )
        .order_by(moved.c.happened_on, Invoice.number, InvoiceLine.position)
    )
    found = []
    for (
        number,
        on,
        part,
        total,
        base_total,
        net,
        booked,
        quantity,
        cost,
        sku,
        category,
        customer,
    ) in session.execute(rows):
        # In the company's currency, as the document is in the books.
        in_books = Fraction(base_total, total) if total else Fraction(1)
        counted = Fraction(net) * in_books if booked is None else Fraction(booked)
        if plan.basis is Basis.MARGIN:
            counted -= Fraction(quantity) * Fraction(cost)
        base = counted * (Fraction(part, total) if total else 1)
        minor = rules.to_minor(base, rounding)
        found.append(Drilled(number, on, sku, customer, category, Money(minor, currency)))
    return found


def _posted(first: date, last: date) -> Subquery:
    """Select the whole of each document on the day it was posted."""
    wanted = select(
        Invoice.id.label("invoice_id"),
        Invoice.posted_on.label("happened_on"),
        Invoice.total_minor.label("part"),
    ).where(Invoice.kind.in_(_SALES), Invoice.posted_on.between(first, last))
    return wanted.subquery()


def _paid(first: date, last: date) -> Subquery:
    """Select how much of each document was settled on which day.

    A note that settles an invoice counts on both: what it takes back of its own invoice was never
    paid, and what it settles of another was paid before by the one that it takes back.
    """
    invoices = (
        select(
            Settlement.invoice_id.label("invoice_id"),
            Settlement.settled_on.label("happened_on"),
            Settlement.amount_minor.label("part"),
        )
        .join(Invoice, Invoice.id == Settlement.invoice_id)
        .where(Invoice.kind.in_(_SALES), Settlement.settled_on.between(first, last))
    )
    notes = (
        select(Settlement.credit_note_id, Settlement.settled_on, Settlement.source_minor)
        .join(Invoice, Invoice.id == Settlement.credit_note_id)
        .where(Invoice.kind.in_(_SALES), Settlement.settled_on.between(first, last))
    )
    return invoices.union_all(notes).subquery()

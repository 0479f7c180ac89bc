"""Agreeing on an order with a customer, and giving it up."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import catalog, inventory
from core.catalog import Item, ItemKind
from core.inventory import Location, Request
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.kernel.words import word
from core.ledger import at_rate, tax, worth_of_foreign, worth_of_one
from core.ledger.tax import Charge, Computation
from core.parties import Customer, lock_customer, require_unblocked
from core.sales import holds, rules
from core.sales.errors import (
    OrderIsHistory,
    PromisedInThePast,
    UnknownOrder,
)
from core.sales.events import CanGo, Exposure, MovedLine, OrderConfirmed, SoldLine
from core.sales.pricing import Agreed, agree, currency_of
from core.sales.queries import exposure_of
from core.sales.rules import (
    USUAL,
    MilestoneDraft,
    OrderLineDraft,
    OrderTerms,
    Outlook,
    Promising,
)
from core.sales.tables import (
    InvoicePolicy,
    Milestone,
    OrderState,
    SalesOrder,
    SalesOrderLine,
)

_ZERO = Decimal(0)
# Built once: to build a statement costs more than to run it.
_FOUND = (
    select(SalesOrder)
    .where(SalesOrder.number.in_(bindparam("numbers", expanding=True)))
    .options(
        joinedload(SalesOrder.customer, innerjoin=True),
        joinedload(SalesOrder.location),
        selectinload(SalesOrder.lines).joinedload(SalesOrderLine.item).joinedload(Item.unit),
    )
    .execution_options(populate_existing=True)
)
_LOCKED = _FOUND.with_for_update(of=SalesOrder)


def confirm_order(
    session: Session,
    *,
    customer: Customer,
    lines: Sequence[OrderLineDraft],
    promised_on: date | None = None,
    channel: str = "direct",
    reference: str | None = None,
    territory_id: uuid.UUID | None = None,
    salesperson_id: uuid.UUID | None = None,
    terms: OrderTerms = USUAL,
    promising: Promising | None = None,
) -> SalesOrder:
    """Promise to deliver, within the customer's credit limit, and reserve what is available.

    Two orders of one customer wait for each other here: together they stay within the limit.
    What is beyond it is refused, or held where that is the company's policy: then it is written
    down, and nothing is promised before somebody releases it. Where something is missing,
    `promising` says when it can go: no earlier day is promised unless it was asked for.
    """
    rules.require_sellable(lines, discount_percent=terms.discount_percent)
    rules.require_milestones(terms.invoice_policy, terms.milestones)
    ours, buyer = company(session), lock_customer(session, customer.party_id)
    require_unblocked(buyer.party)
    for day in (promised_on, terms.requested_on):
        if day is not None and day < ours.today:
            raise PromisedInThePast(promised_on=day, today=ours.today)
    currency = currency_of(session, buyer, terms.currency)
    rate = worth_of_one(session, currency, ours.today)
    written = written_lines(session, buyer, lines, terms, currency=currency)
    taxed = taxed_lines(session, ours, written, currency=currency)
    exposure = exposure_with(session, buyer, at_rate(taxed.total, rate, ours))
    held = holds.reason_to_hold(session, buyer, exposure)
    if held is not None:
        exposure = replace(exposure, after=exposure.before)
    stocked = from_stock(written)
    if stocked and held is None:
        # What is read before the number is taken keeps nobody waiting who needs one.
        inventory.lock_items(session, {line.item_id for line in stocked})
        inventory.main_location(session)
    order = SalesOrder(
        number=next_number(session, "SO"),
        customer=buyer.party,
        customer_id=buyer.party_id,
        state=OrderState.CONFIRMED if held is None else OrderState.HELD,
        ordered_on=ours.today,
        promised_on=promised_on or ours.today + timedelta(days=rules.DELIVERY_DAYS),
        requested_on=terms.requested_on,
        currency=currency,
        rate=rate,
        net_minor=taxed.base.minor,
        tax_minor=taxed.tax.minor,
        total_minor=taxed.total.minor,
        territory_id=territory_id or buyer.territory_id,
        salesperson_id=salesperson_id or buyer.salesperson_id,
        channel=channel,
        reference=reference,
        discount_percent=terms.discount_percent,
        invoice_policy=terms.invoice_policy,
        ships_complete=terms.ships_complete,
        location_id=terms.location and terms.location.id,
        incoterm=terms.incoterm,
        notes=terms.notes,
        hold_reason=held,
        held_on=held and ours.today,
        quotation_id=terms.quotation_id,
        lines=written,
    )
    session.add(order)
    session.flush()
    _keep_milestones(session, order, terms.milestones)
    promised = {} if held else reserve_for(session, order, stocked, location=terms.location)
    outlook = _outlook(order, promised, promising)
    if outlook is not None and outlook.on is not None and promised_on is None:
        order.promised_on = max(order.promised_on, outlook.on)
    kits = {line.item.id: line.item.sku for line in lines if line.item.kind is ItemKind.KIT}
    fact = OrderConfirmed(
        number=order.number,
        customer=buyer.party.name,
        lines=tuple(
            SoldLine(
                sku=line.item.sku,
                called=line.item.name,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=rules.whole_discount(
                    line.discount_percent, terms.discount_percent
                ),
                net=charged.base,
                short=line.quantity - promised[line.id] if line.id in promised else _ZERO,
                **_agreed_as(line, kits),
            )
            for line, charged in zip(written, taxed.lines, strict=True)
        ),
        net=taxed.base,
        total=taxed.total,
        worth=worth_of_foreign(taxed.total, rate, ours),
        exposure=exposure,
        promised_on=order.promised_on.isoformat(),
        promised_in_days=(order.promised_on - ours.today).days,
        terms=_said(terms, ours.today),
        held=held or "",
        can_go=None if outlook is None else _can_go(outlook, ours.today),
    )
    events.record(session, fact)
    return order


def _outlook(
    order: SalesOrder, promised: Mapping[uuid.UUID, Decimal], promising: Promising | None
) -> Outlook | None:
    """Ask when what is missing of an order can go, if anything is."""
    missing = {
        line.id: line.quantity - promised[line.id]
        for line in order.lines
        if line.id in promised and promised[line.id] < line.quantity
    }
    return promising(order, missing) if promising is not None and missing else None


def _can_go(outlook: Outlook, today: date) -> CanGo:
    if outlook.on is None:
        return CanGo("", 0, outlook.because)
    return CanGo(outlook.on.isoformat(), (outlook.on - today).days, outlook.because)


def written_lines(
    session: Session,
    buyer: Customer,
    lines: Sequence[OrderLineDraft],
    terms: OrderTerms,
    *,
    currency: str,
) -> list[SalesOrderLine]:
    """Write lines at the customer's prices in a currency, where no other were agreed."""
    return [
        _line(position, agreed, terms)
        for position, agreed in enumerate(agree(session, buyer, lines, currency=currency), start=1)
    ]


def _agreed_as(line: SalesOrderLine, kits: Mapping[uuid.UUID, str]) -> dict[str, str]:
    """Say how people ordered a line, and what went into its price."""
    said = {"promotions": line.promotions or "", "held": line.promotions_held or ""}
    if line.unit_code is not None and line.unit_quantity is not None:
        said["ordered_as"] = f"{plain(line.unit_quantity)} {line.unit_code}"
    if line.kit_id is not None and line.kit_quantity is not None:
        said["kit"] = f"{plain(line.kit_quantity)} × {kits[line.kit_id]}"
    return said


def find_order(session: Session, number: str, *, lock: bool = True) -> SalesOrder:
    """Return a sales order with its lines, items and customer; locked, so that it is done once.

    What it returns is what is stored now, whatever was read before: the lines are read once the
    order is locked, or they would be those of before the wait.
    """
    wanted = _LOCKED if lock else _FOUND
    known = {"numbers": [number, canonical_number(number)]}
    order = session.scalars(wanted, known).one_or_none()
    if order is None:
        raise UnknownOrder(number=number)
    return order


def require_own(order: SalesOrder) -> None:
    """Refuse to go on with an order that was carried out in another system."""
    if order.imported:
        raise OrderIsHistory(number=order.number)


def moved(lines: Sequence[tuple[SalesOrderLine, Decimal]]) -> tuple[MovedLine, ...]:
    """Say which quantities of which items."""
    return tuple(
        MovedLine(sku=line.item.sku, called=line.item.name, quantity=quantity)
        for line, quantity in lines
    )


def _line(position: int, agreed: Agreed, terms: OrderTerms) -> SalesOrderLine:
    draft, price = agreed.draft, agreed.unit_price
    catalog.require_price(draft.item, price)
    return SalesOrderLine(
        id=new_id(),
        position=position,
        item=draft.item,
        item_id=draft.item.id,
        quantity=draft.quantity,
        list_price=agreed.list_price,
        unit_price=price,
        discount_percent=draft.discount_percent,
        net_amount=rules.net_of(
            draft.quantity, price, draft.discount_percent, terms.discount_percent
        ),
        unit_code=draft.unit_code,
        unit_quantity=draft.unit_quantity,
        kit_id=draft.kit.id if draft.kit else None,
        kit_quantity=draft.kit_quantity,
        promotions=", ".join(agreed.promotions) or None,
        promotion_amount=agreed.saved,
        promotions_held=", ".join(agreed.held) or None,
        tax_code=draft.item.sales_tax_code,
        delivered_quantity=_ZERO,
        invoiced_quantity=_ZERO,
        returned_quantity=_ZERO,
        invoiced_ahead=terms.invoice_policy not in rules.INVOICED_AFTER,
        drop_shipped=draft.drop_shipped,
    )


def taxed_lines(
    session: Session, ours: Company, lines: Sequence[SalesOrderLine], *, currency: str
) -> Computation:
    """Reckon the tax of an order as that of an invoice of today would be."""
    charges = [
        Charge(
            Money.rounding(line.net_amount, currency, ours.rounding),
            line.tax_code,
            line.quantity,
        )
        for line in lines
    ]
    tax.keep_combinations(session, {line.tax_code for line in lines if line.tax_code})
    return tax.compute(session, charges)


def exposure_with(session: Session, buyer: Customer, more: Money) -> Exposure:
    """Say what a customer owes us and will owe us, now and with so much more, in our currency."""
    limit, before = buyer.credit_limit_minor, exposure_of(session, buyer.party_id)
    return Exposure(
        customer=buyer.party.name,
        before=before,
        after=before + more,
        limit=None if limit is None else Money(limit, more.currency),
    )


def reserve_for(
    session: Session,
    order: SalesOrder,
    lines: Sequence[SalesOrderLine],
    *,
    location: Location | None,
) -> dict[uuid.UUID, Decimal]:
    """Reserve what is available of what lines still need; return how much that was."""
    requests = [
        Request(line.item, still, line.id)
        for line in lines
        if (still := line.quantity - line.delivered_quantity)
    ]
    if not requests:
        return {}
    place = location or inventory.main_location(session)
    return inventory.reserve(session, requests, location=place, origin=order.number)


def from_stock(lines: Sequence[SalesOrderLine]) -> list[SalesOrderLine]:
    """Return the lines that leave our own stock."""
    return [line for line in lines if line.item.kind is ItemKind.STOCKED and not line.drop_shipped]


def _keep_milestones(
    session: Session, order: SalesOrder, milestones: Sequence[MilestoneDraft]
) -> None:
    session.add_all(
        Milestone(
            order_id=order.id,
            position=position,
            name=draft.name,
            percent=draft.percent,
            due_when=draft.due_when,
            due_on=draft.due_on,
        )
        for position, draft in enumerate(milestones, start=1)
    )


def _said(terms: OrderTerms, today: date) -> tuple[str, ...]:
    """Say what was agreed beyond the usual, as data; days are counted from today."""
    said: list[str] = []
    if terms.invoice_policy is not InvoicePolicy.ON_DELIVERY:
        said.append(word(f"invoice_{terms.invoice_policy}"))
    for each in terms.milestones:
        day = f" +{(each.due_on - today).days} d" if each.due_on else ""
        said.append(f"{plain(each.percent)} % {each.name}{day}")
    if terms.ships_complete:
        said.append(word("ships_complete"))
    if terms.location is not None:
        said.append(terms.location.code)
    said += [text for text in (terms.incoterm, terms.notes) if text]
    return tuple(said)

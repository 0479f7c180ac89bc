"""What one can do with purchase orders before anything comes: place, find, cancel."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import catalog, invoicing
from core.catalog import Item, Trade
from core.inventory import Location
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import at_rate, tax, worth_of_foreign, worth_of_one
from core.ledger.tax import Charge, Computation
from core.parties import Party, Supplier, current_supplier, require_unblocked
from core.purchasing import rules
from core.purchasing.committed import require_budget
from core.purchasing.errors import (
    ExpectedInThePast,
    GoodsAlreadyCame,
    OrderCancelled,
    OrderIsHistory,
    TaxInOrderPrice,
    UnknownOrder,
)
from core.purchasing.events import MovedLine, OrderedLine, OrderPlaced
from core.purchasing.events import OrderCancelled as OrderWasCancelled
from core.purchasing.offers import best_offer, in_currency, offers_of, price_today
from core.purchasing.queries import on_order, standing_receipts
from core.purchasing.rules import OrderLineDraft
from core.purchasing.tables import OrderState, PurchaseOrder, PurchaseOrderLine, SupplierOffer

_ZERO = Decimal(0)
# Built once: to build a statement costs more than to run it.
_FOUND = (
    select(PurchaseOrder)
    .where(PurchaseOrder.number.in_(bindparam("numbers", expanding=True)))
    .options(
        joinedload(PurchaseOrder.supplier, innerjoin=True),
        selectinload(PurchaseOrder.lines).joinedload(PurchaseOrderLine.item).joinedload(Item.unit),
    )
    .execution_options(populate_existing=True)
)
_LOCKED = _FOUND.with_for_update(of=PurchaseOrder)


def place_order(
    session: Session,
    *,
    supplier: Supplier,
    lines: Sequence[OrderLineDraft],
    expected_on: date | None = None,
    location: Location | None = None,
    ship_to: Party | None = None,
    currency: str | None = None,
) -> PurchaseOrder:
    """Order from a supplier, at the prices given or offered, and say when we will have to pay.

    It is in the currency given, or that in which we buy from the supplier; what is offered in
    another costs what it does at the rate of today.

    It is received at `location`, in the main warehouse where none is given; what is shipped to
    somebody else never lies on a shelf of ours, and costs what it costs when it is received.
    """
    rules.require_orderable(lines)
    ours, seller = company(session), current_supplier(session, supplier.party_id)
    require_unblocked(seller.party)
    if expected_on is not None and expected_on < ours.today:
        raise ExpectedInThePast(expected_on=expected_on, today=ours.today)
    catalog.require_tradeable(
        session, [(line.item, line.quantity) for line in lines], trade=Trade.PURCHASE
    )
    offers = offers_of(session, seller, {line.item.id for line in lines})
    chosen = [applicable_offer(session, offers[draft.item.id], draft, seller) for draft in lines]
    currency = currency or currency_of(ours, seller, lines, chosen)
    rate = worth_of_one(session, currency, ours.today)
    written = [
        written_line(session, position, draft, offer, expected_on, currency=currency)
        for position, (draft, offer) in enumerate(zip(lines, chosen, strict=True), start=1)
    ]
    taxed = taxed_lines(session, ours, written, currency=currency)
    nets = [line.base for line in taxed.lines]
    require_budget(session, written, [at_rate(net, rate, ours) for net in nets])
    coming = moved_lines(session, [(line, line.quantity) for line in written], 1)
    order = PurchaseOrder(
        number=next_number(session, "PO"),
        supplier=seller.party,
        supplier_id=seller.party_id,
        ordered_on=ours.today,
        expected_on=max(line.due_on for line in written),
        currency=currency,
        rate=rate,
        net_minor=taxed.base.minor,
        tax_minor=taxed.tax.minor,
        total_minor=taxed.total.minor,
        location_id=location.id if location is not None else None,
        ship_to_id=ship_to.id if ship_to is not None else None,
        lines=written,
    )
    session.add(order)
    due_on = order.expected_on + timedelta(days=seller.payment_days)
    fact = OrderPlaced(
        number=order.number,
        supplier=seller.party.name,
        lines=tuple(map(agreed_line, written, nets, coming)),
        net=taxed.base,
        total=taxed.total,
        worth=worth_of_foreign(taxed.total, rate, ours),
        expected_on=order.expected_on.isoformat(),
        expected_in_days=(order.expected_on - ours.today).days,
        due_on=due_on.isoformat(),
        due_in_days=(due_on - ours.today).days,
        ship_to=ship_to.name if ship_to is not None else "",
        location=location.code if location is not None else "",
    )
    events.record(session, fact)
    session.flush()
    return order


def find_order(session: Session, number: str, *, lock: bool = True) -> PurchaseOrder:
    """Return a purchase order with its lines, items and supplier; locked, so that it is done once.

    What it returns is what is stored now, whatever was read before: the lines are read once the
    order is locked, or they would be those of before the wait.
    """
    wanted = _LOCKED if lock else _FOUND
    known = {"numbers": [number, canonical_number(number)]}
    order = session.scalars(wanted, known).one_or_none()
    if order is None:
        raise UnknownOrder(number=number)
    return order


def require_own(order: PurchaseOrder) -> None:
    """Refuse to go on with an order that was carried out in another system."""
    if order.imported:
        raise OrderIsHistory(number=order.number)


def cancel_order(session: Session, number: str, *, because: str) -> PurchaseOrder:
    """Cancel an order of which nothing has come."""
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    if any(line.received_quantity for line in order.lines):
        receipts = ", ".join(standing_receipts(session, order.id))
        raise GoodsAlreadyCame(number=order.number, receipts=receipts)
    gone = moved_lines(session, [(line, line.quantity) for line in order.lines], -1)
    before, order.state = order.state, OrderState.CANCELLED
    fact = OrderWasCancelled(
        number=order.number,
        supplier=order.supplier.name,
        lines=tuple(gone),
        before=before,
        because=because,
    )
    events.record(session, fact)
    session.flush()
    invoicing.take_back_advances(session, order.number, party=order.supplier, because=because)
    return order


def applicable_offer(
    session: Session, offers: Sequence[SupplierOffer], draft: OrderLineDraft, supplier: Supplier
) -> SupplierOffer | None:
    """Return the supplier's cheapest offer for the quantity; a price of one's own needs none."""
    if not offers and draft.unit_price is not None:
        return None
    fitting = rules.fitting(offers, draft.quantity, company(session).today)
    if not fitting:
        # Which refusal it is, and who else sells it, is known there.
        return best_offer(session, draft.item, draft.quantity, supplier=supplier)
    return min(fitting, key=lambda offer: price_today(session, offer))


def currency_of(
    ours: Company,
    supplier: Supplier,
    drafts: Sequence[OrderLineDraft],
    offers: Sequence[SupplierOffer | None],
) -> str:
    """Return what we buy in from a supplier: what was agreed, or what its offers are in, or ours.

    What somebody says the price of is in our currency, unless it was agreed or said otherwise.
    """
    if supplier.currency is not None:
        return supplier.currency
    asked = {
        offer.currency
        for draft, offer in zip(drafts, offers, strict=True)
        if draft.unit_price is None and offer is not None
    }
    said = any(draft.unit_price is not None for draft in drafts)
    return ours.currency if said or len(asked) != 1 else asked.pop()


def written_line(
    session: Session,
    position: int,
    draft: OrderLineDraft,
    offer: SupplierOffer | None,
    expected_on: date | None,
    *,
    currency: str,
) -> PurchaseOrderLine:
    """Write a line of an order down, at its own price or the offer's."""
    price, ours = draft.unit_price, company(session)
    if price is None:
        assert offer is not None, "without a price there is an offer"
        price = in_currency(session, offer.unit_price, offer.currency, currency)
    catalog.require_price(draft.item, price)
    lead_time = timedelta(days=offer.lead_time_days if offer else 0)
    return PurchaseOrderLine(
        id=new_id(),
        position=position,
        item=draft.item,
        item_id=draft.item.id,
        quantity=draft.quantity,
        unit_price=price,
        discount_percent=draft.discount_percent,
        net_amount=catalog.net_amount(draft.quantity, price, draft.discount_percent),
        due_on=expected_on or ours.today + lead_time,
        received_quantity=_ZERO,
        rejected_quantity=_ZERO,
        billed_quantity=_ZERO,
        written_off_quantity=_ZERO,
        pegged_line_id=draft.pegged_line_id,
        pegged_to=draft.pegged_to,
        unit_code=draft.unit_code,
        unit_quantity=draft.unit_quantity,
    )


def money_of(exact: Decimal, ours: Company, currency: str) -> Money:
    """Round an exact amount to the smallest unit of an order's currency."""
    return Money.rounding(exact, currency, ours.rounding)


def taxed_lines(
    session: Session, ours: Company, lines: Sequence[PurchaseOrderLine], *, currency: str
) -> Computation:
    """Reckon the tax of an order; what comes is valued at its prices, so these are without tax."""
    codes = {code for line in lines if (code := line.item.purchase_tax_code)}
    found = tax.components_on(session, codes, ours.today)
    for line in lines:
        code = line.item.purchase_tax_code
        if code and any(component.included for component in found[code]):
            raise TaxInOrderPrice(code=code, sku=line.item.sku)
    charges = [
        Charge(
            money_of(line.net_amount, ours, currency), line.item.purchase_tax_code, line.quantity
        )
        for line in lines
    ]
    return tax.compute(session, charges, sale=False)


def moved_lines(
    session: Session,
    lines: Sequence[tuple[PurchaseOrderLine, Decimal]],
    sign: int,
    *,
    counted: Sequence[Decimal] | None = None,
) -> list[MovedLine]:
    """Say how what is on order moves by these quantities, one line after the other.

    `counted` is how much of each was on order, where more came than was.
    """
    coming = on_order(session, {line.item_id for line, _ in lines})
    moved = []
    for place, (line, quantity) in enumerate(lines):
        before = coming[line.item_id]
        coming[line.item_id] = before + sign * (quantity if counted is None else counted[place])
        moved.append(
            MovedLine(
                sku=line.item.sku,
                called=line.item.name,
                quantity=quantity,
                on_order_before=before,
                on_order=coming[line.item_id],
            )
        )
    return moved


def agreed_line(line: PurchaseOrderLine, net: Money, moved: MovedLine) -> OrderedLine:
    """Say what was agreed for a line."""
    return OrderedLine(
        sku=moved.sku,
        called=moved.called,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        net=net,
        on_order_before=moved.on_order_before,
        on_order=moved.on_order,
        ordered_as=_ordered_as(line),
    )


def _ordered_as(line: PurchaseOrderLine) -> str:
    if line.unit_code is None or line.unit_quantity is None:
        return ""
    return f"{plain(line.unit_quantity)} {line.unit_code}"

"""What one can do with purchase orders: place, receive, send back, cancel."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import catalog, inventory, invoicing
from core.catalog import Item, ItemKind
from core.inventory import Incoming, LocationKind, Returning
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import tax
from core.ledger.chart import GOODS_RECEIVED_NOT_BILLED
from core.ledger.tax import Charge, Computation
from core.parties import Supplier, current_supplier, require_unblocked
from core.purchasing import rules
from core.purchasing.committed import require_budget
from core.purchasing.errors import (
    ExpectedInThePast,
    GoodsAlreadyCame,
    OrderAlreadyReceived,
    OrderCancelled,
    OrderIsHistory,
    ReceiptAlreadyBilled,
    ReceiptAlreadyReturned,
    ReceiptIsReturn,
    TaxInOrderPrice,
    UnknownOrder,
    UnknownReceipt,
)
from core.purchasing.events import (
    MovedLine,
    OrderedLine,
    OrderPlaced,
    OrderReceived,
    ReceiptReturned,
)
from core.purchasing.events import OrderCancelled as OrderWasCancelled
from core.purchasing.offers import best_offer
from core.purchasing.queries import on_order, received_values, standing_receipts
from core.purchasing.rules import OrderLineDraft
from core.purchasing.tables import (
    GoodsReceipt,
    GoodsReceiptLine,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierOffer,
)

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
) -> PurchaseOrder:
    """Order from a supplier, at the prices given or offered, and say when we will have to pay."""
    rules.require_orderable(lines)
    ours, seller = company(session), current_supplier(session, supplier.party_id)
    require_unblocked(seller.party)
    if expected_on is not None and expected_on < ours.today:
        raise ExpectedInThePast(expected_on=expected_on, today=ours.today)
    catalog.require_tradeable(session, [(line.item, line.quantity) for line in lines])
    offers = _offers_of(session, seller, {line.item.id for line in lines})
    written = []
    for position, draft in enumerate(lines, start=1):
        offer = _applicable(session, offers[draft.item.id], draft, seller)
        written.append(_line(ours, position, draft, offer, expected_on))
    taxed = _taxed(session, ours, written)
    nets = [line.base for line in taxed.lines]
    require_budget(session, written, nets)
    coming = _moved(session, [(line, line.quantity) for line in written], 1)
    order = PurchaseOrder(
        number=next_number(session, "PO"),
        supplier=seller.party,
        supplier_id=seller.party_id,
        ordered_on=ours.today,
        expected_on=max(line.due_on for line in written),
        currency=ours.currency,
        net_minor=taxed.base.minor,
        tax_minor=taxed.tax.minor,
        total_minor=taxed.total.minor,
        lines=written,
    )
    session.add(order)
    due_on = order.expected_on + timedelta(days=seller.payment_days)
    fact = OrderPlaced(
        number=order.number,
        supplier=seller.party.name,
        lines=tuple(map(_agreed, written, nets, coming)),
        net=taxed.base,
        total=taxed.total,
        expected_on=order.expected_on.isoformat(),
        expected_in_days=(order.expected_on - ours.today).days,
        due_on=due_on.isoformat(),
        due_in_days=(due_on - ours.today).days,
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


def receive_order(
    session: Session, number: str, *, quantities: Mapping[int, Decimal] | None = None
) -> GoodsReceipt:
    """Take in what came of an order: all that is missing, or so much of each position.

    The shelf fills, and we owe for what came at the order's price until it is billed.
    """
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    missing = [line.quantity - line.received_quantity for line in order.lines]
    came = rules.chosen(order, quantities, usual=missing)
    if not came:
        raise OrderAlreadyReceived(number=order.number)
    catalog.require_quantities(session, [(line.item, quantity) for line, quantity in came])
    for line, quantity in came:
        rules.require_receivable(order, line, quantity)
    _lock_shelves(session, came)
    ours, before = company(session), order.state
    moved, values = _moved(session, came, -1), _values(session, ours, came)
    receipt = GoodsReceipt(
        number=next_number(session, "GR"),
        order_id=order.id,
        received_on=ours.today,
        lines=[
            GoodsReceiptLine(order_line_id=line.id, quantity=quantity, value_minor=value)
            for (line, quantity), value in zip(came, values, strict=True)
        ],
    )
    session.add(receipt)
    for line, quantity in came:
        line.received_quantity += quantity
    order.state = rules.state_after(order.lines)
    fact = OrderReceived(
        number=order.number,
        receipt=receipt.number,
        supplier=order.supplier.name,
        lines=tuple(moved),
        before=before,
        after=order.state,
    )
    events.record(session, fact)
    session.flush()
    goods = [
        Incoming(line.item, quantity, Money(value, ours.currency))
        for (line, quantity), value in zip(came, values, strict=True)
        if line.item.kind is ItemKind.STOCKED
    ]
    if goods:
        inventory.receive_goods(
            session,
            goods,
            location=inventory.main_location(session),
            against=GOODS_RECEIVED_NOT_BILLED,
            origin=receipt.number,
            memo=f"{order.number} {order.supplier.name}",
        )
    return receipt


def return_receipt(session: Session, receipt_number: str, *, because: str) -> GoodsReceipt:
    """Send back what came with a receipt, at the value it came in at; it is still to come then.

    Only while it is not billed: a bill is credited first.
    """
    number, order_number = _receipt(session, receipt_number)
    order = find_order(session, order_number)
    # Read under the order's lock: nobody returns it at the same time.
    receipt = _with_lines(session, number)
    _require_returnable(session, order, receipt)
    by_id = {line.id: line for line in order.lines}
    went = [(by_id[line.order_line_id], line.quantity) for line in receipt.lines]
    for line, quantity in went:
        if line.received_quantity - quantity < line.billed_quantity:
            charges = invoicing.standing_charges(session, order.number)
            bills = ", ".join(dict.fromkeys(each.invoice.number for each in charges))
            raise ReceiptAlreadyBilled(sku=line.item.sku, number=receipt.number, bills=bills)
    _lock_shelves(session, went)
    ours, before = company(session), order.state
    moved = _moved(session, went, 1)
    returned = GoodsReceipt(
        number=next_number(session, "GR"),
        order_id=order.id,
        received_on=ours.today,
        returns_id=receipt.id,
        lines=[
            GoodsReceiptLine(
                order_line_id=line.order_line_id,
                quantity=line.quantity,
                value_minor=line.value_minor,
            )
            for line in receipt.lines
        ],
    )
    session.add(returned)
    for line, quantity in went:
        line.received_quantity -= quantity
    order.state = rules.state_after(order.lines)
    fact = ReceiptReturned(
        number=order.number,
        receipt=receipt.number,
        returned_by=returned.number,
        supplier=order.supplier.name,
        lines=tuple(moved),
        before=before,
        after=order.state,
        because=because,
    )
    events.record(session, fact)
    session.flush()
    moves = {(move.item_id, move.quantity): move for move in inventory.moves_of(session, number)}
    goods = [
        Returning(
            line.item,
            quantity,
            Money(each.value_minor, ours.currency),
            moves.get((line.item_id, quantity)),
        )
        for (line, quantity), each in zip(went, receipt.lines, strict=True)
        if line.item.kind is ItemKind.STOCKED
    ]
    if goods:
        inventory.return_goods(
            session,
            goods,
            location=inventory.main_location(session),
            from_kind=LocationKind.SUPPLIER,
            against=GOODS_RECEIVED_NOT_BILLED,
            origin=returned.number,
            memo=because or f"{order.number} {order.supplier.name}",
        )
    return returned


def cancel_order(session: Session, number: str, *, because: str) -> PurchaseOrder:
    """Cancel an order of which nothing has come."""
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    if any(line.received_quantity for line in order.lines):
        receipts = ", ".join(standing_receipts(session, order.id))
        raise GoodsAlreadyCame(number=order.number, receipts=receipts)
    gone = _moved(session, [(line, line.quantity) for line in order.lines], -1)
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


def _offers_of(
    session: Session, supplier: Supplier, item_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[SupplierOffer]]:
    offers: dict[uuid.UUID, list[SupplierOffer]] = {item_id: [] for item_id in item_ids}
    wanted = select(SupplierOffer).where(
        SupplierOffer.supplier_id == supplier.party_id, SupplierOffer.item_id.in_(list(offers))
    )
    for offer in session.scalars(wanted):
        offers[offer.item_id].append(offer)
    return offers


def _applicable(
    session: Session, offers: Sequence[SupplierOffer], draft: OrderLineDraft, supplier: Supplier
) -> SupplierOffer | None:
    """Return the supplier's cheapest offer for the quantity; a price of one's own needs none."""
    if not offers and draft.unit_price is not None:
        return None
    enough = [offer for offer in offers if offer.minimum_quantity <= draft.quantity]
    if not enough:
        # Which refusal it is, and who else sells it, is known there.
        return best_offer(session, draft.item, draft.quantity, supplier=supplier)
    return min(enough, key=lambda offer: offer.unit_price)


def _line(
    ours: Company,
    position: int,
    draft: OrderLineDraft,
    offer: SupplierOffer | None,
    expected_on: date | None,
) -> PurchaseOrderLine:
    price = draft.unit_price
    if price is None:
        assert offer is not None, "without a price there is an offer"
        price = offer.unit_price
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
    )


def _money(exact: Decimal, ours: Company) -> Money:
    return Money.rounding(exact, ours.currency, ours.rounding)


def _taxed(session: Session, ours: Company, lines: Sequence[PurchaseOrderLine]) -> Computation:
    """Reckon the tax of an order; what comes is valued at its prices, so these are without tax."""
    codes = {code for line in lines if (code := line.item.purchase_tax_code)}
    found = tax.components_on(session, codes, ours.today)
    for line in lines:
        code = line.item.purchase_tax_code
        if code and any(component.included for component in found[code]):
            raise TaxInOrderPrice(code=code, sku=line.item.sku)
    charges = [
        Charge(_money(line.net_amount, ours), line.item.purchase_tax_code, line.quantity)
        for line in lines
    ]
    return tax.compute(session, charges, sale=False)


def _moved(
    session: Session, lines: Sequence[tuple[PurchaseOrderLine, Decimal]], sign: int
) -> list[MovedLine]:
    """Say how what is on order moves by these quantities, one line after the other."""
    coming = on_order(session, {line.item_id for line, _ in lines})
    moved = []
    for line, quantity in lines:
        before = coming[line.item_id]
        coming[line.item_id] = before + sign * quantity
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


def _agreed(line: PurchaseOrderLine, net: Money, moved: MovedLine) -> OrderedLine:
    return OrderedLine(
        sku=moved.sku,
        called=moved.called,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        net=net,
        on_order_before=moved.on_order_before,
        on_order=moved.on_order,
    )


def _lock_shelves(session: Session, lines: Sequence[tuple[PurchaseOrderLine, Decimal]]) -> None:
    stocked = {line.item_id for line, _ in lines if line.item.kind is ItemKind.STOCKED}
    if stocked:
        inventory.lock_items(session, stocked)


def _values(
    session: Session, ours: Company, came: Sequence[tuple[PurchaseOrderLine, Decimal]]
) -> list[int]:
    """Return what came is worth at the order's price; the last of a line takes what is left.

    So the parts of a line always add up to the line. A service lies on no shelf and is not owed
    for before it is billed.
    """
    begun = [line.id for line, _ in came if line.received_quantity]
    so_far = received_values(session, begun) if begun else {}
    values = []
    for line, quantity in came:
        whole = _money(line.net_amount, ours).minor
        if line.item.kind is not ItemKind.STOCKED:
            values.append(0)
        elif line.received_quantity + quantity == line.quantity:
            values.append(whole - so_far.get(line.id, 0))
        else:
            values.append(_money(line.net_amount * quantity / line.quantity, ours).minor)
    return values


def _receipt(session: Session, number: str) -> tuple[str, str]:
    wanted = (
        select(GoodsReceipt.number, PurchaseOrder.number)
        .join(PurchaseOrder, PurchaseOrder.id == GoodsReceipt.order_id)
        .where(GoodsReceipt.number.in_({number, canonical_number(number)}))
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise UnknownReceipt(number=number)
    return found


def _with_lines(session: Session, number: str) -> GoodsReceipt:
    wanted = (
        select(GoodsReceipt)
        .where(GoodsReceipt.number == number)
        .options(joinedload(GoodsReceipt.lines))
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).unique().one()


def _require_returnable(session: Session, order: PurchaseOrder, receipt: GoodsReceipt) -> None:
    require_own(order)
    if receipt.returns_id is not None:
        raise ReceiptIsReturn(number=receipt.number)
    by = session.scalar(select(GoodsReceipt.number).where(GoodsReceipt.returns_id == receipt.id))
    if by is not None:
        raise ReceiptAlreadyReturned(number=receipt.number, by=by)

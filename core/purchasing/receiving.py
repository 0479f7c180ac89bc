"""What comes of an order, and what goes back of it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from core import catalog, inventory
from core.catalog import ItemKind
from core.inventory import Incoming, Location, LocationKind, LotPart, Returning, StockMove
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.database import total
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import Journal, credit, debit, in_base, post_entry
from core.ledger.chart import COST_OF_GOODS_SOLD, GOODS_RECEIVED_NOT_BILLED
from core.purchasing import rules
from core.purchasing.changes import end_lines
from core.purchasing.errors import (
    NothingCame,
    OrderAlreadyReceived,
    OrderCancelled,
    OverReturn,
    ReceiptAlreadyReturned,
    ReceiptIsReturn,
    RejectedWithoutReason,
    UnknownReceipt,
)
from core.purchasing.events import OrderReceived, ReceiptReturned
from core.purchasing.ordering import find_order, money_of, moved_lines, require_own
from core.purchasing.queries import received_values
from core.purchasing.rules import Tolerance
from core.purchasing.tables import (
    GoodsReceipt,
    GoodsReceiptLine,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
)
from core.purchasing.tolerances import tolerance_of

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Rejected:
    """How much of a position was not accepted at the door, and why."""

    quantity: Decimal
    because: str


@dataclass(frozen=True)
class _Came:
    """What came of a line: accepted at a value, and rejected."""

    line: PurchaseOrderLine
    quantity: Decimal
    value: Money
    rejected: Decimal
    because: str | None


@dataclass
class _Left:
    """A line of a receipt, and how much of it has not gone back."""

    receipt_line: GoodsReceiptLine
    line: PurchaseOrderLine
    quantity: Decimal
    value_minor: int


def receive_order(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    rejected: Mapping[int, Rejected] | None = None,
    location: Location | None = None,
    received_on: date | None = None,
    lots: Mapping[int, Sequence[LotPart]] | None = None,
) -> GoodsReceipt:
    """Take in what came of an order: all that is missing, or so much of each position.

    The shelf fills, and we owe for what came at the order's price until it is billed. What is
    rejected goes away again and is still to come; what is missing within our tolerance ends its
    line. Where the order is shipped to somebody else, the goods become a cost at once. Positions
    of items that are kept by lot say of which `lots` the goods are.
    """
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    accepted, refused = _accepted(order, quantities, rejected or {})
    if not accepted and not refused:
        raise OrderAlreadyReceived(number=order.number)
    moving = [(line, quantity) for line, quantity in accepted if quantity]
    catalog.require_quantities(session, [(line.item, quantity) for line, quantity in moving])
    let_pass = tolerance_of(session, order.supplier_id, {line.item_id for line in order.lines})
    for line, quantity in moving:
        rules.require_receivable(order, line, quantity, let_pass[line.item_id])
    place = None if order.ship_to_id else _place(session, order, location)
    _lock_shelves(session, moving)
    ours, before = company(session), order.state
    counted = [min(quantity, rules.still_to_come(line)) for line, quantity in moving]
    moved = moved_lines(session, moving, -1, counted=counted)
    came = _valued(session, order, moving, refused, on=received_on or ours.today)
    receipt = GoodsReceipt(
        number=next_number(session, "GR"),
        order_id=order.id,
        received_on=received_on or ours.today,
        location_id=place.id if place is not None else None,
        lines=[
            GoodsReceiptLine(
                order_line_id=each.line.id,
                quantity=each.quantity,
                value_minor=each.value.minor,
                rejected_quantity=each.rejected,
                rejected_because=each.because,
            )
            for each in came
        ],
    )
    session.add(receipt)
    for each in came:
        each.line.received_quantity += each.quantity
        each.line.rejected_quantity += each.rejected
    order.state = rules.state_after(order.lines)
    fact = OrderReceived(
        number=order.number,
        receipt=receipt.number,
        supplier=order.supplier.name,
        lines=tuple(moved),
        before=before,
        after=order.state,
        rejected=tuple(
            f"{plain(each.rejected)} × {each.line.item.sku} ({each.because})"
            for each in came
            if each.rejected
        ),
    )
    events.record(session, fact)
    session.flush()
    _bring_in(session, order, receipt, came, place, lots or {})
    ended = [line for line, _ in moving if _is_ended(line, let_pass[line.item_id])]
    if ended:
        end_lines(session, order, ended, because=receipt.number)
    return receipt


def return_receipt(
    session: Session,
    receipt_number: str,
    *,
    because: str,
    quantities: Mapping[int, Decimal] | None = None,
) -> GoodsReceipt:
    """Send back what came with a receipt, or so much of each position of its order.

    It goes back at the value it came in at, and is still to come then. Of what was billed
    already, the supplier owes us a credit note until there is one.
    """
    number, order_number = _receipt(session, receipt_number)
    order = find_order(session, order_number)
    # Read under the order's lock: nobody returns it at the same time.
    receipt = _with_lines(session, number)
    went = _chosen_back(order, receipt, _left_of(session, order, receipt), quantities)
    back = [(left.line, quantity) for left, quantity in went]
    _lock_shelves(session, back)
    ours, before = company(session), order.state
    moved = moved_lines(session, back, 1, counted=_wanted_again(back))
    returned = GoodsReceipt(
        number=next_number(session, "GR"),
        order_id=order.id,
        received_on=ours.today,
        returns_id=receipt.id,
        location_id=receipt.location_id,
        because=because,
        lines=[
            GoodsReceiptLine(
                order_line_id=left.line.id,
                quantity=quantity,
                value_minor=_value_back(ours, left, quantity),
                rejected_quantity=_ZERO,
                returns_line_id=left.receipt_line.id,
            )
            for left, quantity in went
        ],
    )
    session.add(returned)
    for line, quantity in back:
        line.received_quantity -= quantity
    order.state = rules.state_after(order.lines)
    is_whole = all(quantity == left.receipt_line.quantity for left, quantity in went)
    fact = ReceiptReturned(
        number=order.number,
        receipt=receipt.number,
        returned_by=returned.number,
        supplier=order.supplier.name,
        lines=tuple(moved),
        before=before,
        after=order.state,
        because=because,
        whole=is_whole and len(went) == len([each for each in receipt.lines if each.quantity]),
        to_credit=_to_credit(back),
    )
    events.record(session, fact)
    session.flush()
    _take_out(session, order, receipt, returned, back)
    return returned


def _accepted(
    order: PurchaseOrder,
    quantities: Mapping[int, Decimal] | None,
    rejected: Mapping[int, Rejected],
) -> tuple[list[tuple[PurchaseOrderLine, Decimal]], dict[uuid.UUID, Rejected]]:
    """Return what is accepted of each line, and what is rejected: of all that came, the rest."""
    refused: dict[uuid.UUID, Rejected] = {}
    for line, quantity in rules.chosen(
        order, {place: each.quantity for place, each in rejected.items()}, usual=()
    ):
        why = rejected[line.position].because.strip()
        if quantity <= 0:
            raise NothingCame(number=order.number)
        if not why:
            raise RejectedWithoutReason(sku=line.item.sku, quantity=plain(quantity))
        refused[line.id] = Rejected(quantity, why)
    if quantities is not None:
        if any(quantity < 0 for quantity in quantities.values()):
            raise NothingCame(number=order.number)
        return rules.chosen(order, quantities, usual=()), refused
    missing = [
        rules.still_to_come(line) - (refused[line.id].quantity if line.id in refused else 0)
        for line in order.lines
    ]
    return rules.chosen(order, None, usual=missing), refused


def _valued(
    session: Session,
    order: PurchaseOrder,
    moving: Sequence[tuple[PurchaseOrderLine, Decimal]],
    refused: Mapping[uuid.UUID, Rejected],
    *,
    on: date,
) -> list[_Came]:
    """Return what came with its worth at the order's price, at the rate of the day it came.

    A service lies on no shelf and is not owed for before it is billed.
    """
    ours = company(session)
    begun = [line.id for line, _ in moving if line.received_quantity]
    so_far = received_values(session, begun) if begun else {}
    nothing = Money(0, ours.currency)
    accepted = {line.id for line, _ in moving}
    came = []
    for line, quantity in moving:
        if order.currency != ours.currency:
            # Parts that came at different rates do not add up to anything.
            part = line.net_amount * quantity / line.quantity
            value = in_base(session, money_of(part, ours, order.currency), on)
        else:
            exact, ends = rules.value_of_receipt(
                line.net_amount, line.quantity, line.received_quantity, quantity
            )
            value = money_of(exact, ours, ours.currency)
            if ends:
                # Earlier parts were rounded; a part never takes more back than it brings.
                left = value.minor - so_far.get(line.id, 0)
                value = Money(max(left, 0), ours.currency)
        if line.item.kind is not ItemKind.STOCKED:
            value = nothing
        gone = refused.get(line.id)
        came.append(
            _Came(
                line,
                quantity,
                value,
                gone.quantity if gone else _ZERO,
                gone.because if gone else None,
            )
        )
    for line_id, gone in refused.items():
        if line_id not in accepted:
            line = session.get_one(PurchaseOrderLine, line_id)
            came.append(_Came(line, _ZERO, nothing, gone.quantity, gone.because))
    return came


def _is_ended(line: PurchaseOrderLine, tolerance: Tolerance) -> bool:
    missing = rules.still_to_come(line)
    return bool(missing) and missing * rules.HUNDRED <= line.quantity * tolerance.under_percent


def _place(session: Session, order: PurchaseOrder, location: Location | None) -> Location:
    if location is not None:
        return location
    if order.location_id is not None:
        return session.get_one(Location, order.location_id)
    return inventory.main_location(session)


def _bring_in(
    session: Session,
    order: PurchaseOrder,
    receipt: GoodsReceipt,
    came: Sequence[_Came],
    place: Location | None,
    lots: Mapping[int, Sequence[LotPart]],
) -> None:
    stocked = [each for each in came if each.quantity and each.line.item.kind is ItemKind.STOCKED]
    memo = f"{order.number} {order.supplier.name}"
    if place is None:
        worth = sum(each.value.minor for each in stocked)
        _book_cost(session, receipt, worth, memo=memo)
    elif stocked:
        inventory.receive_goods(
            session,
            [
                Incoming(
                    each.line.item, each.quantity, each.value, lots.get(each.line.position, ())
                )
                for each in stocked
            ],
            location=place,
            against=GOODS_RECEIVED_NOT_BILLED,
            origin=receipt.number,
            memo=memo,
            moved_on=receipt.received_on,
        )


def _take_out(
    session: Session,
    order: PurchaseOrder,
    receipt: GoodsReceipt,
    returned: GoodsReceipt,
    back: Sequence[tuple[PurchaseOrderLine, Decimal]],
) -> None:
    memo = returned.because or f"{order.number} {order.supplier.name}"
    moves = moves_by_line(session, order, receipt)
    goods = [
        Returning(
            line.item,
            quantity,
            Money(each.value_minor, company(session).currency),
            moves.get(each.returns_line_id),
        )
        for (line, quantity), each in zip(back, returned.lines, strict=True)
        if line.item.kind is ItemKind.STOCKED
    ]
    if order.ship_to_id is not None:
        worth = sum(each.value.minor for each in goods)
        _book_cost(session, returned, -worth, memo=memo)
    elif goods:
        location_id = returned.location_id
        place = inventory.main_location(session)
        inventory.return_goods(
            session,
            goods,
            location=place if location_id is None else session.get_one(Location, location_id),
            from_kind=LocationKind.SUPPLIER,
            against=GOODS_RECEIVED_NOT_BILLED,
            origin=returned.number,
            memo=memo,
            undoes=receipt.number,
        )


def moves_by_line(
    session: Session, order: PurchaseOrder, receipt: GoodsReceipt
) -> dict[uuid.UUID | None, StockMove]:
    """Return with which move the goods of each line of a receipt came in.

    Of lines that are alike each has its own: they came in by the order of their positions.
    """
    by_id = {line.id: line for line in order.lines}
    lines = [
        each
        for each in sorted(receipt.lines, key=lambda line: by_id[line.order_line_id].position)
        if each.quantity
    ]
    wanted = [(by_id[each.order_line_id].item_id, each.quantity) for each in lines]
    moves = inventory.moves_of_lines(session, receipt.number, wanted)
    return {each.id: move for each, move in zip(lines, moves, strict=True) if move is not None}


def standing_lines(
    session: Session, order: PurchaseOrder, line: PurchaseOrderLine
) -> list[tuple[StockMove, Decimal]]:
    """Return the moves by which an order line came in, each with how much of it has stayed."""
    wanted = (
        select(GoodsReceipt)
        .where(GoodsReceipt.order_id == order.id)
        .options(joinedload(GoodsReceipt.lines))
        .order_by(GoodsReceipt.number)
        .execution_options(populate_existing=True)
    )
    receipts = session.scalars(wanted).unique().all()
    gone: dict[uuid.UUID | None, Decimal] = defaultdict(Decimal)
    for each in (row for receipt in receipts for row in receipt.lines):
        gone[each.returns_line_id] += each.quantity
    stayed = []
    for receipt in receipts:
        moves = moves_by_line(session, order, receipt) if receipt.returns_id is None else {}
        for each in receipt.lines:
            left = each.quantity - gone[each.id]
            if each.order_line_id == line.id and each.id in moves and left:
                stayed.append((moves[each.id], left))
    return stayed


def _book_cost(session: Session, receipt: GoodsReceipt, minor: int, *, memo: str) -> None:
    """Let what a supplier shipped to somebody else be a cost, owed for until it is billed."""
    if not minor:
        return
    worth = Money(abs(minor), company(session).currency)
    lines = [debit(COST_OF_GOODS_SOLD, worth), credit(GOODS_RECEIVED_NOT_BILLED, worth)]
    if minor < 0:
        lines = [line.reversed() for line in reversed(lines)]
    post_entry(
        session,
        lines,
        memo=memo,
        origin=receipt.number,
        posted_on=receipt.received_on,
        journal=Journal.STOCK,
    )


def _left_of(session: Session, order: PurchaseOrder, receipt: GoodsReceipt) -> list[_Left]:
    """Return the lines of a receipt, each with how much of it has not gone back."""
    if receipt.returns_id is not None:
        raise ReceiptIsReturn(number=receipt.number)
    require_own(order)
    gone: dict[uuid.UUID, tuple[Decimal, int]] = defaultdict(lambda: (_ZERO, 0))
    wanted = (
        select(
            GoodsReceiptLine.returns_line_id,
            func.sum(GoodsReceiptLine.quantity),
            total(GoodsReceiptLine.value_minor),
        )
        .where(GoodsReceiptLine.returns_line_id.in_([each.id for each in receipt.lines]))
        .group_by(GoodsReceiptLine.returns_line_id)
    )
    for line_id, quantity, minor in session.execute(wanted):
        assert line_id is not None, "only these are asked for"
        gone[line_id] = (quantity, minor)
    by_id = {line.id: line for line in order.lines}
    left = [
        _Left(
            each,
            by_id[each.order_line_id],
            each.quantity - gone[each.id][0],
            each.value_minor - gone[each.id][1],
        )
        for each in receipt.lines
        if each.quantity
    ]
    if not any(each.quantity for each in left):
        by = select(GoodsReceipt.number).where(GoodsReceipt.returns_id == receipt.id)
        numbers = ", ".join(session.scalars(by.order_by(GoodsReceipt.number)))
        raise ReceiptAlreadyReturned(number=receipt.number, by=numbers)
    return left


def _chosen_back(
    order: PurchaseOrder,
    receipt: GoodsReceipt,
    left: Sequence[_Left],
    quantities: Mapping[int, Decimal] | None,
) -> list[tuple[_Left, Decimal]]:
    if quantities is None:
        return [(each, each.quantity) for each in left if each.quantity]
    by_line = {each.line.id: each for each in left}
    went = []
    for line, quantity in rules.chosen(order, quantities, usual=()):
        each = by_line.get(line.id)
        most = each.quantity if each is not None else _ZERO
        if each is None or not 0 < quantity <= most:
            raise OverReturn(
                sku=line.item.sku,
                number=receipt.number,
                left=plain(most),
                quantity=plain(quantity),
            )
        went.append((each, quantity))
    if not went:
        raise NothingCame(number=receipt.number)
    return went


def _value_back(ours: Company, left: _Left, quantity: Decimal) -> int:
    """Return what a part of a receipt came in at; the last part takes what is left of it."""
    worth = Money(left.value_minor, ours.currency)
    return worth.times(quantity / left.quantity, ours.rounding).minor


def _wanted_again(back: Sequence[tuple[PurchaseOrderLine, Decimal]]) -> list[Decimal]:
    """Return how much of what goes back is to come again: not what came beyond the order."""
    again = []
    for line, quantity in back:
        after = max(_ZERO, line.quantity - line.received_quantity + quantity)
        again.append(after - rules.still_to_come(line))
    return again


def _to_credit(back: Sequence[tuple[PurchaseOrderLine, Decimal]]) -> tuple[str, ...]:
    """Say for which goods the supplier owes us a credit note, once they have gone back."""
    return tuple(
        f"{plain(-owed)} × {line.item.sku}"
        for line, _ in back
        if (owed := rules.billable_quantity(line)) < 0
    )


def _lock_shelves(session: Session, lines: Sequence[tuple[PurchaseOrderLine, Decimal]]) -> None:
    stocked = {line.item_id for line, _ in lines if line.item.kind is ItemKind.STOCKED}
    if stocked:
        inventory.lock_items(session, stocked)


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

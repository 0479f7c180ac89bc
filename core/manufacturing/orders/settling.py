"""The end of work orders: finished, settled and closed, or cancelled and taken back."""

import uuid
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from core import catalog, inventory
from core.catalog import Item, Tracking, ValuationMethod
from core.inventory import LocationKind, LotPart, Outgoing, StockMove
from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import Money, digits_of, plain
from core.ledger import Journal, credit, debit, post_entry
from core.ledger.chart import (
    PRODUCTION_EFFICIENCY_VARIANCE,
    PRODUCTION_SCRAP,
    PRODUCTION_USAGE_VARIANCE,
    PRODUCTION_VARIANCE,
    WORK_IN_PROGRESS,
)
from core.manufacturing.orders import rules
from core.manufacturing.orders.errors import (
    NothingReported,
    OutputIsGone,
    StillInRework,
    UnderProduction,
    WorkOrderIs,
)
from core.manufacturing.orders.events import OrderSettled
from core.manufacturing.orders.making import move_on
from core.manufacturing.orders.material import put_back, require_at_work
from core.manufacturing.orders.queries import (
    costs_by_item,
    find_work_order,
    in_progress,
    moves_in,
    with_late_cost,
)
from core.manufacturing.orders.reporting import Output, book_work, take_back_all_work, take_in
from core.manufacturing.orders.tables import (
    VarianceKind,
    WorkOrder,
    WorkOrderState,
    WorkOrderVariance,
)
from core.manufacturing.routings import rates_of

_ZERO, _HUNDRED = Decimal(0), Decimal(100)
_FINISHED, _CLOSED = Both("finished", "完工"), Both("closed", "关闭")
_SETTLED, _CANCELLED = Both("settled", "结算"), Both("cancelled", "取消")
_NOT_ENDED = Both("neither closed nor cancelled", "未关闭且未取消")
# Whoever runs settles within seconds; nobody needs to look through all the years for it.
_LOOKED_BACK = timedelta(days=30)
_ENDED = frozenset({WorkOrderState.CLOSED, WorkOrderState.CANCELLED})
_ACCOUNTS = {
    VarianceKind.USAGE: PRODUCTION_USAGE_VARIANCE,
    VarianceKind.EFFICIENCY: PRODUCTION_EFFICIENCY_VARIANCE,
    VarianceKind.SCRAP: PRODUCTION_SCRAP,
    VarianceKind.OTHER: PRODUCTION_VARIANCE,
}


def finish(session: Session, number: str, output: Output | None = None) -> WorkOrder:
    """Report the rest of an order, all of it where nothing is said, and say that it is done.

    Work that nobody reported took as long as planned. What the order cost is what its output is
    worth; at a standard cost the difference waits for the closing.
    """
    order = find_work_order(session, number, lock=True)
    require_at_work(order, _FINISHED)
    if output is None:
        rest = rest_of(order)
        output = Output(good=rest, from_rework=min(order.rework_quantity, rest))
    _check(session, order, output)
    _book_unreported_work(session, order, output)
    total = order.good_quantity + output.good
    if output.good or output.scrapped:
        share = output.good / total if total else _ZERO
        # Before it, its goods are worth what was planned; the settling puts that right.
        take_in(session, order, output, share_of_all=share if order.good_quantity else Decimal(1))
    inventory.release(session, [each.id for each in order.components])
    order.finished_on = company(session).today
    move_on(session, order, WorkOrderState.FINISHED)
    settle(session, order)
    inventory.allocate(session, {each.item_id for each in order.components})
    return order


def settle_order(session: Session, number: str) -> WorkOrder:
    """Bring what an order cost since it was finished onto its output, or into its variances."""
    order = find_work_order(session, number, lock=True)
    if order.state is WorkOrderState.FINISHED:
        settle(session, order)
    elif order.state in _ENDED:
        settle(session, order)
        _book_variances(session, order)
        order.closed_at = clock.now()
    else:
        raise WorkOrderIs(
            number=order.number, state=order.state, needed=WorkOrderState.FINISHED, verb=_SETTLED
        )
    session.flush()
    return order


def has_late_cost(session: Session) -> bool:
    """Tell whether material of a closed order got another cost, some days ago at most."""
    return bool(with_late_cost(session, clock.now() - _LOOKED_BACK))


def settle_late(session: Session) -> list[str]:
    """Settle every closed order whose material got another cost since; return which."""
    numbers = with_late_cost(session, clock.now() - _LOOKED_BACK)
    for number in numbers:
        settle_order(session, number)
    return numbers


def close(session: Session, number: str) -> WorkOrder:
    """Close a finished order: what is left in progress is a variance, and says of what kind."""
    order = find_work_order(session, number, lock=True)
    if order.state is not WorkOrderState.FINISHED:
        raise WorkOrderIs(
            number=order.number, state=order.state, needed=WorkOrderState.FINISHED, verb=_CLOSED
        )
    settle(session, order)
    _book_variances(session, order)
    order.closed_at = clock.now()
    move_on(session, order, WorkOrderState.CLOSED)
    return order


def cancel(session: Session, number: str, *, because: str) -> WorkOrder:
    """Cancel an order: its output goes back, what it took and what was absorbed comes back.

    Refused where its output is not there any more.
    """
    order = find_work_order(session, number, lock=True)
    if order.state in _ENDED:
        raise WorkOrderIs(
            number=order.number, state=order.state, needed=_NOT_ENDED, verb=_CANCELLED
        )
    _take_back_output(session, order)
    issued = [(each, each.issued_quantity) for each in order.components if each.issued_quantity]
    put_back(session, order, issued)
    take_back_all_work(session, order)
    inventory.release(session, [each.id for each in order.components])
    order.good_quantity = order.scrapped_quantity = order.rework_quantity = _ZERO
    _book_variances(session, order)
    order.closed_at = clock.now()
    move_on(session, order, WorkOrderState.CANCELLED, because=because)
    inventory.allocate(session, {each.item_id for each in order.components})
    return order


def settle(session: Session, order: WorkOrder) -> None:
    """Bring what is left in progress onto the output of an order, by its shares and pieces."""
    left = in_progress(session, order).minor
    if order.at_standard or left == 0 or not order.good_quantity:
        return
    moves: dict[StockMove, Decimal] = {}
    for item, share in _shares(order):
        own = moves_in(session, order, item.id)
        if own and item.valuation_method is not ValuationMethod.STANDARD:
            pieces = sum((move.quantity for move in own), _ZERO)
            moves |= {move: share * move.quantity / pieces for move in own}
    if not moves:
        return
    costs = inventory.costs_of(session, moves)
    whole = left + sum(costs[move.id].minor for move in moves)
    parts = rules.divided(whole, list(moves.values()))
    currency = company(session).currency
    more = [
        (move, Money(part - costs[move.id].minor, currency))
        for move, part in zip(moves, parts, strict=True)
        if part != costs[move.id].minor
    ]
    inventory.add_cost(
        session,
        more,
        from_account=WORK_IN_PROGRESS,
        origin=order.number,
        memo=f"{order.number} {order.item.sku}",
        because=order.number,
    )


def _shares(order: WorkOrder) -> list[tuple[Item, Decimal]]:
    """Return which share of the cost each product bears; the main one comes last, for the rest."""
    besides = [
        (each.item, each.cost_share_percent)
        for each in order.by_products
        if each.received_quantity and each.cost_share_percent
    ]
    return [*besides, (order.item, _HUNDRED - sum((share for _, share in besides), _ZERO))]


def rest_of(order: WorkOrder) -> Decimal:
    """Return how much is still expected to come out good."""
    begun = order.begun_quantity - order.good_quantity - order.scrapped_quantity
    return max(min(order.quantity - order.good_quantity, begun), _ZERO)


def _check(session: Session, order: WorkOrder, output: Output) -> None:
    digits = catalog.unit_digits(session, [order.item])[order.item.unit_code]
    total = order.good_quantity + output.good
    least = rules.least_of(order.quantity, order.tolerance_percent, digits)
    if total < least:
        raise UnderProduction(
            number=order.number, sku=order.item.sku, least=plain(least), total=plain(total)
        )
    if total + order.scrapped_quantity + output.scrapped <= 0:
        raise NothingReported(number=order.number)
    left = order.rework_quantity + output.rework - output.from_rework
    if left > 0:
        raise StillInRework(number=order.number, rework=plain(left))


def _book_unreported_work(session: Session, order: WorkOrder, output: Output) -> None:
    pieces = order.good_quantity + order.scrapped_quantity + output.good + output.scrapped
    for step in order.operations:
        if step.reported_minutes or step.reported_cycles or not pieces:
            continue
        minutes = step.setup_minutes + step.run_minutes * pieces
        book_work(
            session,
            order,
            step,
            step.work_centre,
            minutes=minutes,
            cycles=step.cycles * pieces,
        )


def _take_back_output(session: Session, order: WorkOrder) -> None:
    products = [(order.item, order.good_quantity)]
    products += [(each.item, each.received_quantity) for each in order.by_products]
    going = [(item, quantity) for item, quantity in products if quantity]
    for item, quantity in going:
        there = inventory.stock_of(session, item).available
        if there < quantity:
            raise OutputIsGone(
                number=order.number, sku=item.sku, good=plain(quantity), there=plain(there)
            )
    if going:
        inventory.issue_goods(
            session,
            [
                Outgoing(item, quantity, lots=_lots_of(session, order, item))
                for item, quantity in going
            ],
            location=order.location,
            origin=order.number,
            memo=f"{order.number} {order.item.sku}",
            to_kind=LocationKind.PRODUCTION,
            debit_to=WORK_IN_PROGRESS,
        )
    for each in order.by_products:
        each.received_quantity = _ZERO
    session.flush()


def _lots_of(session: Session, order: WorkOrder, item: Item) -> list[LotPart]:
    """Return the lots that came of an order: those go back, and no others."""
    if item.tracking is Tracking.NONE:
        return []
    parts: dict[str, Decimal] = defaultdict(Decimal)
    for move in moves_in(session, order, item.id):
        for lot in inventory.lots_of_move(session, move):
            parts[lot.number] += lot.quantity
    return [LotPart(number, quantity) for number, quantity in parts.items()]


def _book_variances(session: Session, order: WorkOrder) -> None:
    """Take what is left in progress out of it, split by why it is left."""
    left = in_progress(session, order)
    if left.minor == 0:
        return
    kinds = _kinds(session, order, left.minor)
    lines = []
    for kind, minor in kinds.items():
        session.add(
            WorkOrderVariance(
                order_id=order.id,
                kind=kind,
                amount_minor=minor,
                booked_on=company(session).today,
            )
        )
        amount = Money(abs(minor), left.currency)
        lines.append((debit if minor > 0 else credit)(_ACCOUNTS[kind], amount))
    side = credit if left.minor > 0 else debit
    lines.append(side(WORK_IN_PROGRESS, Money(abs(left.minor), left.currency)))
    told = tuple((str(kind), Money(minor, left.currency)) for kind, minor in kinds.items())
    events.record(session, OrderSettled(order.number, told))
    memo = f"{order.number} {order.item.sku}"
    post_entry(session, lines, memo=memo, origin=order.number, journal=Journal.STOCK)
    session.flush()


def _kinds(session: Session, order: WorkOrder, left: int) -> dict[VarianceKind, int]:
    """Return what is left by kind; what cannot be computed, and the rest of rounding, is other."""
    found: dict[VarianceKind, int] = defaultdict(int)
    if order.good_quantity == 0:
        kind = VarianceKind.SCRAP if order.scrapped_quantity else VarianceKind.OTHER
        return {kind: left}
    if order.at_standard:
        found[VarianceKind.SCRAP] = _scrap(order)
        found[VarianceKind.USAGE] = _usage(session, order)
        found[VarianceKind.EFFICIENCY] = _efficiency(session, order)
    found[VarianceKind.OTHER] = left - sum(found.values())
    return {kind: minor for kind, minor in found.items() if minor}


def _scrap(order: WorkOrder) -> int:
    """Return what was spent on pieces that were scrapped beyond what was expected."""
    expected = order.good_quantity * (order.begun_quantity - order.quantity) / order.quantity
    beyond = max(order.scrapped_quantity - expected, _ZERO)
    return int(order.planned_unit_cost * beyond)


def _usage(session: Session, order: WorkOrder) -> int:
    """Return what was spent on components beyond what the pieces begun should have taken."""
    digits = catalog.unit_digits(session, [each.item for each in order.components])
    processed, total = order.good_quantity + order.scrapped_quantity, 0
    spent, issued = costs_by_item(session, order), defaultdict[uuid.UUID, Decimal](Decimal)
    for each in order.components:
        issued[each.item_id] += each.issued_quantity
    for each in order.components:
        allowed = rules.share_for(
            each.quantity,
            processed=processed,
            begun=order.begun_quantity,
            digits=digits[each.item.unit_code],
            fixed=each.fixed,
        )
        if taken := issued[each.item_id]:
            beyond = each.issued_quantity - allowed
            total += int(beyond * (Decimal(spent.get(each.item_id, 0)) / taken))
    return total


def _efficiency(session: Session, order: WorkOrder) -> int:
    """Return what longer or shorter work than planned cost, at the rates of today."""
    scale = Decimal(10) ** digits_of(company(session).currency)
    pieces, total = order.good_quantity + order.scrapped_quantity, _ZERO
    for step in order.operations:
        rates = rates_of(step.work_centre)
        minutes = step.reported_minutes - step.setup_minutes - step.run_minutes * pieces
        cycles = step.reported_cycles - step.cycles * pieces
        total += rates.labour_of(minutes) + rates.overhead_of(minutes, cycles)
    return int(total * scale)

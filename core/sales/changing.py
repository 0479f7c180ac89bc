"""Changing what was agreed on an order, as long as it was not done yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Self

from sqlalchemy.orm import Session

from core import catalog, inventory
from core.catalog import ItemKind
from core.catalog.rules import PRICE_DIGITS
from core.inventory import Location
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, plain, rounded
from core.ledger import worth_of_foreign
from core.parties import Customer, lock_customer, require_unblocked
from core.sales import holds, rules
from core.sales.deferring import defer_revenue
from core.sales.errors import (
    BelowDone,
    ChangesNothing,
    DiscountOutOfRange,
    EmptyOrder,
    LineHasHistory,
    OrderCancelled,
    PriceIsInvoiced,
    PromisedInThePast,
    UnknownPosition,
)
from core.sales.events import Exposure, OrderChanged
from core.sales.ordering import (
    exposure_with,
    find_order,
    from_stock,
    moved,
    require_own,
    reserve_for,
    taxed_lines,
    written_lines,
)
from core.sales.queries import exposure_of, has_left
from core.sales.rules import OrderLineDraft, OrderTerms
from core.sales.tables import HoldReason, OrderState, SalesOrder, SalesOrderLine

_ZERO = Decimal(0)


@dataclass(frozen=True)
class LineChange:
    """What becomes of a line; what is not said stays."""

    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    discount_percent: Decimal | None = None


@dataclass(frozen=True)
class OrderChange:
    """What becomes of an order; what is not said stays."""

    lines: Mapping[int, LineChange] | None = None
    added: Sequence[OrderLineDraft] = ()
    removed: Collection[int] = ()
    discount_percent: Decimal | None = None
    promised_on: date | None = None
    requested_on: date | None = None
    ships_complete: bool | None = None
    location: Location | None = None
    reference: str | None = None
    incoterm: str | None = None
    notes: str | None = None


def change_order(session: Session, number: str, change: OrderChange) -> SalesOrder:
    """Agree on something else: never on less than was delivered or invoiced, nor beyond credit.

    Tax, exposure and reservations follow. What is beyond credit is refused, or the order is held
    as a new one would be.
    """
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    buyer = lock_customer(session, order.customer_id)
    require_unblocked(buyer.party)
    _lock(session, order, change)
    before = Money(order.total_minor, order.currency)
    exposed = exposure_of(session, buyer.party_id)
    said = _change_terms(session, order, change)
    said += _change_lines(session, order, change)
    touched = list(said.touched)
    added = _add_lines(session, order, buyer, change)
    said += _Said([("lines", "–", _told(line)) for line in added], added)
    if not said.terms:
        raise ChangesNothing(number=order.number)
    _reckon(session, order)
    session.flush()
    exposure = exposure_with(session, buyer, Money(0, exposed.currency))
    held = None
    if exposed < exposure.after:
        held = holds.reason_to_hold(session, buyer, exposure)
    if held is not None:
        exposure = _hold(session, order, buyer, held)
    _reserve_anew(session, order, [*touched, *added], moved_elsewhere=change.location is not None)
    after = Money(order.total_minor, order.currency)
    fact = OrderChanged(
        number=order.number,
        customer=order.customer.name,
        terms=tuple(said.terms),
        before=before,
        after=after,
        worth=worth_of_foreign(after, order.rate, company(session)),
        exposure=replace(exposure, before=exposed),
        lines=moved([(line, line.quantity) for line in (*touched, *added)]),
        held=held or "",
    )
    events.record(session, fact)
    session.flush()
    # More of what came back for good and is not credited may be what is still to leave.
    defer_revenue(session, order)
    return order


def _hold(session: Session, order: SalesOrder, buyer: Customer, reason: HoldReason) -> Exposure:
    """Hold an order that became too much: of one that nothing was done of, nothing is promised."""
    order.hold_reason, order.held_on = reason, company(session).today
    if not any(line.delivered_quantity or line.invoiced_quantity for line in order.lines):
        inventory.release(session, [line.id for line in order.lines])
        order.state = OrderState.HELD
    session.flush()
    return exposure_with(session, buyer, Money(0, company(session).currency))


@dataclass
class _Said:
    """What changed, in words, and on which lines."""

    terms: list[tuple[str, str, str]]
    touched: list[SalesOrderLine]

    def __iadd__(self, more: "_Said") -> Self:
        self.terms += more.terms
        self.touched += more.touched
        return self


def _lock(session: Session, order: SalesOrder, change: OrderChange) -> None:
    items = {line.item_id for line in from_stock(order.lines)}
    items |= {each.item.id for each in change.added if each.item.kind is ItemKind.STOCKED}
    if items:
        inventory.lock_items(session, items)


def _change_terms(session: Session, order: SalesOrder, change: OrderChange) -> _Said:
    today, said = company(session).today, _Said([], [])
    for name in ("promised_on", "requested_on"):
        day, was = getattr(change, name), getattr(order, name)
        if day is None or day == was:
            continue
        if day < today:
            raise PromisedInThePast(promised_on=day, today=today)
        said.terms.append((name, _in_days(was, today), _in_days(day, today)))
        setattr(order, name, day)
    for name in ("reference", "incoterm", "notes"):
        text, was = getattr(change, name), getattr(order, name)
        if text is not None and text != was:
            said.terms.append((name, was or "–", text))
            setattr(order, name, text)
    if change.ships_complete is not None and change.ships_complete != order.ships_complete:
        words = ("ships_in_parts", "ships_complete")
        said.terms.append(
            ("delivery_policy", words[order.ships_complete], words[change.ships_complete])
        )
        order.ships_complete = change.ships_complete
    if change.location is not None and change.location.id != order.location_id:
        was = order.location.code if order.location else inventory.main_location(session).code
        said.terms.append(("warehouse", was, change.location.code))
        order.location_id = change.location.id
    return said


def _in_days(day: date | None, today: date) -> str:
    return "–" if day is None else f"{(day - today).days} d"


def _change_lines(session: Session, order: SalesOrder, change: OrderChange) -> _Said:
    said, changes = _Said([], []), change.lines or {}
    by_position = {line.position: line for line in order.lines}
    for position in (*changes, *change.removed):
        if position not in by_position:
            known = ", ".join(map(str, by_position))
            raise UnknownPosition(number=order.number, position=position, positions=known)
    discount = change.discount_percent
    if discount is not None and discount != order.discount_percent:
        if not 0 <= discount <= rules.HUNDRED:
            raise DiscountOutOfRange(percent=plain(discount))
        for line in order.lines:
            _require_uninvoiced(order, line)
        was, now = plain(order.discount_percent), plain(discount)
        said.terms.append(("discount", f"{was} %", f"{now} %"))
        order.discount_percent = discount
    for position, each in sorted(changes.items()):
        line = by_position[position]
        was = _told(line)
        _change_line(session, order, line, each)
        if _told(line) != was:
            said.terms.append(("lines", was, _told(line)))
            said.touched.append(line)
    for position in sorted(set(change.removed)):
        line = by_position[position]
        said.terms.append(("lines", _told(line), "–"))
        _remove(session, order, line)
    return said


def _change_line(
    session: Session, order: SalesOrder, line: SalesOrderLine, change: LineChange
) -> None:
    if change.quantity is not None and change.quantity != line.quantity:
        catalog.require_quantities(session, [(line.item, change.quantity)])
        done = max(line.delivered_quantity, line.invoiced_quantity)
        if change.quantity < done:
            raise BelowDone(
                number=order.number,
                sku=line.item.sku,
                done=plain(done),
                quantity=plain(change.quantity),
            )
        # What was ordered in cartons or saved by a promotion is no longer this quantity.
        line.promotion_amount = rounded(
            line.promotion_amount * change.quantity / line.quantity, PRICE_DIGITS
        )
        line.unit_code = line.unit_quantity = None
        line.quantity = change.quantity
    if change.unit_price is not None and change.unit_price != line.unit_price:
        _require_uninvoiced(order, line)
        catalog.require_price(line.item, change.unit_price)
        line.unit_price, line.promotions, line.promotion_amount = change.unit_price, None, _ZERO
    percent = change.discount_percent
    if percent is not None and percent != line.discount_percent:
        _require_uninvoiced(order, line)
        if not 0 <= percent <= rules.HUNDRED:
            raise DiscountOutOfRange(percent=plain(percent))
        line.discount_percent = percent


def _require_uninvoiced(order: SalesOrder, line: SalesOrderLine) -> None:
    if line.invoiced_quantity:
        raise PriceIsInvoiced(number=order.number, sku=line.item.sku)


def _remove(session: Session, order: SalesOrder, line: SalesOrderLine) -> None:
    if line.invoiced_quantity or has_left(session, line.id):
        raise LineHasHistory(number=order.number, sku=line.item.sku)
    if len(order.lines) == 1:
        raise EmptyOrder
    inventory.release(session, [line.id])
    order.lines.remove(line)
    session.delete(line)


def _add_lines(
    session: Session, order: SalesOrder, buyer: Customer, change: OrderChange
) -> list[SalesOrderLine]:
    if not change.added:
        return []
    rules.require_sellable([*change.added])
    terms = OrderTerms(discount_percent=order.discount_percent, invoice_policy=order.invoice_policy)
    added = written_lines(session, buyer, change.added, terms, currency=order.currency)
    last = max(line.position for line in order.lines)
    for position, line in enumerate(added, start=last + 1):
        line.position = position
        order.lines.append(line)
    return added


def _reckon(session: Session, order: SalesOrder) -> None:
    """Add up an order anew: its lines, their tax, and how far it is."""
    for line in order.lines:
        line.net_amount = rules.net_of(
            line.quantity, line.unit_price, line.discount_percent, order.discount_percent
        )
    taxed = taxed_lines(session, company(session), order.lines, currency=order.currency)
    order.net_minor, order.tax_minor = taxed.base.minor, taxed.tax.minor
    order.total_minor = taxed.total.minor
    if order.state is not OrderState.HELD:
        order.state = rules.state_after(order.lines)


def _reserve_anew(
    session: Session,
    order: SalesOrder,
    lines: Sequence[SalesOrderLine],
    *,
    moved_elsewhere: bool,
) -> None:
    """Reserve what changed lines need now; the items are held meanwhile, so nobody is faster."""
    if order.state is OrderState.HELD:
        return
    concerned = from_stock(order.lines if moved_elsewhere else lines)
    if not concerned:
        return
    inventory.release(session, [line.id for line in concerned])
    session.refresh(order, ["location"])
    reserve_for(session, order, concerned, location=order.location)


def _told(line: SalesOrderLine) -> str:
    discount = f" −{plain(line.discount_percent)}%" if line.discount_percent else ""
    return f"{plain(line.quantity)} × {line.item.sku} @ {plain(line.unit_price)}{discount}"

"""Changing an order that stands: its quantities, prices, days and lines; its end before all came.

What an order said before is kept as a version. What has come or is billed stays as it was agreed:
a new price is for what is still to come, on a line of its own.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Trade
from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.ledger import at_rate, worth_of_foreign
from core.parties import current_supplier, require_unblocked
from core.purchasing import rules
from core.purchasing.committed import require_budget
from core.purchasing.errors import (
    BelowDone,
    ChangeChangesNothing,
    DroppedLine,
    ExpectedInThePast,
    NothingLeftOfOrder,
    NothingStillToCome,
    OrderCancelled,
    TooManyLines,
)
from core.purchasing.events import OrderChanged, OrderConfirmed
from core.purchasing.offers import offers_of
from core.purchasing.ordering import (
    applicable_offer,
    find_order,
    money_of,
    moved_lines,
    require_own,
    taxed_lines,
    written_line,
)
from core.purchasing.rules import OrderLineDraft
from core.purchasing.tables import (
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseOrderVersion,
)

_ZERO = Decimal(0)


@dataclass(frozen=True)
class LineChange:
    """What becomes of a line; what is left empty stays. A quantity of nothing takes it off."""

    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    due_on: date | None = None


@dataclass
class _Planned:
    """What every line of an order will say, and the lines that are new."""

    lines: list[tuple[PurchaseOrderLine, Decimal, Decimal, date]] = field(default_factory=list)
    added: list[PurchaseOrderLine] = field(default_factory=list)


def change_order(
    session: Session,
    number: str,
    *,
    lines: Mapping[int, LineChange] | None = None,
    added: Sequence[OrderLineDraft] = (),
    because: str,
) -> PurchaseOrder:
    """Change lines of an order by their positions and add others; keep what it said before."""
    order = find_order(session, number)
    _require_changeable(order)
    seller = current_supplier(session, order.supplier_id)
    require_unblocked(seller.party)
    if len(order.lines) + len(added) > rules.LINES_MAX:
        raise TooManyLines(lines=len(order.lines) + len(added), most=rules.LINES_MAX)
    planned = _planned(session, order, lines or {})
    if added:
        rules.require_orderable(added)
        catalog.require_tradeable(
            session, [(draft.item, draft.quantity) for draft in added], trade=Trade.PURCHASE
        )
        offers = offers_of(session, seller, {draft.item.id for draft in added})
        place = len(order.lines) + len(planned.added)
        for position, draft in enumerate(added, start=place + 1):
            offer = applicable_offer(session, offers[draft.item.id], draft, seller)
            line = written_line(session, position, draft, offer, None, currency=order.currency)
            planned.added.append(line)
    _carry_out(session, order, planned, because=because)
    return order


def close_order(session: Session, number: str, *, because: str) -> PurchaseOrder:
    """Wait no longer for what has not come of an order of which something has."""
    order = find_order(session, number)
    _require_changeable(order)
    if not any(line.received_quantity for line in order.lines):
        raise NothingLeftOfOrder(number=order.number)
    open_lines = [line for line in order.lines if rules.still_to_come(line)]
    if not open_lines:
        raise NothingStillToCome(number=order.number)
    end_lines(session, order, open_lines, because=because)
    return order


def end_lines(
    session: Session, order: PurchaseOrder, lines: Iterable[PurchaseOrderLine], *, because: str
) -> None:
    """Let lines of an order be all that has come of them."""
    ended = {line.id for line in lines}
    planned = _Planned(
        [
            (
                line,
                max(line.received_quantity, line.billed_quantity)
                if line.id in ended
                else line.quantity,
                line.unit_price,
                line.due_on,
            )
            for line in order.lines
        ]
    )
    _carry_out(session, order, planned, because=because)


def confirm_order(
    session: Session, number: str, *, on: date, positions: Iterable[int] | None = None
) -> PurchaseOrder:
    """Note the day that the supplier confirms for an order, or for some of its positions."""
    order = find_order(session, number)
    _require_changeable(order)
    today = company(session).today
    if on < today:
        raise ExpectedInThePast(expected_on=on, today=today)
    named = None if positions is None else dict.fromkeys(positions, Decimal(1))
    waiting = [rules.still_to_come(line) for line in order.lines]
    confirmed = [line for line, _ in rules.chosen(order, named, usual=waiting)]
    if not confirmed:
        raise NothingStillToCome(number=order.number)
    before = order.expected_on
    for line in confirmed:
        line.confirmed_on = on
    order.expected_on = _expected(order.lines, order.expected_on)
    fact = OrderConfirmed(
        number=order.number,
        supplier=order.supplier.name,
        positions=tuple(line.position for line in confirmed),
        before_in_days=(before - today).days,
        after_in_days=(order.expected_on - today).days,
        confirmed_on=on.isoformat(),
        confirmed_in_days=(on - today).days,
    )
    events.record(session, fact)
    session.flush()
    return order


def versions_of(session: Session, order_id: uuid.UUID) -> Sequence[PurchaseOrderVersion]:
    """Return what an order said before each of its changes, the oldest first."""
    wanted = (
        select(PurchaseOrderVersion)
        .where(PurchaseOrderVersion.order_id == order_id)
        .order_by(PurchaseOrderVersion.version)
    )
    return session.scalars(wanted).all()


def _require_changeable(order: PurchaseOrder) -> None:
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)


def _planned(session: Session, order: PurchaseOrder, changes: Mapping[int, LineChange]) -> _Planned:
    """Say what each line will be; a new price for the rest of a begun line is a line of its own."""
    today, planned = company(session).today, _Planned()
    # Which positions there are is said by the same refusal as everywhere.
    rules.chosen(order, dict.fromkeys(changes, Decimal(1)), usual=())
    for line in order.lines:
        change = changes.get(line.position, LineChange())
        quantity = line.quantity if change.quantity is None else change.quantity
        price = line.unit_price if change.unit_price is None else change.unit_price
        due = change.due_on or line.due_on
        if line.position in changes:
            _require_possible(session, order, line, quantity)
            catalog.require_price(line.item, price)
        if change.due_on is not None and change.due_on < today:
            raise ExpectedInThePast(expected_on=change.due_on, today=today)
        done = max(line.received_quantity, line.billed_quantity)
        if price != line.unit_price and done:
            if quantity == done:
                raise ChangeChangesNothing(number=order.number)
            place = len(order.lines) + len(planned.added) + 1
            planned.added.append(_rest_of(line, place, quantity - done, price, due))
            quantity, price, due = done, line.unit_price, line.due_on
        planned.lines.append((line, quantity, price, due))
    return planned


def _require_possible(
    session: Session, order: PurchaseOrder, line: PurchaseOrderLine, quantity: Decimal
) -> None:
    if not line.quantity and not quantity:
        raise DroppedLine(number=order.number, position=line.position)
    done = max(line.received_quantity, line.billed_quantity)
    if quantity < done or quantity < 0:
        raise BelowDone(
            sku=line.item.sku, number=order.number, quantity=plain(quantity), done=plain(done)
        )
    if quantity > line.quantity:
        catalog.require_tradeable(session, [(line.item, quantity)], trade=Trade.PURCHASE)
    elif quantity:
        catalog.require_quantities(session, [(line.item, quantity)])


def _rest_of(
    line: PurchaseOrderLine, position: int, quantity: Decimal, price: Decimal, due: date
) -> PurchaseOrderLine:
    return PurchaseOrderLine(
        id=new_id(),
        position=position,
        item=line.item,
        item_id=line.item_id,
        quantity=quantity,
        unit_price=price,
        discount_percent=line.discount_percent,
        net_amount=catalog.net_amount(quantity, price, line.discount_percent),
        due_on=due,
        received_quantity=_ZERO,
        rejected_quantity=_ZERO,
        billed_quantity=_ZERO,
        written_off_quantity=_ZERO,
        pegged_line_id=line.pegged_line_id,
        pegged_to=line.pegged_to,
    )


def _carry_out(session: Session, order: PurchaseOrder, planned: _Planned, *, because: str) -> None:
    """Write a version of what was, then what is; refuse what changes nothing or leaves nothing."""
    differences = [said for each in planned.lines if (said := _difference(*each))]
    differences += [f"+ {_terms(line.quantity, line)}" for line in planned.added]
    if not differences:
        raise ChangeChangesNothing(number=order.number)
    if not planned.added and not any(quantity for _, quantity, _, _ in planned.lines):
        raise NothingLeftOfOrder(number=order.number)
    ours = company(session)
    _require_budget(session, order, planned)
    kept = [line for line, _, _, _ in planned.lines]
    opened = [
        max(_ZERO, quantity - line.received_quantity) - rules.still_to_come(line)
        for line, quantity, _, _ in planned.lines
    ]
    moved = moved_lines(
        session,
        [(line, line.quantity) for line in (*kept, *planned.added)],
        1,
        counted=[*opened, *(each.quantity for each in planned.added)],
    )
    before_total, before_state = Money(order.total_minor, order.currency), order.state
    session.add(
        PurchaseOrderVersion(
            order_id=order.id,
            version=order.version,
            changed_on=ours.today,
            because=because,
            total_minor=order.total_minor,
            lines=[_as_it_was(line) for line in order.lines],
        )
    )
    order.version += 1
    for line, quantity, price, due in planned.lines:
        if line.quantity != quantity:
            # What was ordered in cartons is no longer this quantity.
            line.unit_code = line.unit_quantity = None
        if (line.quantity, line.unit_price) != (quantity, price):
            line.quantity, line.unit_price = quantity, price
            line.net_amount = catalog.net_amount(quantity, price, line.discount_percent)
        line.due_on = due
    for each in planned.added:
        order.lines.append(each)
    wanted = [line for line in order.lines if line.quantity]
    taxed = taxed_lines(session, ours, wanted, currency=order.currency)
    order.net_minor, order.tax_minor = taxed.base.minor, taxed.tax.minor
    order.total_minor = taxed.total.minor + order.freight_minor
    order.expected_on = _expected(order.lines, order.expected_on)
    order.state = rules.state_after(order.lines)
    after = Money(order.total_minor, order.currency)
    fact = OrderChanged(
        number=order.number,
        supplier=order.supplier.name,
        version=order.version,
        differences=tuple(differences),
        lines=tuple(moved),
        before_state=before_state,
        after_state=order.state,
        before=before_total,
        after=after,
        because=because,
        worth=worth_of_foreign(after, order.rate, ours),
    )
    events.record(session, fact)
    session.flush()


def _require_budget(session: Session, order: PurchaseOrder, planned: _Planned) -> None:
    """Refuse what a budget has not left for what is ordered in addition."""
    ours, currency = company(session), order.currency
    dearer: list[tuple[PurchaseOrderLine, Money]] = [
        (line, money_of(line.net_amount, ours, currency)) for line in planned.added
    ]
    for line, quantity, price, _ in planned.lines:
        net = catalog.net_amount(quantity, price, line.discount_percent)
        increase = money_of(net, ours, currency) - money_of(line.net_amount, ours, currency)
        if increase.minor > 0:
            dearer.append((line, increase))
    if dearer:
        worths = [at_rate(net, order.rate, ours) for _, net in dearer]
        require_budget(session, [line for line, _ in dearer], worths)


def _expected(lines: Iterable[PurchaseOrderLine], otherwise: date) -> date:
    """Return when the last of what is still to come is expected."""
    days = [line.confirmed_on or line.due_on for line in lines if rules.still_to_come(line)]
    return max(days, default=otherwise)


def _terms(quantity: Decimal, line: PurchaseOrderLine, price: Decimal | None = None) -> str:
    asked = line.unit_price if price is None else price
    return f"{plain(quantity)} × {line.item.sku} @ {plain(asked)}"


def _difference(line: PurchaseOrderLine, quantity: Decimal, price: Decimal, due: date) -> str:
    said = ""
    if (quantity, price) != (line.quantity, line.unit_price):
        said = f"{_terms(line.quantity, line)} → {_terms(quantity, line, price)}"
    if due != line.due_on:
        said += f"{' ' if said else line.item.sku + ' '}{(due - line.due_on).days:+d} d"
    return said


def _as_it_was(line: PurchaseOrderLine) -> dict[str, str]:
    return {
        "position": str(line.position),
        "sku": line.item.sku,
        "quantity": plain(line.quantity),
        "unit_price": plain(line.unit_price),
        "discount_percent": plain(line.discount_percent),
        "due_on": line.due_on.isoformat(),
    }

"""Landed cost: freight, duty or insurance that makes goods dearer which came in."""

import uuid
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.catalog import Item
from core.inventory.errors import (
    ChargesMoreThanBilled,
    LandedCostCancelledAlready,
    NothingToCharge,
    NoWeight,
    UnknownLandedCost,
)
from core.inventory.shelves import lock_items
from core.inventory.tables import StockMove
from core.inventory.valuation.events import LandedCostCancelled, LandedCostCharged, LandedShare
from core.inventory.valuation.reading import originals_of
from core.inventory.valuation.service import add_cost
from core.inventory.valuation.tables import Basis, LandedCost, LandedCostLine
from core.inventory.valuation.timeline import spread
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import Account, find_account
from core.ledger.chart import FREIGHT_EXPENSE


def landed_shares(
    session: Session, moves: Sequence[StockMove], amount: Money, *, basis: Basis
) -> list[int]:
    """Share a cost out among moves that came in, without changing anything.

    By the quantities that came, not by what is left; by their weight; by what they cost by now;
    or equally. The shares add up to the cent, and none is negative.
    """
    if basis is Basis.QUANTITY:
        weights = [move.quantity for move in moves]
    elif basis is Basis.WEIGHT:
        weights = _kilograms(session, moves)
    elif basis is Basis.EQUAL:
        weights = [Decimal(1) for _ in moves]
    else:
        costs = originals_of(session, {move.id for move in moves})
        weights = [Decimal(costs[move.id].value) for move in moves]
    if amount.minor <= 0 or not any(weights):
        raise NothingToCharge
    return spread(amount.minor, weights)


def charge_landed_cost(
    session: Session,
    moves: Sequence[StockMove],
    amount: Money,
    *,
    basis: Basis = Basis.VALUE,
    from_account: str = FREIGHT_EXPENSE,
    bill: str | None = None,
    billed: Money | None = None,
    because: str = "",
) -> LandedCost:
    """Bring a cost that was booked on `from_account` onto goods that came in.

    Where a bill carries it (`bill`, of `billed` in all), no more than that is brought from it.
    """
    lock_items(session, {move.item_id for move in moves})
    shares = landed_shares(session, moves, amount, basis=basis)
    if bill is not None and billed is not None:
        _require_left(session, bill, billed, amount)
    document = LandedCost(
        number=next_number(session, "LC"),
        charged_on=company(session).today,
        basis=basis,
        amount_minor=amount.minor,
        account_id=find_account(session, from_account).id,
        bill=bill,
        because=because,
        lines=[
            LandedCostLine(position=position, move_id=move.id, share_minor=minor)
            for position, (move, minor) in enumerate(zip(moves, shares, strict=True), start=1)
        ],
    )
    session.add(document)
    session.flush()
    events.record(session, _charged(session, document, moves, from_account))
    costs = [
        (move, Money(minor, amount.currency)) for move, minor in zip(moves, shares, strict=True)
    ]
    memo = because or bill or document.number
    add_cost(session, costs, from_account=from_account, origin=document.number, memo=memo)
    return document


def cancel_landed_cost(session: Session, number: str, *, because: str) -> LandedCost:
    """Take a landed cost back: the goods cost what they did before, from today on."""
    wanted = (
        select(LandedCost)
        .where(LandedCost.number.in_([number, canonical_number(number)]))
        .options(selectinload(LandedCost.lines))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    document = session.scalars(wanted).one_or_none()
    if document is None:
        raise UnknownLandedCost(number=number)
    if document.cancelled_on is not None:
        raise LandedCostCancelledAlready(number=document.number, day=document.cancelled_on)
    ours = company(session)
    document.cancelled_on = ours.today
    amount = Money(document.amount_minor, ours.currency)
    events.record(session, LandedCostCancelled(document.number, amount, because))
    session.flush()
    moves = {line.move_id: session.get_one(StockMove, line.move_id) for line in document.lines}
    costs = [
        (moves[line.move_id], Money(-line.share_minor, ours.currency)) for line in document.lines
    ]
    add_cost(
        session,
        costs,
        from_account=session.get_one(Account, document.account_id).code,
        origin=document.number,
        memo=because or document.number,
    )
    return document


def _kilograms(session: Session, moves: Sequence[StockMove]) -> list[Decimal]:
    wanted = select(Item).where(Item.id.in_({move.item_id for move in moves})).order_by(Item.sku)
    each: dict[uuid.UUID, Decimal] = {}
    for item in session.scalars(wanted):
        if item.weight_kg is None:
            raise NoWeight(sku=item.sku)
        each[item.id] = item.weight_kg
    return [move.quantity * each[move.item_id] for move in moves]


def _require_left(session: Session, bill: str, billed: Money, amount: Money) -> None:
    charged = select(total(LandedCost.amount_minor)).where(
        LandedCost.bill == bill, LandedCost.cancelled_on.is_(None)
    )
    left = Money(billed.minor - session.execute(charged).scalar_one(), billed.currency)
    if amount > left:
        raise ChargesMoreThanBilled(bill=bill, left=left, amount=amount)


def _charged(
    session: Session, document: LandedCost, moves: Sequence[StockMove], account: str
) -> LandedCostCharged:
    currency = company(session).currency
    wanted = select(Item).where(Item.id.in_({move.item_id for move in moves}))
    items = {item.id: item for item in session.scalars(wanted)}
    return LandedCostCharged(
        number=document.number,
        charged=Money(document.amount_minor, currency),
        basis=document.basis,
        account=account,
        bill=document.bill or "",
        shares=tuple(
            LandedShare(
                sku=items[move.item_id].sku,
                item_name=items[move.item_id].name,
                receipt=move.origin,
                quantity=plain(move.quantity),
                amount=Money(line.share_minor, currency),
            )
            for move, line in zip(moves, document.lines, strict=True)
        ),
    )

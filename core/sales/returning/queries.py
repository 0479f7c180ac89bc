"""Questions about returns."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.kernel.naming import canonical_number
from core.sales.returning.errors import UnknownReturn
from core.sales.returning.tables import Resolution, ReturnState, SalesReturn, SalesReturnLine
from core.sales.tables import SalesOrder

LISTED_MAX = 200


@dataclass(frozen=True)
class ReturnLineView:
    """A line of a return, as people read it."""

    position: int
    sku: str
    name: str
    quantity: Decimal
    received: Decimal
    credited: Decimal


@dataclass(frozen=True)
class ReturnView:
    """A return, as people read it."""

    number: str
    customer: str
    order: str
    state: ReturnState
    resolution: Resolution
    authorised_on: date
    fee_percent: Decimal
    because: str
    lines: tuple[ReturnLineView, ...]


def view_return(session: Session, number: str) -> ReturnView:
    """Return one return with its lines."""
    numbers = {number, canonical_number(number)}
    found = _views(session, SalesReturn.number.in_(numbers), limit=1)
    if not found:
        raise UnknownReturn(number=number)
    return found[0]


def list_returns(
    session: Session,
    *,
    customer_id: uuid.UUID | None = None,
    open_only: bool = True,
    limit: int = 50,
) -> list[ReturnView]:
    """Return returns, the newest first: those that goods are still to come by, or all."""
    wanted: list[ColumnElement[bool]] = []
    if open_only:
        waiting = (ReturnState.AUTHORISED, ReturnState.PARTLY_RECEIVED)
        wanted.append(SalesReturn.state.in_(waiting))
    if customer_id is not None:
        wanted.append(SalesReturn.customer_id == customer_id)
    return _views(session, *wanted, limit=limit)


def _views(session: Session, *wanted: ColumnElement[bool], limit: int) -> list[ReturnView]:
    rows = (
        select(SalesReturn, SalesOrder.number)
        .outerjoin(SalesOrder, SalesOrder.id == SalesReturn.order_id)
        .options(
            joinedload(SalesReturn.customer, innerjoin=True),
            selectinload(SalesReturn.lines).joinedload(SalesReturnLine.item),
        )
        .where(*wanted)
        .order_by(SalesReturn.number.desc())
        .limit(min(limit, LISTED_MAX))
    )
    return [
        ReturnView(
            number=each.number,
            customer=each.customer.name,
            order=order or "",
            state=each.state,
            resolution=each.resolution,
            authorised_on=each.authorised_on,
            fee_percent=each.fee_percent,
            because=each.because,
            lines=tuple(
                ReturnLineView(
                    position=line.position,
                    sku=line.item.sku,
                    name=line.item.name,
                    quantity=line.quantity,
                    received=line.received_quantity,
                    credited=line.credited_quantity,
                )
                for line in each.lines
            ),
        )
        for each, order in session.execute(rows)
    ]

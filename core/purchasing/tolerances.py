"""What we let pass: in general, of a supplier, of an item, or of a supplier's item."""

import uuid
from collections.abc import Iterable

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.parties import Party
from core.purchasing import rules
from core.purchasing.events import ToleranceSet
from core.purchasing.rules import Tolerance
from core.purchasing.tables import PurchaseTolerance

# Made once: every receipt and every bill asks for it.
_CONCERNING = select(PurchaseTolerance).where(
    or_(
        PurchaseTolerance.supplier_id.is_(None),
        PurchaseTolerance.supplier_id == bindparam("supplier_id"),
    ),
    or_(
        PurchaseTolerance.item_id.is_(None),
        PurchaseTolerance.item_id.in_(bindparam("items", expanding=True)),
    ),
)


def set_tolerance(
    session: Session,
    tolerance: Tolerance,
    *,
    supplier: Party | None = None,
    item: Item | None = None,
) -> PurchaseTolerance:
    """Say what we let pass; it replaces what was said of the same supplier and item before."""
    rules.require_tolerance(tolerance)
    wanted = select(PurchaseTolerance).where(
        PurchaseTolerance.supplier_id.is_not_distinct_from(supplier and supplier.id),
        PurchaseTolerance.item_id.is_not_distinct_from(item and item.id),
    )
    row = session.scalars(wanted.with_for_update()).one_or_none()
    before = None if row is None else _read(session, row)
    if row is None:
        row = PurchaseTolerance(supplier_id=supplier and supplier.id, item_id=item and item.id)
        session.add(row)
    amount = tolerance.price_amount
    row.price_percent, row.price_minor = tolerance.price_percent, None
    if amount is not None:
        row.price_minor = amount.minor
    row.billed_percent = tolerance.billed_percent
    row.over_percent, row.under_percent = tolerance.over_percent, tolerance.under_percent
    row.difference_to = tolerance.difference_to
    fact = ToleranceSet(
        supplier=supplier.name if supplier is not None else "",
        sku=item.sku if item is not None else "",
        before=None if before is None else said(before),
        after=said(tolerance),
    )
    events.record(session, fact)
    session.flush()
    return row


def tolerance_of(
    session: Session, supplier_id: uuid.UUID, item_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, Tolerance]:
    """Return what we let pass of each item from a supplier: the closest that was said counts.

    The supplier's item comes first, then the item, then the supplier, then what holds in general.
    """
    wanted = list(item_ids)
    rows = session.scalars(_CONCERNING, {"supplier_id": supplier_id, "items": wanted}).all()
    known = {(row.supplier_id, row.item_id): _read(session, row) for row in rows}
    usual = Tolerance()

    def closest(item_id: uuid.UUID) -> Tolerance:
        keys = ((supplier_id, item_id), (None, item_id), (supplier_id, None), (None, None))
        return next((known[key] for key in keys if key in known), usual)

    return {item_id: closest(item_id) for item_id in wanted}


def said(tolerance: Tolerance) -> str:
    """Say what is let pass, as data."""
    price = f"{tolerance.price_percent.normalize():f} %"
    if tolerance.price_amount is not None:
        price += f" ≤ {tolerance.price_amount}"
    billed, over, under = (
        f"{percent.normalize():f} %"
        for percent in (tolerance.billed_percent, tolerance.over_percent, tolerance.under_percent)
    )
    return f"± {price} · ≤ +{billed} · +{over} / −{under} · {tolerance.difference_to}"


def _read(session: Session, row: PurchaseTolerance) -> Tolerance:
    ours = company(session).currency
    return Tolerance(
        price_percent=row.price_percent,
        price_amount=None if row.price_minor is None else Money(row.price_minor, ours),
        billed_percent=row.billed_percent,
        over_percent=row.over_percent,
        under_percent=row.under_percent,
        difference_to=row.difference_to,
    )


def said_tolerance(
    session: Session, supplier_id: uuid.UUID | None, item_id: uuid.UUID | None
) -> Tolerance:
    """Return what was said of exactly this supplier and item, or what is usual."""
    wanted = select(PurchaseTolerance).where(
        PurchaseTolerance.supplier_id.is_not_distinct_from(supplier_id),
        PurchaseTolerance.item_id.is_not_distinct_from(item_id),
    )
    row = session.scalars(wanted).one_or_none()
    return Tolerance() if row is None else _read(session, row)

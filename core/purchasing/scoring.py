"""How suppliers have done: how long they took, how punctual, how good and how dear they were."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Integer, Numeric, case, cast, func, select
from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.money import rounded
from core.purchasing.quotes import QuotationRequest, QuoteCompared, compare
from core.purchasing.quotes.tables import InvitedSupplier
from core.purchasing.tables import (
    GoodsReceipt,
    GoodsReceiptLine,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
)

SAMPLES_MAX = 1_000
SCORED_DAYS = 365
# What each part weighs in the score; a part without history is left out.
WEIGHTS = {"on_time": Decimal(40), "quality": Decimal(40), "price": Decimal(20)}
# Five points are lost for every percent above what others asked.
_POINTS_PER_PERCENT = Decimal(5)
_HUNDRED, _DIGITS = Decimal(100), 2


@dataclass(frozen=True)
class LeadTimes:
    """How many days orders took until they came, the newest sample first; None without history."""

    samples: tuple[int, ...]
    days_late: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many receipts it is made of."""
        return len(self.samples)

    @property
    def mean_days(self) -> Decimal | None:
        """The mean of the days from order to receipt."""
        if not self.samples:
            return None
        return rounded(Decimal(sum(self.samples)) / self.count, _DIGITS)

    @property
    def variance(self) -> Decimal | None:
        """How much the days vary: the mean square of what they are off, of a sample."""
        if self.count < 2:  # noqa: PLR2004
            return None
        mean = Decimal(sum(self.samples)) / self.count
        off = sum(((days - mean) ** 2 for days in self.samples), Decimal(0))
        return rounded(off / (self.count - 1), _DIGITS)

    @property
    def on_time_percent(self) -> Decimal | None:
        """How many of a hundred came by the day agreed."""
        if not self.days_late:
            return None
        in_time = sum(late <= 0 for late in self.days_late)
        return rounded(_HUNDRED * in_time / len(self.days_late), _DIGITS)


@dataclass(frozen=True)
class Scorecard:
    """How a supplier did in a time; what nothing is known about is None."""

    lead_times: LeadTimes
    accepted: Decimal
    rejected: Decimal
    returned: Decimal
    # What they asked, in percent of what all suppliers asked on average for the same items.
    price_percent: Decimal | None
    requests: int
    answered: int
    response_days: Decimal | None

    @property
    def quality_percent(self) -> Decimal | None:
        """How much of a hundred that came was accepted and stayed."""
        came = self.accepted + self.rejected
        if not came:
            return None
        bad = min(came, self.rejected + self.returned)
        return rounded(_HUNDRED * (came - bad) / came, _DIGITS)

    @property
    def score(self) -> Decimal | None:
        """Their standing out of a hundred: punctuality, quality and price, as these weigh."""
        price = self.price_percent
        dear = None if price is None else max(Decimal(0), price - _HUNDRED) * _POINTS_PER_PERCENT
        parts = {
            "on_time": self.lead_times.on_time_percent,
            "quality": self.quality_percent,
            "price": None if dear is None else max(Decimal(0), _HUNDRED - dear),
        }
        known = {name: part for name, part in parts.items() if part is not None}
        if "on_time" not in known and "quality" not in known:
            return None
        weight = sum(WEIGHTS[name] for name in known)
        whole = sum((WEIGHTS[name] * part for name, part in known.items()), Decimal(0))
        return rounded(whole / weight, 1)


def lead_times(
    session: Session,
    *,
    item_id: uuid.UUID | None = None,
    supplier_id: uuid.UUID | None = None,
    since: date | None = None,
    until: date | None = None,
) -> LeadTimes:
    """Return how long receipts took, measured: of an item, a supplier, or both; history counts."""
    wanted = (
        select(
            cast(GoodsReceipt.received_on - PurchaseOrder.ordered_on, Integer),
            cast(GoodsReceipt.received_on - PurchaseOrderLine.due_on, Integer),
        )
        .select_from(GoodsReceiptLine)
        .join(GoodsReceipt, GoodsReceipt.id == GoodsReceiptLine.receipt_id)
        .join(PurchaseOrderLine, PurchaseOrderLine.id == GoodsReceiptLine.order_line_id)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .where(GoodsReceipt.returns_id.is_(None), GoodsReceiptLine.quantity > 0)
        .order_by(GoodsReceipt.received_on.desc(), GoodsReceiptLine.id)
        .limit(SAMPLES_MAX)
    )
    if item_id is not None:
        wanted = wanted.where(PurchaseOrderLine.item_id == item_id)
    if supplier_id is not None:
        wanted = wanted.where(PurchaseOrder.supplier_id == supplier_id)
    if since is not None:
        wanted = wanted.where(GoodsReceipt.received_on >= since)
    if until is not None:
        wanted = wanted.where(GoodsReceipt.received_on <= until)
    rows = session.execute(wanted).all()
    return LeadTimes(tuple(days for days, _ in rows), tuple(late for _, late in rows))


def scorecard(
    session: Session,
    supplier_id: uuid.UUID,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Scorecard:
    """Return how a supplier did, over the last year where no days are said."""
    last = until or company(session).today
    first = since or last - timedelta(days=SCORED_DAYS)
    accepted, rejected, returned = _quantities(session, supplier_id, first, last)
    asked, answered, days = _answers(session, supplier_id, first, last)
    return Scorecard(
        lead_times=lead_times(session, supplier_id=supplier_id, since=first, until=last),
        accepted=accepted,
        rejected=rejected,
        returned=returned,
        price_percent=_price_percent(session, supplier_id, first, last),
        requests=asked,
        answered=answered,
        response_days=None if days is None else rounded(days, _DIGITS),
    )


def score_of(session: Session, supplier_id: uuid.UUID) -> Decimal | None:
    """Return the standing of a supplier over the last year, out of a hundred."""
    return scorecard(session, supplier_id).score


def _quantities(
    session: Session, supplier_id: uuid.UUID, first: date, last: date
) -> tuple[Decimal, Decimal, Decimal]:
    """Return how much was accepted, rejected at the door, and sent back later."""
    zero = Decimal(0)
    on_lines = (
        select(func.coalesce(func.sum(PurchaseOrderLine.rejected_quantity), zero))
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .where(
            PurchaseOrder.supplier_id == supplier_id,
            PurchaseOrder.ordered_on.between(first, last),
        )
    )
    is_return = GoodsReceipt.returns_id.is_not(None)
    came = (
        select(
            func.coalesce(func.sum(case((is_return, 0), else_=GoodsReceiptLine.quantity)), zero),
            func.coalesce(func.sum(case((is_return, GoodsReceiptLine.quantity), else_=0)), zero),
        )
        .join(GoodsReceipt, GoodsReceipt.id == GoodsReceiptLine.receipt_id)
        .join(PurchaseOrder, PurchaseOrder.id == GoodsReceipt.order_id)
        .where(
            PurchaseOrder.supplier_id == supplier_id,
            GoodsReceipt.received_on.between(first, last),
        )
    )
    accepted, returned = session.execute(came).one()
    return accepted, session.scalars(on_lines).one(), returned


def _price_percent(
    session: Session, supplier_id: uuid.UUID, first: date, last: date
) -> Decimal | None:
    """Return what a supplier asked in percent of the average of all for the same quantities."""
    mine = PurchaseOrder.supplier_id == supplier_id
    of_item = (
        select(
            (func.sum(PurchaseOrderLine.net_amount) / func.sum(PurchaseOrderLine.quantity)).label(
                "average"
            ),
            func.sum(PurchaseOrderLine.quantity).filter(mine).label("quantity"),
            func.sum(PurchaseOrderLine.net_amount).filter(mine).label("paid"),
        )
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .where(
            PurchaseOrder.state.not_in((OrderState.DRAFT, OrderState.CANCELLED)),
            PurchaseOrder.ordered_on.between(first, last),
            PurchaseOrderLine.quantity > 0,
        )
        .group_by(PurchaseOrderLine.item_id)
        .having(func.sum(PurchaseOrderLine.quantity).filter(mine) > 0)
        .subquery()
    )
    at_average = func.sum(of_item.c.average * of_item.c.quantity)
    percent = _HUNDRED * func.sum(of_item.c.paid) / func.nullif(at_average, 0)
    found = session.scalars(select(cast(percent, Numeric(20, 6)))).one()
    return None if found is None else rounded(found, _DIGITS)


def _answers(
    session: Session, supplier_id: uuid.UUID, first: date, last: date
) -> tuple[int, int, Decimal | None]:
    """Return how often a supplier was asked, how often they answered, and after how many days."""
    wanted = (
        select(
            func.count(),
            func.count(InvitedSupplier.answered_on),
            cast(func.avg(InvitedSupplier.answered_on - QuotationRequest.asked_on), Numeric(20, 6)),
        )
        .join(QuotationRequest, QuotationRequest.id == InvitedSupplier.request_id)
        .where(
            InvitedSupplier.supplier_id == supplier_id,
            QuotationRequest.asked_on.between(first, last),
        )
    )
    asked, answered, days = session.execute(wanted).one()
    return asked, answered, days


def compare_quotes(session: Session, request: QuotationRequest) -> list[QuoteCompared]:
    """Compare the answers to a request, with the standing of each supplier so far."""
    return [
        replace(each, score=score_of(session, each.supplier.id))
        for each in compare(session, request)
    ]

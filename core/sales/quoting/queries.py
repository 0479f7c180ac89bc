"""Questions about quotations."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.kernel.company import company
from core.kernel.money import Money
from core.sales.quoting.service import find_quotation, said, version_of
from core.sales.quoting.tables import Quotation, QuotationState, QuotationVersion
from core.sales.tables import SalesOrder

LISTED_MAX = 200
EXPIRED = "expired"


@dataclass(frozen=True)
class QuotationLineView:
    """A line of a quotation, as people read it."""

    position: int
    sku: str
    name: str
    name_zh: str | None
    quantity: Decimal
    unit_code: str
    unit_price: Decimal
    discount_percent: Decimal
    net_amount: Decimal
    optional: bool
    instead_of: int | None
    ordered: Decimal


@dataclass(frozen=True)
class QuotationView:
    """A version of a quotation, as people read it; `lines` are empty in a list.

    `state` is "expired" where it was sent and its last day is over.
    """

    number: str
    party_number: str
    party: str
    party_zh: str | None
    language: str
    state: str
    version: int
    newest: int
    quoted_on: date
    sent_on: date | None
    valid_until: date
    promised_on: date | None
    discount_percent: Decimal
    net: Money
    tax: Money
    total: Money
    reference: str | None
    notes: str | None
    declined_because: str | None
    lines: tuple[QuotationLineView, ...] = ()
    orders: tuple[str, ...] = ()
    # What an earlier version offered and this one does not, and the other way round.
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def view_quotation(session: Session, number: str, *, version: int | None = None) -> QuotationView:
    """Return a quotation with its lines: its newest version, or an earlier one."""
    quotation, shown = find_quotation(session, number, lock=False)
    if version is not None:
        shown = version_of(session, quotation, version)
    earlier: list[str] = []
    if shown.version > 1:
        earlier = [said(line) for line in version_of(session, quotation, shown.version - 1).lines]
    here = [said(line) for line in shown.lines]
    orders = select(SalesOrder.number).where(SalesOrder.quotation_id == quotation.id)
    lines = tuple(
        QuotationLineView(
            position=line.position,
            sku=line.item.sku,
            name=line.item.name,
            name_zh=line.item.name_zh,
            quantity=line.quantity,
            unit_code=line.item.unit_code,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
            net_amount=line.net_amount,
            optional=line.optional,
            instead_of=line.instead_of,
            ordered=line.ordered_quantity,
        )
        for line in shown.lines
    )
    return _viewed(
        quotation,
        shown,
        today=company(session).today,
        lines=lines,
        orders=tuple(session.scalars(orders.order_by(SalesOrder.number))),
        gone=tuple(line for line in earlier if line not in here),
        added=tuple(line for line in here if line not in earlier) if earlier else (),
    )


def list_quotations(
    session: Session,
    *,
    state: str | None = None,
    party_id: uuid.UUID | None = None,
    limit: int = 50,
) -> list[QuotationView]:
    """Return quotations, the newest first; those still open where no state is named."""
    today = company(session).today
    wanted = (
        select(Quotation, QuotationVersion)
        .join(
            QuotationVersion,
            (QuotationVersion.quotation_id == Quotation.id)
            & (QuotationVersion.version == Quotation.version),
        )
        .options(joinedload(Quotation.party, innerjoin=True))
        .order_by(Quotation.quoted_on.desc(), Quotation.number.desc())
        .limit(min(limit, LISTED_MAX))
    )
    sent = Quotation.state.in_([QuotationState.SENT, QuotationState.PARTLY_ACCEPTED])
    over = QuotationVersion.valid_until < today
    if state == EXPIRED:
        wanted = wanted.where(sent, over)
    elif state is not None:
        wanted = wanted.where(Quotation.state == state)
        if state == QuotationState.SENT:
            wanted = wanted.where(~over)
    else:
        wanted = wanted.where(sent | (Quotation.state == QuotationState.DRAFT))
    if party_id is not None:
        wanted = wanted.where(Quotation.party_id == party_id)
    return [
        _viewed(quotation, version, today=today) for quotation, version in session.execute(wanted)
    ]


def _viewed(
    quotation: Quotation,
    version: QuotationVersion,
    *,
    today: date,
    lines: tuple[QuotationLineView, ...] = (),
    orders: tuple[str, ...] = (),
    gone: tuple[str, ...] = (),
    added: tuple[str, ...] = (),
) -> QuotationView:
    waits = quotation.state in {QuotationState.SENT, QuotationState.PARTLY_ACCEPTED}
    party = quotation.party
    return QuotationView(
        number=quotation.number,
        party_number=party.number,
        party=party.name,
        party_zh=party.name_zh,
        language=party.language,
        state=EXPIRED if waits and version.valid_until < today else quotation.state,
        version=version.version,
        newest=quotation.version,
        quoted_on=quotation.quoted_on,
        sent_on=version.sent_on,
        valid_until=version.valid_until,
        promised_on=version.promised_on,
        discount_percent=version.discount_percent,
        net=Money(version.net_minor, version.currency),
        tax=Money(version.tax_minor, version.currency),
        total=Money(version.total_minor, version.currency),
        reference=quotation.reference,
        notes=version.notes,
        declined_because=quotation.declined_because,
        lines=lines,
        orders=orders,
        gone=gone,
        added=added,
    )

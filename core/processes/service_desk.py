"""Where service meets trade: what a ticket is about, who answers for the goods, what goes back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog, invoicing, sales, support
from core.catalog import Item
from core.catalog.errors import UnknownItem
from core.inventory.lots.errors import UnknownLot
from core.inventory.lots.queries import find_lot
from core.invoicing.errors import UnknownInvoice
from core.kernel.company import company
from core.kernel.errors import DomainError
from core.kernel.identity.tables import Person
from core.kernel.naming import canonical_number
from core.parties import Customer, Party
from core.sales import Resolution, ReturnLineDraft, SalesReturn
from core.sales.tables import Delivery, DeliveryLine, SalesOrder, SalesOrderLine
from core.support import ArticleState, Link, Priority, Source, SupportTeam, Ticket, TicketType
from core.support.errors import NotTheirDocument, NoWarranty, UnknownLinkTarget

_DOCUMENTS = {"SO": "sales_order", "DN": "delivery", "INV": "customer_invoice",
              "RT": "sales_return", "KB": "article", "T": "ticket"}  # fmt: skip


class Opening(TypedDict, total=False):
    """What else is known of a ticket when it is opened."""

    said: str
    contact: Party | None
    contact_email: str | None
    ticket_type: TicketType
    priority: Priority
    source: Source
    team: SupportTeam | None
    assignee: Person | None
    tags: Collection[str]
    communication_id: UUID | None
    author: str | None


@dataclass(frozen=True)
class Warranty:
    """Whether we answer for an item that somebody has a ticket about, and since when they have it.

    `covered` is unknown, None, where nothing of it ever left for them.
    """

    ticket: str
    sku: str
    name: str
    months: int
    delivery: str
    delivered_on: date | None
    ends_on: date | None
    covered: bool | None


def open_ticket(
    session: Session,
    *,
    subject: str,
    customer: Customer | None,
    about: Sequence[str] = (),
    by_customer: bool = False,
    **more: Unpack[Opening],
) -> Ticket:
    """Open a ticket about documents and items of whoever asks; nobody else's are looked at."""
    party = None if customer is None else customer.party
    links = [link_to(session, key, party, by_customer=by_customer) for key in about]
    return support.open_ticket(session, subject=subject, customer=customer, links=links, **more)


def link_to(
    session: Session, key: str, customer: Party | None, *, by_customer: bool = False
) -> Link:
    """Return what a number or name means that a ticket is about; a document must be their own.

    A customer who asks learns nothing of what is not theirs: it is as if it were not there.
    """
    if not by_customer:
        return _meant(session, key, customer)
    assert customer is not None, "a customer asks for themselves"
    unknown = UnknownLinkTarget(key=key[:40])
    try:
        found = _meant(session, key, customer)
    except DomainError:
        raise unknown from None
    # Serial numbers and batches are on record for whoever had them, articles also for ourselves.
    if found.kind == "lot" or (found.kind == "article" and not _is_open(session, found.key)):
        raise unknown
    return found


def _is_open(session: Session, number: str) -> bool:
    article = support.find_article(session, number, lock=False)
    return article.state is ArticleState.PUBLISHED and not article.internal


def _meant(session: Session, key: str, customer: Party | None) -> Link:
    number = canonical_number(key)
    kind = _DOCUMENTS.get(number.partition("-")[0])
    if kind == "article":
        return Link(kind, support.find_article(session, number, lock=False).number)
    if kind is not None:
        owner, found = _owner_of(session, kind, number)
        if customer is not None and owner != customer.id:
            raise NotTheirDocument(document=found, customer=customer.name)
        return Link(kind, found)
    try:
        return Link("item", catalog.find_item(session, key).sku)
    except UnknownItem:
        # A serial number or a batch, perhaps. What fits several of them is asked back.
        try:
            return Link("lot", find_lot(session, key).number)
        except UnknownLot:
            raise UnknownLinkTarget(key=key[:40]) from None


def warranty_of(session: Session, number: str, *, item: Item | None = None) -> Warranty:
    """Tell whether we answer for the item of a ticket on the day that it was opened.

    It counts from the newest delivery of the item to that customer which was there by then.
    """
    ticket = support.find_ticket(session, number, lock=False)
    view = support.view_ticket(session, number)
    meant = item
    if meant is None:
        skus = [key for kind, key in view.links if kind == "item"]
        if not skus:
            raise NoWarranty(number=view.number)
        meant = catalog.find_item(session, skus[0])
    opened_on = ticket.opened_at.astimezone(company(session).zone).date()
    months = support.months_of(session, meant)
    left_with = _newest_delivery(session, ticket, meant, opened_on)
    if left_with is None:
        return Warranty(view.number, meant.sku, meant.name, months, "", None, None, None)
    ends_on = support.ends_on(left_with.delivered_on, months)
    return Warranty(
        ticket=view.number,
        sku=meant.sku,
        name=meant.name,
        months=months,
        delivery=left_with.number,
        delivered_on=left_with.delivered_on,
        ends_on=ends_on,
        covered=opened_on <= ends_on,
    )


def start_return(
    session: Session,
    number: str,
    *,
    because: str,
    delivery: str | None = None,
    item: Item | None = None,
    quantity: Decimal | None = None,
    replace: bool = False,
) -> SalesReturn:
    """Allow the customer of a ticket to send goods back, and note it on the ticket.

    Without a delivery it is the newest one of the item to them, or the one that the ticket names.
    """
    ticket = support.find_ticket(session, number)
    view = support.view_ticket(session, number)
    if item is None:
        named = [key for kind, key in view.links if kind == "item"]
        item = catalog.find_item(session, named[0]) if named else None
    if delivery is None:
        known = [key for kind, key in view.links if kind == "delivery"]
        delivery = known[0] if known else None
    if delivery is None:
        if item is None:
            raise NoWarranty(number=view.number)
        newest = _newest_delivery(session, ticket, item, company(session).today)
        if newest is None:
            raise NotTheirDocument(document=item.sku, customer=view.customer)
        delivery = newest.number
    party = ticket.customer
    link = link_to(session, delivery, party)
    lines = []
    if item is not None:
        lines = [ReturnLineDraft(item, quantity or Decimal(1))]
    allowed = sales.authorise_return(
        session,
        because=because,
        delivery=link.key,
        lines=lines,
        resolution=Resolution.REPLACE if replace else Resolution.CREDIT,
    )
    support.link(session, view.number, [Link("sales_return", allowed.number)])
    return allowed


def _owner_of(session: Session, kind: str, number: str) -> tuple[UUID | None, str]:
    if kind == "sales_order":
        order = sales.find_order(session, number, lock=False)
        return order.customer_id, order.number
    if kind == "delivery":
        wanted = select(SalesOrder.customer_id).join(Delivery, Delivery.order_id == SalesOrder.id)
        view = sales.view_delivery(session, number)
        return session.scalar(wanted.where(Delivery.number == view.number)), view.number
    if kind == "sales_return":
        found = select(SalesReturn.customer_id).where(SalesReturn.number == number)
        return session.scalar(found), sales.view_return(session, number).number
    if kind == "ticket":
        ticket = support.find_ticket(session, number, lock=False)
        return ticket.customer_id, ticket.number
    invoice = invoicing.find_invoice(session, number)
    if not invoice.number.startswith("INV-"):
        raise UnknownInvoice(number=number)
    return invoice.party_id, invoice.number


def _newest_delivery(session: Session, ticket: Ticket, item: Item, until: date) -> Delivery | None:
    """Return the newest delivery of an item to the customer of a ticket, up to a day."""
    wanted = (
        select(Delivery)
        .join(SalesOrder, SalesOrder.id == Delivery.order_id)
        .join(DeliveryLine, DeliveryLine.delivery_id == Delivery.id)
        .join(SalesOrderLine, SalesOrderLine.id == DeliveryLine.order_line_id)
        .where(
            SalesOrder.customer_id == ticket.customer_id,
            SalesOrderLine.item_id == item.id,
            Delivery.returns_id.is_(None),
            Delivery.delivered_on <= until,
        )
        .order_by(Delivery.delivered_on.desc(), Delivery.number.desc())
        .limit(1)
    )
    return session.scalar(wanted)

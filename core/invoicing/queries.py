"""Questions about what is owed; answers are frozen."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    Numeric,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from core.invoicing.rules import Direction, direction_of, takes_back
from core.invoicing.tables import (
    Deduction,
    DocumentState,
    Instalment,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payment,
    PaymentKind,
    Settlement,
)
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger import JournalEntry
from core.parties import Party

ROWS_MAX = 1_000
# Days overdue at which each stretch of an ageing ends; the last one has no end.
BUCKETS = (0, 30, 60, 90)


# What every invoice and every payment asks is made once.
_charged = bindparam("charged", type_=Invoice.kind.type)
_taken_back = bindparam("taken_back", type_=Invoice.kind.type)
OWED = select(
    select(
        total(
            case(
                (Invoice.kind == _charged, Invoice.open_base_minor),
                else_=-Invoice.open_base_minor,
            )
        )
    )
    .where(
        Invoice.party_id == bindparam("party"),
        Invoice.kind.in_([_charged, _taken_back]),
        Invoice.open_minor > 0,
    )
    .scalar_subquery()
    - select(total(Payment.open_base_minor))
    .where(
        Payment.party_id == bindparam("party"),
        Payment.kind == bindparam("paid"),
        Payment.open_minor > 0,
    )
    .scalar_subquery()
)


@dataclass(frozen=True)
class InvoiceLineView:
    """A line of a document, as people read it."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    net: Money
    tax: Money


@dataclass(frozen=True)
class InvoiceView:
    """A document with its lines, and what is open of it."""

    number: str
    kind: InvoiceKind
    party_number: str
    party: str
    posted_on: date
    due_on: date
    net: Money
    tax: Money
    total: Money
    open: Money
    state: DocumentState
    origin: str
    reference: str | None
    entry: str
    base_total: Money
    base_open: Money
    terms: str | None
    lines: tuple[InvoiceLineView, ...]
    settled_by: tuple[tuple[str, date, Money], ...]


@dataclass(frozen=True)
class OpenItem:
    """A document or payment that is not settled; credits of the party are negative.

    `total` and `open` are in the document's own currency, `base` is what is open in the books. It
    falls due with the first of its instalments that is open.
    """

    number: str
    kind: InvoiceKind | PaymentKind
    party_number: str
    party: str
    posted_on: date
    due_on: date
    total: Money
    open: Money
    base: Money
    days_overdue: int
    reference: str | None


@dataclass(frozen=True)
class OpenInstalment:
    """A part of an open document, or a credit, by the day on which it is due."""

    number: str
    kind: InvoiceKind | PaymentKind
    position: int
    party_number: str
    party: str
    due_on: date
    open: Money
    base: Money
    discount: Money
    discount_until: date | None
    days_overdue: int


@dataclass(frozen=True)
class AgeingRow:
    """What a party owes, or is owed, by how long it is overdue; credits are taken off."""

    party_number: str
    party: str
    not_due: Money
    to_30: Money
    to_60: Money
    to_90: Money
    over_90: Money
    total: Money


def owed_by(session: Session, party_id: uuid.UUID, direction: Direction) -> Money:
    """Return what a party owes us, or we owe it, in the books, less what it has as credit."""
    owed = session.scalars(OWED, owing(party_id, direction)).one()
    return Money(owed, company(session).currency)


def owing(party_id: uuid.UUID, direction: Direction) -> dict[str, object]:
    """Return what has to be said to `OWED`: of whom, and who owes."""
    return {
        "party": party_id,
        "charged": direction.invoice,
        "taken_back": direction.credit_note,
        "paid": direction.payment,
    }


def exposure_of(session: Session, party_id: uuid.UUID) -> Money:
    """Return what a customer owes us by posted documents."""
    return owed_by(session, party_id, Direction.RECEIVABLE)


def left_to_credit(session: Session, invoice: Invoice) -> Money:
    """Return what of a document was not taken back yet, tax included."""
    credited = select(total(Invoice.total_minor)).where(
        Invoice.origin == invoice.number,
        Invoice.kind == direction_of(invoice.kind).credit_note,
    )
    gone = session.scalars(credited).one()
    return Money(invoice.total_minor - gone, invoice.currency)


def invoice_view(session: Session, invoice: Invoice) -> InvoiceView:
    """Return a document with its lines."""
    currency = invoice.currency
    party = session.get_one(Party, invoice.party_id)
    entry = session.get_one(JournalEntry, invoice.entry_id)
    lines = (
        select(InvoiceLine)
        .where(InvoiceLine.invoice_id == invoice.id)
        .order_by(InvoiceLine.position)
        .limit(ROWS_MAX)
    )
    return InvoiceView(
        number=invoice.number,
        kind=invoice.kind,
        party_number=party.number,
        party=party.name,
        posted_on=invoice.posted_on,
        due_on=invoice.due_on,
        net=Money(invoice.net_minor, currency),
        tax=Money(invoice.tax_minor, currency),
        total=Money(invoice.total_minor, currency),
        open=Money(invoice.open_minor, currency),
        state=invoice.state,
        origin=invoice.origin,
        reference=invoice.reference,
        entry=entry.number,
        base_total=Money(invoice.base_total_minor, company(session).currency),
        base_open=Money(invoice.open_base_minor, company(session).currency),
        terms=invoice.term_code,
        lines=tuple(
            InvoiceLineView(
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                net=Money(line.net_minor, currency),
                tax=Money(line.tax_minor, currency),
            )
            for line in session.scalars(lines)
        ),
        settled_by=_settled_by(session, invoice),
    )


def list_open_items(
    session: Session,
    *,
    direction: Direction,
    as_of: date | None = None,
    party_id: uuid.UUID | None = None,
    limit: int = ROWS_MAX,
) -> list[OpenItem]:
    """Return what is not settled today, or was not on another day; the oldest due first."""
    ours = company(session)
    day = as_of or ours.today
    items = _open_items(direction, as_of, party_id).subquery()
    due_on = _first_due(items)
    wanted = (
        select(items, due_on, Party.number.label("party_number"), Party.name.label("party"))
        .join(Party, Party.id == items.c.party_id)
        .where(items.c.open_minor != 0)
        .order_by(due_on, items.c.number)
        .limit(min(limit, ROWS_MAX))
    )
    return [
        OpenItem(
            number=row.number,
            kind=_KINDS[row.kind],
            party_number=row.party_number,
            party=row.party,
            posted_on=row.posted_on,
            due_on=row.first_due_on,
            total=Money(row.total_minor, row.currency),
            open=Money(row.open_minor, row.currency),
            base=Money(row.base_minor, ours.currency),
            days_overdue=max((day - row.first_due_on).days, 0),
            reference=row.reference,
        )
        for row in session.execute(wanted)
    ]


def list_open_instalments(
    session: Session,
    *,
    direction: Direction,
    as_of: date | None = None,
    party_id: uuid.UUID | None = None,
    limit: int = ROWS_MAX,
) -> list[OpenInstalment]:
    """Return what is open of documents by the day on which each part is due, the first first."""
    ours = company(session)
    day = as_of or ours.today
    items = _by_instalment(_open_items(direction, as_of, party_id).subquery()).subquery()
    wanted = (
        select(items, Party.number.label("party_number"), Party.name.label("party"))
        .join(Party, Party.id == items.c.party_id)
        .where(items.c.part_minor != 0)
        .order_by(items.c.due_on, items.c.number, items.c.position)
        .limit(min(limit, ROWS_MAX))
    )
    return [
        OpenInstalment(
            number=row.number,
            kind=_KINDS[row.kind],
            position=row.position,
            party_number=row.party_number,
            party=row.party,
            due_on=row.due_on,
            open=Money(row.part_minor, row.currency),
            base=Money(row.part_base_minor, ours.currency),
            discount=Money(row.discount_minor, row.currency),
            discount_until=row.discount_until,
            days_overdue=max((day - row.due_on).days, 0),
        )
        for row in session.execute(wanted)
    ]


def ageing(session: Session, direction: Direction, as_of: date | None = None) -> list[AgeingRow]:
    """Return for every party what is open in the books, by how many days each part is overdue."""
    ours = company(session)
    day = as_of or ours.today
    items = _by_instalment(_open_items(direction, as_of, None).subquery()).subquery()
    edges = [day - timedelta(days=days) for days in BUCKETS]
    due_on = items.c.due_on
    stretches = [
        due_on >= edges[0],
        *(due_on.between(older, edge - timedelta(days=1)) for edge, older in pairwise(edges)),
        due_on < edges[-1],
    ]
    amounts = [total(case((stretch, items.c.part_base_minor), else_=0)) for stretch in stretches]
    sums = (
        select(Party.number, Party.name, *amounts)
        .select_from(items)
        .join(Party, Party.id == items.c.party_id)
        .where(items.c.part_minor != 0)
        .group_by(Party.id)
        .order_by(Party.number)
    )
    rows = []
    for number, name, *minors in session.execute(sums):
        not_due, to_30, to_60, to_90, over_90 = (Money(each, ours.currency) for each in minors)
        whole = Money(sum(minors), ours.currency)
        rows.append(AgeingRow(number, name, not_due, to_30, to_60, to_90, over_90, whole))
    return rows


_KINDS: dict[str, InvoiceKind | PaymentKind] = {
    **{str(kind): kind for kind in InvoiceKind},
    **{str(kind): kind for kind in PaymentKind},
}


def _open_items(
    direction: Direction, as_of: date | None, party_id: uuid.UUID | None
) -> Select[Any]:
    documents = _documents(direction, as_of)
    payments = _payments(direction, as_of)
    if party_id is not None:
        documents = documents.where(Invoice.party_id == party_id)
        payments = payments.where(Payment.party_id == party_id)
    return select(union_all(documents, payments).subquery())


def _documents(direction: Direction, as_of: date | None) -> Select[Any]:
    sign = case((Invoice.kind == direction.invoice, 1), else_=-1)
    wanted = select(
        Invoice.id.label("document_id"),
        Invoice.number.label("number"),
        cast(Invoice.kind, String).label("kind"),
        Invoice.party_id.label("party_id"),
        Invoice.posted_on.label("posted_on"),
        Invoice.due_on.label("due_on"),
        Invoice.reference.label("reference"),
        Invoice.currency.label("currency"),
        (sign * Invoice.total_minor).label("total_minor"),
    ).where(Invoice.kind.in_([direction.invoice, direction.credit_note]))
    if as_of is None:
        return wanted.add_columns(
            (sign * Invoice.open_minor).label("open_minor"),
            (sign * Invoice.open_base_minor).label("base_minor"),
        ).where(Invoice.open_minor > 0)
    by_invoice = _settled(
        Settlement.invoice_id, Settlement.amount_minor, Settlement.base_minor, as_of
    )
    by_note = _settled(
        Settlement.credit_note_id, Settlement.source_minor, Settlement.source_base_minor, as_of
    )

    def left(whole: Any, column: str) -> Any:  # noqa: ANN401
        gone = func.coalesce(by_invoice.c[column], 0) + func.coalesce(by_note.c[column], 0)
        return sign * (whole - gone)

    return (
        wanted.add_columns(
            left(Invoice.total_minor, "minor").label("open_minor"),
            left(Invoice.base_total_minor, "base_minor").label("base_minor"),
        )
        .outerjoin(by_invoice, by_invoice.c.document_id == Invoice.id)
        .outerjoin(by_note, by_note.c.document_id == Invoice.id)
        .where(Invoice.posted_on <= as_of)
    )


def _payments(direction: Direction, as_of: date | None) -> Select[Any]:
    wanted = select(
        Payment.id.label("document_id"),
        Payment.number.label("number"),
        cast(Payment.kind, String).label("kind"),
        Payment.party_id.label("party_id"),
        Payment.paid_on.label("posted_on"),
        Payment.paid_on.label("due_on"),
        Payment.reference.label("reference"),
        Payment.currency.label("currency"),
        (-Payment.amount_minor).label("total_minor"),
    ).where(Payment.kind == direction.payment)
    if as_of is None:
        return wanted.add_columns(
            (-Payment.open_minor).label("open_minor"),
            (-Payment.open_base_minor).label("base_minor"),
        ).where(Payment.open_minor > 0)
    settled = _settled(
        Settlement.payment_id, Settlement.source_minor, Settlement.source_base_minor, as_of
    )
    undone = select(JournalEntry.reverses_id).where(
        JournalEntry.reverses_id.is_not(None), JournalEntry.posted_on <= as_of
    )
    gone, base_gone = (func.coalesce(settled.c[name], 0) for name in ("minor", "base_minor"))
    return (
        wanted.add_columns(
            (-(Payment.amount_minor - gone)).label("open_minor"),
            (-(Payment.base_amount_minor - base_gone)).label("base_minor"),
        )
        .outerjoin(settled, settled.c.document_id == Payment.id)
        .where(Payment.paid_on <= as_of, Payment.entry_id.not_in(undone))
    )


def _settled(document: Any, minor: Any, base_minor: Any, as_of: date) -> Any:  # noqa: ANN401
    return (
        select(
            document.label("document_id"),
            total(minor).label("minor"),
            total(base_minor).label("base_minor"),
        )
        .where(document.is_not(None), Settlement.settled_on <= as_of)
        .group_by(document)
        .subquery()
    )


def _first_due(items: Any) -> Any:  # noqa: ANN401
    """Return the day on which the first open instalment of a document is due."""
    first = (
        select(func.min(Instalment.due_on))
        .where(
            Instalment.invoice_id == items.c.document_id,
            Instalment.until_minor > items.c.total_minor - items.c.open_minor,
        )
        .scalar_subquery()
    )
    return func.coalesce(first, items.c.due_on).label("first_due_on")


def _by_instalment(items: Any) -> Select[Any]:  # noqa: ANN401
    """Part what is open by instalments, in the books as well: the parts add up to the whole.

    What has no instalments is its own only one.
    """
    paid = items.c.total_minor - items.c.open_minor
    # What is open up to and with an instalment, and up to it.
    after = func.greatest(func.coalesce(Instalment.until_minor, items.c.total_minor) - paid, 0)
    before = func.greatest(
        func.coalesce(Instalment.until_minor - Instalment.amount_minor, 0) - paid, 0
    )
    # What is a credit on that day, as a document is that was settled anew before it was opened
    # again, is no part of any instalment: it stands once, with the first.
    of_credit = items.c.open_minor < 0
    once = case((func.coalesce(Instalment.position, 1) == 1, 1), else_=0)

    def worth(minor: Any) -> Any:  # noqa: ANN401
        share = cast(items.c.base_minor, Numeric) * minor / func.nullif(items.c.open_minor, 0)
        return cast(func.round(share), BigInteger)

    wanted = select(
        items.c.document_id,
        items.c.number,
        items.c.kind,
        items.c.party_id,
        items.c.currency,
        func.coalesce(Instalment.position, 1).label("position"),
        func.coalesce(Instalment.due_on, items.c.due_on).label("due_on"),
        func.coalesce(Instalment.discount_minor, 0).label("discount_minor"),
        Instalment.discount_until,
        case((of_credit, items.c.open_minor * once), else_=after - before).label("part_minor"),
        case((of_credit, items.c.base_minor * once), else_=worth(after) - worth(before)).label(
            "part_base_minor"
        ),
    ).select_from(items.outerjoin(Instalment, Instalment.invoice_id == items.c.document_id))
    # A credit that is used up has no sign any more by which it could be told from a document.
    return wanted.where(items.c.open_minor != 0)


def _settled_by(session: Session, invoice: Invoice) -> tuple[tuple[str, date, Money], ...]:
    # A credit note is asked what it settles, everything else by what it is settled.
    note = takes_back(invoice.kind)
    mine = Settlement.credit_note_id if note else Settlement.invoice_id
    other = Settlement.invoice_id if note else Settlement.credit_note_id
    wanted = (
        select(
            func.coalesce(Payment.number, Deduction.number, Invoice.number),
            Settlement.settled_on,
            Settlement.amount_minor,
        )
        .outerjoin(Payment, Payment.id == Settlement.payment_id)
        .outerjoin(Deduction, Deduction.id == Settlement.deduction_id)
        .outerjoin(Invoice, Invoice.id == other)
        .where(mine == invoice.id)
        .order_by(Settlement.settled_on, Settlement.id)
        .limit(ROWS_MAX)
    )
    return tuple(
        (number, settled_on, Money(minor, invoice.currency))
        for number, settled_on, minor in session.execute(wanted)
    )


def settled_by_payment(session: Session, payment: Payment) -> list[str]:
    """Return the numbers of the documents that a payment settles."""
    wanted = (
        select(Invoice.number)
        .join(Settlement, Settlement.invoice_id == Invoice.id)
        .where(Settlement.payment_id == payment.id)
        .group_by(Invoice.number)
        .order_by(Invoice.number)
        .limit(ROWS_MAX)
    )
    return list(session.scalars(wanted))

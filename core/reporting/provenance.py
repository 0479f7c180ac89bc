"""From a figure to the documents behind it, and from a document to its entries and who approved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session

from core.approvals.tables import Decision, Proposal
from core.invoicing.tables import Invoice, Payment, Settlement
from core.kernel.audit import AuditRecord
from core.kernel.company import company
from core.kernel.errors import DomainError
from core.kernel.events import ChangeEvent
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.semantics import Adding, Measure, Said
from core.ledger.tables import Account, JournalEntry, Posting, Side
from core.parties.tables import Party
from core.purchasing.tables import GoodsReceipt, PurchaseOrder
from core.reporting.adding import source_rows
from core.reporting.answering import prepared
from core.reporting.catalogue import CATALOGUE
from core.reporting.issues import CannotAnswer, Issue
from core.reporting.planner import Compiled
from core.reporting.query import ReportQuery
from core.sales.tables import Delivery, SalesOrder

DOCUMENTS_MAX = 1_000
RELATED_MAX = 200
# What a number says that it is the number of.
KINDS = {
    "SO": "sales_order",
    "DN": "delivery",
    "INV": "customer_invoice",
    "CN": "customer_credit_note",
    "PO": "purchase_order",
    "GR": "goods_receipt",
    "BILL": "supplier_bill",
    "SCN": "supplier_credit_note",
    "RCT": "customer_payment",
    "PAY": "supplier_payment",
    "OI": "open_item",
    "JE": "journal_entry",
    "C": "customer",
    "S": "supplier",
    "E": "employee",
}


class UnknownDocument(DomainError):
    """There is no document with the number {number}."""

    zh = "没有编号为 {number} 的单据。"


@dataclass(frozen=True)
class Cell:
    """One figure of an answer: its metric, its members, its bucket; without those, the total.

    `compared` means the figure of the period that is compared with.
    """

    metric: str
    members: dict[str, str | None] = field(default_factory=dict)
    bucket: date | None = None
    compared: bool = False


@dataclass(frozen=True)
class DocumentRow:
    """A document behind a figure, and what it adds to it."""

    number: str
    kind: str
    day: date | None
    amount: Decimal
    rows: int


@dataclass(frozen=True)
class Behind:
    """The documents behind one measure of a figure, the largest first, and what all add up to."""

    basis: Said
    documents: tuple[DocumentRow, ...]
    documents_count: int
    amount: Decimal


@dataclass(frozen=True)
class EntryLine:
    """One side of a journal entry."""

    account: str
    name: Said
    debit: Money | None
    credit: Money | None
    party: str | None


@dataclass(frozen=True)
class Entry:
    """A journal entry, and for which document it was posted."""

    number: str
    posted_on: date
    memo: str
    origin: str
    lines: tuple[EntryLine, ...]


@dataclass(frozen=True)
class Approval:
    """The proposal by which something was done: who asked, in which words, who said yes and when.

    `source` names the foreign text, a mail for example, that caused it.
    """

    number: str
    title: str
    asked_by: str
    words: str
    source: str
    decisions: tuple[tuple[str, str, datetime], ...]


@dataclass(frozen=True)
class Related:
    """A document that belongs to another."""

    number: str
    kind: str
    day: date | None


@dataclass(frozen=True)
class Trace:
    """All that stands behind a document: related ones, entries, who did it and who approved it."""

    number: str
    kind: str
    day: date | None
    party: str | None
    related: tuple[Related, ...]
    entries: tuple[Entry, ...]
    done_by: tuple[tuple[str, datetime], ...]
    approvals: tuple[Approval, ...]


def rows_behind(
    session: Session, query: ReportQuery, cell: Cell, *, limit: int = 50
) -> tuple[Behind, ...]:
    """Return the documents behind one figure of an answer: one list for each measure in it."""
    plan = prepared(session, query)
    strangers = set(cell.members) - set(query.dimensions)
    if cell.metric not in query.metrics or strangers:
        known = ", ".join((*query.metrics, *query.dimensions))
        raise CannotAnswer(
            [
                Issue(
                    "not_in_answer",
                    f"The answer has no such cell; it has {known}.",
                    f"答案中没有这个单元格；只有 {known}。",
                    cell.metric,
                    query.metrics,
                )
            ]
        )
    measures = CATALOGUE.measures_of(cell.metric, orders=plan.scope.orders)
    different = list({id(measure): measure for measure in measures}.values())
    return tuple(
        _behind(session, plan, cell, measure, min(limit, DOCUMENTS_MAX)) for measure in different
    )


def trace(session: Session, number: str) -> Trace:
    """Follow a document to what belongs to it, its journal entries, and who approved it."""
    wanted = canonical_number(number)
    found = _documents(session, wanted)
    if found is None:
        raise UnknownDocument(number=wanted)
    day, party, related = found
    numbers = [wanted, *(one.number for one in related)]
    entries = _entries(session, wanted, numbers)
    transactions = [transaction for _, transaction in entries]
    return Trace(
        number=wanted,
        kind=kind_of(wanted),
        day=day,
        party=party,
        related=tuple(related),
        entries=tuple(entry for entry, _ in entries),
        done_by=_done_by(session, transactions),
        approvals=_approvals(session, wanted, transactions),
    )


def kind_of(number: str, otherwise: str = "") -> str:
    """Return the kind of record that a number belongs to."""
    return KINDS.get(number.split("-", maxsplit=1)[0], otherwise or "document")


def _behind(session: Session, plan: Compiled, cell: Cell, measure: Measure, limit: int) -> Behind:
    source, rows, conditions = source_rows(
        plan.query,
        plan.scope,
        measure,
        members=cell.members,
        bucket=cell.bucket,
        compared=cell.compared,
    )
    if measure.value is None or measure.adding is not Adding.SUM:
        # Each document adds one; one that several rows name is still one.
        amount: Any = (
            func.count() if measure.value is None else func.count(measure.value(rows).distinct())
        )
    else:
        amount = func.coalesce(func.sum(measure.value(rows)), 0)
    scale = Decimal(1).scaleb(-plan.scope.money_digits) if measure.minor else Decimal(1)
    added = (cast(amount, Numeric) * scale).label("amount")
    document = rows["document"].label("document")
    day = func.max(rows.day) if measure.source.dates else None
    listed = (
        select(
            document,
            (day if day is not None else func.max(rows.as_of)).label("day"),
            added,
            func.count().label("rows"),
        )
        .select_from(source)
        .where(*conditions)
        .group_by(rows["document"])
        .subquery()
    )
    chosen = (
        select(listed, func.count().over().label("documents"), func.sum(listed.c.amount).over())
        .order_by(func.abs(listed.c.amount).desc(), listed.c.document)
        .limit(limit)
    )
    found = session.execute(chosen).all()
    return Behind(
        basis=measure.says,
        documents=tuple(
            DocumentRow(
                number=row[0],
                kind=kind_of(row[0], measure.source.document_kind),
                day=row[1],
                amount=row[2],
                rows=row[3],
            )
            for row in found
        ),
        documents_count=found[0][4] if found else 0,
        amount=found[0][5] if found else Decimal(0),
    )


def _documents(
    session: Session, number: str
) -> tuple[date | None, str | None, list[Related]] | None:
    """Return the day and party of a document, and what belongs to it."""
    finders = {
        "sales_order": _of_sales_order,
        "delivery": _of_delivery,
        "purchase_order": _of_purchase_order,
        "goods_receipt": _of_receipt,
        "customer_payment": _of_payment,
        "supplier_payment": _of_payment,
        "journal_entry": _of_entry,
    }
    return finders.get(kind_of(number), _of_invoice)(session, number)


Found = tuple[date | None, str | None, list[Related]] | None


def _of_sales_order(session: Session, number: str) -> Found:
    order = session.execute(
        select(SalesOrder.id, SalesOrder.ordered_on, Party.name)
        .join(Party, Party.id == SalesOrder.customer_id)
        .where(SalesOrder.number == number)
    ).one_or_none()
    if order is None:
        return None
    deliveries = select(Delivery.number, Delivery.delivered_on).where(Delivery.order_id == order[0])
    return order[1], order[2], [*_listed(session, deliveries), *_billed(session, [number])]


def _of_delivery(session: Session, number: str) -> Found:
    found = session.execute(
        select(Delivery.delivered_on, Party.name, SalesOrder.number, SalesOrder.ordered_on)
        .join(SalesOrder, SalesOrder.id == Delivery.order_id)
        .join(Party, Party.id == SalesOrder.customer_id)
        .where(Delivery.number == number)
    ).one_or_none()
    return found and (found[0], found[1], [_related(found[2], found[3])])


def _of_purchase_order(session: Session, number: str) -> Found:
    order = session.execute(
        select(PurchaseOrder.id, PurchaseOrder.ordered_on, Party.name)
        .join(Party, Party.id == PurchaseOrder.supplier_id)
        .where(PurchaseOrder.number == number)
    ).one_or_none()
    if order is None:
        return None
    receipts = select(GoodsReceipt.number, GoodsReceipt.received_on).where(
        GoodsReceipt.order_id == order[0]
    )
    return order[1], order[2], [*_listed(session, receipts), *_billed(session, [number])]


def _of_receipt(session: Session, number: str) -> Found:
    found = session.execute(
        select(GoodsReceipt.received_on, Party.name, PurchaseOrder.number, PurchaseOrder.ordered_on)
        .join(PurchaseOrder, PurchaseOrder.id == GoodsReceipt.order_id)
        .join(Party, Party.id == PurchaseOrder.supplier_id)
        .where(GoodsReceipt.number == number)
    ).one_or_none()
    return found and (found[0], found[1], [_related(found[2], found[3])])


def _of_payment(session: Session, number: str) -> Found:
    found = session.execute(
        select(Payment.paid_on, Party.name, Payment.id)
        .join(Party, Party.id == Payment.party_id)
        .where(Payment.number == number)
    ).one_or_none()
    if found is None:
        return None
    settled = (
        select(Invoice.number, Invoice.posted_on)
        .join(Settlement, Settlement.invoice_id == Invoice.id)
        .where(Settlement.payment_id == found[2])
        .distinct()
    )
    return found[0], found[1], _listed(session, settled)


def _of_entry(session: Session, number: str) -> Found:
    found = session.execute(
        select(JournalEntry.posted_on, JournalEntry.origin).where(JournalEntry.number == number)
    ).one_or_none()
    return found and (found[0], None, [_related(found[1], None)] if found[1] else [])


def _of_invoice(session: Session, number: str) -> Found:
    found = session.execute(
        select(Invoice.posted_on, Party.name, Invoice.origin, Invoice.id)
        .join(Party, Party.id == Invoice.party_id)
        .where(Invoice.number == number)
    ).one_or_none()
    if found is None:
        return None
    paid_by = (
        select(Payment.number, Payment.paid_on)
        .join(Settlement, Settlement.payment_id == Payment.id)
        .where(Settlement.invoice_id == found[3])
        .distinct()
    )
    before = [_related(found[2], None)] if found[2] and found[2] != number else []
    return found[0], found[1], [*before, *_billed(session, [number]), *_listed(session, paid_by)]


def _billed(session: Session, origins: Sequence[str]) -> list[Related]:
    """Return the invoices, bills and credit notes that name one of these as their origin."""
    return _listed(
        session,
        select(Invoice.number, Invoice.posted_on).where(
            Invoice.origin.in_(origins), Invoice.number.not_in(origins)
        ),
    )


def _listed(session: Session, numbered: Any) -> list[Related]:  # noqa: ANN401  # A select.
    rows = session.execute(numbered.order_by(numbered.selected_columns[1]).limit(RELATED_MAX))
    return [_related(number, day) for number, day in rows]


def _related(number: str, day: date | None) -> Related:
    return Related(number, kind_of(number), day)


def _entries(session: Session, number: str, numbers: Sequence[str]) -> list[tuple[Entry, int]]:
    """Return the entries of some documents, each with the transaction that wrote it."""
    own = select(Invoice.entry_id).where(Invoice.number.in_(numbers))
    paid = select(Payment.entry_id).where(Payment.number.in_(numbers))
    # An entry names its document; invoices and payments name their entry as well.
    found = session.execute(
        select(JournalEntry, Posting, Account, Party.name)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .join(Account, Account.id == Posting.account_id)
        .outerjoin(Party, Party.id == Posting.party_id)
        .where(
            or_(
                JournalEntry.number == number,
                JournalEntry.origin.in_(numbers),
                JournalEntry.id.in_(own),
                JournalEntry.id.in_(paid),
            )
        )
        .order_by(JournalEntry.posted_on, JournalEntry.number, Posting.position)
        .limit(RELATED_MAX * 10)
    ).all()
    currency = company(session).currency
    lines: dict[str, list[EntryLine]] = {}
    heads: dict[str, JournalEntry] = {}
    for entry, posting, account, party in found:
        money = Money(posting.base_minor, currency)
        debit = posting.side is Side.DEBIT
        heads[entry.number] = entry
        lines.setdefault(entry.number, []).append(
            EntryLine(
                account=account.code,
                name=Said(account.name, account.name_zh),
                debit=money if debit else None,
                credit=None if debit else money,
                party=party,
            )
        )
    return [
        (
            Entry(name, head.posted_on, head.memo, head.origin, tuple(lines[name])),
            head.transaction,
        )
        for name, head in heads.items()
    ]


def _done_by(session: Session, transactions: Iterable[int]) -> tuple[tuple[str, datetime], ...]:
    """Return who wrote the entries, and when, from the audit trail."""
    people = session.execute(
        select(AuditRecord.person, func.min(AuditRecord.at))
        .join(ChangeEvent, ChangeEvent.sequence == AuditRecord.event_sequence)
        .where(ChangeEvent.transaction.in_(list(transactions)))
        .group_by(AuditRecord.person, ChangeEvent.transaction)
        .order_by(func.min(AuditRecord.at))
    )
    return tuple((person, at) for person, at in people)


def _approvals(session: Session, number: str, transactions: Iterable[int]) -> tuple[Approval, ...]:
    """Return the proposals that made a document, or the entries that belong to it."""
    by_entry = (
        select(AuditRecord.proposal_id)
        .join(ChangeEvent, ChangeEvent.sequence == AuditRecord.event_sequence)
        .where(ChangeEvent.transaction.in_(list(transactions)))
        .where(AuditRecord.proposal_id.is_not(None))
    )
    anywhere = cast("$.** ? (@ == $number)", JSONPATH)
    named = func.jsonb_path_exists(
        Proposal.answers, anywhere, func.jsonb_build_object("number", number)
    )
    proposals = session.scalars(
        select(Proposal)
        .where(or_(Proposal.id.in_(by_entry), named))
        .order_by(Proposal.created_at)
        .limit(RELATED_MAX)
    ).all()
    decisions = session.scalars(
        select(Decision)
        .where(Decision.proposal_id.in_([proposal.id for proposal in proposals]))
        .order_by(Decision.decided_at)
    ).all()
    return tuple(
        Approval(
            number=proposal.number,
            title=proposal.title,
            asked_by=proposal.asked_by,
            words=proposal.reason.get("words", ""),
            source=proposal.reason.get("source", ""),
            decisions=tuple(
                (decision.person, str(decision.verdict), decision.decided_at)
                for decision in decisions
                if decision.proposal_id == proposal.id
            ),
        )
        for proposal in proposals
    )

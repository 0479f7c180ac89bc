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
from core.invoicing.tables import Invoice, Payment
from core.kernel.audit import AuditRecord
from core.kernel.company import company
from core.kernel.errors import DomainError
from core.kernel.events import ChangeEvent
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.semantics import Adding, Measure, Said
from core.ledger.tables import Account, JournalEntry, Posting, Side
from core.parties.tables import Party
from core.reporting.adding import source_rows
from core.reporting.answering import prepared
from core.reporting.catalogue import CATALOGUE
from core.reporting.issues import CannotAnswer, Issue
from core.reporting.planner import Compiled
from core.reporting.query import ReportQuery
from core.reporting.related import RELATED_MAX, Related, documents_of, kind_of

DOCUMENTS_MAX = 1_000


class UnknownDocument(DomainError):
    """There is no document with the number {number}."""

    zh = "没有编号为 {number} 的单据。"


class PrivateFigure(DomainError):
    """What is behind {figure} is private: it is shown as a sum over enough people only."""

    zh = "{figure} 的明细属于隐私，只显示足够多人的合计。"


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
    if any(CATALOGUE.metrics[part].private for part in CATALOGUE.metrics[cell.metric].parts):
        raise PrivateFigure(figure=cell.metric)
    measures = CATALOGUE.measures_of(cell.metric, orders=plan.scope.orders)
    different = list({id(measure): measure for measure in measures}.values())
    return tuple(
        _behind(session, plan, cell, measure, min(limit, DOCUMENTS_MAX)) for measure in different
    )


def trace(session: Session, number: str) -> Trace:
    """Follow a document to what belongs to it, its journal entries, and who approved it."""
    # A number as people write it, or a name that is one already: SHIRT-1 is no short SHIRT-00001.
    wanted = canonical_number(number)
    found = documents_of(session, wanted)
    if found is None and (plain := number.strip()) != wanted:
        wanted, found = plain, documents_of(session, plain)
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

"""Deferrals: what is paid before it is an expense, and charged before it is earned."""

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger.accounts import find_account, find_accounts
from core.ledger.chart import DEFERRED_REVENUE, PREPAID_EXPENSES
from core.ledger.dimensions import dimension_sets, member_named
from core.ledger.errors import AmountNotPositive, KeptByDocuments
from core.ledger.rules import Dimensions, credit, debit
from core.ledger.schedules import rules
from core.ledger.schedules.days import OpenDays
from core.ledger.schedules.errors import DeferralCancelled, DeferralOfDocument, UnknownSchedule
from core.ledger.schedules.events import DeferralStarted, DeferralStopped
from core.ledger.schedules.queries import recognised_entries
from core.ledger.schedules.tables import (
    Deferral,
    DeferralKind,
    DeferralPart,
    DeferralState,
    Method,
)
from core.ledger.schedules.templates import dimensions_text
from core.ledger.service import post_entry, reverse_entry
from core.ledger.tables import JournalEntry

DEFERRED_ACCOUNT = {
    DeferralKind.PREPAID_EXPENSE: PREPAID_EXPENSES,
    DeferralKind.DEFERRED_REVENUE: DEFERRED_REVENUE,
}


def start_deferral(
    session: Session,
    *,
    kind: DeferralKind,
    amount: Money,
    account: str,
    starts_on: date,
    ends_on: date,
    method: Method = Method.BY_DAY,
    origin: str,
    memo: str = "",
    party_id: uuid.UUID | None = None,
    dimensions: Dimensions = (),
) -> Deferral:
    """Schedule what a document has charged to the deferred account; post nothing.

    For rooms that keep the document: in the same transaction, its entry puts `amount` on the
    account of the role `DEFERRED_ACCOUNT[kind]`, and `origin` is its number. `account` is the
    revenue or expense that the amount becomes, part by part, when `run_schedules` is called.
    """
    return _start(
        session, kind, amount, account, (starts_on, ends_on), method, origin, memo, dimensions,
        party_id=party_id, by_hand=False,
    )  # fmt: skip


def defer(
    session: Session,
    *,
    kind: DeferralKind,
    amount: Money,
    account: str,
    starts_on: date,
    ends_on: date,
    method: Method = Method.BY_MONTH,
    against: str | None = None,
    posted_on: date | None = None,
    memo: str = "",
    dimensions: Dimensions = (),
) -> Deferral:
    """Move an amount to the deferred account, and schedule its recognition.

    It comes from the account that it was booked on already, `account` itself, unless `against`
    says another: the bank, for what is paid now.
    """
    deferral = _start(
        session, kind, amount, account, (starts_on, ends_on), method, None, memo, dimensions,
        party_id=None, by_hand=True,
    )  # fmt: skip
    other = against or account
    if (kept := find_account(session, other)).control is not None:
        raise KeptByDocuments(account=kept.called)
    dimensions = dimensions if other == account else ()
    lines = [
        debit(DEFERRED_ACCOUNT[kind], amount),
        credit(other, amount, dimensions=dimensions),
    ]
    if kind is DeferralKind.DEFERRED_REVENUE:
        lines = [line.reversed() for line in reversed(lines)]
    entry = post_entry(
        session, lines, memo=deferral.memo, origin=deferral.number, posted_on=posted_on
    )
    deferral.entry_id = entry.id
    session.flush()
    return deferral


def cancel_deferral(session: Session, number: str, *, because: str) -> Deferral:
    """Take back a deferral that no document charged: all its entries are reversed."""
    deferral = find_deferral(session, number, lock=True)
    if deferral.origin != deferral.number:
        raise DeferralOfDocument(number=deferral.number, origin=deferral.origin)
    _cancel(session, deferral, because)
    return deferral


def cancel_deferrals_of(session: Session, origin: str, *, because: str) -> list[Deferral]:
    """Stop the deferrals of a document that is credited in whole; what was recognised is reversed.

    For the room that keeps the document: its credit note takes the amount off the deferred
    account, so what was recognised of it has to be there again.
    """
    wanted = (
        select(Deferral)
        .where(Deferral.origin == origin, Deferral.state == DeferralState.ACTIVE)
        .order_by(Deferral.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(wanted))
    for deferral in found:
        _cancel(session, deferral, because)
    return found


def find_deferral(session: Session, number: str, *, lock: bool = False) -> Deferral:
    """Return a deferral by its number."""
    wanted = select(Deferral).where(Deferral.number == canonical_number(number))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise UnknownSchedule(number=number)
    return found


def _start(
    session: Session,
    kind: DeferralKind,
    amount: Money,
    account: str,
    stretch: tuple[date, date],
    method: Method,
    origin: str | None,
    memo: str,
    dimensions: Dimensions,
    *,
    party_id: uuid.UUID | None,
    by_hand: bool,
) -> Deferral:
    ours = company(session)
    accounts = find_accounts(session, {account, DEFERRED_ACCOUNT[kind]})
    target = accounts[account]
    if amount.minor <= 0:
        raise AmountNotPositive(amount=amount, account=target.code)
    if target.control is not None:
        raise KeptByDocuments(account=target.called)
    coded = tuple((name, member_named(session, name, text).code) for name, text in dimensions)
    dimension_sets(session, {coded})
    parts = rules.spread(amount, *stretch, method, ours.rounding)
    number = next_number(session, "DEF")
    deferral = Deferral(
        id=new_id(),
        number=number,
        kind=kind,
        method=method,
        memo=memo or f"{number} {origin or target.name}",
        starts_on=stretch[0],
        ends_on=stretch[1],
        amount_minor=amount.minor,
        deferred_account_id=accounts[DEFERRED_ACCOUNT[kind]].id,
        account_id=target.id,
        party_id=party_id,
        dimensions=dimensions_text(coded),
        origin=origin or number,
        state=DeferralState.ACTIVE,
    )
    session.add(deferral)
    session.flush()
    session.add_all(
        DeferralPart(
            deferral_id=deferral.id,
            position=position,
            due_on=part.due_on,
            amount_minor=part.amount.minor,
        )
        for position, part in enumerate(parts, start=1)
    )
    events.record(
        session,
        DeferralStarted(
            number=number,
            kind=kind,
            method=method,
            memo=memo,
            starts_on=stretch[0].isoformat(),
            ends_on=stretch[1].isoformat(),
            deferred=amount,
            account=f"{target.code} {target.name}",
            parts=tuple((part.due_on.isoformat(), str(part.amount.amount)) for part in parts),
            origin=origin or "",
            by_hand=by_hand,
        ),
    )
    session.flush()
    return deferral


def _cancel(session: Session, deferral: Deferral, because: str) -> None:
    if deferral.state is DeferralState.CANCELLED:
        raise DeferralCancelled(number=deferral.number)
    days = OpenDays(session)
    taken_back = 0
    for entry, minor in recognised_entries(session, deferral.id):
        day = days.first(entry.posted_on)
        reverse_entry(session, entry.number, because=because, posted_on=day)
        taken_back += minor
    if deferral.entry_id is not None:
        first = session.get_one(JournalEntry, deferral.entry_id)
        day = days.first(first.posted_on)
        reverse_entry(session, first.number, because=because, posted_on=day)
    deferral.state = DeferralState.CANCELLED
    currency = company(session).currency
    events.record(session, DeferralStopped(deferral.number, Money(taken_back, currency), because))
    session.flush()

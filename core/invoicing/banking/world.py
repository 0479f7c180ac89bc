"""Gather from the database what lines may be for, and propose: `propose_matches`."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.invoicing import rules as invoicing_rules
from core.invoicing import terms
from core.invoicing.banking.proposing import propose
from core.invoicing.banking.queries import matched_of_line, open_entries
from core.invoicing.banking.rules import (
    DAYS_APART_MAX,
    Booked,
    Document,
    Line,
    OwnAccount,
    Proposal,
    World,
)
from core.invoicing.banking.standing import active_rules
from core.invoicing.banking.tables import (
    BankLine,
    BankMatch,
    BankMatchPart,
    BankStatement,
    Way,
)
from core.invoicing.rules import Direction
from core.invoicing.tables import Invoice, InvoiceKind, Payment, Settlement
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger import BankAccount, list_bank_accounts
from core.parties import Party, PartyBankAccount, standing_party

DOCUMENTS_MAX, LINES_MAX = 20_000, 5_000
_WAYS = {InvoiceKind.CUSTOMER_INVOICE: Way.IN, InvoiceKind.SUPPLIER_BILL: Way.OUT}
# Who owes by a line that came in, and by one that went out.
DIRECTIONS = {Way.IN: Direction.RECEIVABLE, Way.OUT: Direction.PAYABLE}
Names = tuple[str, ...]


def propose_matches(
    session: Session,
    *,
    bank_account: BankAccount | None = None,
    statement: BankStatement | None = None,
    since: date | None = None,
    until: date | None = None,
    numbers: Sequence[str] | None = None,
) -> list[tuple[Line, Proposal]]:
    """Return the lines that are not matched, the oldest first, and what each is probably for.

    All open lines are weighed together, and then only those that were asked for are returned: so
    that a line is proposed the same, alone or among others.
    """
    wanted = open_lines(session)
    proposals = propose(wanted, load_world(session, wanted))
    rows = {
        row.number: row
        for row in session.scalars(
            select(BankLine).where(BankLine.number.in_([line.number for line in wanted]))
        )
    }

    def asked(number: str) -> bool:
        row = rows[number]
        return (
            (bank_account is None or row.bank_account_id == bank_account.id)
            and (statement is None or row.statement_id == statement.id)
            and (since is None or row.booked_on >= since)
            and (until is None or row.booked_on <= until)
            and (numbers is None or row.number in numbers)
        )

    pairs = zip(wanted, proposals, strict=True)
    return [(line, found) for line, found in pairs if asked(line.number)]


def open_lines(session: Session) -> list[Line]:
    """Return what is left of the lines that are not matched, the oldest first."""
    matched = matched_of_line()
    wanted = (
        select(BankLine, BankAccount.code, matched)
        .join(BankAccount, BankAccount.id == BankLine.bank_account_id)
        .where(~BankLine.voided, matched != BankLine.amount_minor)
        .order_by(BankLine.booked_on, BankLine.number)
        .limit(LINES_MAX)
    )
    return [_line(row, code, done) for row, code, done in session.execute(wanted)]


def load_world(session: Session, lines: Sequence[Line]) -> World:
    """Return everything that lines may be for."""
    accounts = list_bank_accounts(session)
    known = _known_accounts(session)
    days = [line.booked_on for line in lines] or [company(session).today]
    apart = timedelta(days=DAYS_APART_MAX)
    return World(
        documents=_documents(session, known, min(days)),
        booked=_booked(session, accounts, known, (min(days) - apart, max(days) + apart)),
        rules=active_rules(session),
        own_accounts=[
            OwnAccount(each.code, each.iban) for each in accounts if each.iban is not None
        ],
    )


def _line(row: BankLine, code: str, matched: int) -> Line:
    untouched = matched == 0
    foreign = None
    if untouched and row.foreign_minor is not None and row.foreign_currency is not None:
        foreign = Money(row.foreign_minor, row.foreign_currency)
    charges = Money(row.charges_minor, row.currency) if row.charges_minor and untouched else None
    return Line(
        number=row.number,
        booked_on=row.booked_on,
        amount=Money(row.amount_minor - matched, row.currency),
        text=row.text,
        counterparty=row.counterparty,
        counterparty_account=row.counterparty_account,
        reference=row.reference,
        end_to_end_id=row.end_to_end_id,
        account=code,
        foreign=foreign,
        charges=charges,
    )


def _known_accounts(session: Session) -> dict[uuid.UUID, Names]:
    """Return the account numbers of parties: on record, or confirmed by matches of ours."""
    wanted = (
        select(standing_party(BankMatch.party_id), BankLine.counterparty_account)
        .join(BankMatchPart, BankMatchPart.match_id == BankMatch.id)
        .join(BankLine, BankLine.id == BankMatchPart.line_id)
        .where(
            BankMatch.party_id.is_not(None),
            ~BankMatch.undone,
            BankLine.counterparty_account != "",
        )
        .distinct()
        .order_by(BankLine.counterparty_account)
    )
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    for party_id, account in session.execute(wanted):
        assert party_id is not None, "only matches with a party were asked for"
        found[party_id].append(account)
    on_record = select(
        PartyBankAccount.party_id,
        func.coalesce(PartyBankAccount.iban, PartyBankAccount.account_number),
    ).order_by(PartyBankAccount.party_id, PartyBankAccount.valid_from)
    for party_id, account in session.execute(on_record):
        if account not in found[party_id]:
            found[party_id].append(account)
    return {party_id: tuple(accounts) for party_id, accounts in found.items()}


def _documents(session: Session, known: dict[uuid.UUID, Names], first_day: date) -> list[Document]:
    wanted = (
        select(Invoice, Party)
        .join(Party, Party.id == Invoice.party_id)
        .where(Invoice.kind.in_(list(_WAYS)), Invoice.open_minor > 0)
        .order_by(Invoice.due_on, Invoice.number)
        .limit(DOCUMENTS_MAX)
    )
    rows = session.execute(wanted).all()
    parts = terms.instalments_of(session, [invoice.id for invoice, _ in rows])
    found = []
    for invoice, party in rows:
        mine = [each for each in parts.get(invoice.id, []) if each.discount_minor]
        paid = invoice.total_minor - invoice.open_minor
        # The pure rules ask for one discount and its last day; of several, the first one counts.
        until = min((each.discount_until for each in mine if each.discount_until), default=None)
        spared = (
            invoicing_rules.discount_open(parts[invoice.id], paid=paid, day=until)
            if until is not None and until >= first_day
            else 0
        )
        found.append(
            Document(
                number=invoice.number,
                way=_WAYS[invoice.kind],
                party=party.number,
                open=Money(invoice.open_minor, invoice.currency),
                due_on=invoice.due_on,
                posted_on=invoice.posted_on,
                party_names=_names(party),
                party_accounts=known.get(party.id, ()),
                references=tuple(each for each in (invoice.reference, invoice.origin) if each),
                discount=Money(spared, invoice.currency) if spared else None,
                discount_until=until,
            )
        )
    return found


def _booked(
    session: Session,
    accounts: Sequence[BankAccount],
    known: dict[uuid.UUID, Names],
    days: tuple[date, date],
) -> list[Booked]:
    codes = {account.account_id: account.code for account in accounts}
    entries = open_entries(session, accounts, since=days[0], until=days[1])
    payments = {
        payment.entry_id: (payment, party)
        for payment, party in session.execute(
            select(Payment, Party)
            .join(Party, Party.id == Payment.party_id)
            .where(Payment.entry_id.in_([entry.entry_id for entry in entries]))
        )
    }
    settles = _settled_by(session, [payment.id for payment, _ in payments.values()])
    found = []
    for entry in entries:
        # What is matched in part already waits for the rest, and only that.
        about: tuple[str, ...] = ()
        party: Party | None = None
        number = entry.number
        if entry.entry_id in payments:
            payment, party = payments[entry.entry_id]
            number = payment.number
            about = (entry.number, payment.reference or "", *settles.get(payment.id, ()))
        found.append(
            Booked(
                number=number,
                amount=entry.left,
                booked_on=entry.posted_on,
                account=codes[entry.account_id],
                party=party.number if party else "",
                party_names=_names(party) if party else (),
                party_accounts=known.get(party.id, ()) if party else (),
                references=tuple(each for each in about if each),
            )
        )
    return found


def _settled_by(session: Session, payment_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    wanted = (
        select(Settlement.payment_id, Invoice.number)
        .join(Invoice, Invoice.id == Settlement.invoice_id)
        .where(Settlement.payment_id.in_(payment_ids))
        .distinct()
        .order_by(Invoice.number)
    )
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    for payment_id, number in session.execute(wanted):
        assert payment_id is not None, "only settlements by payments were asked for"
        found[payment_id].append(number)
    return found


def _names(party: Party) -> Names:
    return tuple(each for each in (party.name, party.name_zh) if each)

"""Match lines of the bank with the books, posting what is missing there; and take it back whole."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import payments
from core.invoicing.banking.errors import (
    DocumentsOfSeveral,
    MatchUndone,
    MoreThanLine,
    NoOwnAccount,
    NotOnThisAccount,
    OtherWay,
    ReturnStays,
    UnknownMatch,
    WhatFor,
)
from core.invoicing.banking.events import LineMatched, MatchTakenBack
from core.invoicing.banking.queries import find_open_line, open_entries
from core.invoicing.banking.rules import For, Gap, Proposal
from core.invoicing.banking.standing import find_rule
from core.invoicing.banking.tables import (
    BankLine,
    BankMatch,
    BankMatchPart,
    BankRule,
    MatchKind,
    Way,
)
from core.invoicing.banking.world import DIRECTIONS
from core.invoicing.deductions import discount_on
from core.invoicing.rules import Direction
from core.invoicing.service import find_invoice
from core.invoicing.settling import Settle
from core.invoicing.tables import DocumentState, Invoice, Payment
from core.invoicing.worth import at_rate_of, in_books
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import (
    Account,
    BankAccount,
    Dimensions,
    Journal,
    JournalEntry,
    Line,
    account_named,
    bank_account_named,
    credit,
    debit,
    list_bank_accounts,
    post_entry,
    reverse_entry,
)
from core.ledger import tax as taxation
from core.ledger.chart import ROUNDING, TRANSFERS_IN_TRANSIT
from core.ledger.dimensions import dimensions_of
from core.ledger.errors import KeptByDocuments, UnknownEntry
from core.ledger.tax import Charge, TaxPart
from core.parties import Party

REFERENCE_MAX = 200


def settle_line(
    session: Session,
    number: str,
    *,
    documents: Sequence[tuple[str, Money | None]] = (),
    party: Party | None = None,
    amount: Money | None = None,
    fee: Money | None = None,
    take_discount: bool = False,
    write_off_to: str | None = None,
    on_account: bool = False,
    rule: BankRule | None = None,
    because: str = "",
) -> BankMatch:
    """Post the payment that a line is, settling documents, or what is due first of a party.

    It is all of the line that is not matched yet, or an amount of it. `on_account` settles
    nothing, and leaves it as a credit. What is paid beyond documents stays a credit as well.
    """
    line, left = find_open_line(session, number)
    part = _part(line, left, amount)
    direction = DIRECTIONS[_way(left)]
    found = [(find_invoice(session, each), asked) for each, asked in documents]
    payer = _payer(session, line, direction, [each for each, _ in found], party)
    fee = fee or Money(0, part.currency)
    paid = part + fee if direction is Direction.RECEIVABLE else part - fee
    settle: Settle | None = None
    if found or on_account:
        settle = _shares(session, found, paid, line.booked_on, take_discount=take_discount)
    payment = payments.post_payment(
        session,
        kind=direction.payment,
        party=payer,
        amount=paid,
        paid_on=line.booked_on,
        settle=settle,
        reference=(line.text or line.reference or line.number)[:REFERENCE_MAX],
        account=_books_of(session, line).code,
        fee=fee,
        take_discount=take_discount,
        write_off_to=write_off_to,
    )
    entry = session.get_one(JournalEntry, payment.entry_id)
    return _keep(
        session,
        line,
        left,
        [(entry, _signed(line, part))],
        kind=MatchKind.PAYMENT,
        because=because,
        payment=payment,
        party_id=payer.id,
        rule=rule,
    )


def book_line(
    session: Session,
    number: str,
    *,
    account: str,
    tax: str | None = None,
    dimensions: Dimensions = (),
    memo: str = "",
    party: Party | None = None,
    amount: Money | None = None,
    rule: BankRule | None = None,
    because: str = "",
) -> BankMatch:
    """Post the entry that a line is, such as a fee or interest; the tax is in its amount."""
    line, left = find_open_line(session, number)
    part, bank = _part(line, left, amount), _books_of(session, line)
    target = account_named(session, account)
    if target.control is not None:
        raise KeptByDocuments(account=target.called)
    way = _way(left)
    party_id = party.id if party is not None else None
    other, here = (credit, debit) if way is Way.IN else (debit, credit)
    net, taxes = _taxed(session, line, part, tax, target, way)
    lines = [other(target.code, net, party_id=party_id, dimensions=dimensions)]
    for each in taxes:
        effect = each.effect(sale=way is Way.IN)
        side = other if effect.minor > 0 else here
        # A cost lies where its line does.
        where = dimensions if each.account == target.code else ()
        lines.append(side(each.account, effect if effect.minor > 0 else -effect, dimensions=where))
    lines.append(here(bank.code, part))
    kept = [each for each in lines if each.amount.minor]
    match_number = next_number(session, "BM")
    entry = _post(session, line, bank, kept, memo or line.text or line.counterparty, match_number)
    rate = at_rate_of(session, line.booked_on)
    booked = taxation.booked_parts([(1, each) for each in taxes], kept, rate)
    taxation.keep_lines(session, entry, booked, document=match_number)
    return _keep(
        session,
        line,
        left,
        [(entry, _signed(line, part))],
        kind=MatchKind.BOOKED,
        because=because,
        party_id=party_id,
        rule=rule,
        number=match_number,
    )


def _taxed(
    session: Session, line: BankLine, part: Money, code: str | None, target: Account, way: Way
) -> tuple[Money, tuple[TaxPart, ...]]:
    """Return what of an amount is not tax, and the tax that lies in it."""
    if code is None:
        return part, ()
    charge = Charge(part, code, cost_account=target.code)
    given = taxation.compute(session, [charge], on=line.booked_on, sale=way is Way.IN, gross=True)
    return given.base, given.lines[0].parts


def transfer_line(
    session: Session, number: str, *, to: str | None = None, because: str = ""
) -> BankMatch:
    """Post one side of a transfer between our accounts; both sides meet in transit."""
    line, left = find_open_line(session, number)
    part, bank = _part(line, left, None), _books_of(session, line)
    others = [each for each in list_bank_accounts(session) if each.id != line.bank_account_id]
    if to is None and len(others) != 1:
        raise NoOwnAccount(number=line.number)
    other = others[0] if to is None else bank_account_named(session, to)
    if other.id == line.bank_account_id:
        raise NoOwnAccount(number=line.number)
    away, here = (credit, debit) if _way(left) is Way.IN else (debit, credit)
    match_number = next_number(session, "BM")
    lines = [here(bank.code, part), away(TRANSFERS_IN_TRANSIT, part)]
    entry = _post(session, line, bank, lines, f"⇄ {other.code} {line.text}", match_number)
    return _keep(
        session,
        line,
        left,
        [(entry, _signed(line, part))],
        kind=MatchKind.TRANSFER,
        because=because or other.code,
        number=match_number,
    )


def link_line(
    session: Session, number: str, entries: Sequence[tuple[str, Money | None]], *, because: str = ""
) -> BankMatch:
    """Match a line with payments or entries that are in the books already; nothing is posted."""
    line, left = find_open_line(session, number)
    account = session.get_one(BankAccount, line.bank_account_id)
    found, still = [], left
    paid: list[Payment | None] = []
    for said, asked in entries:
        payment, entry = _entry(session, said)
        paid.append(payment)
        there = next(iter(open_entries(session, [account], entry_ids=[entry.id])), None)
        if there is None or (there.left.minor > 0) != (left.minor > 0) or not still.minor:
            raise NotOnThisAccount(entry=said, account=account.code, number=line.number)
        part = min(still, there.left, key=lambda each: abs(each.minor))
        if asked is not None:
            part = _signed(line, _part(line, part, asked))
        found.append((entry, part))
        still -= part
    if not found:
        raise WhatFor(number=line.number)
    # A line of several parties is no account of any of them.
    whose = {payment.party_id if payment else None for payment in paid}
    return _keep(
        session,
        line,
        left,
        found,
        kind=MatchKind.LINKED,
        because=because,
        payment=paid[0] if len(paid) == 1 else None,
        party_id=whose.pop() if len(whose) == 1 else None,
    )


def return_line(session: Session, number: str, payment: str, *, because: str) -> BankMatch:
    """Take a line for a payment that came back: it is reversed, and what it settled is open."""
    line, left = find_open_line(session, number)
    found = payments.find_payment(session, payment)
    if (DIRECTIONS[_way(left)] is Direction.RECEIVABLE) == found.kind.startswith("customer"):
        raise OtherWay(number=line.number, document=found.number)
    account = session.get_one(BankAccount, line.bank_account_id)
    entry = payments.reverse_payment(session, found.number, because=because)
    there = next(iter(open_entries(session, [account], entry_ids=[entry.id])), None)
    if there is None or there.left.minor != left.minor:
        raise NotOnThisAccount(entry=found.number, account=account.code, number=line.number)
    return _keep(
        session,
        line,
        left,
        [(entry, left)],
        kind=MatchKind.RETURNED,
        because=because,
        payment=found,
        party_id=found.party_id,
    )


def carry_out(session: Session, proposal: Proposal) -> BankMatch:
    """Do what a proposal says, if it says something that can be done."""
    because = proposal.because()
    rule = find_rule(session, proposal.rule) if proposal.rule else None
    if proposal.purpose is For.BOOKED and proposal.parts:
        parts = [
            (part.number, Money(abs(part.amount.minor), part.amount.currency))
            for part in proposal.parts
        ]
        return link_line(session, proposal.line, parts, because=because)
    if proposal.purpose is For.TRANSFER:
        return transfer_line(session, proposal.line, to=proposal.target, because=because)
    if proposal.purpose is For.RULE and rule is not None:
        return book_by_rule(session, proposal.line, rule, because=because)
    if proposal.purpose is For.DOCUMENTS and proposal.parts:
        writes_off = {Gap.ROUNDING: ROUNDING, Gap.WRITE_OFF: proposal.target}
        return settle_line(
            session,
            proposal.line,
            documents=[(part.number, None) for part in proposal.parts],
            fee=proposal.gap if proposal.cause is Gap.FEE else None,
            take_discount=proposal.cause is Gap.DISCOUNT,
            write_off_to=writes_off.get(proposal.cause),
            rule=rule,
            because=because,
        )
    raise WhatFor(number=proposal.line)


def book_by_rule(session: Session, number: str, rule: BankRule, *, because: str = "") -> BankMatch:
    """Book a line as a rule says."""
    return book_line(
        session,
        number,
        account=session.get_one(Account, rule.account_id).code,
        tax=rule.tax_code,
        dimensions=dimensions_of(rule.dimensions or None),
        memo=rule.memo,
        rule=rule,
        because=because or rule.number,
    )


def undo_match(session: Session, number: str, *, because: str) -> BankMatch:
    """Take a match back entirely: its lines are open again, and what it posted is reversed."""
    wanted = select(BankMatch).where(BankMatch.number == canonical_number(number))
    match = session.scalars(
        wanted.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if match is None:
        raise UnknownMatch(number=number)
    if match.undone:
        raise MatchUndone(number=match.number)
    if match.kind is MatchKind.RETURNED:
        raise ReturnStays(number=match.number)
    rows = session.execute(
        select(BankMatchPart, BankLine)
        .join(BankLine, BankLine.id == BankMatchPart.line_id)
        .where(BankMatchPart.match_id == match.id)
        .order_by(BankLine.number)
    ).all()
    for part, _ in rows:
        part.undone = True
    match.undone = True
    session.flush()
    matched = Money(sum(part.amount_minor for part, _ in rows), rows[0][1].currency)
    _take_back(session, match, [part.entry_id for part, _ in rows], because)
    events.record(
        session,
        MatchTakenBack(
            number=match.number,
            lines=tuple(dict.fromkeys(line.number for _, line in rows)),
            matched=matched,
            because=because,
            answers_for=match.kind in {MatchKind.BOOKED, MatchKind.TRANSFER},
        ),
    )
    session.flush()
    return match


def _take_back(
    session: Session, match: BankMatch, entry_ids: Sequence[uuid.UUID], because: str
) -> None:
    """Reverse what a match posted, unless somebody has done so since."""
    if match.kind is MatchKind.PAYMENT:
        payment = session.get_one(Payment, match.payment_id)
        if payment.state is DocumentState.POSTED:
            payments.reverse_payment(session, payment.number, because=because)
    elif match.kind in {MatchKind.BOOKED, MatchKind.TRANSFER}:
        entry = session.get_one(JournalEntry, entry_ids[0])
        gone = select(JournalEntry.id).where(JournalEntry.reverses_id == entry.id)
        if session.scalar(gone) is None:
            day = max(company(session).today, entry.posted_on)
            reversal = reverse_entry(session, entry.number, because=because, posted_on=day)
            taxation.take_back_lines(session, entry, reversal)


def _way(left: Money) -> Way:
    return Way.IN if left.minor > 0 else Way.OUT


def _signed(line: BankLine, part: Money) -> Money:
    return part if line.amount_minor > 0 else -part


def _part(line: BankLine, left: Money, amount: Money | None) -> Money:
    """Return how much of a line is meant, above zero; all that is left, where nothing is said."""
    whole = Money(abs(left.minor), left.currency)
    if amount is not None and (whole < amount or amount.minor <= 0):
        raise MoreThanLine(number=line.number, left=whole, amount=amount)
    return amount or whole


def _books_of(session: Session, line: BankLine) -> Account:
    account = session.get_one(BankAccount, line.bank_account_id)
    return session.get_one(Account, account.account_id)


def _payer(
    session: Session,
    line: BankLine,
    direction: Direction,
    documents: Sequence[Invoice],
    party: Party | None,
) -> Party:
    """Return whose documents a line settles; all are of one party, and owed the right way."""
    for document in documents:
        if document.kind is not direction.invoice:
            raise OtherWay(number=line.number, document=document.number)
    ids = {each.party_id for each in documents} | ({party.id} if party else set())
    if not ids:
        raise WhatFor(number=line.number)
    if len(ids) > 1:
        names = sorted(session.get_one(Party, each).name for each in ids)
        raise DocumentsOfSeveral(parties=", ".join(names))
    return session.get_one(Party, ids.pop())


def _shares(
    session: Session,
    documents: Sequence[tuple[Invoice, Money | None]],
    paid: Money,
    day: date,
    *,
    take_discount: bool,
) -> Settle:
    """Share a payment among documents in their order; what has a discount is paid without it."""
    shares: list[Any] = []
    left = paid.minor
    for place, (document, asked) in enumerate(documents):
        spared = discount_on(session, document, day).minor if take_discount else 0
        still = Money(document.open_minor - spared, document.currency)
        if document.currency != paid.currency:
            # The bank says what it made of it: the last one takes all that is left.
            last = place == len(documents) - 1
            used = Money(left if last else min(left, paid.minor // len(documents)), paid.currency)
            shares.append((document, asked or still, used))
            left -= used.minor
            continue
        part = min(asked or still, Money(left, paid.currency))
        left -= part.minor
        if part.minor:
            shares.append((document, part))
    return shares


def _post(
    session: Session,
    line: BankLine,
    bank: Account,
    lines: Sequence[Line],
    memo: str,
    number: str,
) -> JournalEntry:
    rate = at_rate_of(session, line.booked_on)
    return post_entry(
        session,
        in_books(lines, rate, kept=bank.code),
        memo=memo.strip() or line.number,
        origin=number,
        posted_on=line.booked_on,
        journal=Journal.BANK,
    )


def _entry(session: Session, number: str) -> tuple[Payment | None, JournalEntry]:
    said = canonical_number(number)
    payment = session.scalars(select(Payment).where(Payment.number == said)).one_or_none()
    if payment is not None:
        return payment, session.get_one(JournalEntry, payment.entry_id)
    entry = session.scalars(select(JournalEntry).where(JournalEntry.number == said)).one_or_none()
    if entry is None:
        raise UnknownEntry(number=number)
    return None, entry


def _keep(
    session: Session,
    line: BankLine,
    left: Money,
    parts: Sequence[tuple[JournalEntry, Money]],
    *,
    kind: MatchKind,
    because: str,
    payment: Payment | None = None,
    party_id: uuid.UUID | None = None,
    rule: BankRule | None = None,
    number: str | None = None,
) -> BankMatch:
    match = BankMatch(
        number=number or next_number(session, "BM"),
        kind=kind,
        party_id=party_id,
        payment_id=payment.id if payment else None,
        rule_id=rule.id if rule else None,
        because=because,
    )
    session.add(match)
    session.flush()
    session.add_all(
        BankMatchPart(
            match_id=match.id, line_id=line.id, entry_id=entry.id, amount_minor=part.minor
        )
        for entry, part in parts
    )
    session.flush()
    matched = Money(sum(part.minor for _, part in parts), line.currency)
    account = session.get_one(BankAccount, line.bank_account_id)
    told = [payment.number] if payment else [entry.number for entry, _ in parts]
    events.record(
        session,
        LineMatched(
            number=match.number,
            line=line.number,
            account=account.code,
            kind=kind,
            matched=matched,
            left=left - matched,
            text=f"{line.counterparty} {line.text}".strip(),
            entries=tuple(told) if kind is MatchKind.LINKED else (),
            because=because,
            answers_for=kind in {MatchKind.BOOKED, MatchKind.TRANSFER},
        ),
    )
    session.flush()
    return match

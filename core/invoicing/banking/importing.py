"""Bring the statements of a bank into the house: all of a file, or nothing of it, and once."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.invoicing.banking.errors import (
    NothingNew,
    StatementDoesNotAddUp,
    StatementKnown,
    StatementMatched,
    StatementVoided,
    UnknownStatement,
    WhichBankAccount,
    WrongAccount,
    WrongCurrency,
)
from core.invoicing.banking.events import LINES_SHOWN_MAX, StatementImported
from core.invoicing.banking.events import StatementVoided as StatementVoidedFact
from core.invoicing.banking.formats import Layout, LineDraft, StatementDraft, read_file
from core.invoicing.banking.formats.layout import DateOrder, DecimalSign
from core.invoicing.banking.tables import (
    BankLine,
    BankMatchPart,
    BankProfile,
    BankStatement,
    StatementFormat,
)
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number, next_numbers
from core.ledger import BankAccount, bank_account_named, list_bank_accounts

# Banks may write a part of an account's number; fewer digits than these may be another's.
ACCOUNT_DIGITS_MIN = 6


@dataclass(frozen=True)
class Imported:
    """A statement that was imported: how many of its lines are new, and what is missing before."""

    statement: BankStatement
    new: int
    known: int
    gap: Money | None


def import_statement(
    session: Session,
    content: bytes,
    *,
    bank_account: str | None = None,
    file_name: str = "",
    date_order: DateOrder | None = None,
    decimal: DecimalSign | None = None,
) -> list[Imported]:
    """Import the statements of a file: CSV, OFX or camt; what is known already is left out.

    The account is named, or the one that the file names, or the only one that we have.
    """
    ours = list_bank_accounts(session)
    chosen = bank_account_named(session, bank_account) if bank_account else None
    likely = chosen or (ours[0] if len(ours) == 1 else None)
    known = _layout(session, likely)
    told = replace(
        known,
        date_order=date_order or known.date_order,
        decimal=decimal or known.decimal,
    )
    currency = likely.currency if likely else company(session).currency
    kind, drafts, layout = read_file(content, told, currency=currency)
    file_hash = hashlib.sha256(content).hexdigest()
    _refuse_known_file(session, file_hash)
    imported = []
    for place, draft in enumerate(drafts):
        account = _account_of(draft, chosen, likely, ours)
        # Two who import the same wait for each other here, and the second finds it known.
        session.execute(
            select(BankAccount.id).where(BankAccount.id == account.id).with_for_update()
        )
        learned = "" if layout is None or layout == known else layout.said()
        if layout is not None and learned:
            _learn(session, account, layout)
        one = _import(session, account, draft, kind, file_name, (file_hash, place), learned)
        imported.append(one)
    if not any(each.new for each in imported):
        raise NothingNew(count=sum(each.known for each in imported))
    return imported


def void_statement(session: Session, number: str, *, because: str) -> BankStatement:
    """Let a statement not count any more, such as one of another account, if nothing is matched."""
    statement = find_statement(session, number, lock=True)
    if statement.voided:
        raise StatementVoided(number=statement.number)
    matched = (
        select(BankLine.number)
        .join(BankMatchPart, BankMatchPart.line_id == BankLine.id)
        .where(BankLine.statement_id == statement.id, ~BankMatchPart.undone)
    )
    if line := session.scalar(matched.order_by(BankLine.number).limit(1)):
        raise StatementMatched(number=statement.number, line=line)
    statement.voided = True
    mine = BankLine.statement_id == statement.id
    session.execute(update(BankLine).where(mine).values(voided=True))
    lines = session.scalar(select(func.count()).select_from(BankLine).where(mine)) or 0
    account = session.get_one(BankAccount, statement.bank_account_id)
    session.flush()
    fact = StatementVoidedFact(statement.number, account.code, lines, because)
    events.record(session, fact)
    return statement


def find_statement(session: Session, number: str, *, lock: bool = False) -> BankStatement:
    """Return a statement by its number."""
    wanted = select(BankStatement).where(BankStatement.number == canonical_number(number))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise UnknownStatement(number=number)
    return found


def _layout(session: Session, account: BankAccount | None) -> Layout:
    profile = session.get(BankProfile, account.id) if account else None
    return Layout.stored(profile.layout) if profile else Layout()


def _learn(session: Session, account: BankAccount, layout: Layout) -> None:
    row = {"bank_account_id": account.id, "layout": layout.to_json()}
    written = insert(BankProfile).values(row)
    session.execute(
        written.on_conflict_do_update(
            index_elements=["bank_account_id"], set_={"layout": row["layout"]}
        )
    )


def _account_of(
    draft: StatementDraft,
    chosen: BankAccount | None,
    likely: BankAccount | None,
    ours: Sequence[BankAccount],
) -> BankAccount:
    """Return our account that a statement is of; it must be the one that was named."""
    named = next((each for each in ours if _is_same(draft.account, each)), None)
    account = chosen or named or likely
    if account is None:
        raise WhichBankAccount(known=", ".join(f"{each.code} {each.name}" for each in ours) or "–")
    if draft.account and account.iban and not _is_same(draft.account, account):
        raise WrongAccount(theirs=draft.account, code=account.code, ours=account.iban)
    theirs = {draft.currency, *(line.amount.currency for line in draft.lines)} - {""}
    if theirs - {account.currency}:
        said = ", ".join(sorted(theirs))
        raise WrongCurrency(theirs=said, code=account.code, ours=account.currency)
    return account


def _is_same(theirs: str, ours: BankAccount) -> bool:
    if not theirs or not ours.iban:
        return False
    return theirs == ours.iban or (len(theirs) >= ACCOUNT_DIGITS_MIN and ours.iban.endswith(theirs))


def _refuse_known_file(session: Session, file_hash: str) -> None:
    same = select(BankStatement.number).where(
        BankStatement.file_hash == file_hash, ~BankStatement.voided
    )
    if number := session.scalar(same.limit(1)):
        raise StatementKnown(number=number)


def _import(
    session: Session,
    account: BankAccount,
    draft: StatementDraft,
    kind: StatementFormat,
    file_name: str,
    file: tuple[str, int],
    learned: str,
) -> Imported:
    _refuse_missing(draft, account.currency)
    days = [line.booked_on for line in draft.lines]
    from_on = min([*days, *([draft.from_on] if draft.from_on else [])], default=draft.until_on)
    until_on = max([*days, *([draft.until_on] if draft.until_on else [])], default=from_on)
    from_on, until_on = from_on or company(session).today, until_on or company(session).today
    fresh = _unknown(session, account, draft.lines, kind)
    known = draft.moved - sum(line.amount.minor for line, _, _ in fresh)
    gap = _gap(session, account, draft, from_on) if len(fresh) == len(draft.lines) else None
    statement = BankStatement(
        number=next_number(session, "BST"),
        bank_account_id=account.id,
        format=kind,
        file_name=file_name,
        file_hash=file[0],
        place=file[1],
        reference=draft.reference,
        from_on=from_on,
        until_on=until_on,
        currency=account.currency,
        opening_minor=draft.opening.minor if draft.opening else None,
        closing_minor=draft.closing.minor if draft.closing else None,
        known_minor=known,
        line_count=len(fresh),
    )
    session.add(statement)
    session.flush()
    numbers = next_numbers(session, "BL", len(fresh)) if fresh else []
    session.add_all(
        _row(statement, number, place, *line)
        for place, (number, line) in enumerate(zip(numbers, fresh, strict=True), start=1)
    )
    session.flush()
    events.record(
        session,
        StatementImported(
            number=statement.number,
            account=account.code,
            file_name=file_name,
            from_on=from_on.isoformat(),
            until_on=until_on.isoformat(),
            opening=draft.opening,
            closing=draft.closing,
            lines=tuple(_said(line) for line, _, _ in fresh[:LINES_SHOWN_MAX]),
            count=len(fresh),
            moved=Money(draft.moved - known, account.currency),
            known=len(draft.lines) - len(fresh),
            gap=gap,
            layout=learned,
        ),
    )
    return Imported(statement, len(fresh), len(draft.lines) - len(fresh), gap)


def _refuse_missing(draft: StatementDraft, currency: str) -> None:
    if draft.opening is None or draft.closing is None:
        return
    reached = Money(draft.opening.minor + draft.moved, currency)
    if reached != draft.closing:
        raise StatementDoesNotAddUp(
            opening=draft.opening,
            moved=Money(draft.moved, currency),
            reached=reached,
            closing=draft.closing,
        )


def _unknown(
    session: Session, account: BankAccount, lines: Sequence[LineDraft], kind: StatementFormat
) -> list[tuple[LineDraft, str, int]]:
    """Return the lines that no earlier file brought, each with its fingerprint and occurrence.

    Another format words the same line otherwise: there, day and amount tell how many there are.
    """
    days = [line.booked_on for line in lines] or [date.min]
    wanted = (
        select(
            BankLine.fingerprint, BankLine.booked_on, BankLine.amount_minor, BankStatement.format
        )
        .join(BankStatement, BankStatement.id == BankLine.statement_id)
        .where(
            BankLine.bank_account_id == account.id,
            BankLine.booked_on.between(min(days), max(days)),
            ~BankLine.voided,
        )
    )
    there: Counter[str] = Counter()
    elsewhere: Counter[tuple[date, int]] = Counter()
    for fingerprint, day, minor, came_in in session.execute(wanted):
        there[fingerprint] += 1
        if came_in is not kind:
            elsewhere[day, minor] += 1
    fresh, seen = [], Counter[str]()
    for line in lines:
        fingerprint = _fingerprint(line)
        seen[fingerprint] += 1
        if seen[fingerprint] <= there[fingerprint]:
            continue
        if elsewhere[line.booked_on, line.amount.minor] > 0:
            elsewhere[line.booked_on, line.amount.minor] -= 1
            seen[fingerprint] -= 1
            continue
        fresh.append((line, fingerprint, seen[fingerprint]))
    return fresh


def _fingerprint(line: LineDraft) -> str:
    """Return what tells a line: the bank's own id, or all that the bank says of it."""
    told = [line.booked_on.isoformat(), str(line.amount.minor), line.end_to_end_id]
    if line.bank_reference:
        told += ["id", line.bank_reference]
    else:
        told += [line.text, line.counterparty, line.counterparty_account, line.reference]
        told.append(str(line.balance or ""))
    return hashlib.sha256("\x1f".join(told).casefold().encode()).hexdigest()


def _gap(
    session: Session, account: BankAccount, draft: StatementDraft, from_on: date
) -> Money | None:
    """Return by how much the opening balance differs from the closing one before."""
    before = (
        select(BankStatement.closing_minor)
        .where(
            BankStatement.bank_account_id == account.id,
            BankStatement.until_on <= from_on,
            ~BankStatement.voided,
        )
        .order_by(BankStatement.until_on.desc(), BankStatement.number.desc())
    )
    closing = session.scalar(before.limit(1))
    if closing is None or draft.opening is None or draft.opening.minor == closing:
        return None
    return Money(draft.opening.minor - closing, account.currency)


def _row(
    statement: BankStatement,
    number: str,
    place: int,
    line: LineDraft,
    fingerprint: str,
    occurrence: int,
) -> BankLine:
    return BankLine(
        number=number,
        statement_id=statement.id,
        bank_account_id=statement.bank_account_id,
        position=place,
        booked_on=line.booked_on,
        value_on=line.value_on,
        amount_minor=line.amount.minor,
        currency=line.amount.currency,
        foreign_minor=line.foreign.minor if line.foreign else None,
        foreign_currency=line.foreign.currency if line.foreign else None,
        charges_minor=line.charges.minor if line.charges else 0,
        text=line.text,
        counterparty=line.counterparty,
        counterparty_account=line.counterparty_account,
        reference=line.reference,
        end_to_end_id=line.end_to_end_id,
        bank_reference=line.bank_reference,
        fingerprint=fingerprint,
        occurrence=occurrence,
    )


def _said(line: LineDraft) -> str:
    parts = [line.booked_on.isoformat(), str(line.amount), line.counterparty, line.text]
    return " · ".join(part for part in parts if part)

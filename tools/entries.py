"""Tools of journal entries: posted by hand, reversed, and the balances that the books open with."""

import uuid
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.ledger import (
    Account,
    AccountKind,
    Dimensions,
    Journal,
    JournalEntry,
    Line,
    Side,
    schedules,
)
from core.ledger.chart import BANK, OPENING_BALANCE
from core.ledger.errors import OneSideOnly, SidesNotSaid
from tools.base import Amount, Answer, Arguments, Call, Day, Text, Tool, Undoing, Words
from tools.ledger import Currency, EntryRef, MemberRef, Reason
from tools.references import AccountRef, PartyRef
from tools.trade import BOOKKEEPERS

POST, POST_LINES = "ledger.post_entry", "ledger.post_lines"
REVERSE, OPEN = "ledger.reverse_entry", "ledger.enter_opening_balances"

Where = Annotated[tuple[MemberRef, ...], Field(max_length=8)]

REVERSAL_STAYS = (
    "a reversal stays in the books; post the entry anew",
    "冲销凭证不可撤销；如有需要请重新登记原凭证",
)


class EntryJournal(StrEnum):
    """The part of the business that an entry by hand belongs to."""

    GENERAL = "general"
    SALES = "sales"
    PURCHASES = "purchases"
    STOCK = "stock"
    BANK = "bank"


class PostedPair(Arguments):
    """One more amount of the same entry, from one account to another."""

    debit: AccountRef
    credit: AccountRef
    amount: Amount
    dimensions: Where = ()


class PostEntry(Arguments):
    """Post a journal entry by hand: debit one account, credit another, by an amount."""

    account: AccountRef | None = Field(
        default=None,
        description="The income or expense, where the bank or the account named is the other side.",
    )
    debit: AccountRef | None = Field(
        default=None, description="Account to debit: its code or name."
    )
    credit: AccountRef | None = Field(
        default=None, description="Account to credit: its code or name; the bank if empty."
    )
    amount: Amount
    memo: Words = Field(default="", description="What the entry is for; the account if empty.")
    party: PartyRef | None = Field(default=None, description="Whom the entry concerns, if anybody.")
    posted_on: Day | None = Field(default=None, description="Leave empty for today.")
    dimensions: Where = Field(default=(), description="Cost centre, project ... of the result.")
    currency: Currency | None = None
    worth: Amount | None = Field(
        default=None, description="What a foreign amount is worth; by the rate of the day if empty."
    )
    journal: EntryJournal = EntryJournal.GENERAL
    reverse_on: Day | None = Field(
        default=None, description="When it is reversed by itself, such as next month."
    )
    due_on: Day | None = Field(default=None, description="When a receivable or payable is due.")
    more: tuple[PostedPair, ...] = Field(
        default=(), max_length=50, description="Further amounts of the same entry."
    )


class EntryPosted(Answer):
    """An entry that is in the books now."""

    number: str
    amount: Decimal
    currency: str
    reverses: str = ""
    reverse_on: date | None = None

    def sentence(self, language: Language = "en") -> str:
        """Say which entry was posted."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            if self.reverses:
                return f"凭证 {self.reverses} 已由 {self.number} 冲销，金额 {amount}。"
            later = f"，将于 {self.reverse_on} 冲回" if self.reverse_on else ""
            return f"凭证 {self.number} 已过账，金额 {amount}{later}。"
        if self.reverses:
            return f"{self.reverses} is reversed by {self.number}, {amount}."
        later = f"; it is to be reversed on {self.reverse_on}" if self.reverse_on else ""
        return f"{self.number} is posted, {amount}{later}."


def pin_entry(session: Session, arguments: PostEntry) -> PostEntry:
    """Choose both sides, the rate and the words; replace names by codes and numbers."""

    def code(text: str) -> str:
        return ledger.account_named(session, text).code

    debit, credit, named = sides_of(session, arguments.account, arguments.debit, arguments.credit)
    more = tuple(
        pair.model_copy(
            update={
                "debit": code(pair.debit),
                "credit": code(pair.credit),
                "dimensions": member_keys(session, pair.dimensions),
            }
        )
        for pair in arguments.more
    )
    day = arguments.posted_on
    return arguments.model_copy(
        update={
            "account": None,
            "debit": debit,
            "credit": credit,
            "party": _party_number(session, arguments.party),
            "memo": arguments.memo or f"{named.name}{f' {day:%Y-%m}' if day else ''}",
            "dimensions": member_keys(session, arguments.dimensions),
            "worth": _worth(session, arguments),
            "more": more,
        }
    )


def post_entry(session: Session, arguments: PostEntry) -> EntryPosted:
    """Post it; what is owed becomes an open item, and accounts of stock are refused."""
    pinned = pin_entry(session, arguments)
    assert pinned.debit, "both sides are pinned"
    assert pinned.credit, "both sides are pinned"
    first = PostedPair(
        debit=pinned.debit,
        credit=pinned.credit,
        amount=pinned.amount,
        dimensions=pinned.dimensions,
    )
    lines: list[Line] = []
    for pair in (first, *pinned.more):
        lines += _pair(session, pair, pinned)
    return _posted(session, lines, pinned)


def undo_post_entry(_session: Session, _arguments: object, answer: dict[str, str]) -> Undoing:
    """Reverse the entry."""
    return Undoing((Call(REVERSE, ReverseEntry(number=answer["number"], because="undo")),))


class EntryLine(Arguments):
    """A line of an entry: an account, and its debit or its credit."""

    account: AccountRef
    debit: Amount | None = None
    credit: Amount | None = None
    party: PartyRef | None = None
    dimensions: Where = ()
    worth: Amount | None = Field(default=None, description="In our currency, if it is foreign.")


class PostLines(Arguments):
    """Post a journal entry of any debits and credits, as long as both come to the same."""

    lines: tuple[EntryLine, ...] = Field(min_length=1, max_length=200)
    memo: Words = Field(min_length=1, description="What the entry is for.")
    posted_on: Day | None = Field(default=None, description="Leave empty for today.")
    currency: Currency | None = None
    journal: EntryJournal = EntryJournal.GENERAL
    reverse_on: Day | None = Field(
        default=None, description="When it is reversed by itself, such as next month."
    )
    due_on: Day | None = Field(default=None, description="When a receivable or payable is due.")


def pin_lines(session: Session, arguments: PostLines) -> PostLines:
    """Choose the rate; replace names by codes and numbers."""
    lines = tuple(
        line.model_copy(
            update={
                "account": ledger.account_named(session, line.account).code,
                "party": _party_number(session, line.party),
                "dimensions": member_keys(session, line.dimensions),
            }
        )
        for line in arguments.lines
    )
    return arguments.model_copy(update={"lines": lines})


def post_lines(session: Session, arguments: PostLines) -> EntryPosted:
    """Post it; what is owed becomes an open item, and accounts of stock are refused."""
    pinned = pin_lines(session, arguments)
    currency, day = _currency(session, pinned.currency), _day(session, pinned.posted_on)
    base = company(session).currency
    lines = []
    for each in pinned.lines:
        said = each.debit if each.debit is not None else each.credit
        if said is None or (each.debit is not None and each.credit is not None):
            raise OneSideOnly(account=each.account)
        amount = Money.of(said, currency)
        worth = Money.of(each.worth, base) if each.worth else ledger.in_base(session, amount, day)
        side = Side.DEBIT if each.debit is not None else Side.CREDIT
        line = Line(
            each.account, side, amount, _party_id(session, each.party),
            dimensions=member_pairs(session, each.dimensions),
        )  # fmt: skip
        lines.append(ledger.valued(line, worth))
    return _posted(session, lines, pinned)


class ReverseEntry(Arguments):
    """Reverse a journal entry that was posted by hand; both stay in the books."""

    number: EntryRef = Field(description="The number of the entry, such as JE-00042.")
    because: Reason = Field(description="Why it is reversed.")
    posted_on: Day | None = Field(
        default=None, description="The day of the reversal; leave empty for today."
    )


def reverse_entry(session: Session, arguments: ReverseEntry) -> EntryPosted:
    """Reverse it on the day."""
    reversed_entry = ledger.entry_view(session, arguments.number)
    entry = invoicing.reverse_entry_by_hand(
        session,
        reversed_entry.number,
        because=arguments.because,
        posted_on=arguments.posted_on,
    )
    amount = sum((line.debit.amount for line in reversed_entry.lines if line.debit), Decimal(0))
    return EntryPosted(
        number=entry.number,
        amount=amount,
        currency=company(session).currency,
        reverses=reversed_entry.number,
    )


def undo_reversal(_session: Session, _arguments: ReverseEntry, _answer: object) -> Undoing:
    """Say that a reversal stays."""
    return Undoing(impossible=REVERSAL_STAYS)


class OpeningBalance(Arguments):
    """What an account carries when the books begin."""

    account: AccountRef = Field(description="Code or name of the account.")
    amount: Amount
    side: Side | None = Field(
        default=None, description="Debit for assets and credit for the rest, if empty."
    )
    currency: Currency | None = None
    worth: Amount | None = Field(default=None, description="In our currency, if it is foreign.")
    party: PartyRef | None = Field(default=None, description="Whose receivable or payable it is.")
    reference: Text | None = Field(default=None, description="The number of the open document.")
    due_on: Day | None = None


class EnterOpening(OpeningBalance):
    """Enter the opening balance of an account, or of many, on the day that the books begin."""

    posted_on: Day | None = Field(
        default=None, description="The day that the books begin; today if empty."
    )
    more: tuple[OpeningBalance, ...] = Field(
        default=(), max_length=200, description="The opening balances of further accounts."
    )


class Opened(Answer):
    """The entries that opened the books, and what is missing to balance them."""

    numbers: list[str]
    amount: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say which entries, and what still stands as opening balance."""
        left = Money.of(self.amount, self.currency)
        said = ", ".join(self.numbers)
        if language == "zh":
            return f"期初余额已录入（{said}）；期初余额科目现为 {left}（借方为正）。"
        stands = f"{left} stands on opening balance (debits less credits)"
        return f"The opening is entered as {said}; {stands}."


def pin_opening(session: Session, arguments: EnterOpening) -> EnterOpening:
    """Choose the sides; replace names by codes and numbers."""
    more = tuple(each.model_copy(update=_pinned_opening(session, each)) for each in arguments.more)
    return arguments.model_copy(update={**_pinned_opening(session, arguments), "more": more})


def enter_opening(session: Session, arguments: EnterOpening) -> Opened:
    """Post what is owed by party and document, and all the rest in one entry."""
    pinned = pin_opening(session, arguments)
    day = _day(session, pinned.posted_on)
    together: list[Line] = []
    entries: list[JournalEntry] = []
    for each in (pinned, *pinned.more):
        line = _opening_line(session, each)
        account = ledger.find_account(session, line.account)
        if not account.party_required:
            together.append(line)
            continue
        entries.append(
            invoicing.post_entry_by_hand(
                session,
                ledger.opening_lines(session, [line], day=day),
                memo=each.reference or account.name,
                posted_on=day,
                due_on=each.due_on,
                reference=each.reference,
                journal=Journal.OPENING,
            )
        )
    if together:
        lines = ledger.opening_lines(session, together, day=day)
        memo = ledger.find_account(session, OPENING_BALANCE).name
        entries.append(
            ledger.post_entry_by_hand(
                session, lines, memo=memo, posted_on=day, journal=Journal.OPENING
            )
        )
    left = ledger.balance(session, OPENING_BALANCE)
    return Opened(
        numbers=[entry.number for entry in entries], amount=left.amount, currency=left.currency
    )


def undo_opening(
    _session: Session, arguments: EnterOpening, answer: dict[str, list[str]]
) -> Undoing:
    """Reverse every entry on the day that the books begin."""
    day = arguments.posted_on
    calls = [
        Call(REVERSE, ReverseEntry(number=number, because="undo", posted_on=day))
        for number in answer["numbers"]
    ]
    return Undoing(tuple(calls))


def sides_of(
    session: Session, account: str | None, debit: str | None, credit: str | None
) -> tuple[str, str, Account]:
    """Return what is debited, what is credited, and the account that an entry is about.

    An account that was named without a side takes the one that is free. With one account alone,
    the bank is the other side: it pays an expense, and receives an income.
    """
    bank = ledger.find_account(session, BANK)
    about, debited, credited = (
        ledger.account_named(session, text) if text else None for text in (account, debit, credit)
    )
    if about is not None and debited is None and credited is None:
        if about.kind is AccountKind.EXPENSE:
            debited = about
        elif about.kind is AccountKind.INCOME:
            credited = about
    elif about is not None:
        if debited is not None and credited is not None:
            raise SidesNotSaid
        debited, credited = debited or about, credited or about
    if debited is credited or (debited or bank) is (credited or bank):
        raise SidesNotSaid
    debited, credited = debited or bank, credited or bank
    return debited.code, credited.code, about or (credited if debited is bank else debited)


def _pair(session: Session, pair: PostedPair, arguments: PostEntry) -> list[Line]:
    currency = _currency(session, arguments.currency)
    amount = Money.of(pair.amount, currency)
    worth = ledger.in_base(session, amount, _day(session, arguments.posted_on))
    if arguments.worth is not None and pair.amount == arguments.amount:
        worth = Money.of(arguments.worth, company(session).currency)
    party = _party_id(session, arguments.party)
    lines = [
        ledger.valued(ledger.debit(pair.debit, amount, party_id=party), worth),
        ledger.valued(ledger.credit(pair.credit, amount, party_id=party), worth),
    ]
    return schedules.with_dimensions(session, lines, member_pairs(session, pair.dimensions))


def _posted(session: Session, lines: list[Line], said: PostEntry | PostLines) -> EntryPosted:
    journal = Journal(said.journal)
    if said.reverse_on is not None:
        entry = schedules.post_accrual(
            session,
            lines,
            memo=said.memo,
            posted_on=said.posted_on,
            reverse_on=said.reverse_on,
            journal=journal,
        )
    else:
        entry = invoicing.post_entry_by_hand(
            session,
            lines,
            memo=said.memo,
            posted_on=said.posted_on,
            due_on=said.due_on,
            journal=journal,
        )
    whole = sum(line.value.minor for line in lines if line.side is Side.DEBIT)
    amount = Money(whole, company(session).currency)
    return EntryPosted(
        number=entry.number,
        amount=amount.amount,
        currency=amount.currency,
        reverse_on=said.reverse_on,
    )


def _pinned_opening(session: Session, each: OpeningBalance) -> dict[str, object]:
    account = ledger.account_named(session, each.account)
    usual = Side.DEBIT if account.kind is AccountKind.ASSET else Side.CREDIT
    return {
        "account": account.code,
        "side": each.side or usual,
        "party": _party_number(session, each.party),
    }


def _opening_line(session: Session, each: OpeningBalance) -> Line:
    assert each.side is not None, "the side is pinned"
    base = company(session).currency
    return Line(
        each.account,
        each.side,
        Money.of(each.amount, _currency(session, each.currency)),
        _party_id(session, each.party),
        Money.of(each.worth, base) if each.worth else None,
    )


def _worth(session: Session, arguments: PostEntry) -> Decimal | None:
    currency = _currency(session, arguments.currency)
    if arguments.worth is not None or currency == company(session).currency:
        return arguments.worth
    amount = Money.of(arguments.amount, currency)
    return ledger.in_base(session, amount, _day(session, arguments.posted_on)).amount


def member_keys(session: Session, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of members of dimensions that somebody named."""
    return tuple(f"{dimension}={member}" for dimension, member in member_pairs(session, texts))


def member_pairs(session: Session, texts: Iterable[str]) -> Dimensions:
    """Return the members of dimensions that somebody named, as lines take them."""
    return tuple(ledger.member_said(session, text) for text in texts)


def _party_number(session: Session, text: str | None) -> str | None:
    return parties.find_party(session, text).number if text else None


def _party_id(session: Session, text: str | None) -> uuid.UUID | None:
    return parties.find_party(session, text).id if text else None


def _currency(session: Session, said: str | None) -> str:
    return said or company(session).currency


def _day(session: Session, said: date | None) -> date:
    return said or company(session).today


TOOLS = [
    Tool(
        POST,
        PostEntry,
        post_entry,
        writes=True,
        title="Post entry",
        title_zh="录入凭证",
        roles=BOOKKEEPERS,
        pin=pin_entry,
        undo=undo_post_entry,
    ),
    Tool(
        POST_LINES,
        PostLines,
        post_lines,
        writes=True,
        title="Post entry of many lines",
        title_zh="录入多行凭证",
        roles=BOOKKEEPERS,
        pin=pin_lines,
        undo=undo_post_entry,
    ),
    Tool(
        REVERSE,
        ReverseEntry,
        reverse_entry,
        writes=True,
        title="Reverse entry",
        title_zh="冲销凭证",
        roles=BOOKKEEPERS,
        undo=undo_reversal,
    ),
    Tool(
        OPEN,
        EnterOpening,
        enter_opening,
        writes=True,
        title="Enter opening balances",
        title_zh="录入期初余额",
        roles=BOOKKEEPERS,
        pin=pin_opening,
        undo=undo_opening,
    ),
]

"""Tools of matching: what each line of the bank is for, and taking that back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger, parties
from core.invoicing import banking
from core.invoicing.banking import BankMatch, Certainty, For, Gap, Line, Proposal
from core.invoicing.banking.errors import (
    MayBeSeveral,
    NothingCertain,
    WhatFor,
)
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger.chart import ROUNDING
from tools.banking import BankAccountRef, Reason, StatementRef, account_or_none
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.references import AccountRef
from tools.trade import BOOKKEEPERS

UNDO = "banking.undo_match"
LINES_MAX = 500

LineRef = Annotated[Text, Ref("bank_line")]
MatchRef = Annotated[Text, Ref("bank_match")]
RuleRef = Annotated[Text, Ref("bank_rule")]


class ProposeMatches(Arguments):
    """Propose what the lines of the bank are for that are not matched: sure, likely, or to ask."""

    account: BankAccountRef | None = Field(default=None, description="Leave empty for all.")
    statement: StatementRef | None = None
    day: Day | None = Field(default=None, description="Only the lines of this day.")


class Proposed(Answer):
    """What each line is probably for."""

    proposals: list[tuple[Line, Proposal]]
    language: Language

    def sentence(self, language: Language = "en") -> str:
        """Say how many are sure, likely, or to be asked."""
        counts = [
            sum(found.certainty is certainty for _, found in self.proposals)
            for certainty in Certainty
        ]
        if language == "zh":
            return "未核对流水 {} 条：确定 {} 条，很可能 {} 条，需确认 {} 条。".format(
                len(self.proposals), *counts
            )
        return "{} not matched: {} certain, {} likely, {} to be asked.".format(
            len(self.proposals), *counts
        )

    def grid(self) -> Grid:
        """Return one row for every line."""
        currencies = {line.amount.currency for line, _ in self.proposals}
        columns = (
            Column("line", "流水"),
            Column("date", "日期", "date"),
            Column("amount", "金额", currencies.pop() if len(currencies) == 1 else "number"),
            Column("counterparty", "对方"),
            Column("text", "摘要"),
            Column("for", "用途"),
            Column("what", "对象"),
            Column("certainty", "把握"),
            Column("why", "理由"),
        )
        rows = tuple(
            (
                line.number,
                line.booked_on,
                line.amount.amount,
                line.counterparty,
                line.text,
                word(found.purpose, self.language),
                what_of(found),
                word(found.certainty, self.language),
                found.because(self.language),
            )
            for line, found in self.proposals
        )
        return Grid(columns, rows)


def what_of(found: Proposal) -> str:
    """Say in short what a line is proposed to be, or may be."""
    if found.parts:
        return ", ".join(part.number for part in found.parts)
    return found.rule or found.target or " / ".join(found.candidates)


def _proposals(
    session: Session, account: str | None, statement: str | None, day: Day | None
) -> list[tuple[Line, Proposal]]:
    return banking.propose_matches(
        session,
        bank_account=account_or_none(session, account),
        statement=banking.find_statement(session, statement) if statement else None,
        since=day,
        until=day,
    )


def propose_matches(session: Session, arguments: ProposeMatches) -> Proposed:
    """Weigh the open lines."""
    found = _proposals(session, arguments.account, arguments.statement, arguments.day)
    return Proposed(proposals=found, language=acting(session).actor.language)


class MatchCertain(Arguments):
    """Match all lines of the bank that are sure with the books, as one plan."""

    account: BankAccountRef | None = Field(default=None, description="Leave empty for all.")
    statement: StatementRef | None = None
    day: Day | None = Field(default=None, description="Only the lines of this day.")
    lines: Annotated[tuple[LineRef, ...], Field(max_length=LINES_MAX)] = Field(
        default=(), description="Leave empty for all that are sure; leave out what is not wanted."
    )


class LinesMatched(Answer):
    """Matches that were made."""

    matches: list[str]
    lines: list[str]
    told: list[str]
    left: int

    def sentence(self, language: Language = "en") -> str:
        """Say how many lines are matched, and how many are not."""
        count, told = len(self.matches), "; ".join(self.told)
        if language == "zh":
            said = f"已核对 {count} 条流水" if count > 1 else f"已核对 {told}"
            return f"{said}，还有 {self.left} 条未核对。" if self.left else f"{said}。"
        said = f"{count} lines are matched" if count > 1 else f"Matched: {told}"
        return f"{said}; {self.left} still open." if self.left else f"{said}."


def pin_certain(session: Session, arguments: MatchCertain) -> MatchCertain:
    """Name the lines that are sure now, so that each can be left out."""
    if arguments.lines:
        lines = tuple(canonical_number(each) for each in arguments.lines)
        return arguments.model_copy(update={"lines": lines})
    found = _proposals(session, arguments.account, arguments.statement, arguments.day)
    sure = [line.number for line, each in found if each.certainty is Certainty.CERTAIN]
    if not sure:
        raise NothingCertain(account=arguments.account or "–")
    return arguments.model_copy(update={"lines": tuple(sure[:LINES_MAX])})


def match_certain(session: Session, arguments: MatchCertain) -> LinesMatched:
    """Do what is proposed for each of the lines that were named."""
    numbers = pin_certain(session, arguments).lines
    found = dict.fromkeys(numbers)
    matches: list[BankMatch] = []
    for line, each in banking.propose_matches(session, numbers=list(found)):
        if each.certainty is Certainty.ASK:
            raise _ask(session, line.number, each)
        matches.append(banking.carry_out(session, each))
    return _matched(session, matches)


def _matched(session: Session, matches: Sequence[BankMatch]) -> LinesMatched:
    told = banking.matched_lines(session, [match.id for match in matches])
    return LinesMatched(
        matches=[match.number for match in matches],
        lines=[line for line, _ in told],
        told=[f"{line} = {what}" for line, what in told],
        left=len(banking.list_lines(session, open_only=True)),
    )


def _ask(session: Session, number: str, found: Proposal) -> MayBeSeveral:
    why = found.because(acting(session).actor.language)
    return MayBeSeveral(number=number, why=why, candidates=what_of(found) or "–")


def undo_matching(_session: Session, _arguments: object, answer: dict[str, list[str]]) -> Undoing:
    """Take the matches back, the last one first."""
    numbers = tuple(reversed(answer["matches"]))
    return Undoing((Call(UNDO, UndoMatch(matches=numbers, because="undo")),))


class MatchLine(Arguments):
    """Match one line of the bank with documents, an entry, an account, or as it is proposed."""

    line: LineRef = Field(description="The number of the line, such as BL-00042.")
    documents: Annotated[
        tuple[Annotated[Text, Ref("customer_invoice")], ...], Field(max_length=50)
    ] = Field(default=(), description="The invoices or bills that it pays.")
    party: Annotated[Text, Ref("party")] | None = Field(
        default=None, description="Whose documents it pays, those due first, if none are named."
    )
    entries: Annotated[tuple[Text, ...], Field(max_length=50)] = Field(
        default=(), description="Payments or entries that are in the books already."
    )
    account: AccountRef | None = Field(
        default=None, description="The account to book it to, such as bank fees."
    )
    tax: Annotated[Text, Ref("tax_code")] | None = Field(
        default=None, description="The rate of the tax that is in its amount."
    )
    memo: Words = ""
    other_account: BankAccountRef | None = Field(
        default=None, description="Our own account at the other end of a transfer."
    )
    amount: Amount | None = Field(default=None, description="Leave empty for all of the line.")
    fee: Amount | None = Field(default=None, description="What the bank kept or took besides.")
    take_discount: bool = False
    write_off_to: AccountRef | None = Field(
        default=None, description="The account for what the documents are more than the line."
    )
    on_account: bool = Field(default=False, description="Keep it as a credit of the party.")
    rule: RuleRef | None = Field(default=None, description="Book it as this rule says.")

    @property
    def says_what_for(self) -> bool:
        """Tell whether somebody said what the line is for."""
        return bool(
            self.documents or self.party or self.entries or self.account
            or self.other_account or self.rule
        )  # fmt: skip


def pin_line(session: Session, arguments: MatchLine) -> MatchLine:
    """Write everything by its number; where nothing was said, take what is proposed."""
    number = canonical_number(arguments.line)
    if not arguments.says_what_for:
        banking.find_line(session, number)
        for _, found in banking.propose_matches(session, numbers=[number]):
            return arguments.model_copy(update={"line": number, **_as_proposed(session, found)})
        return arguments.model_copy(update={"line": number})
    party = arguments.party and parties.find_party(session, arguments.party).number
    account, write_off = (
        each and ledger.account_named(session, each).code
        for each in (arguments.account, arguments.write_off_to)
    )
    other = account_or_none(session, arguments.other_account)
    return arguments.model_copy(
        update={
            "line": number,
            "party": party,
            "account": account,
            "write_off_to": write_off,
            "other_account": other.code if other else None,
            "documents": tuple(canonical_number(each) for each in arguments.documents),
            "entries": tuple(canonical_number(each) for each in arguments.entries),
        }
    )


def _as_proposed(session: Session, found: Proposal) -> dict[str, object]:
    if found.certainty is Certainty.ASK:
        raise _ask(session, found.line, found)
    numbers = tuple(part.number for part in found.parts)
    if found.purpose is For.BOOKED:
        return {"entries": numbers}
    if found.purpose is For.TRANSFER:
        return {"other_account": found.target}
    if found.purpose is For.RULE:
        return {"rule": found.rule}
    gap = found.gap.amount if found.gap is not None and found.cause is Gap.FEE else None
    writes_off = {Gap.ROUNDING: ledger.find_account(session, ROUNDING).code}
    writes_off[Gap.WRITE_OFF] = found.target
    return {
        "documents": numbers,
        "fee": gap,
        "take_discount": found.cause is Gap.DISCOUNT,
        "write_off_to": writes_off.get(found.cause),
        "rule": found.rule or None,
    }


def match_line(session: Session, arguments: MatchLine) -> LinesMatched:
    """Match it."""
    given = pin_line(session, arguments)
    line, _ = banking.find_line(session, given.line)
    if not given.says_what_for:
        raise WhatFor(number=line.number)

    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money.of(amount, line.currency)

    rule = banking.find_rule(session, given.rule) if given.rule else None
    party = parties.find_party(session, given.party) if given.party else None
    amount = money(given.amount)
    if given.entries:
        entries = [(each, amount) for each in given.entries]
        match = banking.link_line(session, line.number, entries)
    elif given.other_account:
        match = banking.transfer_line(session, line.number, to=given.other_account)
    elif given.account:
        match = banking.book_line(
            session,
            line.number,
            account=given.account,
            tax=given.tax,
            memo=given.memo,
            party=party,
            amount=amount,
        )
    elif rule is not None and not rule.settles:
        match = banking.book_by_rule(session, line.number, rule)
    else:
        match = banking.settle_line(
            session,
            line.number,
            documents=[(each, None) for each in given.documents],
            party=party,
            amount=amount,
            fee=money(given.fee),
            take_discount=given.take_discount,
            write_off_to=given.write_off_to,
            on_account=given.on_account,
            rule=rule,
        )
    return _matched(session, [match])


class ReturnPayment(Arguments):
    """Take a line of the bank for a payment that came back: the payment is reversed."""

    line: LineRef = Field(description="The number of the line, such as BL-00042.")
    payment: Annotated[Text, Ref("payment")] = Field(description="The payment, such as RCT-00007.")
    because: Reason = Field(description="Why it came back.")


def return_payment(session: Session, arguments: ReturnPayment) -> LinesMatched:
    """Reverse the payment, and match the line with that."""
    match = banking.return_line(
        session, arguments.line, arguments.payment, because=arguments.because
    )
    return _matched(session, [match])


def undo_return(*_: object) -> Undoing:
    """Say that a reversal stays."""
    why = ("record the payment anew instead", "请重新登记该收付款")
    return Undoing(impossible=why)


class UndoMatch(Arguments):
    """Take the matches of bank lines back: the lines are open, and what was posted is reversed."""

    matches: Annotated[tuple[MatchRef, ...], Field(min_length=1, max_length=LINES_MAX)] = Field(
        description="The numbers of matches or of lines, such as BM-00042 or BL-00007."
    )
    because: Reason = Field(default="matched by mistake", description="Why it is taken back.")


class MatchesUndone(Answer):
    """Matches that were taken back."""

    matches: list[str]

    def sentence(self, language: Language = "en") -> str:
        """Say which ones."""
        numbers = ", ".join(self.matches)
        if language == "zh":
            return f"已撤销核对 {numbers}。"
        return f"{numbers} {'is' if len(self.matches) == 1 else 'are'} undone."


def pin_undo(session: Session, arguments: UndoMatch) -> UndoMatch:
    """Write the matches of the lines that were named."""
    numbers: list[str] = []
    for each in arguments.matches:
        said = canonical_number(each)
        if said.startswith("BL-"):
            line, _ = banking.find_line(session, said)
            numbers += banking.matches_of(session, line.id)
        else:
            numbers.append(said)
    return arguments.model_copy(
        update={"matches": tuple(dict.fromkeys(numbers)) or arguments.matches}
    )


def undo_match(session: Session, arguments: UndoMatch) -> MatchesUndone:
    """Take them back."""
    numbers = pin_undo(session, arguments).matches
    undone = [banking.undo_match(session, each, because=arguments.because) for each in numbers]
    return MatchesUndone(matches=[each.number for each in undone])


def undo_undo(*_: object) -> Undoing:
    """Say how a line is matched again."""
    return Undoing(impossible=("match the line anew", "请重新核对该流水"))


TOOLS = [
    Tool(
        "banking.propose_matches",
        ProposeMatches,
        propose_matches,
        writes=False,
        title="Propose matches",
        title_zh="匹配建议",
        roles=BOOKS,
    ),
    Tool(
        "banking.match_certain",
        MatchCertain,
        match_certain,
        writes=True,
        title="Match bank lines",
        title_zh="匹配银行流水",
        roles=BOOKKEEPERS,
        pin=pin_certain,
        undo=undo_matching,
    ),
    Tool(
        "banking.match_line",
        MatchLine,
        match_line,
        writes=True,
        title="Match bank line",
        title_zh="匹配单条流水",
        roles=BOOKKEEPERS,
        pin=pin_line,
        undo=undo_matching,
    ),
    Tool(
        "banking.return_payment",
        ReturnPayment,
        return_payment,
        writes=True,
        title="Payment came back",
        title_zh="款项退回",
        roles=BOOKKEEPERS,
        undo=undo_return,
    ),
    Tool(
        UNDO,
        UndoMatch,
        undo_match,
        writes=True,
        title="Undo match",
        title_zh="撤销核对",
        roles=BOOKKEEPERS,
        pin=pin_undo,
        undo=undo_undo,
    ),
]

"""What the ledger tells the rest of the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money
from core.ledger.tables import PeriodState, Side


@dataclass(frozen=True)
class PostedLine:
    """A line of a posted entry, with the account and the party as people read them."""

    account: str
    side: Side
    amount: Money
    party: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    # What it is in its own currency, where no document tells that.
    foreign: Money | None = None

    @property
    def concerns(self) -> str:
        """The party, the dimensions and the foreign amount, as people read them."""
        foreign = str(self.foreign) if self.foreign is not None else ""
        parts = (self.party, *self.dimensions.values(), foreign)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class EntriesBrought(Fact, name="ledger.entries_brought"):
    """Entries of another system were written into the books, in one go.

    `seal` is the SHA-256 of what all of them say, in the order of their numbers.
    """

    source: str
    count: int
    first_number: str
    last_number: str
    seal: str

    def changes(self) -> tuple[Change, ...]:
        """Show how many entries came, and their numbers."""
        note = f"{self.first_number} … {self.last_number}"
        detail = f"{self.count} × {self.source}"
        return (Change(Kind.DOCUMENT, "journal_entry", "new", detail=detail, note=note),)


@dataclass(frozen=True)
class TotalsRebuilt(Fact, name="ledger.totals_rebuilt"):
    """The kept totals were added up anew from their lines; so many had been wrong."""

    wrong: int


@dataclass(frozen=True)
class EntryPosted(Fact, name="ledger.entry_posted"):
    """An entry is in the books.

    `by_hand` marks an entry that no document stands behind: who approves it answers for its
    amount, while the amount of a document is told by the document's own fact.
    """

    number: str
    posted_on: str
    memo: str
    origin: str
    lines: tuple[PostedLine, ...]
    by_hand: bool = False
    reverses: str = ""
    # Of an entry by hand: the part of the business, and whether it is dated on another day than
    # the one on which it is posted.
    journal: str = ""
    on_another_day: bool = False

    def changes(self) -> tuple[Change, ...]:
        """Show every line, debits before credits; of an entry by hand, its day and its journal."""
        lines = sorted(self.lines, key=lambda line: line.side is Side.CREDIT)
        shown = [
            Change(Kind(line.side), line.account, str(line.amount), detail=line.concerns)
            for line in lines
        ]
        if self.by_hand and self.reverses:
            subject = f"journal_entry {self.reverses}"
            shown.append(Change(Kind.DOCUMENT, subject, "reversed", before="posted"))
        elif self.by_hand:
            shown.append(Change(Kind.DOCUMENT, "journal_entry", "new", detail=self.memo))
        if self.journal:
            shown.append(Change(Kind.RECORD, "journal_entry", self.journal, measure="journal"))
        if self.on_another_day:
            shown.append(Change(Kind.RECORD, "journal_entry", self.posted_on, measure="posted_on"))
        return tuple(shown)

    def amount(self) -> Money | None:
        """Return the sum of the debits of an entry made by hand."""
        if not self.by_hand:
            return None
        debits = [line.amount for line in self.lines if line.side is Side.DEBIT]
        return sum(debits[1:], start=debits[0])

    def new_number(self) -> str | None:
        """Return the number of an entry made by hand."""
        return self.number if self.by_hand else None

    def decided_as(self) -> DecisionKind | None:
        """Tell whether no document stands behind it."""
        return DecisionKind.JOURNAL_ENTRY if self.by_hand else None


@dataclass(frozen=True)
class AccountsOpened(Fact, name="ledger.accounts_opened"):
    """Accounts were added to the chart."""

    accounts: tuple[str, ...]
    # The heading that they stand under, where it was one for all.
    under: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show each account."""
        return tuple(
            Change(Kind.RECORD, account, "new", detail=self.under) for account in self.accounts
        )


@dataclass(frozen=True)
class AccountBlockedOrNot(Fact, name="ledger.account_blocked_or_not"):
    """An account was blocked, or takes entries again."""

    account: str
    blocked: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        before, after = ("open", "blocked") if self.blocked else ("blocked", "open")
        return (Change(Kind.RECORD, self.account, after, before=before),)


@dataclass(frozen=True)
class AccountMoved(Fact, name="ledger.account_moved"):
    """An account is added up under another heading."""

    account: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the heading before and after."""
        return (
            Change(Kind.RECORD, self.account, self.after, before=self.before, measure="heading"),
        )


@dataclass(frozen=True)
class FiscalYearOpened(Fact, name="ledger.fiscal_year_opened"):
    """The twelve periods of a year take entries from now on."""

    year: str
    first: str
    last: str

    def changes(self) -> tuple[Change, ...]:
        """Show the first and the last period."""
        return (Change(Kind.RECORD, f"period {self.first} … {self.last}", "open"),)


@dataclass(frozen=True)
class BankAccountOpened(Fact, name="ledger.bank_account_opened"):
    """We have one more bank account."""

    code: str
    called: str
    account: str
    iban: str

    def changes(self) -> tuple[Change, ...]:
        """Show the account, the books' account for it, and its number at the bank."""
        detail = " · ".join(part for part in (self.called, self.account, self.iban) if part)
        return (Change(Kind.RECORD, f"bank_account {self.code}", "new", detail=detail),)

    def decided_as(self) -> DecisionKind:
        """Tell that money can go another way."""
        return DecisionKind.BANK_ACCOUNT


@dataclass(frozen=True)
class DimensionOpened(Fact, name="ledger.dimension_opened"):
    """Postings can be looked at along one more dimension."""

    code: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the dimension."""
        return (Change(Kind.RECORD, f"dimension {self.code}", "new", detail=self.called),)


@dataclass(frozen=True)
class MemberAdded(Fact, name="ledger.dimension_member_added"):
    """A dimension has one more member."""

    dimension: str
    code: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the member."""
        return (Change(Kind.RECORD, f"{self.dimension} {self.code}", "new", detail=self.called),)


@dataclass(frozen=True)
class MemberBlockedOrNot(Fact, name="ledger.dimension_member_blocked_or_not"):
    """A member of a dimension was blocked, or takes entries again."""

    dimension: str
    member: str
    blocked: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        before, after = ("open", "blocked") if self.blocked else ("blocked", "open")
        return (Change(Kind.RECORD, f"{self.dimension} {self.member}", after, before=before),)


@dataclass(frozen=True)
class DimensionDemanded(Fact, name="ledger.dimension_demanded"):
    """Lines on an account must, may or must not say a dimension from now on."""

    account: str
    dimension: str
    before: str
    after: str
    default: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show what was demanded before and after."""
        return (
            Change(
                Kind.RECORD,
                self.account,
                self.after,
                before=self.before,
                measure=self.dimension,
                detail=self.default,
            ),
        )


@dataclass(frozen=True)
class RateSet(Fact, name="ledger.exchange_rate_set"):
    """A currency has a rate from a day on."""

    currency: str
    valid_from: str
    said: str
    # The rate that counted on that day so far; empty for the first one.
    before: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the rate beside the one that counted until then."""
        said = f"{self.before} → {self.said}" if self.before else self.said
        return (Change(Kind.RECORD, f"{self.currency} {self.valid_from}", said),)

    def decided_as(self) -> DecisionKind:
        """Tell that it changes what a currency is worth."""
        return DecisionKind.EXCHANGE_RATE


@dataclass(frozen=True)
class PeriodStateChanged(Fact, name="ledger.period_state_changed"):
    """A period was opened, put on hold or closed."""

    period: str
    before: PeriodState
    after: PeriodState
    because: str = ""
    # What is left to do before a period that is closed: words of the house, and what of it.
    left_to_do: tuple[tuple[str, str], ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after, and what should have been done first."""
        subject = f"period {self.period}"
        warned = (Change(Kind.RECORD, subject, what, measure=key) for key, what in self.left_to_do)
        return (Change(Kind.DOCUMENT, subject, self.after, before=self.before), *warned)

    def decided_as(self) -> DecisionKind | None:
        """Tell whether a period that was closed takes entries again."""
        reopened = self.before is PeriodState.CLOSED and self.after is not PeriodState.CLOSED
        return DecisionKind.PERIOD_REOPENING if reopened else None


@dataclass(frozen=True)
class PeriodLockedOrNot(Fact, name="ledger.period_locked_or_not"):
    """A period takes no entries of one part of the business any more, or takes them again."""

    period: str
    area: str
    locked: bool
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        before, after = ("open", "locked") if self.locked else ("locked", "open")
        subject = f"period {self.period}"
        return (Change(Kind.RECORD, subject, after, before=before, measure=self.area),)


@dataclass(frozen=True)
class FiscalYearClosed(Fact, name="ledger.fiscal_year_closed"):
    """The result of a year is carried forward, and all its periods are closed."""

    year: str
    entry: str
    result_account: str
    # Income less expenses.
    result: Money

    def changes(self) -> tuple[Change, ...]:
        """Show the year, its result, and where that goes; its periods have facts of their own."""
        detail = f"{self.result} → {self.result_account}"
        subject = f"fiscal_year {self.year}"
        return (Change(Kind.DOCUMENT, subject, "closed", before="open", detail=detail),)

    def amount(self) -> Money | None:
        """Return what is carried forward, whichever way."""
        return self.result if self.result.minor >= 0 else -self.result


@dataclass(frozen=True)
class FiscalYearReopened(Fact, name="ledger.fiscal_year_reopened"):
    """The entry that closed a year is reversed, and its last period takes entries again."""

    year: str
    entry: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the year and its closing entry."""
        return (
            Change(Kind.DOCUMENT, f"fiscal_year {self.year}", "open", before="closed"),
            Change(Kind.DOCUMENT, f"journal_entry {self.entry}", "reversed", before="posted"),
        )

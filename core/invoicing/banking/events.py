"""What banking tells the rest of the house."""

from dataclasses import dataclass

from core.invoicing.banking.tables import MatchKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money

LINES_SHOWN_MAX = 12


@dataclass(frozen=True)
class StatementImported(Fact, name="banking.statement_imported"):
    """The bank told what moved on an account."""

    number: str
    account: str
    file_name: str
    from_on: str
    until_on: str
    opening: Money | None
    closing: Money | None
    # The first lines, how many there are, and what they sum up to.
    lines: tuple[str, ...]
    count: int
    moved: Money
    # How many lines earlier files had brought.
    known: int
    # What is missing between the statement before and this one.
    gap: Money | None = None
    # How the columns of a table are read from now on, where that was learned.
    layout: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the stretch, the balances, the lines, and what is odd."""
        balances = f"{self.opening} → {self.closing}" if self.opening and self.closing else ""
        said = [self.account, self.file_name, f"{self.from_on} … {self.until_on}", balances]
        said.append(f"{self.count} × · {self.moved}")
        if self.known:
            said.append(f"{self.known} × =")
        shown = [
            Change(
                Kind.DOCUMENT,
                "bank_statement",
                "new",
                detail=" · ".join(part for part in said if part),
            )
        ]
        shown += [Change(Kind.RECORD, "bank_line", "new", detail=line) for line in self.lines]
        if more := self.count - len(self.lines):
            shown.append(Change(Kind.RECORD, "bank_line", "new", detail=f"… +{more}"))
        if self.gap is not None:
            shown.append(Change(Kind.RECORD, "statement_gap", str(self.gap)))
        if self.layout:
            shown.append(Change(Kind.RECORD, "bank_profile", "new", detail=self.layout))
        return tuple(shown)

    def new_number(self) -> str | None:
        """Return the number of the statement."""
        return self.number


@dataclass(frozen=True)
class StatementVoided(Fact, name="banking.statement_voided"):
    """A statement does not count any more; its file may be imported anew."""

    number: str
    account: str
    lines: int
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        detail = f"{self.account} · {self.lines} ×"
        subject = f"bank_statement {self.number}"
        return (Change(Kind.DOCUMENT, subject, "cancelled", before="posted", detail=detail),)


@dataclass(frozen=True)
class LineMatched(Fact, name="banking.line_matched"):
    """A line of the bank belongs to entries of the books."""

    number: str
    line: str
    account: str
    kind: MatchKind
    matched: Money
    left: Money
    text: str
    # What it belongs to: entries or payments that were there.
    entries: tuple[str, ...]
    because: str
    # Whether the match itself posted an entry that nobody else answers for.
    answers_for: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the line, what it is matched with, and why."""
        said = [str(self.matched), self.account, self.text, *self.entries, self.because]
        return (
            Change(
                Kind.DOCUMENT,
                f"bank_line {self.line}",
                "partly_matched" if self.left.minor else "matched",
                before="open",
                measure=self.kind,
                detail=" · ".join(part for part in said if part),
            ),
        )

    def amount(self) -> Money | None:
        """Return what was booked, where no document says so."""
        return Money(abs(self.matched.minor), self.matched.currency) if self.answers_for else None

    def new_number(self) -> str | None:
        """Return the number of the match."""
        return self.number


@dataclass(frozen=True)
class MatchTakenBack(Fact, name="banking.match_taken_back"):
    """A line of the bank is open again."""

    number: str
    lines: tuple[str, ...]
    matched: Money
    because: str
    answers_for: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the match and its lines."""
        return (
            Change(Kind.DOCUMENT, f"bank_match {self.number}", "cancelled", before="posted"),
            *(
                Change(Kind.DOCUMENT, f"bank_line {line}", "open", before="matched")
                for line in self.lines
            ),
        )

    def amount(self) -> Money | None:
        """Return what is not booked any more, where no document says so."""
        return Money(abs(self.matched.minor), self.matched.currency) if self.answers_for else None


@dataclass(frozen=True)
class RuleAdded(Fact, name="banking.rule_added"):
    """Lines that look so will be proposed so from now on."""

    number: str
    looks: str
    books: str

    def changes(self) -> tuple[Change, ...]:
        """Show what it looks for, and what it does."""
        return (Change(Kind.RECORD, "bank_rule", "new", detail=f"{self.looks} → {self.books}"),)

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class RuleTakenOut(Fact, name="banking.rule_taken_out"):
    """A rule proposes nothing any more; what it booked stays."""

    number: str
    looks: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"bank_rule {self.number}"
        return (Change(Kind.RECORD, subject, "inactive", before="active", detail=self.looks),)

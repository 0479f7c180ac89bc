"""What dunning tells the rest of the house."""

from dataclasses import dataclass

from core.invoicing.dunning.tables import LetterState
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class LevelsSet(Fact, name="invoicing.dunning_levels_set"):
    """Customers are reminded by other levels from now on."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show what the levels are, and were."""
        return (
            Change(
                Kind.RECORD,
                "dunning_level",
                " | ".join(self.after),
                before=" | ".join(self.before) or "–",
            ),
        )


@dataclass(frozen=True)
class LetterDrawn(Fact, name="invoicing.dunning_letter_drawn"):
    """A letter to a customer is written, and waits to be sent.

    `lines` say each document: its number, what is open, since when it is due, at which level.
    """

    number: str
    party_number: str
    party: str
    level: int
    lines: tuple[str, ...]
    total: Money
    fee: Money
    interest: Money

    def changes(self) -> tuple[Change, ...]:
        """Show whom it reminds, of what, and what it would charge."""
        charged = [f"+{each}" for each in (self.fee, self.interest) if each.minor]
        detail = " · ".join((self.party, *self.lines, str(self.total), *charged))
        return (
            Change(
                Kind.DOCUMENT,
                "dunning_letter",
                LetterState.DRAFT,
                measure=f"dunning_level@{self.level}",
                detail=detail,
            ),
        )

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class LetterSent(Fact, name="invoicing.dunning_letter_sent"):
    """A customer was reminded; what the letter charges is an invoice of its own."""

    number: str
    party_number: str
    party: str
    level: int
    sent_to: str
    title: str
    body: str
    documents: tuple[str, ...]
    # What was paid or held since the letter was written, and is not in it any more.
    left_out: tuple[str, ...] = ()
    charge: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the state, and the message as the customer reads it."""
        subject = f"dunning_letter {self.number}"
        return (
            Change(Kind.DOCUMENT, subject, LetterState.SENT, before=LetterState.DRAFT),
            *(
                Change(Kind.RECORD, f"customer_invoice {number}", "left_out", detail=self.number)
                for number in self.left_out
            ),
            Change(
                Kind.MESSAGE,
                subject,
                self.sent_to or self.party,
                detail=f"{self.title} ¶ " + " ¶ ".join(self.body.splitlines()),
            ),
        )


@dataclass(frozen=True)
class LetterTakenBack(Fact, name="invoicing.dunning_letter_taken_back"):
    """A letter counts no more: a draft was dropped, or one that was sent is withdrawn."""

    number: str
    party_number: str
    before: LetterState
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        return (
            Change(
                Kind.DOCUMENT,
                f"dunning_letter {self.number}",
                LetterState.CANCELLED,
                before=self.before,
                detail=self.because,
            ),
        )

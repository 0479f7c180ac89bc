"""What a line of the bank may be for: the arithmetic and policy of matching.

No database, no clock, no chance: the same lines, documents and rules give the same proposals,
in whatever order they come. What fits more than one way is asked about, never guessed.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from core.invoicing.banking.tables import Way
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.words import word

# How far apart the bank and our books may date the same movement.
DAYS_APART_MAX = 10
# Up to so many minor units a difference is one of rounding.
ROUNDING_MINOR = 2
# So many documents or entries are searched for a combination, and so many candidates are shown.
SEARCHED_MAX, TRIED_MAX, SHOWN_MAX = 24, 20_000, 5


class Certainty(StrEnum):
    """How sure a proposal is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    ASK = "ask"


class For(StrEnum):
    """What a line is for."""

    DOCUMENTS = "documents"
    BOOKED = "already_booked"
    TRANSFER = "own_transfer"
    RULE = "bank_rule"
    ON_ACCOUNT = "on_account"
    NOTHING = "nothing_found"


class Gap(StrEnum):
    """Why a line is less than the documents that it pays."""

    NONE = ""
    DISCOUNT = "early_discount"
    FEE = "bank_fee"
    ROUNDING = "rounding"
    WRITE_OFF = "write_off"


@dataclass(frozen=True)
class Line:
    """A line of the bank, or what is left of one; what came in is positive."""

    number: str
    booked_on: date
    amount: Money
    text: str = ""
    counterparty: str = ""
    counterparty_account: str = ""
    reference: str = ""
    end_to_end_id: str = ""
    # The code of our bank account that it is on.
    account: str = ""
    foreign: Money | None = None
    charges: Money | None = None

    @property
    def way(self) -> Way:
        """Whether it came in or went out."""
        return Way.IN if self.amount.minor > 0 else Way.OUT


@dataclass(frozen=True)
class Document:
    """An open document: what a customer owes us (`Way.IN`) or we owe a supplier (`Way.OUT`)."""

    number: str
    way: Way
    party: str
    open: Money
    due_on: date
    posted_on: date
    party_names: tuple[str, ...] = ()
    party_accounts: tuple[str, ...] = ()
    # What else it is called: the other side's number, the order's.
    references: tuple[str, ...] = ()
    discount: Money | None = None
    discount_until: date | None = None


@dataclass(frozen=True)
class Booked:
    """What is in the books on a bank account and on no statement yet; signed as a line is."""

    number: str
    amount: Money
    booked_on: date
    account: str = ""
    party: str = ""
    party_names: tuple[str, ...] = ()
    party_accounts: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnAccount:
    """A bank account of ours."""

    code: str
    iban: str


@dataclass(frozen=True)
class Rule:
    """What somebody has said once for all lines that look so.

    With `settles`, documents may be settled by so much less, and the difference goes to `target`.
    """

    number: str
    target: str
    contains: str = ""
    counterparty: str = ""
    way: Way | None = None
    account: str = ""
    amount_from: int | None = None
    amount_to: int | None = None
    tax_code: str | None = None
    memo: str = ""
    settles: bool = False
    tolerance_minor: int = 0
    tolerance_percent: Decimal = Decimal(0)


@dataclass(frozen=True)
class Part:
    """So much of a document or entry, in its own currency."""

    number: str
    amount: Money


@dataclass(frozen=True)
class Proposal:
    """What a line is probably for.

    `rest` of the line is matched by nothing and stays a credit of the party, `gap` is what the
    documents are more than the line; its cause says what becomes of it.
    """

    line: str
    purpose: For
    certainty: Certainty
    parts: tuple[Part, ...] = ()
    party: str = ""
    rest: Money | None = None
    gap: Money | None = None
    cause: Gap = Gap.NONE
    # The account that a rule books to or writes off to, or our account at the other end.
    target: str = ""
    rule: str = ""
    # Words of `core.kernel.words`, each with what it is about.
    reasons: tuple[tuple[str, str], ...] = ()
    # What it may be, where it has to be asked.
    candidates: tuple[str, ...] = ()

    def because(self, language: Language = "en") -> str:
        """Say why in a person's language."""
        said = [f"{word(reason, language)} {about}".strip() for reason, about in self.reasons]
        return ("，" if language == "zh" else ", ").join(said)


@dataclass(frozen=True)
class World:
    """All that lines may be for."""

    documents: Sequence[Document] = ()
    booked: Sequence[Booked] = ()
    rules: Sequence[Rule] = ()
    own_accounts: Sequence[OwnAccount] = ()


class Open:
    """What is still open while lines are shared out, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.left = {each.number: each.open.minor for each in world.documents}
        self.left |= {each.number: abs(each.amount.minor) for each in world.booked}
        self.found: dict[str, Proposal] = {}
        # The first due comes first, however they were given.
        self._numbered: dict[str, Document] = {}
        self._by_party: dict[tuple[Way, str], list[Document]] = defaultdict(list)
        for document in sorted(world.documents, key=lambda each: (each.due_on, each.number)):
            self._numbered[document.number] = document
            self._by_party[document.way, document.party].append(document)
        self._by_account: dict[str, list[Booked]] = defaultdict(list)
        for booked in sorted(world.booked, key=lambda each: (each.booked_on, each.number)):
            self._by_account[booked.account].append(booked)

    def still(self, document: Document) -> Money:
        """Return what no line has taken of a document."""
        return Money(self.left[document.number], document.open.currency)

    def documents(self) -> list[Document]:
        """Return all documents that are still open, the first due first."""
        return [each for each in self._numbered.values() if self.left[each.number] > 0]

    def named(self, way: Way, numbers: Iterable[str]) -> list[Document]:
        """Return the documents with these numbers that are still open, the first due first."""
        found = [self._numbered[each] for each in numbers if each in self._numbered]
        found = [each for each in found if each.way is way and self.left[each.number] > 0]
        return sorted(found, key=lambda each: (each.due_on, each.number))

    def of_parties(self, way: Way, parties: Iterable[str]) -> list[Document]:
        """Return the documents of some parties that are still open, the first due first."""
        found = [each for party in parties for each in self._by_party.get((way, party), ())]
        found = [each for each in found if self.left[each.number] > 0]
        return sorted(found, key=lambda each: (each.due_on, each.number))

    def booked(self, line: Line) -> list[Booked]:
        """Return what a line may be of what is in the books: of its way, near in time, unused."""
        entries, apart = self._by_account.get(line.account, []), timedelta(days=DAYS_APART_MAX)
        first = bisect_left(entries, line.booked_on - apart, key=lambda each: each.booked_on)
        last = bisect_right(entries, line.booked_on + apart, key=lambda each: each.booked_on)
        return [
            each
            for each in entries[first:last]
            if (each.amount.minor > 0) == (line.amount.minor > 0)
            and each.amount.currency == line.amount.currency
            and self.left[each.number] == abs(each.amount.minor)
        ]

    def take(self, proposal: Proposal) -> None:
        """Keep a proposal, and what it uses from others."""
        self.found[proposal.line] = proposal
        if proposal.certainty is not Certainty.ASK:
            for part in proposal.parts:
                self.left[part.number] -= abs(part.amount.minor)

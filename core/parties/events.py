"""What parties tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class TerritoryAdded(Fact, name="parties.territory_added"):
    """Sales are counted by one more region."""

    code: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the new territory."""
        return (Change(Kind.RECORD, "territory", "new", detail=f"{self.code} · {self.called}"),)


@dataclass(frozen=True)
class PartyAdded(Fact, name="parties.party_added"):
    """We know one more person or company."""

    number: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show who is new."""
        return (Change(Kind.RECORD, "party", "new", detail=self.called),)

    def new_number(self) -> str:
        """Return the number of the party."""
        return self.number


@dataclass(frozen=True)
class CustomerAdded(Fact, name="parties.customer_added"):
    """We have one more customer."""

    number: str
    called: str
    credit_limit: Money | None
    payment_days: int

    def changes(self) -> tuple[Change, ...]:
        """Show who is new, and how far we trust them."""
        limit = self.credit_limit if self.credit_limit is not None else "∞"
        terms = f"{self.called} · {limit} · {self.payment_days} d"
        return (Change(Kind.RECORD, "customer", "new", detail=terms),)

    def new_number(self) -> str:
        """Return the number of the customer."""
        return self.number

    def amount(self) -> Money | None:
        """Answer for what the customer may owe us."""
        return self.credit_limit

    def decided_as(self) -> DecisionKind:
        """Tell that it says how far we trust somebody."""
        return DecisionKind.CREDIT_LIMIT


@dataclass(frozen=True)
class SupplierAdded(Fact, name="parties.supplier_added"):
    """We have one more supplier."""

    number: str
    called: str
    payment_days: int

    def changes(self) -> tuple[Change, ...]:
        """Show who is new."""
        terms = f"{self.called} · {self.payment_days} d"
        return (Change(Kind.RECORD, "supplier", "new", detail=terms),)

    def new_number(self) -> str:
        """Return the number of the supplier."""
        return self.number


@dataclass(frozen=True)
class CurrencyAgreed(Fact, name="parties.currency_agreed"):
    """We trade with a party in a currency; empty: in the company's, or as its prices are."""

    number: str
    called: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the currency before and after."""
        return (
            Change(
                Kind.RECORD,
                f"party {self.number}",
                self.after or "–",
                before=self.before or "–",
                measure="trades_in",
                detail=self.called,
            ),
        )


@dataclass(frozen=True)
class CreditLimitSet(Fact, name="parties.credit_limit_set"):
    """A customer may owe us more or less than before; None means without limit."""

    number: str
    called: str
    before: Money | None
    after: Money | None

    def changes(self) -> tuple[Change, ...]:
        """Show the limit before and after."""
        return (
            Change(
                Kind.RECORD,
                f"customer {self.number}",
                "∞" if self.after is None else str(self.after),
                before="∞" if self.before is None else str(self.before),
                measure="credit_limit",
                detail=self.called,
            ),
        )

    def amount(self) -> Money | None:
        """Answer for what the customer may owe us."""
        return self.after

    def decided_as(self) -> DecisionKind:
        """Tell that it says how far we trust somebody."""
        return DecisionKind.CREDIT_LIMIT

    def is_beyond_limits(self) -> bool:
        """Tell whether the customer may owe us anything at all."""
        return self.after is None


@dataclass(frozen=True)
class PartyBlockChanged(Fact, name="parties.party_block_changed"):
    """We stopped dealing with a party, or began again."""

    number: str
    called: str
    blocked: bool
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        states = ("active", "blocked")
        return (
            Change(
                Kind.RECORD,
                f"party {self.number}",
                states[self.blocked],
                before=states[not self.blocked],
                detail=self.called,
            ),
        )


@dataclass(frozen=True)
class BankAccountSet(Fact, name="parties.bank_account_set"):
    """A party is paid to another bank account from now on, or to none any more."""

    number: str
    called: str
    before: str
    after: str
    holder: str
    bank: str

    def changes(self) -> tuple[Change, ...]:
        """Show the account before and after."""
        return (
            Change(
                Kind.RECORD,
                f"bank_account {self.number}",
                self.after or "–",
                before=self.before or "–",
                detail=" · ".join(part for part in (self.called, self.holder, self.bank) if part),
            ),
        )

    def decided_as(self) -> DecisionKind:
        """Tell that it says where money goes."""
        return DecisionKind.BANK_ACCOUNT


@dataclass(frozen=True)
class BankAccountVerified(Fact, name="parties.bank_account_verified"):
    """Somebody made sure that a bank account is the party's own."""

    number: str
    called: str
    account: str

    def changes(self) -> tuple[Change, ...]:
        """Show the account."""
        return (
            Change(
                Kind.RECORD,
                f"bank_account {self.number}",
                "verified",
                before="not_verified",
                detail=f"{self.called} · {self.account}",
            ),
        )

    def decided_as(self) -> DecisionKind:
        """Tell that it says where money goes."""
        return DecisionKind.BANK_ACCOUNT


@dataclass(frozen=True)
class PartiesMerged(Fact, name="parties.merged"):
    """Two records were one party: what pointed at one of them points at the other."""

    number: str
    survivor_number: str
    survivor: str
    merged_number: str
    merged: str
    because: str
    # Of which table how many rows, and the first of their numbers.
    moved: tuple[tuple[str, int, str], ...]
    # Rows of terms: whether they were taken over, gave way to the survivor's own, or ended.
    kept: tuple[tuple[str, str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show what becomes of the record, and each kind of thing that follows."""
        into = f"{self.survivor_number} {self.survivor}"
        told = [
            Change(
                Kind.RECORD,
                f"party {self.merged_number}",
                into,
                before=f"{self.merged_number} {self.merged}",
                measure="merged",
                detail=self.because,
            )
        ]
        told += [
            Change(
                Kind.RECORD,
                table,
                self.survivor_number,
                before=self.merged_number,
                measure="follows",
                detail=" · ".join(part for part in (f"{count} ×", numbers) if part),
            )
            for table, count, numbers in self.moved
        ]
        told += [
            Change(Kind.RECORD, table, how, measure="merged", detail=terms)
            for table, how, terms in self.kept
        ]
        return tuple(told)

    def decided_as(self) -> DecisionKind | None:
        """Tell that a bank account ends with it, where one does."""
        ends = any(how == "ended" for _, how, _ in self.kept)
        return DecisionKind.BANK_ACCOUNT if ends else None


@dataclass(frozen=True)
class PartiesParted(Fact, name="parties.parted"):
    """A merging was a mistake: everything points where it did before."""

    number: str
    survivor_number: str
    survivor: str
    merged_number: str
    merged: str
    because: str
    count: int

    def changes(self) -> tuple[Change, ...]:
        """Show that there are two of them again."""
        return (
            Change(
                Kind.RECORD,
                f"party {self.merged_number}",
                f"{self.merged_number} {self.merged}",
                before=f"{self.survivor_number} {self.survivor}",
                measure="parted",
                detail=f"{self.count} × · {self.because}",
            ),
        )

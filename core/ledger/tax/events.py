"""What tax tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class TaxCodeAdded(Fact, name="ledger.tax_code_added"):
    """A tax code can be used from now on."""

    code: str
    # What older facts say of a code, which then was one percent.
    percent: str = ""
    called: str = ""
    components: tuple[str, ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Show the code and what it consists of."""
        if self.percent:
            return (Change(Kind.RECORD, self.code, f"{self.percent} %"),)
        detail = "; ".join(self.components)
        return (Change(Kind.RECORD, f"tax_code {self.code}", "new", detail=detail),)


@dataclass(frozen=True)
class TaxCodeChanged(Fact, name="ledger.tax_code_changed"):
    """A tax code says something else from a day on."""

    code: str
    valid_from: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show what it says before and after."""
        return (
            Change(
                Kind.RECORD,
                f"tax_code {self.code}",
                "; ".join(self.after),
                before="; ".join(self.before),
                detail=self.valid_from,
            ),
        )


@dataclass(frozen=True)
class TaxSetInstalled(Fact, name="ledger.tax_set_installed"):
    """The tax codes and boxes of a country can be used from now on."""

    set_code: str
    called: str
    codes: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the set and its codes."""
        detail = f"{self.called}: {', '.join(self.codes)}"
        return (Change(Kind.RECORD, f"tax_set {self.set_code}", "new", detail=detail),)


@dataclass(frozen=True)
class TaxRoundingSet(Fact, name="ledger.tax_rounding_set"):
    """Tax is rounded by the line, or by the document, from now on."""

    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show both."""
        return (Change(Kind.RECORD, "tax_rounding", self.after, before=self.before),)


@dataclass(frozen=True)
class CertificateNoted(Fact, name="ledger.tax_certificate_noted"):
    """A party has shown the certificate that a tax code asks for."""

    party: str
    code: str
    reference: str
    valid_from: str
    valid_until: str

    def changes(self) -> tuple[Change, ...]:
        """Show whose it is, and how long it holds."""
        days = f"{self.valid_from} … {self.valid_until}".rstrip()
        detail = f"{self.code} · {self.reference} · {days}"
        return (Change(Kind.RECORD, f"tax_certificate {self.party}", "new", detail=detail),)


@dataclass(frozen=True)
class TaxSettled(Fact, name="ledger.tax_settled"):
    """The tax of a stretch of days was moved to what is payable to the tax office."""

    number: str
    until: str
    # Above zero it is payable, below it is claimed.
    payable: Money

    def changes(self) -> tuple[Change, ...]:
        """Show what is payable."""
        detail = f"{self.payable} · {self.until}"
        return (Change(Kind.DOCUMENT, "tax_settlement", "new", detail=detail),)

    def amount(self) -> Money | None:
        """Return what is moved."""
        return Money(abs(self.payable.minor), self.payable.currency)

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class TaxSettlementTakenBack(Fact, name="ledger.tax_settlement_taken_back"):
    """A settlement of tax was taken back; it can be made anew."""

    number: str
    payable: Money
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show that it does not stand any more."""
        return (
            Change(
                Kind.DOCUMENT,
                f"tax_settlement {self.number}",
                "reversed",
                before="posted",
                detail=self.because,
            ),
        )

    def amount(self) -> Money | None:
        """Return what is moved back."""
        return Money(abs(self.payable.minor), self.payable.currency)

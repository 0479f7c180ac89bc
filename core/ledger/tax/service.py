"""What one can ask of tax: how much, on which day; and the papers that some codes need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import TaxRounding, company
from core.kernel.money import Money, Rounding
from core.ledger.tax import rules
from core.ledger.tax.codes import certified_codes, codes_in_force, components_on, find_code, split
from core.ledger.tax.errors import (
    CertificateKnown,
    CertificateNeeded,
    CertificateNotNeeded,
    NoBandsInOrder,
)
from core.ledger.tax.events import CertificateNoted
from core.ledger.tax.rules import Component, Taxable, TaxedLine
from core.ledger.tax.tables import TaxCertificate, TaxUse
from core.parties import Party

# The value of a thousand units of money says exactly what a code adds to any amount.
_MUCH = 10**9


@dataclass(frozen=True)
class Charge:
    """A line to be taxed: its price, how many units that is for, and its tax codes ("A+B")."""

    price: Money
    codes: str | None = None
    quantity: Decimal = Decimal(1)
    cost_account: str = ""


@dataclass(frozen=True)
class ComponentSum:
    """What one component comes to in a document, in one of its uses."""

    component: Component
    use: TaxUse
    taxable: Money
    tax: Money


@dataclass(frozen=True)
class Computation:
    """The lines of a document with their tax, and what they add up to."""

    lines: tuple[TaxedLine, ...]
    base: Money
    tax: Money
    total: Money

    @property
    def by_component(self) -> list[ComponentSum]:
        """The tax by component, in the order in which they first occur."""
        sums: dict[tuple[Component, TaxUse], ComponentSum] = {}
        for line in self.lines:
            for part in line.parts:
                nothing = Money(0, part.tax.currency)
                key = part.component, part.use
                so_far = sums.get(key) or ComponentSum(*key, nothing, nothing)
                sums[key] = ComponentSum(*key, so_far.taxable + part.taxable, so_far.tax + part.tax)
        return list(sums.values())


def compute(
    session: Session,
    lines: Sequence[Charge],
    *,
    on: date | None = None,
    sale: bool = True,
    gross: bool = False,
    per: TaxRounding | None = None,
    rounding: Rounding | None = None,
) -> Computation:
    """Say what tax lines would give on a day, as the lines of one document; nothing is changed.

    With `gross` the prices are what is paid in the end, whatever the codes say.
    """
    ours = company(session)
    assert lines, "there is something to tax"
    codes = {line.codes for line in lines if line.codes}
    found = components_on(session, codes, on or ours.today)
    taxables = []
    for line in lines:
        components = found[line.codes] if line.codes else ()
        if gross:
            components = rules.as_gross(components)
        taxables.append(Taxable(line.price, components, line.quantity, line.cost_account))
    return summed(
        rules.taxed(
            taxables, sale=sale, rounding=rounding or ours.rounding, per=per or ours.tax_rounding
        )
    )


def summed(lines: Sequence[TaxedLine]) -> Computation:
    """Add up taxed lines."""
    currency = lines[0].base.currency
    base = Money(sum(line.base.minor for line in lines), currency)
    tax = Money(sum(line.tax.minor for line in lines), currency)
    return Computation(tuple(lines), base, tax, base + tax)


def net_from_gross(
    session: Session,
    gross: Money,
    codes: str,
    *,
    quantity: Decimal = Decimal(1),
    on: date | None = None,
) -> Computation:
    """Say what is left of an amount when the taxes in it are taken out."""
    return compute(session, [Charge(gross, codes, quantity)], on=on, gross=True)


def income_tax(
    session: Session, income: Money, bands: Sequence[tuple[Decimal | None, Decimal]]
) -> Money:
    """Return the tax by progressive bands: the upper end of each and its percent."""
    ends = [upper for upper, _ in bands]
    known = [upper for upper in ends if upper is not None]
    in_order = None not in ends[:-1] and known == sorted(set(known))
    if not bands or not in_order or any(end <= 0 for end in known):
        raise NoBandsInOrder
    return rules.income_tax(income, bands, company(session).rounding)


def added_on_sale(session: Session, on: date) -> dict[str, tuple[Decimal, Decimal]]:
    """Return what each code adds to a price on sale: a factor of it, and so much for every unit.

    For sums over many lines at once; what is charged in the end is reckoned by `compute`.
    """
    known: dict[date, dict[str, tuple[Decimal, Decimal]]]
    known = session.info.setdefault("ledger.tax_added_on_sale", {})
    if on not in known:
        currency = company(session).currency
        known[on] = {
            code: _added(components, currency)
            for code, components in codes_in_force(session, on).items()
        }
    return known[on]


def note_certificate(
    session: Session,
    party: Party,
    code: str,
    *,
    reference: str,
    valid_from: date,
    valid_until: date | None = None,
) -> TaxCertificate:
    """Note the paper by which a party is charged by a code that not everybody is."""
    found = find_code(session, code)
    if not found.certificate_needed:
        known = ", ".join(sorted(certified_codes(session)))
        raise CertificateNotNeeded(code=code, known=known)
    same = select(TaxCertificate.id).where(
        TaxCertificate.party_id == party.id,
        TaxCertificate.code == code,
        TaxCertificate.reference == reference,
    )
    if session.scalar(same):
        raise CertificateKnown(reference=reference, party=party.name)
    noted = TaxCertificate(
        party_id=party.id,
        code=code,
        reference=reference,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    session.add(noted)
    events.record(
        session,
        CertificateNoted(
            party=party.name,
            code=code,
            reference=reference,
            valid_from=valid_from.isoformat(),
            valid_until=valid_until.isoformat() if valid_until else "",
        ),
    )
    session.flush()
    return noted


def require_certificates(session: Session, party: Party, codes: Iterable[str], on: date) -> None:
    """Refuse codes that ask for a certificate which the party does not have on a day."""
    named = {code for each in codes for code in split(each)}
    for code in sorted(named & certified_codes(session)):
        held = select(TaxCertificate.id).where(
            TaxCertificate.party_id == party.id,
            TaxCertificate.code == code,
            TaxCertificate.valid_from <= on,
            (TaxCertificate.valid_until.is_(None)) | (TaxCertificate.valid_until >= on),
        )
        if session.scalar(held.limit(1)) is None:
            raise CertificateNeeded(party=party.name, code=code, day=on)


# The same few codes are asked for by every order; what they say is all that it depends on.
@lru_cache(maxsize=1_000)
def _added(components: tuple[Component, ...], currency: str) -> tuple[Decimal, Decimal]:
    much, nothing = Money(_MUCH, currency), Money(0, currency)
    # A tax for each unit of another currency is refused where it is charged.
    ours = tuple(each for each in components if each.currency in {None, currency})
    [price] = rules.taxed([Taxable(much, ours, Decimal(0))])
    [units] = rules.taxed([Taxable(nothing, ours, Decimal(_MUCH))])
    return (
        Decimal((price.total - much).minor) / _MUCH,
        Money(1, currency).amount * units.total.minor / _MUCH,
    )

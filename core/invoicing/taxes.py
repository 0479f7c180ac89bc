"""The tax of documents: what lines are charged, what a discount corrects, what a payment makes due.

What a document was charged stays its own: credit notes and corrections follow its tax lines, not
what the codes say by now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import rules
from core.invoicing.errors import DiscountTooLarge
from core.invoicing.rules import Direction, InvoiceDraftLine, PricedLine
from core.invoicing.tables import (
    Deduction,
    DeductionKind,
    Invoice,
    InvoiceKind,
    Settlement,
)
from core.invoicing.worth import Worth
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import CurrencyMismatch, Money, Rounding
from core.ledger import Journal, JournalEntry, Line, tax
from core.ledger.tax import Charge, TaxLineKind, TaxPart
from core.parties import Party


@dataclass(frozen=True)
class HeaderDiscount:
    """What is taken off a whole document before tax: an amount, or so many percent."""

    amount: Money | None = None
    percent: Decimal | None = None


@dataclass(frozen=True)
class TaxShare:
    """The tax of one component in a part of a document.

    `amount` is what of the part it is: below zero, where tax was taken off the document.
    """

    account: str
    amount: Money
    part: TaxPart


def price_lines(
    session: Session,
    lines: Sequence[InvoiceDraftLine],
    *,
    kind: InvoiceKind,
    party: Party,
    currency: str,
    on: date,
    header_discount: HeaderDiscount | Money | None = None,
) -> list[PricedLine]:
    """Add up lines and their tax as they are on a day, a discount of the document taken off."""
    ours = company(session)
    sale = rules.direction_of(kind) is Direction.RECEIVABLE
    # Lines of an earlier document keep its amounts.
    fresh = [line for line in lines if line.taxes is None]
    codes = {line.tax_code for line in fresh if line.tax_code}
    if sale and codes:
        tax.require_certificates(session, party, codes, on)
    tax.keep_combinations(session, codes)
    prices = [rules.price_of(line, currency, ours.rounding) for line in fresh]
    for money in (*prices, *(line.net for line in lines if line.net is not None)):
        if money.currency != currency:
            raise CurrencyMismatch(left=money.currency, right=currency)
    discounts = _discounts(session, prices, header_discount, currency)
    charges = [
        Charge(price - less, line.tax_code, line.quantity, rules.cost_account(line.account))
        for line, price, less in zip(fresh, prices, discounts, strict=True)
    ]
    computed = tax.compute(session, charges, on=on, sale=sale).lines if charges else ()
    priced = iter(zip(computed, discounts, strict=True))
    return [
        rules.priced(line, *next(priced)) if line.taxes is None else rules.at_given(line, sale=sale)
        for line in lines
    ]


def _discounts(
    session: Session,
    prices: Sequence[Money],
    discount: HeaderDiscount | Money | None,
    currency: str,
) -> list[Money]:
    if discount is None:
        return [Money(0, currency)] * len(prices)
    if isinstance(discount, Money):
        discount = HeaderDiscount(amount=discount)
    whole = rules.added_up(prices, currency)
    amount = discount.amount
    if amount is None:
        assert discount.percent is not None, "a discount is an amount or a percent"
        amount = whole.times(discount.percent / rules.HUNDRED, company(session).rounding)
    if amount.currency != currency:
        raise CurrencyMismatch(left=amount.currency, right=currency)
    if amount.minor < 0 or not amount < whole:
        raise DiscountTooLarge(discount=amount, whole=whole)
    return tax.spread(amount, prices)


def keep_taxes(
    session: Session,
    document: Invoice,
    entry: JournalEntry,
    priced: Sequence[PricedLine],
    entry_lines: Sequence[Line],
    rate: Worth,
) -> None:
    """Note the tax that a document is charged, and whether some of it waits for the payment."""
    back = rules.takes_back(document.kind)
    parts = [
        (position, part.negated() if back else part)
        for position, line in enumerate(priced, start=1)
        for part in line.taxes
    ]
    booked = tax.booked_parts(parts, entry_lines, rate)
    tax.keep_lines(session, entry, booked, document=document.number)
    document.tax_on_payment = any(not part.exigible for _, part in parts)


def taxes_by_line(session: Session, document: Invoice) -> dict[int, tuple[TaxPart, ...]]:
    """Return the tax that each line of a document was charged, by the position of the line."""
    back = rules.takes_back(document.kind)
    found: dict[int, tuple[TaxPart, ...]] = {}
    for _, booked in tax.kept_lines(session, document=document.number, kind=TaxLineKind.CHARGED):
        assert booked.line is not None, "what is charged belongs to a line"
        part = booked.part.negated() if back else booked.part
        found[booked.line] = (*found.get(booked.line, ()), part)
    return found


def part_of_taxes(
    taxes: Sequence[TaxPart], taken: Sequence[TaxPart], share: Decimal, rounding: Rounding
) -> tuple[TaxPart, ...]:
    """Return a share of what was not taken back yet of a line's tax; the whole of it is all."""
    back = _by_component(taken)
    left = [
        replace(part, taxable=part.taxable - gone.taxable, tax=part.tax - gone.tax)
        if (gone := back.get(_key(part)))
        else part
        for part in taxes
    ]
    return tuple(
        replace(
            part, taxable=part.taxable.times(share, rounding), tax=part.tax.times(share, rounding)
        )
        for part in left
    )


def _key(part: TaxPart) -> tuple[object, ...]:
    return part.component.id, part.use, part.account


def _by_component(parts: Iterable[TaxPart]) -> dict[tuple[object, ...], TaxPart]:
    sums: dict[tuple[object, ...], TaxPart] = {}
    for part in parts:
        before = sums.get(_key(part))
        sums[_key(part)] = (
            part
            if before is None
            else replace(part, taxable=before.taxable + part.taxable, tax=before.tax + part.tax)
        )
    return sums


def tax_shares(session: Session, document: Invoice, part: Money) -> list[TaxShare]:
    """Return the tax in a part of a document, component by component.

    Together they are the part of all its tax, rounded once.
    """
    sale = rules.direction_of(document.kind) is Direction.RECEIVABLE
    ours = company(session)
    lines = taxes_by_line(session, document).values()
    charged = list(_by_component(part for parts in lines for part in parts).values())
    if not charged:
        return []
    share = Fraction(part.minor, document.total_minor)
    exact = [each.effect(sale=sale).minor * share for each in charged]
    whole = tax.rounded_fraction(sum(exact, Fraction(0)), ours.rounding)
    amounts = [Money(minor, part.currency) for minor in tax.apportioned(whole, exact)]
    return [
        TaxShare(
            each.account,
            amount,
            replace(
                each,
                taxable=Money(
                    tax.rounded_fraction(each.taxable.minor * share, ours.rounding), part.currency
                ),
                tax=amount if each.effect(sale=sale) == each.tax else -amount,
            ),
        )
        for each, amount in zip(charged, amounts, strict=True)
    ]


def keep_corrections(
    session: Session,
    document: Invoice,
    entry: JournalEntry,
    shares: Sequence[TaxShare],
    entry_lines: Sequence[Line],
    rate: Worth,
) -> None:
    """Note that a discount took tax off a document."""
    parts = [(None, share.part.negated()) for share in shares]
    tax.keep_lines(
        session,
        entry,
        tax.booked_parts(parts, entry_lines, rate),
        document=document.number,
        kind=TaxLineKind.CORRECTED,
    )


def make_due(session: Session, document: Invoice, *, on: date) -> None:
    """Let the tax that waits for the payment of a document be due as far as that is paid.

    A discount pays nothing: it has taken its share of the tax off.
    """
    if not document.tax_on_payment:
        return
    session.flush()
    discounts = (
        select(total(Settlement.amount_minor))
        .join(Deduction, Deduction.id == Settlement.deduction_id)
        .where(
            Settlement.invoice_id == document.id,
            Deduction.kind == DeductionKind.EARLY_DISCOUNT,
        )
    )
    spared = session.scalars(discounts).one()
    asked = document.total_minor - spared
    paid = document.total_minor - document.open_minor - spared
    tax.make_due(
        session,
        document.number,
        share=Fraction(paid, asked),
        on=max(on, document.posted_on),
        journal=Journal.GENERAL,
    )

"""What each answer to a request for quotation would cost, and when it would come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.money import Money
from core.parties import Party
from core.purchasing import rules
from core.purchasing.offers import in_currency
from core.purchasing.quotes.tables import QuotationRequest, QuotationRequestLine, QuotedPrice


@dataclass(frozen=True)
class QuotedLine:
    """What a supplier's answer makes of a line: how much would be bought, at which price, when."""

    position: int
    sku: str
    quoted: QuotedPrice
    quantity: Decimal
    surplus: Decimal
    unit_price: Decimal
    total: Money
    arrives_on: date


@dataclass(frozen=True)
class QuoteCompared:
    """What a supplier's answer comes to; `missing` are the items that they did not quote.

    `score` is their standing so far, out of a hundred; None where there is no history, or nobody
    asked for it.
    """

    supplier: Party
    lines: tuple[QuotedLine, ...]
    missing: tuple[str, ...]
    total: Money
    arrives_on: date | None
    score: Decimal | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether everything was quoted."""
        return not self.missing


def compare(session: Session, request: QuotationRequest) -> list[QuoteCompared]:
    """Compare the answers to a request: complete ones first, then by what they come to.

    Quantities are rounded up to minimum and multiple, breaks count, other currencies at the rate of
    today. What is no longer valid is not counted.
    """
    compared = []
    for invited in request.invited:
        lines, missing = [], []
        for line in request.lines:
            quoted = best_quote(session, line, invited.supplier)
            if quoted is None:
                missing.append(line.item.sku)
            else:
                lines.append(quoted)
        if not lines:
            continue
        ours = company(session)
        total = Money(sum(each.total.minor for each in lines), ours.currency)
        compared.append(
            QuoteCompared(
                supplier=invited.supplier,
                lines=tuple(lines),
                missing=tuple(missing),
                total=total,
                arrives_on=max(each.arrives_on for each in lines),
            )
        )
    return sorted(
        compared, key=lambda each: (len(each.missing), each.total.minor, each.supplier.name)
    )


def best_quote(
    session: Session,
    line: QuotationRequestLine,
    supplier: Party,
    *,
    quantity: Decimal | None = None,
) -> QuotedLine | None:
    """Return the least total by which a supplier's valid answer covers a line, or a part of it."""
    today = company(session).today
    needed = line.quantity if quantity is None else quantity
    ways = [
        _way(session, line, each, needed) for each in valid_answers(line.answers, supplier, today)
    ]
    return min(ways, key=lambda way: (way.total.minor, way.quantity), default=None)


def valid_answers(
    answers: Iterable[QuotedPrice], supplier: Party, today: date
) -> Sequence[QuotedPrice]:
    """Return the prices of a supplier that are valid today."""
    return [
        each
        for each in answers
        if each.supplier_id == supplier.id
        and (each.valid_until is None or today <= each.valid_until)
    ]


def _way(
    session: Session, line: QuotationRequestLine, quoted: QuotedPrice, needed: Decimal
) -> QuotedLine:
    ours = company(session)
    least = max(needed, quoted.minimum_quantity)
    quantity = rules.rounded_up(least, quoted.order_multiple)
    price = in_currency(session, quoted.unit_price, quoted.currency, ours.currency)
    return QuotedLine(
        position=line.position,
        sku=line.item.sku,
        quoted=quoted,
        quantity=quantity,
        surplus=quantity - needed,
        unit_price=price,
        total=Money.rounding(price * quantity, ours.currency, ours.rounding),
        arrives_on=ours.today + timedelta(days=quoted.lead_time_days),
    )

"""What a document in another currency is worth in the books, and the entry that says so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core.invoicing.rules import Direction, PricedLine, direction_of, takes_back
from core.invoicing.tables import Invoice, InvoiceKind, InvoiceLine
from core.kernel.company import company
from core.kernel.money import Money, Rounding
from core.ledger import Dimensions, Line, Side, from_base, in_base
from core.ledger.chart import EXCHANGE_DIFFERENCES

Worth = Callable[[Money], Money]


def at_rate_of(session: Session, day: date) -> Worth:
    """Return what turns an amount into the company's currency at the rate of a day."""
    return lambda amount: in_base(session, amount, day)


def at_rate_of_document(session: Session, document: Invoice) -> Worth | None:
    """Return what turns an amount into ours as a document did: what takes it back gains nothing."""
    ours = company(session)
    if document.currency == ours.currency:
        return None
    if not document.total_minor:
        return at_rate_of(session, document.posted_on)
    whole = Money(document.total_minor, document.currency)
    return in_proportion(whole, Money(document.base_total_minor, ours.currency), ours.rounding)


def in_proportion(whole: Money, worth: Money, rounding: Rounding) -> Worth:
    """Return what turns a part of an amount into the same part of what all of it is worth."""

    def share(part: Money) -> Money:
        return Money(part_of(worth.minor, part.minor, whole.minor, rounding), worth.currency)

    return share


def part_of(value: int, part: int, whole: int, rounding: Rounding) -> int:
    """Return a part of a value, rounded once; the whole of it is all of it."""
    if part == whole:
        return value
    exact = Decimal(value) * part / whole
    return Money(1, "").times(exact, rounding).minor


def at_their_worth(
    kind: InvoiceKind, priced: Sequence[PricedLine], rate: Worth
) -> list[PricedLine]:
    """Say of every line of a document in another currency what it is worth in the books.

    Where lines of a customer invoice deduct an advance, what was paid ahead is earned at the rate
    of the advance: the largest other line takes the difference. Everywhere else it is one of
    exchange.
    """
    known = [
        replace(line, worth=rate(line.net) if line.draft.worth is None else line.draft.worth)
        for line in priced
    ]
    free = [place for place, line in enumerate(known) if line.draft.worth is None]
    beyond = _beyond(known, rate)
    if kind is not InvoiceKind.CUSTOMER_INVOICE or not beyond or not free:
        return known
    largest = max(free, key=lambda place: (known[place].net.minor, -place))
    line = known[largest]
    assert line.worth is not None, "every line is worth something"
    worth = Money(line.worth.minor + beyond, line.worth.currency)
    known[largest] = replace(line, worth=worth, draft=replace(line.draft, worth=worth))
    return known


def own_worths(
    charged: Mapping[tuple[str, Dimensions], int], priced: Sequence[PricedLine], rate: Worth
) -> dict[tuple[str, Dimensions], Money]:
    """Return what accounts are charged in the books whose lines have a worth of their own.

    `charged` is what all lines of an account charge it with in the document's currency. What the
    document's rate would have made of it besides is a difference of exchange.
    """
    own: dict[tuple[str, Dimensions], int] = {}
    rest, currency = dict(charged), ""
    for line in priced:
        if line.draft.worth is not None:
            key, currency = (line.draft.account, line.draft.dimensions), line.net.currency
            own[key] = own.get(key, 0) + line.draft.worth.minor
            rest[key] -= line.net.minor
    if not own:
        return {}
    worths = {key: minor + rate(Money(rest[key], currency)).minor for key, minor in own.items()}
    if beyond := _beyond(priced, rate):
        key = EXCHANGE_DIFFERENCES, ()
        worths[key] = worths.get(key, 0) + beyond
    books = rate(Money(0, currency)).currency
    return {key: Money(minor, books) for key, minor in worths.items()}


def as_booked(
    kind: InvoiceKind, priced: Sequence[PricedLine], entry_lines: Sequence[Line]
) -> list[PricedLine]:
    """Let the lines of an account be worth together what their entry carries it at, exactly."""
    known, owed_to_us = list(priced), direction_of(kind) is Direction.RECEIVABLE
    gives = Side.CREDIT if owed_to_us is not takes_back(kind) else Side.DEBIT
    carried: dict[tuple[str, Dimensions], int] = {}
    for line in entry_lines:
        key = line.account, line.dimensions
        sign = 1 if line.side is gives else -1
        carried[key] = carried.get(key, 0) + sign * line.value.minor
    taxed = {part.account for each in priced for part in each.taxes}
    groups: dict[tuple[str, Dimensions], list[int]] = {}
    for place, each in enumerate(priced):
        if each.draft.account not in taxed:
            groups.setdefault((each.draft.account, each.draft.dimensions), []).append(place)
    for key, places in groups.items():
        off = carried.get(key, 0) - sum(w.minor for at in places if (w := known[at].worth))
        largest = max(places, key=lambda at: (abs(known[at].net.minor), -at))
        worth = known[largest].worth
        if off and worth is not None:
            exact = Money(worth.minor + off, worth.currency)
            known[largest] = replace(known[largest], worth=exact)
    return known


def worth_of(session: Session, line: InvoiceLine) -> Money | None:
    """Return what a line of a document was worth when it was posted, where that was noted."""
    if line.base_net_minor is None:
        return None
    return Money(line.base_net_minor, company(session).currency)


def _beyond(priced: Sequence[PricedLine], rate: Worth) -> int:
    """Return what lines with a worth of their own would be worth more at the document's rate."""
    own = [line for line in priced if line.draft.worth is not None]
    if not own:
        return 0
    net = Money(sum(line.net.minor for line in own), own[0].net.currency)
    return rate(net).minor - sum(line.draft.worth.minor for line in own if line.draft.worth)


def in_books(lines: Sequence[Line], worth: Worth, *, kept: str) -> list[Line]:
    """Give every line its value in the books; what rounding leaves goes to the largest of them.

    The lines of `kept`, an account that must agree with documents, keep their own value, and so
    do those that have one already.
    """
    valued = [
        line if line.base is not None else replace(line, base=worth(line.amount)) for line in lines
    ]
    if all(line.base == line.amount for line in valued):
        return list(lines)
    excess = sum(
        line.value.minor if line.side is Side.DEBIT else -line.value.minor for line in valued
    )
    if excess == 0:
        return valued
    lacking = Side.CREDIT if excess > 0 else Side.DEBIT

    def fitness(place: int) -> tuple[bool, bool, int, str, Dimensions]:
        # By name at last, so that an entry and the one that takes it back choose the same line.
        line = valued[place]
        free = lines[place].base is None
        return free, line.side is lacking, line.amount.minor, line.account, line.dimensions

    place = max((at for at, line in enumerate(valued) if line.account != kept), key=fitness)
    line = valued[place]
    more = abs(excess) if line.side is lacking else -abs(excess)
    valued[place] = replace(line, base=Money(line.value.minor + more, line.value.currency))
    return valued


def converted(session: Session, amount: Money, currency: str, day: date) -> Money:
    """Return what an amount is in another currency on a day, by way of the company's."""
    if amount.currency == currency:
        return amount
    ours = company(session).currency
    worth = in_base(session, amount, day)
    return worth if currency == ours else from_base(session, worth, currency, day)

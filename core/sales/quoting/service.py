"""Offering goods at a price: drafted, sent, changed by new versions, accepted or declined."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import catalog
from core.catalog import Item
from core.catalog.errors import NoPrice
from core.catalog.pricing import Buyer
from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number
from core.ledger import tax, worth_of_one
from core.ledger.tax import Charge, Computation
from core.parties import Customer, Party, require_unblocked
from core.sales import rules
from core.sales.errors import EmptyOrder
from core.sales.pricing import currency_of, prices_in
from core.sales.quoting.errors import (
    InsteadOfNothing,
    QuotationClosed,
    QuotationExpired,
    QuotesNothingNew,
    UnknownQuotation,
    ValidInThePast,
)
from core.sales.quoting.events import (
    QuotationChanged,
    QuotationDeclined,
    QuotationSent,
    Quoted,
)
from core.sales.quoting.tables import (
    Quotation,
    QuotationLine,
    QuotationState,
    QuotationVersion,
)
from core.sales.rules import OrderLineDraft

VALID_DAYS = 30
_ZERO = Decimal(0)
_OPEN = (QuotationState.DRAFT, QuotationState.SENT, QuotationState.PARTLY_ACCEPTED)


@dataclass(frozen=True)
class QuoteLineDraft:
    """What is offered; an option is ordered only where the customer says so.

    `instead_of` names the position that it is an alternative to.
    """

    item: Item
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal = _ZERO
    optional: bool = False
    instead_of: int | None = None


@dataclass(frozen=True)
class QuoteTerms:
    """What is offered beyond the lines; what is not said is the usual."""

    valid_until: date | None = None
    promised_on: date | None = None
    discount_percent: Decimal = _ZERO
    notes: str | None = None
    # None: what the customer buys in.
    currency: str | None = None


def quote(
    session: Session,
    *,
    party: Party,
    lines: Sequence[QuoteLineDraft],
    terms: QuoteTerms | None = None,
    reference: str | None = None,
) -> Quotation:
    """Write down what we would sell to somebody, at which price, and until when."""
    require_unblocked(party)
    terms, today = terms or QuoteTerms(), company(session).today
    version = _version(session, party, lines, terms, number=1)
    quotation = Quotation(
        id=new_id(),
        number=next_number(session, "QU"),
        party=party,
        party_id=party.id,
        state=QuotationState.DRAFT,
        version=1,
        quoted_on=today,
        reference=reference,
    )
    version.quotation_id = quotation.id
    session.add(quotation)
    session.flush()
    _add(session, version)
    fact = Quoted(
        number=quotation.number,
        party=party.name,
        lines=tuple(said(line) for line in version.lines),
        net=Money(version.net_minor, version.currency),
        total=Money(version.total_minor, version.currency),
        valid_days=(version.valid_until - today).days,
    )
    events.record(session, fact)
    return quotation


def change_quotation(
    session: Session,
    number: str,
    *,
    lines: Sequence[QuoteLineDraft] | None = None,
    terms: QuoteTerms | None = None,
) -> Quotation:
    """Offer something else, or for longer; what was sent stays on record as a version.

    Lines and terms that are not said stay as they are. The new version is a draft until it is
    sent; a draft that nobody has seen is changed in place.
    """
    quotation, newest = find_quotation(session, number)
    require_open(quotation)
    if quotation.state is QuotationState.PARTLY_ACCEPTED:
        raise QuotationClosed(number=quotation.number, state=quotation.state)
    kept = _terms_of(newest, company(session).today)
    drafts = list(lines) if lines is not None else [_draft_of(line) for line in newest.lines]
    sent = newest.sent_on is not None
    number_of = quotation.version + 1 if sent else quotation.version
    changed = _version(session, quotation.party, drafts, terms or kept, number=number_of)
    changed.quotation_id = quotation.id
    before, after = [said(line) for line in newest.lines], [said(line) for line in changed.lines]
    if before == after and _terms_of(changed) == _terms_of(newest):
        raise QuotesNothingNew(number=quotation.number)
    fact = QuotationChanged(
        number=quotation.number,
        party=quotation.party.name,
        version_before=quotation.version,
        version=number_of,
        gone=tuple(line for line in before if line not in after),
        added=tuple(line for line in after if line not in before),
        before=Money(newest.total_minor, newest.currency),
        after=Money(changed.total_minor, changed.currency),
    )
    if not sent:
        lines_of = QuotationLine.version_id == newest.id
        session.execute(delete(QuotationLine).where(lines_of))
        session.execute(delete(QuotationVersion).where(QuotationVersion.id == newest.id))
        session.expunge(newest)
    quotation.version, quotation.state = number_of, QuotationState.DRAFT
    session.flush()
    _add(session, changed)
    events.record(session, fact)
    return quotation


def renew_quotation(session: Session, number: str, *, valid_until: date) -> Quotation:
    """Offer the same for longer."""
    _, newest = find_quotation(session, number, lock=False)
    terms = replace(_terms_of(newest, company(session).today), valid_until=valid_until)
    return change_quotation(session, number, terms=terms)


def send_quotation(session: Session, number: str) -> Quotation:
    """Note that the quotation goes out as it is: from now on it changes by versions only."""
    quotation, newest = find_quotation(session, number)
    if quotation.state is not QuotationState.DRAFT:
        raise QuotationClosed(number=quotation.number, state=quotation.state)
    require_unblocked(quotation.party)
    require_valid(session, quotation, newest)
    fact = QuotationSent(
        number=quotation.number,
        party=quotation.party.name,
        email=quotation.party.email or "",
        version=quotation.version,
        total=Money(newest.total_minor, newest.currency),
        before=quotation.state,
    )
    quotation.state, newest.sent_on = QuotationState.SENT, company(session).today
    events.record(session, fact)
    session.flush()
    return quotation


def decline_quotation(session: Session, number: str, *, because: str) -> Quotation:
    """Note that somebody does not want what we offered, and why."""
    quotation, _ = find_quotation(session, number)
    if quotation.state not in {QuotationState.DRAFT, QuotationState.SENT}:
        raise QuotationClosed(number=quotation.number, state=quotation.state)
    before = quotation.state
    quotation.state, quotation.declined_because = QuotationState.DECLINED, because
    fact = QuotationDeclined(
        number=quotation.number, party=quotation.party.name, before=before, because=because
    )
    events.record(session, fact)
    session.flush()
    return quotation


def find_quotation(
    session: Session, number: str, *, lock: bool = True
) -> tuple[Quotation, QuotationVersion]:
    """Return a quotation with the version that counts, as they are stored now."""
    party, unknown = joinedload(Quotation.party, innerjoin=True), UnknownQuotation(number=number)
    quotation = find_numbered(session, Quotation, number, party, unknown=unknown, locked=lock)
    return quotation, version_of(session, quotation, quotation.version)


def version_of(session: Session, quotation: Quotation, version: int) -> QuotationVersion:
    """Return a version of a quotation with its lines and items."""
    wanted = (
        select(QuotationVersion)
        .where(QuotationVersion.quotation_id == quotation.id, QuotationVersion.version == version)
        .options(
            selectinload(QuotationVersion.lines)
            .joinedload(QuotationLine.item)
            .joinedload(Item.unit)
        )
        .execution_options(populate_existing=True)
    )
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise UnknownQuotation(number=f"{quotation.number} v{version}")
    return found


def said(line: QuotationLine) -> str:
    """Say what a line offers, as data."""
    discount = f" −{plain(line.discount_percent)}%" if line.discount_percent else ""
    terms = f"{plain(line.quantity)} × {line.item.sku} @ {plain(line.unit_price)}{discount}"
    if line.instead_of is not None:
        return f"({terms} ⇄ {line.instead_of})"
    return f"({terms})" if line.optional else terms


def _version(
    session: Session,
    party: Party,
    lines: Sequence[QuoteLineDraft],
    terms: QuoteTerms,
    *,
    number: int,
) -> QuotationVersion:
    """Write down a version: its lines at their prices, and what it comes to without options."""
    today = company(session).today
    if not lines:
        raise EmptyOrder
    as_order = [
        OrderLineDraft(line.item, line.quantity, line.unit_price, line.discount_percent)
        for line in lines
    ]
    rules.require_sellable(as_order, discount_percent=terms.discount_percent)
    _require_alternatives(lines)
    valid_until = terms.valid_until or today + timedelta(days=VALID_DAYS)
    for day in (valid_until, terms.promised_on):
        if day is not None and day < today:
            raise ValidInThePast(valid_until=day, today=today)
    buyer = session.get(Customer, party.id)
    currency = terms.currency or company(session).currency
    if buyer is not None:
        currency = currency_of(session, buyer, terms.currency)
    # Where nobody knows what it is worth, nothing is offered in it.
    worth_of_one(session, currency, today)
    written = _written(session, buyer, lines, terms.discount_percent, currency)
    counted = [line for line in written if not line.optional and line.instead_of is None]
    taxed = _taxed(session, counted, currency)
    return QuotationVersion(
        id=new_id(),
        version=number,
        valid_until=valid_until,
        promised_on=terms.promised_on,
        currency=currency,
        discount_percent=terms.discount_percent,
        net_minor=taxed.base.minor,
        tax_minor=taxed.tax.minor,
        total_minor=taxed.total.minor,
        notes=terms.notes,
        lines=written,
    )


def _add(session: Session, version: QuotationVersion) -> None:
    """Write a version with its lines, those first that others are instead of."""
    lines = sorted(version.lines, key=lambda line: line.instead_of is not None)
    for line in lines:
        line.version_id = version.id
    session.add(version)
    session.flush()


def _written(
    session: Session,
    buyer: Customer | None,
    lines: Sequence[QuoteLineDraft],
    discount: Decimal,
    currency: str,
) -> list[QuotationLine]:
    wanted = [(line.item, line.quantity) for line in lines]
    catalog.require_tradeable(session, wanted)
    code = buyer.price_list_code if buyer is not None else None
    on_list = prices_in(session, Buyer(price_list_code=code), wanted, currency)
    written = []
    for position, (draft, listed) in enumerate(zip(lines, on_list, strict=True), start=1):
        price = draft.unit_price
        if price is None:
            if listed is None:
                raise NoPrice(sku=draft.item.sku, quantity=plain(draft.quantity))
            price = listed
        catalog.require_price(draft.item, price)
        written.append(
            QuotationLine(
                position=position,
                item=draft.item,
                item_id=draft.item.id,
                quantity=draft.quantity,
                list_price=price if listed is None else listed,
                unit_price=price,
                discount_percent=draft.discount_percent,
                net_amount=rules.net_of(draft.quantity, price, draft.discount_percent, discount),
                tax_code=draft.item.sales_tax_code,
                optional=draft.optional,
                instead_of=draft.instead_of,
                ordered_quantity=_ZERO,
            )
        )
    return written


def _require_alternatives(lines: Sequence[QuoteLineDraft]) -> None:
    """Refuse an alternative to a line that is none, or is an alternative itself."""
    for position, line in enumerate(lines, start=1):
        if line.instead_of is None:
            continue
        known = 1 <= line.instead_of <= len(lines) and line.instead_of != position
        if not known or lines[line.instead_of - 1].instead_of is not None:
            raise InsteadOfNothing(position=position, instead_of=line.instead_of)


def _taxed(session: Session, lines: Sequence[QuotationLine], currency: str) -> Computation:
    ours = company(session)
    if not lines:
        raise EmptyOrder
    charges = [
        Charge(
            Money.rounding(line.net_amount, currency, ours.rounding),
            line.tax_code,
            line.quantity,
        )
        for line in lines
    ]
    tax.keep_combinations(session, {line.tax_code for line in lines if line.tax_code})
    return tax.compute(session, charges)


def _terms_of(version: QuotationVersion, today: date | None = None) -> QuoteTerms:
    """Return the terms of a version; from today on, a new day counts where the old one is over."""
    valid_until: date | None = version.valid_until
    promised_on = version.promised_on
    if today is not None:
        valid_until = version.valid_until if version.valid_until >= today else None
        promised_on = promised_on if promised_on is None or promised_on >= today else None
    return QuoteTerms(
        valid_until, promised_on, version.discount_percent, version.notes, version.currency
    )


def _draft_of(line: QuotationLine) -> QuoteLineDraft:
    return QuoteLineDraft(
        line.item,
        line.quantity,
        line.unit_price,
        line.discount_percent,
        optional=line.optional,
        instead_of=line.instead_of,
    )


def require_open(quotation: Quotation) -> None:
    """Refuse to go on with what is accepted or declined."""
    if quotation.state not in _OPEN:
        raise QuotationClosed(number=quotation.number, state=quotation.state)


def require_valid(session: Session, quotation: Quotation, version: QuotationVersion) -> None:
    """Refuse to be taken at a word that no longer holds."""
    if version.valid_until < company(session).today:
        raise QuotationExpired(number=quotation.number, valid_until=version.valid_until)

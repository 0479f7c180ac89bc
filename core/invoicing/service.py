"""What one can do with invoices and bills; payments are next door."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.invoicing import rules, settling, taxes, terms
from core.invoicing.duplicates import warn_of_alike
from core.invoicing.errors import (
    AlreadyCredited,
    AmbiguousReference,
    CreditNoteStays,
    DueBeforePosted,
    DuplicateBill,
    NothingToInvoice,
    PostedByHand,
    UnknownInvoice,
)
from core.invoicing.events import InvoicePosted, Owed, Settled
from core.invoicing.queries import owed_by
from core.invoicing.rules import Direction, InvoiceDraftLine, PricedLine
from core.invoicing.tables import (
    DocumentState,
    Instalment,
    Invoice,
    InvoiceKind,
    InvoiceLine,
)
from core.invoicing.taxes import HeaderDiscount
from core.invoicing.worth import (
    Worth,
    as_booked,
    at_rate_of,
    at_their_worth,
    in_books,
    in_proportion,
    own_worths,
    worth_of,
)
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import broken_constraint
from core.kernel.identifiers import new_id
from core.kernel.money import CurrencyMismatch, Money, plain
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import (
    Account,
    Dimensions,
    Journal,
    JournalEntry,
    Line,
    credit,
    debit,
    find_accounts,
    mirrored_lines,
    post_entry,
)
from core.ledger.dimensions import dimension_sets, dimensions_of
from core.ledger.schedules import cancel_deferrals_of
from core.ledger.tables import DimensionSet
from core.ledger.tax import TaxUse
from core.parties import Party

_SUPPLIER_REFERENCE = "uq_invoice_supplier_reference"
_LINES_TOLD_MAX = 5


def post_invoice(
    session: Session,
    *,
    kind: InvoiceKind,
    party: Party,
    lines: Sequence[InvoiceDraftLine],
    origin: str,
    posted_on: date | None = None,
    due_on: date | None = None,
    payment_days: int | None = None,
    reference: str | None = None,
    territory_id: UUID | None = None,
    salesperson_id: UUID | None = None,
    channel: str | None = None,
    currency: str | None = None,
    worth: Money | None = None,
    at: Worth | None = None,
    term_code: str | None = None,
    journal: Journal | None = None,
    header_discount: HeaderDiscount | Money | None = None,
) -> Invoice:
    """Post a customer invoice, a supplier bill or a credit note, and its entry in the books.

    In another currency it is worth what the rate of its day says, or `worth`, or what `at` makes
    of it: that of a document which it takes back. It is due by the
    terms named, on the day given, or else by what was agreed with the party. A header discount is
    taken off the lines before tax.
    """
    ours = company(session)
    currency, posted = currency or ours.currency, posted_on or ours.today
    priced = taxes.price_lines(
        session,
        lines,
        kind=kind,
        party=party,
        currency=currency,
        on=posted,
        header_discount=header_discount,
    )
    said = " ".join(reference.split()) if reference else None
    if kind is InvoiceKind.SUPPLIER_BILL and said:
        refuse_duplicate(session, party, said)
    agreed, days = None, 0
    if payment_days is not None and not rules.takes_back(kind):
        days = payment_days
    elif due_on is None and not rules.takes_back(kind):
        usual, usual_days = terms.agreed_with(session, party.id, rules.direction_of(kind))
        agreed = term_code or usual
        # Where there are terms, they say it.
        days = 0 if agreed is not None else usual_days or 0
    due = due_on or posted + timedelta(days=days)
    document = Invoice(
        kind=kind,
        party_id=party.id,
        posted_on=posted,
        due_on=due,
        currency=currency,
        term_code=agreed and terms.find_terms(session, agreed).code,
        reference=said,
        origin=origin,
        territory_id=territory_id,
        salesperson_id=salesperson_id,
        channel=channel,
    )
    rate = at or at_rate_of(session, posted)
    if worth is not None and currency != ours.currency:
        total = rules.added_up((line.net + line.tax for line in priced), currency)
        rate = in_proportion(total, worth, ours.rounding)
    _post(session, document, party, priced, rate, journal=journal)
    return document


def credit_invoice(session: Session, number: str, *, because: str) -> Invoice:
    """Take back a whole invoice or bill by a credit note, which settles what is open of it.

    What was paid of it already stays open on the credit note, as a credit of the party.
    """
    invoice = find_invoice(session, number, lock=True)
    if invoice.by_hand:
        raise PostedByHand(number=invoice.number, entry=invoice.origin)
    if rules.takes_back(invoice.kind):
        raise CreditNoteStays(number=invoice.number)
    # A part may have been taken back already: the whole cannot be taken back any more.
    later = select(Invoice.number).where(
        Invoice.origin == invoice.number, Invoice.party_id == invoice.party_id
    )
    earlier_note = session.scalar(later.limit(1))
    if invoice.state is DocumentState.REVERSED or earlier_note is not None:
        raise AlreadyCredited(number=invoice.number, credit_note=earlier_note)
    priced = _at_its_amounts(session, invoice)
    party = session.get_one(Party, invoice.party_id)
    note = Invoice(
        kind=rules.direction_of(invoice.kind).credit_note,
        party_id=party.id,
        posted_on=company(session).today,
        due_on=company(session).today,
        currency=invoice.currency,
        reference=None,
        origin=invoice.number,
        territory_id=invoice.territory_id,
        salesperson_id=invoice.salesperson_id,
        channel=invoice.channel,
    )
    invoice.state = DocumentState.REVERSED
    cancel_deferrals_of(session, invoice.number, because=because)
    ours = company(session)
    # At the value of the invoice: what is taken back gains and loses nothing by exchange.
    rate = in_proportion(
        Money(invoice.total_minor, invoice.currency),
        Money(invoice.base_total_minor, ours.currency),
        ours.rounding,
    )
    _post(session, note, party, priced, rate, credits=invoice, because=because)
    return note


def find_invoice(session: Session, number: str, *, lock: bool = False) -> Invoice:
    """Return an invoice, bill or credit note by our number, or a bill by its supplier's."""
    wanted = select(Invoice)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    said = canonical_number(number)
    found = session.scalars(wanted.where(Invoice.number == said)).one_or_none()
    if found is not None:
        return found
    theirs = wanted.where(
        Invoice.kind == InvoiceKind.SUPPLIER_BILL,
        Invoice.reference.is_not(None),
        func.lower(Invoice.reference) == number.strip().lower(),
        Invoice.state == DocumentState.POSTED,
    )
    bills = session.scalars(theirs.order_by(Invoice.id).limit(5)).all()
    if not bills:
        raise UnknownInvoice(number=number)
    if len(bills) > 1:
        candidates = ", ".join(bill.number for bill in bills)
        raise AmbiguousReference(reference=number, candidates=candidates)
    return bills[0]


def _post(
    session: Session,
    document: Invoice,
    party: Party,
    priced: Sequence[PricedLine],
    rate: Worth,
    *,
    credits: Invoice | None = None,  # noqa: A002
    because: str = "",
    journal: Journal | None = None,
) -> None:
    ours, currency = company(session), document.currency
    if document.due_on < document.posted_on:
        raise DueBeforePosted(due_on=document.due_on, posted_on=document.posted_on)
    net = rules.added_up((line.net for line in priced), currency)
    tax = rules.added_up((line.tax for line in priced), currency)
    total = net + tax
    for line in priced:
        if line.net.currency != currency:
            raise CurrencyMismatch(left=line.net.currency, right=currency)
    # An invoice that an advance has paid in full is about nothing any more, and is an invoice.
    if total.minor < 0 or not any(line.net.minor for line in priced):
        raise NothingToInvoice(total=total)
    direction = rules.direction_of(document.kind)
    named = {line.draft.account for line in priced} | {direction.account}
    named |= {part.account for line in priced for part in line.taxes}
    accounts = find_accounts(session, named, day=document.posted_on)
    foreign = currency != ours.currency
    if foreign:
        priced = at_their_worth(document.kind, priced, rate)
    before = owed_by(session, party.id, direction)
    document.id = new_id()
    document.number = next_number(session, rules.SERIES[document.kind])
    if credits is not None:
        # What is taken back as a whole leaves nothing, in no account and no currency.
        entry_lines = mirrored_lines(session, session.get_one(JournalEntry, credits.entry_id))
    else:
        booked = booked_lines(document.kind, party.id, priced, total, at=rate if foreign else None)
        entry_lines = in_books(booked, rate, kept=direction.account)
        if foreign:
            priced = as_booked(document.kind, priced, entry_lines)
    entry = post_entry(
        session,
        entry_lines,
        memo=because or f"{document.number} {party.name}",
        origin=document.number,
        posted_on=document.posted_on,
        journal=journal or direction.journal,
    )
    base = rate(total)
    document.entry_id = entry.id
    document.net_minor, document.tax_minor = net.minor, tax.minor
    document.discount_minor = sum(line.discount.minor for line in priced)
    document.total_minor = document.open_minor = total.minor
    document.base_total_minor = document.open_base_minor = base.minor
    parts = _instalments(session, document, total)
    taxes.keep_taxes(session, document, entry, priced, entry_lines, rate)
    _write(session, document, party, priced, accounts, parts)
    settled = _settle_credited(session, credits, document, party) if credits is not None else None
    owes = -base.minor if rules.takes_back(document.kind) else base.minor
    told = [_said(line.draft) for line in priced[:_LINES_TOLD_MAX]]
    if document.discount_minor:
        told.append(str(Money(-document.discount_minor, currency)))
    if len(priced) > _LINES_TOLD_MAX:
        told.append(f"… +{len(priced) - _LINES_TOLD_MAX}")
    events.record(
        session,
        InvoicePosted(
            kind=document.kind,
            number=document.number,
            party_number=party.number,
            owed=Owed(party.name, before, Money(before.minor + owes, ours.currency)),
            total=total,
            due_in_days=(document.due_on - ours.today).days,
            due_on=document.due_on.isoformat(),
            lines=tuple(told),
            origin=document.origin,
            reference=document.reference or "",
            credits=credits.number if credits is not None else "",
            settled=settled,
            worth=base if foreign else None,
            instalments=tuple(
                (
                    (part.due_on - ours.today).days,
                    part.due_on.isoformat(),
                    Money(part.amount_minor, currency),
                )
                for part in parts
            ),
        ),
    )
    if document.kind is InvoiceKind.SUPPLIER_BILL:
        warn_of_alike(session, document)


def _instalments(session: Session, document: Invoice, total: Money) -> list[Instalment]:
    """Return what the terms of a document make of it, where there are any."""
    if document.term_code is None:
        return []
    term = terms.find_terms(session, document.term_code)
    return terms.instalments_for(session, term, total, document.posted_on)


def booked_lines(
    kind: InvoiceKind,
    party_id: UUID,
    priced: Sequence[PricedLine],
    total: Money,
    *,
    at: Worth | None = None,
) -> list[Line]:
    """Return the entry: who owes on one side, for what on the other, one line an account.

    `at` makes of an amount in another currency what it is worth at the document's rate. Lines that
    are worth something else keep it, and the exchange account takes the difference.
    """
    direction = rules.direction_of(kind)
    charged: dict[tuple[str, Dimensions], int] = {}
    for line in priced:
        key = line.draft.account, line.draft.dimensions
        charged[key] = charged.get(key, 0) + line.net.minor
        for part in line.taxes:
            # A cost lies where its line does; what is owed to the tax office lies nowhere else.
            cost = part.use is TaxUse.NOT_DEDUCTIBLE
            key = part.account, line.draft.dimensions if cost else ()
            effect = part.effect(sale=direction is Direction.RECEIVABLE)
            charged[key] = charged.get(key, 0) + effect.minor
    owing = [debit(direction.account, total, party_id=party_id)] if total.minor else []
    lines = list(owing)
    own = {} if at is None else own_worths(charged, priced, at)
    for key in [*charged, *(each for each in own if each not in charged)]:
        minor, worth = charged.get(key, 0), own.get(key)
        sign = minor or (worth.minor if worth is not None else 0)
        if sign:
            side = credit if sign > 0 else debit
            amount = Money(abs(minor), total.currency)
            base = None if worth is None else worth if sign > 0 else -worth
            account, dimensions = key
            lines.append(side(account, amount, base=base, dimensions=dimensions))
    if (direction is Direction.PAYABLE) is not rules.takes_back(kind):
        lines = [line.reversed() for line in [*lines[len(owing) :], *owing]]
    return lines


def _settle_credited(
    session: Session, invoice: Invoice, note: Invoice, party: Party
) -> Settled | None:
    amount = Money(min(invoice.open_minor, note.total_minor), invoice.currency)
    if amount.minor == 0:
        return None
    share = settling.Share(invoice, amount, amount)
    [settled] = settling.settle(session, note, [share], party=party, on=note.posted_on)
    return settled


def _write(
    session: Session,
    document: Invoice,
    party: Party,
    priced: Sequence[PricedLine],
    accounts: Mapping[str, Account],
    parts: Sequence[Instalment],
) -> None:
    sets = dimension_sets(session, {line.draft.dimensions for line in priced})
    reference, supplier = document.reference, party.name
    session.add(document)
    session.add_all(
        InvoiceLine(
            invoice_id=document.id,
            position=position,
            item_id=line.draft.item_id,
            description=line.draft.description,
            quantity=line.draft.quantity,
            unit_price=line.draft.unit_price,
            discount_percent=line.draft.discount_percent,
            discount_minor=line.discount.minor,
            net_minor=line.net.minor,
            base_net_minor=None if line.worth is None else line.worth.minor,
            tax_code=line.draft.tax_code,
            tax_minor=line.tax.minor,
            account_id=accounts[line.draft.account].id,
            order_line_id=line.draft.order_line_id,
            dimension_set_id=sets[line.draft.dimensions],
            advance_order=line.draft.advance_order,
            credits_position=line.draft.credits[0] if line.draft.credits else None,
            credits_quantity=line.draft.credits[1] if line.draft.credits else None,
        )
        for position, line in enumerate(priced, start=1)
    )
    try:
        # The document first: instalments refer to it, and nothing else says so to the session.
        session.flush()
        if parts:
            terms.keep(session, document, parts)
            session.flush()
    except IntegrityError as error:
        # Somebody booked the same bill since we looked; the database was the last to look.
        if broken_constraint(error) != _SUPPLIER_REFERENCE:
            raise
        raise DuplicateBill(reference=reference, supplier=supplier, number="BILL-…") from error


def refuse_duplicate(session: Session, supplier: Party, reference: str) -> None:
    """Refuse a bill of a supplier that is booked already."""
    same = select(Invoice.number).where(
        Invoice.kind == InvoiceKind.SUPPLIER_BILL,
        Invoice.party_id == supplier.id,
        func.lower(Invoice.reference) == reference.lower(),
        Invoice.state == DocumentState.POSTED,
    )
    if number := session.scalar(same.limit(1)):
        raise DuplicateBill(reference=reference, supplier=supplier.name, number=number)


def _lines(session: Session, invoice: Invoice) -> list[tuple[InvoiceLine, str, str | None]]:
    wanted = (
        select(InvoiceLine, Account.code, DimensionSet.key)
        .join(Account, Account.id == InvoiceLine.account_id)
        .outerjoin(DimensionSet, DimensionSet.id == InvoiceLine.dimension_set_id)
        .where(InvoiceLine.invoice_id == invoice.id)
        .order_by(InvoiceLine.position)
    )
    return [(line, code, key) for line, code, key in session.execute(wanted)]


def _at_its_amounts(session: Session, invoice: Invoice) -> list[PricedLine]:
    """Return the lines of a document at its amounts, whatever the rates of tax are by now."""
    sale = rules.direction_of(invoice.kind) is Direction.RECEIVABLE
    charged = taxes.taxes_by_line(session, invoice)
    return [
        rules.at_given(
            InvoiceDraftLine(
                item_id=line.item_id,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_code=line.tax_code,
                account=account,
                order_line_id=line.order_line_id,
                net=Money(line.net_minor, invoice.currency),
                worth=worth_of(session, line),
                dimensions=dimensions_of(key),
                taxes=charged.get(line.position, ()),
                discount=Money(line.discount_minor, invoice.currency),
                credits=(line.position, line.quantity),
                advance_order=line.advance_order,
            ),
            sale=sale,
        )
        for line, account, key in _lines(session, invoice)
    ]


def _said(line: InvoiceDraftLine) -> str:
    said = f"{plain(line.quantity)} × {line.description} @ {plain(line.unit_price)}"
    return f"{said} -{plain(line.discount_percent)}%" if line.discount_percent else said
